#include "sim/routing/router.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

#include "sim/core/random.h"

namespace gemeo {

namespace {

// What one search needs of memory; kept by each thread and reset by a generation number instead of by clearing.
struct search_memory {
  std::vector<double> cost, entered_s;
  std::vector<edge_id> before;
  std::vector<std::uint32_t> seen, settled;
  std::uint32_t generation = 0;

  void start(std::size_t edges) {
    if (seen.size() != edges || generation == std::numeric_limits<std::uint32_t>::max()) {
      cost.assign(edges, 0);
      entered_s.assign(edges, 0);
      before.assign(edges, edge_id());
      seen.assign(edges, 0);
      settled.assign(edges, 0);
      generation = 0;
    }
    ++generation;
  }
};

search_memory& memory() {
  thread_local search_memory m;
  return m;
}

struct entry {
  double cost;
  edge_id edge;
  // The smallest cost first; equal costs by edge id, so that ties never depend on the heap.
  bool operator<(entry const& o) const { return cost != o.cost ? cost > o.cost : o.edge < edge; }
};

double perceived(edge_id e, double seconds, route_query const& q, routing_options const& o) {
  if (o.taste_sd <= 0) return seconds;
  return seconds * std::exp(o.taste_sd * random_normal(o.seed, q.key, e.value, draw::kRouteCost));
}

}  // namespace

router::router(network const& net, edge_costs costs, std::vector<cost_patch> patches)
    : net_(&net), costs_(std::move(costs)), patches_(std::move(patches)) {
  patches_of_.resize(net.edge_count());
  turn_patches_of_.resize(net.edge_count());
  for (std::uint32_t i = 0; i < patches_.size(); ++i) {
    for (edge_id const e : patches_[i].edges) patches_of_[e].push_back(i);
    for (auto const& [from, to] : patches_[i].turns) {
      auto& list = turn_patches_of_[from];
      if (list.empty() || list.back() != i) list.push_back(i);
    }
  }
  allowed_.resize(net.edge_count());
  for (std::size_t i = 0; i < net.edge_count(); ++i) allowed_[edge_id(i)] = net.allowed(edge_id(i));
}

bool router::holds(cost_patch const& p, double time_s, route_query const& q, std::uint64_t seed) const {
  if (!permits(p.classes, q.cls) || time_s < p.begin_s || time_s >= p.end_s || q.depart_s < p.known_from_s) return false;
  if (!p.types.empty() && std::find(p.types.begin(), p.types.end(), q.type) == p.types.end()) return false;
  if (p.exempt_keys && std::binary_search(p.exempt_keys->begin(), p.exempt_keys->end(), q.key)) return false;
  return p.share >= 1 || random_uniform(seed, q.key, p.salt, p.share_draw) < p.share;
}

// What it takes to drive the edge when entered at time_s.
router::price router::edge_price(edge_id e, double time_s, route_query const& q, std::uint64_t seed) const {
  price p{static_cast<double>(costs_.at(time_s, e)), 0};
  bool allowed = permits(allowed_[e], q.cls);
  for (std::uint32_t const i : patches_of_[e]) {
    if (!holds(patches_[i], time_s, q, seed)) continue;
    if (patches_[i].closed) return {};
    allowed = allowed || patches_[i].opened;
    p.seconds += patches_[i].extra_s;
    p.toll_s += patches_[i].toll_s;
  }
  return allowed ? p : price{};
}

bool router::turn_open(edge_id from, edge_id to, double time_s, route_query const& q, std::uint64_t seed) const {
  for (std::uint32_t const i : turn_patches_of_[from]) {
    auto const& turns = patches_[i].turns;
    if (std::find(turns.begin(), turns.end(), std::pair(from, to)) != turns.end() && holds(patches_[i], time_s, q, seed)) return false;
  }
  return true;
}

bool router::open(edge_id e, double time_s, route_query const& q, routing_options const& o) const {
  return edge_price(e, time_s, q, o.seed).seconds >= 0;
}

// Dijkstra over edges; an edge's travel time is that of the moment it is entered (first in, first out within a slot).
// Perceived cost = travel time x exp(sd z), z ~ N(0,1) keyed by traveller and edge: perception errors as in probit
// assignment (Sheffi, Urban Transportation Networks, 1985, ch. 11), log-normal so that costs stay positive.
std::vector<edge_id> router::route(route_query const& q, routing_options const& o) const {
  search_memory& m = memory();
  m.start(net_->edge_count());
  std::priority_queue<entry> waiting;
  if (!open(q.from, q.depart_s, q, o)) return {};
  m.seen[q.from.index()] = m.generation;
  m.cost[q.from.index()] = 0;
  m.entered_s[q.from.index()] = q.depart_s;
  m.before[q.from.index()] = edge_id();
  waiting.push({0, q.from});
  while (!waiting.empty()) {
    entry const top = waiting.top();
    waiting.pop();
    std::size_t const here = top.edge.index();
    if (m.settled[here] == m.generation) continue;
    m.settled[here] = m.generation;
    if (top.edge == q.to) break;
    price const here_to_end = edge_price(top.edge, m.entered_s[here], q, o.seed);
    double const cost = m.cost[here] + perceived(top.edge, here_to_end.seconds + here_to_end.toll_s, q, o);
    double const enters = m.entered_s[here] + here_to_end.seconds;
    for (edge_id const next : net_->successors(top.edge)) {
      std::size_t const n = next.index();
      if (m.settled[n] == m.generation) continue;
      if (m.seen[n] == m.generation && m.cost[n] <= cost) continue;
      if (!open(next, enters, q, o) || !turn_open(top.edge, next, enters, q, o.seed)) continue;
      m.seen[n] = m.generation;
      m.cost[n] = cost;
      m.entered_s[n] = enters;
      m.before[n] = top.edge;
      waiting.push({cost, next});
    }
  }
  if (m.settled[q.to.index()] != m.generation) return {};
  std::vector<edge_id> way;
  for (edge_id e = q.to; e.valid(); e = m.before[e.index()]) way.push_back(e);
  std::reverse(way.begin(), way.end());
  return way;
}

double router::cost_s(std::span<edge_id const> way, double depart_s, vclass cls) const {
  route_query const q{edge_id(), edge_id(), depart_s, cls, 0, vtype_id()};
  double t = depart_s, toll_s = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    price const p = edge_price(way[i], t, q, 0);
    if (p.seconds < 0 || (i > 0 && !turn_open(way[i - 1], way[i], t, q, 0))) return std::numeric_limits<double>::infinity();
    t += p.seconds;
    toll_s += p.toll_s;
  }
  return t - depart_s + toll_s;
}

