// The plan stage: how fast may each vehicle go, link by link ahead (SUMO's planMove). Reads the state at time t; writes
// the items of its own vehicles. Follows SUMO's order of checks, as its defaults were calibrated with it.
#include <algorithm>
#include <limits>

#include "sim/core/random.h"
#include "sim/engine_tbb/chunks.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr double kNoMove = 1e-4;         // m/s: slower is no intention to drive
constexpr double kStopLine_m = 1.0;      // distance kept from a red light's stop line
constexpr std::size_t kMostLinks = 64;   // ahead
constexpr double kBlockage_s = 5;        // a leader inside the junction that waits so long has blocked it
constexpr double kSoon_s = 15;           // who comes later to the junction after the next is in nobody's way
constexpr double kLookAheadLengths = 5;  // own lengths of free road looked for behind a junction

struct leader {
  slot who = kNone;
  double back = 0;  // on the lane looked at
};

leader last_on(world const& w, lane_id l) {
  lane_state const& s = w.lanes[l];
  leader last;
  if (!s.cars.empty()) last = {s.cars.back(), w.back_of(w.cars[s.cars.back()])};
  for (partial const& p : w.rears(s)) {
    if (last.who == kNone || p.back < last.back) last = {p.who, p.back};
  }
  return last;
}

class item_list {  // of one vehicle: as many as it looks at links, and one where it ends
 public:
  [[nodiscard]] std::size_t size() const { return n_; }
  [[nodiscard]] plan_item* begin() { return all_.data(); }
  [[nodiscard]] plan_item* end() { return all_.data() + n_; }
  [[nodiscard]] plan_item& operator[](std::size_t i) { return all_[i]; }
  void clear() { n_ = 0; }
  plan_item& add() { return all_[n_++] = {}; }

 private:
  std::array<plan_item, kMostLinks + 1> all_;
  std::size_t n_ = 0;
};

struct room {  // for what is found out about one vehicle
  item_list items;
  std::vector<link_leader> leaders;
  std::vector<approach const*> in_order;
};

class planner {
 public:
  planner(world& w, part& p, room& r) : w_(w), p_(p), items_(r.items), leaders_(r.leaders), in_order_(r.in_order) {}

  void plan_lane(lane_id l) {
    own_ = &w_.lanes[l];
    double lengths = 0;
    leader ahead;
    std::uint32_t next_rear = own_->first_rear;
    for (slot const k : own_->cars) {
      vehicle const& v = w_.cars[k];
      double const back = w_.back_of(v);
      for (; next_rear != kNone; next_rear = w_.partials[next_rear].next) {  // rears ahead that came from elsewhere
        partial const& rear = w_.partials[next_rear];
        if (rear.back < back) break;
        if (ahead.who == kNone || rear.back < ahead.back) ahead = {rear.who, rear.back};
      }
      plan(k, ahead, lengths);
      lengths += t_->length_with_gap();
      ahead = {k, back};
    }
  }

 private:
  void plan(slot k, leader const& ahead, double lengths_in_front) {
    k_ = k;
    v_ = &w_.cars[k];
    t_ = &w_.type_of(*v_);
    max_v_ = t_->max_next(v_->speed);
    behind_ = -1;
    stop_way_m_ = std::numeric_limits<double>::max();
    items_.clear();
    v_->steps = 0;
    if (v_->is(kStopped)) return settle_at(0, true);
    if (plan_standing(ahead)) return;
    find_sight();
    if (plan_far(ahead) || plan_held(ahead)) return;
    look_ahead(ahead);
    rewind(lengths_in_front);
    finish();
  }

