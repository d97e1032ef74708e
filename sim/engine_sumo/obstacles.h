// Blocked lanes: an obstacle is a standing vehicle of a type of its own, which no aggregate, trip or count includes.
// SUMO puts it on the road only where the traffic behind can stop in time. Where traffic is too dense for that, the
// last vehicle that can still stop before the place is held until the ones ahead have passed, as the first driver to
// reach an accident would be.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/core/command.h"
#include "sim/network/network.h"

namespace gemeo {

class obstacles {
 public:
  explicit obstacles(network const& net) : net_(net) {}
  void block(block_lane const& b);
  void unblock(std::uint32_t obstacle);
  void after_step();  // once a tick

 private:
  struct state {
    lane_id lane;
    double pos_m = 0;
    bool standing = false;
    std::string held;  // the vehicle that waits for the obstacle to be there; empty: none
    int ticks = 0;
  };
  void hold_traffic(state& o) const;
  static void release(state& o);

  network const& net_;
  std::map<std::uint32_t, state> all_;
};

}  // namespace gemeo
