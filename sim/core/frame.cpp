#include "sim/core/frame.h"

#include "sim/core/hash.h"

namespace gemeo {

void frame::clear() {
  vehicle.clear();
  lane.clear();
  pos_m.clear();
  speed_mps.clear();
}

std::uint64_t hash_frame(frame const& f) {
  hasher h;
  h.add_value(f.tick);
  h.add(std::span<vehicle_id const>(f.vehicle));
  h.add(std::span<lane_id const>(f.lane));
  h.add(std::span<float const>(f.pos_m));
  h.add(std::span<float const>(f.speed_mps));
  return h.value();
}

}  // namespace gemeo
