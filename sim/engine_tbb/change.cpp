// Lane changing, one edge at a time from the foremost vehicle back, after SUMO's model LC2013 (Erdmann 2014,
// "Lane-changing model in SUMO"): strategic, cooperative, speed gain, keep right. Other edges are only read; what is
// decided takes effect when all edges are done (commit_changes).
#include "sim/engine_tbb/change.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/engine_tbb/change_views.h"
#include "sim/engine_tbb/surroundings.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr double kLookForward = 10, kLookAheadMemory = 0.9, kLookaheadLeft = 2;
constexpr double kHelpOvertake_mps = 10 / 3.6, kMinFallBehind = 7 / 3.6, kUrgency = 2;
constexpr double kCutInLeft_mps = 27, kMaxOnRamp_m = 200, kKeepRightTime_s = 5, kRelativeGainSpeed = 10;
constexpr double kTurnLane_m = 200, kReactToStopped_m = 100;
constexpr double kCongested_mps = 60 / 3.6;  // below, overtaking on the right is allowed
constexpr double kThresholdRight = 2.0, kThresholdLeft = 0.2;

struct decision {
  slot who;
  std::uint32_t to;  // lane of the edge
};

class edge_changer : private lane_ways {
 public:
  edge_changer(world& w, part& p, chunk& c, changing_edge const& e, std::vector<decision>& decided)
      : lane_ways(w, e), p_(p), c_(c), decided_(decided) {
    decided_.clear();
    for (std::size_t i = 0; i < n_; ++i) {
      queue& q = queues_[i];
      q = {nullptr, nullptr, kNobody, 0, kNone, kNone, kNone};
      if (w_.occupants[lane(i)] == 0) continue;
      lane_cars const& on = w_.lanes[lane(i)].cars;
      q.next = on.begin();
      q.end = on.end();
      if (q.next != q.end) q.next_pos = w_.cars[*q.next].pos;
    }
  }

  void run() {
    bool changes = false;
    for (;;) {
      mine_ = 0;  // side by side, the right one comes first, as in SUMO
      double foremost = queues_[0].next_pos;
      for (std::size_t i = 1; i < n_; ++i) {
        if (queues_[i].next_pos <= foremost) continue;
        mine_ = i;
        foremost = queues_[i].next_pos;
      }
      queue& from = queues_[mine_];
      if (from.next == from.end) break;
      k_ = *from.next++;
      from.next_pos = from.next != from.end ? w_.cars[*from.next].pos : kNobody;
      me_ = &w_.cars[k_];
      type_ = &w_.type_of(*me_);
      past_ = &w_.pasts[k_];
      choices_ = w_.choices_of(k_).data();
      std::size_t const to = decide();
      changes |= to != mine_;
      decided_.push_back({k_, static_cast<std::uint32_t>(to)});
      queues_[to].last = k_;
      queues_[to].taken_m += type().length_with_gap();
    }
    if (changes) note_orders();
  }

 private:
  void note_orders() {
    for (std::size_t i = 0; i < n_; ++i) {
      auto const first = static_cast<std::uint32_t>(p_.ordered.size());
      for (decision const& d : decided_) {
        if (d.to == i) p_.ordered.add() = d.who;
      }
      p_.changed.add() = {lane(i), first, static_cast<std::uint32_t>(p_.ordered.size()) - first};
    }
  }
  [[nodiscard]] bool here(slot k) const {  // on this edge: may be told something
    lane_id const l = w_.cars[k].lane;
    return l.value >= lanes_.begin && l.value < lanes_.end;
  }
  // The lane it will be on.
  std::size_t decide() {
    vehicle& v = me();
    if (v.is(kStopped) || v.is(kGone)) return mine_;
    bool const may_right = may(-1), may_left = may(1);
    if (!may_right && !may_left) return mine_;
    std::size_t const to = choose(may_right, may_left);
    past_->speed_gain = rounded_wish(speed_gain_);
    past_->keep_right = rounded_wish(keep_right_);
    v.decided = true;
    return to;
  }

  std::size_t choose(bool may_right, bool may_left) {
    vehicle& v = me();
    speed_gain_ = past_->speed_gain * kWishUnit;
    keep_right_ = past_->keep_right * kWishUnit;
    occupied_known_ = 0;
    free_speed_ = -1;
    sight_m_ = -1;
    leader_known_ = false;
    left_to_avoid_ = false;
    side_view at_right(-1, mine_ - 1), at_left(1, mine_ + 1);
    std::uint32_t right = 0, left = 0;
    if (may_right) {
      right = wants<-1>(at_right);
      if ((right & kToRight) != 0 && (right |= blocks(at_right, right), (right & kBlocked) == 0))
        return change(mine_ - 1);
      if ((right & kToRight) != 0 && (right & kUrgent) != 0) note_blocked(mine_ - 1);
    }
    if (may_left) {
      left = wants<1>(at_left);
      if ((left & kToLeft) != 0 && (left |= blocks(at_left, left), (left & kBlocked) == 0)) return change(mine_ + 1);
      if ((left & kToLeft) != 0 && (left & kUrgent) != 0) note_blocked(mine_ + 1);
    }
    bool const both = (right & kUrgent) != 0 && (left & kUrgent) != 0;
    if (both) left = 0;
    v.wish = right | left;
    if ((v.wish & kWantsChange) != 0)
      add_blocked(may_right ? &at_right : nullptr, right, may_left && !both ? &at_left : nullptr, left);
    return mine_;
  }

