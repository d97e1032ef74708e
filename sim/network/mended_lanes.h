// What netconvert is told so that it works out the lanes of fast roads' junctions anew: a network's connections
// (its plain .con.xml) without lanes there, but with those of merges that have a lane for each who comes
// (merges.h). Who may go where stays. Lanes that netconvert adds for ramps (--ramps.guess) need this: with lanes named
// in connections the added one takes the place of the outermost, and the innermost leads nowhere. Thread rule: pure
// functions.
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
struct junction_choice {
  std::vector<junction_id> also;   // further ones without signals, for netconvert to choose their lanes
  std::vector<junction_id> leave;  // as they are
};
mended_connections mend_connections(network const& net, std::string_view plain, std::filesystem::path const& name,
                                    junction_choice const& choice = {});

// Junctions of the old network before which lanes were lost on the way to the new one: netconvert adds lanes to streets
// whose connections name lanes, too.
std::vector<junction_id> where_lanes_were_lost(network const& was, network const& is);

}  // namespace gemeo
