#include "calibration/fit/route_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr double kShareTolerance = 1e-6, kLeastGain = 1e-9, kRoundingSlack = 1e-9;
constexpr double kMostTrips = 4e9;  // of a cell

void check_shares(route_problem const& p) {
  bool const by_slot = p.route_share.size() == p.routes() * p.slots && p.slots > 1;
  if (!by_slot && p.route_share.size() != p.routes()) {
    throw_input("routes", fmt::format("{} shares for {} routes", p.route_share.size(), p.routes()));
  }
  for (std::size_t pair = 0; pair < p.pairs; ++pair) {
    double demand = 0;
    for (std::size_t s = 0; s < p.slots; ++s) demand += p.demand[pair * p.slots + s];
    if (demand > 0 && p.route_begin[pair] == p.route_begin[pair + 1]) {
      throw_input(fmt::format("pair {}", pair), fmt::format("has {} trips and no route", demand));
    }
    for (std::size_t s = 0; s < (by_slot ? p.slots : 1); ++s) {
      double sum = 0;
      for (std::size_t r = p.route_begin[pair]; r < p.route_begin[pair + 1]; ++r) {
        double const share = p.route_share[by_slot ? r * p.slots + s : r];
        if (!std::isfinite(share) || share < 0) {
          throw_input(fmt::format("route {} of pair {}", r, pair), fmt::format("has the share {}", share));
        }
        sum += share;
      }
      if (demand > 0 && std::abs(sum - 1) > kShareTolerance) {
        throw_input(fmt::format("pair {}", pair), fmt::format("its routes' shares add up to {}", sum),
                    "they must add up to 1");
      }
    }
  }
}

void check_routes(route_problem const& p) {
  if (p.demand.size() != p.pairs * p.slots || p.route_begin.size() != p.pairs + 1 || p.route_begin.front() != 0 ||
      !std::is_sorted(p.route_begin.begin(), p.route_begin.end())) {
    throw_input("routes", fmt::format("{} cells and {} beginnings of routes for {} pairs and {} slots", p.demand.size(),
                                      p.route_begin.size(), p.pairs, p.slots));
  }
  for (std::size_t j = 0; j < p.demand.size(); ++j) {
    if (!(p.demand[j] >= 0 && p.demand[j] < kMostTrips)) {
      throw_input(fmt::format("cell {}", j), fmt::format("has {} trips", p.demand[j]));
    }
  }
  for (auto const* v : {&p.offset, &p.variance}) {
    if (!v->empty() && v->size() != p.count.size()) {
      throw_input("routes", fmt::format("{} offsets or variances for {} counts", v->size(), p.count.size()));
    }
  }
  for (std::size_t i = 0; i < p.count.size(); ++i) {
    bool const bad_count = !std::isfinite(p.count[i]) || p.count[i] < 0;
    bool const bad_offset = !p.offset.empty() && !std::isfinite(p.offset[i]);
    if (bad_count || bad_offset || (!p.variance.empty() && !(p.variance[i] > 0))) {
      throw_input(fmt::format("count {}", i), "is negative, no number, or has no variance");
    }
  }
  check_rows(p.crossings, p.count.size(), p.routes() * p.slots, "crossings by route");
  check_shares(p);
}

class route_search {
 public:
  route_search(route_problem const& p, route_options const& options)
      : p_(p), options_(options), by_column_(transposed(p.crossings)) {
    bool const by_slot = p.route_share.size() == p.routes() * p.slots;
    wanted_.resize(p.routes() * p.slots);
    for (std::size_t pair = 0; pair < p.pairs; ++pair) {
      for (std::size_t r = p.route_begin[pair]; r < p.route_begin[pair + 1]; ++r) {
        for (std::size_t s = 0; s < p.slots; ++s) {
          double const share = p.route_share[by_slot ? r * p.slots + s : r];
          wanted_[r * p.slots + s] = share * p.demand[pair * p.slots + s];
        }
      }
    }
    weight_.resize(p.count.size());
    for (std::size_t i = 0; i < weight_.size(); ++i) {
      double const c = p.count[i], v = p.variance.empty() ? std::max(1.0, c + 0.0025 * c * c) : p.variance[i];
      weight_[i] = 1 / v;
    }
  }

