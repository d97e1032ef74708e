#include "sim/engine_tbb/roads.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "sim/engine_tbb/geometry.h"

namespace gemeo::micro {

namespace {

constexpr double kShortestLane_m = 0.1;
constexpr float kNoCrossing_m = 10000;      // where paths do not meet
constexpr double kSoonOver_m = 150;         // drivers look on over roads that are shorter
constexpr double kFarBeyond_m = 1100;       // nobody gets there within 15 s
constexpr double kDivergenceWidth_m = 2.5;  // paths closer than this are one

std::span<point const> path_of(network const& n, lane_id l) {
  range const r = n.lanes.shape[l];
  return {n.points.data() + r.begin, r.size()};
}

}  // namespace

roads::roads(std::shared_ptr<network const> net) : net_(std::move(net)) {
  make_lanes();
  make_links();
  make_turns();
  number_requests();
  find_foes();
  find_watched_beyond();
  find_conflicts();
  note_conflict_bits();
  find_radii();
}

void roads::make_lanes() {
  network const& n = *net_;
  lanes.resize(n.lane_count());
  for (std::uint32_t i = 0; i < n.lane_count(); ++i) {
    lane_id const l(i);
    lane_facts& f = lanes[l];
    f.length_m = as_written(n.lanes.length_m[l]);
    f.edge = n.lanes.edge[l];
    f.index = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, i - n.edges.lanes[f.edge].begin));
    f.internal = n.edges.function[f.edge] == edge_function::kInternal;
    f.first_link = n.lanes.out[l].begin;
    f.last_link = n.lanes.out[l].end;
    f.alone = n.edges.lanes[f.edge].size() == 1;
    max_lanes = std::max(max_lanes, n.edges.lanes[f.edge].size());
  }
  for (roundabout const& r : n.roundabouts) {
    for (edge_id const e : r.edges) {
      for (std::uint32_t l = n.edges.lanes[e].begin; l < n.edges.lanes[e].end; ++l) lanes[lane_id(l)].roundabout = true;
    }
  }
  for (std::uint32_t i = 0; i < n.lane_count(); ++i) {
    lane_facts& f = lanes[lane_id(i)];
    junction_id const j = n.edges.to[f.edge];
    f.at_crossing =
        j.valid() && (n.junctions.internal_lanes[j].size() > 0 || n.successors(f.edge).size() > 1 ||
                      (n.successors(f.edge).size() == 1 && n.predecessors(n.successors(f.edge)[0]).size() > 1));
  }
  for (connection const& c : n.connections) {  // on paths of two parts, both
    if (!lanes[c.from].roundabout && !lanes[c.to].roundabout) continue;
    if (c.via.valid()) lanes[c.via].roundabout = true;
    if (lanes[c.from].internal) lanes[c.from].roundabout = true;
  }
  way_bits = max_lanes <= 4 ? 2 : 4;
  way_mask = max_lanes <= 4 ? 3 : 15;
  find_roundabouts_ahead();
  first_letter.resize(n.signals.name.size());
  for (std::size_t s = 0; s < first_letter.size(); ++s) {
    first_letter[signal_id(s)] = static_cast<std::uint32_t>(letters);
    letters += n.signals.links[signal_id(s)];
  }
}

// Backwards from every roundabout, nearest first (Dijkstra 1959).
void roads::find_roundabouts_ahead() {
  network const& n = *net_;
  using step = std::pair<double, edge_id>;  // m between the edge's end and a roundabout
  std::priority_queue<step, std::vector<step>, std::greater<>> next;
  for (roundabout const& r : n.roundabouts) {
    for (edge_id const e : r.edges) next.emplace(0, e);
  }
  while (!next.empty()) {
    auto const [way_m, e] = next.top();
    next.pop();
    range const on = n.edges.lanes[e];
    if (on.size() == 0 || lanes[lane_id(on.begin)].before_roundabout) continue;
    double shortest = std::numeric_limits<double>::max();
    for (std::uint32_t l = on.begin; l < on.end; ++l) {
      lanes[lane_id(l)].before_roundabout = true;
      shortest = std::min(shortest, lanes[lane_id(l)].length_m);
    }
    double const behind_m = lanes[lane_id(on.begin)].roundabout ? 0 : way_m + shortest;
    if (behind_m > kRoundaboutSight_m) continue;
    for (edge_id const before : n.predecessors(e)) next.emplace(behind_m, before);
  }
}

