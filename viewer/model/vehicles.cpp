#include "viewer/model/vehicles.h"

#include <algorithm>
#include <cmath>

namespace gemeo::view {

vehicle_placer::vehicle_placer(result_network const& net, road_map const& map) : map_(&map), net_(&net) {
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < net.lanes.size(); ++i) {
    first_lane_.push_back(next);
    next += net.lanes[edge_id(i)];
  }
}

bool vehicle_placer::place(edge_id e, lane_id l, double pos_m, double speed, drawn_vehicle& v) const {
  if (!first_lane_.contains(e)) return false;
  auto const shape = map_->shape(e);
  if (shape.size() < 2 || !std::isfinite(pos_m)) return false;
  // The lane's own length and its line's differ a little: positions are stretched to the line.
  double const length = std::max(0.1F, net_->length_m[e]);
  auto const [p, d] = along(shape, std::clamp(pos_m / length, 0.0, 1.0) * length_of(shape));
  road const& r = map_->roads()[e];
  float lane_offset = 0;
  if (l.valid() && l.value >= first_lane_[e] && l.value < first_lane_[e] + net_->lanes[e]) {
    float const lane = static_cast<float>(l.value - first_lane_[e]);  // 0 is the right-most
    float const width = 2 * r.half_width_m / static_cast<float>(r.lanes);
    float const hand = net_->left_hand ? -1.0F : 1.0F;
    lane_offset = hand * (r.half_width_m - (lane + 0.5F) * width);
  }
  float const offset = r.shift_m + lane_offset;
  v = {p.x + d.y * offset,
       p.y - d.x * offset,
       d.x,
       d.y,
       static_cast<float>(speed),
       r.half_width_m,
       r.side,
       lane_offset / r.half_width_m,
       static_cast<float>(r.kind),
       e};
  return true;
}

std::vector<drawn_vehicle> vehicle_placer::at(trajectory_step const& a, trajectory_step const* b, double time_s) const {
  std::vector<drawn_vehicle> out;
  out.reserve(a.vehicle.size());
  double const span = b != nullptr ? b->time_s - a.time_s : 0;
  double const w = span > 0 ? std::clamp((time_s - a.time_s) / span, 0.0, 1.0) : 0;
  drawn_vehicle v;
  std::size_t j = 0;
  auto const later_only = [&](std::size_t k) {  // entered the network in between
    if (w >= 0.5 && place(b->edge[k], b->lane[k], b->pos_m[k], b->speed_mps[k], v)) out.push_back(v);
  };
  for (std::size_t i = 0; i < a.vehicle.size(); ++i) {
    if (b != nullptr) {
      while (j < b->vehicle.size() && b->vehicle[j] < a.vehicle[i]) later_only(j++);
      if (j < b->vehicle.size() && b->vehicle[j] == a.vehicle[i]) {
        bool const same = a.edge[i] == b->edge[j];
        double const pos = a.pos_m[i] + (b->pos_m[j] - a.pos_m[i]) * w;
        double const speed = a.speed_mps[i] + (b->speed_mps[j] - a.speed_mps[i]) * w;
        bool const early = w < 0.5;
        if (same && place(a.edge[i], early ? a.lane[i] : b->lane[j], pos, speed, v)) out.push_back(v);
        if (!same) {
          // Forward at its speed on the old edge, or backward from where it will be on the new one.
          double const left = (1 - w) * span;
          bool const ok = early ? place(a.edge[i], a.lane[i], a.pos_m[i] + a.speed_mps[i] * w * span, speed, v)
                                : place(b->edge[j], b->lane[j], b->pos_m[j] - b->speed_mps[j] * left, speed, v);
          if (ok) out.push_back(v);
        }
        ++j;
        continue;
      }
    }
    if (w < 0.5 && place(a.edge[i], a.lane[i], a.pos_m[i], a.speed_mps[i], v)) out.push_back(v);
  }
  if (b != nullptr) {
    while (j < b->vehicle.size()) later_only(j++);
  }
  return out;
}

}  // namespace gemeo::view