  // What move may ask for: as far as the vehicle means to go, and could get in this tick with one item more, as who
  // enters a junction asks whether it leaves it.
  void keep_steps() {
    double const reach = std::max(max_v_, v_->speed) * w_.dt + 1;
    std::size_t n = 0;
    while (n < items_.size() && items_[n].link != kNone && items_[n].request) ++n;
    n = std::min(n + 1, items_.size());
    while (n < items_.size() && items_[n - 1].way_m <= reach) ++n;
    v_->steps = static_cast<std::uint8_t>(n);
    for (std::size_t i = 0; i < n; ++i) {
      plan_item const& o = items_[i];
      plan_step& s = p_.steps.add();
      s.link = o.link;
      s.request = o.request;
      s.has_way = o.has_way;
      s.state = o.state;
      s.v_pass = o.v_pass;
      s.way_m = o.way_m;
      s.wait_speed = waiting(o);
      s.arrival_s = o.arrival_s(*t_);
      s.arrival_speed = static_cast<float>(o.arrival_speed);
      s.leave = static_cast<float>(o.leave());
    }
  }

  // What move would make of the items (decider::pass_links), where that hangs on nobody else's approach; false: it
  // hangs.
  [[nodiscard]] bool settle() {
    bool const inside = own_->internal;
    double safe = std::numeric_limits<double>::max();
    bool waits = false;
    unsigned found = 0;
    if (inside && items_.size() > 0 && items_[0].link != kNone && items_[0].request) found |= kWillLeave;
    for (plan_item const& item : items_) {
      bool const passes = item.link != kNone && item.request && !(has_yellow(item.state) && can_brake(item));
      if (passes && item.has_way) {
        safe = item.v_pass;
        if (safe < t_->decel && safe < max_v_ && safe <= waiting(item)) waits = true;
        continue;
      }
      if (passes && !waits_anyway(item)) return false;
      safe = waiting(item);
      if (item.link == kNone || !item.request) {
        if (item.link != kNone && inside && leads_through(w_, v_->lane, w_.map->links[item.link]))
          found |= kHasNotEntered;
        waits = waits || safe < v_->speed || safe < kHalting_mps;
      } else {
        waits = true;
      }
      break;
    }
    double const most = std::max(std::min(safe, max_v_), t_->min_next(v_->speed));
    if (v_->pos + most * w_.dt > own_->length_m) keep_links(most * w_.dt + 1);
    settle_at(safe, waits);
    v_->settled = static_cast<std::uint8_t>(v_->settled | found);
    return true;
  }
  [[nodiscard]] bool can_brake(plan_item const& item) const { return t_->can_brake(v_->speed, item.way_m); }
  // Who sees a minor link from afar slows down for it, be it open or not.
  [[nodiscard]] bool waits_anyway(plan_item const& item) const {
    if (has_yellow(item.state) || has_priority(item.state) || !can_brake(item)) return false;
    link const& l = w_.map->links[item.link];
    return item.way_m > l.visibility_m && !l.has(kCont) && !came_first(w_.entered_by(l));
  }

  void keep_links(double reach_m) {  // and one more, as who enters a junction asks whether it leaves it
    std::size_t n = std::min<std::size_t>(1, items_.size());
    while (n < items_.size() && items_[n - 1].way_m <= reach_m) ++n;
    v_->steps = static_cast<std::uint8_t>(n);
    for (std::size_t i = 0; i < n; ++i) p_.links.add() = link_ahead::of(items_[i].link, items_[i].request);
  }

  [[nodiscard]] lane_facts const& facts(lane_id l) const { return w_.map->lanes[l]; }
  [[nodiscard]] lane_state const& road(lane_id l) const { return w_.lanes[l]; }
  static void note_link(plan_item& item, link const& l, char state) {
    item.state = state;
    item.watched = l.has(kWatched);
    item.in_circle = l.has(kInCircle);
    item.has_way = has_way(l, state);
  }
  // The speed with which it would wait; worked out when asked for, as most vehicles pass.
  [[nodiscard]] double waiting(plan_item const& item) const {
    if (item.stop_m < 0) return item.most_wait;
    double const decel = item.held ? t_->held_decel() : t_->decel;
    return std::min(item.most_wait, t_->stop_speed(v_->speed, item.stop_m, decel, w_.desired(*v_)));
  }

