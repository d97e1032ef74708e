// Which road lies under the mouse: a uniform grid over all drawn segments. Exact: the answer is that of looking at
// every segment (tests/ui compares them). Immutable once built; const access from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "viewer/model/road_map.h"

namespace gemeo::view {

struct pick {
  edge_id edge;
  double distance_px = 0;  // from the road's drawn edge; 0 on it
};

class picker {
 public:
  explicit picker(road_map const& map);
  // The road nearest to a world point as drawn at this scale, at most reach_px away; of those under the point the
  // higher class, then the nearer middle, then the lower id.
  [[nodiscard]] std::optional<pick> at(double x, double y, double px_per_m, double reach_px) const;
  // The same by looking at everything.
  [[nodiscard]] std::optional<pick> at_slowly(double x, double y, double px_per_m, double reach_px) const;

 private:
  struct best;
  void consider(std::uint32_t segment, double x, double y, double px_per_m, double reach_px, best& b) const;
  road_map const* map_;
  double cell_m_ = 100, x0_ = 0, y0_ = 0;
  std::int64_t nx_ = 0, ny_ = 0;
  std::vector<std::uint32_t> start_, item_;
  float widest_m_ = 0;
};

}  // namespace gemeo::view