  // What else blocks, as far as it shows in the next speed (patched_speed): who has to change asks whether anything
  // does, and who is ahead is found sooner; who only helps asks what. The others do not ask.
  [[gnu::noinline]] void add_blocked(side_view* right, std::uint32_t right_wish, side_view* left,
                                     std::uint32_t left_wish) const {
    vehicle& v = me();
    bool const any = (v.wish & kStrategic) != 0;
    if (!any && (v.wish & kCooperative) == 0) return;
    auto const asks = [&](side_view const* s) { return s != nullptr && (!any || (v.wish & kBlocked) == 0); };
    if (asks(right)) v.wish |= blocked_ahead(*right);
    if (asks(left)) v.wish |= blocked_ahead(*left);
    if (asks(right)) v.wish |= blocks(*right, right_wish);
    if (asks(left)) v.wish |= blocks(*left, left_wish);
  }

  [[nodiscard]] bool may(int side) const {
    if (side < 0 ? mine_ == 0 : mine_ + 1 >= n_) return false;
    if (inside_ && !alongside(mine_, side < 0 ? mine_ - 1 : mine_ + 1)) return false;
    return permits(w_.beside[lane(mine_)][side < 0 ? 0 : 1], type().cls);
  }

  // Two paths across a junction between which one may change: from different lanes, and as long.
  [[nodiscard]] bool alongside(std::size_t i, std::size_t k) const {
    lane_facts const &a = w_.map->lanes[lane(i)], &b = w_.map->lanes[lane(k)];
    return a.single_before != b.single_before && a.length_m == b.length_m;
  }

  std::size_t change(std::size_t to) {
    vehicle& v = me();
    forget_wishes(v, *past_);
    speed_gain_ = keep_right_ = 0;
    change_notes* const notes = find_notes(c_, v, k_);
    if (notes == nullptr) return to;
    if (offset_of(choice(to), to) == 0) {
      notes->who = kNone;
      v.noted = false;
    } else {  // it keeps room for those who may be in the way further on
      notes->advices = 0;
      notes->dont_brake = false;
    }
    return to;
  }

  void note_blocked(std::size_t i) {
    queues_[i].last_blocked = k_;
    if (queues_[i].first_blocked == kNone) queues_[i].first_blocked = k_;
  }

  // Whether less than `least` is left of the way, without what already is on lane i, ahead, and on the lanes that it
  // leads to. Looks no further than needed to tell.
  [[nodiscard]] bool leaves_less(std::size_t i, double way_m, double least) {
    if ((occupied_known_ >> i & 1U) != 0) return way_m - occupied_[i] < least;
    double sum = queues_[i].taken_m;
    if (inside_) sum += w_.brutto_m(ahead_of(i));
    lane_choice const& q = choice(i);
    edge_id const* const route = w_.route_edges.data() + me().best_at() + 1;
    std::uint64_t way = w_.way_of(q);
    unsigned const bits = w_.map->way_bits;
    for (std::size_t c = 0; c < q.known; ++c, way >>= bits) {
      if (way_m - sum < least) return true;
      sum += w_.brutto_m(lane_id(w_.map->net().edges.lanes[route[c]].begin + w_.map->way_index(way)));
    }
    occupied_[i] = sum;
    occupied_known_ |= 1U << i;
    return way_m - sum < least;
  }

  [[nodiscard]] neighbour leader_on(std::size_t i) const {
    vehicle const& v = me();
    driver const& t = type();
    if (slot const k = queues_[i].last; k != kNone) return {k, w_.back_of(w_.cars[k]) - v.pos - t.min_gap_m};
    double const back = w_.back_of(v);
    neighbour best;
    double nearest = w_.lanes[lane(i)].length_m;
    for (partial const& p : w_.rears(w_.lanes[lane(i)])) {
      if (p.who == k_ || p.back >= nearest || p.back + w_.type_of(w_.cars[p.who]).length_m + t.min_gap_m < back)
        continue;
      nearest = p.back;
      best = {p.who, p.back - v.pos - t.min_gap_m};
    }
    if (best) return best;
    if (!inside_ && w_.lanes[lane(i)].length_m - v.pos > sight()) return {};  // too far to see beyond the edge
    return leader_beyond(w_, k_, lane(i), sight());
  }