  void end_here(double v, double way) {
    plan_item& item = items_.add();
    item.v_pass = item.most_wait = v;
    item.way_m = way;
  }

  // So far it looks, and so far it goes before it stands, from the highest speed of this tick.
  void find_sight() {
    stop_way_m_ = t_->brake_gap(max_v_);
    sight_m_ = max_v_ * w_.dt + stop_way_m_;
  }

  void finish() {
    for (plan_item const& item : items_) {
      if (item.watched && (item.request || item.in_circle)) note_approach(w_, p_, k_, item);
    }
    if (settle()) return;
    v_->settled = 0;
    keep_steps();
  }

  // Move has nothing to ask about who waits or drives on with this speed.
  void settle_at(double safe, bool waits) {
    v_->accel = safe;
    v_->settled = waits && !own_->roundabout ? kIsSettled | kWillWait : kIsSettled;
  }

  // Who stands behind the vehicle ahead, or can stop there within this tick, goes nowhere: what lies beyond does not
  // matter. Of its links only the first hears of it: nobody counts on a vehicle without a request, but who asks whether
  // right before left goes in a circle looks at who is nearest, and does not see it behind a junction any more.
  bool plan_standing(leader const& ahead) {
    if (ahead.who == kNone || t_->min_next(v_->speed) > 0 || t_->idm || own_->internal || v_->stop_edge == v_->route_at)
      return false;
    double const v = behind(ahead);
    if (v >= kNoMove) return false;
    std::uint32_t const l = w_.link_after(k_, v_->lane, v_->route_at, own_->index);
    bool const told = l != kNone && w_.map->links[l].has(kInCircle) && w_.map->links[l].has(kWatched);
    if (!told && v_->pos + v * w_.dt <= own_->length_m) {
      settle_at(v, true);
      return true;
    }
    plan_item& item = items_.add();
    item.link = l;
    item.v_pass = item.most_wait = v;
    item.watched = item.in_circle = told;
    item.way_m = own_->length_m - v_->pos;
    finish();
    return true;
  }

  // Far from the end of the lane nothing but the vehicle ahead matters.
  bool plan_far(leader const& ahead) {
    double const seen = own_->length_m - v_->pos;
    if (t_->idm || own_->internal || seen <= kStopLine_m + sight_m_ || v_->stop_edge == v_->route_at) return false;
    double const lane_max = std::min(t_->max_speed, own_->limit * v_->speed_factor);
    double const unhindered = std::min(max_v_, std::max(lane_max, t_->min_next(v_->speed)));
    double const safe = ahead.who == kNone ? unhindered : behind(ahead), v = std::min(unhindered, safe);
    bool const slows = v < v_->speed || v < kHalting_mps;
    std::uint32_t const l = w_.link_after(k_, v_->lane, v_->route_at, own_->index);
    if (l == kNone) {
      settle_at(v, slows);
      return true;
    }
    link const& next = w_.map->links[l];
    char const state = w_.state_of(next);
    bool const request = !has_red(state) && !has_yellow(state) && v > kNoMove;
    if (request && is_seen_beyond(next, state, seen, lane_max)) return false;
    if (!next.has(kWatched) || !(request || next.has(kInCircle))) {  // nobody hears of it
      if (!request || has_way(next, state)) {
        settle_at(v, request ? v < t_->decel && v < max_v_ : slows);
        return true;
      }
      if (!has_priority(state) && seen > next.visibility_m && !next.has(kCont) && !came_first(w_.entered_by(next))) {
        settle_at(v, true);  // waits_anyway
        return true;
      }
    }
    plan_item& item = items_.add();
    item.link = l;
    item.v_pass = item.most_wait = v;
    item.way_m = seen;
    note_link(item, next, state);
    item.request = request;
    if (request && item.watched) {
      double speed = std::min(t_->speed_after(seen, unhindered, t_->accel), lane_max);
      if (ahead.who != kNone) speed = std::min(speed, safe);
      if (!has_priority(state)) {
        double const at_sight = t_->safe_stop_euler(next.visibility_m, t_->decel, 0);
        speed = std::min(speed, t_->speed_after(next.visibility_m, at_sight, t_->accel));
      }
      fill_arrival(item, next, v, speed);
    }
    finish();
    return true;
  }

