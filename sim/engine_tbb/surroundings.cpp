#include "sim/engine_tbb/surroundings.h"

#include <algorithm>
#include <limits>

namespace gemeo::micro {

namespace {

constexpr double kLeastDecel = 3.5;  // of vehicles that may come from behind
constexpr double kMostSpeedFactor = 1.2;

double longest_brake_way(world const& w, lane_id l) {
  double const v = w.lanes[l].limit * kMostSpeedFactor;
  return v * v * 0.5 / kLeastDecel;
}

neighbour nearest_link_leader(world const& w, slot k, link const& l, double seen) {
  static thread_local std::vector<link_leader> found;
  found.clear();
  find_link_leaders(w, k, l, seen, found);
  neighbour best;
  for (link_leader const& a : found) {
    if (best.who == kNone || a.gap < best.gap) best = {a.who, a.gap};
  }
  return best;
}

}  // namespace

neighbour leader_beyond(world const& w, slot k, lane_id from, double dist) {
  vehicle const& v = w.cars[k];
  driver const& t = w.type_of(v);
  double seen = w.lanes[from].length_m - v.pos;
  if (seen > dist && !w.lanes[from].internal) return {};
  lane_id lane = from;
  std::uint32_t at = v.route_at;
  lane_state const& f = w.lanes[from];
  std::uint32_t const start = f.internal ? w.lanes[w.map->links[f.first_link].to].index : f.index;
  double arrival_s = seen / std::max(v.speed, kEps);
  for (int steps = 0; steps < 32; ++steps) {
    std::uint32_t const l = w.link_after(k, lane, at, start);
    if (l == kNone) return {};
    link const& next = w.map->links[l];
    if (!has_way(next, w.state_of(next)) && !opened(w, v, next, arrival_s, v.speed, v.speed, w.impatience_of(v)))
      return {};
    if (next.has(kFromInternal)) {
      if (neighbour const n = nearest_link_leader(w, k, next, seen)) return n;
    }
    lane = next.next;
    lane_state const& s = w.lanes[lane];
    neighbour best;
    double back = std::numeric_limits<double>::max();
    if (!s.cars.empty()) {
      best.who = s.cars.back();
      back = w.back_of(w.cars[best.who]);
    }
    for (partial const& p : w.rears(s)) {
      if (p.back < back && p.who != k) {
        back = p.back;
        best.who = p.who;
      }
    }
    if (best.who != kNone && best.who != k) return {best.who, seen + back - t.min_gap_m};
    double const most = w.lane_speed(v, lane);
    if (most < v.speed) dist = t.brake_gap(most);
    seen += w.lanes[lane].length_m;
    if (!next.via.valid()) ++at;
    if (seen > dist && !w.lanes[lane].internal) return {};
  }
  return {};
}

neighbour follower_before(world const& w, lane_id l, double back_m, vehicle const& ego, bool major_only) {
  struct place {
    arrival const* by;  // towards ego
    double way;         // from the begin of its lane to that of l
  };
  static thread_local std::vector<place> seen;  // those behind and what is before them, breadth first
  seen.clear();
  double const reach = longest_brake_way(w, l) - back_m;
  auto const add_before = [&](lane_id of, double way) {
    range const r = w.map->into[of];
    for (std::uint32_t i = r.begin; i < r.end; ++i) {
      arrival const& by = w.map->arriving[i];
      seen.push_back({&by, way + by.length_m});
    }
  };
  neighbour best;
  double missing = -std::numeric_limits<double>::max();
  add_before(l, 0);
  for (std::size_t next = 0; next < seen.size(); ++next) {
    arrival const& by = *seen[next].by;
    double const way = seen[next].way;
    lane_cars const& cars = w.lanes[by.from].cars;
    if (w.occupants[by.from] != 0 && !cars.empty() && &w.cars[cars.front()] != &ego) {
      vehicle const& o = w.cars[cars.front()];
      driver const& f = w.type_of(o);
      double gap = way - o.pos + back_m - f.min_gap_m;
      if (major_only && !has_priority(w.state_of(w.map->links[by.link]))) gap = std::max(gap, 0.0);
      double const need = f.secure_gap(o.speed, ego.speed, w.type_of(ego).decel) - gap;
      if (need > missing) {
        missing = need;
        best = {cars.front(), gap};
      }
      continue;
    }
    if (way < reach) add_before(by.from, way);
  }
  return best;
}

}  // namespace gemeo::micro
