// Files of counts, read as a stream of records: CSV by a mapping (mapping.h), DATEX II v2 and v3, NGSI-v2 and NGSI-LD
// TrafficFlowObserved, SUMO's induction loop output and edge data. The kind is found from the content. Memory is
// bounded whatever the size of the file: records are handed over in batches. Errors: what is no file of that kind, or
// cannot be understood, is an error(kInput) with file, line, element and remedy; what a detector may well say (nothing,
// -1, a count below 0, an hour that comes twice) is a record with a flag. Thread rule: one reader a catalog.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "calibration/counts/local_time.h"
#include "calibration/counts/mapping.h"
#include "calibration/counts/record.h"

namespace gemeo {

// Which moment of its period a value's time is, where a DATEX II document does not say.
enum class time_meaning { kBegin, kMiddle, kEnd };

struct read_options {
  std::shared_ptr<csv_mapping const> mapping;  // of CSV files; those with gemeo's own columns need none
  std::string source;                          // overrides what the file or the mapping says
  double period_s = 0;                         // where the file says none (DATEX without its site table); 0: refused
  std::optional<civil_date> day;               // of SUMO's outputs, whose times are seconds of a day
  time_meaning datex_time = time_meaning::kBegin;
  std::string time_zone = "UTC";  // of SUMO's outputs, and of NGSI times without one
};

struct read_report {
  std::filesystem::path file;
  std::string kind;  // "csv", "datex2 v2", ...
  std::uint64_t records = 0, nulls = 0, out_of_range = 0, clock_repeated = 0, clock_missing = 0, supplier_errors = 0;
  std::uint64_t sites = 0;    // of a site table
  std::uint64_t skipped = 0;  // elements that hold no traffic count, as a travel time
  std::int64_t first_ms = kNoTime, last_ms = kNoTime;
};

using batch_sink = std::function<void(std::span<count_record const>)>;

read_report read_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                        batch_sink const& sink);

}  // namespace gemeo