  [[nodiscard]] neighbour follower_on(std::size_t i) const {
    vehicle const& v = me();
    if (queue const& q = queues_[i]; q.next != q.end) {
      slot const f = *q.next;
      return {f, w_.back_of(v) - w_.cars[f].pos - w_.type_of(w_.cars[f]).min_gap_m};
    }
    return follower_before(w_, lane(i), w_.back_of(v), k_, true);
  }

  // So far leaders are looked for.
  [[nodiscard]] double sight() const {
    if (sight_m_ < 0) sight_m_ = type().brake_gap(me().speed) + type().min_gap_m;
    return sight_m_;
  }
  // Ahead on its own lane.
  neighbour const& leader() {
    if (!leader_known_) leader_ = leader_on(mine_);
    leader_known_ = true;
    return leader_;
  }
  neighbour const& lead_of(side_view& s) const {
    if (!s.lead_known) s.lead = leader_on(s.to);
    s.lead_known = true;
    return s.lead;
  }
  neighbour const& follow_of(side_view& s) const {
    if (!s.follow_known) {
      neighbour const& lead = lead_of(s);
      s.follow = follower_on(s.to);
      if (lead && lead.who == s.follow.who) s.follow = {};
    }
    s.follow_known = true;
    return s.follow;
  }

  // Who is in the way of a change? (MSLaneChanger::checkChange)
  std::uint32_t blocked(side_view& s) const { return blocked_ahead(s) | blocked_behind(s); }

  std::uint32_t blocked_ahead(side_view& s) const {
    if (s.ahead_known) return s.ahead;
    s.ahead_known = true;
    neighbour const& lead = lead_of(s);
    if (!lead) return 0;
    std::uint32_t const by_leader = s.side < 0 ? kByRightLeader : kByLeftLeader;
    if (lead.gap < 0) return s.ahead = by_leader | kOverlaps;
    vehicle const &v = me(), &o = w_.cars[lead.who];
    driver const& t = type();
    double const rest = std::max(t.tau_s - w_.dt, 0.0);
    double const ours = v.speed + std::max(0.0, rest * v.accel), its = o.speed + std::min(0.0, rest * o.accel);
    if (lead.gap < t.secure_gap(ours, its, w_.type_of(o).decel) / t.assertive) s.ahead = by_leader;
    return s.ahead;
  }

  std::uint32_t blocked_behind(side_view& s) const {
    if (s.behind_known) return s.behind;
    s.behind_known = true;
    neighbour const& follow = follow_of(s);
    if (!follow) return 0;
    std::uint32_t const by_follower = s.side < 0 ? kByRightFollower : kByLeftFollower;
    if (follow.gap < 0) return s.behind = by_follower | kOverlaps;
    vehicle const &v = me(), &o = w_.cars[follow.who];
    driver const &t = type(), &f = w_.type_of(o);
    double const rest = std::max(f.tau_s - w_.dt, 0.0);
    double const its = o.speed + std::max(0.0, rest * o.accel), ours = v.speed + std::min(0.0, rest * v.accel);
    if (follow.gap < f.secure_gap(its, ours, t.decel) / t.assertive) s.behind = by_follower;
    return s.behind;
  }

  // Also whom one would not see beyond the one ahead, where somebody wants to change.
  std::uint32_t blocks(side_view& s, std::uint32_t wish) const {
    std::uint32_t const by = blocked(s);
    if (by != 0 || (wish & kWantsChange) == 0 || !s.lead) return by;
    vehicle const& v = me();
    if (!inside_ && w_.lanes[lane(mine_)].length_m - v.pos >= sight()) return by;
    neighbour const n = critical_leader(w_, k_, lane(s.to), sight());
    if (!n || n.who == s.lead.who) return by;
    driver const& t = type();
    vehicle const& o = w_.cars[n.who];
    bool const safe = n.gap >= t.secure_gap(v.speed, o.speed, w_.type_of(o).decel) / t.assertive;
    return safe ? by : by | (s.side < 0 ? kByRightLeader : kByLeftLeader);
  }

  [[nodiscard]] change_notes& notes(vehicle& v) const { return notes_of(c_, v, w_.slot_of(v)); }
  [[nodiscard]] double left_space_m(vehicle const& v) const {
    change_notes const* const n = find_notes(c_, v, w_.slot_of(v));
    return n == nullptr ? 0 : n->left_space_m;
  }
  [[nodiscard]] double blocker_m(vehicle const& v) const {
    change_notes const* const n = find_notes(c_, v, w_.slot_of(v));
    return n == nullptr ? 0 : n->blocker_m;
  }
  void make_room(vehicle& v, double way_m) const {
    change_notes& n = notes(v);
    n.blocker_m = std::max(way_m, n.blocker_m);
  }

  void advise(vehicle& v, double speed) const { notes(v).advise((speed - v.speed) / w_.dt); }
  void tell(slot k, double speed, std::uint32_t flags) const {
    if (!here(k)) {
      p_.hints.push_back({k, me().id, flags, speed});
      return;
    }
    advise(w_.cars[k], speed);
    w_.cars[k].wish |= flags;
  }