  // Soon, by those who give way at the junction after a link that nobody slows down for.
  [[nodiscard]] bool is_seen_beyond(link const& next, char state, double seen, double speed) const {
    double const beyond = double{next.watched_beyond_m()};
    if (beyond <= 0 || seen + beyond >= kSoon_s * speed) return false;
    return (has_priority(state) || seen <= next.visibility_m) && leads_to_watched(next);
  }
  [[nodiscard]] bool leads_to_watched(link const& next) const {
    std::uint32_t const at = v_->route_at + 1;
    if (at + 1 >= v_->route_end() || v_->stop_edge == at) return false;
    std::uint32_t const l = w_.link_after(k_, next.to, at, own_->index);
    if (l == kNone) return false;
    link const& second = w_.map->links[l];
    char const state = w_.state_of(second);
    return !has_red(state) && !has_yellow(state) && (second.has(kWatched) || second.watched_beyond_m() > 0);
  }

  // Before a red or yellow light at which one can stop nothing beyond matters, and nobody counts on who waits there:
  // look_ahead with this one link, which comes to nothing else.
  bool plan_held(leader const& ahead) {
    if (own_->internal || v_->stop_edge == v_->route_at || v_->on_last_edge()) return false;
    std::uint32_t const l = w_.link_after(k_, v_->lane, v_->route_at, own_->index);
    if (l == kNone) return false;
    link const& next = w_.map->links[l];
    char const state = w_.state_of(next);
    if (!has_red(state) && !has_yellow(state)) return false;
    double const seen = own_->length_m - v_->pos, brake = t_->brake_gap(v_->speed, t_->held_decel(), 0);
    if (seen < brake) return false;
    double v = std::min(max_v_, std::max(w_.lane_speed(*v_, v_->lane), t_->min_next(v_->speed)));
    if (ahead.who != kNone && ahead.who != k_) v = std::min(v, behind(ahead));
    plan_item& item = items_.add();
    item.link = l;
    item.v_pass = item.most_wait = v;
    item.stop_m = std::max(0.0, seen - std::max(kPosEps, std::min(kStopLine_m, seen - brake)));
    item.held = true;
    item.way_m = seen;
    note_link(item, next, state);
    if (item.watched && item.in_circle) note_approach(w_, p_, k_, item);
    double const safe = waiting(item), most = std::max(std::min(safe, max_v_), t_->min_next(v_->speed));
    if (v_->pos + most * w_.dt > own_->length_m) keep_links(most * w_.dt + 1);
    settle_at(safe, safe < v_->speed || safe < kHalting_mps);
    return true;
  }

  // With a metre to spare for rounding, whoever could stop within the gap may drive as fast as he can.
  [[nodiscard]] double follow(leader const& a, double gap) const {
    if (gap > stop_way_m_ + 1 && !t_->idm) return max_v_;
    vehicle const& o = w_.cars[a.who];
    return t_->follow_speed(v_->speed, gap, o.speed, w_.type_of(o).decel, w_.desired(*v_));
  }

  // Of the one ahead on its own lane; asked several times.
  [[nodiscard]] double behind(leader const& ahead) {
    if (behind_ < 0) behind_ = follow(ahead, ahead.back - v_->pos - t_->min_gap_m);
    return behind_;
  }

  void fill_arrival(plan_item& item, link const& l, double v, double arrival_speed) const {
    item.arrival_speed = arrival_speed;
    item.arrives_from = v;
    item.reckoned = true;
    item.later = item.state == 'w' && drawn() < 0.5;
    item.leave_speed =
        static_cast<float>(std::min(w_.lane_speed(*v_, l.next), t_->speed_after(l.length_m, arrival_speed, t_->accel)));
  }

