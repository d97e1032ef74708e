// Who can get where: strongly connected components of the normal edges that one vehicle class may use.
// An edge leads to another when a connection joins two lanes that both permit the class.
#pragma once

#include <cstdint>

#include "sim/network/network.h"

namespace gemeo {

enum class reach : std::uint8_t {
  kMain,         // in the largest component: from each edge to each other and back
  kLeadsIn,      // the main component can be reached from here, but never comes here (entrances)
  kLeadsOut,     // reached from the main component, no way back (exits, traps)
  kIsolated,     // neither
  kNotForClass,  // the class may not use it, or it is no normal edge
};

struct component_map {
  id_vector<edge_id, reach> edges;
  std::size_t components = 0;  // strongly connected ones, single edges included
  std::size_t main_size = 0;   // edges of the largest
};

component_map find_components(network const& net, vclass c);

}  // namespace gemeo
