// Which lane is good for how far, as a route sees it: SUMO's best lanes. Looks ahead 4 edges or 3 km, in towns 8 edges
// or the way in which the vehicle could stop at its highest speed; no more than kChain edges.
#include <algorithm>
#include <bit>
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
  std::uint64_t way = 0;  // as world::way_of has it
  int offset = 0;
  lane_mask onto = 0;         // lanes of the next edge that it leads to
  std::int8_t priority = -1;  // of the link it goes on by, as its signal is now: 1 major, 0 minor, -1 none
  std::uint8_t known = 0;
  bool continues = true;
};

constexpr std::size_t kMaxView = kChain + 1;

struct edge_view {
  lane_view* lanes;
  std::size_t count;
  std::uint32_t first;         // lane
  lane_mask allowed, reached;  // lanes that the class may use; of the next edge, that this one leads to
};

struct view {
  std::array<lane_view, kMaxLanes * kMaxView> lanes;  // those of the edges ahead, one edge after the other
  std::array<edge_view, kMaxView> edges;
};

class best_lane_finder {
 public:
  best_lane_finder(world const& w, route_place const& at, view& room)
      : w_(w), at_(at), cls_(at.type->cls), way_bits_(w.map->way_bits), room_(room) {}

  edge_view const& find() {
    look_ahead();
    rate_last(room_.edges[edges_ - 1]);
    for (std::size_t i = edges_ - 1; i-- > 0;) go_back(room_.edges[i], room_.edges[i + 1]);
    return room_.edges[0];
  }

 private:
  static lane_id lane(edge_view const& e, std::size_t k) { return lane_id(e.first + static_cast<std::uint32_t>(k)); }
  static bool may(edge_view const& e, std::size_t k) { return (e.allowed >> k & 1U) != 0; }
  [[nodiscard]] lane_mask allowed_on(edge_id e, range lanes) const {
    if (permits(w_.open_to[e], cls_)) return static_cast<lane_mask>((1U << lanes.size()) - 1U);
    unsigned out = 0;
    for (std::size_t k = 0; k < lanes.size(); ++k) {
      if (permits(w_.allowed[lane_id(lanes.begin + k)], cls_)) out |= 1U << k;
    }
    return static_cast<lane_mask>(out);
  }

  void look_ahead() {
    roads const& map = *w_.map;
    driver const& t = *at_.type;
    std::uint32_t at = at_.at;
    edge_id e = w_.route_edges[at];
    edge_facts const* facts = &map.edges[e];
    lane_mask allowed = allowed_on(e, facts->lanes);
    double const brake = facts->length_m + t.tau_s * t.max_speed + t.brake_gap(t.max_speed) + t.min_gap_m;
    double seen_m = 0;
    std::size_t seen = 0;
    lane_view* next_lane = room_.lanes.data();
    for (bool more = true; more && seen < kMaxView; ++at) {
      bool const last = at + 1 >= at_.end;
      std::uint16_t const* leads = nullptr;
      edge_facts const* const here = facts;
      edge_view& out = room_.edges[seen];
      out = {next_lane, here->lanes.size(), here->lanes.begin, allowed, 0};
      if (!last) {
        edge_id const next = w_.route_edges[at + 1];
        leads = map.leads(e, next);
        e = next;
        facts = &map.edges[e];
        allowed = allowed_on(e, facts->lanes);
      }
      double const length = here->length_m;
      unsigned reached = 0;
      for (std::size_t i = 0; i < out.count; ++i) {
        lane_view& q = *next_lane++;
        unsigned const onto = leads != nullptr ? leads[i] : 0U;
        bool const mine = may(out, i);
        q.length = q.current = mine ? length : 0;
        q.way = 0;
        q.offset = 0;
        q.onto = static_cast<lane_mask>(onto);
        q.priority = -1;
        q.known = 0;
        q.continues = last || ((onto & allowed) != 0 && mine);
        reached |= onto;
      }
      out.reached = static_cast<lane_mask>(reached);
      if (at_.stop_edge == at) {
        stop_on(out, length);
        more = false;
      }
      seen_m += length;
      ++seen;
      more = more && (seen <= 4 || seen_m < std::max(brake, 3000.0)) &&
             (seen <= 8 || seen_m < std::max(brake, 200.0)) && !last;
    }
    edges_ = seen;
  }

  void stop_on(edge_view const& e, double length) const {
    bus_stop const& stop = *at_.stop;
    for (std::size_t k = 0; k < e.count; ++k) {
      if (stop.lane == lane(e, k)) continue;
      lane_view& q = e.lanes[k];
      q.continues = false;
      q.length = q.current = std::clamp(stop.begin_m, kPosEps, std::max(kPosEps, length - 2 * kPosEps));
    }
  }

