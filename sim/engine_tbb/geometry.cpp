#include "sim/engine_tbb/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gemeo::micro {

namespace {

double to_segment(point const& p, point const& a, point const& b) {
  double const dx = b.x - a.x, dy = b.y - a.y, len2 = dx * dx + dy * dy;
  double const t = len2 == 0 ? 0 : std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / len2, 0.0, 1.0);
  return std::hypot(p.x - (a.x + t * dx), p.y - (a.y + t * dy));
}

double to_path(point const& p, std::span<point const> path) {
  double best = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i + 1 < path.size(); ++i) best = std::min(best, to_segment(p, path[i], path[i + 1]));
  return best;
}

double direction(std::span<point const> path, double way) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    double const len = distance(path[i], path[i + 1]);
    if (way <= len || i + 2 == path.size()) return std::atan2(path[i + 1].y - path[i].y, path[i + 1].x - path[i].x);
    way -= len;
  }
  return 0;
}

// How much of the end of `path` lies further than apart from the other: both run towards their ends.
double apart_at_end(std::span<point const> path, std::span<point const> other, double apart) {
  double behind = 0;
  for (std::size_t i = path.size() - 1; i > 0; --i) {
    double const here = to_path(path[i - 1], other), there = to_path(path[i], other);
    double const segment = distance(path[i - 1], path[i]);
    if (here > apart) {
      behind += segment;
    } else {
      double const rise = there - here;
      behind += rise > 0 ? segment - (apart - here) * segment / rise : segment;
      break;
    }
  }
  return behind;
}

}  // namespace

double distance(point const& a, point const& b) { return std::hypot(double(a.x) - b.x, double(a.y) - b.y); }

double length_of(std::span<point const> path) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) sum += distance(path[i], path[i + 1]);
  return sum;
}

std::optional<double> last_crossing(std::span<point const> a, std::span<point const> b) {
  std::optional<double> last;
  double way = 0;
  for (std::size_t i = 0; i + 1 < a.size(); ++i) {
    double const rx = double(a[i + 1].x) - a[i].x, ry = double(a[i + 1].y) - a[i].y, len = std::hypot(rx, ry);
    for (std::size_t j = 0; j + 1 < b.size(); ++j) {
      double const sx = double(b[j + 1].x) - b[j].x, sy = double(b[j + 1].y) - b[j].y;
      double const cross = rx * sy - ry * sx;
      if (std::abs(cross) < 1e-12) continue;
      double const qx = double(b[j].x) - a[i].x, qy = double(b[j].y) - a[i].y;
      double const t = (qx * sy - qy * sx) / cross, u = (qx * ry - qy * rx) / cross;
      if (t < 0 || t > 1 || u < 0 || u > 1) continue;
      last = std::max(last.value_or(0), way + t * len);
    }
    way += len;
  }
  return last;
}

double angle_between(std::span<point const> a, double way_a, std::span<point const> b, double way_b) {
  double d = std::abs(direction(a, way_a) - direction(b, way_b));
  if (d > M_PI) d = 2 * M_PI - d;
  return d * 180 / M_PI;
}

double way_to_divergence(std::vector<point> const& a, double lane_a_m, std::vector<point> const& b, double lane_b_m,
                         double apart_m) {
  double behind_a = 0, behind_b = 0;
  if (distance(a.back(), b.back()) > apart_m && to_path(a.back(), b) > apart_m && to_path(b.back(), a) > apart_m) {
    behind_a = apart_at_end(a, b, apart_m);
    behind_b = apart_at_end(b, a, apart_m);
  }
  return std::min({std::max(lane_a_m - behind_a, lane_b_m - behind_b), length_of(a), length_of(b)});
}

}  // namespace gemeo::micro
