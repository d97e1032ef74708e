// How vehicles enter the road (SUMO's MSLane::isInsertionSuccess) and leave it: departures, teleports, arrivals.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/random.h"
#include "sim/engine_tbb/surroundings.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr double kBestLaneLookAhead_m = 3000;
constexpr double kTeleportSpeed_mps = 1;

class inserter {
 public:
  inserter(world& w, slot k) : w_(w), k_(k), v_(w.cars[k]), t_(w.type_of(v_)) {}

  // At pos of the lane with the given speed, or a lower one where patch; false: not now.
  bool try_at(lane_id l, double pos, double speed, bool patch) {
    patch_ = patch;
    pos = std::clamp(pos, 0.0, double(w_.lanes[l].length_m));
    v_.lane = l;
    v_.pos = pos;
    if (!ahead_allows(l, pos, speed) || !leader_allows(l, pos, speed) || !followers_allow(l, pos, speed) || speed < 0) {
      v_.lane = {};
      return false;
    }
    enter(l, pos, speed);
    return true;
  }

 private:
  bool lower(double& speed, double allowed) const {  // false: not at this speed
    if (allowed >= speed) return true;
    if (!patch_ && speed > 0) return false;
    speed = std::min(allowed, speed);
    return true;
  }

  bool ahead_allows(lane_id l, double pos, double& speed) {
    double seen = w_.lanes[l].length_m - pos;
    double dist = t_.brake_gap(speed) + t_.min_gap_m;
    lane_id lane = l;
    std::uint32_t at = v_.route_at;
    std::uint32_t const start = w_.lanes[l].index;
    double arrival_s = seen / std::max(speed, kHalting_mps);
    if (!stop_allows(l, -pos, speed)) return false;
    for (int steps = 0; steps < 32 && seen < dist; ++steps) {
      std::uint32_t const k = w_.link_after(k_, lane, at, start);
      if (k == kNone) {
        bool const last = !w_.lanes[lane].internal && at + 1 >= v_.route_end();
        return last || lower(speed, t_.insertion_stop_speed(speed, seen, w_.desired(v_)));
      }
      link const& next = w_.map->links[k];
      bool const open = opened(w_, v_, next, arrival_s, speed, speed, t_.impatience);
      if (!open || !has_priority(w_.state_of(next)))  // as far as it needs to know: it could stop there
        return lower(speed, t_.insertion_stop_speed(speed, seen, w_.desired(v_)));
      lane_id const to = next.next;
      if (!stop_allows(to, seen, speed)) return false;
      lane_state const& s = w_.lanes[to];
      double back = std::numeric_limits<double>::max(), its = 0, decel = 0;
      if (!s.cars.empty()) see_rear(s.cars.back(), w_.back_of(w_.cars[s.cars.back()]), back, its, decel);
      for (partial const& p : w_.rears(s)) see_rear(p.who, p.back, back, its, decel);
      if (back < std::numeric_limits<double>::max()) {
        double const gap = back + seen - t_.min_gap_m;
        if (gap < 0 || !lower(speed, t_.insertion_speed(gap, speed, its, decel, w_.desired(v_)))) return false;
      }
      double const slow = t_.free_speed(speed, seen, w_.lane_speed(v_, to), w_.desired(v_), true);
      if (slow < speed && patch_) speed = slow;
      double const leave_s = arrival_s + (next.length_m + t_.length_m) / std::max(speed, kEps);
      if (approached_by_foe(w_, v_, next, arrival_s, leave_s, speed) &&
          !lower(speed, t_.insertion_stop_speed(speed, seen, w_.desired(v_))))
        return false;
      dist = t_.brake_gap(speed) + t_.min_gap_m;
      arrival_s += w_.lanes[to].length_m / std::max(speed, kEps);
      seen += w_.lanes[to].length_m;
      lane = to;
      if (!next.via.valid()) ++at;
    }
    return true;
  }

