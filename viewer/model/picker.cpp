#include "viewer/model/picker.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gemeo::view {

struct picker::best {
  bool found = false;
  double outside_px = 0, middle_px = 0;
  road_class kind = road_class::kFootway;
  edge_id edge;
};

picker::picker(road_map const& map) : map_(&map) {
  box const& b = map.bounds();
  auto const& all = map.fine().all();
  if (all.empty()) return;
  x0_ = b.min_x;
  y0_ = b.min_y;
  double const w = b.max_x - b.min_x, h = b.max_y - b.min_y;
  cell_m_ = std::max({25.0, std::sqrt(w * h / static_cast<double>(all.size() + 1)) * 2, w / 4000, h / 4000});
  nx_ = static_cast<std::int64_t>(w / cell_m_) + 1;
  ny_ = static_cast<std::int64_t>(h / cell_m_) + 1;
  auto const cells = [&](road_segment const& s, auto&& visit) {
    auto const i0 = static_cast<std::int64_t>((std::min(s.x0, s.x1) - x0_) / cell_m_);
    auto const i1 = static_cast<std::int64_t>((std::max(s.x0, s.x1) - x0_) / cell_m_);
    auto const j0 = static_cast<std::int64_t>((std::min(s.y0, s.y1) - y0_) / cell_m_);
    auto const j1 = static_cast<std::int64_t>((std::max(s.y0, s.y1) - y0_) / cell_m_);
    for (std::int64_t j = std::max<std::int64_t>(0, j0); j <= std::min(j1, ny_ - 1); ++j) {
      for (std::int64_t i = std::max<std::int64_t>(0, i0); i <= std::min(i1, nx_ - 1); ++i) {
        visit(static_cast<std::size_t>(j * nx_ + i));
      }
    }
  };
  start_.assign(static_cast<std::size_t>(nx_ * ny_) + 1, 0);
  for (road_segment const& s : all) {
    cells(s, [&](std::size_t c) { ++start_[c + 1]; });
    widest_m_ = std::max(widest_m_, 2 * s.half_width_m + std::abs(s.shift_m));
  }
  for (std::size_t c = 1; c < start_.size(); ++c) start_[c] += start_[c - 1];
  item_.resize(start_.back());
  std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
  for (std::size_t k = 0; k < all.size(); ++k) {
    cells(all[k], [&](std::size_t c) { item_[next[c]++] = static_cast<std::uint32_t>(k); });
  }
}

void picker::consider(std::uint32_t segment, double x, double y, double px_per_m, double reach_px, best& b) const {
  road_segment const& s = map_->fine().all()[segment];
  road const& r = map_->roads()[edge_id(s.edge)];
  if (r.kind == road_class::kJunction) return;
  double const off = map_->offset_px(r, px_per_m) / px_per_m;
  double const ax = s.x0 + s.nx0 * off, ay = s.y0 + s.ny0 * off, bx = s.x1 + s.nx1 * off, by = s.y1 + s.ny1 * off;
  double const dx = bx - ax, dy = by - ay, l2 = dx * dx + dy * dy;
  double const t = l2 > 0 ? std::clamp(((x - ax) * dx + (y - ay) * dy) / l2, 0.0, 1.0) : 0;
  double const middle = std::hypot(ax + dx * t - x, ay + dy * t - y) * px_per_m;
  double const outside = std::max(0.0, middle - map_->half_width_px(r, px_per_m));
  if (outside > reach_px) return;
  auto const rank = [](double o, road_class k, double m, edge_id e) {
    return std::make_tuple(o, -static_cast<int>(k), m, e.value);
  };
  if (b.found && rank(outside, r.kind, middle, edge_id(s.edge)) >= rank(b.outside_px, b.kind, b.middle_px, b.edge))
    return;
  b = {true, outside, middle, r.kind, edge_id(s.edge)};
}

std::optional<pick> picker::at(double x, double y, double px_per_m, double reach_px) const {
  best b;
  // As far as a line can lie from its own shape: its drawn width and its offset, both at most this.
  double const wide_px = 3 * least_half_width_px(road_class::kMotorway, px_per_m) + 2;
  double const reach_m = (reach_px + wide_px) / px_per_m + 3 * static_cast<double>(widest_m_);
  auto const clip = [](double v, std::int64_t n) {
    return static_cast<std::int64_t>(std::clamp(v, -1.0, static_cast<double>(n)));
  };
  std::int64_t const i0 = std::max<std::int64_t>(0, clip(std::floor((x - reach_m - x0_) / cell_m_), nx_));
  std::int64_t const i1 = std::min(nx_ - 1, clip(std::floor((x + reach_m - x0_) / cell_m_), nx_));
  std::int64_t const j0 = std::max<std::int64_t>(0, clip(std::floor((y - reach_m - y0_) / cell_m_), ny_));
  std::int64_t const j1 = std::min(ny_ - 1, clip(std::floor((y + reach_m - y0_) / cell_m_), ny_));
  for (std::int64_t j = j0; j <= j1; ++j) {
    for (std::int64_t i = i0; i <= i1; ++i) {
      auto const c = static_cast<std::size_t>(j * nx_ + i);
      for (std::uint32_t k = start_[c]; k < start_[c + 1]; ++k) consider(item_[k], x, y, px_per_m, reach_px, b);
    }
  }
  if (!b.found) return std::nullopt;
  return pick{b.edge, b.outside_px};
}

std::optional<pick> picker::at_slowly(double x, double y, double px_per_m, double reach_px) const {
  best b;
  for (std::size_t k = 0; k < map_->fine().all().size(); ++k) {
    consider(static_cast<std::uint32_t>(k), x, y, px_per_m, reach_px, b);
  }
  if (!b.found) return std::nullopt;
  return pick{b.edge, b.outside_px};
}

}  // namespace gemeo::view