  // A leader beyond a link whose rear is not on this way: the space before it is not ours to drive into.
  [[nodiscard]] bool on_my_way(vehicle const& o) const {
    lane_id const back = o.behinds > 0 ? w_.past_of(o).behind[o.behinds - 1U] : o.lane;
    return std::find(way_.begin(), way_.begin() + static_cast<std::ptrdiff_t>(ways_), back) !=
           way_.begin() + static_cast<std::ptrdiff_t>(ways_);
  }

  void adapt_to(leader const& a, lane_id lane, double seen, std::size_t last, double& v, double& most) {
    if (a.who == kNone || a.who == k_) return;
    vehicle const& o = w_.cars[a.who];
    double const length = road(lane).length_m;
    double const gap = last == kNoItem ? a.back - v_->pos - t_->min_gap_m : a.back + seen - length - t_->min_gap_m;
    double safe = 0;
    if (gap < 0 && last != kNoItem && !on_my_way(o)) {
      double way = seen - length - kPosEps;
      link const& by = w_.map->links[items_[last].link];
      if (by.has(kFromInternal)) way -= road(by.from).length_m;
      safe = t_->stop_speed(v_->speed, way, w_.desired(*v_));
    } else {
      safe = last == kNoItem ? behind(a) : follow(a, gap);
    }
    if (last != kNoItem && items_[last].timed) {
      plan_item& item = items_[last];
      item.adapt_leave(
          t_->follow_speed(std::max(0.0, item.leave_speed), gap, o.speed, w_.type_of(o).decel, w_.desired(*v_)));
    }
    v = std::min(v, safe);
    most = std::min(most, safe);
  }

