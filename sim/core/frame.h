// What an engine shows of one tick: every vehicle in the network, as a structure of arrays sorted by vehicle id.
// Units: metres, metres per second. pos_m is the front bumper's distance from the lane's start.
// The frame hash is computed here, outside the engines, so that two engines or two builds can be compared.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/ids.h"

namespace gemeo {

// Times of ticks are sums of binary fractions: what is due within so much is due.
inline constexpr double kTimeTolerance_s = 1e-6;

struct frame {
  std::int64_t tick = 0;
  double time_s = 0;
  std::vector<vehicle_id> vehicle;  // ascending
  std::vector<lane_id> lane;        // invalid while a vehicle is being teleported
  std::vector<float> pos_m;
  std::vector<float> speed_mps;

  [[nodiscard]] std::size_t size() const { return vehicle.size(); }
  void clear();
};

// Hash of one frame: tick, ids, lanes, positions and speeds, bit for bit.
std::uint64_t hash_frame(frame const& f);

}  // namespace gemeo
