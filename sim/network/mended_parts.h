// What became of a network's parts in the one that netconvert made of it, where it may have cut pieces off edges for
// ramps (NAME-AddedOnRampEdge): edges and turns that are there no longer, or are new, and where loops lie now.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

// Edges of the one that are not in the other: none where the mending kept what demand and counts name.
std::vector<std::string> missing_edges(network const& was, network const& is);

// From which edge to which one some classes could go in the one network and cannot in the other, with the pieces that
// were cut off, and the other way round.
struct turn {
  std::string from, to;
  vclass_mask classes = 0;
};
struct turns_changed {
  std::vector<turn> lost, added;
};
turns_changed compare_turns(network const& was, network const& is);

struct moved_loops {
  std::string text;        // the additional file with its loops' lanes and positions on the new network
  std::size_t moved = 0;   // loops, and ends of what counts between loops (E3), whose lane or edge is another
  std::size_t others = 0;  // other elements on lanes, left as they were
  double farthest_m = 0;   // from where one was to where it is: lanes beside it may lie elsewhere
};
// By where they lie on the map. Throws error(kInput) for what is no additional file, a lane that is not there or inside
// a junction, and a place beyond it that is not friendlyPos.
moved_loops move_loops(network const& was, network const& is, std::string_view additional,
                       std::filesystem::path const& name);

}  // namespace gemeo
