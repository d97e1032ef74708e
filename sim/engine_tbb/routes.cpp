#include "sim/engine_tbb/routes.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr std::size_t kTidyFrom = 4096;  // edges: below that it is not worth it

// Can somebody of the class drive from one edge onto the other, by the permissions of the moment?
bool connected(world const& w, edge_id from, edge_id to, vclass cls) {
  range const lanes = w.map->net().edges.lanes[from];
  for (lane_id l(lanes.begin); l.value < lanes.end; l = lane_id(l.value + 1)) {
    if (!permits(w.allowed[l], cls)) continue;
    for (link const& k : w.map->links_of(l)) {
      if (w.map->lanes[k.to].edge == to && permits(w.allowed[k.to], cls)) return true;
    }
  }
  return false;
}

// Calls f with each range of world::route_edges that somebody has of his own.
template <typename F>
void each_own(world& w, F const& f) {
  auto const base = static_cast<std::uint32_t>(w.d->route_edges.size());
  for (std::uint32_t const k : w.changes.slot_of.raw()) {
    if (k == kNone || w.cars[k].route_end() <= base) continue;
    vehicle& v = w.cars[k];
    v.take_route(f(range{v.route_at, v.route_end()}));
  }
  for (auto& [who, change] : w.changes.waiting) change.way = f(change.way);
}

range append_route(world& w, std::span<edge_id const> way) {
  auto const begin = static_cast<std::uint32_t>(w.route_edges.size());
  w.route_edges.insert(w.route_edges.end(), way.begin(), way.end());
  return {begin, static_cast<std::uint32_t>(w.route_edges.size())};
}

}  // namespace

range entry_route(world const& w, vehicle_id v) {
  if (auto const at = w.changes.waiting.find(v); at != w.changes.waiting.end()) return at->second.way;
  return w.d->routes[w.d->vehicles.route[v]];
}

void note_entered(world& w, std::uint32_t k) {
  vehicle_id const v = w.cars[k].id;
  if (!w.changes.slot_of.empty()) w.changes.slot_of[v] = k;
  auto const at = w.changes.waiting.find(v);
  if (at == w.changes.waiting.end()) return;
  w.logs[k].reroutes = static_cast<std::uint16_t>(std::min(at->second.reroutes, 65535U));
  w.changes.waiting.erase(at);
}

void note_left(world& w, vehicle_id v) {
  if (!w.changes.slot_of.empty()) w.changes.slot_of[v] = kNone;
}

void note_slots(world& w) {
  w.changes.slot_of.raw().assign(w.d->size(), kNone);
  for (lane_state const& s : w.lanes) {
    for (slot const k : s.cars) {
      if (!w.cars[k].is(kObstacle)) w.changes.slot_of[w.cars[k].id] = k;
    }
  }
  for (teleporting const& t : w.teleports) w.changes.slot_of[w.cars[t.who].id] = t.who;
}

void note_order(world& w) {
  if (w.changes.slot_of.empty()) return;
  auto const taken = static_cast<std::uint32_t>(w.cars.size() - w.left_slots.size());  // nobody's come last
  for (std::uint32_t k = 0; k < taken; ++k) {
    if (!w.cars[k].is(kObstacle)) w.changes.slot_of[w.cars[k].id] = k;
  }
}

void tidy_routes(world& w) {
  std::size_t const base = w.d->route_edges.size();
  if (w.route_edges.size() - base < kTidyFrom + 2 * w.changes.kept) return;
  std::vector<edge_id> kept;
  each_own(w, [&](range old) {
    auto const begin = static_cast<std::uint32_t>(base + kept.size());
    kept.insert(kept.end(), w.route_edges.begin() + old.begin, w.route_edges.begin() + old.end);
    return range{begin, begin + old.size()};
  });
  w.route_edges.resize(base);
  w.route_edges.insert(w.route_edges.end(), kept.begin(), kept.end());
  w.changes.kept = kept.size();
}

void choose_entry_route(world& w, vehicle_id v, std::span<edge_id const> way) {
  if (w.changes.slot_of.empty()) note_slots(w);  // tidy_routes finds by them who has a way of his own
  w.entry_lanes.erase(v.value);
  w.changes.waiting[v].way = append_route(w, way);
}

std::string change_route(world& w, vehicle_id v, bool in_network, std::span<edge_id const> way) {
  if (way.size() > kMostEdges) return fmt::format("a way of {} edges (at most {})", way.size(), kMostEdges);
  vclass const cls = w.types[w.d->vehicles.type[v].index()].cls;
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    if (connected(w, way[i], way[i + 1], cls)) continue;
    auto const& name = w.map->net().edges.name;
    return fmt::format("nobody of its class gets from edge '{}' onto '{}'", name[way[i]], name[way[i + 1]]);
  }
  if (!in_network) {
    choose_entry_route(w, v, way);
    ++w.changes.waiting[v].reroutes;
    return {};
  }
  range const now = append_route(w, way);
  slot const k = w.changes.slot_of[v];
  vehicle& car = w.cars[k];
  car.take_route(now);
  trip_log::count(w.logs[k].reroutes);
  find_best_lanes(w, k);
  return {};
}

void save_routes(world const& w, byte_writer& out) {
  out.put(std::vector<edge_id>(w.route_edges.begin() + static_cast<std::ptrdiff_t>(w.d->route_edges.size()),
                               w.route_edges.end()));
  out.put(w.changes.kept);
  out.put(std::uint64_t{w.changes.waiting.size()});
  for (auto const& [who, change] : w.changes.waiting) {
    out.put(who);
    out.put(change);
  }
}

void restore_routes(world& w, byte_reader& in) {
  std::vector<edge_id> own;
  in.get(own);
  w.route_edges.resize(w.d->route_edges.size());
  w.route_edges.insert(w.route_edges.end(), own.begin(), own.end());
  in.get(w.changes.kept);
  w.changes.waiting.clear();
  for (std::size_t n = in.count(1); n > 0; --n) {
    auto const who = in.get<vehicle_id>();
    w.changes.waiting[who] = in.get<early_change>();
  }
  if (!w.changes.slot_of.empty() || !w.changes.waiting.empty() || !own.empty()) note_slots(w);
}

}  // namespace gemeo::micro
