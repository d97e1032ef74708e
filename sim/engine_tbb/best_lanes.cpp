// Which lane is good for how far, as a route sees it: SUMO's best lanes. Looks ahead 4 edges or 3 km, in towns 8 edges
// or the way in which the vehicle could stop at its highest speed; no more than kChain edges.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sim/core/error.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr std::size_t kMaxLanes = 16;
using lane_mask = std::uint16_t;  // of an edge's lanes

struct lane_view {  // one lane of one edge ahead
  double length = 0, current = 0;
  int offset = 0;
  std::uint64_t way = 0;      // as in lane_choice
  std::int8_t priority = -1;  // of the link it goes on by, as its signal is now: 1 major, 0 minor, -1 none
  std::uint8_t known = 0;
  bool continues = true;
  lane_mask onto = 0, major = 0;  // lanes of the next edge that it leads to; by major links
};

constexpr std::size_t kMaxView = kChain + 1;

struct view {
  std::array<std::array<lane_view, kMaxLanes>, kMaxView> lanes;  // of each edge, as many as it has lanes
  std::array<std::size_t, kMaxView> count;
  std::array<std::uint32_t, kMaxView> first;         // lane of each edge
  std::array<lane_mask, kMaxView> allowed, reached;  // lanes that the class may use; that the edge before leads to
};

class best_lane_finder {
 public:
  best_lane_finder(world const& w, slot k, view& room)
      : w_(w), k_(k), v_(w.cars[k]), cls_(w.type_of(v_).cls), v0_(room) {}

  view const& find() {
    look_ahead();
    rate_last();
    for (std::size_t i = edges_ - 1; i-- > 0;) go_back(i);
    return v0_;
  }

  [[nodiscard]] lane_id lane(std::size_t i, std::size_t index) const {  // of the i-th edge from best_at() on
    return lane_id(v0_.first[i] + static_cast<std::uint32_t>(index));
  }

 private:
  [[nodiscard]] bool may(std::size_t i, std::size_t k) const { return (v0_.allowed[i] >> k & 1U) != 0; }
  [[nodiscard]] static lane_mask bit(std::size_t k) { return static_cast<lane_mask>(1U << k); }
  [[nodiscard]] lane_mask allowed_on(range lanes) const {
    lane_mask out = 0;
    for (std::size_t k = 0; k < std::min<std::size_t>(lanes.size(), kMaxLanes); ++k) {
      if (permits(w_.allowed[lane_id(lanes.begin + k)], cls_)) out = static_cast<lane_mask>(out | bit(k));
    }
    return out;
  }
  [[nodiscard]] edge_id edge(std::size_t i) const { return w_.route_edges[v_.best_at() + i]; }
  // Notes where lane k of the i-th edge leads to on the next one; whether the class may go there.
  bool connect(std::size_t i, std::size_t k, range next, lane_mask allowed) {
    lane_view& q = v0_.lanes[i][k];
    lane_facts const& f = w_.map->lanes[lane(i, k)];
    unsigned onto = 0, major = 0;
    for (std::uint32_t l = f.first_link; l < f.last_link; ++l) {
      onward const& to = w_.map->onto[l];
      std::uint32_t const m = to.lane.value - next.begin;  // beyond the edge's lanes where it is another's
      if (m >= next.size() || m >= kMaxLanes) continue;
      bool const goes = to.letter == kNone ? to.major : has_priority(w_.letters[to.letter]);
      if (goes && (onto >> m & 1U) == 0) major |= 1U << m;
      onto |= 1U << m;
    }
    q.onto = static_cast<lane_mask>(onto);
    q.major = static_cast<lane_mask>(major);
    return (onto & allowed) != 0 && may(i, k);
  }

