// A motorway of two lanes ("main") and a ramp that join into one road ("on"), with the connections that a test wants;
// made by netconvert.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/tiny_network.h"

namespace gemeo::test {

inline constexpr std::pair kNoLanes{-1, -1};  // a connection that leaves its lanes to netconvert

struct merging_options {
  std::vector<std::pair<int, int>> ramp, main;  // lanes from and to
  int lanes_on = 3;
  std::string type = "highway.motorway", netconvert = {};
};

struct merging_roads {
  explicit merging_roads(merging_options const& o);
  [[nodiscard]] std::string plain_connections() const;  // as netconvert writes them
  temp_folder folder;
  std::filesystem::path file;
  std::shared_ptr<network const> net;
};

}  // namespace gemeo::test
