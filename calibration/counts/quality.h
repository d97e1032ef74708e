// Whether counts may be believed: a verdict and its reason for each detector and local day, and for each record whether
// it may enter a calibration. Checks: those of PeMS (Chen, Kwon, Rice, Skabardonis, Varaiya 2003, Detecting Errors and
// Imputing Missing Data for Single-Loop Surveillance Systems, and the daily ones after it), adapted from 30-second
// samples to the period at hand; flow above 2,400 veh/h and lane; gaps, duplicates, late and impossible values; feeds
// that say nothing (all 0 or null); and totals far from what the detector counts on days of that kind.
// Invariants: nothing is filled in; results depend on the records, not on their order, and are sorted.
// Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/counts/local_time.h"
#include "calibration/counts/record.h"

namespace gemeo {

enum class count_verdict : std::uint8_t { kGood, kDoubtful, kBad };
char const* to_text(count_verdict v);

struct quality_options {
  double window_begin_s = 5 * 3600.0, window_end_s = 22 * 3600.0;  // of the day: outside, roads are empty
  double least_share = 0.6;                                        // of the periods of the window
  double most_flow_veh_per_h_lane = 2400;
  std::int32_t lanes_if_unknown = 5;  // for the flow's limit
  double gap_s = 7200;                // longest without a value before a day is doubtful
  double late_s = 3600;               // after a period's end
  std::size_t least_days = 5;         // of a kind, before totals are compared
  double doubtful_z = 3.5, bad_z = 6;
};

struct day_verdict {
  std::uint32_t detector = 0;  // same_detector of the catalog
  std::int32_t day = 0;        // local, days since 1970-01-01
  count_verdict verdict = count_verdict::kGood;
  bilingual reason;  // the worst first, "; " between; empty when good
  std::uint32_t period_ms = 0;
  std::uint32_t samples = 0, expected = 0;  // with a count, in the window; of the whole window
  double total = 0;                         // vehicles in the window
  double z = 0;                             // against other days of its kind; NaN where there are too few
};

struct quality_report {
  std::vector<count_record> records;    // by detector, begin, period; duplicates gone, the latest value of each
  std::vector<std::uint8_t> ok;         // of each record
  std::vector<std::uint32_t> detector;  // of each record: same_detector of its series
  std::vector<std::int32_t> day;        // of each record: local
  std::vector<day_verdict> days;        // by detector, day
  std::vector<bilingual> alarms;        // of whole feeds
  std::uint64_t duplicates = 0, conflicts = 0;

  [[nodiscard]] day_verdict const* find(std::uint32_t of_detector, std::int32_t on_day) const;
};

// lanes_of: how many lanes a series covers; 0: not known.
quality_report assess(std::vector<count_record> records, count_catalog const& catalog, local_clock const& clock,
                      std::function<std::int32_t(std::uint32_t series)> const& lanes_of, quality_options const& o = {});

// Makes a verdict worse, never better, and takes the day's records out when it becomes bad.
void worsen(quality_report& q, std::uint32_t detector, std::int32_t day, count_verdict to, bilingual const& reason);

}  // namespace gemeo