  void look_ahead() {
    network const& n = w_.map->net();
    driver const& t = w_.type_of(v_);
    double const start = n.length_m(edge(0));
    double const brake = start + t.tau_s * t.max_speed + t.brake_gap(t.max_speed) + t.min_gap_m;
    double seen_m = 0;
    std::size_t seen = 0;
    bool more = true;
    edge_id e = edge(0);
    range on = n.edges.lanes[e];
    lane_mask allowed = allowed_on(on);
    while (more && seen < kMaxView) {
      std::size_t const lanes = std::min<std::size_t>(on.size(), kMaxLanes);
      v0_.count[seen] = lanes;
      v0_.first[seen] = on.begin;
      v0_.allowed[seen] = allowed;
      bool const last = v_.best_at() + seen + 1 >= v_.route_end;
      bool const stop_here = v_.stop_edge == v_.best_at() + seen;
      double const length = n.length_m(e);
      if (!last) {
        e = edge(seen + 1);
        on = n.edges.lanes[e];
        allowed = allowed_on(on);
      }
      unsigned reached = 0;
      for (std::size_t i = 0; i < lanes; ++i) {
        lane_view& q = v0_.lanes[seen][i];
        q = lane_view{};
        lane_id const l = lane(seen, i);
        q.length = q.current = may(seen, i) ? length : 0;
        q.continues = last || connect(seen, i, on, allowed);
        reached |= q.onto;
        if (stop_here) {
          bus_stop const& stop = w_.next_stop(k_);
          if (stop.lane != l) {
            q.continues = false;
            q.length = q.current = std::clamp(stop.begin_m, kPosEps, std::max(kPosEps, length - 2 * kPosEps));
          }
        }
      }
      if (stop_here) more = false;
      v0_.reached[seen] = static_cast<lane_mask>(reached);
      seen_m += length;
      ++seen;
      more = more && (seen <= 4 || seen_m < std::max(brake, 3000.0)) &&
             (seen <= 8 || seen_m < std::max(brake, 200.0)) && !last;
    }
    edges_ = seen;
  }

  // Lanes that would have to be left towards a side where that is not allowed are of no use.
  void forbid_blocked_sides(std::size_t i, bool only_current) {
    bool right_forbidden = false;
    int left_forbidden = -1;
    auto& lanes = v0_.lanes[i];
    network const& n = w_.map->net();
    for (std::size_t k = 0; k < v0_.count[i]; ++k) {
      lane_view& q = lanes[k];
      lane_id const l = lane(i, k);
      if (q.offset < 0 && (k == 0 || !permits(n.lanes.change_right[l], cls_) || !may(i, k - 1) || right_forbidden)) {
        right_forbidden = true;
        if (!only_current || q.length == q.current) q.length = 0;
      } else if (q.offset > 0 && (k + 1 >= v0_.count[i] || !permits(n.lanes.change_left[l], cls_) || !may(i, k + 1))) {
        left_forbidden = static_cast<int>(k);
      }
    }
    for (int k = left_forbidden; k >= 0; --k) {
      lane_view& q = lanes[static_cast<std::size_t>(k)];
      if (!only_current || q.length == q.current) q.length = 0;
    }
  }

  void rate_last() {
    std::size_t const i = edges_ - 1;
    auto& lanes = v0_.lanes[i];
    double best = -1;
    int lowest = 0, highest = 0;
    for (std::size_t k = 0; k < v0_.count[i]; ++k) {
      if (lanes[k].length > best) {
        best = lanes[k].length;
        lowest = highest = static_cast<int>(k);
      } else if (lanes[k].length == best) {
        highest = static_cast<int>(k);
      }
    }
    for (std::size_t k = 0; k < v0_.count[i]; ++k) {
      if (lanes[k].length < best) lanes[k].offset = nearer(lowest, highest, static_cast<int>(k));
    }
    forbid_blocked_sides(i, false);
  }

  static int nearer(int lowest, int highest, int k) {
    return std::abs(lowest - k) < std::abs(highest - k) ? lowest - k : highest - k;
  }

