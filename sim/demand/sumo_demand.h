// Readers of SUMO demand: .rou.xml, .trips.xml and additional files, plain or gzip, into a demand of our own. What SUMO
// 1.15 would obey and we cannot represent is told by name in `unsupported`; what writes output only, in `ignored`.
// Vehicles are sorted by departure, ties in order of reading, those of flows last; those that depart outside [begin,
// end) are left out, as SUMO does. Draws are keyed by (seed, vehicle's name): SUMO's own come from streams.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/demand/demand.h"
#include "sim/demand/lane_area.h"

namespace gemeo {

struct induction_loop {
  std::string name;
  lane_id lane;
  double pos_m = 0;
  double period_s = 0;  // infinite: one value for the whole run
};

struct sumo_reading {
  double begin_s = 0, end_s = std::numeric_limits<double>::infinity(), step_s = 1;  // of the run
  std::uint64_t seed = 42;
  std::size_t most_vehicles = 20'000'000;  // more are refused: a slip in a flow must not end as "out of memory"
};

struct sumo_inputs {
  demand travellers;                               // trips have ends and no route yet; `start` is full
  std::map<vehicle_id, std::vector<edge_id>> via;  // edges that a trip without route passes, in order; its stops' too
  std::vector<induction_loop> loops;
  std::vector<lane_area> areas;
  id_vector<signal_id, std::vector<signal_program>> programs;  // new ones, of every signal of the network
  std::vector<std::string> ignored, unsupported;               // "file:line: <element id=...>: why"
  std::vector<std::string> notes;                              // what SUMO 1.15 would do otherwise
};

// files in SUMO's order: the additional ones, then the routes. A name may be used before it is defined. Throws
// error(kInput) naming file, line and element for what SUMO would refuse.
sumo_inputs read_sumo_demand(network const& net, std::vector<std::filesystem::path> const& files,
                             sumo_reading const& o);
// The same on text in memory; name stands for the file in messages. Includes no further files.
sumo_inputs parse_sumo_demand(network const& net, std::string_view text, std::filesystem::path const& name,
                              sumo_reading const& o);

}  // namespace gemeo