  // A stop on a lane that begins so far ahead.
  bool stop_allows(lane_id l, double begins_m, double& speed) const {
    if (!w_.calls_somewhere(k_)) return true;
    bus_stop const& stop = w_.next_stop(k_);
    return stop.lane != l || lower(speed, t_.stop_speed(speed, begins_m + stop.end_m, w_.desired(v_)));
  }

  void see_rear(slot who, double rear, double& back, double& speed, double& decel) const {
    if (rear >= back || who == k_) return;
    back = rear;
    speed = w_.cars[who].speed;
    decel = w_.type_of(w_.cars[who]).decel;
  }

  bool leader_allows(lane_id l, double pos, double& speed) {
    double back = std::numeric_limits<double>::max(), its = 0, decel = 0;
    for (slot const o : w_.lanes[l].cars) {
      if (w_.cars[o].pos < pos) break;
      see_rear(o, w_.back_of(w_.cars[o]), back, its, decel);
    }
    for (partial const& p : w_.rears(w_.lanes[l])) {
      if (p.back + w_.type_of(w_.cars[p.who]).length_m >= pos) see_rear(p.who, p.back, back, its, decel);
    }
    if (back == std::numeric_limits<double>::max()) return true;
    double const gap = back - pos - t_.min_gap_m;
    return gap >= 0 && lower(speed, t_.insertion_speed(gap, speed, its, decel, w_.desired(v_)));
  }

  bool followers_allow(lane_id l, double pos, double speed) {
    double const back = pos - t_.length_m;
    for (slot const o : w_.lanes[l].cars) {
      vehicle const& f = w_.cars[o];
      if (f.pos >= pos) continue;
      driver const& d = w_.type_of(f);
      return back - f.pos - d.min_gap_m >= d.secure_gap(f.speed, speed, t_.decel);
    }
    v_.speed = speed;
    neighbour const n = follower_before(w_, l, back, k_, false);
    if (!n) return true;
    vehicle const& f = w_.cars[n.who];
    return n.gap >= w_.type_of(f).secure_gap(f.speed, speed, t_.decel);
  }

  void enter(lane_id l, double pos, double speed) {
    v_.speed = speed;
    v_.lane = l;
    v_.pos = pos;
    v_.behinds = 0;
    v_.set(kEntered, false);
    v_.entered_conflict = w_.pasts[k_].entered_first = kNever;
    lane_cars const& cars = w_.lanes[l].cars;
    slot const* const behind = std::find_if(cars.begin(), cars.end(), [&](slot o) {
      return w_.cars[o].pos < pos || (w_.cars[o].pos == pos && w_.cars[o].id > v_.id);
    });
    w_.join(l, behind, k_);
  }

  world& w_;
  slot k_;
  vehicle& v_;
  driver const& t_;
  bool patch_ = true;
};

// Of some lanes the one with the most room at its begin (SUMO's getFreeLane).
lane_id freest(world const& w, std::vector<lane_id> const& among, double depart_pos) {
  lane_id best;
  double gap = 0, speed = 0;
  lane_id emptiest;
  double least = std::numeric_limits<double>::max();
  for (lane_id const l : among) {
    lane_state const& s = w.lanes[l];
    double const occupancy = w.brutto_m(l) / std::max(0.1, w.lanes[l].length_m);
    if (occupancy < least) {
      least = occupancy;
      emptiest = l;
    }
    double const its_gap =
        (s.cars.empty() ? double(w.lanes[l].length_m) : w.back_of(w.cars[s.cars.back()])) - depart_pos;
    double const its_speed = s.cars.empty() ? double(w.lanes[l].limit) : w.cars[s.cars.back()].speed;
    if (its_gap > gap || (its_gap == gap && its_speed > speed && its_gap < depart_pos)) {
      gap = its_gap;
      best = l;
      speed = its_speed;
    }
  }
  return best.valid() ? best : emptiest;
}

}  // namespace

