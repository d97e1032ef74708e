#include "sim/scenario/targets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/core/error.h"

namespace gemeo {

namespace {

// ASCII for the second byte of U+00C0 to U+00FF in UTF-8 (after 0xC3), ' ' where there is no letter.
constexpr std::string_view kLatin = "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";

template <typename Id>
void make_set(std::vector<Id>& v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
}

point along(std::span<point const> shape, double share) {
  double total = 0;
  for (std::size_t i = 1; i < shape.size(); ++i)
    total += std::hypot(shape[i].x - shape[i - 1].x, shape[i].y - shape[i - 1].y);
  double left = share * total;
  for (std::size_t i = 1; i < shape.size(); ++i) {
    double const piece = std::hypot(shape[i].x - shape[i - 1].x, shape[i].y - shape[i - 1].y);
    if (left <= piece && piece > 0) {
      auto const f = static_cast<float>(left / piece);
      return {shape[i - 1].x + f * (shape[i].x - shape[i - 1].x), shape[i - 1].y + f * (shape[i].y - shape[i - 1].y),
              0};
    }
    left -= piece;
  }
  return shape.back();
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c == 0xC3 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xC0U) == 0x80U) {
      out += kLatin[static_cast<unsigned char>(text[++i]) & 0x3FU];
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : text[i];
    }
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

target_finder::target_finder(city const& c) : city_(c), net_(*c.net) {}

bool target_finder::inside(area const& a, double x, double y) {
  if (!projection_) projection_.emplace(net_);
  return a.contains(projection_->to_lon_lat(x, y));
}

bool target_finder::middle_inside(area const& a, edge_id e) {
  point const p = along(net_.shape(lane_id(net_.edges.lanes[e].begin)), 0.5);
  return inside(a, static_cast<double>(p.x), static_cast<double>(p.y));
}

// What to say of a polygon that lies nowhere near the network; empty when it, and what it must lie within, does not.
std::string target_finder::lies_off(target_config const& t) {
  if (t.polygon.empty() && t.within.empty()) return "";
  lon_lat sw, ne;
  try {
    if (!projection_) projection_.emplace(net_);
    sw = projection_->to_lon_lat(net_.bounds.min_x, net_.bounds.min_y);
    ne = projection_->to_lon_lat(net_.bounds.max_x, net_.bounds.max_y);
  } catch (error const&) {  // NOLINT: a hint within another error
    return "";
  }
  auto const off = [&](area const& a) {
    double west = 180, east = -180, south = 90, north = -90;
    for (area_polygon const& p : a.polygons) {
      for (lon_lat const c : p.front()) {
        west = std::min(west, c.lon_deg), east = std::max(east, c.lon_deg);
        south = std::min(south, c.lat_deg), north = std::max(north, c.lat_deg);
      }
    }
    return !a.empty() && (east < sw.lon_deg || west > ne.lon_deg || north < sw.lat_deg || south > ne.lat_deg);
  };
  if (!off(t.polygon) && !off(t.within)) return "";
  return fmt::format(
      "the polygon lies off the network, which spans [{:.4f}, {:.4f}] to [{:.4f}, {:.4f}], longitude first; ",
      sw.lon_deg, sw.lat_deg, ne.lon_deg, ne.lat_deg);
}

bool target_finder::runs_towards(edge_id e, std::string const& side) const {
  double x = 0, y = 0;
  if (side.find("north") != std::string::npos) y += 1;
  if (side.find("south") != std::string::npos) y -= 1;
  if (side.find("east") != std::string::npos) x += 1;
  if (side.find("west") != std::string::npos) x -= 1;
  auto const shape = net_.shape(lane_id(net_.edges.lanes[e].begin));
  return x * static_cast<double>(shape.back().x - shape.front().x) +
             y * static_cast<double>(shape.back().y - shape.front().y) >
         0;
}

edge_id target_finder::edge(std::string const& name, std::string const& where) {
  auto const e = net_.find_edge(name);
  if (e && net_.is_normal(*e)) return *e;
  std::string const hint = did_you_mean(name, net_.edges.name);
  throw_input(where, fmt::format("the network has no edge '{}'", name),
              hint.empty() ? "the ids of its edges stand in " + net_.file.string() : hint);
}

namespace {

// People know the Avenida Marginal as "Marginal".
std::string hint_for_road(std::string const& name, std::vector<std::string> known) {
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  constexpr std::size_t kMost = 4;
  std::string within;
  std::size_t found = 0;
  for (std::string const& road : known) {
    if (folded(name).empty() || folded(road).find(folded(name)) == std::string::npos) continue;
    if (++found <= kMost) within += (within.empty() ? "'" : ", '") + road + "'";
  }
  if (found > 0) {
    return fmt::format("with that in their name: {}{}; \"*{}*\" takes them all", within,
                       found > kMost ? fmt::format(" and {} more", found - kMost) : "", name);
  }
  std::string const near = did_you_mean(name, known);
  return near.empty() ? "`*` stands for anything: \"EN6*\"" : near;
}

}  // namespace

void target_finder::add_road(std::string const& name, std::string const& where, std::vector<edge_id>& out) const {
  std::string const wanted = folded(name);
  std::size_t const before = out.size();
  for (std::size_t i = 0; i < net_.edge_count(); ++i) {
    edge_id const e(i);
    if (net_.is_normal(e) && !net_.edges.road_name[e].empty() && matches(wanted, folded(net_.edges.road_name[e])))
      out.push_back(e);
  }
  if (out.size() > before) return;
  std::vector<std::string> known;
  for (std::string const& road : net_.edges.road_name) {
    if (!road.empty() && (known.empty() || known.back() != road)) known.push_back(road);
  }
  throw_input(where, fmt::format("no road is called '{}'", name), hint_for_road(name, known));
}

std::vector<edge_id> target_finder::edges(target_config const& t, std::string const& where) {
  std::vector<edge_id> out;
  for (std::string const& name : t.edges) out.push_back(edge(name, where));
  for (std::string const& name : t.roads) add_road(name, where, out);
  for (zone_id const z : zones(t.zones, where)) {
    out.insert(out.end(), city_.zones[z].edges.begin(), city_.zones[z].edges.end());
  }
  if (!t.polygon.empty()) {
    for (std::size_t i = 0; i < net_.edge_count(); ++i) {
      if (net_.is_normal(edge_id(i)) && middle_inside(t.polygon, edge_id(i))) out.emplace_back(i);
    }
  }
  make_set(out);
  leave_out(t, where, out);
  if (out.empty())
    throw_input(where, "no edge of the network is meant",
                lies_off(t) + "polygon, within, direction and except_* leave none");
  return out;
}

void target_finder::leave_out(target_config const& t, std::string const& where, std::vector<edge_id>& out) {
  std::vector<edge_id> except;
  for (std::string const& name : t.except_edges) except.push_back(edge(name, where));
  for (std::string const& name : t.except_roads) add_road(name, where, except);
  make_set(except);
  std::erase_if(out, [&](edge_id e) {
    if (std::binary_search(except.begin(), except.end(), e)) return true;
    if (!t.direction.empty() && !runs_towards(e, t.direction)) return true;
    return !t.within.empty() && !middle_inside(t.within, e);
  });
}

std::vector<lane_id> target_finder::lanes(std::vector<edge_id> const& edges, std::vector<std::int64_t> const& numbers,
                                          std::string const& where, std::vector<edge_id>* without) {
  std::vector<lane_id> out;
  for (edge_id const e : edges) {
    range const r = net_.edges.lanes[e];
    bool missing = false;
    for (std::int64_t const n : numbers) {
      std::int64_t const i = n < 0 ? n + r.size() : n;
      if (i >= 0 && i < r.size()) {
        out.emplace_back(r.begin + static_cast<std::uint32_t>(i));
      } else {
        missing = true;
      }
    }
    if (missing && without != nullptr) without->push_back(e);
    if (missing && without == nullptr) {
      throw_input(where, fmt::format("edge '{}' has {} lane{}, numbered from 0", net_.edges.name[e], r.size(),
                                     r.size() == 1 ? "" : "s"));
    }
  }
  if (out.empty())
    throw_input(where, "no edge that is meant has such a lane", "0 is the right-most lane, -1 the left-most");
  make_set(out);
  return out;
}

std::vector<signal_id> target_finder::signals(signal_program_config const& c) {
  std::vector<signal_id> out;
  for (std::string const& name : c.signals) {
    auto const s = net_.find_signal(name);
    if (!s)
      throw_input(c.label.where, fmt::format("the network has no traffic light '{}'", name),
                  did_you_mean(name, net_.signals.name));
    out.push_back(*s);
  }
  std::vector<edge_id> roads;
  for (std::string const& name : c.roads) add_road(name, c.label.where, roads);
  make_set(roads);
  for (connection const& k : net_.connections) {
    if (!k.signal.valid()) continue;
    edge_id const e = net_.lanes.edge[k.from];
    if (!net_.is_normal(e)) continue;
    if (std::binary_search(roads.begin(), roads.end(), e)) out.push_back(k.signal);
    if (c.polygon.empty()) continue;
    point const p = net_.shape(k.from).back();
    if (inside(c.polygon, static_cast<double>(p.x), static_cast<double>(p.y))) out.push_back(k.signal);
  }
  make_set(out);
  if (out.empty())
    throw_input(c.label.where, "no traffic light is meant", "none stands where these roads end, or inside the polygon");
  return out;
}

std::vector<zone_id> target_finder::zones(std::vector<std::string> const& names, std::string const& where) {
  std::vector<zone_id> out;
  for (std::string const& name : names) {
    std::string const wanted = folded(name);
    std::size_t const before = out.size();
    if (auto const exact = city_.find_zone(name)) {
      out.push_back(*exact);
      continue;
    }
    for (std::size_t i = 0; i < city_.zones.size(); ++i) {
      zone const& z = city_.zones[zone_id(i)];
      if (matches(wanted, folded(z.name)) || matches(wanted, folded(z.label)) || matches(wanted, folded(z.parish)) ||
          wanted == z.kind) {
        out.emplace_back(i);
      }
    }
    if (out.size() > before) continue;
    std::vector<std::string> known;
    for (zone const& z : city_.zones) {
      for (std::string const& n : {z.name, z.label, z.parish}) {
        if (!n.empty()) known.push_back(n);
      }
    }
    throw_input(where, fmt::format("no zone or parish is called '{}'", name), did_you_mean(name, known));
  }
  make_set(out);
  return out;
}

std::vector<edge_id> target_finder::crossing_into(target_config const& t, std::string const& where) {
  std::vector<edge_id> out;
  area const& a = t.polygon;
  for (std::size_t i = 0; i < net_.edge_count(); ++i) {
    edge_id const e(i);
    if (!net_.is_normal(e)) continue;
    auto const shape = net_.shape(lane_id(net_.edges.lanes[e].begin));
    auto const at = [&](point const& p) { return inside(a, static_cast<double>(p.x), static_cast<double>(p.y)); };
    if (!at(shape.front()) && at(shape.back())) out.push_back(e);
  }
  leave_out(t, where, out);
  if (out.empty())
    throw_input(where, "no edge crosses into the polygon",
                lies_off(t) + "within, direction and except_* may leave none");
  return out;
}

}  // namespace gemeo
