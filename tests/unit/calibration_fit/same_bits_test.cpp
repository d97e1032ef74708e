// What must not change a fit: the number of threads, the order of pairs and observations, how a count is cut.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "calibration/fit/bands.h"
#include "calibration/fit/folds.h"
#include "sim/core/random.h"
#include "tests/unit/calibration_fit/grid_world.h"
#include "tests/unit/calibration_fit/made_problem.h"

using namespace gemeo;

namespace {

// Large enough that loops are shared among threads (fixed_blocks::kWorthSharing).
test::grid_world shared_world() {
  test::grid_world_options o;
  o.side = 12;
  o.zones = 30;
  o.slots = 24;
  o.seen = 100;
  o.held_out = 10;
  o.routes = 2;
  o.trips = false;
  return make_grid_world(11, o);
}

// The problem with pairs and observations in another order; order[k]: which of the old comes k-th.
fit_problem reordered(fit_problem const& p, std::vector<std::size_t> const& pairs,
                      std::vector<std::size_t> const& rows) {
  fit_problem out = p;
  std::vector<std::size_t> cell_at(p.cells());
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    for (std::size_t s = 0; s < p.slots; ++s) {
      std::size_t const from = pairs[k] * p.slots + s, to = k * p.slots + s;
      cell_at[from] = to;
      out.prior[to] = p.prior[from];
      out.prior_sd[to] = p.prior_sd[from];
    }
    for (std::size_t f = 0; f < p.factors.size(); ++f) {
      if (!p.factors[f].group_of_pair.empty()) out.factors[f].group_of_pair[k] = p.factors[f].group_of_pair[pairs[k]];
    }
  }
  std::vector<sparse_entry> entries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.count[i] = p.count[rows[i]];
    out.detector[i] = p.detector[rows[i]];
    for (std::size_t k = p.crossings.begin[rows[i]]; k < p.crossings.begin[rows[i] + 1]; ++k) {
      entries.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(cell_at[p.crossings.column[k]]),
                         p.crossings.value[k]});
    }
  }
  out.crossings = rows_of_entries(rows.size(), p.cells(), entries);
  return out;
}

std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return random_bits(seed, a, 0, draw::kSearch) < random_bits(seed, b, 0, draw::kSearch);
  });
  return order;
}

}  // namespace

TEST_CASE("threads: fit, folds and bands have the same bits on 1, 2, 3, 5 and 8 threads") {
  test::grid_world const w = shared_world();
  fit_problem p = w.problem;
  p.factors = w.zone_factors(0.3, 0.15);
  REQUIRE(p.crossings.entries() > fixed_blocks::kWorthSharing);
  map_estimator const e(std::move(p));
  fit_options o;
  o.weights = {0.1, 10, 1, 1};
  o.tolerance_veh = 0.1;
  o.rounds = 2;
  fold_options folds;
  folds.tolerance_veh = 0.5;
  folds.folds = 3;
  folds.lambdas = {0.1};
  folds.mus = {10};
  folds.refinements = 0;
  folds.factors = {0, 1};
  band_options few;
  few.refits = 4;
  std::vector<std::uint64_t> first;
  for (std::size_t const threads : {1U, 2U, 3U, 5U, 8U}) {
    thread_team const team(threads);
    REQUIRE(team.threads() == threads);
    fit_result const r = e.fit(o, team);
    folds.linear = false;
    fold_options closed = folds;
    closed.linear = true;
    std::vector<std::uint64_t> const hashes{r.hash, choose_weights(e, o, folds, team).hash,
                                            choose_weights(e, o, closed, team).hash,
                                            perturbed_refits(e, o, r, few, team, &w.held_out).hash};
    if (first.empty()) first = hashes;
    CAPTURE(threads);
    CHECK(hashes == first);
    CHECK(r.converged);
  }
}

TEST_CASE("order: pairs and observations in another order give the same estimate") {
  test::grid_world_options made;
  made.zones = 10;
  test::grid_world const w = make_grid_world(3, made);
  fit_problem p = w.problem;
  p.factors = w.zone_factors(0.3, 0.15);
  auto const pairs = shuffled(p.pairs, 1), rows = shuffled(p.observations(), 2);
  thread_team const team(1);
  fit_options o;
  o.weights = {0.1, 10, 1, 1};
  o.tolerance_veh = 1e-9;
  fit_result const a = map_estimator(p).fit(o, team), b = map_estimator(reordered(p, pairs, rows)).fit(o, team);
  CHECK(a.scale == Approx(b.scale).epsilon(1e-12));
  double most = 0;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    for (std::size_t s = 0; s < p.slots; ++s) {
      most = std::max(most, std::abs(a.x[pairs[k] * p.slots + s] - b.x[k * p.slots + s]));
    }
  }
  CHECK(most < 1e-6);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(a.residual[rows[i]] == Approx(b.residual[i]).margin(1e-6));
}

TEST_CASE("slots of 5, 15 and 60 minutes: an hour's count is worth its quarters where Poisson noise is all") {
  // One detector, crossed by everybody at once: four quarters of variance v are one hour of variance 4 v when the
  // prior knows the profile.
  fit_problem quarters;
  quarters.pairs = 2;
  quarters.slots = 4;
  quarters.prior = {10, 10, 10, 10, 5, 5, 5, 5};
  quarters.prior_sd = quarters.prior;
  quarters.crossings.columns = 8;
  fit_problem hour = quarters;
  for (std::uint32_t s = 0; s < 4; ++s) {
    quarters.crossings.add_row(std::vector<std::uint32_t>{s, s + 4}, std::vector<double>{1, 1});
    quarters.count.push_back(20);
    quarters.variance.push_back(20);
    quarters.detector.push_back(0);
  }
  hour.crossings.add_row(std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7}, std::vector<double>(8, 1));
  hour.count = {80};
  hour.variance = {80};
  hour.detector = {0};
  fit_options o;
  o.scale_prior = false;
  o.weights = {1, 1e7, 1, 1};
  thread_team const team(1);
  fit_result const a = map_estimator(quarters).fit(o, team), b = map_estimator(hour).fit(o, team);
  for (std::size_t j = 0; j < 8; ++j) CHECK(a.x[j] == Approx(b.x[j]).epsilon(1e-4));
  CHECK(a.x[0] > 11);
}

TEST_CASE("start: where a fit begins does not matter to where it ends") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    test::random_problem_options made;
    made.pairs = 12;
    made.slots = 6;
    made.observations = 20;
    made.upper = true;
    fit_problem const p = test::random_problem(seed, made);
    fit_options o;
    o.weights = {0.3, 0.5, 1, 1};
    o.tolerance_veh = 1e-10;
    thread_team const team(1);
    map_estimator const e(p);
    fit_result const a = e.fit(o, team);
    fit_start start;
    start.scale = a.scale;
    for (std::size_t j = 0; j < p.cells(); ++j) start.x.push_back(test::drawn(seed, 50, j, 0, 40));
    fit_result const b = e.fit(o, team, &start);
    for (std::size_t j = 0; j < p.cells(); ++j) CHECK(a.x[j] == Approx(b.x[j]).margin(1e-8));
  }
}