void roads::make_links() {
  network const& n = *net_;
  links.resize(n.connections.size());
  std::vector<std::vector<std::uint32_t>> before(n.lane_count());
  for (std::uint32_t i = 0; i < links.size(); ++i) {
    connection const& c = n.connections[i];
    link& l = links[i];
    l.from = c.from;
    l.to = c.to;
    l.via = c.via;
    l.next = c.via.valid() ? c.via : c.to;
    l.state = c.state;
    l.dir = c.dir;
    l.visibility_m = c.visibility_m;
    l.junction = n.edges.to[n.lanes.edge[c.from]];
    l.length_m = c.via.valid() ? n.lanes.length_m[c.via]
                               : static_cast<float>(distance(path_of(n, c.from).back(), path_of(n, c.to).front()));
    if (c.signal.valid() && c.link >= 0) l.letter = first_letter[c.signal] + static_cast<std::uint32_t>(c.link);
    if (lanes[c.from].internal) l.flags |= kFromInternal;
    if (c.via.valid()) l.flags |= kToInternal;
    if (c.keep_clear) l.flags |= kKeepClear;
    if (c.dir == 't') l.flags |= kTurnaround;
    onto.push_back({l.to, l.letter, l.state >= 'A' && l.state <= 'Z'});
    before[l.next.index()].push_back(i);
    if (c.via.valid()) lanes[c.via].entry_link = i;
  }
  into.resize(n.lane_count());
  for (std::uint32_t i = 0; i < n.lane_count(); ++i) {
    auto const begin = static_cast<std::uint32_t>(arriving.size());
    for (std::uint32_t const l : before[i])
      arriving.push_back({l, links[l].from, std::max(kShortestLane_m, lanes[links[l].from].length_m)});
    into[lane_id(i)] = {begin, static_cast<std::uint32_t>(arriving.size())};
    if (before[i].size() == 1) lanes[lane_id(i)].single_before = links[before[i].front()].from.value;
  }
  for (std::uint32_t i = 0; i < links.size(); ++i) {
    std::uint32_t e = i;
    for (int depth = 0; depth < 4 && links[e].has(kFromInternal); ++depth) {
      std::uint32_t const entered = lanes[links[e].from].entry_link;
      if (entered == kNone) break;
      if (e == i && links[entered].has(kFromInternal)) links[i].flags |= kAfterInternalJunction;
      e = entered;
    }
    links[i].entry = e;
  }
}

void roads::make_turns() {
  network const& n = *net_;
  edges.resize(n.edge_count());
  for (std::uint32_t i = 0; i < n.edge_count(); ++i) {
    edge_facts& e = edges[edge_id(i)];
    e.lanes = n.edges.lanes[edge_id(i)];
    if (e.lanes.size() == 0 || !n.is_normal(edge_id(i))) continue;
    e.length_m = static_cast<float>(n.length_m(edge_id(i)));
    e.turns.begin = static_cast<std::uint32_t>(turns.size());
    for (std::uint32_t l = e.lanes.begin; l < e.lanes.end; ++l) {
      for (link const& k : links_of(lane_id(l))) note_turn(e, l - e.lanes.begin, k.to);
    }
    e.turns.end = static_cast<std::uint32_t>(turns.size());
  }
}

// For the edge that is last in turns.
void roads::note_turn(edge_facts const& e, std::uint32_t lane, lane_id onto_lane) {
  edge_id const to = net_->lanes.edge[onto_lane];
  std::size_t t = e.turns.begin;
  while (t < turns.size() && turns[t].to != to) ++t;
  if (t == turns.size()) {
    turns.push_back({to, static_cast<std::uint32_t>(leads_onto.size())});
    leads_onto.resize(leads_onto.size() + e.lanes.size());
  }
  std::uint16_t& mask = leads_onto[turns[t].first + lane];
  mask = static_cast<std::uint16_t>(mask | 1U << (onto_lane.value - net_->edges.lanes[to].begin) % 16U);
}

