// Inputs at the edge of sense, and beyond it: what cannot be used is named, what is wrong is refused by name.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "calibration/fit/estimator.h"
#include "calibration/fit/folds.h"
#include "sim/core/error.h"
#include "tests/unit/calibration_fit/made_problem.h"

using namespace gemeo;

namespace {

// Three pairs, two slots; detector 7 sees pairs 0 and 1 in both slots, detector 9 nobody, 8 one in one of two slots.
fit_problem small() {
  fit_problem p;
  p.pairs = 3;
  p.slots = 2;
  p.prior = {10, 12, 8, 0, 6, 6};
  p.prior_sd = {5, 6, 4, 1, 3, 3};
  p.crossings.columns = 6;
  auto const row = [&](std::vector<std::uint32_t> const& columns, double count, std::uint32_t detector) {
    p.crossings.add_row(columns, std::vector<double>(columns.size(), 1.0));
    p.count.push_back(count);
    p.detector.push_back(detector);
  };
  row({0, 2}, 25, 7);
  row({1, 3}, 30, 7);
  row({0}, 14, 8);
  row({}, 5, 8);
  row({}, 3, 9);
  row({}, 0, 9);
  return p;
}

template <typename Change>
void refused(Change const& change, std::string const& says) {
  fit_problem p = small();
  change(p);
  CHECK_THROWS_WITH(map_estimator(p), Catch::Contains(says));
}

}  // namespace

TEST_CASE("gaps: detectors that nobody crosses, pairs that nobody sees and cells without prior are named") {
  thread_team const team(1);
  fit_result const r = map_estimator(small()).fit({}, team);
  CHECK(r.converged);
  CHECK(r.findings.uncrossed_observations == std::vector<std::uint32_t>{3, 4, 5});
  CHECK(r.findings.uncrossed_detectors == std::vector<std::uint32_t>{9});
  CHECK(r.findings.unobserved_pairs == std::vector<std::uint32_t>{2});
  CHECK(r.findings.unobserved_cells == 2);
  CHECK(r.findings.empty_cells == 1);
  CHECK(r.x[4] == Approx(r.scale * 6));  // what nobody sees stays at the scaled prior
  CHECK(r.x[3] > 0);                     // a cell without prior may have traffic
  CHECK(r.fitted[4] == 0);
  CHECK(r.residual[4] == Approx(3 / std::sqrt(r.variance[4])));  // and misses still show
}

TEST_CASE("gaps: no counts at all leave the prior, no prior at all leaves what counts say") {
  thread_team const team(1);
  fit_problem p = small();
  p.count.clear();
  p.detector.clear();
  p.crossings = {};
  p.crossings.columns = 6;
  fit_result const r = map_estimator(p).fit({}, team);
  CHECK(r.scale == 1);
  for (std::size_t j = 0; j < 6; ++j) CHECK(r.x[j] == Approx(p.prior[j]));
  p = small();
  p.prior.assign(6, 0.0);
  p.prior_sd.assign(6, 100.0);
  fit_result const free = map_estimator(p).fit({}, team);
  CHECK(free.converged);
  CHECK(free.x[0] + free.x[2] == Approx(25).epsilon(0.02));
  CHECK(free.x[0] == Approx(14).epsilon(0.02));
  CHECK(free.scale == Approx(1));
}

