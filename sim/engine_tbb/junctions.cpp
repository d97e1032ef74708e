// Right of way: is a link open for who arrives then and so (SUMO's MSLink: gap acceptance on arrival and leave times),
// and who inside the junction is in the way.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr double kMinorGap_s = 1;  // time kept free before and behind those who have priority
constexpr double kZipperGap_s = 4;
constexpr double kCannotStop_s = 30;

double leave_time(link const& l, double arrival_s, double arrival_speed, double leave_speed, double length_m) {
  return arrival_s + (l.length_m + length_m) / std::max(0.5 * (arrival_speed + leave_speed), kEps);
}

// Would follower have to brake for leader, were they to enter the same lane one after the other?
bool unsafe_merge(double leader_speed, double follower_speed, double leader_decel, double follower_decel) {
  return leader_speed * leader_speed / leader_decel <= follower_speed * follower_speed / follower_decel;
}

// When a foe would arrive that brakes as far as impatient drivers expect of it.
double braking_arrival(world const& w, double arrival_s, approach const& a, double planned_s, driver const& foe,
                       double impatience, double& braking_speed) {
  double const its_s = planned_s - w.approaches_age_s;
  if (std::floor(arrival_s / w.dt) == std::floor(its_s / w.dt)) return its_s;
  double const m = foe.decel * impatience, dt = its_s - arrival_s;
  double const d = dt * m, saved = dt * d / 2;
  double const v = a.way_m / (planned_s + w.dt);
  double const rest = a.way_m - v * arrival_s;
  if (0.5 * v * v / m <= rest) {
    braking_speed = 0;
    return its_s + kCannotStop_s;
  }
  double const root = 4 * (v - d) * (v - d) - 8 * m * saved;
  if (root < 0) {
    braking_speed = 0;
    return its_s + kCannotStop_s;
  }
  double const x = (std::sqrt(root) * -0.5 - d + v) / m;
  braking_speed = v - (dt + x) * m;
  return its_s + x;
}

bool blocked_by(world const& w, vehicle const& v, link const& l, link const& its_link, std::uint32_t its,
                double arrival_s, double leave_s, double arrival_speed, double leave_speed, bool same_target,
                double impatience) {
  approach const& a = w.approaches[its];
  if (!a.passes) return false;
  driver const& foe = w.type_of(w.cars[a.who]);
  double const planned_s = a.arrival_s(foe), its_arrival_s = planned_s - w.approaches_age_s;
  char const state = w.state_of(l);
  if (state == 'w') {  // all-way stop: who waits longest
    float const waiting_s = w.details[its].waiting_s;
    if (v.waiting_s > waiting_s) return false;
    if (v.waiting_s == waiting_s && arrival_s < its_arrival_s) return false;
  }
  driver const& me = w.type_of(v);
  double foe_arrival = its_arrival_s;
  double foe_braking = a.reckoned ? foe.braking_arrival_speed(a.way_m, a.arrives_from, a.arrival_speed) : 0;
  if (impatience > 0 && arrival_s < its_arrival_s) {
    double const b = braking_arrival(w, arrival_s, a, planned_s, foe, impatience, foe_braking);
    foe_arrival = (1 - impatience) * its_arrival_s + impatience * b;
  }
  double const its_leave_s =
      leave_time(its_link, planned_s, a.arrival_speed, a.leave_speed, foe.length_m) - w.approaches_age_s;
  double const gap = state == 'Z' ? kZipperGap_s : kMinorGap_s;
  if (its_leave_s < arrival_s) {
    return same_target &&
           (arrival_s - its_leave_s < gap || unsafe_merge(a.leave_speed, arrival_speed, foe.decel, me.decel));
  }
  if (foe_arrival > leave_s + gap) return same_target && unsafe_merge(leave_speed, foe_braking, me.decel, foe.decel);
  return true;
}

// Now, where that may be read.
bool stands(world const& w, approach const& a) { return w.moving ? a.stands : w.cars[a.who].speed <= kHalting_mps; }

}  // namespace

