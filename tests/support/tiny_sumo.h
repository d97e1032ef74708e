// A small SUMO scenario as people bring theirs: a drawn network, flows in a route file, and NAME.sumocfg.
//
//   A--B--C
//   |  |  |     cars from AB, FE and AD to the other side, with SUMO's own randomness; a signal at B
//   D--E--F
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct tiny_sumo_options {
  double end_s = 600;
  double veh_per_h = 600;  // of each flow
  std::string name = "tiny";
  std::string more_input = {};  // further elements of <input>
  std::string broken = {};      // text put into the route file, e.g. a vehicle with a route that does not exist
};

std::filesystem::path make_tiny_sumo(std::filesystem::path const& folder, tiny_sumo_options const& o = {});

}  // namespace gemeo::test
