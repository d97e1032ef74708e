// How high the road lies, for the slope that emissions count: SUMO's, from where a vehicle's rear is to where its front
// is. Heights in m along each lane's drawn line, slopes in degrees, uphill positive. Immutable: any thread reads.
#pragma once

#include <vector>

#include "sim/network/network.h"

namespace gemeo::micro {

struct vehicle;
struct world;

class lane_heights {
 public:
  explicit lane_heights(network const& n);
  [[nodiscard]] bool flat() const { return stretches_.empty(); }  // all of the network
  [[nodiscard]] double at_m(lane_id l, double pos_m) const;       // pos_m: from the lane's begin

 private:
  struct stretch {
    double from_m = 0, height_m = 0;  // where it begins
    double rise = 0;                  // m in a metre of the lane
  };
  id_vector<lane_id, range> of_;  // into stretches_
  std::vector<stretch> stretches_;
};

// Under the vehicle, where it is after its move; 0 on a flat network.
double slope_deg(world const& w, vehicle const& v);

}  // namespace gemeo::micro