void know_fleet(world& w) {
  static constexpr double kAhead_s = 200;  // SUMO's option route-steps
  vehicle_table const& t = w.d->vehicles;
  double const until_s = w.s->begin_s + kAhead_s * (1 + std::floor((w.now_s - w.s->begin_s) / kAhead_s));
  known_fleet& f = w.fleet;
  for (; f.known < t.depart_s.size() && t.depart_s[vehicle_id(f.known)] <= until_s; ++f.known) {
    vehicle_id const v(f.known);
    f.most_speed_factor = std::max(f.most_speed_factor, static_cast<double>(t.speed_factor[v]));
    f.least_decel = std::min(f.least_decel, w.types[t.type[v].index()].decel);
  }
}

slot take_slot(world& w) {
  if (!w.free_slots.empty()) {
    slot const k = w.free_slots.back();
    w.free_slots.pop_back();
    w.cars[k] = {};
    w.pasts[k] = {};
    w.logs[k] = trip_log{};
    if (!w.emission_of.empty()) w.emitted_by[k] = {};
    return k;
  }
  std::size_t const n = w.cars.size() + 1;
  verify(n <= kMostSlots, "at most 268,435,456 vehicles are underway at once");
  make_room(w.cars, n);
  w.cars.resize(n);
  make_room(w.pasts, n);
  w.pasts.resize(n);
  make_room(w.logs, n);
  w.logs.resize(n);
  make_room(w.choices, n * w.map->max_lanes);
  w.choices.resize(n * w.map->max_lanes);
  if (w.map->has_wide_edges()) {
    make_room(w.far_ways, n * w.map->max_lanes);
    w.far_ways.resize(n * w.map->max_lanes);
  }
  if (!w.emission_of.empty()) {
    make_room(w.emitted_by, n);
    w.emitted_by.resize(n);
  }
  return static_cast<slot>(w.cars.size() - 1);
}

bool place(world& w, slot k, lane_id l, double pos, double speed, bool patch) {
  return inserter(w, k).try_at(l, pos, speed, patch);
}

// Somewhere on the lane (SUMO's freeInsertion).
bool place_anywhere(world& w, slot k, lane_id l, double speed) {
  driver const& t = w.type_of(w.cars[k]);
  lane_cars const cars = w.lanes[l].cars;
  double const length = w.lanes[l].length_m;
  double const own_speed = std::min(speed, w.lane_speed(w.cars[k], l));
  if (cars.empty()) {
    return place(w, k, l, std::min(length, t.length_m + kPosEps), own_speed, true);
  }
  // before the rearmost, then between the others
  vehicle const& rear = w.cars[cars.back()];
  double const v = std::min(own_speed, rear.speed);
  double const front = w.back_of(rear) - t.secure_gap(v, rear.speed, w.type_of(rear).decel) - t.min_gap_m;
  if (front >= std::min(length, t.length_m) && place(w, k, l, std::min(front, length), v, true)) return true;
  for (std::size_t i = cars.size(); i-- > 0;) {
    vehicle const& follower = w.cars[cars[i]];
    driver const& f = w.type_of(follower);
    double v2 = own_speed, most = length;
    if (i > 0) {
      vehicle const& lead = w.cars[cars[i - 1]];
      v2 = std::min(own_speed, lead.speed);
      most = w.back_of(lead) - t.secure_gap(v2, lead.speed, w.type_of(lead).decel) - t.min_gap_m;
    }
    double const least = follower.pos + f.min_gap_m + f.secure_gap(follower.speed, v2, t.decel) + t.length_m;
    if (most > 0 && least + kPosEps < most && place(w, k, l, least + kPosEps, v2, true)) return true;
  }
  return false;
}

