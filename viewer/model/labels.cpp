#include "viewer/model/labels.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace gemeo::view {
namespace {

double distance(point a, point b) { return std::hypot(a.x - b.x, a.y - b.y); }

// Chains the edges of one name, end to start, as long as the way goes on without turning back.
std::vector<std::vector<edge_id>> chains(std::vector<edge_id> edges, road_map const& map) {
  std::vector<std::vector<edge_id>> found;
  auto const start = [&](edge_id e) { return map.shape(e).front(); };
  auto const end = [&](edge_id e) { return map.shape(e).back(); };
  auto const heading = [&](edge_id e, bool at_end) {
    auto const s = map.shape(e);
    return along(s, at_end ? length_of(s) : 0.0).second;
  };
  std::sort(edges.begin(), edges.end());
  constexpr double kCell = 60, kGap = 55;
  std::multimap<std::pair<std::int64_t, std::int64_t>, edge_id> by_start;
  auto const cell = [&](point p) {
    return std::make_pair(static_cast<std::int64_t>(std::floor(p.x / kCell)),
                          static_cast<std::int64_t>(std::floor(p.y / kCell)));
  };
  for (edge_id e : edges) by_start.emplace(cell(start(e)), e);
  std::map<edge_id, edge_id> next;
  std::map<edge_id, bool> has_before;
  for (edge_id e : edges) {
    auto const [ci, cj] = cell(end(e));
    point const d = heading(e, true);
    edge_id best;
    double best_gap = kGap;
    for (std::int64_t i = ci - 1; i <= ci + 1; ++i) {
      for (std::int64_t j = cj - 1; j <= cj + 1; ++j) {
        for (auto [at, last] = by_start.equal_range({i, j}); at != last; ++at) {
          edge_id const f = at->second;
          double const gap = distance(end(e), start(f));
          point const g = heading(f, false);
          if (f != e && !has_before[f] && gap < best_gap && d.x * g.x + d.y * g.y > 0.3F) {
            best = f;
            best_gap = gap;
          }
        }
      }
    }
    if (best.valid()) {
      next[e] = best;
      has_before[best] = true;
    }
  }
  std::map<edge_id, bool> used;
  for (int pass = 0; pass < 2; ++pass) {  // first the chains with a beginning, then the rings
    for (edge_id e : edges) {
      if (used[e] || (pass == 0 && has_before[e])) continue;
      std::vector<edge_id> c;
      for (edge_id f = e; f.valid() && !used[f];) {
        used[f] = true;
        c.push_back(f);
        auto const n = next.find(f);
        f = n == next.end() ? edge_id() : n->second;
      }
      found.push_back(std::move(c));
    }
  }
  return found;
}

}  // namespace

road_labels::road_labels(result_network const& net, road_map const& map) {
  std::map<std::string_view, std::vector<edge_id>> by_name;
  for (std::size_t i = 0; i < net.name.size(); ++i) {
    edge_id const e(i);
    if (!net.road_name[e].empty() && map.shape(e).size() >= 2 && map.roads()[e].kind >= road_class::kLocal) {
      by_name[net.road_name[e]].push_back(e);
    }
  }
  for (auto const& [name, edges] : by_name) {
    for (auto const& chain : chains(edges, map)) {
      strand s;
      s.name = name;
      for (edge_id e : chain) {
        s.kind = std::max(s.kind, map.roads()[e].kind);
        s.width_m = std::max(s.width_m, 2 * map.roads()[e].half_width_m);
        for (point const& p : map.shape(e)) {
          if (!s.shape.empty() && distance(s.shape.back(), p) < 1) continue;
          s.shape.push_back(p);
          s.bounds = {std::min<double>(s.bounds.min_x, p.x), std::min<double>(s.bounds.min_y, p.y),
                      std::max<double>(s.bounds.max_x, p.x), std::max<double>(s.bounds.max_y, p.y)};
        }
      }
      s.length_m = length_of(s.shape);
      if (s.shape.size() >= 2) strands_.push_back(std::move(s));
    }
  }
  std::stable_sort(strands_.begin(), strands_.end(), [](strand const& a, strand const& b) {
    return a.kind != b.kind ? a.kind > b.kind : a.length_m > b.length_m;
  });
}

namespace {

// The stretch [from, to] (metres along the strand) in pixels, thinned to a point every few pixels.
std::vector<screen_point> stretch(strand const& s, camera const& c, double from_m, double to_m) {
  std::vector<screen_point> path;
  auto const n = static_cast<std::size_t>(std::clamp((to_m - from_m) * c.px_per_m() / 6, 2.0, 80.0));
  for (std::size_t i = 0; i <= n; ++i) {
    auto const [p, d] = along(s.shape, from_m + (to_m - from_m) * static_cast<double>(i) / static_cast<double>(n));
    path.push_back(c.to_screen(p.x, p.y));
  }
  // Smoothed: the letters must not jump where two edges of a chain do not quite meet.
  for (int round = 0; round < 4; ++round) {
    auto const before = path;
    for (std::size_t i = 1; i + 1 < path.size(); ++i) {
      path[i] = {(before[i - 1].x + 2 * before[i].x + before[i + 1].x) / 4,
                 (before[i - 1].y + 2 * before[i].y + before[i + 1].y) / 4};
    }
  }
  if (path.back().x < path.front().x) std::reverse(path.begin(), path.end());
  return path;
}

// Neither any bend nor all bends together may make the text hard to read.
bool straight_enough(std::vector<screen_point> const& p, double height_px) {
  double total = 0, before = 0;
  bool first = true;
  for (std::size_t i = 1; i < p.size(); ++i) {
    double const dx = p[i].x - p[i - 1].x, dy = p[i].y - p[i - 1].y;
    double const l = std::hypot(dx, dy);
    if (l < 0.01) continue;
    double const angle = std::atan2(dy, dx);
    if (!first) {
      double const turn = std::abs(std::remainder(angle - before, 6.283185307179586));
      if (turn / l > 0.9 / height_px) return false;
      total += turn;
    }
    before = angle;
    first = false;
  }
  return total < 1.0;
}

}  // namespace

