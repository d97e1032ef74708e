// What looks wrong in a network: found, counted, listed; never repaired silently.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

enum class severity { kNote, kWarning, kError };

struct network_finding {
  severity level = severity::kNote;
  std::string kind;  // "dead_end", "unreachable", "zero_length", "signal_without_phases", ...
  std::size_t count = 0;
  std::vector<std::string> examples;  // at most 10 element ids
  std::string advice;
};

std::vector<network_finding> validate(network const& net);

struct network_summary {
  std::size_t edges = 0, lanes = 0, junctions = 0, signals = 0, roundabouts = 0, connections = 0, named_roads = 0;
  double edge_km = 0, lane_km = 0;
};
network_summary summarise(network const& net);

}  // namespace gemeo
