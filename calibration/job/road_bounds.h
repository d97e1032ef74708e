// What a fit may ask of each road and turn: what its lanes let through out of a jam with the drivers who are to be
// calibrated, where it ends at a signal by the green share of the time (counts/capacity.h). Both are measured
// (loop/lane_flow.h). A turn without a signal has the lanes that lead there, all of each: others on them only leave
// less. One with a signal has no bound of its own: short greens let more through than their share of an hour of green.
// Units: veh/h. Thread rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "calibration/loop/lane_flow.h"
#include "calibration/loop/roads.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct road_bounds {
  road_limits
      limits;  // 0: of no road for motor vehicles; turns: those without a signal that carry less than both edges
  // Of a lane, by limit in km/h, rounded to tens: what was measured.
  std::map<int, double> lane_veh_per_h, at_signal_veh_per_h;
};
// drivers: travellers as drawn; without any, or where it was stopped, their following alone is the bound.
road_bounds bounds_of_roads(scenario const& base, demand const& drivers, std::optional<double> saturation_veh_per_h,
                            std::string const& engine, stop_function const& stop_requested = {});

}  // namespace gemeo