namespace {

// The lane a vehicle would enter, by its choice (SUMO manual, "departLane"); invalid: none that it may use.
lane_id entry_lane(world& w, slot k, departure const& start, double pos) {
  vehicle const& v = w.cars[k];
  range const lanes = w.map->net().edges.lanes[w.route_edges[v.route_at]];
  if (start.lane == depart_lane::kGiven)
    return start.lane_index < lanes.size() ? lane_id(lanes.begin + start.lane_index) : lane_id{};
  std::uint16_t& known = w.entry_lanes[v.id.value];
  std::vector<lane_id> good;
  double longest = 0;
  for (std::uint32_t i = 0; i < lanes.size(); ++i) longest = std::max(longest, double(w.choices_of(k)[i].length_m()));
  for (std::uint32_t i = 0; i < lanes.size(); ++i) {
    lane_id const l(lanes.begin + i);
    lane_choice const& q = w.choices_of(k)[i];
    if (!w.permits_on(l, v)) continue;
    if (start.lane == depart_lane::kBest && q.length_m() < std::min(kBestLaneLookAhead_m, longest)) continue;
    if (start.lane == depart_lane::kAllowed && !q.continues) continue;
    good.push_back(l);
    known = static_cast<std::uint16_t>(known | 1U << i);
  }
  if (good.empty()) return {};
  if (start.lane == depart_lane::kFirst) return good.front();
  if (start.lane == depart_lane::kRandom) {
    double const u = random_uniform(w.seed, w.key_of(v), static_cast<std::uint64_t>(w.tick), draw::kEntry);
    return good[std::min(good.size() - 1, static_cast<std::size_t>(u * static_cast<double>(good.size())))];
  }
  return freest(w, good, pos);
}

// Chooses place and speed on the lane, and tries (MSLane::insertVehicle).
bool enter_lane(world& w, slot k, lane_id l, departure const& start, double base) {
  vehicle const& v = w.cars[k];
  double const length = w.lanes[l].length_m, most = w.lane_speed(v, l);
  lane_state const& s = w.lanes[l];
  auto const drawn = [&](std::uint64_t n) {
    return random_uniform(w.seed, w.key_of(v), static_cast<std::uint64_t>(w.tick) * 16 + n, draw::kEntry);
  };
  double speed = 0;
  bool patch = true;
  switch (start.speed) {
    case depart_speed::kGiven:
      speed = start.speed_mps;
      patch = false;
      break;
    case depart_speed::kMax:
      speed = most;
      break;
    case depart_speed::kDesired:
      speed = most;
      patch = false;
      break;
    case depart_speed::kSpeedLimit:
      speed = w.lanes[l].limit;
      patch = false;
      break;
    case depart_speed::kRandom:
      speed = drawn(15) * most;
      break;
    case depart_speed::kLast:
      speed = s.cars.empty() ? most : std::min(most, w.cars[s.cars.back()].speed);
      break;
    case depart_speed::kAvg: {
      double sum = 0;
      for (slot const o : s.cars) sum += w.cars[o].speed;
      speed = s.cars.empty() ? most : std::min(most, sum / static_cast<double>(s.cars.size()));
      break;
    }
  }
  switch (start.pos) {
    case depart_pos::kGiven:
      return place(w, k, l, start.pos_m, speed, patch);
    case depart_pos::kRandom:
      return place(w, k, l, drawn(0) * length, speed, patch);
    case depart_pos::kFree:
      return place_anywhere(w, k, l, speed);
    case depart_pos::kRandomFree:
      for (std::uint64_t n = 0; n < 10; ++n) {
        if (place(w, k, l, drawn(n) * length, speed, patch)) return true;
      }
      return place_anywhere(w, k, l, speed);
    case depart_pos::kLast: {
      if (s.cars.empty()) return place(w, k, l, base, speed, patch);
      vehicle const& rear = w.cars[s.cars.back()];
      driver const& t = w.type_of(v);
      double const front = w.back_of(rear) - t.min_gap_m - t.secure_gap(speed, rear.speed, w.type_of(rear).decel);
      return front >= std::min(base, length) && place(w, k, l, std::min(front, length), speed, patch);
    }
    case depart_pos::kStop:
      if (w.calls_somewhere(k)) {
        bus_stop const& stop = w.next_stop(k);
        if (stop.lane == l) return place(w, k, l, stop.end_m, speed, patch);
      }
      return place(w, k, l, base, speed, patch);
    case depart_pos::kBase:
      break;
  }
  return place(w, k, l, base, speed, patch);
}

// Whether somebody failed to enter in this tick by each of the lanes that the vehicle could take.
bool all_full(world const& w, vehicle_id id) {
  range const lanes = w.map->net().edges.lanes[w.route_edges[entry_route(w, id).begin]];
  auto const noted = w.entry_lanes.find(id.value);
  std::uint16_t const known = noted == w.entry_lanes.end() ? std::uint16_t{0} : noted->second;
  for (std::uint32_t i = 0; i < lanes.size(); ++i) {
    if ((known == 0 || (known >> i & 1U) != 0) && w.full[lanes.begin + i] == 0) return false;
  }
  return true;
}

}  // namespace

