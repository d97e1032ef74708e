// The move stage chooses each vehicle's next speed from its plan and applies it (SUMO's executeMove). Who comes off its
// lane is handed over afterwards (advance.cpp).
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/random.h"
#include "sim/engine_tbb/change.h"
#include "sim/engine_tbb/chunks.h"
#include "sim/engine_tbb/passengers.h"
#include "sim/engine_tbb/tallies.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr double kSpeedEps = 1e-4;

// What drivers dawdle by, in the order in which a part moves them; drawn for some lanes at once.
class dawdle_draws {
 public:
  dawdle_draws(world const& w, part const& p) : w_(w), p_(p) {}
  // Before the vehicles on the i-th active lane.
  void reach(std::size_t i) {
    if (i < drawn_to_) return;
    keys_.clear();
    for (; drawn_to_ < p_.active.size() && keys_.size() < kAtOnce; ++drawn_to_) {
      for (slot const k : w_.lanes[p_.active[drawn_to_]].cars) keys_.push_back(w_.key_of(w_.cars[k]));
    }
    all_.resize(keys_.size());
    next_ = all_.data();
    random_uniforms(w_.seed, keys_, static_cast<std::uint64_t>(w_.tick), draw::kDawdle, all_.data());
  }
  double next() { return *next_++; }

 private:
  static constexpr std::size_t kAtOnce = 32;
  world const& w_;
  part const& p_;
  std::vector<std::uint64_t> keys_;
  std::vector<double> all_;
  double const* next_ = nullptr;
  std::size_t drawn_to_ = 0;
};

// As far on as those leave room who stand there, and with half of it within the stop, unless it is right at its end.
bool stands_right(world const& w, vehicle const& v, stop_id id, bus_stop const& stop) {
  driver const& t = w.type_of(v);
  double free_m = stop.end_m;
  for (auto const& [at, back_m] : w.held) {
    if (at == id) free_m = std::min(free_m, back_m - t.min_gap_m);
  }
  bool const fits = v.pos + kPosEps >= stop.end_m || v.pos - stop.begin_m >= t.length_m / 2;
  return fits && v.pos + kPosEps >= free_m;
}

// A bus on the edge of its stop: it stands there once it is slow enough within it.
void stop_within(world& w, part& p, slot k, double planned) {
  vehicle& v = w.cars[k];
  bus_calls& calls = w.calls_of(k);
  stop_call const& call = w.d->stop_calls[calls.next_stop];
  bus_stop const& stop = w.d->stops[call.stop];
  if (stop.lane != v.lane || planned > kHalting_mps + kEps || v.pos < stop.begin_m - kEps) return;
  if (w.plain_stops[call.stop.index()] == 0 && !stands_right(w, v, call.stop, stop)) return;
  v.set(kStopped, true);
  p.halted.push_back(k);
  calls.began_s = w.now_s;
  calls.left_ms = std::llround(call.duration_s * 1000);
}

void forget_entry(vehicle& v) {  // to the junction: it yields
  v.set(kEntered, false);
  v.entered_conflict = kNever;
}

// Goes through the links of a vehicle whose speed plan could not settle.
class decider {
 public:
  decider(world const& w, planned_steps const& plan, lane_state const& on, vehicle& v)
      : w_(w), plan_(plan), on_(on), v_(v), t_(w.type_of(v)) {}