bool opened(world const& w, vehicle const& v, link const& l, double arrival_s, double arrival_speed, double leave_speed,
            double impatience, std::vector<std::uint32_t>* collect) {
  char const state = w.state_of(l);
  if (has_way(l, state)) return true;
  if (has_red(state)) return false;
  if (w.entered_by(l) == 'G' && state != 'Z') return true;
  if ((state == 's' || state == 'w') && v.waiting_s == 0) return false;
  double const leave_s = leave_time(l, arrival_s, arrival_speed, leave_speed, w.type_of(v).length_m);
  bool const red_before = w.entered_by(l) == 'r';
  slot const me = w.slot_of(v);
  for (std::uint32_t i = l.foes.begin; i < l.foes.end; ++i) {
    std::uint32_t const foe = w.map->foe_links[i];
    link const& its_link = w.map->links[foe];
    bool const same_target = its_link.to == l.to;
    for (std::uint32_t a = w.approach_head[foe]; a < approach::kLast; a = w.approaches[a].next) {
      approach const& o = w.approaches[a];
      if (o.who == me || (red_before && stands(w, o))) continue;
      if (!blocked_by(w, v, l, its_link, a, arrival_s, leave_s, arrival_speed, leave_speed, same_target, impatience))
        continue;
      if (collect == nullptr) return false;
      collect->push_back(a);
    }
  }
  return collect == nullptr || collect->empty();
}

namespace {

// Somebody on a lane inside the junction that crosses or joins the way behind this link, by which one comes onto it?
bool crossed_inside(world const& w, link const& l) {
  network const& n = w.map->net();
  range const requests = n.junctions.requests[l.junction], inner = n.junctions.internal_lanes[l.junction];
  if (l.has(kFromInternal) || l.request == kNone || l.request >= requests.size()) return false;
  request const& mine = n.requests[requests.begin + l.request];
  for (std::uint32_t c = 0; c < requests.size() && c < inner.size(); ++c) {
    if (!mine.foes[c]) continue;
    lane_id const foe = n.lane_refs[inner.begin + c];
    if (w.occupants[foe] != 0) return true;
    std::uint32_t const first_half = w.map->lanes[foe].single_before;
    if (!mine.response[c] || first_half == kNone || !w.map->lanes[lane_id(first_half)].internal) continue;
    if (w.occupants[lane_id(first_half)] != 0) return true;
  }
  return false;
}

}  // namespace

bool approached_by_foe(world const& w, vehicle const& v, link const& l, double arrival_s, double leave_s,
                       double speed) {
  for (std::uint32_t i = l.foes.begin; i < l.foes.end; ++i) {
    std::uint32_t const foe = w.map->foe_links[i];
    link const& its_link = w.map->links[foe];
    bool const same_target = its_link.to == l.to;
    for (std::uint32_t a = w.approach_head[foe]; a < approach::kLast; a = w.approaches[a].next) {
      if (blocked_by(w, v, l, its_link, a, arrival_s, leave_s, speed, speed, same_target, 0)) return true;
    }
  }
  if (crossed_inside(w, l)) return true;
  if (!w.may_conflict(l)) return false;
  for (std::uint32_t c = l.conflicts.begin; c < l.conflicts.end; ++c) {
    if (w.occupants[w.map->conflicting[c]] != 0) return true;
  }
  return false;
}

namespace {

class leader_finder {
 public:
  leader_finder(world const& w, slot k, link const& l, double way, std::vector<link_leader>& out, bool changing)
      : w_(w), k_(k), ego_(w.cars[k]), l_(l), way_(way), out_(out), changing_(changing) {}

  void find() {
    if (!w_.may_conflict(l_)) return;
    for (std::uint32_t i = l_.conflicts.begin; i < l_.conflicts.end; ++i) {
      if (w_.occupants[w_.map->conflicting[i]] != 0) look_at(w_.map->conflicts[i], w_.map->conflicting[i]);
    }
  }