  // Lanes that would have to be left towards a side where that is not allowed are of no use.
  void forbid_blocked_sides(edge_view const& e, bool only_current) const {
    bool right_forbidden = false;
    int left_forbidden = -1;
    network const& n = w_.map->net();
    for (std::size_t k = 0; k < e.count; ++k) {
      lane_view& q = e.lanes[k];
      if (q.offset == 0) continue;
      lane_id const l = lane(e, k);
      if (q.offset < 0 && (k == 0 || !permits(n.lanes.change_right[l], cls_) || !may(e, k - 1) || right_forbidden)) {
        right_forbidden = true;
        if (!only_current || q.length == q.current) q.length = 0;
      } else if (q.offset > 0 && (k + 1 >= e.count || !permits(n.lanes.change_left[l], cls_) || !may(e, k + 1))) {
        left_forbidden = static_cast<int>(k);
      }
    }
    for (int k = left_forbidden; k >= 0; --k) {
      lane_view& q = e.lanes[k];
      if (!only_current || q.length == q.current) q.length = 0;
    }
  }

  void rate_last(edge_view const& e) const {
    double best = -1;
    int lowest = 0, highest = 0;
    for (std::size_t k = 0; k < e.count; ++k) {
      if (e.lanes[k].length > best) {
        best = e.lanes[k].length;
        lowest = highest = static_cast<int>(k);
      } else if (e.lanes[k].length == best) {
        highest = static_cast<int>(k);
      }
    }
    for (std::size_t k = 0; k < e.count; ++k) {
      if (e.lanes[k].length < best) e.lanes[k].offset = nearer(lowest, highest, static_cast<int>(k));
    }
    forbid_blocked_sides(e, false);
  }

  static int nearer(int lowest, int highest, int k) {
    return std::abs(lowest - k) < std::abs(highest - k) ? lowest - k : highest - k;
  }

  void go_back(edge_view const& e, edge_view const& next) const {
    if (e.count == 1 && next.count == 1 && go_back_single(e, next)) return;
    double best_connected = -1, best_next = -1;
    for (std::size_t m = 0; m < next.count; ++m) {
      double const length = next.lanes[m].length;
      best_next = std::max(best_next, length);
      if (length > best_connected && (e.reached >> m & 1U) != 0) best_connected = length;
    }
    int lowest = 0, highest = 0;
    if (best_connected > 0) {
      for (std::size_t k = 0; k < e.count; ++k) {
        go_back_lane(e, k, next, best_connected, best_next);
        if (k > 0) compare(e.lanes, static_cast<int>(k), lowest, highest);
      }
    } else {
      go_back_disconnected(e, next, lowest, highest);
    }
    lane_view const& best = e.lanes[lowest];
    double const best_length = best.length;
    int const best_offset = std::abs(best.offset), best_priority = best.priority;
    for (std::size_t k = 0; k < e.count; ++k) {  // beyond the best lane its offset counts as none, as SUMO has it
      lane_view& q = e.lanes[k];
      int const least = static_cast<int>(k) <= lowest ? best_offset : 0;
      if (q.length < best_length || (q.length == best_length && std::abs(q.offset) > least) ||
          q.priority < best_priority) {
        q.offset = nearer(lowest, highest, static_cast<int>(k));
        if (q.priority < best_priority) q.length = q.current;  // leave the lesser lane before it ends
      } else {
        q.offset = 0;
      }
    }
    forbid_blocked_sides(e, true);
  }

  // From one lane to one lane, as most ways in towns are; false: it is not as simple as that.
  [[nodiscard]] bool go_back_single(edge_view const& e, edge_view const& next) const {
    lane_view& q = e.lanes[0];
    lane_view const& go = next.lanes[0];
    if (!q.continues || go.length <= 0 || q.onto == 0 || !may(next, 0)) return false;
    q.length += go.length;
    append(q, 0, go);
    return true;
  }

  void go_back_lane(edge_view const& e, std::size_t k, edge_view const& next, double best_connected,
                    double best_next) const {
    lane_view& q = e.lanes[k];
    unsigned open = q.continues ? static_cast<unsigned>(q.onto & next.allowed) : 0U;
    if (open == 0) {
      q.continues = false;
      return;
    }
    auto to = static_cast<std::size_t>(std::countr_zero(open));
    lane_view const* go = &next.lanes[to];
    for (open &= open - 1; open != 0; open &= open - 1) {
      auto const m = static_cast<std::size_t>(std::countr_zero(open));
      lane_view const& o = next.lanes[m];
      if (go->length < o.length || (go->length == o.length && std::abs(go->offset) > std::abs(o.offset))) {
        go = &o;
        to = m;
      }
    }
    q.length += go->length == best_connected && std::abs(go->offset) < 2 ? best_next : go->length;
    q.offset = go->offset;
    if (go->continues || go->length > 0) {
      append(q, to, *go);
      if (e.count > 1) q.priority = goes_major(lane(e, k), lane(next, to)) ? 1 : 0;  // a lane alone is the best one
    } else {
      q.continues = false;
    }
  }

  // By the first link that leads there.
  [[nodiscard]] bool goes_major(lane_id from, lane_id to) const {
    onward const* o = &w_.map->onto[w_.map->lanes[from].first_link];
    while (o->lane != to) ++o;
    return o->letter == kNone ? o->major : has_priority(w_.letters[o->letter]);
  }