TEST_CASE("hostile problems are refused, naming what is wrong and where") {
  double const nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  refused([&](fit_problem& p) { p.prior[4] = nan; }, "prior 4");
  refused([&](fit_problem& p) { p.prior[4] = -1; }, "prior 4");
  refused([&](fit_problem& p) { p.prior_sd[2] = 0; }, "prior_sd 2");
  refused([&](fit_problem& p) { p.count[1] = inf; }, "count 1");
  refused([&](fit_problem& p) { p.count[1] = -2; }, "count 1");
  refused([&](fit_problem& p) { p.count[1] = 1e300; }, "count 1");
  refused([&](fit_problem& p) { p.variance.assign(6, 0.0); }, "variance 0");
  refused([&](fit_problem& p) { p.offset.assign(5, 0.0); }, "offset");
  refused([&](fit_problem& p) { p.model_variance = {0, 0, -1, 0, 0, 0}; }, "model_variance 2");
  refused([&](fit_problem& p) { p.upper = {1, 1, 1, 1, 1, nan}; }, "upper 5");
  refused([&](fit_problem& p) { p.detector.pop_back(); }, "5 detectors for 6 counts");
  refused([&](fit_problem& p) { p.pairs = 0; }, "no cells");
  refused([&](fit_problem& p) { p.slots = std::numeric_limits<std::size_t>::max() / 2; }, "2^32");
  refused([&](fit_problem& p) { p.crossings.column[1] = 0; }, "row 0, entry 1");
  refused([&](fit_problem& p) { p.crossings.column[1] = 6; }, "row 0, entry 1");
  refused([&](fit_problem& p) { p.crossings.value[2] = nan; }, "row 1, entry 0");
  refused([&](fit_problem& p) { p.crossings.begin[2] = 0; }, "row 1");
  refused([&](fit_problem& p) { p.crossings.begin.pop_back(); }, "5 x 6");
  refused([&](fit_problem& p) { p.factors = {{"origin", {0, 1}, 0, 0.3}}; }, "factor origin");
  refused([&](fit_problem& p) { p.factors = {{"origin", {0, 1, 3}, 0, 0.3}}; }, "factor origin");
  refused([&](fit_problem& p) { p.factors = {{"origin", {0, 1, 1}, 0, 0}}; }, "log_sd");
  thread_team const team(1);
  fit_options o;
  o.weights.lambda = 0;
  CHECK_THROWS_WITH(map_estimator(small()).fit(o, team), Catch::Contains("lambda is 0"));
  o.weights = {1, nan, 1, 1};
  CHECK_THROWS_WITH(map_estimator(small()).fit(o, team), Catch::Contains("mu is nan"));
  fit_start start;
  start.x = {1, 2};
  CHECK_THROWS_WITH(map_estimator(small()).fit({}, team, &start), Catch::Contains("start.x"));
}

