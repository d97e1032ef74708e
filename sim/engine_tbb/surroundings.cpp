#include "sim/engine_tbb/surroundings.h"

#include <algorithm>
#include <limits>

namespace gemeo::micro {

namespace {

constexpr double kFarthest_m = 1000;  // that anybody is looked for

// Of those who may come from behind the one who needs most.
double longest_brake_way(world const& w, lane_id l) {
  double const v = w.lanes[l].limit * w.fleet.most_speed_factor;
  return std::min(v * v * 0.5 / w.fleet.least_decel, kFarthest_m);
}

// Could the vehicle drive over the link now, were it to arrive then?
bool opens(world const& w, vehicle const& v, link const& l, double arrival_s) {
  char const state = w.state_of(l);
  if (has_way(l, state)) return true;
  bool const stops_first = state == 's' || state == 'w';
  return !stops_first && opened(w, v, l, arrival_s, v.speed, v.speed, w.impatience_of(v));
}

// Who waits before the junction sees nobody inside it beyond a red light.
bool behind_red(world const& w, vehicle const& v, link const& l) {
  return !w.lanes[v.lane].internal && has_red(w.state_of(w.map->links[l.entry]));
}

// Inside the junction, the one that is or will be standing nearest; on the vehicle's own way only those it lets go
// first.
neighbour nearest_link_leader(world const& w, slot k, link const& l, double seen, bool own_lane) {
  static thread_local std::vector<link_leader> found;
  found.clear();
  find_link_leaders(w, k, l, seen, found, true);
  neighbour best;
  double shortest = std::numeric_limits<double>::max();
  for (link_leader const& a : found) {
    vehicle const& o = w.cars[a.who];
    driver const& t = w.type_of(o);
    double const gap = a.gap + t.brake_gap(o.speed, t.decel, 0);
    if (gap >= shortest || (own_lane && !a.in_the_way && !goes_first(w, w.cars[k], l, o))) continue;
    shortest = gap;
    best = {a.who, a.gap};
  }
  return best;
}

// The rearmost on a lane: those who are on it before those who only still reach back onto it.
slot last_on(lane_state const& s, double& back, world const& w) {
  slot who = kNone;
  if (!s.cars.empty()) {
    who = s.cars.back();
    back = w.back_of(w.cars[who]);
  } else {
    for (partial const& p : w.rears(s)) {  // the last one
      who = p.who;
      back = p.back;
    }
  }
  return who;
}

// Along the lanes ahead, one link after the other: see(link, seen) before it, and enter(lane, seen) for the lane that
// it leads onto; either ends the way by returning true.
template <class See, class Enter>
void look_along(world const& w, slot k, lane_id from, double dist, See const& see, Enter const& enter) {
  vehicle const& v = w.cars[k];
  lane_state const& f = w.lanes[from];
  std::uint32_t const start = f.internal ? w.lanes[w.map->links[f.first_link].to].index : f.index;
  double seen = f.length_m - v.pos;
  double arrival_s = seen / std::max(v.speed, kEps);
  std::uint32_t at = v.route_at;
  lane_id lane = from;
  for (int steps = 0; steps < 32; ++steps) {
    std::uint32_t const l = w.link_after(k, lane, at, start);
    if (l == kNone) return;
    link const& next = w.map->links[l];
    if (see(next, lane, seen, arrival_s)) return;
    lane = next.next;
    if (enter(lane, seen)) return;
    double const most = w.lane_speed(v, lane), length = w.lanes[lane].length_m;
    if (most < v.speed) dist = w.type_of(v).brake_gap(most);
    seen += length;
    if (seen <= dist) arrival_s += length / std::max(v.speed, kEps);
    if (!next.via.valid()) ++at;
    if (seen > dist && !w.lanes[lane].internal) return;
  }
}

}  // namespace

neighbour leader_beyond(world const& w, slot k, lane_id from, double dist) {
  vehicle const& v = w.cars[k];
  if (w.lanes[from].length_m - v.pos > dist && !w.lanes[from].internal) return {};
  neighbour found;
  look_along(
      w, k, from, dist,
      [&](link const& l, lane_id, double seen, double) {
        if (l.has(kFromInternal) && !behind_red(w, v, l)) found = nearest_link_leader(w, k, l, seen, v.lane == from);
        return bool(found);
      },
      [&](lane_id lane, double seen) {
        double back = 0;
        slot const who = last_on(w.lanes[lane], back, w);
        if (who == kNone || who == k) return false;
        found = {who, seen + back - w.type_of(v).min_gap_m};
        return true;
      });
  return found;
}

neighbour critical_leader(world const& w, slot k, lane_id from, double dist) {
  vehicle const& v = w.cars[k];
  driver const& t = w.type_of(v);
  static thread_local std::vector<link_leader> leaders;
  neighbour found;
  double safe = std::numeric_limits<double>::max();
  auto const consider = [&](neighbour const& n, double speed) {
    if (speed >= safe) return;
    safe = speed;
    found = n;
  };
  look_along(
      w, k, from, dist,
      [&](link const& l, lane_id before, double seen, double arrival_s) {
        if (!opens(w, v, l, arrival_s)) return true;
        if (!l.has(kFromInternal) || behind_red(w, v, l)) return false;
        leaders.clear();
        find_link_leaders(w, k, l, seen, leaders, true);
        for (link_leader const& a : leaders) {
          if (a.who != found.who) consider({a.who, a.gap}, speed_behind(w, k, a, seen - w.lanes[before].length_m));
        }
        return false;
      },
      [&](lane_id lane, double seen) {
        double back = 0;
        slot const who = last_on(w.lanes[lane], back, w);
        if (who == kNone || who == k || who == found.who) return false;
        double const gap = seen + back - t.min_gap_m;
        vehicle const& o = w.cars[who];
        consider({who, gap}, t.insertion_speed(gap, v.speed, o.speed, w.type_of(o).decel, w.desired(v)));
        return false;
      });
  return found;
}

namespace {

// Those behind a place, among them the one who presses most: who would miss most of the gap that he needs.
class follower_finder {
 public:
  follower_finder(world const& w, slot k, double back_m, bool changing)
      : w_(w), k_(k), ego_(w.cars[k]), back_m_(back_m), changing_(changing) {}

