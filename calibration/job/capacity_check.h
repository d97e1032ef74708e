// Which counted hours of a job's stations the base's network and signals cannot carry, whatever the demand
// (calibration/counts/carried.h): looked at before anything is fitted, by the mean flow of the days to fit, else of
// those held out. What is kept from the fit is decided without stations and days that are held out. Traffic may begin
// and end where the base's travellers, its pairs or its zones do. Units: veh/h, s since local midnight. Thread rule:
// plain functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calibration/counts/contradictions.h"
#include "calibration/job/observed.h"
#include "calibration/loop/trip_source.h"

namespace gemeo {

struct capacity_findings {
  driver_headway drivers;             // mean of the base's travellers
  std::vector<counted_place> places;  // by station
  std::vector<counted_hour> hours;    // by station and clock hour that was counted
  carried_report report;
  std::vector<bool> beyond;      // by observed_counts::periods: of an hour that cannot be carried
  std::vector<bool> not_fitted;  // the same, by the stations and days to fit alone
  // Told, and scored by themselves, but never a reason to fit or not: of hours that the network carries, those that
  // contradict each other; and how many of them at least are beyond GEH 5 in every simulation (contradictions by that
  // band).
  std::vector<contradiction> contradicted;
  // By observed_counts::periods: of an hour of one of those; by the means of held-out days alone.
  std::vector<bool> contradicts, contradicts_on_other_days;
  std::size_t never_below_geh5 = 0;
  [[nodiscard]] std::size_t periods_beyond() const;
};

open_ends ends_of_trips(scenario const& base, city const* town, trip_source const& source);
driver_headway mean_headway(demand const& d);
// By signal: all programs that the base may show.
shown_programs programs_shown(scenario const& s);

capacity_findings find_beyond_capacity(scenario const& base, open_ends const& ends, observed_counts const& o,
                                       std::vector<bool> const& held_out, std::optional<double> saturation_veh_per_h,
                                       stop_function const& stop = {});

}  // namespace gemeo