TEST_CASE("detectors may have any numbers") {
  fit_problem p = small();
  for (std::uint32_t& d : p.detector) d += 4'000'000'000U;
  CHECK(find_gaps(p).uncrossed_detectors == std::vector<std::uint32_t>{4'000'000'009U});
}

TEST_CASE("broken loops: with Huber's or Student's loss one that counts a tenth is flagged and does not pull") {
  // Eight pairs, each seen by three detectors of its own in six slots; the first loop of pair 0 is broken.
  fit_problem p;
  p.pairs = 8;
  p.slots = 6;
  p.prior.assign(48, 90.0);
  p.prior_sd.assign(48, 60.0);
  p.crossings.columns = 48;
  for (std::uint32_t j = 0; j < 48; ++j) {
    for (std::uint32_t d = 0; d < 3; ++d) {
      bool const broken = j < 6 && d == 0;
      p.crossings.add_row(std::vector{j}, std::vector{1.0});
      p.count.push_back(broken ? 10 : 100 + test::drawn(1, 1, j * 3 + d, -10, 10));
      p.detector.push_back(j / 6 * 3 + d);
    }
  }
  thread_team const team(1);
  for (fit_loss const loss : {fit_loss::kHuber, fit_loss::kStudent}) {
    fit_options o;
    o.loss = loss;
    fit_result const r = map_estimator(p).fit(o, team);
    CHECK(r.converged);
    for (std::size_t s = 0; s < 6; ++s) CHECK(r.x[s] == Approx(100).margin(15));
    for (std::size_t i = 0; i < r.outlier.size(); ++i) CHECK((r.outlier[i] != 0) == (p.detector[i] == 0));
  }
  fit_result const plain = map_estimator(p).fit({}, team);
  for (std::size_t s = 0; s < 6; ++s) CHECK(plain.x[s] < 85);  // which squares do not achieve
}

TEST_CASE("folds: groups stay together, all folds have detectors, and nobody's detector is in none") {
  test::random_problem_options made;
  made.observations = 60;
  made.pairs = 10;
  fit_problem p = test::random_problem(4, made);
  fold_options o;
  o.folds = 5;
  for (std::size_t i = 0; i < p.observations(); ++i) {
    o.group.push_back(p.detector[i] / 3);  // 30 detectors, ten corridors
  }
  p.crossings.add_row({}, {});
  p.count.push_back(3);
  p.offset.push_back(0);
  p.variance.push_back(1);
  p.detector.push_back(500);
  o.group.push_back(500);
  map_estimator const e(p);
  auto const folds = assign_folds(e, o);
  std::vector<std::size_t> sizes(5, 0);
  for (std::size_t i = 0; i < 60; ++i) {
    REQUIRE(folds[i] < 5);
    ++sizes[folds[i]];
    for (std::size_t k = 0; k < i; ++k) {
      if (o.group[i] == o.group[k]) CHECK(folds[i] == folds[k]);
    }
  }
  for (std::size_t const n : sizes) CHECK(n == 12);
  CHECK(folds[60] == fold_result::kNoFold);
  o.seed = 2;
  CHECK(assign_folds(e, o) != folds);
  fit_problem one = test::random_problem(4, made);
  std::fill(one.detector.begin(), one.detector.end(), 1U);
  CHECK_THROWS_AS(assign_folds(map_estimator(one), {}), error);
}

TEST_CASE("folds: the errors are those of fits that never saw the fold, and the choice is by one standard error") {
  test::random_problem_options made;
  made.observations = 40;
  made.pairs = 8;
  made.slots = 3;
  fit_problem const p = test::random_problem(8, made);
  map_estimator const e(p);
  thread_team const team(2);
  fold_options o;
  o.whole_grid = true;
  o.tolerance_veh = 1e-9;
  o.linear = false;
  o.folds = 5;
  fit_options fit;
  fold_result const r = choose_weights(e, fit, o, team);
  CHECK(r.tried.size() >= 12);
  for (std::size_t const at : {std::size_t{0}, r.best, r.chosen}) {
    fold_point const& point = r.tried[at];
    CHECK(point.converged);
    for (std::uint32_t f = 0; f < r.folds; ++f) {
      std::vector<std::uint8_t> left_out;
      for (std::uint32_t const g : r.fold) left_out.push_back(g == f ? 1 : 0);
      fit_options again = fit;
      again.weights = point.weights;
      again.tolerance_veh = 1e-9;
      fit_result const own = e.fit(again, team, nullptr, left_out);
      double sum = 0, n = 0;
      for (std::size_t i = 0; i < p.observations(); ++i) {
        if (r.fold[i] != f) continue;
        sum += own.residual[i] * own.residual[i];
        n += 1;
      }
      CHECK(point.errors[f] == Approx(sum / n).epsilon(1e-6));
    }
  }
  for (fold_point const& point : r.tried) CHECK(point.mean >= r.tried[r.best].mean);
  fold_point const& chosen = r.tried[r.chosen];
  CHECK(chosen.mean - r.tried[r.best].mean <= chosen.standard_error);
  CHECK(chosen.weights.lambda >= r.tried[r.best].weights.lambda);
}

TEST_CASE("folds: in closed form they are those of fits where no bound holds, with shared errors and without") {
  for (bool const factors : {false, true}) {
    test::random_problem_options made;
    made.observations = 40;
    made.pairs = 8;
    made.slots = 3;
    made.factors = factors;
    fit_problem p = test::random_problem(9, made);
    for (std::size_t i = 0; i < p.observations(); ++i) {
      p.count[i] = p.offset[i] + 3;
      for (std::size_t k = p.crossings.begin[i]; k < p.crossings.begin[i + 1]; ++k)
        p.count[i] += p.crossings.value[k] * p.prior[p.crossings.column[k]] * test::drawn(9, 300 + i, k, 0.95, 1.1);
    }
    for (double& sd : p.prior_sd) sd *= 0.1;
    for (prior_factor& f : p.factors) f.log_sd = 0.02;  // little, as shared errors are not linear
    map_estimator const e(p);
    thread_team const team(2);
    fit_options fit;
    fit.scale_prior = false;
    fold_options o;
    o.whole_grid = true;
    o.folds = 5;
    o.tolerance_veh = 1e-9;
    o.lambdas = {0.1, 1};
    o.mus = {0, 10};
    o.factors = factors ? std::vector<double>{1} : std::vector<double>{};
    o.refinements = 0;
    fold_result const closed = choose_weights(e, fit, o, team);
    o.linear = false;
    fold_result const fitted = choose_weights(e, fit, o, team);
    CAPTURE(factors);
    CHECK(closed.fold == fitted.fold);
    REQUIRE(closed.tried.size() == fitted.tried.size());
    for (std::size_t k = 0; k < closed.tried.size(); ++k) {
      REQUIRE(closed.tried[k].weights == fitted.tried[k].weights);
      for (std::size_t f = 0; f < closed.folds; ++f)
        CHECK(closed.tried[k].errors[f] == Approx(fitted.tried[k].errors[f]).epsilon(factors ? 0.02 : 1e-5));
    }
  }
}

TEST_CASE("fit: asked to stop it ends where it is, says so, and folds end with it") {
  test::random_problem_options made;
  made.observations = 40;
  made.pairs = 8;
  made.slots = 3;
  map_estimator const e(test::random_problem(8, made));
  thread_team const team(2);
  fit_options o;
  CHECK(e.fit(o, team).newton_steps > 1);
  o.stop = [] { return true; };
  fit_result const r = e.fit(o, team);
  CHECK(r.newton_steps == 0);
  CHECK_FALSE(r.converged);
  fold_options folds;
  folds.linear = false;
  fold_result const chosen = choose_weights(e, o, folds, team);
  CHECK_FALSE(chosen.tried[chosen.chosen].converged);
}