// The i-th request of a junction belongs to its i-th link: links in the order of the incoming lanes and, on each, of
// the lanes they lead to. The lane inside the junction that a link ends with stands i-th among the internal lanes.
void roads::number_requests() {
  network const& n = *net_;
  for (std::uint32_t i = 0; i < n.junctions.name.size(); ++i) {
    junction_id const j(i);
    range const requests = n.junctions.requests[j], inner = n.junctions.internal_lanes[j];
    if (requests.size() == 0) continue;
    bool any = false;
    for (std::uint32_t r = requests.begin; r < requests.end && !any; ++r) {
      for (std::uint32_t k = 0; k < requests.size() && !any; ++k)
        any = n.requests[r].response[k] || n.requests[r].foes[k];
    }
    for (std::uint32_t k = 0; k < inner.size() && k < requests.size(); ++k) {
      lane_id lane = n.lane_refs[inner.begin + k];
      std::uint32_t l = lanes[lane].entry_link;
      for (int depth = 0; depth < 4 && l != kNone && links[l].has(kFromInternal); ++depth) {
        links[l].request = k;
        l = lanes[links[l].from].entry_link;
      }
      if (l == kNone) continue;
      links[l].request = k;
      if (any) links[l].flags |= kHasFoes;
      if (n.requests[requests.begin + k].may_continue) links[l].flags |= kCont;
      for (std::uint32_t out = lanes[lane].first_link; out < lanes[lane].last_link; ++out) links[out].request = k;
    }
  }
}

void roads::find_foes() {
  network const& n = *net_;
  std::vector<std::vector<std::uint32_t>> by_request;
  for (std::uint32_t i = 0; i < n.junctions.name.size(); ++i) {
    junction_id const j(i);
    range const requests = n.junctions.requests[j], incoming = n.junctions.incoming_lanes[j];
    if (requests.size() == 0) continue;
    by_request.assign(requests.size(), {});
    for (std::uint32_t k = incoming.begin; k < incoming.end; ++k) {
      lane_facts const& f = lanes[n.lane_refs[k]];
      for (std::uint32_t l = f.first_link; l < f.last_link; ++l) {
        if (links[l].request != kNone && links[l].request < requests.size()) by_request[links[l].request].push_back(l);
      }
    }
    for (std::uint32_t r = 0; r < requests.size(); ++r) {
      for (std::uint32_t const l : by_request[r]) {
        auto const begin = static_cast<std::uint32_t>(foe_links.size());
        for (std::uint32_t c = 0; c < requests.size(); ++c) {
          if (!n.requests[requests.begin + r].response[c]) continue;
          for (std::uint32_t const foe : by_request[c]) {
            foe_links.push_back(foe);
            if (!links[foe].via.valid()) continue;
            std::uint32_t const behind = lanes[links[foe].via].first_link;  // behind an internal junction
            if (behind < lanes[links[foe].via].last_link && links[behind].via.valid()) foe_links.push_back(behind);
          }
        }
        links[l].foes = {begin, static_cast<std::uint32_t>(foe_links.size())};
      }
    }
  }
  // Internal junctions: the lane that waits gives way to those who come by the other lanes named there.
  for (std::uint32_t i = 0; i < n.junctions.name.size(); ++i) {
    junction_id const j(i);
    if (n.junctions.type[j] != junction_type::kInternal || n.junctions.incoming_lanes[j].size() == 0) continue;
    range const incoming = n.junctions.incoming_lanes[j], inner = n.junctions.internal_lanes[j];
    lane_facts const& special = lanes[n.lane_refs[incoming.begin]];
    if (special.first_link == special.last_link) continue;
    auto const begin = static_cast<std::uint32_t>(foe_links.size());
    for (std::uint32_t k = incoming.begin + 1; k < incoming.end; ++k) {
      lane_facts const& f = lanes[n.lane_refs[k]];
      for (std::uint32_t l = f.first_link; l < f.last_link; ++l) {
        auto const first = n.lane_refs.begin() + inner.begin, last = n.lane_refs.begin() + inner.end;
        if (links[l].via.valid() && std::find(first, last, links[l].via) != last) foe_links.push_back(l);
      }
    }
    links[special.first_link].foes = {begin, static_cast<std::uint32_t>(foe_links.size())};
    if (begin < foe_links.size()) links[special.first_link].flags |= kHasFoes;
  }
  for (std::uint32_t const foe : foe_links) links[foe].flags |= kWatched;
  std::vector<bool> circles(n.junctions.name.size(), false);
  for (link const& l : links) circles[l.junction.index()] = circles[l.junction.index()] || l.state == '=';
  for (link& l : links) {
    if (circles[l.junction.index()]) l.flags |= kInCircle;
  }
}