  void go_back(std::size_t i) {
    if (v0_.count[i] == 1 && v0_.count[i + 1] == 1 && go_back_single(i)) return;
    auto& mine = v0_.lanes[i];
    auto const& next = v0_.lanes[i + 1];
    std::size_t const count = v0_.count[i], next_count = v0_.count[i + 1];
    double best_connected = -1, best_next = -1;
    for (std::size_t m = 0; m < next_count; ++m) {
      best_next = std::max(best_next, next[m].length);
      if (next[m].length > best_connected && (v0_.reached[i] >> m & 1U) != 0) best_connected = next[m].length;
    }
    int lowest = 0, highest = 0;
    if (best_connected > 0) {
      for (std::size_t k = 0; k < count; ++k) {
        go_back_lane(i, k, best_connected, best_next);
        compare(mine, static_cast<int>(k), lowest, highest);
      }
    } else {
      go_back_disconnected(i, lowest, highest);
    }
    lane_view const& best = mine[static_cast<std::size_t>(lowest)];
    for (std::size_t k = 0; k < count; ++k) {  // beyond the best lane its offset counts as none, as SUMO has it
      lane_view& q = mine[k];
      if (q.length < best.length || (q.length == best.length && std::abs(q.offset) > std::abs(best.offset)) ||
          q.priority < best.priority) {
        q.offset = nearer(lowest, highest, static_cast<int>(k));
        if (q.priority < best.priority) q.length = q.current;  // leave the lesser lane before it ends
      } else {
        q.offset = 0;
      }
    }
    forbid_blocked_sides(i, true);
  }

  // From one lane to one lane, as most ways in towns are; false: it is not as simple as that.
  bool go_back_single(std::size_t i) {
    lane_view& q = v0_.lanes[i][0];
    lane_view const& go = v0_.lanes[i + 1][0];
    if (!q.continues || go.length <= 0 || q.onto == 0 || !may(i + 1, 0)) return false;
    q.length += go.length;
    append(q, 0, go);
    q.priority = q.major != 0 ? 1 : 0;
    return true;
  }

  void go_back_lane(std::size_t i, std::size_t k, double best_connected, double best_next) {
    lane_view& q = v0_.lanes[i][k];
    auto const& next = v0_.lanes[i + 1];
    lane_view const* go = nullptr;
    std::size_t to = 0;
    if (q.continues) {
      unsigned const open = q.onto & v0_.allowed[i + 1];
      for (std::size_t m = 0; m < v0_.count[i + 1]; ++m) {
        if ((open >> m & 1U) == 0) continue;
        if (go == nullptr || go->length < next[m].length ||
            (go->length == next[m].length && std::abs(go->offset) > std::abs(next[m].offset))) {
          go = &next[m];
          to = m;
        }
      }
    }
    if (go == nullptr) {
      q.continues = false;
      return;
    }
    q.length += go->length == best_connected && std::abs(go->offset) < 2 ? best_next : go->length;
    q.offset = go->offset;
    if (go->continues || go->length > 0) {
      append(q, to, *go);
      q.priority = static_cast<std::int8_t>(q.major >> to & 1U);
    } else {
      q.continues = false;
    }
  }

  static void append(lane_view& q, std::size_t to, lane_view const& go) {
    q.way = static_cast<std::uint64_t>(to) | go.way << 4U;
    q.known = static_cast<std::uint8_t>(std::min<std::size_t>(kChain, go.known + 1U));
  }

  static void compare(std::array<lane_view, kMaxLanes> const& mine, int k, int& lowest, int& highest) {
    lane_view const& best = mine[static_cast<std::size_t>(lowest)];
    lane_view const& q = mine[static_cast<std::size_t>(k)];
    int const a = std::abs(best.offset), b = std::abs(q.offset);
    if (best.length < q.length || (best.length == q.length && a > b) ||
        (best.length == q.length && a == b && best.priority < q.priority)) {
      lowest = highest = k;
    } else if (best.length == q.length && a == b && best.priority == q.priority) {
      highest = k;
    }
  }