  [[nodiscard]] bool is_stopped(neighbour const& n) const { return n && w_.cars[n.who].is(kStopped | kObstacle); }

  [[nodiscard]] double threshold_right() const { return kThresholdRight / std::max(kEps, type().speed_gain); }
  [[nodiscard]] double threshold_left() const { return kThresholdLeft / std::max(kEps, type().speed_gain); }
  static bool congested(vehicle const& v) { return v.speed < kCongested_mps; }

  // The way left on the neighbouring lane and on this one, whichever is fuller.
  [[nodiscard]] bool neigh_fills(std::size_t to, double way, double least) {
    return leaves_less(to, way, least) || leaves_less(mine_, way, least);
  }
  static bool allows(double dist, int lanes, double look_ahead) {
    return lanes == 0 || dist / std::abs(lanes) > look_ahead;
  }

  // Let in who is blocked and urgent ahead of us on this lane's neighbours.
  [[gnu::noinline]] void slow_down_for_blocked(std::uint32_t& ret) {
    queue const& q = queues_[mine_];
    slow_down_for(q.last_blocked, ret);
    if (q.first_blocked != q.last_blocked) slow_down_for(q.first_blocked, ret);
  }
  void slow_down_for(slot blocked, std::uint32_t& ret) {
    vehicle& v = me();
    vehicle const& o = w_.cars[blocked];
    double const gap = w_.back_of(o) - v.pos - type().min_gap_m;
    if (gap <= kPosEps || v.speed >= type().decel) return;
    ret |= kAmBackBlocker;
    advise(v, type().follow_speed(v.speed, gap - kPosEps, o.speed, w_.type_of(o).decel, w_.desired(v), false));
  }

  // Way needed to stop from a speed; most ask about the speed limit, on one lane after the other.
  [[nodiscard]] double stopping_way(double speed) {
    if (speed != free_speed_) {
      free_speed_ = speed;
      free_way_ = type().brake_gap(speed);
    }
    return free_way_;
  }

  // The speed that a lane promises.
  [[nodiscard]] double anticipated(neighbour const& lead, double dist, double most, bool accelerating) {
    vehicle const& v = me();
    driver const& t = type();
    double const soon = v.speed + t.accel - t.accel * w_.dt;
    // Who could stop from the limit within the gap, with a metre to spare for rounding, may as well drive that fast.
    if ((lead ? lead.gap : dist) > stopping_way(most) + 1 && !t.idm)
      return accelerating ? std::min(most, t.max_next(soon)) : most;
    double future = 0;
    if (accelerating) {
      vehicle const* const o = lead ? &w_.cars[lead.who] : nullptr;
      future = o != nullptr ? t.follow_speed(soon, lead.gap, o->speed, w_.type_of(*o).decel, w_.desired(v), false)
                            : t.follow_speed(soon, dist, 0, 0, w_.desired(v), false);
    } else {
      future =
          lead ? t.safe_follow(lead.gap, v.speed, w_.cars[lead.who].speed, w_.type_of(w_.cars[lead.who]).decel, false)
               : t.safe_stop_euler(dist, t.decel, t.tau_s);
    }
    return std::min(most, future);
  }

  // Does it want to change to that side, -1 right or 1 left? (MSLCM_LC2013::_wantsChange)
  template <int kSide>
  std::uint32_t wants(side_view& s) {
    std::uint32_t ret = me().wish & kFromOthers;
    if (queues_[mine_].last_blocked != kNone) slow_down_for_blocked(ret);
    prospect p = look_at<kSide>(s);
    ret |= has_to<kSide>(s, p);
    if ((ret & kStay) != 0) return ret;
    if ((ret & kUrgent) == 0) return would_like<kSide>(s, p, ret);
    hurry(s, p);
    return ret;
  }

  // What both lanes are good for.
  template <int kSide>
  prospect look_at(side_view& s) {
    vehicle& v = me();
    prospect p;
    p.towards = kSide < 0 ? kToRight : kToLeft;
    p.help = kSide < 0 ? kHelpRight : kHelpLeft;
    p.curr = &choice(mine_);
    p.neigh = &choice(s.to);
    p.curr_offset = offset_of(*p.curr, mine_);
    p.offset = p.curr_offset == 0 && offset_of(*p.neigh, s.to) == 0 ? kSide : p.curr_offset;
    p.best = static_cast<std::size_t>(std::clamp<int>(static_cast<int>(mine_) + p.offset, 0, static_cast<int>(n_) - 1));
    p.curr_dist = p.curr->length_m();
    p.neigh_dist = p.neigh->length_m();
    if (!inside_ && v.stop_edge == v.route_at) {
      double const stop = w_.next_stop(k_).end_m;
      p.to_stop = stop - v.pos;
      p.curr_dist = std::max(p.curr_dist, stop);
      p.neigh_dist = std::max(p.neigh_dist, stop);
    }
    p.to_best = kSide < 0 ? p.offset < 0 : p.offset > 0;
    p.look = look_ahead<kSide>(s, p);
    p.bonus = w_.lanes[ahead_of(p.best)].before_roundabout ? roundabout_bonus(s.to, p.best) : 0;
    p.curr_dist += p.bonus;
    p.neigh_dist += p.bonus;
    p.most = p.this_limit = w_.lane_speed(v, lane(mine_));
    p.lanes = std::abs(p.offset);
    return p;
  }