void roads::find_watched_beyond() {
  auto const through_m = [&](link const& l) {  // the junction
    double m = 0;
    lane_id at = l.via;
    for (int depth = 0; at.valid() && depth < 4; ++depth) {
      lane_facts const& f = lanes[at];
      m += f.length_m;
      at = f.first_link < f.last_link ? links[f.first_link].via : lane_id{};
    }
    return m;
  };
  std::vector<double> way_m;  // of each link, to the end of the road that it leads to
  for (link const& l : links) way_m.push_back(l.has(kFromInternal) ? 0 : through_m(l) + lanes[l.to].length_m);
  auto const nearest_m = [&](link const& l) {
    double m = std::numeric_limits<double>::max();
    for (link const& k : links_of(l.to)) {
      if (k.has(kWatched))
        m = 0;
      else if (lanes[l.to].length_m < kSoonOver_m && k.watched_beyond_m() > 0)
        m = std::min(m, double(k.watched_beyond_m()));
    }
    return m;
  };
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < links.size(); ++i) {
      link& l = links[i];
      if (l.has(kFromInternal)) continue;
      double const found = std::max(kShortestLane_m, way_m[i] + nearest_m(l));
      if (found > kFarBeyond_m) continue;
      auto const m = static_cast<float>(found);
      if (l.radius_m > 0 && l.radius_m <= m) continue;
      l.radius_m = m;
      more = true;
    }
  }
}

void roads::find_conflicts() {
  network const& n = *net_;
  std::vector<std::vector<lane_id>> foes(links.size());
  for (std::uint32_t i = 0; i < n.junctions.name.size(); ++i) {
    junction_id const j(i);
    range const requests = n.junctions.requests[j], inner = n.junctions.internal_lanes[j];
    for (std::uint32_t k = 0; k < requests.size() && k < inner.size(); ++k) {
      lane_id const own = n.lane_refs[inner.begin + k];
      if (lanes[own].first_link == lanes[own].last_link) continue;
      std::uint32_t const entry = links[lanes[own].first_link].entry;
      if (links[entry].has(kCont)) continue;  // internal junctions say theirs
      auto& mine = foes[lanes[own].first_link];
      for (std::uint32_t c = 0; c < requests.size() && c < inner.size(); ++c) {
        if (!n.requests[requests.begin + k].foes[c]) continue;
        lane_id const foe = n.lane_refs[inner.begin + c];
        mine.push_back(foe);
        if (!n.requests[requests.begin + k].response[c] || lanes[foe].single_before == kNone) continue;
        lane_id const first_half(lanes[foe].single_before);
        if (lanes[first_half].internal) mine.push_back(first_half);
      }
    }
  }
  for (std::uint32_t i = 0; i < n.junctions.name.size(); ++i) {
    junction_id const j(i);
    if (n.junctions.type[j] != junction_type::kInternal || n.junctions.incoming_lanes[j].size() == 0) continue;
    range const inner = n.junctions.internal_lanes[j];
    lane_facts const& special = lanes[n.lane_refs[n.junctions.incoming_lanes[j].begin]];
    if (special.first_link == special.last_link || !links[special.first_link].via.valid()) continue;
    std::uint32_t const waiting = special.first_link, leaving = lanes[links[waiting].via].first_link;
    std::vector<lane_id> all;
    for (std::uint32_t k = inner.begin; k < inner.end; ++k) {
      lane_id const foe = n.lane_refs[k];
      if (lanes[foe].first_link == lanes[foe].last_link) continue;
      link const& out = links[lanes[foe].first_link];
      if (out.via.valid()) {
        if (lanes[foe].entry_link != kNone && yields(links[waiting], links[lanes[foe].entry_link])) all.push_back(foe);
        all.push_back(out.via);
      } else {
        all.push_back(foe);
      }
    }
    foes[waiting] = all;
    if (leaving < lanes[links[waiting].via].last_link) foes[leaving] = all;
  }
  for (std::uint32_t l = 0; l < links.size(); ++l) {
    if (links[l].has(kFromInternal)) add_conflicts(l, foes[l]);
  }
  // Each side knows where the other sees the conflict; a foe that does not know of it counts as not there yet.
  for (link const& l : links) {
    for (std::uint32_t c = l.conflicts.begin; c < l.conflicts.end; ++c) {
      conflict& mine = conflicts[c];
      lane_facts const& f = lanes[conflicting[c]];
      mine.foe_behind_m = -kNoCrossing_m;
      mine.foe_size_m = 0;
      for (std::uint32_t k = first_conflict(f); k < last_conflict(f); ++k) {
        if (conflicting[k] != l.from) continue;
        mine.foe_behind_m = mine.parallel_merge ? 0 : drawn_behind_m_[k];
        mine.foe_size_m = conflicts[k].size_m;
        break;
      }
    }
  }
  drawn_behind_m_ = {};
}

