// A lane-area detector (SUMO's E2): a stretch of consecutive lanes, junctions between them included, on which vehicles,
// halts and jams are counted. Thresholds and their defaults are those of SUMO 1.15 (manual, "Lanearea Detectors").
#pragma once

#include <string>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct lane_area {
  std::string name;
  std::vector<lane_id> lanes;     // upstream first, lanes inside junctions included
  double begin_m = 0, end_m = 0;  // on the first and on the last of them
  double period_s = 0;        // of its values, as a SUMO file asks (infinite: one for the run); 0: the run's interval
  double halt_mps = 5 / 3.6;  // slower than that is a halt
  double jam_s = 1;           // who has halted for longer is part of a jam
  double jam_gap_m = 10;      // told to SUMO, whose 1.15 never looks at it

  [[nodiscard]] double length_m(network const& net) const;
};

// The lanes from first to last with those inside the junctions between them; the empty list where two of them are not
// consecutive, or one stands there twice.
std::vector<lane_id> with_internal_lanes(network const& net, std::vector<lane_id> const& lanes);

}  // namespace gemeo