  // How long before its lane ends it cares.
  template <int kSide>
  double look_ahead(side_view& s, prospect const& p) {
    vehicle& v = me();
    driver const& t = type();
    if (v.speed > past_->look_ahead_speed) {
      past_->look_ahead_speed = v.speed;
    } else {
      double const memory = 1 - (1 - kLookAheadMemory) * w_.dt;
      past_->look_ahead_speed = std::max(0.0, memory * past_->look_ahead_speed + (1 - memory) * v.speed);
    }
    if (t.strategic < 0) return -1e3;
    if (w_.any_stopped) {
      neighbour const& ahead = leader();
      if (p.offset == 0 && is_stopped(ahead) && ahead.gap < p.curr_dist - v.pos)
        return 0.5 * (t.length_with_gap() + w_.type_of(w_.cars[ahead.who]).length_with_gap() + ahead.gap);
      if (p.offset == kSide && is_stopped(lead_of(s)) && s.lead.gap < p.curr_dist - v.pos)
        return t.length_with_gap() + w_.type_of(w_.cars[s.lead.who]).length_with_gap() + s.lead.gap;
    }
    return past_->look_ahead_speed * kLookForward * t.strategic * (kSide < 0 ? 1 : kLookaheadLeft) +
           t.length_with_gap() * 2;
  }

  // To change, or to stay, to be able to go on.
  template <int kSide>
  std::uint32_t has_to(side_view& s, prospect& p) {
    vehicle const& v = me();
    driver const& t = type();
    if (p.to_best && p.offset == p.curr_offset && p.to_stop < p.look * p.lanes &&
        leaves_less(p.best, p.curr_dist - v.pos, p.look * p.lanes))
      return p.towards | kStrategic | kUrgent;
    if (kSide > 0 && !congested(v) && lead_of(s)) p.this_limit = stay_behind_left(s.lead, p.most, s.to);
    bool const stopped = w_.any_stopped && is_stopped(leader());
    if (stopped && around_stopped<kSide>(s, p)) {
      p.curr_dist = v.pos + leader_.gap;
      return p.towards | kStrategic | kUrgent;
    }
    if (!p.to_best && p.look > 0 && neigh_fills(s.to, p.neigh_dist - v.pos, p.look * (p.lanes + 2)))
      return kStay | kStrategic;
    if (p.offset == 0 && p.neigh_dist < kTurnLane_m && !stopped && p.bonus == 0 && t.strategic >= 0 &&
        leads_on(*p.neigh, s.to))
      return kStay | kStrategic;
    return 0;
  }

  // Who is ahead has stopped: is there room to get past?
  template <int kSide>
  [[nodiscard]] bool around_stopped(side_view& s, prospect const& p) {
    vehicle const& v = me();
    double const overtake = leader_.gap + type().length_m + w_.type_of(w_.cars[leader_.who]).length_with_gap();
    return leader_.gap < kReactToStopped_m && std::min(p.neigh_dist, p.curr_dist) - v.pos > overtake &&
           (kSide > 0 || congested(v)) && (!is_stopped(lead_of(s)) || s.lead.gap > overtake);
  }

  // It has to change: reserves room, and tells who is beside it.
  [[gnu::noinline]] void hurry(side_view& s, prospect const& p) {
    vehicle& v = me();
    double const left_space = p.curr_dist - v.pos;
    notes(v).left_space_m = left_space;
    if (p.to_best && std::abs(p.offset) > 1) make_room(v, s.side < 0 ? 20.0 : 40.0);
    bool const can_go_on = inside_ || p.curr->known > 0;
    std::uint32_t const counter = s.side < 0 ? kToLeft : kToRight;
    neighbour const lead = lead_of(s), follow = follow_of(s);
    bool can_reserve = save_blocker(lead.who, counter, can_go_on);
    if (slot const first = queues_[mine_].first_blocked; first != lead.who)
      can_reserve = save_blocker(first, counter, can_go_on) && can_reserve;
    if (!can_reserve) notes(v).dont_brake = can_go_on;
    double const remaining_s =  // SUMO takes seconds for milliseconds in the lower bound
        std::max(w_.dt / 1000,
                 left_space / std::max(past_->look_ahead_speed, kEps) / std::max(1.0, p.lanes) / kUrgency);
    std::uint32_t const by = blocked(s);
    double const planned = inform_leader(by, s.side, p.help, lead, remaining_s);
    if (planned >= 0) inform_follower(by, s.side, p.help, follow, remaining_s, planned);
  }