std::uint32_t roads::first_conflict(lane_facts const& f) const {
  return f.first_link < f.last_link ? links[f.first_link].conflicts.begin : 0;
}
std::uint32_t roads::last_conflict(lane_facts const& f) const {
  return f.first_link < f.last_link ? links[f.first_link].conflicts.end : 0;
}

void roads::add_conflicts(std::uint32_t l, std::vector<lane_id> const& foes) {
  network const& n = *net_;
  link& me = links[l];
  lane_id const own = me.from;
  auto const path = path_of(n, own);
  double const length = lanes[own].length_m, drawn = length_of(path);
  auto const to_lane = [&](double way) { return drawn > 0 ? way * length / drawn : way; };
  bool const before_internal = me.via.valid();
  me.conflicts.begin = static_cast<std::uint32_t>(conflicts.size());
  auto const note = [&](lane_id foe, conflict const& c, float drawn_behind_m) {
    auto const first = conflicting.begin() + me.conflicts.begin;
    auto const at = static_cast<std::size_t>(std::find(first, conflicting.end(), foe) - conflicting.begin());
    if (at == conflicting.size()) {
      conflicting.push_back(foe);
      conflicts.emplace_back();
      drawn_behind_m_.push_back(0);
    }
    conflicts[at] = c;
    drawn_behind_m_[at] = drawn_behind_m;
  };
  for (lane_id const foe : foes) {
    if (lanes[foe].first_link == lanes[foe].last_link) continue;
    link const& out = links[lanes[foe].first_link];
    conflict c;
    bool crosses = false;
    c.foe_is_cont = out.via.valid();
    c.same_target = me.to == out.to && !before_internal;
    c.same_source = lanes[own].single_before != kNone && lanes[own].single_before == lanes[foe].single_before;
    auto const other = path_of(n, foe);
    double const min_apart = std::min(kDivergenceWidth_m, 0.5 * (n.lanes.width_m[own] + n.lanes.width_m[foe]));
    if (me.to == out.to && !before_internal && !(out.via.valid() && last_crossing(path, other))) {
      c.size_m = n.lanes.width_m[foe];
      if (distance(path.back(), other.back()) < min_apart) {
        std::vector<point> a(path.rbegin(), path.rend()), b(other.rbegin(), other.rend());
        c.behind_m = static_cast<float>(to_lane(way_to_divergence(a, length, b, lanes[foe].length_m, min_apart)));
      } else {
        c.parallel_merge = true;
      }
    } else {
      auto const mine = last_crossing(path, other);
      if (mine) {
        crosses = true;
        c.size_m = static_cast<float>(std::min(double(n.lanes.width_m[foe]), length));
        c.behind_m = static_cast<float>(length - to_lane(std::max(0.0, *mine - c.size_m / 2)));
      } else {
        c.behind_m = static_cast<float>(length + kNoCrossing_m);
        c.size_m = n.lanes.width_m[foe];
      }
    }
    float const drawn_behind_m = c.behind_m;
    if (crosses && me.has(kAfterInternalJunction))
      c.behind_m = static_cast<float>(length);  // wait at the internal junction
    note(foe, c, drawn_behind_m);
  }
  if (lanes[own].single_before != kNone) {  // those who leave the same lane
    for (link const& sibling : links_of(lane_id(lanes[own].single_before))) {
      if (!sibling.via.valid() || sibling.via == own) continue;
      auto const other = path_of(n, sibling.via);
      double const min_apart =
          std::min(kDivergenceWidth_m, 0.5 * (n.lanes.width_m[own] + n.lanes.width_m[sibling.via]));
      if (distance(path.front(), other.front()) >= min_apart) continue;
      conflict c;
      c.same_source = true;
      lane_facts const& f = lanes[sibling.via];
      double const way =
          way_to_divergence({path.begin(), path.end()}, length, {other.begin(), other.end()}, f.length_m, min_apart);
      bool const beside = f.edge == lanes[own].edge && f.length_m == length;  // measured alike from both ends
      c.behind_m = static_cast<float>(beside ? length - way : std::max(0.0, length - to_lane(way)));
      c.size_m = n.lanes.width_m[sibling.via];
      c.foe_is_cont = f.first_link < f.last_link && links[f.first_link].via.valid();
      note(sibling.via, c, c.behind_m);
    }
  }
  me.conflicts.end = static_cast<std::uint32_t>(conflicts.size());
}

