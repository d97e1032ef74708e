// Where vehicles are counted: a station is a loop on each lane of an edge, at one place along it. In a simulation its
// loops are detectors of the scenario, numbered so that each knows its station.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace gemeo {

struct count_station {
  std::string name;
  edge_id edge;
  double pos_m = -1;           // from the beginning of the edge; negative: the middle
  std::vector<lane_id> lanes;  // of the edge, those with a loop; empty: all that vehicles with an engine may use
  std::string corridor;        // stations of one corridor are held out together; empty: alone
};

// The scenario's detectors become those of the stations. By detector: the number of its station. Throws error(kInput)
// where a place does not exist.
std::vector<std::uint32_t> place_loops(scenario& s, std::vector<count_station> const& stations);

}  // namespace gemeo