  // To help others, to get on faster, or to keep right.
  template <int kSide>
  std::uint32_t would_like(side_view& s, prospect const& p, std::uint32_t ret) {
    vehicle const& v = me();
    bool const right = kSide < 0;
    double const neigh_most = w_.lane_speed(v, lane(s.to));
    neighbour const own = leader();
    if (!right && gains_nothing(own, p, ret, neigh_most)) return ret;
    neighbour const lead = lead_of(s);
    bool const accelerating = (lead && w_.cars[lead.who].accel > 0) || (own && w_.cars[own.who].accel > 0);
    double const neigh_safe = std::min(neigh_most, anticipated(lead, p.neigh_dist, neigh_most, accelerating));
    double const this_safe = std::min(p.this_limit, anticipated(own, p.curr_dist, p.most, accelerating));
    auto const too_inconvenient = [&] {
      double const gained = right ? speed_gain_ / threshold_right() : -speed_gain_ / threshold_left();
      return std::min(1.0, std::max(this_safe / neigh_safe - 1, gained)) > type().cooperative;
    };
    if (p.bonus > 0) return ret | (right ? kStay : p.towards) | kCooperative;
    if (right && p.offset == 0 && w_.lanes[lane(mine_)].limit > 80 / 3.6 && past_->look_ahead_speed > kHalting_mps)
      return ret | kStay | kStrategic;
    if ((v.wish & kAmBlockingFollower) != 0 && (v.wish & p.help) != 0 && !too_inconvenient() &&
        (p.to_best || allows(p.neigh_dist, std::abs(p.offset) + 1, p.look))) {
      return ret | p.towards | kCooperative | kUrgent;
    }
    double const gain = (neigh_safe - this_safe) / std::max(neigh_safe, kRelativeGainSpeed);
    std::uint32_t const gains = right ? wants_right(lead, p.neigh_dist, this_safe, neigh_safe, gain, p.most)
                                      : wants_left(p.neigh_dist, this_safe, neigh_safe, gain);
    if (gains != 0) return ret | gains;
    if (p.to_best && p.offset == p.curr_offset && type().strategic >= 0 && gain >= 0 &&
        (right ? speed_gain_ < 0 : speed_gain_ > 0))
      return ret | p.towards | kStrategic;
    return ret;
  }

  // Who has the way free before him, on a lane as fast as that on the left, finds nothing there, whoever is on it: what
  // he could drive here is no less in either case of anticipated, and nothing is left of an older wish.
  [[nodiscard]] bool gains_nothing(neighbour const& own, prospect const& p, std::uint32_t ret, double neigh_most) {
    return speed_gain_ <= 0 && p.bonus == 0 && (ret & kAmBlockingFollower) == 0 && !type().idm &&
           neigh_most <= p.most && p.this_limit == p.most && (own ? own.gap : p.curr_dist) > stopping_way(p.most) + 1;
  }

  // Nobody overtakes on the right where traffic flows: behind a slower leader on the left, slow down or move left.
  [[gnu::noinline]] double stay_behind_left(neighbour const& lead, double most, std::size_t to) {
    vehicle& v = me();
    driver const& t = type();
    vehicle const& o = w_.cars[lead.who];
    double const dv = std::max(most - w_.lane_speed(o, lane(to)), v.speed - o.speed);
    if (dv <= 0) return most;
    double const least = t.min_next(v.speed);
    double const follow = t.follow_speed(v.speed, lead.gap, o.speed, w_.type_of(o).decel, w_.desired(v), false);
    double safe = follow >= least ? follow : std::max(least, o.speed - kHelpOvertake_mps);
    if (speed_gain_ < threshold_left()) safe = std::max(safe, o.speed);
    advise(v, safe);
    double const future =
        t.follow_speed(v.speed, lead.gap - dv * 8, o.speed, w_.type_of(o).decel, w_.desired(v), false);
    if (future < safe) {
      speed_gain_ += w_.dt * dv / std::max(most, kRelativeGainSpeed);
      left_to_avoid_ = true;
    }
    return std::min(most, safe);
  }