// In a turn a vehicle is longer in the way than its length says.
void roads::find_radii() {
  network const& n = *net_;
  for (link& l : links) {
    if (!l.has(kFromInternal) || l.dir == 's' || l.dir == (n.left_hand ? 'l' : 'r')) continue;
    auto const before = path_of(n, links[l.entry].from), after = path_of(n, l.to);
    double const angle = angle_between(before, length_of(before), after, 0) * M_PI / 180;
    if (angle <= 0) continue;
    double length = length_of(path_of(n, l.from));
    std::uint32_t const first = lanes[l.from].single_before;
    if (first != kNone && lanes[lane_id(first)].internal)
      length += length_of(path_of(n, lane_id(first)));
    else if (l.via.valid())
      length += length_of(path_of(n, l.via));
    l.radius_m = static_cast<float>(length / angle);
  }
}

bool roads::allows_changes(edge_id e) const {
  if (net_->is_normal(e)) return true;
  if (net_->edges.function[e] != edge_function::kInternal) return false;
  range const r = net_->edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    lane_facts const& f = lanes[lane_id(l)];
    if (f.entry_link == kNone || f.first_link == f.last_link) return false;
    char const state = links[f.entry_link].state;
    if (state == 'm' || state == '=' || state == 's' || state == 'w') return false;
  }
  return true;
}

bool roads::yields(link const& a, link const& b) const {
  range const requests = net_->junctions.requests[a.junction];
  if (a.request == kNone || b.request == kNone || a.request >= requests.size() || b.request >= requests.size())
    return false;
  return net_->requests[requests.begin + a.request].response[b.request];
}

void roads::note_conflict_bits() {
  network const& n = *net_;
  crowded.resize(n.junctions.name.size());
  id_vector<junction_id, std::uint64_t> used;
  used.resize(crowded.size());
  for (std::uint32_t l = 0; l < lanes.size(); ++l) {
    if (!lanes[lane_id(l)].internal) continue;
    junction_id const j = n.edges.to[lanes[lane_id(l)].edge];
    if (!j.valid()) continue;
    if ((used[j] & bit_of(lane_id(l))) != 0) crowded[j] = 1;
    used[j] |= bit_of(lane_id(l));
  }
  conflict_bits.assign(links.size(), 0);
  for (std::size_t i = 0; i < links.size(); ++i) {
    link const& l = links[i];
    for (std::uint32_t c = l.conflicts.begin; c < l.conflicts.end; ++c) {
      lane_facts const& foe = lanes[conflicting[c]];
      conflict_bits[i] |= bit_of(conflicting[c]);
      if (!foe.internal || n.edges.to[foe.edge] != l.junction) crowded[l.junction] = 1;
    }
  }
}

std::size_t roads::bytes() const {
  std::size_t const bits = conflict_bits.size() * sizeof(std::uint64_t) + crowded.size();
  return bits + links.size() * (sizeof(link) + sizeof(onward)) + lanes.size() * sizeof(lane_facts) +
         foe_links.size() * sizeof(std::uint32_t) + conflicts.size() * (sizeof(conflict) + sizeof(lane_id)) +
         arriving.size() * sizeof(arrival) + into.size() * sizeof(range) + edges.size() * sizeof(edge_facts) +
         turns.size() * sizeof(turn) + leads_onto.size() * sizeof(std::uint16_t);
}

}  // namespace gemeo::micro