  void look_ahead(leader ahead) {
    double const least = t_->min_next(v_->speed);
    double lane_max = std::max(w_.lane_speed(*v_, v_->lane), least);
    double const own_brake = t_->brake_gap(v_->speed, t_->decel, 0);
    double v = std::min(max_v_, lane_max);
    lane_id lane = v_->lane;
    double seen = road(lane).length_m - v_->pos;
    double seen_normal = 0, seen_internal = road(lane).internal ? seen : 0;
    bool had_normal = false, slowed_for_minor = false;
    double from_v = v, from_way = seen, most = lane_max;  // the speed at the lane's end: by accelerating, but not above
    auto const pass_speed = [&] { return std::min(t_->speed_after(from_way, from_v, t_->accel), most); };
    std::size_t last = kNoItem;
    std::uint32_t at = v_->route_at;  // of the lane's edge, or of the edge before the junction
    std::uint32_t const start = w_.start_index(*v_);
    ways_ = 0;
    for (std::size_t steps = 0; steps < kMostLinks; ++steps) {
      if (ways_ < way_.size()) way_[ways_++] = lane;
      adapt_to(ahead, lane, seen, last, v, most);
      if (last != kNoItem) items_[last].most_wait = std::min(items_[last].most_wait, v);
      if (!road(lane).internal && v_->stop_edge == at) return stop_ahead(lane, seen, last, least, v, pass_speed());
      std::uint32_t const l = w_.link_after(k_, lane, at, start);
      if (!road(lane).internal && at + 1 >= v_->route_end()) {  // the last edge
        double const to_go = seen + arrival_m(w_, *v_) - road(lane).length_m - lane_max * w_.dt;
        double const va = std::max(kEps, t_->free_speed(v_->speed, to_go, lane_max, w_.desired(*v_)));
        v = std::min(v, va);
        if (last != kNoItem) items_[last].adapt_leave(va);
        return end_here(v, seen);
      }
      if (l == kNone) {  // the lane leads elsewhere
        double const va = t_->stop_speed(v_->speed, seen, w_.desired(*v_));
        if (last != kNoItem) items_[last].adapt_leave(va);
        return end_here(std::min(va, v), seen);
      }
      link const& next = w_.map->links[l];
      char const state = w_.state_of(next);
      bool const held = has_red(state) || has_yellow(state);
      double const brake = held ? t_->brake_gap(v_->speed, t_->held_decel(), 0) : own_brake;
      double offset = held                  ? kStopLine_m
                      : has_priority(state) ? std::min(next.visibility_m - kPosEps, kStopLine_m)
                                            : std::min(next.visibility_m - kPosEps, 0.0);
      if (seen >= brake) offset = std::min(offset, seen - brake);
      offset = std::max(kPosEps, offset);
      double const stop_way = std::max(0.0, seen - offset);
      bool const leaving = road(v_->lane).internal && last == kNoItem;
      bool const abort = slowed_for_minor && !next.has(kFromInternal);
      bool request = (v > kNoMove && !abort) || leaving;
      plan_item& item = items_.add();
      item.link = l;
      item.most_wait = v;
      item.stop_m = stop_way;
      item.held = held;
      item.way_m = seen;
      note_link(item, next, state);
      if (next.has(kFromInternal)) {
        check_link_leaders(next, lane, seen, last, v, most, request);
        item.most_wait = std::min(item.most_wait, v);
      }
      item.v_pass = v;
      if (held && seen >= brake) {
        return;
      }
      if (last != kNoItem) items_[last].adapt_leave(lane_max);
      item.timed = item.watched || !item.has_way;
      double arrival_speed = item.timed ? pass_speed() : 0;
      bool const could_brake = !has_priority(state) && brake < seen && !came_first(w_.entered_by(next));
      if (could_brake && seen > next.visibility_m) {
        double const at_sight = t_->safe_stop_euler(next.visibility_m, t_->decel, 0);
        arrival_speed = std::min(arrival_speed, t_->speed_after(next.visibility_m, at_sight, t_->accel));
        slowed_for_minor = true;
      } else if (state == '=' && v_->waiting_s > 0 && yields_in_a_circle(l)) {
        double const threshold = next.dir == 's' ? 0.25 : 0.75;
        if (drawn() < threshold) request = false;
      }
      if (could_brake && road(next.to).roundabout) slowed_for_minor = true;
      item.request = request;
      if (item.timed) fill_arrival(item, next, v, arrival_speed);
      last = items_.size() - 1;
      if (!next.via.valid()) {
        had_normal = true;
        ++at;
      }
      if ((!request || v <= 0 || seen > sight_m_) && had_normal &&
          seen_normal > std::max(t_->length_m * kLookAheadLengths, t_->length_m + seen_internal)) {
        return;
      }
      lane = next.next;
      lane_max = w_.lane_speed(*v_, lane);
      if (v > lane_max || t_->idm)  // otherwise free_speed, at least lane_max, is no bound
        v = std::min(v, std::max(t_->free_speed(v_->speed, seen, lane_max, w_.desired(*v_)), least));
      (road(lane).internal ? seen_internal : seen_normal) += road(lane).length_m;
      ahead = last_on(w_, lane);
      seen += road(lane).length_m;
      from_v = v;
      from_way = road(lane).length_m;
      most = lane_max;
    }
  }

  void stop_ahead(lane_id lane, double seen, std::size_t last, double least, double v, double v_pass) {
    bus_stop const& stop = w_.next_stop(k_);
    double const end = stop.end_m + kEps;
    double const way = seen + end - road(lane).length_m;
    double const safe = std::max(t_->stop_speed(v_->speed, way, w_.desired(*v_)), least);
    if (last != kNoItem && items_[last].timed) items_[last].adapt_leave(t_->stop_speed(v_pass, end, w_.desired(*v_)));
    end_here(std::min(v, safe), way);
  }

  [[nodiscard]] double drawn() const {
    return random_uniform(w_.seed, w_.key_of(*v_), static_cast<std::uint64_t>(w_.tick), draw::kYield);
  }