  route_result run() {
    round();
    route_result out;
    out.counts_term_rounded = counts_term();
    out.share_term_rounded = share_term();
    std::vector<std::pair<std::uint64_t, std::size_t>> order;
    for (std::size_t pair = 0; pair < p_.pairs; ++pair) {
      order.emplace_back(random_bits(options_.seed, pair, 1, draw::kRounding), pair);
    }
    std::sort(order.begin(), order.end());
    while (out.passes < options_.max_passes && !out.settled) {
      ++out.passes;
      std::size_t const before = moves_;
      for (auto const& [key, pair] : order) improve(pair);
      out.settled = moves_ == before;
    }
    out.moves = moves_;
    out.counts_term = counts_term();
    out.share_term = share_term();
    out.fitted.resize(p_.count.size());
    for (std::size_t i = 0; i < out.fitted.size(); ++i) out.fitted[i] = p_.count[i] + off_[i];
    out.trip_total = std::accumulate(trips_.begin(), trips_.end(), std::uint64_t{0});
    hasher h;
    h.add(std::span<std::uint32_t const>(trips_));
    out.hash = h.value();
    out.trips = std::move(trips_);
    return out;
  }

 private:
  // Systematic rounding: the running sum of a pair's cells, shifted by one draw, rounded down. Every cell then has x
  // rounded down or up, and so has the pair's total. Routes of a cell likewise, by their running shares.
  void round() {
    trips_.assign(wanted_.size(), 0);
    cell_trips_.assign(p_.demand.size(), 0);
    pair_trips_.assign(p_.pairs, 0);
    pair_demand_.assign(p_.pairs, 0.0);
    off_.assign(p_.count.size(), 0.0);
    for (std::size_t i = 0; i < off_.size(); ++i) off_[i] = (p_.offset.empty() ? 0.0 : p_.offset[i]) - p_.count[i];
    for (std::size_t pair = 0; pair < p_.pairs; ++pair) {
      double running = random_uniform(options_.seed, pair, 0, draw::kRounding);
      for (std::size_t s = 0; s < p_.slots; ++s) {
        std::size_t const cell = pair * p_.slots + s;
        double const before = std::floor(running);
        running += p_.demand[cell];
        double const rounded = std::clamp(std::floor(running) - before, std::floor(p_.demand[cell]),
                                          std::ceil(p_.demand[cell]));  // the sum's own rounding must not show
        pair_demand_[pair] += p_.demand[cell];
        share_out(pair, s, static_cast<std::uint32_t>(rounded));
      }
    }
  }

  void share_out(std::size_t pair, std::size_t slot, std::uint32_t trips) {
    std::size_t const cell = pair * p_.slots + slot, first = p_.route_begin[pair], end = p_.route_begin[pair + 1];
    if (trips == 0 || first == end) return;
    double running = random_uniform(options_.seed, entity_key(pair, slot), 2, draw::kRounding);
    std::uint32_t given = 0;
    std::size_t main = first;
    for (std::size_t r = first; r < end; ++r) {
      double const before = std::floor(running);
      running += trips * wanted_[r * p_.slots + slot] / p_.demand[cell];
      auto n = static_cast<std::uint32_t>(std::max(0.0, std::floor(running) - before));
      n = std::min(n, trips - given);
      given += n;
      for (std::uint32_t k = 0; k < n; ++k) shift(r * p_.slots + slot, 1);
      if (wanted_[r * p_.slots + slot] > wanted_[main * p_.slots + slot]) main = r;
    }
    for (; given < trips; ++given) shift(main * p_.slots + slot, 1);  // what the sum's own rounding left
    cell_trips_[cell] = trips;
    pair_trips_[pair] += trips;
  }

  // One trip more (or less) in a column; residuals follow.
  void shift(std::size_t column, int by) {
    trips_[column] += static_cast<std::uint32_t>(by);  // wraps for -1, as it should
    for (std::size_t k = by_column_.begin[column]; k < by_column_.begin[column + 1]; ++k) {
      off_[by_column_.column[k]] += by * by_column_.value[k];
    }
  }

  // What shift(column, by) would add to the cost.
  [[nodiscard]] double cost_of(std::size_t column, int by) const {
    double sum = 0;
    for (std::size_t k = by_column_.begin[column]; k < by_column_.begin[column + 1]; ++k) {
      double const a = by * by_column_.value[k];
      std::size_t const i = by_column_.column[k];
      sum += weight_[i] * a * (2 * off_[i] + a);
    }
    double const y = wanted_[column], n = trips_[column];
    return sum + options_.share_weight * (1 + 2 * by * (n - y)) / (y + 1);
  }

  [[nodiscard]] bool cell_may(std::size_t cell, int by) const {
    return std::abs(static_cast<double>(cell_trips_[cell]) + by - p_.demand[cell]) < 1 - kRoundingSlack;
  }
  [[nodiscard]] bool pair_may(std::size_t pair, int by) const {
    return std::abs(static_cast<double>(pair_trips_[pair]) + by - pair_demand_[pair]) < 1 - kRoundingSlack;
  }