  neighbour find(lane_id l) {
    static thread_local std::vector<place> seen;  // those behind and what is before them, breadth first
    seen.clear();
    double reach = longest_brake_way(w_, l) - back_m_;
    auto const add_before = [&](lane_id of, double way) {
      range const r = w_.map->into[of];
      for (std::uint32_t i = r.begin; i < r.end; ++i) {
        arrival const& by = w_.map->arriving[i];
        bool const known = std::any_of(seen.begin(), seen.end(), [&](place const& p) { return p.by->from == by.from; });
        if (!known) seen.push_back({&by, way + by.length_m});
      }
    };
    add_before(l, 0);
    for (std::size_t next = 0; next < seen.size(); ++next) {
      arrival const& by = *seen[next].by;
      double const way = seen[next].way;
      reach = std::max(reach, longest_brake_way(w_, by.from) - back_m_);
      if (w_.occupants[by.from] != 0) look_at(by, way);
      if (changing_ && back_m_ + way - by.length_m < 0 && still_on(w_.map->lanes[by.from].edge)) look_inside(by);
      if (way < reach) add_before(by.from, way);
    }
    return best_;
  }

 private:
  struct place {
    arrival const* by;  // towards ego
    double way;         // from the begin of its lane to that of the place's lane
  };

  [[nodiscard]] bool still_on(edge_id e) const {  // with its rear
    for (std::uint8_t b = 0; b < ego_.behinds; ++b) {
      if (w_.map->lanes[w_.pasts[k_].behind[b]].edge == e) return true;
    }
    return false;
  }

  void consider(slot who, double gap) {
    vehicle const& o = w_.cars[who];
    double const need = w_.type_of(o).secure_gap(o.speed, ego_.speed, w_.type_of(ego_).decel) - gap;
    if (need <= missing_) return;
    missing_ = need;
    best_ = {who, gap};
  }

  // Only the foremost counts, be it ego itself; whose front has left the lane presses where ego would touch it, or
  // where it is on ego's edge.
  void look_at(arrival const& by, double way) {
    lane_state const& s = w_.lanes[by.from];
    slot who = s.cars.empty() ? kNone : s.cars.front();
    if (s.first_rear != kNone) {
      partial const& p = w_.partials[s.first_rear];
      vehicle const& o = w_.cars[p.who];
      if (p.who == k_) return;
      double const gap = way - by.length_m + back_m_ - w_.type_of(o).min_gap_m;
      if (gap <= 0 || w_.map->lanes[o.lane].edge == w_.map->lanes[ego_.lane].edge) return consider(p.who, gap);
    }
    if (who == kNone || who == k_) return;
    vehicle const& o = w_.cars[who];
    double gap = way - o.pos + back_m_ - w_.type_of(o).min_gap_m;
    bool const minor = !has_priority(w_.state_of(w_.map->links[by.link]));
    if (changing_ && minor && !still_on(w_.map->lanes[by.from].edge)) gap = std::max(gap, 0.0);
    consider(who, gap);
  }

  // Whose ways meet the one on which its rear would be.
  void look_inside(arrival const& by) {
    link const& l = w_.map->links[by.link];
    if (!l.has(kFromInternal)) return;
    static thread_local std::vector<link_leader> found;
    found.clear();
    find_link_leaders(w_, k_, l, -back_m_, found, true);
    driver const& t = w_.type_of(ego_);
    for (link_leader const& a : found) {
      vehicle const& o = w_.cars[a.who];
      bool const follows = goes_first(w_, o, l, ego_);
      consider(a.who, follows ? -a.gap - w_.type_of(o).length_with_gap() - t.min_gap_m : a.gap + t.length_m);
    }
  }

  world const& w_;
  slot k_;
  vehicle const& ego_;
  double back_m_;
  bool changing_;
  neighbour best_;
  double missing_ = -std::numeric_limits<double>::max();
};

}  // namespace

neighbour follower_before(world const& w, lane_id l, double back_m, slot k, bool changing) {
  return follower_finder(w, k, back_m, changing).find(l);
}

}  // namespace gemeo::micro
