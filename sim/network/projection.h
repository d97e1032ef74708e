// Network coordinates to WGS 84 and back (PROJ), from the network's projection string and offset.
// Thread rule: one object per thread.
#pragma once

#include <memory>

#include "sim/network/network.h"

namespace gemeo {

class projection {
 public:
  explicit projection(network const& net);  // throws error(kInput) when the network has no usable projection
  ~projection();
  projection(projection&&) noexcept;
  projection& operator=(projection&&) noexcept;
  // Both throw error(kInput) for a point that the projection cannot map.
  [[nodiscard]] lon_lat to_lon_lat(double x, double y) const;
  [[nodiscard]] point to_xy(lon_lat p) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
