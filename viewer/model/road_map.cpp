#include "viewer/model/road_map.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

namespace gemeo::view {
namespace {

constexpr std::array<float, kRoadClasses> kBaseHalfWidth_px = {0.4F, 0.7F, 0.75F, 1.15F, 1.5F, 1.9F, 2.4F};
constexpr double kReferencePxPerM = 0.06;

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

struct vec {
  double x = 0, y = 0;
};
vec unit(vec v) {
  double const l = std::hypot(v.x, v.y);
  return l > 0 ? vec{v.x / l, v.y / l} : vec{};
}

// Douglas and Peucker (1973): keeps the ends and what is farther than the tolerance from the chord.
void simplify(std::span<point const> p, std::size_t first, std::size_t last, double tolerance,
              std::vector<char>& keep) {
  if (last <= first + 1) return;
  vec const d = unit({static_cast<double>(p[last].x) - p[first].x, static_cast<double>(p[last].y) - p[first].y});
  double worst = 0;
  std::size_t at = first;
  for (std::size_t i = first + 1; i < last; ++i) {
    double const x = static_cast<double>(p[i].x) - p[first].x, y = static_cast<double>(p[i].y) - p[first].y;
    double const off = d.x == 0 && d.y == 0 ? std::hypot(x, y) : std::abs(d.x * y - d.y * x);
    if (off > worst) {
      worst = off;
      at = i;
    }
  }
  if (worst <= tolerance) return;
  keep[at] = 1;
  simplify(p, first, at, tolerance, keep);
  simplify(p, at, last, tolerance, keep);
}

// Shapes may repeat a point; a segment of no length has no direction.
std::vector<point> distinct(std::span<point const> shape, double tolerance) {
  std::vector<point> p;
  for (point const& q : shape) {
    if (p.empty() || std::hypot(q.x - p.back().x, q.y - p.back().y) > 1e-3F) p.push_back(q);
  }
  if (tolerance <= 0 || p.size() < 3) return p;
  std::vector<char> keep(p.size(), 0);
  keep.front() = keep.back() = 1;
  simplify(p, 0, p.size() - 1, tolerance, keep);
  std::vector<point> kept;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (keep[i] != 0) kept.push_back(p[i]);
  }
  return kept;
}

// To the right at every point, stretched at bends so that parallel lines keep their distance (at most doubled).
std::vector<vec> rights(std::vector<point> const& p) {
  std::vector<vec> n(p.size());
  std::vector<vec> d;
  for (std::size_t i = 0; i + 1 < p.size(); ++i) {
    d.push_back(unit({static_cast<double>(p[i + 1].x) - p[i].x, static_cast<double>(p[i + 1].y) - p[i].y}));
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    vec const a = d[i == 0 ? 0 : i - 1], b = d[std::min(i, d.size() - 1)];
    vec m = unit({a.x + b.x, a.y + b.y});
    if (m.x == 0 && m.y == 0) m = b;
    double const stretch = 1 / std::max(0.5, m.x * b.x + m.y * b.y);
    n[i] = {m.y * stretch, -m.x * stretch};
  }
  return n;
}

// A damaged file may hold points that are no numbers, or ranges beyond the end: such an edge is not drawn.
bool sound(range r, std::vector<point> const& points) {
  if (r.begin > r.end || r.end > points.size()) return false;
  return std::all_of(points.begin() + r.begin, points.begin() + r.end, [](point const& p) {
    return std::isfinite(p.x) && std::isfinite(p.y) && std::abs(p.x) < 1e8F && std::abs(p.y) < 1e8F;
  });
}

std::uint64_t cell_key(double x, double y, double cell) {
  auto const i = static_cast<std::int32_t>(std::floor(x / cell)), j = static_cast<std::int32_t>(std::floor(y / cell));
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(i)) << 32U | static_cast<std::uint32_t>(j);
}

}  // namespace

