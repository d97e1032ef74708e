#include "calibration/fit/bands.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "tests/unit/calibration_fit/grid_world.h"

using namespace gemeo;

namespace {

// What is counted of true trips, with noise of the variance that `of` gives a count.
template <typename Variance>
void count(fit_problem& p, std::vector<double> const& truth, std::uint64_t seed, Variance const& of) {
  multiply(p.crossings, truth, p.count, fixed_blocks());
  p.variance.resize(p.count.size());
  for (std::size_t i = 0; i < p.count.size(); ++i) {
    p.variance[i] = of(p.count[i]);
    p.count[i] = std::max(0.0, p.count[i] + std::sqrt(p.variance[i]) * random_normal(seed, i, 1, draw::kSearch));
  }
}

}  // namespace

TEST_CASE("bands: of a truth drawn from the prior, 90 % bands hold about 90 %, for cells, pairs, roads and the total") {
  test::grid_world_options made;
  made.zones = 12;
  made.slots = 6;
  made.seen = 30;
  made.held_out = 20;
  made.vehicles = 40'000;  // so that few cells are at zero, where bands are one-sided
  made.prior_log_sd = 0;
  double in_cells = 0, cells = 0, in_pairs = 0, pairs = 0, in_links = 0, links = 0, in_total = 0, totals = 0;
  thread_team const team(2);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    test::grid_world w = make_grid_world(seed, made);
    fit_problem& p = w.problem;
    std::vector<double> truth(p.cells()), pair_truth(p.pairs, 0.0);
    for (std::size_t j = 0; j < p.cells(); ++j) {
      p.prior_sd[j] = 0.3 * p.prior[j] + 0.01;
      truth[j] = std::max(0.0, p.prior[j] + p.prior_sd[j] * random_normal(seed, j, 0, draw::kSearch));
      pair_truth[j / p.slots] += truth[j];
    }
    count(p, truth, seed, [](double c) { return 4 + c; });
    map_estimator const e(p);
    fit_options o;
    o.scale_prior = false;
    fit_result const r = e.fit(o, team);
    band_options b;
    b.refits = 50;
    b.seed = seed;
    fit_bands const bands = perturbed_refits(e, o, r, b, team, &w.held_out);
    CHECK(bands.noise_scale == Approx(1).margin(0.2));
    CHECK(bands.unconverged == 0);
    auto const inside = [](quantile_table const& t, std::size_t i, double v) {
      return t.at(0, i) <= v && v <= t.at(2, i);
    };
    for (std::size_t j = 0; j < truth.size(); ++j) {
      if (p.prior[j] < 1) continue;
      in_cells += inside(bands.cells, j, truth[j]) ? 1 : 0;
      cells += 1;
    }
    for (std::size_t k = 0; k < p.pairs; ++k) {
      in_pairs += inside(bands.pair_totals, k, pair_truth[k]) ? 1 : 0;
      pairs += 1;
    }
    std::vector<double> flow(w.held_out.rows());
    multiply(w.held_out, truth, flow, fixed_blocks());
    for (std::size_t i = 0; i < flow.size(); ++i) {
      if (flow[i] < 5) continue;
      in_links += inside(bands.links, i, flow[i]) ? 1 : 0;
      links += 1;
    }
    double total = 0;
    for (double const x : truth) total += x;
    in_total += bands.total[0] <= total && total <= bands.total[2] ? 1 : 0;
    totals += 1;
  }
  REQUIRE(cells > 5000);
  CHECK(in_cells / cells == Approx(0.89).margin(0.03));
  CHECK(in_pairs / pairs == Approx(0.89).margin(0.04));
  CHECK(in_links / links == Approx(0.89).margin(0.05));
  CHECK(in_total / totals >= 0.6);
}