double arrival_m(world const& w, vehicle const& v) {
  double const last_m = w.lanes[lane_id(w.map->edges[w.route_edges[v.route_end() - 1]].lanes.begin)].length_m;
  if (w.d->vehicles.start.empty()) return last_m;
  departure const& start = w.d->vehicles.start[v.id];
  if (start.end == arrival_pos::kGiven) return std::clamp(start.end_pos_m, 0.0, last_m);
  if (start.end == arrival_pos::kCenter) return last_m / 2;
  if (start.end == arrival_pos::kRandom) return last_m * random_uniform(w.seed, w.key_of(v), 0, draw::kEntry);
  return last_m;
}

void find_entry_lanes(world const& w, thread_team const& team, std::span<vehicle_id const> who,
                      std::vector<lane_choice>& out) {
  static constexpr std::size_t kWorthIt = 16;
  out.clear();
  if (team.threads() == 1 || who.size() < kWorthIt || w.map->has_wide_edges()) return;
  std::size_t const each = w.map->max_lanes;
  out.resize(who.size() * each);
  vehicle_table const& t = w.d->vehicles;
  team.run(who.size(), kWorthIt / 2, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (!t.route[who[i]].valid() || t.stops[who[i]].size() > 0) continue;  // asked again
      range const route = entry_route(w, who[i]);
      route_place const at{&w.types[t.type[who[i]].index()], route.begin, route.end, kNone, nullptr};
      find_best_lanes(w, at, {out.data() + i * each, each}, nullptr);
    }
  });
}

bool insert_vehicle(world& w, vehicle_id id, lane_choice const* lanes) {
  demand const& d = *w.d;
  departure start{.lane = depart_lane::kBest, .speed = depart_speed::kMax};  // of a city's own demand
  if (!d.vehicles.start.empty()) start = d.vehicles.start[id];
  if (all_full(w, id)) return false;
  slot const k = take_slot(w);
  vehicle& v = w.cars[k];
  trip_log& log = w.logs[k];
  range const route = entry_route(w, id);
  v.id = id;
  v.type = static_cast<std::uint16_t>(d.vehicles.type[id].index());
  v.speed_factor = d.vehicles.speed_factor[id] > 0 ? d.vehicles.speed_factor[id] : 1.0F;
  v.take_route(route);
  range const stops = d.vehicles.stops[id];
  if (stops.size() > 0) w.calls[id] = {.next_stop = stops.begin, .stops_end = stops.end};
  find_next_stop(w, k);
  if (lanes != nullptr && stops.size() == 0)
    std::copy_n(lanes, w.map->edges[w.route_edges[route.begin]].lanes.size(), w.choices_of(k).begin());
  else
    find_best_lanes(w, k);
  lane_id const first(w.map->net().edges.lanes[w.route_edges[route.begin]].begin);
  double const base = std::min(w.type_of(v).length_m + kPosEps, w.lanes[first].length_m);
  lane_id const l = entry_lane(w, k, start, start.pos == depart_pos::kBase ? base : 0);
  bool const tries = l.valid() && w.full[l.index()] == 0;
  if (!tries || !enter_lane(w, k, l, start, base)) {
    if (tries) {
      w.full[l.index()] = 1;
      w.full_lanes.push_back(l);
    }
    w.free_slots.push_back(k);
    w.calls.erase(id);
    return false;
  }
  w.entry_lanes.erase(id.value);
  note_entered(w, k);
  log.departed = static_cast<std::int32_t>(w.tick);
  log.length_m = static_cast<float>(-w.cars[k].pos);
  ++w.counts[w.lanes[l].edge].departed;
  return true;
}