  // The speed that its links leave it, and in least() that which they ask for.
  double pass_links() {
    v_.set(kWaits, false);
    double zipper = std::numeric_limits<double>::max();
    bool const inside = on_.internal;
    if (inside) v_.set(kLeaves, plan_.size() > 0 && plan_.step(0).link != kNone && plan_.step(0).request);
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      plan_step const& item = plan_.step(i);
      if (item.link == kNone || !item.request) {
        if (item.link != kNone && inside && leads_through(w_, v_.lane, w_.map->links[item.link])) forget_entry(v_);
        safe_ = item.wait_speed;
        if (safe_ < v_.speed || safe_ < kHalting_mps) v_.set(kWaits, true);
        break;
      }
      if (!pass(item, zipper)) break;
    }
    if (safe_ + kEps < least_) correct_least();
    if (on_.roundabout) v_.set(kWaits, false);
    return std::min(safe_, zipper);
  }
  [[nodiscard]] double least() const { return least_; }

 private:
  void wait_for(plan_step const& item) {
    safe_ = item.wait_speed;
    v_.set(kWaits, true);
  }

  // False where the vehicle ends at this link.
  bool pass(plan_step const& item, double& zipper) {
    link const& l = w_.map->links[item.link];  // seldom looked at
    char const state = item.state;
    bool const yellow = has_yellow(state);
    auto const can_brake = [&] { return t_.can_brake(v_.speed, item.way_m); };
    if (yellow && can_brake()) {
      wait_for(item);
      return false;
    }
    static thread_local std::vector<std::uint32_t> foes;
    foes.clear();
    bool const open = yellow || item.has_way ||
                      opened(w_, v_, l, item.arrival_s, item.arrival_speed, item.leave,
                             can_brake() ? w_.impatience_of(v_) : 1, state == 'Z' ? &foes : nullptr);
    if (open && !has_priority(state) && !item.has_way && !l.has(kCont) && !came_first(w_.entered_by(l))) {
      if (item.way_m > l.visibility_m && (!yellow || can_brake())) {
        wait_for(item);
        return false;
      }
      least_way_ = item.way_m;
      least_ = std::min({(least_way_ + kPosEps) / w_.dt, item.v_pass, t_.max_next(v_.speed)});
      least_can_brake_ = can_brake();
    }
    if (open) {
      safe_ = item.v_pass;
      if (safe_ < t_.decel && safe_ <= item.wait_speed && safe_ < t_.max_next(v_.speed)) v_.set(kWaits, true);
    } else if (state == 'Z') {
      zipper = std::min(zipper, zipper_speed(w_, v_, l, item, foes));
    } else if (!can_brake() && l.letter == kNone && item.way_m < t_.brake_gap(v_.speed, t_.emergency, 0)) {
      safe_ = item.v_pass;  // too fast to stop for a closed link
    } else {
      wait_for(item);
      return false;
    }
    return true;
  }

  void correct_least() {
    if (least_can_brake_ && safe_ < v_.speed) {
      safe_ = std::min(safe_, std::max(t_.min_next(v_.speed), t_.stop_speed(v_.speed, least_way_, w_.desired(v_))));
      least_ = 0;
      v_.set(kWaits, true);
    } else {
      least_ = safe_;
    }
  }

  world const& w_;
  planned_steps const& plan_;
  lane_state const& on_;  // its lane
  vehicle& v_;
  driver const& t_;
  double safe_ = std::numeric_limits<double>::max(), least_ = -std::numeric_limits<double>::max(), least_way_ = 0;
  bool least_can_brake_ = false;
};

void take_settled(lane_state const& on, vehicle& v) {
  unsigned const found = v.settled;
  v.set(kWaits, (found & kWillWait) != 0);
  if (on.internal) v.set(kLeaves, (found & kWillLeave) != 0);
  if ((found & kHasNotEntered) != 0) forget_entry(v);
}

// Of few: what waits for the answers of others.
[[gnu::noinline]] double pass_links(world const& w, planned_steps const& plan, lane_state const& on, vehicle& v,
                                    double& least) {
  decider d(w, plan, on, v);
  double const safe = d.pass_links();
  least = d.least();
  return safe;
}

// From what its links leave it, by what its driver can and wants.
double next_speed(world& w, part& p, planned_steps const& plan, chunk const& c, lane_state const& on, slot k,
                  driver const& t, double lane_most, double drawn) {
  vehicle& v = w.cars[k];
  double asked = 0, safe = v.accel;
  if (v.settled != 0)
    take_settled(on, v);
  else
    safe = pass_links(w, plan, on, v, asked);
  double stop = safe;
  if (v.is(kStopped))
    stop = std::min(safe, 0.0);
  else if (v.stop_edge == v.route_at && !on.internal)
    stop_within(w, p, k, safe);
  double const limit = std::max(lane_most, safe);
  double const most = std::min({limit, t.max_next(v.speed), stop});
  double const least = std::min(t.min_next(v.speed), std::max(most, t.min_next_emergency(v.speed)));
  double speed = most;
  if (t.sigma > 0 && most > 0) speed = t.dawdle(most, drawn);
  speed = std::max(least, speed);
  if (v.noted || (v.wish & (kWantsChange | kAmBlockingLeader)) != 0) {
    static constexpr change_notes kNothing{};
    speed = patched_speed(w, v, v.noted ? *find_notes(c, v, k) : kNothing, least, speed, most);
  } else if (on.alone) {
    forget_wishes(v, w.pasts[k]);
  }
  if (speed > 0) speed = std::max(speed, asked);
  return speed < kSpeedEps ? 0 : speed;
}

