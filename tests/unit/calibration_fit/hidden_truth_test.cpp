// A demand that is hidden, and what the estimate finds of it: on a grid where nothing queues, so that the algebra alone
// is judged. The prior is 0.75 x the truth with lognormal errors; counts have 5 % noise; held-out detectors only judge.
#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/fit/folds.h"
#include "calibration/fit/gravity.h"
#include "tests/unit/calibration_fit/judged.h"

using namespace gemeo;
using test::grid_world;
using test::judged;

namespace {

constexpr std::uint64_t kSeeds = 3;

std::vector<double> estimate(fit_problem const& p, thread_team const& team, fit_weights* used = nullptr,
                             fold_options const& folds = {}) {
  map_estimator const e(p);
  fit_options o;
  o.weights = choose_weights(e, o, folds, team).weights();
  if (used != nullptr) *used = o.weights;
  return e.fit(o, team).x;
}

test::grid_world_options zones_err() {
  test::grid_world_options o;
  o.routes = 3;
  o.prior_log_sd = 0.3;
  o.zone_log_sd = 0.4;
  o.slot_log_sd = 0.15;
  return o;
}

}  // namespace

TEST_CASE("hidden truth: where pairs err, held-out roads and demand come out within the bars") {
  thread_team const team(2);
  test::grid_world_options made;
  made.routes = 3;
  double geh = 0, rmsn = 0, od = 0, total = 0, rmsn_before = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    grid_world const w = make_grid_world(seed, made);
    fit_problem p = w.problem;
    shrink_prior(p, {w.origin, w.destination, {}}, 0.5);
    judged const before = judge(w, w.problem.prior), after = judge(w, estimate(p, team));
    geh += after.held_out.geh_below_5 / kSeeds;
    rmsn += after.held_out.rmsn / kSeeds;
    rmsn_before += before.held_out.rmsn / kSeeds;
    od += after.demand.nrmse / before.demand.nrmse / kSeeds;
    total += std::abs(after.demand.total_error) / kSeeds;
  }
  CAPTURE(geh, rmsn, rmsn_before, od, total);
  CHECK(geh >= 0.9);
  CHECK(rmsn <= 0.25);
  CHECK(rmsn < 0.75 * rmsn_before);
  CHECK(od <= 0.9);
  CHECK(total <= 0.05);
}

TEST_CASE("hidden truth: where zones err, factors chosen by folds find it, and plain weights do not") {
  thread_team const team(2);
  double plain_rmsn = 0, rmsn = 0, plain_od = 0, od = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    grid_world const w = make_grid_world(seed, zones_err());
    fit_problem p = w.problem;
    judged const plain = judge(w, estimate(p, team));
    p.factors = w.zone_factors(0.3, 0.15);
    fit_weights used;
    judged const with_factors = judge(w, estimate(p, team, &used));
    CHECK(used.factor > 0);
    plain_rmsn += plain.held_out.rmsn / kSeeds;
    rmsn += with_factors.held_out.rmsn / kSeeds;
    plain_od += plain.demand.nrmse / kSeeds;
    od += with_factors.demand.nrmse / kSeeds;
  }
  CAPTURE(plain_rmsn, rmsn, plain_od, od);
  CHECK(rmsn < 0.8 * plain_rmsn);
  CHECK(od < 0.8 * plain_od);
}

TEST_CASE("hidden truth: routes as variables, their pairs as groups, find shares that the prior does not know") {
  thread_team const team(2);
  double share_error = 0, share_error_before = 0, od = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    test::grid_world_options made;
    made.routes = 3;
    made.seen = 100;
    grid_world const w = make_grid_world(seed, made);
    std::size_t const routes = w.route_share.size(), slots = w.problem.slots;
    fit_problem p;
    p.pairs = routes;
    p.slots = slots;
    p.crossings = w.route_crossings;
    p.count = w.problem.count;
    p.detector = w.problem.detector;
    prior_factor totals{"pair", {}, 0, 0.5};
    for (std::size_t pair = 0; pair < w.problem.pairs; ++pair) {
      std::size_t const first = w.route_begin[pair], end = w.route_begin[pair + 1];
      for (std::size_t r = first; r < end; ++r) {
        totals.group_of_pair.push_back(static_cast<std::uint32_t>(pair));
        for (std::size_t s = 0; s < slots; ++s) {  // all routes alike
          double const x0 = w.problem.prior[pair * slots + s] / static_cast<double>(end - first);
          p.prior.push_back(x0);
          p.prior_sd.push_back(end - first > 1 ? 0.5 * x0 + 0.01 : 0.05 * x0 + 0.01);
        }
      }
    }
    p.factors = {totals};
    fit_options o;
    o.weights = {0.125, 10, 1, 1};
    fit_result const r = map_estimator(p).fit(o, team);
    CHECK(r.converged);
    std::vector<double> x(w.problem.cells(), 0.0);
    for (std::size_t pair = 0; pair < w.problem.pairs; ++pair) {
      double day = 0;
      std::size_t const first = w.route_begin[pair], end = w.route_begin[pair + 1];
      std::vector<double> of_route(end - first, 0.0);
      for (std::size_t k = first; k < end; ++k) {
        for (std::size_t s = 0; s < slots; ++s) {
          x[pair * slots + s] += r.x[k * slots + s];
          of_route[k - first] += r.x[k * slots + s];
          day += r.x[k * slots + s];
        }
      }
      for (std::size_t k = first; k < end && day > 0; ++k) {
        double const even = 1 / static_cast<double>(end - first);
        share_error += day * std::pow(of_route[k - first] / day - w.route_share[k], 2);
        share_error_before += day * std::pow(even - w.route_share[k], 2);
      }
    }
    od += test::judge(w, x).demand.nrmse / test::judge(w, w.problem.prior).demand.nrmse / kSeeds;
  }
  CAPTURE(share_error / share_error_before, od);
  CHECK(share_error < 0.9 * share_error_before);
  CHECK(od < 1.05);
}

TEST_CASE("hidden truth: without a prior of pairs, zone totals and costs with wide factors predict held-out roads") {
  thread_team const team(2);
  double before = 0, after = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    test::grid_world_options made;
    made.routes = 3;
    grid_world const w = make_grid_world(seed, made);
    fit_problem p = w.problem;
    // All zones are thought alike, and all cost the same: nothing is known but how many may travel.
    std::vector<double> const sizes(made.zones, made.vehicles / static_cast<double>(made.zones));
    gravity_zones zones{w.origin, w.destination, std::vector<double>(p.pairs, 1.0)};
    std::vector<double> const trips = gravity_prior(sizes, sizes, zones, 0);
    for (std::size_t j = 0; j < p.cells(); ++j) {
      p.prior[j] = trips[j / p.slots] / static_cast<double>(p.slots);
      p.prior_sd[j] = p.prior[j];
    }
    before += test::judge(w, p.prior).held_out.rmsn / kSeeds;
    p.factors = w.zone_factors(0.6, 0.4);
    fold_options few;  // values, as wide factors take their time
    few.lambdas = {0.1, 1};
    few.mus = {10};
    few.factors = {1};
    few.refinements = 0;
    after += test::judge(w, estimate(p, team, nullptr, few)).held_out.rmsn / kSeeds;
  }
  CAPTURE(before, after);
  CHECK(after < 0.75 * before);
}