void finish_vehicle(world& w, slot k, observations& out, trip_state how) {
  vehicle& v = w.cars[k];
  trip_log const& log = w.logs[k];
  trip_record r;
  r.vehicle = v.id;
  r.state = how;
  r.depart_s = w.time_of(log.departed);
  r.depart_delay_s = std::max(0.0, r.depart_s - w.d->vehicles.depart_s[v.id]);
  r.arrival_s = how == trip_state::kArrived ? w.now_s : -1;
  r.duration_s = w.now_s - r.depart_s;
  double const here = v.lane.valid() ? std::min(v.pos, double(w.lanes[v.lane].length_m)) : 0.0;
  r.route_length_m = std::max(0.0, log.length_m + here);  // the log is in float: who has not moved is 1e-7 m short
  r.waiting_s = log.waited_s;
  auto const calls = w.calls.find(v.id);
  r.stop_time_s = calls == w.calls.end() ? 0 : calls->second.stood_s;
  r.time_loss_s = log.time_loss_s;
  r.waiting_count = log.waits;
  r.reroutes = log.reroutes;
  auto const teleports = w.teleported.find(v.id);
  r.teleports = teleports == w.teleported.end() ? std::uint16_t{0} : teleports->second;
  if (!w.emitted_by.empty()) {
    emitted const& e = w.emitted_by[k];
    r.co2_mg = static_cast<float>(e.co2);
    r.nox_mg = static_cast<float>(e.nox);
    r.pmx_mg = static_cast<float>(e.pmx);
    r.fuel_mg = static_cast<float>(e.fuel);
  }
  out.trips.push_back(r);
  note_left(w, v.id);
  w.calls.erase(v.id);
  w.teleported.erase(v.id);
}

void proceed_teleports(world& w, observations& out, counters& count) {
  std::vector<teleporting> still;
  for (teleporting t : w.teleports) {
    vehicle& v = w.cars[t.who];
    edge_id const e = w.route_edges[v.route_at];
    range const lanes = w.map->net().edges.lanes[e];
    std::vector<lane_id> good;
    for (std::uint32_t i = 0; i < lanes.size(); ++i) {
      if (w.choices_of(t.who)[i].continues && w.permits_on(lane_id(lanes.begin + i), v))
        good.push_back(lane_id(lanes.begin + i));
    }
    lane_id const l = freest(w, good, 0);
    if (l.valid() && place_anywhere(w, t.who, l, std::min(double(w.lanes[l].limit), w.type_of(v).max_speed))) {
      w.logs[t.who].length_m -= static_cast<float>(v.pos);
      ++w.counts[e].entered;
      continue;
    }
    double const travel_s =
        w.map->net().length_m(e) / std::max(kTeleportSpeed_mps, double(w.lanes[lane_id(lanes.begin)].limit));
    if (t.proceed_s < 0) {
      t.proceed_s = w.now_s + travel_s;
    } else if (t.proceed_s < w.now_s) {
      if (v.on_last_edge()) {
        finish_vehicle(w, t.who, out, trip_state::kArrived);
        ++count.arrived;
        w.left_slots.push_back(t.who);
        continue;
      }
      v.enter_next_edge();
      v.ahead = 0;
      find_next_stop(w, t.who);
      find_best_lanes(w, t.who);
      t.proceed_s = w.now_s + travel_s;
    }
    still.push_back(t);
  }
  w.teleports = std::move(still);
}

}  // namespace gemeo::micro