 private:
  void look_at(conflict const& c, lane_id foe) {
    lane_state const& s = w_.lanes[foe];
    foe_ = foe;
    double const half = 0.5 * (w_.type_of(ego_).length_m + 2), r = l_.radius_m;
    if (r > 0) sagitta_ = r > half ? r - std::sqrt(r * r - half * half) : std::numeric_limits<double>::quiet_NaN();
    bool const merge = c.same_target || c.same_source;
    to_crossing_ = way_ - c.behind_m;
    foe_to_crossing_ = w_.lanes[foe].length_m - c.foe_behind_m;
    width_ = merge ? 0 : c.size_m;
    foe_width_ = merge ? 0 : c.foe_size_m;
    cont_lane_ = c.foe_is_cont && !(l_.via.valid() || l_.has(kAfterInternalJunction));
    double const rear = changing_ ? w_.type_of(ego_).length_m : 0;
    if (to_crossing_ + width_ + rear < 0 && !c.same_target) return;
    link const& entry = w_.map->links[l_.entry];
    std::uint32_t const foe_entry = w_.map->links[w_.lanes[foe].first_link].entry;
    link const& theirs = w_.map->links[foe_entry];
    ignore_green_ =
        cont_lane_ && has_green(w_.state_of(entry)) && has_green(w_.state_of(theirs)) && entry.from != theirs.from;
    for (slot const k : s.cars) judge(c, k, w_.back_of(w_.cars[k]), true);
    for (partial const& p : w_.rears(s)) judge(c, p.who, p.back, false);
  }

  void judge(conflict const& c, slot k, double back, bool front) {
    if (k == k_) return;
    vehicle const& o = w_.cars[k];
    double const length = w_.type_of(o).length_m;
    double const back_way = foe_to_crossing_ - back;
    bool const past = back_way + foe_width_ + sagitta_ < 0;
    bool const entered = back_way < length;
    bool const cannot_ignore = cont_lane_ || c.same_target || c.same_source;
    bool const in_the_way = ((!past && to_crossing_ > 0) || (c.same_target && to_crossing_ > back_way - length)) &&
                            entered && !c.foe_is_cont;
    if (!in_the_way && ignore_green_) return;
    bool const passed = changing_ ? ego_.lane == foe_ && to_crossing_ < -w_.type_of(ego_).length_m : true;
    if (to_crossing_ < -kPosEps && !in_the_way && passed) return;
    if (!changing_ && c.same_source && w_.map->lanes[ego_.lane].edge == w_.map->lanes[l_.from].edge &&
        back + length < ego_.pos - w_.type_of(ego_).length_m) {
      return;
    }
    if ((!cannot_ignore || o.is(kStopped) || c.same_target) && !will_pass(o, front) && front && !in_the_way &&
        !will_stop(k)) {
      return;
    }
    double gap = 0;
    if (cont_lane_ && !c.same_source) {
      gap = -std::numeric_limits<double>::max();
    } else {
      if (past && !c.same_target) return;
      double back2 = back_way;
      if (c.same_target && back2 < 0) back2 += std::max(0.0F, c.foe_behind_m - c.behind_m);
      gap = to_crossing_ - w_.type_of(ego_).min_gap_m - back2 - foe_width_;
    }
    bool const stop_at_once = front ? cannot_ignore : c.same_target || c.same_source;
    out_.push_back({k, gap, stop_at_once ? -1 : to_crossing_, in_the_way});
  }

  [[nodiscard]] static bool will_pass(vehicle const& o, bool front) { return !front || o.is(kLeaves); }
  [[nodiscard]] bool will_stop(slot k) const {
    return w_.cars[k].stop_edge != kNone && w_.cars[k].stop_edge == w_.cars[k].route_at;
  }

  world const& w_;
  slot k_;
  vehicle const& ego_;
  link const& l_;
  double way_;
  std::vector<link_leader>& out_;
  bool changing_;
  lane_id foe_;  // looked at
  double to_crossing_ = 0, foe_to_crossing_ = 0, width_ = 0, foe_width_ = 0, sagitta_ = 0;
  bool cont_lane_ = false, ignore_green_ = false;
};

}  // namespace

void find_link_leaders(world const& w, slot k, link const& l, double way, std::vector<link_leader>& out,
                       bool changing) {
  leader_finder(w, k, l, way, out, changing).find();
}

namespace {

// Names are compared as text, as in SUMO; a city's own vehicles bear their numbers as names there.
bool named_before(world const& w, vehicle_id a, vehicle_id b) {
  if (!w.d->vehicles.start.empty()) return w.d->vehicles.name[a] < w.d->vehicles.name[b];
  return std::to_string(a.value) < std::to_string(b.value);
}

}  // namespace

