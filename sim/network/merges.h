// Merges: junctions without signals where several ways lead into one, and which lanes there belong to whom.
// Who has a lane of the way on for himself need not give way; networks often say otherwise, and drivers then wait at
// the end of a ramp for a gap across all lanes of a motorway. Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct merge {
  junction_id at;
  edge_id on;                 // the only way on
  std::vector<edge_id> ways;  // that lead there, the one on its outer lanes first
  std::size_t lanes_in = 0, lanes_on = 0;
  bool ordered = true;     // false: connections do not say which way lies on which side
  bool gives_way = false;  // somebody does, to lanes of others, although he leads to one that is his alone
  bool fast = false;       // the way on is of a fast road
  bool joins = false;      // somebody gives way and has no lane of his own
  [[nodiscard]] bool lanes_suffice() const { return lanes_in <= lanes_on; }
};

// Motorways and trunk roads by their type, else by netconvert's own least limit of roads with ramps (22.2 m/s).
bool is_fast(network const& net, edge_id e);

// Those whose lanes are all for cars, by junction.
std::vector<merge> find_merges(network const& net);

// Lanes for cars that lead nowhere although the roads behind have as many lanes: half of a road is lost so.
std::vector<lane_id> find_lost_lanes(network const& net);

}  // namespace gemeo
