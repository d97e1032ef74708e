// What netconvert is told so that it works out the lanes of fast roads' junctions anew: a network's connections
// (its plain .con.xml) without lanes there, but with those of merges that have a lane for each who comes
// (merges.h). Who may go where stays. Lanes that netconvert adds for ramps (--ramps.guess) need this: with lanes named
// in connections the added one takes the place of the outermost, and the innermost leads nowhere. And where a network's
// loops lie in the network made so. Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct mended_connections {
  std::string text;           // of the new .con.xml
  std::size_t junctions = 0;  // whose lanes netconvert chooses
  std::size_t merges = 0;     // whose lanes are given
};
// also: further junctions without signals, for netconvert to choose their lanes.
mended_connections mend_connections(network const& net, std::string_view plain, std::filesystem::path const& name,
                                    std::vector<junction_id> const& also = {});

// Junctions of the old network before which lanes were lost on the way to the new one: netconvert adds lanes to streets
// whose connections name lanes, too.
std::vector<junction_id> where_lanes_were_lost(network const& was, network const& is);

// Edges of the one that are not in the other: none where the mending kept what demand and counts name.
std::vector<std::string> missing_edges(network const& was, network const& is);

// From which edge to which one could go in the one network and cannot in the other, with the pieces that were cut off,
// and the other way round.
struct turn {
  std::string from, to;
};
struct turns_changed {
  std::vector<turn> lost, added;
};
turns_changed compare_turns(network const& was, network const& is);

struct moved_loops {
  std::string text;        // the additional file with its loops' lanes and positions on the new network
  std::size_t moved = 0;   // loops, and ends of what counts between loops (E3), whose lane or edge is another
  std::size_t others = 0;  // other elements on lanes, left as they were
};
// Throws error(kInput) for a lane that is not there, and for a place beyond it that is not friendlyPos.
moved_loops move_loops(network const& was, network const& is, std::string_view additional,
                       std::filesystem::path const& name);

}  // namespace gemeo