bool goes_first(world const& w, vehicle const& v, link const& l, vehicle const& other) {
  lane_facts const& mine = w.map->lanes[v.lane];
  network const& n = w.map->net();
  if (!mine.internal || n.edges.to[mine.edge] != l.junction) return true;  // not inside yet
  lane_facts const& theirs = w.map->lanes[other.lane];
  if (!theirs.internal || n.edges.to[theirs.edge] != l.junction) return true;  // only its rear is still here
  if (theirs.entry_link == kNone || theirs.first_link == theirs.last_link) return true;
  std::int32_t ego_t = v.entered_conflict, foe_t = other.entered_conflict;
  link const& entry = w.map->links[l.entry];
  link const& foe_entry = w.map->links[w.map->links[theirs.first_link].entry];
  if (n.lanes.edge[entry.from] == n.lanes.edge[foe_entry.from]) {
    ego_t = w.past_of(v).entered_first;
    foe_t = w.past_of(other).entered_first;
  } else {
    char const a = w.state_of(entry), b = w.state_of(foe_entry);
    bool response = false, response2 = false;
    if (has_yellow(a) && has_yellow(b)) {
      response = other.speed >= v.speed;
      response2 = v.speed >= other.speed;
    } else if (has_priority(a) != has_priority(b) && !has_red(a) && !has_red(b)) {
      response = !has_priority(a);
      response2 = !has_priority(b);
    } else {
      response = w.map->yields(entry, foe_entry);
      response2 = w.map->yields(foe_entry, entry);
    }
    if (!response)
      ego_t = v.entered(w.past_of(v).entered_first);
    else if (!response2)
      foe_t = other.entered(w.past_of(other).entered_first);
  }
  if (ego_t != foe_t) return ego_t > foe_t;
  if (v.speed != other.speed) return v.speed < other.speed;
  return named_before(w, v.id, other.id);
}

double speed_behind(world const& w, slot k, link_leader const& a, double way_m) {
  vehicle const &v = w.cars[k], &o = w.cars[a.who];
  driver const& t = w.type_of(v);
  double const desired = w.desired(v);
  double safe = 0;
  if (a.gap >= 0) {
    safe = t.follow_speed(v.speed, a.gap, o.speed, w.type_of(o).decel, desired);
  } else {  // it fills the next lane: stop before that
    safe = t.stop_speed(v.speed, way_m - kPosEps, desired);
  }
  if (a.to_crossing < 0) return safe;
  double const stop = t.stop_speed(v.speed, a.to_crossing - t.min_gap_m, desired);
  if (a.gap == -std::numeric_limits<double>::max()) return std::max(safe, stop);
  double const its_way = a.to_crossing - a.gap;
  double const past_s = its_way / std::max(o.speed, kHalting_mps);
  double const final = std::max(v.speed, 2 * (a.to_crossing - t.min_gap_m) / past_s - v.speed);
  double const v2 = v.speed + (final - v.speed) / past_s * w.dt;
  return std::max(safe, std::min(v2, stop));
}

