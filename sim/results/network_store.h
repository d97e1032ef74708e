// /network of a result file: the road network as far as maps, names and exports need it, so that no .net.xml is needed
// to read a result. Thread rule: as h5_out.h.
#pragma once

#include "sim/network/network.h"
#include "sim/results/h5_out.h"
#include "sim/results/reader.h"

namespace gemeo {

struct network_axes {
  h5::table edge, lane;
};

// What is stored of a network. Centre lines of edges with several lanes are made here.
result_network outline_of(network const& net);
network_axes write_network(h5::out_group const& g, result_network const& n);

}  // namespace gemeo
