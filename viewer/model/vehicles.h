// Vehicles between two recorded steps: where each is drawn at a time. A vehicle moves along its edge's centre line, off
// to its lane; one that changes its edge in between is shown where it was until half of the step has passed.
// Metres, y up. Plain functions; any thread.
#pragma once

#include <vector>

#include "sim/results/reader.h"
#include "viewer/model/road_map.h"

namespace gemeo::view {

struct drawn_vehicle {
  float x = 0, y = 0, dx = 1, dy = 0;  // front bumper and heading
  float speed_mps = 0;
  // Of its road: where a line is drawn wider than life, its vehicles move with their lanes.
  float half_width_m = 0, side = 0, lane = 0;  // lane: -1 left rim .. 1 right rim
  float kind = 0;                              // road_class
  edge_id edge;
};

class vehicle_placer {
 public:
  vehicle_placer(result_network const& net, road_map const& map);
  // Steps must be in time order; the later one may be null (then the earlier stands).
  [[nodiscard]] std::vector<drawn_vehicle> at(trajectory_step const& before, trajectory_step const* after,
                                              double time_s) const;

 private:
  [[nodiscard]] bool place(edge_id e, lane_id l, double pos_m, double speed, drawn_vehicle& v) const;
  road_map const* map_;
  result_network const* net_;
  id_vector<edge_id, std::uint32_t> first_lane_;  // lanes are numbered edge by edge
};

}  // namespace gemeo::view