void pass_link(world const& w, vehicle& v, vehicle_past& past, link const& l) {
  bool const inner = l.has(kFromInternal);
  auto const now = static_cast<std::int32_t>(w.tick);
  if (l.via.valid() && !inner) {
    v.set(kEntered, true);
    past.entered_first = now;
  }
  if (!l.has(kCont) && l.via.valid()) {
    v.entered_conflict = now;
    v.set(kEntered, true);
  }
  if (inner && !l.via.valid()) {
    forget_entry(v);
    past.entered_first = kNever;
  }
}

// Moves the front over the ends of lanes; those of p are the last ones of mine.passed.
void cross(world& w, part& mine, planned_steps const& plan, slot k, passage& p) {
  vehicle& v = w.cars[k];
  trip_log& log = w.logs[k];
  std::size_t next = 0;
  double length = w.lanes[v.lane].length_m;
  while (v.pos > length && p.count < kMostPassed) {
    std::uint32_t const at = plan.link_of(next++).link;
    bool const last = !w.lanes[v.lane].internal && v.on_last_edge();
    if (last) break;
    if (at == link_ahead::kNoLink || w.map->links[at].from != v.lane || has_red(w.state_of(w.map->links[at]))) {
      if (v.pos > length + kEps) {  // SUMO: emergency stop at the end of the lane
        ++mine.emergency_stops;
        v.speed = 0;
      }
      v.pos = length;
      break;
    }
    link const& l = w.map->links[at];
    log.length_m += static_cast<float>(length);
    v.pos -= length;
    pass_link(w, v, w.pasts[k], l);
    v.lane = l.next;
    if (!w.lanes[v.lane].internal) v.enter_next_edge();
    mine.passed.add() = v.lane;
    ++p.count;
    length = w.lanes[v.lane].length_m;
    link_ahead const beyond = plan.link_of(next);
    v.set(kLeaves, beyond.link == link_ahead::kNoLink || beyond.request);
  }
}

void note_behinds(world& w, slot k, std::span<lane_id const> lanes) {
  vehicle& v = w.cars[k];
  auto& behind = w.pasts[k].behind;
  std::size_t n = 0;
  double back = v.pos - w.type_of(v).length_m;
  for (std::size_t i = lanes.size() - 1U; i-- > 0 && back < 0 && n < behind.size();) {
    behind[n++] = lanes[i];
    back += w.lanes[lanes[i]].length_m;
  }
  v.behinds = static_cast<std::uint8_t>(n & 3U);
}

void note_time(world const& w, driver const& t, double most, vehicle& v, trip_log& log, double speed) {
  if (v.is(kStopped)) {
    v.waiting_s = 0;
    return;
  }
  if (most > 0) log.time_loss_s += static_cast<float>(w.dt * (most - speed) / most);
  if (speed <= kHalting_mps) {
    if (v.waiting_s == 0) trip_log::count(log.waits);
    log.waited_s += static_cast<float>(w.dt);
    v.waiting_s = v.accel <= 0.5 * t.accel ? v.waiting_s + static_cast<float>(w.dt) : 0;
  } else {
    v.waiting_s = 0;
  }
}

[[nodiscard]] bool has_arrived(world const& w, vehicle const& v) {
  return v.on_last_edge() && !v.is(kObstacle) && !w.lanes[v.lane].internal && v.stop_edge != v.route_at &&
         v.pos > arrival_m(w, v) - kPosEps;
}

// Over the end of its lane, or with its rear still on lanes behind.
void move_on(world& w, part& mine, planned_steps const& plan, slot k, lane_id l, double pos0, double speed) {
  vehicle& v = w.cars[k];
  passage p;
  p.who = k;
  p.pos0 = pos0;
  p.speed = speed;
  mine.passed.begin_run(kMostPassed);
  p.first = static_cast<std::uint32_t>(mine.passed.size());
  for (std::size_t i = v.behinds; i-- > 0;) mine.passed.add() = w.pasts[k].behind[i];
  p.was = v.behinds;
  mine.passed.add() = l;
  p.count = static_cast<std::uint8_t>(p.was + 1);
  std::uint32_t const best_at = v.best_at();
  if (v.pos > w.lanes[l].length_m) cross(w, mine, plan, k, p);
  note_behinds(w, k, mine.lanes_of(p));
  p.rears = v.behinds;
  p.first_rear = mine.rears;
  mine.rears += p.rears;
  if (v.lane != l) {
    v.ahead = w.lanes[v.lane].internal ? 1 : 0;
    if (v.best_at() != best_at) find_best_lanes(w, k);
  }
  auto const is_far = [&](lane_id on) { return !w.is_within(mine.near, on); };
  if (auto const lanes = mine.lanes_of(p); w.shares.size() > 1 && std::any_of(lanes.begin(), lanes.end(), is_far))
    mine.far_passages.push_back(static_cast<std::uint32_t>(mine.passages.size()));
  mine.passages.add() = p;
}