  void append(lane_view& q, std::size_t to, lane_view const& go) const {
    q.way = static_cast<std::uint64_t>(to) | go.way << way_bits_;
    q.known = static_cast<std::uint8_t>(std::min<std::size_t>(kChain, go.known + 1U));
  }

  static void compare(lane_view const* lanes, int k, int& lowest, int& highest) {
    lane_view const &best = lanes[lowest], &q = lanes[k];
    if (best.length != q.length) {
      if (best.length < q.length) lowest = highest = k;
      return;
    }
    int const a = std::abs(best.offset), b = std::abs(q.offset);
    if (a > b || (a == b && best.priority < q.priority)) {
      lowest = highest = k;
    } else if (a == b && best.priority == q.priority) {
      highest = k;
    }
  }

  void go_back_disconnected(edge_view const& e, edge_view const& next, int& lowest, int& highest) const {
    std::size_t to = 0;
    int needed = static_cast<int>(e.count);
    bool found = false;
    for (std::size_t k = 0; k < e.count; ++k) {
      if (!e.lanes[k].continues) continue;
      for (std::size_t m = 0; m < next.count; ++m) {
        if ((e.lanes[k].onto >> m & 1U) == 0 || needed <= std::abs(next.lanes[m].offset)) continue;
        needed = std::abs(next.lanes[m].offset);
        lowest = highest = static_cast<int>(k);
        to = m;
        found = true;
      }
    }
    lane_view& q = e.lanes[lowest];
    q.length += next.lanes[to].length;
    if (found) append(q, to, next.lanes[to]);
  }

  world const& w_;
  route_place const& at_;
  vclass cls_;
  unsigned way_bits_;
  view& room_;
  std::size_t edges_ = 0;
};

}  // namespace

namespace {

// The link from a lane of the route's edge `at` that leads on as the choice says, or else anywhere on the next edge;
// counted from the lane's first.
std::uint32_t search_link(world const& w, route_place const& r, std::uint64_t way, std::size_t known,
                          lane_facts const& f, std::uint32_t at) {
  if (at + 1 >= r.end) return kNone;
  range const next = w.map->net().edges.lanes[w.route_edges[at + 1]];
  std::uint32_t const ahead = at - r.at,
                      wished = ahead < known ? w.map->way_index(way >> w.map->way_bits * ahead) : kNone;
  std::uint32_t fallback = kNone;
  for (std::uint32_t l = f.first_link; l < f.last_link; ++l) {
    lane_id const to = w.map->onto[l].lane;
    std::uint32_t const index = to.value - next.begin;  // beyond the edge's lanes where it is another's
    if (index >= next.size() || !permits(w.allowed[to], r.type->cls)) continue;
    if (index == wished) return l - f.first_link;
    if (fallback == kNone) fallback = l - f.first_link;
  }
  return ahead < known ? kNone : fallback;
}

route_place place_of(world const& w, slot k) {
  vehicle const& v = w.cars[k];
  return {&w.type_of(v), v.best_at(), v.route_end(), v.stop_edge, v.stop_edge == kNone ? nullptr : &w.next_stop(k)};
}

}  // namespace

void find_best_lanes(world const& w, route_place const& at, std::span<lane_choice> out, std::uint32_t* far) {
  static thread_local view room;
  edge_view const& found = best_lane_finder(w, at, room).find();
  for (std::size_t i = 0; i < std::min(found.count, out.size()); ++i) {
    lane_view const& q = found.lanes[i];
    lane_choice& o = out[i];
    o.set_length_m(static_cast<float>(q.length));
    o.set_offset(q.offset);
    o.continues = q.continues;
    o.known = q.known & 31U;
    o.set_way(static_cast<std::uint32_t>(q.way));
    if (far != nullptr) far[i] = static_cast<std::uint32_t>(q.way >> 32U);
    lane_facts const& f = w.map->lanes[lane_id(found.first + static_cast<std::uint32_t>(i))];
    std::uint32_t const l = search_link(w, at, q.way, o.known, f, at.at);
    o.link = (l == kNone ? lane_choice::kNoLink : std::min(l, lane_choice::kFarLink)) & 31U;
  }
}

void find_best_lanes(world& w, slot k) { find_best_lanes(w, place_of(w, k), w.choices_of(k), w.far_ways_of(k)); }

void find_next_stop(world& w, slot k) {
  vehicle& v = w.cars[k];
  v.stop_edge = kNone;
  if (!w.calls_somewhere(k)) return;
  edge_id const e = w.map->lanes[w.next_stop(k).lane].edge;
  for (std::uint32_t i = v.route_at; i < v.route_end(); ++i) {
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
  lane_choice const& q = choices_of(k)[start];
  std::uint32_t const l = search_link(*this, place_of(*this, k), way_of(q), q.known, f, at);
  return l == kNone ? kNone : f.first_link + l;
}

}  // namespace gemeo::micro
