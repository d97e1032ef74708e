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

bool active(cost_patch const& p, double time_s, vclass cls) {
  return permits(p.classes, cls) && time_s >= p.begin_s && time_s < p.end_s;
}

}  // namespace

router::router(network const& net, edge_costs costs, std::vector<cost_patch> patches)
    : net_(&net), costs_(std::move(costs)), patches_(std::move(patches)) {
  patches_of_.resize(net.edge_count());
  for (std::uint32_t i = 0; i < patches_.size(); ++i) {
    for (edge_id const e : patches_[i].edges) patches_of_[e].push_back(i);
  }
  allowed_.resize(net.edge_count());
  for (std::size_t i = 0; i < net.edge_count(); ++i) allowed_[edge_id(i)] = net.allowed(edge_id(i));
}

// Seconds to drive the edge when entered at time_s; negative when it is closed to the class then.
double router::edge_cost(edge_id e, double time_s, vclass cls) const {
  double seconds = static_cast<double>(costs_.at(time_s, e));
  for (std::uint32_t const i : patches_of_[e]) {
    if (!active(patches_[i], time_s, cls)) continue;
    if (patches_[i].closed) return -1;
    seconds += patches_[i].extra_s;
  }
  return seconds;
}

// Dijkstra over edges; an edge's travel time is that of the moment it is entered (first in, first out within a slot).
// Perceived cost = travel time x exp(sd z), z ~ N(0,1) keyed by traveller and edge: perception errors as in probit
// assignment (Sheffi, Urban Transportation Networks, 1985, ch. 11), log-normal so that costs stay positive.
std::vector<edge_id> router::route(route_query const& q, routing_options const& o) const {
  search_memory& m = memory();
  m.start(net_->edge_count());
  std::priority_queue<entry> open;
  auto const perceived = [&](edge_id e, double seconds) {
    if (o.taste_sd <= 0) return seconds;
    return seconds * std::exp(o.taste_sd * random_normal(o.seed, q.key, e.value, draw::kRouteCost));
  };
  if (!permits(allowed_[q.from], q.cls) || !permits(allowed_[q.to], q.cls) || edge_cost(q.from, q.depart_s, q.cls) < 0) return {};
  m.seen[q.from.index()] = m.generation;
  m.cost[q.from.index()] = 0;
  m.entered_s[q.from.index()] = q.depart_s;
  m.before[q.from.index()] = edge_id();
  open.push({0, q.from});
  while (!open.empty()) {
    entry const top = open.top();
    open.pop();
    std::size_t const here = top.edge.index();
    if (m.settled[here] == m.generation) continue;
    m.settled[here] = m.generation;
    if (top.edge == q.to) break;
    double const seconds = edge_cost(top.edge, m.entered_s[here], q.cls);
    double const cost = m.cost[here] + perceived(top.edge, seconds);
    double const enters = m.entered_s[here] + seconds;
    for (edge_id const next : net_->successors(top.edge)) {
      std::size_t const n = next.index();
      if (m.settled[n] == m.generation || !permits(allowed_[next], q.cls)) continue;
      if (m.seen[n] == m.generation && m.cost[n] <= cost) continue;
      if (edge_cost(next, enters, q.cls) < 0) continue;
      m.seen[n] = m.generation;
      m.cost[n] = cost;
      m.entered_s[n] = enters;
      m.before[n] = top.edge;
      open.push({cost, next});
    }
  }
  if (m.settled[q.to.index()] != m.generation) return {};
  std::vector<edge_id> way;
  for (edge_id e = q.to; e.valid(); e = m.before[e.index()]) way.push_back(e);
  std::reverse(way.begin(), way.end());
  return way;
}

double router::cost_s(std::span<edge_id const> way, double depart_s, vclass cls) const {
  double t = depart_s;
  for (edge_id const e : way) {
    double const seconds = edge_cost(e, t, cls);
    if (seconds < 0) return std::numeric_limits<double>::infinity();
    t += seconds;
  }
  return t - depart_s;
}

}  // namespace gemeo