road_class classify(std::string_view type, edge_function function, float speed_mps, std::uint32_t lanes) {
  if (function == edge_function::kInternal) return road_class::kJunction;
  if (function == edge_function::kCrossing || function == edge_function::kWalkingArea) return road_class::kFootway;
  if (!type.empty()) {
    if (has(type, "motorway")) return has(type, "link") ? road_class::kTrunk : road_class::kMotorway;
    if (has(type, "trunk")) return has(type, "link") ? road_class::kPrimary : road_class::kTrunk;
    if (has(type, "primary")) return has(type, "link") ? road_class::kSecondary : road_class::kPrimary;
    if (has(type, "secondary") || has(type, "tertiary")) return road_class::kSecondary;
    for (char const* w : {"residential", "living_street", "service", "unclassified", "track", "services", "road"}) {
      if (has(type, w)) return road_class::kLocal;
    }
    for (char const* w : {"footway", "path", "cycleway", "steps", "pedestrian", "bridleway", "corridor", "platform",
                          "rail", "tram", "subway", "ferry", "elevator"}) {
      if (has(type, w)) return road_class::kFootway;
    }
  }
  if (speed_mps < 3) return road_class::kFootway;
  if (speed_mps >= 24.5F) return road_class::kMotorway;
  if (speed_mps >= 19 || lanes >= 4) return road_class::kTrunk;
  if (speed_mps >= 16 || lanes >= 2) return road_class::kPrimary;
  return speed_mps >= 13 ? road_class::kSecondary : road_class::kLocal;
}

float least_half_width_px(road_class c, double px_per_m, double crowding) {
  double const z = std::clamp(std::log2(px_per_m / kReferencePxPerM), -3.0, 6.0);
  double const factor = z > 0 ? 1 + 0.25 * z : 1 + 0.14 * z;
  double const whole = kBaseHalfWidth_px[static_cast<std::size_t>(c)] * factor;
  constexpr double kInkShare = 0.2, kFinest = 0.42;  // of the ground that small roads may cover
  if (c > road_class::kSecondary || crowding <= 0) return static_cast<float>(whole);
  double const ink = crowding * 2 * whole / px_per_m;
  return static_cast<float>(whole * std::clamp(kInkShare / ink, std::min(1.0, kFinest / whole), 1.0));
}

float road_map::half_width_px(road const& r, double px_per_m) const {
  return std::max(least_px(r.kind, px_per_m), static_cast<float>(r.half_width_m * px_per_m));
}

float road_map::offset_px(road const& r, double px_per_m) const {
  float const life = static_cast<float>(r.half_width_m * px_per_m);
  float const drawn = half_width_px(r, px_per_m);
  return static_cast<float>(r.shift_m * px_per_m) + r.side * (drawn - life + kMedianPx);
}

double length_of(std::span<point const> shape) {
  double sum = 0;
  for (std::size_t i = 1; i < shape.size(); ++i)
    sum += std::hypot(shape[i].x - shape[i - 1].x, shape[i].y - shape[i - 1].y);
  return sum;
}

std::pair<point, point> along(std::span<point const> shape, double distance_m) {
  if (shape.empty()) return {};
  double left = std::max(0.0, distance_m);
  for (std::size_t i = 1; i < shape.size(); ++i) {
    double const dx = static_cast<double>(shape[i].x) - shape[i - 1].x,
                 dy = static_cast<double>(shape[i].y) - shape[i - 1].y;
    double const l = std::hypot(dx, dy);
    if (l > 0 && (left <= l || i + 1 == shape.size())) {
      double const t = std::min(left / l, 1.0);
      return {{static_cast<float>(shape[i - 1].x + dx * t), static_cast<float>(shape[i - 1].y + dy * t), 0},
              {static_cast<float>(dx / l), static_cast<float>(dy / l), 0}};
    }
    left -= l;
  }
  return {shape.back(), {1, 0, 0}};
}

segment_set::segment_set(std::vector<road_segment> segments, std::vector<road_class> const& kinds, box const& bounds)
    : bounds_(bounds) {
  // Counting sort by (class, tile): stable, so that the order of the file decides what lies on top within a tile.
  std::size_t const tiles = static_cast<std::size_t>(kTiles) * kTiles;
  std::vector<std::uint32_t> key(segments.size()), count(kRoadClasses * tiles + 1, 0);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    road_segment const& s = segments[i];
    double const mx = (static_cast<double>(s.x0) + s.x1) / 2, my = (static_cast<double>(s.y0) + s.y1) / 2;
    key[i] = static_cast<std::uint32_t>(static_cast<std::size_t>(kinds[i]) * tiles) + row(my) * kTiles + column(mx);
    ++count[key[i] + 1];
    double const half = std::max(std::abs(s.x1 - s.x0), std::abs(s.y1 - s.y0)) / 2.0;
    reach_m_ = std::max(reach_m_, half + s.half_width_m + std::abs(s.shift_m));
  }
  for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
  for (std::size_t c = 0; c < kRoadClasses; ++c) {
    auto const first = count.begin() + static_cast<std::ptrdiff_t>(c * tiles);
    start_[c].assign(first, first + static_cast<std::ptrdiff_t>(tiles) + 1);
  }
  segments_.resize(segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) segments_[count[key[i]]++] = segments[i];
}

