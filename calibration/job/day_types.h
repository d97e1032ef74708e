// A calibration for each type of day in one job: fits of their own, from the same prior and with the same split of the
// stations as far as these counted, each in a folder of its own; and a page that holds them side by side.
// Thread rule: plain functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "calibration/job/run_job.h"

namespace gemeo {

inline constexpr char const* kEachDayType = "each";
std::vector<std::string> day_types_of(calibration_job const& job);  // one, or weekday, saturday, sunday

struct day_type_summary {
  std::string type;
  std::size_t days = 0, stations = 0;
  double prior_trips = 0, trips = 0, trips_low = 0, trips_high = 0;  // low, high: NaN without members
  judged_scores fitted, held_out;
  bool prior_judged = false;
};
day_type_summary summary_of(calibration_outcome const& c);
// left_out: types without counts, and why.
std::string day_types_page(calibration_job const& job, std::vector<day_type_summary> const& all,
                           std::vector<std::pair<std::string, std::string>> const& left_out);

}  // namespace gemeo
