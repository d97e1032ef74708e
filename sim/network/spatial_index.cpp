#include "sim/network/spatial_index.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/error.h"

namespace gemeo {

namespace {

struct nearest {
  double distance_m = std::numeric_limits<double>::max(), along_m = 0, shape_m = 0;
};

nearest nearest_on(std::span<point const> shape, double x, double y) {
  nearest best;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) {
    double const ax = static_cast<double>(shape[i].x), ay = static_cast<double>(shape[i].y);
    double const dx = static_cast<double>(shape[i + 1].x) - ax, dy = static_cast<double>(shape[i + 1].y) - ay;
    double const length = std::hypot(dx, dy);
    double const t = length > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / (length * length), 0.0, 1.0) : 0.0;
    double const d = std::hypot(x - ax - t * dx, y - ay - t * dy);
    if (d < best.distance_m) {
      best.distance_m = d;
      best.along_m = best.shape_m + t * length;
    }
    best.shape_m += length;
  }
  return best;
}

box bounds_of(std::span<point const> shape) {
  box b;
  for (point const& p : shape) {
    b.min_x = std::min(b.min_x, static_cast<double>(p.x));
    b.min_y = std::min(b.min_y, static_cast<double>(p.y));
    b.max_x = std::max(b.max_x, static_cast<double>(p.x));
    b.max_y = std::max(b.max_y, static_cast<double>(p.y));
  }
  return b;
}

// The grid never gets more cells than this, however large the network or small the cell.
constexpr double kMaxCells = 4e6;

}  // namespace

spatial_index::spatial_index(network const& net, double cell_m) : net_(&net), cell_m_(cell_m) {
  verify(cell_m > 0, "a cell of the spatial index has a size");
  box all;
  std::vector<std::pair<lane_id, box>> boxes;
  for (std::size_t i = 0; i < net.lane_count(); ++i) {
    lane_id const l(i);
    if (!net.is_normal(net.lanes.edge[l]) || net.shape(l).empty()) continue;
    boxes.emplace_back(l, bounds_of(net.shape(l)));
    box const& b = boxes.back().second;
    all = {std::min(all.min_x, b.min_x), std::min(all.min_y, b.min_y), std::max(all.max_x, b.max_x),
           std::max(all.max_y, b.max_y)};
  }
  if (boxes.empty()) return;
  double const width = all.max_x - all.min_x, height = all.max_y - all.min_y;
  cell_m_ = std::max(cell_m_, std::sqrt(std::max(1.0, width) * std::max(1.0, height) / kMaxCells));
  x0_ = all.min_x;
  y0_ = all.min_y;
  nx_ = static_cast<std::uint32_t>(width / cell_m_) + 1;
  ny_ = static_cast<std::uint32_t>(height / cell_m_) + 1;
  auto const for_cells = [&](box const& b, auto const& visit) {
    auto const cell = [&](double v, double origin) { return static_cast<std::uint32_t>((v - origin) / cell_m_); };
    for (std::uint32_t y = cell(b.min_y, y0_); y <= std::min(cell(b.max_y, y0_), ny_ - 1); ++y) {
      for (std::uint32_t x = cell(b.min_x, x0_); x <= std::min(cell(b.max_x, x0_), nx_ - 1); ++x) visit(y * nx_ + x);
    }
  };
  // Counting sort: how many lanes a cell has, where it begins, then the lanes.
  start_.assign(static_cast<std::size_t>(nx_) * ny_ + 1, 0);
  for (auto const& [l, b] : boxes) for_cells(b, [&](std::uint32_t c) { ++start_[c + 1]; });
  for (std::size_t c = 1; c < start_.size(); ++c) start_[c] += start_[c - 1];
  lanes_.resize(start_.back());
  std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
  for (auto const& [l, b] : boxes) for_cells(b, [&, lane = l](std::uint32_t c) { lanes_[next[c]++] = lane; });
}