TEST_CASE("bands: refits of few trips a cell make no more trips than the estimate, bands hold four of five truths") {
  test::grid_world_options made;
  made.slots = 6;
  made.seen = 30;
  made.held_out = 20;
  made.vehicles = 1'000;  // in 3,312 cells
  made.prior_log_sd = 0;
  double scales = 0, in_links = 0, links = 0, in_total = 0, totals = 0, refit_trips = 0, trips = 0;
  thread_team const team(2);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    test::grid_world w = make_grid_world(seed, made);
    fit_problem& p = w.problem;
    std::vector<double> truth(p.cells());
    double true_total = 0;
    for (std::size_t j = 0; j < p.cells(); ++j) {
      // Whole trips around a mean that errs by a half.
      double const mean = p.prior[j] * std::exp(0.5 * random_normal(seed, j, 0, draw::kSearch) - 0.125);
      p.prior_sd[j] = std::sqrt(p.prior[j] + 0.284 * p.prior[j] * p.prior[j] + 1e-6);  // e^0.25 - 1
      double const u = random_uniform(seed, j, 2, draw::kSearch);
      double part = std::exp(-mean), below = part;
      for (int k = 1; u > below && k < 200; ++k, below += part) {
        part *= mean / k;
        truth[j] = k;
      }
      true_total += truth[j];
    }
    count(p, truth, seed, [](double c) { return 0.25 + 0.0025 * c * c; });  // hardly ever below 0
    map_estimator const e(p);
    fit_options o;
    o.scale_prior = false;
    fit_result const r = e.fit(o, team);
    band_options b;
    b.refits = 40;
    b.seed = seed;
    b.keep_refits = true;
    fit_bands const bands = perturbed_refits(e, o, r, b, team, &w.held_out);
    scales += bands.noise_scale / 10;
    for (double const x : r.x) trips += x;
    for (auto const& refit : bands.refits) {
      for (double const x : refit) refit_trips += x / 40;
    }
    in_total += bands.total[0] <= true_total && true_total <= bands.total[2] ? 1 : 0;
    totals += 1;
    std::vector<double> flow(w.held_out.rows());
    multiply(w.held_out, truth, flow, fixed_blocks());
    for (std::size_t i = 0; i < flow.size(); ++i) {
      in_links += bands.links.at(0, i) <= flow[i] && flow[i] <= bands.links.at(2, i) ? 1 : 0;
      links += 1;
    }
  }
  CAPTURE(refit_trips / trips, in_total / totals, in_links / links, scales);
  CHECK(refit_trips / trips == Approx(1).margin(0.03));
  CHECK(in_total / totals >= 0.6);
  CHECK(in_links / links >= 0.78);  // 0.89 if all were normal: flows of few whole trips are skewed
}

TEST_CASE("bands: another seed draws others, kept refits are what the quantiles are of, and nonsense is refused") {
  test::grid_world_options made;
  made.zones = 6;
  made.slots = 3;
  test::grid_world const w = make_grid_world(1, made);
  map_estimator const e(w.problem);
  thread_team const team(1);
  fit_options const o;
  fit_result const r = e.fit(o, team);
  band_options b;
  b.refits = 3;
  b.keep_refits = true;
  b.quantiles = {0, 0.5, 1};
  fit_bands const bands = perturbed_refits(e, o, r, b, team);
  REQUIRE(bands.refits.size() == 3);
  for (std::size_t j = 0; j < r.x.size(); ++j) {
    double const a = bands.refits[0][j], m = bands.refits[1][j], z = bands.refits[2][j];
    CHECK(bands.cells.at(0, j) == std::min({a, m, z}));
    CHECK(bands.cells.at(2, j) == std::max({a, m, z}));
    CHECK(bands.cells.at(1, j) == Approx(a + m + z - bands.cells.at(0, j) - bands.cells.at(2, j)).margin(1e-9));
  }
  b.seed = 2;
  CHECK(perturbed_refits(e, o, r, b, team).hash != bands.hash);
  b.refits = 1;
  CHECK_THROWS_AS(perturbed_refits(e, o, r, b, team), error);
  b.refits = 3;
  b.quantiles = {1.5};
  CHECK_THROWS_AS(perturbed_refits(e, o, r, b, team), error);
}