  void improve(std::size_t pair) {
    for (std::size_t s = 0; s < p_.slots; ++s) {
      if (cell_trips_[pair * p_.slots + s] > 0) change_routes(pair, s);
    }
    for (int const by : {1, -1}) {
      if (pair_may(pair, by)) flip(pair, by);
    }
    change_slots(pair);
  }

  // Trips of a cell go over to other routes while that pays.
  void change_routes(std::size_t pair, std::size_t slot) {
    for (std::size_t from = p_.route_begin[pair]; from < p_.route_begin[pair + 1]; ++from) {
      std::size_t const left = from * p_.slots + slot;
      while (trips_[left] > 0) {
        double const leaving = cost_of(left, -1);
        shift(left, -1);
        auto const [cost, to] = cheapest_route(pair, slot, 1, left);
        bool const pays = to != kNone && leaving + cost < -kLeastGain;
        shift(pays ? to : left, 1);
        if (!pays) break;
        ++moves_;
      }
    }
  }

  // The route of a cell that one trip more (or less) costs least on, but `not_this`.
  [[nodiscard]] std::pair<double, std::size_t> cheapest_route(std::size_t pair, std::size_t slot, int by,
                                                              std::size_t not_this) const {
    std::pair<double, std::size_t> best{std::numeric_limits<double>::infinity(), kNone};
    for (std::size_t r = p_.route_begin[pair]; r < p_.route_begin[pair + 1]; ++r) {
      std::size_t const column = r * p_.slots + slot;
      if (column == not_this || (by < 0 && trips_[column] == 0)) continue;
      if (double const cost = cost_of(column, by); cost < best.first) best = {cost, column};
    }
    return best;
  }

  // The slot and route where one trip more (or less) costs least and the cell's rounding allows it.
  [[nodiscard]] std::pair<double, std::size_t> cheapest(std::size_t pair, int by, std::size_t not_slot) const {
    std::pair<double, std::size_t> best{std::numeric_limits<double>::infinity(), kNone};
    for (std::size_t s = 0; s < p_.slots; ++s) {
      if (s == not_slot || !cell_may(pair * p_.slots + s, by)) continue;
      if (auto const found = cheapest_route(pair, s, by, kNone); found.first < best.first) best = found;
    }
    return best;
  }

  void apply(std::size_t pair, std::size_t column, int by) {
    shift(column, by);
    std::size_t const cell = pair * p_.slots + column % p_.slots;
    cell_trips_[cell] += static_cast<std::uint32_t>(by);
    pair_trips_[pair] += static_cast<std::uint64_t>(static_cast<std::int64_t>(by));
  }

  void flip(std::size_t pair, int by) {
    auto const [cost, column] = cheapest(pair, by, kNone);
    if (column == kNone || !(cost < -kLeastGain)) return;
    apply(pair, column, by);
    ++moves_;
  }

  // A trip leaves one slot and appears in another, the pair's total staying what it is.
  void change_slots(std::size_t pair) {
    for (std::size_t s = 0; s < p_.slots; ++s) {
      std::size_t const cell = pair * p_.slots + s;
      if (!cell_may(cell, -1)) continue;
      auto const [leaving, from] = cheapest_route(pair, s, -1, kNone);
      if (from == kNone) continue;
      apply(pair, from, -1);
      auto const [coming, to] = cheapest(pair, 1, s);
      bool const pays = to != kNone && leaving + coming < -kLeastGain;
      apply(pair, pays ? to : from, 1);
      moves_ += pays ? 1 : 0;
    }
  }

  [[nodiscard]] double counts_term() const {
    double sum = 0;
    for (std::size_t i = 0; i < off_.size(); ++i) sum += weight_[i] * off_[i] * off_[i];
    return sum;
  }
  [[nodiscard]] double share_term() const {
    double sum = 0;
    for (std::size_t k = 0; k < wanted_.size(); ++k) {
      double const off = trips_[k] - wanted_[k];
      sum += options_.share_weight * off * off / (wanted_[k] + 1);
    }
    return sum;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  route_problem const& p_;
  route_options const& options_;
  sparse_rows by_column_;
  std::vector<double> wanted_, weight_, off_, pair_demand_;  // x share; 1 / V; A n + b - c
  std::vector<std::uint32_t> trips_, cell_trips_;
  std::vector<std::uint64_t> pair_trips_;
  std::size_t moves_ = 0;
};

}  // namespace

route_result fit_routes(route_problem const& problem, route_options const& options) {
  check_routes(problem);
  if (!std::isfinite(options.share_weight) || options.share_weight < 0) {
    throw_usage(fmt::format("share_weight is {}", options.share_weight), "it must be finite and at least 0");
  }
  return route_search(problem, options).run();
}

}  // namespace gemeo
