// What a lane lets through out of a jam: measured, in the engine, with the drivers who are to be calibrated. Following
// alone allows more (counts/capacity.h: 2,769 veh/h at 90 km/h with SUMO's usual drivers), and so do lanes before they
// jam (SUMO 1.15 passes up to 2,364 where drivers enter evenly); but once they do, dawdling, starting up and changing
// lanes leave less (the capacity drop: Hall and Agyemang-Duah, Transportation Research Record 1320, 1991), and no
// formula says how much with other drivers, ticks or limits. Two scenes:
// - three lanes that become two: what each lane behind lets through (usual drivers: 1,630 to 1,660 from 50 km/h on, on
//   both engines; out of a jam of entering drivers one lane of SUMO's lets 1,590 to 1,700 through);
// - a signal, two lanes, 20 s green and 3 s yellow in 60: what passes in an hour of green. Who drives on at yellow
// makes
//   up for who starts late (usual drivers at 50 km/h: 1,804).
// Same bits on any number of threads. Thread rule: as simulate.h.
#pragma once

#include <cstdint>
#include <string>

#include "sim/demand/demand.h"
#include "sim/run/run.h"

namespace gemeo {

struct lane_scene {
  double limit_mps = 25, step_s = 1;
  bool at_signal = false;  // else where lanes become fewer
  std::string engine = "tbb";
  std::uint64_t seed = 1;
};

// veh/h of a lane, at a signal by the hour of green; NaN without drivers of motor vehicles, or where it was stopped.
// drivers: their types and speed factors, in turn; ways, stops and departures are the scene's own.
double lane_flow_veh_per_h(demand const& drivers, lane_scene const& s, stop_function const& stop_requested = {});

}  // namespace gemeo
