#include "sim/engine_tbb/slopes.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

double distance_m(point const& a, point const& b) {
  return std::hypot(double(b.x) - double(a.x), double(b.y) - double(a.y), double(b.z) - double(a.z));
}

}  // namespace

lane_heights::lane_heights(network const& n) {
  float const first = n.points.empty() ? 0 : n.points[0].z;
  if (std::all_of(n.points.begin(), n.points.end(), [&](point const& p) { return p.z == first; })) return;
  of_.resize(n.lane_count());
  for (std::uint32_t i = 0; i < n.lane_count(); ++i) {
    lane_id const l(i);
    std::span<point const> const line = n.shape(l);
    auto const begin = static_cast<std::uint32_t>(stretches_.size());
    double drawn_m = 0;
    for (std::size_t k = 0; k + 1 < line.size(); ++k) drawn_m += distance_m(line[k], line[k + 1]);
    // A lane may be said to be longer or shorter than it is drawn.
    double const scale = as_written(n.lanes.length_m[l]) / std::max(drawn_m, 0.1);
    double seen_m = 0;
    for (std::size_t k = 0; k + 1 < line.size(); ++k) {
      double const length_m = distance_m(line[k], line[k + 1]) * scale;
      double const rise_m = double(line[k + 1].z) - double(line[k].z);
      stretches_.push_back({seen_m, double(line[k].z), length_m > 0 ? rise_m / length_m : 0});
      seen_m += length_m;
    }
    of_[l] = {begin, static_cast<std::uint32_t>(stretches_.size())};
  }
}

double lane_heights::at_m(lane_id l, double pos_m) const {
  range const r = of_[l];
  if (r.size() == 0) return 0;
  std::uint32_t i = r.begin;
  while (i + 1 < r.end && stretches_[i + 1].from_m <= pos_m) ++i;
  stretch const& s = stretches_[i];
  return s.height_m + s.rise * (pos_m - s.from_m);
}

double slope_deg(world const& w, vehicle const& v) {
  lane_heights const& road = *w.heights;
  if (road.flat()) return 0;
  double const length_m = w.type_of(v).length_m;
  lane_id at = v.lane;
  double rear_m = v.pos - length_m;
  for (std::size_t i = 0; i < v.behinds && rear_m < 0; ++i) {
    at = w.past_of(v).behind[i];
    rear_m += w.lanes[at].length_m;
  }
  // Before the first lane there is no road: it is taken to go on straight.
  double const rise_m = road.at_m(v.lane, v.pos) - road.at_m(at, rear_m);
  return std::asin(std::clamp(rise_m / length_m, -1.0, 1.0)) * 180 / std::numbers::pi;
}

}  // namespace gemeo::micro
