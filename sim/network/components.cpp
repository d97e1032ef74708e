#include "sim/network/components.h"

#include <algorithm>
#include <utility>

namespace gemeo {

namespace {

constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();

struct edge_graph {  // compressed rows over edge ids
  std::vector<std::uint32_t> begin, to;
  [[nodiscard]] std::span<std::uint32_t const> of(std::uint32_t e) const {
    return std::span(to).subspan(begin[e], begin[e + 1] - begin[e]);
  }
};

edge_graph graph_of(std::vector<std::pair<std::uint32_t, std::uint32_t>>& arcs, std::size_t edges) {
  std::sort(arcs.begin(), arcs.end());
  arcs.erase(std::unique(arcs.begin(), arcs.end()), arcs.end());
  edge_graph g;
  g.begin.assign(edges + 1, 0);
  g.to.reserve(arcs.size());
  for (auto const& [from, to] : arcs) {
    ++g.begin[from + 1];
    g.to.push_back(to);
  }
  for (std::size_t i = 1; i <= edges; ++i) g.begin[i] += g.begin[i - 1];
  return g;
}

// Tarjan (1972), with a stack of its own: a city's network is deeper than a thread's.
class tarjan {
 public:
  tarjan(edge_graph const& g, std::vector<bool> const& usable)
      : component(usable.size(), kUnseen), g_(g), order_(usable.size(), kUnseen), low_(usable.size(), 0) {
    for (std::uint32_t e = 0; e < usable.size(); ++e) {
      if (usable[e] && order_[e] == kUnseen) visit(e);
    }
  }
  std::vector<std::uint32_t> component;
  std::vector<std::size_t> sizes;

 private:
  void enter(std::uint32_t e) {
    order_[e] = low_[e] = count_++;
    open_.push_back(e);
    path_.emplace_back(e, 0);
  }
  void visit(std::uint32_t root) {
    enter(root);
    while (!path_.empty()) {
      auto& [e, next] = path_.back();
      auto const arcs = g_.of(e);
      if (next < arcs.size()) {
        std::uint32_t const to = arcs[next++];
        if (order_[to] == kUnseen) {
          enter(to);
        } else if (component[to] == kUnseen) {
          low_[e] = std::min(low_[e], order_[to]);
        }
        continue;
      }
      std::uint32_t const done = e;
      path_.pop_back();
      if (!path_.empty()) low_[path_.back().first] = std::min(low_[path_.back().first], low_[done]);
      if (low_[done] == order_[done]) close(done);
    }
  }
  void close(std::uint32_t root) {
    std::size_t size = 0;
    std::uint32_t e = kUnseen;
    do {
      e = open_.back();
      open_.pop_back();
      component[e] = static_cast<std::uint32_t>(sizes.size());
      ++size;
    } while (e != root);
    sizes.push_back(size);
  }

  edge_graph const& g_;
  std::vector<std::uint32_t> order_, low_, open_;
  std::vector<std::pair<std::uint32_t, std::size_t>> path_;
  std::uint32_t count_ = 0;
};

std::vector<bool> reached(edge_graph const& g, std::vector<std::uint32_t> queue) {
  std::vector<bool> seen(g.begin.size() - 1, false);
  for (std::uint32_t const e : queue) seen[e] = true;
  while (!queue.empty()) {
    std::uint32_t const e = queue.back();
    queue.pop_back();
    for (std::uint32_t const to : g.of(e)) {
      if (seen[to]) continue;
      seen[to] = true;
      queue.push_back(to);
    }
  }
  return seen;
}

}  // namespace

component_map find_components(network const& net, vclass c) {
  std::size_t const n = net.edge_count();
  std::vector<bool> usable(n, false);
  for (std::uint32_t e = 0; e < n; ++e) usable[e] = net.is_normal(edge_id(e)) && permits(net.allowed(edge_id(e)), c);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> arcs;
  for (connection const& x : net.connections) {
    edge_id const from = net.lanes.edge[x.from], to = net.lanes.edge[x.to];
    bool const both = permits(net.lanes.allowed[x.from], c) && permits(net.lanes.allowed[x.to], c);
    if (both && net.is_normal(from) && net.is_normal(to)) arcs.emplace_back(from.value, to.value);
  }
  edge_graph const forward = graph_of(arcs, n);
  for (auto& [from, to] : arcs) std::swap(from, to);
  edge_graph const backward = graph_of(arcs, n);

  component_map m;
  m.edges.resize(n, reach::kNotForClass);
  tarjan const found(forward, usable);
  m.components = found.sizes.size();
  if (found.sizes.empty()) return m;
  auto const largest = std::max_element(found.sizes.begin(), found.sizes.end());
  auto const main = static_cast<std::uint32_t>(largest - found.sizes.begin());
  m.main_size = *largest;
  std::vector<std::uint32_t> core;
  for (std::uint32_t e = 0; e < n; ++e) {
    if (found.component[e] == main) core.push_back(e);
  }
  std::vector<bool> const out = reached(forward, core), in = reached(backward, core);
  for (std::uint32_t e = 0; e < n; ++e) {
    if (!usable[e]) continue;
    m.edges[edge_id(e)] =
        out[e] ? (in[e] ? reach::kMain : reach::kLeadsOut) : (in[e] ? reach::kLeadsIn : reach::kIsolated);
  }
  return m;
}

}  // namespace gemeo