  void go_back_disconnected(std::size_t i, int& lowest, int& highest) {
    auto& mine = v0_.lanes[i];
    auto const& next = v0_.lanes[i + 1];
    std::size_t to = 0;
    int needed = static_cast<int>(v0_.count[i]);
    bool found = false;
    for (std::size_t k = 0; k < v0_.count[i]; ++k) {
      if (!mine[k].continues) continue;
      for (std::size_t m = 0; m < v0_.count[i + 1]; ++m) {
        if ((mine[k].onto >> m & 1U) == 0 || needed <= std::abs(next[m].offset)) continue;
        needed = std::abs(next[m].offset);
        lowest = highest = static_cast<int>(k);
        to = m;
        found = true;
      }
    }
    lane_view& q = mine[static_cast<std::size_t>(lowest)];
    q.length += next[to].length;
    if (found) append(q, to, next[to]);
  }

  world const& w_;
  slot k_;
  vehicle const& v_;
  vclass cls_;
  view& v0_;
  std::size_t edges_ = 0;
};

}  // namespace

namespace {

// The link from a lane of the route's edge `at` that leads on as the choice says, or else anywhere on the next edge;
// counted from the lane's first.
std::uint32_t search_link(world const& w, vehicle const& v, lane_choice const& q, lane_facts const& f,
                          std::uint32_t at) {
  if (at + 1 >= v.route_end) return kNone;
  range const next = w.map->net().edges.lanes[w.route_edges[at + 1]];
  std::uint32_t const ahead = at - v.best_at(), wished = ahead < q.known ? q.next(ahead) : kNone;
  std::uint32_t fallback = kNone;
  for (std::uint32_t l = f.first_link; l < f.last_link; ++l) {
    lane_id const to = w.map->onto[l].lane;
    std::uint32_t const index = to.value - next.begin;  // beyond the edge's lanes where it is another's
    if (index >= next.size() || !w.permits_on(to, v)) continue;
    if (index == wished) return l - f.first_link;
    if (fallback == kNone) fallback = l - f.first_link;
  }
  return ahead < q.known ? kNone : fallback;
}

}  // namespace

void find_best_lanes(world& w, slot k) {
  static thread_local view room;
  best_lane_finder finder(w, k, room);
  view const& found = finder.find();
  auto const out = w.choices_of(k);
  for (std::size_t i = 0; i < std::min(found.count[0], out.size()); ++i) {
    lane_view const& q = found.lanes[0][i];
    lane_choice& o = out[i];
    o = {};
    o.length_m = static_cast<float>(q.length);
    o.offset = static_cast<std::int8_t>(q.offset);
    o.continues = q.continues;
    o.known = static_cast<std::uint8_t>(q.known & 127U);
    o.way = {static_cast<std::uint32_t>(q.way), static_cast<std::uint32_t>(q.way >> 32U)};
    std::uint32_t const l = search_link(w, w.cars[k], o, w.map->lanes[finder.lane(0, i)], w.cars[k].best_at());
    verify(l == kNone || l < lane_choice::kNoLink, "a lane has fewer than 65,535 connections");
    o.link = static_cast<std::uint16_t>(l == kNone ? lane_choice::kNoLink : l);
  }
}

void find_next_stop(world& w, slot k) {
  vehicle& v = w.cars[k];
  v.stop_edge = kNone;
  if (w.logs[k].calls == kNone || w.calls_of(k).next_stop >= w.calls_of(k).stops_end) return;
  edge_id const e = w.map->lanes[w.next_stop(k).lane].edge;
  for (std::uint32_t i = v.route_at; i < v.route_end; ++i) {
    if (w.route_edges[i] != e) continue;
    v.stop_edge = i;
    return;
  }
}

std::uint32_t world::start_index(vehicle const& v) const {
  lane_state const& f = lanes[v.lane];
  if (!f.internal) return f.index;
  link const* l = &map->links[f.first_link];
  while (lanes[l->next].internal) l = &map->links[lanes[l->next].first_link];
  return lanes[l->to].index;
}

std::uint32_t world::link_beyond(slot k, lane_id from, std::uint32_t at, std::uint32_t start) const {
  lane_facts const& f = map->lanes[from];
  std::uint32_t const l = search_link(*this, cars[k], choices_of(k)[start], f, at);
  return l == kNone ? kNone : f.first_link + l;
}

}  // namespace gemeo::micro
