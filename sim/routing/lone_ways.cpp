#include "sim/routing/lone_ways.h"

#include <algorithm>
#include <limits>

namespace gemeo {

namespace {

constexpr float kMinorPenalty_s = 1.5F;
constexpr double kLeastSpeed_mps = 0.001;  // of a jam

struct waiting_edge {
  double cost_s;
  edge_id edge;
  // The smallest cost first, equal ones by id.
  bool operator<(waiting_edge const& o) const { return cost_s != o.cost_s ? cost_s > o.cost_s : o.edge < edge; }
};

struct lone_memory {  // of one thread
  std::vector<double> cost_s;
  std::vector<edge_id> before;
  std::vector<waiting_edge> waiting;
};

// SUMO's links in capitals have priority.
bool yields(char state) { return state < 'A' || state > 'Z'; }

}  // namespace

lone_ways::lone_ways(network const& net) : net_(net) {
  edges_.resize(net.edge_count());
  out_.resize(net.edge_count());
  for (std::size_t i = 0; i < net.edge_count(); ++i) edges_[edge_id(i)] = stretch_of(edge_id(i));
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    if (net.is_normal(edge_id(i))) add_turns(edge_id(i));
  }
}

lone_ways::stretch lone_ways::stretch_of(edge_id e) const {
  range const lanes = net_.edges.lanes[e];
  if (lanes.size() == 0) return {};
  double sum = 0;
  for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) sum += static_cast<double>(net_.lanes.speed_mps[lane_id(l)]);
  lane_id const first(lanes.begin);
  return {net_.lanes.length_m[first], net_.lanes.speed_mps[first], sum / static_cast<double>(lanes.size())};
}

// To each next edge the turn of the right-most lane that leads there, as SUMO keeps it.
void lone_ways::add_turns(edge_id e) {
  auto const begin = static_cast<std::uint32_t>(turns_.size());
  range const lanes = net_.edges.lanes[e];
  for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
    range const out = net_.lanes.out[lane_id(l)];
    for (std::uint32_t c = out.begin; c < out.end; ++c) {
      connection const& k = net_.connections[c];
      edge_id const to = net_.lanes.edge[k.to];
      if (!net_.is_normal(to)) continue;
      vclass_mask const both = net_.lanes.allowed[k.from] & net_.lanes.allowed[k.to];
      auto const it = std::find_if(turns_.begin() + begin, turns_.end(), [&](turn const& t) { return t.to == to; });
      if (it != turns_.end()) {
        it->allowed |= both;
        continue;
      }
      auto const first = static_cast<std::uint32_t>(inside_.size());
      if (k.via.valid()) follow(k.via, !k.signal.valid() && yields(k.state));
      turns_.push_back({to, both, {first, static_cast<std::uint32_t>(inside_.size())}});
    }
  }
  out_[e] = {begin, static_cast<std::uint32_t>(turns_.size())};
}

// The internal edges of one turn, one after the other; each costs more where the link into it must yield. Signals hide
// who yields, but not halfway through a junction.
void lone_ways::follow(lane_id via, bool waits) {
  for (int k = 0; k < 8 && via.valid(); ++k) {
    edge_id const e = net_.lanes.edge[via];
    if (net_.edges.function[e] != edge_function::kInternal) return;
    inside_.push_back({e, waits ? kMinorPenalty_s : 0});
    range const out = net_.lanes.out[via];
    if (out.size() == 0) return;
    connection const& next = net_.connections[out.begin];
    waits = yields(next.state);
    via = next.via;
  }
}

// SUMO's MSRoutingEngine: the slower of the edge's mean speed, which is the mean of its lanes' limits while it is
// empty, and what the driver would do on its right-most lane.
double lone_ways::time_s(passed p, lone_driver const& d, std::span<double const> speeds) const {
  stretch const& s = edges_[p.edge];
  double const length_m = static_cast<double>(s.length_m);
  double const own_mps = std::min(d.max_speed_mps, static_cast<double>(s.first_mps) * d.speed_factor);
  double const mean_mps = speeds.empty() ? s.mean_mps : speeds[p.edge.index()];
  return std::max(length_m / std::max(kLeastSpeed_mps, mean_mps),
                  length_m / std::max(kLeastSpeed_mps, own_mps) + static_cast<double>(p.penalty_s));
}

double lone_ways::time_s(turn const& t, lone_driver const& d, std::span<double const> speeds) const {
  double sum = 0;
  for (std::uint32_t i = t.inside.begin; i < t.inside.end; ++i) sum += time_s(inside_[i], d, speeds);
  return sum;
}

std::vector<edge_id> lone_ways::find(edge_id from, edge_id to, lone_driver const& d,
                                     std::span<double const> speeds) const {
  if (!permits(net_.allowed(from), d.cls)) return {};
  thread_local lone_memory m;
  m.cost_s.assign(net_.edge_count(), std::numeric_limits<double>::infinity());
  m.before.assign(net_.edge_count(), edge_id());
  m.waiting.assign(1, {0, from});
  m.cost_s[from.index()] = 0;
  while (!m.waiting.empty()) {
    waiting_edge const top = m.waiting.front();
    std::pop_heap(m.waiting.begin(), m.waiting.end());
    m.waiting.pop_back();
    if (top.cost_s > m.cost_s[top.edge.index()]) continue;
    if (top.edge == to) break;
    double const left_s = top.cost_s + time_s(passed{top.edge}, d, speeds);
    for (std::uint32_t i = out_[top.edge].begin; i < out_[top.edge].end; ++i) {
      turn const& t = turns_[i];
      if (!permits(t.allowed, d.cls)) continue;
      double const cost_s = left_s + time_s(t, d, speeds);
      if (cost_s >= m.cost_s[t.to.index()]) continue;
      m.cost_s[t.to.index()] = cost_s;
      m.before[t.to.index()] = top.edge;
      m.waiting.push_back({cost_s, t.to});
      std::push_heap(m.waiting.begin(), m.waiting.end());
    }
  }
  if (m.cost_s[to.index()] == std::numeric_limits<double>::infinity()) return {};
  std::vector<edge_id> way;
  for (edge_id e = to; e.valid(); e = m.before[e.index()]) way.push_back(e);
  std::reverse(way.begin(), way.end());
  return way;
}

double lone_ways::cost_s(std::vector<edge_id> const& way, lone_driver const& d) const {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    sum += time_s(passed{way[i]}, d, {});
    range const out = out_[way[i]];
    auto const begin = turns_.begin() + out.begin, end = turns_.begin() + out.end;
    auto const it = std::find_if(begin, end, [&](turn const& t) { return t.to == way[i + 1]; });
    if (it == end) return std::numeric_limits<double>::infinity();
    sum += time_s(*it, d, {});
  }
  return sum;
}

}  // namespace gemeo