double router::perceived_s(std::span<edge_id const> way, route_query const& q, routing_options const& o) const {
  double t = q.depart_s, cost = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    price const p = edge_price(way[i], t, q, o.seed);
    if (p.seconds < 0 || (i > 0 && !turn_open(way[i - 1], way[i], t, q, o.seed))) return std::numeric_limits<double>::infinity();
    if (i + 1 < way.size()) cost += perceived(way[i], p.seconds + p.toll_s, q, o);
    t += p.seconds;
  }
  return cost;
}

void router::times_s(std::span<edge_id const> way, double depart_s, std::vector<double>& entered_s) const {
  entered_s.clear();
  double t = depart_s;
  for (edge_id const e : way) {
    entered_s.push_back(t);
    t += static_cast<double>(costs_.at(t, e));
  }
}

bool router::meets_patch(std::span<edge_id const> way, std::span<double const> entered_s, route_query const& q,
                         routing_options const& o) const {
  for (std::size_t i = 0; i < way.size(); ++i) {
    for (std::uint32_t const p : patches_of_[way[i]]) {
      if (holds(patches_[p], entered_s[i], q, o.seed)) return true;
    }
    if (i > 0 && !turn_open(way[i - 1], way[i], entered_s[i], q, o.seed)) return true;
  }
  return false;
}

}  // namespace gemeo