// As SUMO rounds them in every tick; that may add another unit to what is in units already.
void round_wishes(vehicle_past& past) {
  if ((past.speed_gain | past.keep_right) == 0) return;
  past.speed_gain = rounded_wish(past.speed_gain * kWishUnit);
  past.keep_right = rounded_wish(past.keep_right * kWishUnit);
}

void move_lane(world& w, part& mine, planned_steps& plan, chunk const& c, lane_id l, dawdle_draws& draws) {
  lane_state const& on = w.lanes[l];
  bool const emits = !w.emission_of.empty();
  double const jam_s = w.s->time_to_teleport_s;
  for (slot const k : on.cars) {
    vehicle& v = w.cars[k];
    driver const& t = w.type_of(v);
    double most = std::min(t.max_speed, on.limit * v.speed_factor);
    plan.next(v);
    double const speed = next_speed(w, mine, plan, c, on, k, t, most, draws.next()), pos0 = v.pos;
    v.accel = t.per_tick(speed - v.speed);
    v.speed = speed;
    v.pos += speed * w.dt;
    if (v.pos > on.length_m || v.behinds > 0) {
      move_on(w, mine, plan, k, l, pos0, speed);
      if (v.lane != l) most = w.lane_speed(v, v.lane);
    } else {
      if (emits) {
        emitted const rate = emission_rate(w, v, speed);
        w.emitted_by[k].add(rate, w.dt);
        add_to_sums(w, on, v, w.dt, w.dt, speed, most, t.length_m, &rate);
      } else {
        add_to_sums(w, on, v, w.dt, w.dt, speed, most, t.length_m, nullptr);
      }
      if (on.has_loops) see_loops(w, mine.crossings, v, l, pos0, v.pos, speed);
    }
    note_time(w, t, most, v, w.logs[k], v.speed);
    if (v.waiting_s > jam_s) mine.jammed = true;
    if (has_arrived(w, v)) {
      v.set(kGone, true);
      mine.finished.push_back(k);
    }
    v.wish = (v.wish & kStrategic) != 0 ? v.wish & kWantsChange : 0;  // SUMO's prepareStep
    if (!v.decided) round_wishes(w.pasts[k]);
    v.decided = v.noted = false;
  }
}

}  // namespace

// A bus drives on when its stop has lasted and its timetable allows. Everybody's plan sees that, or nobody's.
void leave_stops(world& w, std::vector<stop_record>& out) {
  if (w.riders != nullptr) w.riders->put_in_order(w.standing);
  w.held.clear();  // who drives on in this tick still keeps others from the place, as in SUMO
  for (slot const k : w.standing) {
    stop_call const& call = w.d->stop_calls[w.calls_of(k).next_stop];
    w.held.emplace_back(call.stop, w.back_of(w.cars[k]));
  }
  std::erase_if(w.standing, [&](slot k) {
    vehicle& v = w.cars[k];
    bus_calls& calls = w.calls_of(k);
    calls.left_ms -= std::llround(w.dt * 1000);
    calls.stood_s += static_cast<float>(w.dt);
    stop_call const& call = w.d->stop_calls[calls.next_stop];
    if (w.riders != nullptr) w.riders->board(k);
    if (calls.left_ms > 0 || w.now_s < call.until_s - 1e-9) return false;
    double const delay = call.until_s < 0 ? std::numeric_limits<double>::quiet_NaN() : w.now_s - call.until_s;
    out.push_back({v.id, call.stop, calls.began_s, w.now_s, delay});
    if (w.riders != nullptr) w.riders->drive_on(k);
    v.set(kStopped, false);
    ++calls.next_stop;
    find_next_stop(w, k);
    find_best_lanes(w, k);
    return true;
  });
}

void move_part(world& w, part& p) {
  dawdle_draws draws(w, p);
  planned_steps plan(p);
  for (std::uint32_t i = p.chunks.begin; i < p.chunks.end; ++i) {
    chunk const& c = w.chunks[i];
    for (std::uint32_t l = c.active.begin; l < c.active.end; ++l) {
      fetch_ahead(w, p.active.data() + l, p.active.size() - l);
      draws.reach(l);
      move_lane(w, p, plan, c, p.active[l], draws);
    }
  }
}

void forget_vehicle(world& w, slot k) { w.leave(w.cars[k].lane, k); }

}  // namespace gemeo::micro