std::uint32_t segment_set::column(double x) const {
  double const t = (x - bounds_.min_x) / std::max(1e-9, bounds_.max_x - bounds_.min_x) * kTiles;
  return static_cast<std::uint32_t>(std::clamp(t, 0.0, kTiles - 1.0));
}
std::uint32_t segment_set::row(double y) const {
  double const t = (y - bounds_.min_y) / std::max(1e-9, bounds_.max_y - bounds_.min_y) * kTiles;
  return static_cast<std::uint32_t>(std::clamp(t, 0.0, kTiles - 1.0));
}

std::vector<range> segment_set::visible(road_class c, box const& b) const {
  std::vector<range> found;
  auto const& start = start_[static_cast<std::size_t>(c)];
  if (start.empty() || b.min_x > bounds_.max_x + reach_m_ || b.max_x < bounds_.min_x - reach_m_ ||
      b.min_y > bounds_.max_y + reach_m_ || b.max_y < bounds_.min_y - reach_m_) {
    return found;
  }
  std::uint32_t const c0 = column(b.min_x - reach_m_), c1 = column(b.max_x + reach_m_);
  for (std::uint32_t r = row(b.min_y - reach_m_), r1 = row(b.max_y + reach_m_); r <= r1; ++r) {
    range const run{start[r * kTiles + c0], start[r * kTiles + c1 + 1]};
    if (run.size() == 0) continue;
    if (!found.empty() && found.back().end == run.begin) {
      found.back().end = run.end;
    } else {
      found.push_back(run);
    }
  }
  return found;
}

road_map::road_map(result_network const& net) : points_(net.points) {
  std::size_t const n = net.name.size();
  roads_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    edge_id const e(i);
    road& r = roads_[e];
    std::string_view const type = net.type.size() == n ? std::string_view(net.type[e]) : std::string_view();
    r.kind = classify(type, static_cast<edge_function>(net.function[e]), net.speed_mps[e], net.lanes[e]);
    r.lanes = std::max(1U, net.lanes[e]);
    r.half_width_m = std::clamp(std::isfinite(net.width_m[e]) ? net.width_m[e] / 2 : 1.6F, 0.5F, 25.0F);
    r.shape = sound(net.shape[e], points_) ? net.shape[e] : range{};
    r.length_m = net.length_m[e];
    if (r.shape.size() == 0) continue;
    for (point const& p : shape(e)) {
      r.bounds = {std::min<double>(r.bounds.min_x, p.x), std::min<double>(r.bounds.min_y, p.y),
                  std::max<double>(r.bounds.max_x, p.x), std::max<double>(r.bounds.max_y, p.y)};
    }
    bounds_ = {std::min(bounds_.min_x, r.bounds.min_x), std::min(bounds_.min_y, r.bounds.min_y),
               std::max(bounds_.max_x, r.bounds.max_x), std::max(bounds_.max_y, r.bounds.max_y)};
  }
  find_sides(net);
  measure_crowding();
  fine_ = make_segments(0, true);
  coarse_ = make_segments(kCoarse_m, false);
}

std::span<point const> road_map::shape(edge_id e) const {
  range const r = roads_[e].shape;
  return std::span(points_).subspan(r.begin, r.size());
}

std::pair<point, point> road_map::middle(edge_id e) const {
  auto const s = shape(e);
  return along(s, length_of(s) / 2);
}

