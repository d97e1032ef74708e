// What a fit may ask of each road: what its lanes let through out of a jam with the drivers who are to be calibrated,
// where it ends at a signal by the green share of the time (counts/capacity.h). Both are measured (loop/lane_flow.h).
// Units: veh/h. Thread rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "calibration/loop/lane_flow.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct road_bounds {
  id_vector<edge_id, double> most_veh_per_h;  // 0: of no road for motor vehicles
  // Of a lane, by limit in km/h, rounded to tens: what was measured.
  std::map<int, double> lane_veh_per_h, at_signal_veh_per_h;
};
// drivers: travellers as drawn; without any, or where it was stopped, their following alone is the bound.
road_bounds bounds_of_roads(scenario const& base, demand const& drivers, std::optional<double> saturation_veh_per_h,
                            std::string const& engine, stop_function const& stop_requested = {});

}  // namespace gemeo