std::vector<lane_hit> spatial_index::near(double x, double y, double radius_m, vclass_mask classes) const {
  std::vector<lane_hit> hits;
  if (nx_ == 0 || !(radius_m >= 0) || !std::isfinite(x) || !std::isfinite(y)) return hits;
  auto const clamped = [&](double v, double origin, std::uint32_t n) {
    return static_cast<std::uint32_t>(std::clamp(std::floor((v - origin) / cell_m_), 0.0, static_cast<double>(n - 1)));
  };
  std::vector<lane_id> candidates;
  for (std::uint32_t cy = clamped(y - radius_m, y0_, ny_); cy <= clamped(y + radius_m, y0_, ny_); ++cy) {
    for (std::uint32_t cx = clamped(x - radius_m, x0_, nx_); cx <= clamped(x + radius_m, x0_, nx_); ++cx) {
      std::size_t const c = static_cast<std::size_t>(cy) * nx_ + cx;
      candidates.insert(candidates.end(), lanes_.begin() + start_[c], lanes_.begin() + start_[c + 1]);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  for (lane_id const l : candidates) {
    if ((net_->lanes.allowed[l] & classes) == 0) continue;
    if (lane_hit const hit = nearest_on(*net_, l, x, y); hit.distance_m <= radius_m) hits.push_back(hit);
  }
  std::sort(hits.begin(), hits.end(), [](lane_hit const& a, lane_hit const& b) {
    return a.distance_m != b.distance_m ? a.distance_m < b.distance_m : a.lane < b.lane;
  });
  return hits;
}

std::vector<edge_id> spatial_index::edges_inside(std::span<point const> polygon) const {
  std::vector<edge_id> inside;
  for (std::size_t i = 0; i < net_->edge_count(); ++i) {
    edge_id const e(i);
    if (!net_->is_normal(e)) continue;
    std::span<point const> const shape = net_->shape(lane_id(net_->edges.lanes[e].begin));
    double left = nearest_on(shape, 0, 0).shape_m / 2;
    for (std::size_t k = 0; k + 1 < shape.size(); ++k) {
      double const dx = static_cast<double>(shape[k + 1].x) - static_cast<double>(shape[k].x);
      double const dy = static_cast<double>(shape[k + 1].y) - static_cast<double>(shape[k].y);
      double const length = std::hypot(dx, dy);
      if (left > length && k + 2 < shape.size()) {
        left -= length;
        continue;
      }
      double const t = length > 0 ? std::min(1.0, left / length) : 0.0;
      if (inside_polygon(static_cast<double>(shape[k].x) + t * dx, static_cast<double>(shape[k].y) + t * dy, polygon))
        inside.push_back(e);
      break;
    }
  }
  return inside;
}

// Even-odd rule: how often a ray to the right crosses the boundary (Shimrat, CACM 5 (1962), algorithm 112).
lane_hit nearest_on(network const& net, lane_id lane, double x, double y) {
  nearest const n = nearest_on(net.shape(lane), x, y);
  if (net.shape(lane).size() < 2) return {lane_id(), n.distance_m, 0};
  // A lane's length may differ from its drawing's: positions scale.
  double const scale = n.shape_m > 0 ? double{net.lanes.length_m[lane]} / n.shape_m : 0;
  return {lane, n.distance_m, n.along_m * scale};
}

point place_on(network const& net, lane_id lane, double pos_m) {
  std::span<point const> const shape = net.shape(lane);
  verify(!shape.empty(), "a lane has a shape");
  double whole_m = 0;
  auto const step_m = [&](std::size_t i) {
    return std::hypot(static_cast<double>(shape[i + 1].x - shape[i].x),
                      static_cast<double>(shape[i + 1].y - shape[i].y));
  };
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) whole_m += step_m(i);
  double left_m = pos_m / double{net.lanes.length_m[lane]} * whole_m;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) {
    double const d = step_m(i);
    if (left_m > d) {
      left_m -= d;
      continue;
    }
    auto const t = static_cast<float>(d > 0 ? left_m / d : 0);
    return {shape[i].x + t * (shape[i + 1].x - shape[i].x), shape[i].y + t * (shape[i + 1].y - shape[i].y)};
  }
  return shape.back();
}

bool inside_polygon(double x, double y, std::span<point const> polygon) {
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    double const xi = static_cast<double>(polygon[i].x), yi = static_cast<double>(polygon[i].y);
    double const xj = static_cast<double>(polygon[j].x), yj = static_cast<double>(polygon[j].y);
    if ((yi > y) != (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

}  // namespace gemeo