// A road grows to the right when another one runs the other way close to its left: the two directions of a street, or
// the two carriageways of a motorway. Samples of all roads in a hash grid, looked up at each road's middle.
void road_map::find_sides(result_network const& net) {
  constexpr double kCell = 45, kStep = 40;
  struct sample {
    float x, y, dx, dy;
    std::uint32_t edge;
  };
  std::unordered_map<std::uint64_t, std::vector<sample>> grid;
  auto const drawn = [&](edge_id e) { return roads_[e].kind >= road_class::kLocal && roads_[e].shape.size() >= 2; };
  for (std::size_t i = 0; i < roads_.size(); ++i) {
    edge_id const e(i);
    if (!drawn(e)) continue;
    double const length = length_of(shape(e));
    auto const pieces = static_cast<std::size_t>(std::clamp(length / kStep, 1.0, 2000.0));
    for (std::size_t k = 0; k < pieces; ++k) {
      auto const [p, d] = along(shape(e), length * (static_cast<double>(k) + 0.5) / static_cast<double>(pieces));
      grid[cell_key(p.x, p.y, kCell)].push_back({p.x, p.y, d.x, d.y, e.value});
    }
  }
  float const hand = net.left_hand ? -1.0F : 1.0F;
  for (std::size_t i = 0; i < roads_.size(); ++i) {
    edge_id const e(i);
    if (!drawn(e)) continue;
    road& r = roads_[e];
    auto const [p, d] = middle(e);
    for (int k = 0; k < 9; ++k) {
      auto const cell = grid.find(cell_key(p.x + (k % 3 - 1) * kCell, p.y + (k / 3 - 1) * kCell, kCell));
      if (cell == grid.end()) continue;
      for (sample const& s : cell->second) {
        road const& other = roads_[edge_id(s.edge)];
        double const dx = static_cast<double>(s.x) - p.x, dy = static_cast<double>(s.y) - p.y;
        if (s.edge == e.value || s.dx * d.x + s.dy * d.y > -0.85F) continue;
        double const ahead = dx * d.x + dy * d.y, left = (dy * d.x - dx * d.y) * hand;
        bool const wide = r.kind >= road_class::kTrunk && other.kind >= road_class::kTrunk;
        double const near = wide ? 45 : 8 + r.half_width_m + other.half_width_m;
        if (std::abs(ahead) > kStep || left > near || left < -1.0) continue;
        r.side = hand;
        // One line for both directions: the file was made without spreading them.
        if (std::abs(left) < 0.3 * r.half_width_m) r.shift_m = hand * r.half_width_m;
      }
    }
  }
}

// Where there are small roads at all: over the cells that hold some, not over the whole box with its sea and fields.
void road_map::measure_crowding() {
  constexpr double kCell = 300;
  std::unordered_map<std::uint64_t, double> metres;
  for (std::size_t i = 0; i < roads_.size(); ++i) {
    edge_id const e(i);
    road const& r = roads_[e];
    if (r.kind != road_class::kLocal && r.kind != road_class::kSecondary) continue;
    if (r.shape.size() < 2) continue;
    point const p = middle(e).first;
    metres[cell_key(p.x, p.y, kCell)] += length_of(shape(e));
  }
  double sum = 0;
  for (auto const& [cell, m] : metres) sum += m;
  crowding_ = metres.empty() ? 0 : sum / (static_cast<double>(metres.size()) * kCell * kCell);
}

segment_set road_map::make_segments(double tolerance_m, bool all) const {
  std::vector<road_segment> made;
  std::vector<road_class> kinds;
  for (std::size_t i = 0; i < roads_.size(); ++i) {
    edge_id const e(i);
    road const& r = roads_[e];
    if (!all && r.kind < road_class::kLocal) continue;
    auto const p = distinct(shape(e), tolerance_m);
    if (p.size() < 2) continue;
    auto const n = rights(p);
    for (std::size_t k = 0; k + 1 < p.size(); ++k) {
      made.push_back({p[k].x, p[k].y, p[k + 1].x, p[k + 1].y, static_cast<float>(n[k].x), static_cast<float>(n[k].y),
                      static_cast<float>(n[k + 1].x), static_cast<float>(n[k + 1].y), e.value, r.half_width_m,
                      r.shift_m, r.side, static_cast<float>(r.lanes)});
      kinds.push_back(r.kind);
    }
  }
  return {std::move(made), kinds, bounds_};
}

}  // namespace gemeo::view
