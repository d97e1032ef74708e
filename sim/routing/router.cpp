#include "sim/routing/router.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "sim/core/random.h"

namespace gemeo {

namespace {

struct entry {
  double cost;
  edge_id edge;
  // The smallest cost first; equal costs by edge id, so that ties never depend on the heap.
  bool operator<(entry const& o) const { return cost != o.cost ? cost > o.cost : o.edge < edge; }
};

// What one search needs of memory; kept by each thread and reset by a generation number instead of by clearing.
struct search_memory {
  std::vector<double> cost, entered_s;
  std::vector<edge_id> before;
  std::vector<std::uint32_t> seen, settled;
  std::uint32_t generation = 0;
  std::vector<entry> waiting;  // a heap

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

// Perceived cost = travel time x exp(sd z), z ~ N(0,1) keyed by traveller and edge: perception errors as in probit
// assignment (Sheffi, Urban Transportation Networks, 1985, ch. 11), log-normal so that costs stay positive. A search
// draws thousands of them, so z is the quantile of one of 1024 equally likely classes (|z| < 3.3), chosen by the
// finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) over traveller and edge: a table look-up where Box-Muller
// took most of the time.
constexpr std::size_t kTasteClasses = 1024;

std::array<double, kTasteClasses> normal_quantiles() {
  std::array<double, kTasteClasses> z{};
  for (std::size_t i = 0; i < kTasteClasses; ++i) {
    double const p = (static_cast<double>(i) + 0.5) / static_cast<double>(kTasteClasses);
    double low = -8, high = 8;
    for (int k = 0; k < 60; ++k) {  // bisection: erfc is what the standard library has
      double const middle = (low + high) / 2;
      (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
    }
    z[i] = (low + high) / 2;
  }
  return z;
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

class tastes {  // of one traveller
 public:
  tastes(route_query const& q, routing_options const& o) : factors_(table(o.taste_sd)) {
    key_ = mix(q.key + mix(o.seed + 0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(draw::kRouteCost)));
  }
  [[nodiscard]] double operator()(edge_id e) const {
    return factors_[mix(key_ + 0x9E3779B97F4A7C15ULL * (e.value + 1ULL)) % kTasteClasses];
  }
  [[nodiscard]] double least() const { return factors_.front(); }

 private:
  static std::array<double, kTasteClasses> const& table(double sd) {
    static std::array<double, kTasteClasses> const z = normal_quantiles();
    thread_local std::array<double, kTasteClasses> factors;
    thread_local double of_sd = -1;
    if (of_sd != sd) {
      for (std::size_t i = 0; i < kTasteClasses; ++i) factors[i] = sd > 0 ? std::exp(sd * z[i]) : 1.0;
      of_sd = sd;
    }
    return factors;
  }
  std::array<double, kTasteClasses> const& factors_;
  std::uint64_t key_ = 0;
};

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
  find_least_costs();
}

// The least an edge ever costs, whoever drives it and whenever.
void router::find_least_costs() {
  static std::atomic<std::uint64_t> count{0};
  serial_ = ++count;
  least_s_.assign(net_->edge_count(), std::numeric_limits<float>::max());
  for (std::size_t i = 0; i < net_->edge_count(); ++i) {
    for (std::size_t slot = 0; slot < costs_.slots * costs_.views; ++slot) {
      least_s_[i] = std::min(least_s_[i], costs_.seconds[slot * net_->edge_count() + i]);
    }
  }
  for (cost_patch const& p : patches_) {  // a raised speed limit makes edges cheaper
    for (edge_id const e : p.edges) {
      least_s_[e.index()] =
          std::max(0.0F, least_s_[e.index()] + static_cast<float>(std::min(0.0, p.extra_s + p.toll_s)));
    }
  }
}

// For every edge the least cost from its start to the target's, by Dijkstra's algorithm backwards from the target. Kept
// by each thread for the target it asked for last: plan_routes asks in the order of targets. Edges from which it is
// more than within_s are left at infinity.
std::vector<float> const& router::least_left_s(edge_id to, double within_s) const {
  struct memo {
    std::uint64_t serial = 0;
    edge_id to;
    double within_s = 0;
    std::vector<float> left_s;
    std::vector<entry> waiting;
  };
  thread_local memo m;
  if (m.serial == serial_ && m.to == to && m.within_s >= within_s) return m.left_s;
  m.serial = serial_;
  m.to = to;
  m.within_s = within_s;
  m.left_s.assign(net_->edge_count(), std::numeric_limits<float>::infinity());
  m.left_s[to.index()] = 0;
  m.waiting.assign(1, {0, to});
  while (!m.waiting.empty()) {
    entry const top = m.waiting.front();
    std::pop_heap(m.waiting.begin(), m.waiting.end());
    m.waiting.pop_back();
    if (top.cost > within_s) break;
    if (top.cost > static_cast<double>(m.left_s[top.edge.index()])) continue;
    for (edge_id const before : net_->predecessors(top.edge)) {
      // Rounded down at each step, so that the sum never exceeds what a search adds up in double precision.
      float const left = (m.left_s[top.edge.index()] + least_s_[before.index()]) * (1 - 1e-6F);
      if (left >= m.left_s[before.index()]) continue;
      m.left_s[before.index()] = left;
      m.waiting.push_back({static_cast<double>(left), before});
      std::push_heap(m.waiting.begin(), m.waiting.end());
    }
  }
  return m.left_s;
}

bool router::holds(cost_patch const& p, double time_s, route_query const& q, std::uint64_t seed) const {
  if (!permits(p.classes, q.cls) || time_s < p.begin_s || time_s >= p.end_s || q.depart_s < p.known_from_s)
    return false;
  if (!p.types.empty() && std::find(p.types.begin(), p.types.end(), q.type) == p.types.end()) return false;
  if (p.exempt_keys && std::binary_search(p.exempt_keys->begin(), p.exempt_keys->end(), q.key)) return false;
  return p.share >= 1 || random_uniform(seed, q.key, p.salt, p.share_draw) < p.share;
}

// The set of travel times that the traveller plans by.
std::size_t router::view_of(route_query const& q, std::uint64_t seed) const {
  if (costs_.views == 1) return 0;
  std::uint64_t const bits = mix(q.key + mix(seed + 0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(draw::kView)));
  return static_cast<std::size_t>(((bits >> 32U) * costs_.views) >> 32U);
}

// What it takes to drive the edge when entered at time_s.
router::price router::edge_price(edge_id e, double time_s, route_query const& q, std::uint64_t seed) const {
  price p{static_cast<double>(costs_.at(time_s, e, view_of(q, seed))), 0};
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
    if (std::find(turns.begin(), turns.end(), std::pair(from, to)) != turns.end() &&
        holds(patches_[i], time_s, q, seed))
      return false;
  }
  return true;
}

bool router::open(edge_id e, double time_s, route_query const& q, routing_options const& o) const {
  return edge_price(e, time_s, q, o.seed).seconds >= 0;
}

// A* over edges (Hart, Nilsson & Raphael 1968); an edge's travel time is that of the moment it is entered (first in,
// first out within a slot). The bound on what is left is the least cost there can be (least_left_s) times the least
// taste: it never exceeds the cost and obeys the triangle inequality, so the way found is as good as Dijkstra's
// algorithm would find.
std::vector<edge_id> router::route(route_query const& q, routing_options const& o) const {
  search_memory& m = memory();
  m.start(net_->edge_count());
  if (!open(q.from, q.depart_s, q, o)) return {};
  tastes const taste(q, o);
  std::vector<float> const& left_s = least_left_s(q.to, q.at_most_s / taste.least());
  if (std::isinf(left_s[q.from.index()])) return {};
  m.seen[q.from.index()] = m.generation;
  m.cost[q.from.index()] = 0;
  m.entered_s[q.from.index()] = q.depart_s;
  m.before[q.from.index()] = edge_id();
  m.waiting.clear();
  m.waiting.push_back({0, q.from});
  while (!m.waiting.empty()) {
    edge_id const edge = m.waiting.front().edge;
    std::pop_heap(m.waiting.begin(), m.waiting.end());
    m.waiting.pop_back();
    std::size_t const here = edge.index();
    if (m.settled[here] == m.generation) continue;
    m.settled[here] = m.generation;
    if (edge == q.to) break;
    price const here_to_end = edge_price(edge, m.entered_s[here], q, o.seed);
    double const cost = m.cost[here] + (here_to_end.seconds + here_to_end.toll_s) * taste(edge);
    double const enters = m.entered_s[here] + here_to_end.seconds;
    for (edge_id const next : net_->successors(edge)) {
      std::size_t const n = next.index();
      if (m.settled[n] == m.generation || std::isinf(left_s[n])) continue;
      if (m.seen[n] == m.generation && m.cost[n] <= cost) continue;
      if (!open(next, enters, q, o) || !turn_open(edge, next, enters, q, o.seed)) continue;
      double const whole = cost + taste.least() * static_cast<double>(left_s[n]);
      if (whole > q.at_most_s) continue;
      m.seen[n] = m.generation;
      m.cost[n] = cost;
      m.entered_s[n] = enters;
      m.before[n] = edge;
      m.waiting.push_back({whole, next});
      std::push_heap(m.waiting.begin(), m.waiting.end());
    }
  }
  if (m.settled[q.to.index()] != m.generation) return {};
  std::vector<edge_id> way;
  for (edge_id e = q.to; e.valid(); e = m.before[e.index()]) way.push_back(e);
  std::reverse(way.begin(), way.end());
  return way;
}

double router::cost_s(std::span<edge_id const> way, route_query const& q, routing_options const& o) const {
  double t = q.depart_s, toll_s = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    price const p = edge_price(way[i], t, q, o.seed);
    if (p.seconds < 0 || (i > 0 && !turn_open(way[i - 1], way[i], t, q, o.seed)))
      return std::numeric_limits<double>::infinity();
    t += p.seconds;
    toll_s += p.toll_s;
  }
  return t - q.depart_s + toll_s;
}

double router::perceived_s(std::span<edge_id const> way, route_query const& q, routing_options const& o) const {
  tastes const taste(q, o);
  double t = q.depart_s, cost = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    price const p = edge_price(way[i], t, q, o.seed);
    if (p.seconds < 0 || (i > 0 && !turn_open(way[i - 1], way[i], t, q, o.seed)))
      return std::numeric_limits<double>::infinity();
    if (i + 1 < way.size()) cost += (p.seconds + p.toll_s) * taste(way[i]);
    t += p.seconds;
  }
  return cost;
}

void router::times_s(std::span<edge_id const> way, route_query const& q, routing_options const& o,
                     std::vector<double>& entered_s) const {
  entered_s.clear();
  double t = q.depart_s;
  std::size_t const view = view_of(q, o.seed);
  for (edge_id const e : way) {
    entered_s.push_back(t);
    t += static_cast<double>(costs_.at(t, e, view));
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