  // Right before left all round: does everybody wait for the next?
  [[nodiscard]] bool yields_in_a_circle(std::uint32_t l) const {
    std::uint32_t at = l;
    for (int n = 0; n < 100; ++n) {
      std::uint32_t blocker = kNone;
      double closest = std::numeric_limits<double>::max();
      range const foes = w_.map->links[at].foes;
      for (std::uint32_t i = foes.begin; i < foes.end; ++i) {
        std::uint32_t const foe = w_.map->foe_links[i];
        if (w_.approach_head[foe] == kNone) continue;
        if (w_.map->links[foe].from == w_.map->links[l].from) return true;
        in_order_.clear();
        for (std::uint32_t a = w_.approach_head[foe]; a < approach::kLast; a = w_.approaches[a].next)
          in_order_.push_back(&w_.approaches[a]);
        // As SUMO goes through them.
        std::sort(in_order_.begin(), in_order_.end(),
                  [&](approach const* a, approach const* b) { return w_.cars[a->who].id < w_.cars[b->who].id; });
        for (approach const* const a : in_order_) {
          if (a->way_m >= closest) continue;
          closest = a->way_m;
          if (a->passes) blocker = foe;
        }
      }
      if (blocker == kNone) return false;
      if (blocker == l) return true;
      at = blocker;
    }
    return false;
  }

  void check_link_leaders(link const& l, lane_id lane, double seen, std::size_t last, double& v, double& most,
                          bool& request) {
    leaders_.clear();
    find_link_leaders(w_, k_, l, seen, leaders_);
    for (link_leader const& a : leaders_) {
      vehicle const& o = w_.cars[a.who];
      if (!a.in_the_way && !goes_first(w_, *v_, l, o)) continue;
      adapt_to_junction_leader(a, lane, seen, last, v, most);
      if (last != kNoItem) v = std::max(v, waiting(items_[last]));
      std::uint32_t const before = road(o.lane).internal ? facts(o.lane).single_before : kNone;
      bool const same = before != kNone && road(v_->lane).internal && before == facts(v_->lane).single_before;
      bool const next = before == v_->lane.value;
      if (v < kHalting_mps && (same || next || o.is(kStopped) || o.waiting_s > kBlockage_s)) {
        request = false;
        if (last != kNoItem && next) items_[last].request = false;
      }
    }
  }

  void adapt_to_junction_leader(link_leader const& a, lane_id lane, double seen, std::size_t last, double& v,
                                double& most) {
    double const safe = speed_behind(w_, k_, a, seen - road(lane).length_m);
    if (last != kNoItem) items_[last].adapt_leave(safe);
    v = std::min(v, safe);
    most = std::min(most, safe);
  }

  [[nodiscard]] static bool keeps_clear(link const& l) { return l.has(kHasFoes) && l.has(kKeepClear); }

  // Free road on a lane up to the last vehicle that stands there.
  [[nodiscard]] double space_on(lane_id l, bool& standing) const {
    double lengths = 0;
    lane_state const& s = w_.lanes[l];
    for (std::size_t i = s.cars.size(); i-- > 0;) {
      vehicle const& o = w_.cars[s.cars[i]];
      if (o.speed < kHalting_mps && !road(l).roundabout && s.cars[i] != k_) {
        standing = true;
        return w_.back_of(o) + w_.type_of(o).brake_gap(o.speed) - lengths;
      }
      lengths += w_.type_of(o).length_with_gap();
    }
    return road(l).length_m - lengths;
  }

  // Nobody enters a junction who could not leave it (SUMO's checkRewindLinkLanes).
  void rewind(double lengths_in_front) {
    std::size_t const n = items_.size();
    if (n == 0 || road(v_->lane).roundabout) return;
    plan_item* const items = items_.begin();
    bool stopped = false;
    measure_space(items, n, -lengths_in_front, stopped);
    pass_space_back(items, n, stopped);
    std::size_t begin = n;
    for (std::size_t i = 0; stopped && i < n; ++i) {
      if (items[i].link == kNone) continue;
      if (items[i].space_m - t_->length_with_gap() < 0 && keeps_clear(w_.map->links[items[i].link])) {
        begin = i;
        break;
      }
    }
    if (begin == n || (begin == 0 && road(v_->lane).internal)) return;
    double const brake = t_->brake_gap(v_->speed, t_->decel, 0);
    for (std::size_t i = begin; i < n && items[i].link != kNone; ++i) {
      items[i].v_pass = waiting(items[i]);
      if (items[i].way_m < brake + kPosEps) continue;
      link const& l = w_.map->links[items[i].link];
      bool const exit = l.has(kFromInternal) && !l.via.valid();
      if (!exit || i == 0 || !items[i - 1].request) items[i].request = false;
    }
  }

