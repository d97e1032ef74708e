// What was counted where, ready to be fitted and scored: stations on the network, and for each of their periods of the
// day the counts of all days asked for. Only records that passed the quality checks (calibration/counts/quality.h)
// enter. Counts are vehicles in the period; times are seconds since local midnight. Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/job/job.h"
#include "calibration/loop/assignment.h"
#include "sim/demand/city.h"

namespace gemeo {

struct observed_period {
  std::uint32_t station = 0;
  double begin_s = 0, end_s = 0;
  std::vector<double> by_day;           // of observed_counts::days; NaN: not counted that day, or not to be believed
  std::vector<double> by_held_out_day;  // of held_out_days
  double occupancy = -1;  // 0..1, mean over the days to fit; negative: nobody says, or the job does not want it
  // Mean over the days that counted; NaN where none did.
  [[nodiscard]] double mean() const;
  [[nodiscard]] double held_out_mean() const;
  // Of the mean, beyond that of counting: from how days differ.
  [[nodiscard]] double variance_of_mean() const;
};

struct observed_counts {
  std::vector<count_station> stations;            // ascending by name; corridors filled in
  std::vector<observed_period> periods;           // by station, begin, end
  std::vector<std::int32_t> days, held_out_days;  // since 1970-01-01, ascending; those that any station counted
  std::vector<bilingual> notes;                   // what was left out, and why
};

// How the message of an error begins that says there is nothing to calibrate by.
inline constexpr char const* kNoCount = "no count remains";
// town: null for a SUMO scenario. window: of departures, the default of the counts' own. vehicle_m: mean length of the
// base's vehicles, whose occupancies are told.
// Throws error(kInput) where no count remains.
observed_counts observe(calibration_job const& job, std::shared_ptr<network const> const& net, city const* town,
                        double begin_s, double end_s, double vehicle_m);

// "2024-11-04" or "2024-11-04..2024-11-15", as days since 1970-01-01, ascending, each once.
std::vector<std::int32_t> parse_days(std::vector<std::string> const& texts, std::string const& key);

// Which stations are held out, made before anything is fitted.
struct count_split {
  std::vector<bool> held_out;  // by station
  std::size_t corridors = 0, corridors_held_out = 0;
  std::uint64_t hash = 0;  // of stations, corridors, who is held out, and days
};
// Throws error(kInput) where a station named is none, or fewer than two corridors would be left to fit.
count_split split_stations(job_split const& s, observed_counts const& o);

}  // namespace gemeo