std::vector<placed_label> road_labels::place(camera const& c, label_style const& style, std::size_t most) const {
  std::vector<placed_label> placed;
  occupancy taken(c.width(), c.height());
  for (box const& b : style.occupied) taken.take(b);
  std::map<std::string_view, std::vector<screen_point>> where;  // of each name
  box const seen = c.visible();
  double const px_per_m = c.px_per_m();
  // Small roads stay silent on a map where there is no room to tell them apart.
  auto const speaks = [&](road_class k) {
    if (k >= road_class::kPrimary) return true;
    return k == road_class::kSecondary ? px_per_m > 0.05 : px_per_m > 0.22;
  };
  std::size_t tries = 0;
  for (strand const& s : strands_) {
    if (placed.size() >= most || tries > 6000) break;
    if (!speaks(s.kind) || s.bounds.max_x < seen.min_x || s.bounds.min_x > seen.max_x || s.bounds.max_y < seen.min_y ||
        s.bounds.min_y > seen.max_y) {
      continue;
    }
    double const width = style.text_width_px(s.name, s.kind) + style.height_px;
    double const whole = s.length_m * px_per_m;
    if (whole < width) continue;
    double const step = std::max(width / 3, whole / 400);
    // From the middle outwards, as the eye looks for it.
    auto const places = static_cast<int>(std::max(0.0, (whole - width) / step));
    for (int k = 0; k <= places; ++k) {
      int const off = k % 2 == 0 ? k / 2 : -(k + 1) / 2;
      double const from_px = std::clamp((whole - width) / 2 + off * step, 0.0, whole - width);
      auto const [mid, d] = along(s.shape, (from_px + width / 2) / px_per_m);
      screen_point const m = c.to_screen(mid.x, mid.y);
      if (m.x < 0 || m.y < 0 || m.x > c.width() || m.y > c.height()) continue;
      auto& same = where[s.name];
      bool const repeated = std::any_of(
          same.begin(), same.end(), [&](screen_point q) { return std::hypot(q.x - m.x, q.y - m.y) < style.repeat_px; });
      if (repeated) continue;
      ++tries;
      auto path = stretch(s, c, from_px / px_per_m, (from_px + width) / px_per_m);
      bool const fits = straight_enough(path, style.height_px) &&
                        std::all_of(path.begin(), path.end(),
                                    [&](screen_point q) { return taken.is_free(q, style.height_px * 0.75); });
      if (!fits) continue;
      for (screen_point q : path) taken.take(q, style.height_px * 0.8);
      same.push_back(m);
      double length = 0;
      for (std::size_t i = 1; i < path.size(); ++i)
        length += std::hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
      placed.push_back({s.name, s.kind, std::move(path), length});
    }
  }
  return placed;
}

occupancy::occupancy(double width, double height)
    : nx_(static_cast<std::int64_t>(width / kCell) + 1),
      ny_(static_cast<std::int64_t>(height / kCell) + 1),
      taken_(static_cast<std::size_t>(nx_ * ny_), 0) {}

void occupancy::take(box const& b) {
  for (auto j = std::max<std::int64_t>(0, static_cast<std::int64_t>(b.min_y / kCell));
       j < ny_ && static_cast<double>(j) * kCell <= b.max_y; ++j) {
    for (auto i = std::max<std::int64_t>(0, static_cast<std::int64_t>(b.min_x / kCell));
         i < nx_ && static_cast<double>(i) * kCell <= b.max_x; ++i) {
      taken_[static_cast<std::size_t>(j * nx_ + i)] = 1;
    }
  }
}
void occupancy::take(screen_point p, double r) { take(box{p.x - r, p.y - r, p.x + r, p.y + r}); }

bool occupancy::is_free(screen_point p, double r) const {
  auto const i0 = static_cast<std::int64_t>(std::floor((p.x - r) / kCell)),
             i1 = static_cast<std::int64_t>(std::floor((p.x + r) / kCell));
  auto const j0 = static_cast<std::int64_t>(std::floor((p.y - r) / kCell)),
             j1 = static_cast<std::int64_t>(std::floor((p.y + r) / kCell));
  if (i0 < 0 || j0 < 0 || i1 >= nx_ || j1 >= ny_) return false;
  for (std::int64_t j = j0; j <= j1; ++j) {
    for (std::int64_t i = i0; i <= i1; ++i) {
      if (at(i, j)) return false;
    }
  }
  return true;
}

}  // namespace gemeo::view