double zipper_speed(world const& w, vehicle const& v, link const& l, plan_step const& item,
                    std::vector<std::uint32_t> const& foes) {
  driver const& t = w.type_of(v);
  double const way = item.way_m;
  double safe = item.v_pass;
  if (way > std::max(double(l.visibility_m), t.brake_gap(v.speed, t.decel, 0))) return safe;
  auto const could_brake = [](double follow_way, double lead_way, double follow_speed, double decel,
                              double lead_speed) {
    return follow_way > lead_way && follow_way - lead_way > follow_speed - decel - lead_speed;
  };
  for (std::uint32_t const i : foes) {
    approach const& a = w.approaches[i];
    approach_detail const& its = w.details[i];
    driver const& f = w.type_of(w.cars[a.who]);
    double const its_s = a.arrival_s(f);
    double const told = as_told(way);  // as the other knows his: who are side by side must both see that
    bool const later = its_s > item.arrival_s && !could_brake(told, a.way_m, v.speed, t.decel, its.speed);
    bool const behind = could_brake(a.way_m, told, its.speed, f.decel, v.speed);
    bool const tie =
        its_s == item.arrival_s && double{a.way_m} == told && w.lanes[v.lane].index < w.lanes[its.lane].index;
    if (later || behind || tie) continue;
    double const limit = std::min(f.max_speed, w.lanes[its.lane].limit * its.speed_factor);
    double const u_end = std::min(limit, f.speed_after(a.way_m, its.speed, f.accel));
    double const u_avg = (its.speed + u_end) / 2;
    double const tf = std::max(1.0, std::ceil(a.way_m / std::max(kEps, u_avg) / w.dt) * w.dt);
    double const v_accel = t.speed_after(way, v.speed, t.accel), v_decel = t.speed_after(way, v.speed, t.decel);
    double const v_end = std::min({w.lane_speed(v, v.lane), v_accel, std::max(u_end, v_decel)});
    double const v_avg = (v.speed + v_end) / 2;
    double const te = std::max(1.0, std::ceil(way / std::max(kEps, v_avg) / w.dt) * w.dt);
    double const gap = way - f.length_m - t.min_gap_m - a.way_m;
    double const missing = gap + tf * u_avg - t.secure_gap(v_end, u_end, f.decel) - v_avg * tf;
    double const v_gap = v.speed + 2 * missing / (tf * tf) * w.dt;
    double const v_follow = t.follow_speed(v.speed, gap, its.speed, f.decel, w.desired(v));
    double const weight = std::min(1.0, te / 10);
    double const decel = weight * t.decel + (1 - weight) * t.emergency;
    safe = std::min(safe, std::max({v_follow, v.speed - decel * w.dt, weight * v_gap + (1 - weight) * v_follow}));
  }
  return safe;
}

namespace {

void link_approach(world& w, share& mine, approach& a, std::uint32_t at) {
  std::uint32_t const link = a.next & ~approach::kLast;
  std::uint32_t& head = w.approach_head[link];
  if (head != kNone)
    a.next = head;
  else
    mine.approached.push_back(link);
  head = at;
}

}  // namespace

void note_approach(world const& w, part& p, slot k, plan_item const& item) {
  vehicle const& v = w.cars[k];
  if (w.shares.size() > 1 && !w.is_within(p.near, w.map->links[item.link].from))
    p.far_approaches.push_back({static_cast<std::uint32_t>(p.planned.size()), item.link});
  approach& a = p.planned.add();
  a.who = k & (kMostSlots - 1);
  a.next = approach::kLast | item.link;
  a.passes = item.request;
  a.stands = v.speed <= kHalting_mps;
  a.reckoned = item.reckoned;
  a.later = item.later;
  a.arrives_from = static_cast<float>(item.arrives_from);
  a.arrival_speed = static_cast<float>(item.arrival_speed);
  a.leave_speed = static_cast<float>(item.leave());
  a.way_m = static_cast<float>(item.way_m);
  if (w.wants_details) p.planned_details.add() = {v.waiting_s, v.speed_factor, v.speed, v.lane};
}

void take_planned(world& w) {
  static_assert(pile<approach>::kEach == pile<approach_detail>::kEach, "details have the numbers of their approaches");
  w.approaches.clear();
  w.details.clear();
  w.restored.clear();
  w.restored_details.clear();
  for (part& p : w.parts) {
    p.told.swap(p.planned);
    p.details.swap(p.planned_details);
    p.first_told = static_cast<std::uint32_t>(w.approaches.add(p.told));
    w.details.add(p.details);
  }
}

void link_approaches(world& w, share& mine) {
  for (std::uint32_t const link : mine.approached) w.approach_head[link] = kNone;
  mine.approached.clear();
  for (std::uint32_t i = 0; i < w.parts.size(); ++i) {
    part& p = w.parts[i];
    if (i - mine.parts.begin >= mine.parts.size()) {
      for (far_approach const& a : p.far_approaches) {
        if (w.falls_to(mine, w.map->links[a.link].from)) link_approach(w, mine, p.told[a.at], p.first_told + a.at);
      }
      continue;
    }
    auto far = p.far_approaches.begin();
    std::uint32_t at = 0;
    p.told.each([&](approach& a) {
      if (far != p.far_approaches.end() && far->at == at)
        ++far;
      else
        link_approach(w, mine, a, p.first_told + at);
      ++at;
    });
  }
}

void forget_untold(part& p) {
  p.planned.clear();
  p.planned_details.clear();
  p.far_approaches.clear();
}

}  // namespace gemeo::micro
