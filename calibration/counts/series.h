// What a calibration reads: the counts of some detectors on some days and in a window of the day, each detector with
// its place on the network, each record with its verdict. Times are those of the local clock: seconds since local
// midnight of `day`, so that 08:00 is 28800 on every day, that of a change of the clock included (records of the
// repeated and the left-out hour come with ok = 0).
//
//   series_request r;
//   r.files = {"counts.csv.gz"};            // or stores; mixed as you like
//   r.reading.mapping = ...;                // for CSV: std::make_shared<csv_mapping const>(read_mapping("m.toml"))
//   r.net = city.net;  r.detectors = city.detectors;  r.time_zone = city.time_zone;
//   r.begin_s = 7 * 3600;  r.end_s = 9 * 3600;  r.days = {{2024, 11, 4}, {2024, 11, 5}};
//   count_series const s = load_series(r);
//   for (detector_series const& d : s.detectors)
//     if (d.key.vclass.empty() && d.match.confidence >= kSureMatch) ...  // d.match.edge, .lanes, .pos_m
//
// Invariants: detectors by (source, site, direction, lane, vclass, index), records by (day, begin, period); quality is
// judged on whole days and on all days that the files hold (of a store: six weeks around those asked for), not only on
// those asked for. Nothing is filled in: what is
// absent is NaN. Two detectors may lie on one edge (lanes side by side, or one after the other): lanes tell.
// site_totals.h makes one series a site of lanes and classes. Thread rule: plain functions.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "calibration/counts/match.h"
#include "calibration/counts/quality.h"
#include "calibration/counts/read.h"

namespace gemeo {

struct series_request {
  std::vector<std::filesystem::path> files;  // of any kind that read.h knows, and stores
  read_options reading;
  std::shared_ptr<network const> net;  // none: nothing is matched
  std::filesystem::path detectors;     // read_detectors; empty: none
  std::filesystem::path matches;       // read_matches; empty: none
  std::string time_zone;               // of the local clock; empty: the mapping's, or UTC
  std::vector<civil_date> days;        // empty: all
  double begin_s = 0, end_s = 86400;   // records that begin in it and end in it
  std::vector<std::string> sites;      // site, or site and index as "site[3]"; empty: all. Unknown ones are errors
  quality_options quality;
};

struct detector_series {
  detector_key key;
  site_match match;                  // match.edge has no value where it is nowhere on the network
  std::vector<std::uint32_t> lanes;  // of match.edge that this series covers; empty without an edge
  // One entry a record.
  std::vector<std::int32_t> day;  // local, days since 1970-01-01 (date_of)
  std::vector<double> begin_s, end_s;
  std::vector<float> count, speed_kmh, occ_frac;  // vehicles in the period; NaN: not said
  std::vector<std::uint8_t> ok;                   // may enter a calibration
  // One entry a day that has records, in order: why.
  std::vector<day_verdict> verdicts;
  [[nodiscard]] std::size_t size() const { return day.size(); }
};

struct count_series {
  std::vector<detector_series> detectors;
  std::vector<bilingual> alarms;  // of whole feeds (quality.h), and balances of junctions
  std::vector<read_report> files;
  std::uint64_t duplicates = 0, conflicts = 0;
};

count_series load_series(series_request const& r);

// The steps of load_series, for those who show them (gemeo counts check).
struct loaded_counts {
  count_catalog catalog;
  std::string time_zone;
  std::vector<site_match> matches;
  quality_report quality;
  std::vector<read_report> files;
};
loaded_counts load_counts(series_request const& r);
count_series series_of(loaded_counts const& c, series_request const& r);

}  // namespace gemeo