  void measure_space(plan_item* items, std::size_t n, double space, bool& stopped) const {
    for (std::size_t i = 0; i < n; ++i) {
      plan_item& item = items[i];
      if (item.link == kNone || stopped) {
        item.space_m = static_cast<float>(stopped ? space : item.space_m + space);
        continue;
      }
      link const& l = w_.map->links[item.link];
      if (l.via.valid()) {
        if (keeps_clear(l)) {
          space -= w_.brutto_m(l.via);
          if (l.via == v_->lane) space += t_->length_with_gap();
        } else {
          space += space_on(l.via, stopped);
        }
        item.space_m = static_cast<float>(space);
        continue;
      }
      leader const last = last_on(w_, l.to);
      if (last.who == kNone || last.who == k_) {
        if (road(l.to).length_m > t_->length_m || keeps_clear(l)) space += road(l.to).length_m;
        item.space_m = static_cast<float>(space);
        continue;
      }
      bool standing = false;
      space += space_on(l.to, standing);
      vehicle const& o = w_.cars[last.who];
      if (standing || o.is(kWaits) || o.is(kStopped)) {
        stopped = true;
        item.stopped_ahead = true;
      }
      item.space_m = static_cast<float>(space);
    }
  }

  void pass_space_back(plan_item* items, std::size_t n, bool& stopped) const {
    for (std::size_t i = n - 1; i > 0; --i) {
      plan_item &item = items[i - 1], &next = items[i];
      bool open = false;
      if (item.link != kNone) {
        link const& l = w_.map->links[item.link];
        bool const can_leave = !l.via.valid() || next.link == kNone || next.request;
        char const state = w_.state_of(l);
        open = can_leave && (has_priority(state) || i == 1 || has_way(l, state) ||
                             opened(w_, *v_, l, item.arrival_s(*t_), item.arrival_speed, item.leave(), impatience()));
      }
      bool goes_on = (item.link == kNone || w_.map->links[item.link].has(kCont) || open) && !item.stopped_ahead;
      if (!open && item.link != kNone) {
        stopped = true;
        if (i > 1 && items[i - 2].link != kNone && w_.map->links[items[i - 2].link].has(kCont)) goes_on = true;
      }
      if (goes_on) item.space_m = next.space_m;
    }
  }

  [[nodiscard]] double impatience() const { return w_.impatience_of(*v_); }

  static constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);
  world& w_;
  part& p_;
  item_list& items_;
  std::vector<link_leader>& leaders_;
  std::vector<approach const*>& in_order_;
  lane_state const* own_ = nullptr;  // lane of the vehicle that plans
  slot k_ = kNone;
  vehicle* v_ = nullptr;
  driver const* t_ = nullptr;
  double max_v_ = 0;                     // that it can reach in this tick
  double sight_m_ = 0, stop_way_m_ = 0;  // see find_sight
  double behind_ = -1;                   // speed behind the vehicle ahead; not known
  std::array<lane_id, 16> way_;
  std::size_t ways_ = 0;
};

}  // namespace

void plan_part(world& w, part& p) {
  static thread_local room mine;
  planner one(w, p, mine);
  lane_id const* next = p.active.data();
  for (std::size_t left = p.active.size(); left > 0; --left, ++next) {
    fetch_ahead(w, next, left);
    one.plan_lane(*next);
  }
}

}  // namespace gemeo::micro