  std::uint32_t wants_right(neighbour const& lead, double neigh_dist, double this_safe, double neigh_safe, double gain,
                            double most) {
    vehicle& v = me();
    driver const& t = type();
    if (this_safe - 5 / 3.6 > neigh_safe) {
      if (speed_gain_ < 0) speed_gain_ = speed_gain_ * w_.half;
    } else {
      if (speed_gain_ < 0 || gain > 0) speed_gain_ -= w_.dt * gain;
      double const factor = most / w_.lanes[lane(mine_)].limit;
      double const acceptance = 7 * factor * std::max(1.0, v.speed);
      double full_gap = std::max(0.0, neigh_dist - stopping_way(most));
      double full_s = std::min(acceptance, full_gap / most);
      if (lead && w_.cars[lead.who].speed < most) {
        vehicle const& o = w_.cars[lead.who];
        full_gap = std::max(0.0, std::min(full_gap, lead.gap - t.secure_gap(most, o.speed, w_.type_of(o).decel)));
        full_s = std::min(full_s, full_gap / (most - o.speed));
      }
      if (leader_ && !congested(v)) {
        vehicle const& o = w_.cars[leader_.who];
        double const its = w_.lane_speed(o, o.lane);
        if (its < most) {  // a slow leader could not be overtaken from there
          full_gap = std::min(full_gap, leader_.gap);
          full_s = std::min(full_s, full_gap / std::max(kEps, most - o.speed));
          speed_gain_ += w_.dt * (most - its) / std::max(most, kRelativeGainSpeed);
        }
      }
      keep_right_ -= w_.dt * threshold_right() * (full_s / acceptance) / kKeepRightTime_s;
      if (keep_right_ * t.keep_right < -threshold_right()) return kToRight | kKeepRight;
    }
    if (speed_gain_ < -threshold_right() && neigh_dist / std::max(.1, v.speed) > 20) return kToRight | kSpeedGain;
    return 0;
  }

  std::uint32_t wants_left(double neigh_dist, double this_safe, double neigh_safe, double gain) {
    vehicle& v = me();
    if (this_safe > neigh_safe) {
      if (speed_gain_ > 0) speed_gain_ = speed_gain_ * w_.half;
    } else if (this_safe == neigh_safe) {
      if (speed_gain_ > 0) speed_gain_ = speed_gain_ * w_.four_fifths;
    } else {
      speed_gain_ += w_.dt * gain;
    }
    if (speed_gain_ > threshold_left() && (gain > kEps || left_to_avoid_) && neigh_dist / std::max(.1, v.speed) > 20)
      return kToLeft | kSpeedGain;
    return 0;
  }

  [[nodiscard]] bool save_blocker(slot blocker, std::uint32_t counter, bool relief) {
    vehicle& v = me();
    if (blocker == kNone || !here(blocker) || (w_.cars[blocker].wish & counter) == 0) return true;
    vehicle& o = w_.cars[blocker];
    double const potential = left_space_m(v) - type().brake_gap(v.speed, type().decel, 0);
    double const its = w_.type_of(o).length_with_gap();
    if (its <= potential) {
      make_room(v, its);
      return true;
    }
    double const ours = type().length_with_gap();
    double const its_space = left_space_m(o);
    bool const can =
        its_space - w_.type_of(o).brake_gap(o.speed, w_.type_of(o).decel, w_.dt) >= ours || its_space > left_space_m(v);
    if (can)
      make_room(o, ours);
    else if (!relief)
      make_room(v, its);
    return can;
  }

  // Way to overtake leader and be a safe gap ahead of it.
  [[nodiscard]] double overtake_way(vehicle const& follower, vehicle const& leader, double gap, double follower_speed,
                                    double leader_speed) const {
    driver const &f = w_.type_of(follower), &l = w_.type_of(leader);
    return std::max(0.0, gap + l.length_with_gap() + f.length_m + l.secure_gap(leader_speed, follower_speed, f.decel));
  }

  // On different ways across the same junction.
  [[nodiscard]] bool divergent(vehicle const& v, vehicle const& o) const {
    lane_facts const &a = w_.map->lanes[v.lane], &b = w_.map->lanes[o.lane];
    id_vector<edge_id, junction_id> const& to = w_.map->net().edges.to;
    return a.internal && b.internal && a.edge != b.edge && to[a.edge] == to[b.edge];
  }

  // Returns the speed that this driver plans; negative: he overtakes.
  double inform_leader(std::uint32_t blocked, int side, std::uint32_t help, neighbour const& lead, double remaining_s) {
    vehicle& v = me();
    driver const& t = type();
    double const space = left_space_m(v) - blocker_m(v);
    double planned = std::min(v.speed, t.stop_speed(v.speed, space, w_.desired(v)));
    if (change_notes const* const n = find_notes(c_, v, k_)) {
      for (std::size_t i = 0; i < n->advices; ++i) {
        if (n->advice[i] >= -t.decel) planned = std::min(planned, v.speed + n->advice[i] * w_.dt);
      }
    }
    if (!lead) return planned;
    vehicle const& o = w_.cars[lead.who];
    double const next_speed = o.speed - std::max(1.0, -o.accel) * w_.dt;
    double const next_gap = lead.gap + (next_speed - planned) * w_.dt;
    auto const target = [&] {
      return std::max(t.min_next(v.speed),
                      t.follow_speed(v.speed, next_gap, next_speed, w_.type_of(o).decel, w_.desired(v), false));
    };
    if ((blocked & kByLeader) == 0) {
      double const speed = target();
      advise(v, speed);
      return std::min(speed, planned);
    }
    if (divergent(v, o)) return planned;
    double const way = overtake_way(v, o, lead.gap, v.speed, o.speed), dv = planned - o.speed;
    double const overtake_s = dv > 0 ? way / dv : remaining_s + 1;
    bool const cannot =
        dv < 0 || (side > 0 && !congested(v)) || space - t.brake_gap(v.speed) < way || remaining_s < overtake_s;
    if (cannot && !o.is(kStopped)) {
      tell(lead.who, 1e9, help | kAmBlockingLeader);
      double const speed = target();
      if (speed < v.speed) {
        double const decel =
            remaining_s == 0 ? t.decel : std::min(t.decel, std::max(kMinFallBehind, (v.speed - speed) / remaining_s));
        double const next = std::min(planned, std::max(0.0, v.speed - decel * w_.dt));
        advise(v, next);
        return next;
      }
      advise(v, speed);
      return planned;
    }
    tell(lead.who, o.speed, help | kAmBlockingLeader);
    return -1;
  }

