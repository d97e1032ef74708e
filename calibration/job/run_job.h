// A calibration from its job file to what is known at its end: base scenario and counts read, stations split before
// anything is fitted, the outer loop (calibration/loop/calibrate.h), then result and prior simulated with seeds that
// the fit never saw, and scored. Thread rule: one at a time in a process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "calibration/job/capacity_check.h"
#include "calibration/job/job.h"
#include "calibration/job/journeys.h"
#include "calibration/job/judged_scores.h"
#include "calibration/job/members.h"
#include "calibration/job/observed.h"
#include "calibration/job/road_bounds.h"
#include "calibration/job/supply.h"
#include "calibration/loop/calibrate.h"
#include "calibration/loop/city_source.h"
#include "calibration/loop/od_source.h"

namespace gemeo {

struct judged_run {  // one simulation with an unseen seed
  std::uint64_t seed = 0;
  std::vector<double> counts;  // at observed_counts::periods
  std::int64_t trips = 0, arrived = 0, never_inserted = 0, teleports = 0;
  double mean_duration_s = 0, mean_time_loss_s = 0, wall_s = 0;
};

struct calibration_outcome {
  calibration_job job;
  scenario base;
  std::shared_ptr<city const> town;  // null for a SUMO scenario
  bool own_city = false;             // that city lies among the results (own_city.h)
  double moved_s = 0;                // a SUMO scenario began too early for the warm-up: all its times are so much later
  std::unique_ptr<trip_source> source;
  observed_counts observed;
  count_split split;
  capacity_findings capacity;
  std::vector<station_count> counts;  // of observed.periods, in the simulation's time
  road_bounds roads;
  calibration_result fit;
  supply_result supply;
  demand_members members;
  std::vector<judged_run> prior_runs, judges;
  std::vector<judged_scores> scores;
  std::vector<journey_time> journeys;
  day_to_day fhwa_fitted, fhwa_held_out;
  std::vector<bilingual> notes;
  std::size_t pairs_unobserved = 0;  // that no fitted station sees, in any of their streams
  double trips_unobserved = 0;       // theirs, as calibrated
  double wall_s = 0;
  bool stopped = false;  // asked to end: nothing else is to be believed

  // Of the departures' slots, those that are over before anything is counted: they keep the prior's course in time.
  [[nodiscard]] std::size_t lead_slots() const { return fit.lead_slots; }
  [[nodiscard]] double warm_up_s() const { return 60 * static_cast<double>(job.demand.warm_up_min); }
  // From the simulation's time to the clock's.
  [[nodiscard]] double clock_offset_s() const { return job.demand.starts_at.s - moved_s; }
  // Of a city's drivers, who choose routes by the empty network's times; NaN where the job does not ask.
  [[nodiscard]] double free_flow_share() const;
  // By number of observed.periods.
  [[nodiscard]] bool is_fitted(std::size_t period) const;
  [[nodiscard]] bool is_scored(std::size_t period) const;
  [[nodiscard]] std::vector<double> mean_simulated(std::vector<judged_run> const& runs) const;  // by period
  [[nodiscard]] std::string place_name(std::uint32_t origin) const;                             // of source
  [[nodiscard]] std::string road_name(full_road const& r) const;                                // its edges
  [[nodiscard]] judged_scores const& score(std::string const& name) const;
};

struct job_progress {
  std::string stage;                // "reading", "holding counts against the network", "fitting", "judging"
  std::size_t step = 0, steps = 0;  // simulations that are done, of how many; the former two have none
  calibration_iterate const* iterate = nullptr;
};
struct job_observer {
  std::function<void(job_progress const&)> progress;
  std::function<void(calibration_outcome const&)> split_made;  // before anything is fitted
};

// work: where the results will lie; a city of the calibration's own is made there.
calibration_outcome run_job(calibration_job const& job, std::filesystem::path const& work, std::size_t threads,
                            job_observer const& observer, stop_function const& stop_requested);

}  // namespace gemeo
