// A uniform grid over lane geometry: nearest lane to a point, edges inside a polygon. Units: metres. The network must
// outlive the index. Thread rule: const access from any number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct lane_hit {
  lane_id lane;
  double distance_m = 0;
  double pos_m = 0;  // along the lane
};

class spatial_index {
 public:
  explicit spatial_index(network const& net, double cell_m = 100);
  // Lanes of normal edges that permit one of the classes, nearest first, within radius.
  [[nodiscard]] std::vector<lane_hit> near(double x, double y, double radius_m,
                                           vclass_mask classes = kAllClasses) const;
  // Normal edges with their middle inside the polygon (closed implicitly), ascending.
  [[nodiscard]] std::vector<edge_id> edges_inside(std::span<point const> polygon) const;

 private:
  // Lanes that touch the cells of a box, ascending.
  [[nodiscard]] std::vector<lane_id> candidates(box const& b) const;

  network const* net_;
  double cell_m_, x0_ = 0, y0_ = 0;
  std::uint32_t nx_ = 0, ny_ = 0;
  std::vector<std::uint32_t> start_;
  std::vector<lane_id> lanes_;
};

// The place on the lane that is nearest to a point; of a lane without a shape the lane is invalid.
lane_hit nearest_on(network const& net, lane_id lane, double x, double y);
// Where a place of the lane lies: shapes may be longer or shorter than lanes say they are.
point place_on(network const& net, lane_id lane, double pos_m);

// Even-odd rule; a polygon of fewer than three points holds nothing. A point on the border is on one side of it.
bool inside_polygon(double x, double y, std::span<point const> polygon);

}  // namespace gemeo