  void inform_follower(std::uint32_t blocked, int side, std::uint32_t help, neighbour const& follow, double remaining_s,
                       double planned) {
    if (!follow) return;
    vehicle& v = me();
    vehicle const& o = w_.cars[follow.who];
    driver const &t = type(), &f = w_.type_of(o);
    auto const its_follow = [&](double gap) {
      return f.follow_speed(o.speed, gap, planned, t.decel, w_.desired(o), false);
    };
    if ((blocked & kByFollower) == 0) {
      if ((blocked & kByLeader) == 0) return;
      double const safe1 = its_follow(follow.gap + planned * w_.dt);
      tell(follow.who, its_follow(follow.gap + (planned - safe1) * w_.dt), help);
      return;
    }
    if (divergent(v, o)) return;
    if (planned - o.speed >= kHelpOvertake_mps) {
      double const need = f.secure_gap(o.speed, planned, t.decel);
      if ((need - follow.gap) / remaining_s < planned - o.speed) {
        tell(follow.who, planned - kHelpOvertake_mps, help | kAmBlockingFollower);
        return;
      }
    }
    double const decel = f.decel;
    double const next = std::max(0.0, o.speed - decel * w_.dt), next1 = std::max(0.0, o.speed - decel);
    double const dv = planned - next1, decel_gap = follow.gap + dv;
    double const secure = f.secure_gap(next1, planned, t.decel);
    double const impatience = w_.impatience_of(v);
    if (side > 0 && w_.map->net().lanes.acceleration[v.lane] != 0 &&
        next1 < w_.lanes[v.lane].limit * 0.8 * (1 - impatience))
      return;
    if (decel_gap > 0 && decel_gap >= secure) {
      double const safe1 = std::max(next, its_follow(follow.gap + planned * w_.dt));
      tell(follow.who, std::max(next, its_follow(follow.gap + (planned - safe1) * w_.dt)), help | kAmBlockingFollower);
    } else if (dv > 0 && dv * remaining_s > secure - decel_gap + kPosEps) {
      tell(follow.who, next, help | kAmBlockingFollower);
    } else if (side < 0 && !congested(o)) {
      tell(follow.who, std::max(next, kHelpOvertake_mps), help | kAmBlockingFollower);
    } else {
      double wish = std::max(o.speed, v.speed + kHelpOvertake_mps);
      if (o.speed > v.speed && (side < 0 || planned > kCutInLeft_mps || w_.lanes[v.lane].length_m > kMaxOnRamp_m)) {
        wish = std::max(next, v.speed + kHelpOvertake_mps);
        if ((o.speed - v.speed) / decel < remaining_s) {
          tell(follow.who, wish, help | kAmBlockingFollower);
          return;
        }
      }
      tell(follow.who, wish, help | kAmBlockingFollower);
      double const need = overtake_way(o, v, follow.gap, wish, planned) / remaining_s;
      advise(v, std::max(wish - need, v.speed - t.decel * w_.dt));
    }
  }

  part& p_;
  chunk& c_;
  vehicle_past* past_ = nullptr;            // of who decides
  double speed_gain_ = 0, keep_right_ = 0;  // its wishes
  bool leader_known_ = false;
  neighbour leader_;
  mutable double sight_m_ = -1;            // see sight; not known yet
  double free_speed_ = -1, free_way_ = 0;  // of stopping_way
  bool left_to_avoid_ = false;
  static constexpr double kNobody = -std::numeric_limits<double>::max();
  struct queue {               // of a lane; not filled where the edge has none
    slot const *next, *end;    // who is to decide next
    double next_pos, taken_m;  // by those who will be on it, so far
    slot first_blocked, last_blocked;
    slot last;  // who will be on it
  };
  std::array<queue, 16> queues_;
  std::array<double, 16> occupied_;
  std::uint32_t occupied_known_ = 0;  // a bit for each lane
  std::vector<decision>& decided_;    // so far
};

}  // namespace

void change_edge(world& w, part& p, chunk& c, changing_edge const& e) {
  static thread_local std::vector<decision> decided;
  edge_changer(w, p, c, e, decided).run();
}

}  // namespace gemeo::micro
