#include "calibration/counts/max_flow.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

std::uint32_t flow_graph::add_node() {
  first_.push_back(kNone);
  return static_cast<std::uint32_t>(first_.size() - 1);
}

std::uint32_t flow_graph::add_arc(std::uint32_t from, std::uint32_t to, double capacity) {
  verify(from < first_.size() && to < first_.size(), "an arc joins nodes of its graph");
  verify(capacity >= 0 && std::isfinite(capacity), "an arc's capacity is a number of at least 0");
  auto const n = static_cast<std::uint32_t>(capacity_.size());
  arcs_.push_back({to, first_[from], capacity});
  first_[from] = 2 * n;
  arcs_.push_back({from, first_[to], 0});
  first_[to] = 2 * n + 1;
  capacity_.push_back(capacity);
  return n;
}

void flow_graph::set_capacity(std::uint32_t arc, double capacity) {
  verify(capacity >= 0 && std::isfinite(capacity), "an arc's capacity is a number of at least 0");
  capacity_[arc] = capacity;
}

double flow_graph::flow(std::uint32_t arc) const { return arcs_[2 * arc + 1].left; }

// Breadth first: how many arcs each node is from the source.
bool flow_graph::rank(std::uint32_t source, std::uint32_t sink) {
  rank_.assign(first_.size(), kNone);
  rank_[source] = 0;
  std::vector<std::uint32_t> queue{source};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (std::uint32_t a = first_[queue[i]]; a != kNone; a = arcs_[a].next) {
      if (arcs_[a].left <= kLeastFlow || rank_[arcs_[a].to] != kNone) continue;
      rank_[arcs_[a].to] = rank_[queue[i]] + 1;
      queue.push_back(arcs_[a].to);
    }
  }
  return rank_[sink] != kNone;
}

// One path of ranks to the sink, filled; 0 when there is none left. Without recursion: roads are thousands of arcs
// long.
double flow_graph::push(std::uint32_t source, std::uint32_t sink, double at_most) {
  std::vector<std::uint32_t> path;
  std::uint32_t node = source;
  while (node != sink) {
    std::uint32_t& a = at_[node];
    while (a != kNone && (arcs_[a].left <= kLeastFlow || rank_[arcs_[a].to] != rank_[node] + 1)) a = arcs_[a].next;
    if (a != kNone) {
      path.push_back(a);
      node = arcs_[a].to;
      continue;
    }
    if (path.empty()) return 0;
    node = arcs_[path.back() ^ 1U].to;  // a dead end: not again in this round
    at_[node] = arcs_[at_[node]].next;
    path.pop_back();
  }
  double most = at_most;
  for (std::uint32_t const a : path) most = std::min(most, arcs_[a].left);
  for (std::uint32_t const a : path) {
    arcs_[a].left -= most;
    arcs_[a ^ 1U].left += most;
  }
  return most;
}

double flow_graph::maximize(std::uint32_t source, std::uint32_t sink, double at_most) {
  verify(source != sink, "what flows goes from somewhere to somewhere else");
  for (std::size_t a = 0; a < capacity_.size(); ++a) {
    arcs_[2 * a].left = capacity_[a];
    arcs_[2 * a + 1].left = 0;
  }
  double sum = 0;
  while (at_most - sum > kLeastFlow && rank(source, sink)) {
    at_ = first_;
    for (double f = 1; f > 0 && at_most - sum > kLeastFlow;) {
      f = push(source, sink, at_most - sum);
      sum += f;
    }
  }
  return sum;
}

std::vector<bool> flow_graph::source_side(std::uint32_t source) const {
  std::vector<bool> out(first_.size());
  out[source] = true;
  std::vector<std::uint32_t> queue{source};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (std::uint32_t a = first_[queue[i]]; a != kNone; a = arcs_[a].next) {
      if (arcs_[a].left <= kLeastFlow || out[arcs_[a].to]) continue;
      out[arcs_[a].to] = true;
      queue.push_back(arcs_[a].to);
    }
  }
  return out;
}

}  // namespace gemeo
