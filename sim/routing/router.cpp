#include "sim/routing/router.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr double kUsefulScale = 0.3;  // of bounds made for other costs: below it a search of one's own is cheaper
constexpr std::size_t kMostBoundBytes = std::size_t{256} << 20U;

struct entry {
  double cost;
  edge_id edge;
  // The smallest cost first; equal costs by edge id, so that ties never depend on the heap.
  bool operator<(entry const& o) const { return cost != o.cost ? cost > o.cost : o.edge < edge; }
};

// What one search needs of memory; kept by each thread and reset by a generation number instead of by clearing.
struct search_memory {
  struct node {  // of an edge
    double cost = 0, entered_s = 0;
    edge_id before;
    std::uint32_t seen = 0, settled = 0;
  };
  std::vector<node> nodes;
  std::uint32_t generation = 0;
  std::vector<entry> waiting;  // a heap

  void start(std::size_t edges) {
    if (nodes.size() != edges || generation == std::numeric_limits<std::uint32_t>::max()) {
      nodes.assign(edges, {});
      generation = 0;
    }
    ++generation;
    waiting.clear();
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

// For every edge the least cost from its start to the target's, by Dijkstra's algorithm backwards from the target.
// Edges from which it is more than within_s may be left at infinity.
void search_back(network const& net, std::vector<float> const& seconds, edge_id to, double within_s,
                 std::vector<float>& left_s, std::vector<entry>& waiting) {
  left_s.assign(net.edge_count(), std::numeric_limits<float>::infinity());
  left_s[to.index()] = 0;
  waiting.assign(1, {0, to});
  while (!waiting.empty()) {
    entry const top = waiting.front();
    std::pop_heap(waiting.begin(), waiting.end());
    waiting.pop_back();
    if (top.cost > within_s) break;
    if (top.cost > static_cast<double>(left_s[top.edge.index()])) continue;
    for (edge_id const before : net.predecessors(top.edge)) {
      // Rounded down at each step, so that the sum never exceeds what a search adds up in double precision.
      float const left = (left_s[top.edge.index()] + seconds[before.index()]) * (1 - 1e-6F);
      if (left >= left_s[before.index()]) continue;
      left_s[before.index()] = left;
      waiting.push_back({static_cast<double>(left), before});
      std::push_heap(waiting.begin(), waiting.end());
    }
  }
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

struct least_times::targets {
  explicit targets(std::size_t edges) : once(edges), left_s(edges) {}
  std::vector<std::once_flag> once;
  std::vector<std::vector<float>> left_s;
};

least_times::least_times(network const& net, std::vector<float> seconds) : net_(&net), seconds_(std::move(seconds)) {
  while (first_ < net.edge_count() && !net.is_normal(edge_id(first_))) ++first_;
  targets_ = std::make_unique<targets>(net.edge_count());
}

least_times::~least_times() = default;

float const* least_times::left_s(edge_id to) const {
  std::vector<float>& found = targets_->left_s[to.index()];
  std::call_once(targets_->once[to.index()], [&] {
    // Which targets have a bound where not all can must not hang on who asks first: of ways alike, another is found.
    std::size_t const edges = seconds_.size() - first_, most = kMostBoundBytes / (edges * sizeof(float));
    if (edges > most && (std::uint64_t{to.value} * 2654435761U >> 8U) % edges >= most) return;
    thread_local std::vector<float> left;
    thread_local std::vector<entry> waiting;
    search_back(*net_, seconds_, to, std::numeric_limits<double>::infinity(), left, waiting);
    found.assign(left.begin() + static_cast<std::ptrdiff_t>(first_), left.end());
  });
  return found.empty() ? nullptr : found.data();
}

router::router(network const& net, edge_costs costs, std::vector<cost_patch> patches,
               std::shared_ptr<least_times const> bounds)
    : net_(&net), costs_(std::move(costs)), patches_(std::move(patches)), bounds_(std::move(bounds)) {
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
  if (bounds_) fit_bounds();
}

void router::fit_bounds() {
  double scale = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < net_->edge_count(); ++i) {
    double const theirs = static_cast<double>(bounds_->seconds()[i]);
    if (net_->is_normal(edge_id(i)) && theirs > 0) scale = std::min(scale, static_cast<double>(least_s_[i]) / theirs);
  }
  bounds_scale_ = scale * (1 - 1e-6);
  if (bounds_scale_ < kUsefulScale) bounds_.reset();
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

// Kept by each thread for the target it asked for last: plan_routes asks in the order of targets. Edges from which it
// is more than within_s are left at infinity.
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
  search_back(*net_, least_s_, to, within_s, m.left_s, m.waiting);
  return m.left_s;
}

router::bound router::bound_to(edge_id to, double within_s) const {
  if (bounds_) {
    if (float const* const left_s = bounds_->left_s(to)) return {left_s, bounds_->first(), bounds_scale_};
  }
  return {least_left_s(to, within_s).data(), 0, 1};
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
  bool allowed = permits(allowed_[e], q.cls);
  bool const always = costs_.slots * costs_.views == 1;
  price p{static_cast<double>(always ? costs_.seconds[e.index()] : costs_.at(time_s, e, view_of(q, seed))), 0};
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
  if (turn_patches_of_[from].empty()) return true;
  for (std::uint32_t const i : turn_patches_of_[from]) {
    auto const& turns = patches_[i].turns;
    if (std::find(turns.begin(), turns.end(), std::pair(from, to)) != turns.end() &&
        holds(patches_[i], time_s, q, seed))
      return false;
  }
  return true;
}

bool router::open(edge_id e, double time_s, route_query const& q, routing_options const& o) const {
  if (patches_of_[e].empty()) return permits(allowed_[e], q.cls);
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
  bound const left_s = bound_to(q.to, q.at_most_s / taste.least());
  if (std::isinf(left_s[q.from])) return {};
  m.nodes[q.from.index()] = {0, q.depart_s, edge_id(), m.generation, 0};
  m.waiting.push_back({0, q.from});
  while (!m.waiting.empty()) {
    edge_id const edge = m.waiting.front().edge;
    std::pop_heap(m.waiting.begin(), m.waiting.end());
    m.waiting.pop_back();
    search_memory::node& here = m.nodes[edge.index()];
    if (here.settled == m.generation) continue;
    here.settled = m.generation;
    if (edge == q.to) break;
    price const here_to_end = edge_price(edge, here.entered_s, q, o.seed);
    double const left = here.cost + (here_to_end.seconds + here_to_end.toll_s) * taste(edge);
    double const enters_next = here.entered_s + here_to_end.seconds;
    std::size_t turn = net_->edges.out[edge].begin;
    for (edge_id const next : net_->successors(edge)) {
      double const turning_s = turn_s(turn++, enters_next);
      double const cost = left + turning_s, enters = enters_next + turning_s;
      search_memory::node& there = m.nodes[next.index()];
      if (there.settled == m.generation || (there.seen == m.generation && there.cost <= cost)) continue;
      double const whole = cost + taste.least() * left_s[next];
      if (whole > q.at_most_s || std::isinf(whole)) continue;
      if (!open(next, enters, q, o) || !turn_open(edge, next, enters, q, o.seed)) continue;
      there = {cost, enters, edge, m.generation, there.settled};
      m.waiting.push_back({whole, next});
      std::push_heap(m.waiting.begin(), m.waiting.end());
    }
  }
  if (m.nodes[q.to.index()].settled != m.generation) return {};
  std::vector<edge_id> way;
  for (edge_id e = q.to; e.valid(); e = m.nodes[e.index()].before) way.push_back(e);
  std::reverse(way.begin(), way.end());
  return way;
}

double router::cost_s(std::span<edge_id const> way, route_query const& q, routing_options const& o) const {
  double t = q.depart_s, toll_s = 0;
  for (std::size_t i = 0; i < way.size(); ++i) {
    if (i > 0) t += turn_s(way[i - 1], way[i], t);
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
    double const turning_s = i > 0 ? turn_s(way[i - 1], way[i], t) : 0;
    t += turning_s;
    cost += turning_s;
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
  for (std::size_t i = 0; i < way.size(); ++i) {
    if (i > 0) t += turn_s(way[i - 1], way[i], t);
    entered_s.push_back(t);
    t += static_cast<double>(costs_.at(t, way[i], view));
  }
}

double router::turn_s(std::size_t turn, double time_s) const {
  if (costs_.turn_seconds.empty()) return 0;
  std::size_t const turns = net_->edge_successors.size(), slots = costs_.turn_seconds.size() / turns;
  auto const slot = static_cast<std::size_t>(std::max(0.0, time_s / costs_.slot_s));
  return static_cast<double>(costs_.turn_seconds[std::min(slot, slots - 1) * turns + turn]);
}

double router::turn_s(edge_id from, edge_id to, double time_s) const {
  if (costs_.turn_seconds.empty()) return 0;
  auto const next = net_->successors(from);
  auto const at = std::find(next.begin(), next.end(), to);
  if (at == next.end()) return 0;
  return turn_s(net_->edges.out[from].begin + static_cast<std::size_t>(at - next.begin()), time_s);
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
