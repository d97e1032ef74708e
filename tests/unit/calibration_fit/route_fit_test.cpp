#include "calibration/fit/route_fit.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/error.h"
#include "tests/unit/calibration_fit/grid_world.h"
#include "tests/unit/calibration_fit/made_problem.h"

using namespace gemeo;

namespace {

// Two pairs with two routes each, two slots. Route 0 crosses detector 0, route 1 detector 1, route 2 both; route 3
// none.
route_problem small(std::vector<double> const& demand, std::vector<double> const& count) {
  route_problem p;
  p.pairs = 2;
  p.slots = 2;
  p.demand = demand;
  p.route_begin = {0, 2, 4};
  p.route_share = {0.5, 0.5, 0.4, 0.6};
  p.count = count;
  std::vector<sparse_entry> entries;
  auto const crosses = [&](std::uint32_t route, std::uint32_t detector) {
    for (std::uint32_t s = 0; s < 2; ++s) entries.push_back({detector * 2 + s, route * 2 + s, 1});
  };
  crosses(0, 0);
  crosses(1, 1);
  crosses(2, 0);
  crosses(2, 1);
  p.crossings = rows_of_entries(4, 8, entries);
  return p;
}

double cost(route_problem const& p, std::vector<std::uint32_t> const& trips, double share_weight) {
  double sum = 0;
  for (std::size_t i = 0; i < p.count.size(); ++i) {
    double flow = 0;
    for (std::size_t k = p.crossings.begin[i]; k < p.crossings.begin[i + 1]; ++k) {
      flow += p.crossings.value[k] * trips[p.crossings.column[k]];
    }
    double const c = p.count[i], v = std::max(1.0, c + 0.0025 * c * c);
    sum += (flow - c) * (flow - c) / v;
  }
  for (std::size_t r = 0; r < p.routes(); ++r) {
    for (std::size_t s = 0; s < p.slots; ++s) {
      double const y = p.route_share[r] * p.demand[r / 2 * p.slots + s], off = trips[r * p.slots + s] - y;
      sum += share_weight * off * off / (y + 1);
    }
  }
  return sum;
}

// The least cost of all trips that the rules allow.
double least_cost(route_problem const& p, double share_weight) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::uint32_t> trips(8, 0);
  std::function<void(std::size_t)> const set = [&](std::size_t cell) {
    if (cell == 4) {
      for (std::size_t pair = 0; pair < 2; ++pair) {
        double sum = 0, wanted = 0;
        for (std::size_t s = 0; s < 2; ++s) {
          sum += trips[pair * 4 + s] + trips[pair * 4 + 2 + s];
          wanted += p.demand[pair * 2 + s];
        }
        if (std::abs(sum - wanted) >= 1) return;
      }
      least = std::min(least, cost(p, trips, share_weight));
      return;
    }
    std::size_t const pair = cell / 2, s = cell % 2;
    for (double const n : {std::floor(p.demand[cell]), std::ceil(p.demand[cell])}) {
      for (std::uint32_t first = 0; first <= static_cast<std::uint32_t>(n); ++first) {
        trips[pair * 4 + s] = first;
        trips[pair * 4 + 2 + s] = static_cast<std::uint32_t>(n) - first;
        set(cell + 1);
      }
    }
  };
  set(0);
  return least;
}

void check_rounding(route_problem const& p, route_result const& r) {
  for (std::size_t pair = 0; pair < p.pairs; ++pair) {
    double day = 0, wanted = 0;
    for (std::size_t s = 0; s < p.slots; ++s) {
      double sum = 0;
      for (std::size_t route = p.route_begin[pair]; route < p.route_begin[pair + 1]; ++route) {
        sum += r.trips[route * p.slots + s];
      }
      double const x = p.demand[pair * p.slots + s];
      if (std::abs(sum - x) >= 1) FAIL_CHECK("pair " << pair << " slot " << s << ": " << sum << " for " << x);
      day += sum;
      wanted += x;
    }
    if (std::abs(day - wanted) >= 1 + 1e-9) FAIL_CHECK("pair " << pair << ": " << day << " for " << wanted);
  }
}

}  // namespace

TEST_CASE("whole trips: near the best of all allowed on small problems, and never worse than rounding") {
  int best = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<double> demand, count;
    for (std::size_t k = 0; k < 4; ++k) {
      demand.push_back(test::drawn(seed, 1, k, 0, 5));
      count.push_back(std::round(test::drawn(seed, 2, k, 0, 7)));
    }
    route_problem const p = small(demand, count);
    route_options o;
    o.seed = seed;
    o.share_weight = seed % 2 == 0 ? 0.1 : 1;
    route_result const r = fit_routes(p, o);
    CAPTURE(seed);
    CHECK(r.settled);
    check_rounding(p, r);
    double const reached = cost(p, r.trips, o.share_weight), least = least_cost(p, o.share_weight);
    CHECK(r.counts_term + r.share_term == Approx(reached));
    CHECK(reached <= r.counts_term_rounded + r.share_term_rounded + 1e-9);
    CHECK(reached >= least - 1e-9);
    CHECK(reached <= least + 1.5);  // a local minimum
    best += reached <= least + 1e-9 ? 1 : 0;
  }
  CHECK(best >= 40);
}

TEST_CASE("whole trips: of a day on a grid they meet the counts better than rounding, routes near their shares") {
  test::grid_world_options made;
  made.routes = 3;
  test::grid_world const w = make_grid_world(2, made);
  route_problem const p{w.problem.pairs,  w.problem.slots, w.truth, w.route_begin,
                        w.route_share,    w.problem.count, {},      {},
                        w.route_crossings};
  route_result const r = fit_routes(p, {});
  check_rounding(p, r);
  CHECK(r.counts_term < 0.7 * r.counts_term_rounded);
  double all = 0;
  for (double const x : w.truth) all += x;
  CHECK(static_cast<double>(r.trip_total) == Approx(all));  // the truth is whole
  CHECK(fit_routes(p, {}).hash == r.hash);
  route_options other;
  other.seed = 2;
  CHECK(fit_routes(p, other).hash != r.hash);
  // Routes that cross nothing keep their shares: of a pair that is seen nowhere too.
  double wanted = 0, given = 0;
  std::vector<std::uint8_t> crossed(p.routes(), 0);
  for (std::uint32_t const c : p.crossings.column) crossed[c / p.slots] = 1;
  for (std::size_t pair = 0; pair < p.pairs; ++pair) {
    bool any = false;
    for (std::size_t k = p.route_begin[pair]; k < p.route_begin[pair + 1]; ++k) any = any || crossed[k] != 0;
    if (any) continue;
    std::size_t const k = p.route_begin[pair];
    for (std::size_t s = 0; s < p.slots; ++s) {
      wanted += p.route_share[k] * p.demand[pair * p.slots + s];
      given += r.trips[k * p.slots + s];
    }
  }
  REQUIRE(wanted > 100);
  CHECK(given == Approx(wanted).epsilon(0.05));
}

TEST_CASE("whole trips: rounding is unbiased over seeds") {
  route_problem const p = small({0.3, 0.3, 2.5, 0}, {});
  route_problem free = p;
  free.crossings = {};
  free.crossings.columns = 8;
  route_options o;
  o.max_passes = 0;
  double first = 0, total = 0;
  for (o.seed = 0; o.seed < 2000; ++o.seed) {
    route_result const r = fit_routes(free, o);
    first += r.trips[0] + r.trips[2];
    total += static_cast<double>(r.trip_total);
  }
  CHECK(first / 2000 == Approx(0.3).margin(0.04));
  CHECK(total / 2000 == Approx(3.1).margin(0.05));
}

TEST_CASE("whole trips: hostile input is refused by name") {
  auto const refused = [](auto const& change, char const* says) {
    route_problem p = small({1, 2, 3, 4}, {1, 2, 3, 4});
    change(p);
    CHECK_THROWS_WITH(fit_routes(p, {}), Catch::Contains(says));
  };
  refused([](route_problem& p) { p.route_share[1] = 0.6; }, "pair 0");
  refused([](route_problem& p) { p.route_share[3] = -0.6; }, "route 3 of pair 1");
  refused([](route_problem& p) { p.demand[2] = -1; }, "cell 2");
  refused([](route_problem& p) { p.demand[2] = std::numeric_limits<double>::quiet_NaN(); }, "cell 2");
  refused([](route_problem& p) { p.count[3] = -1; }, "count 3");
  refused([](route_problem& p) { p.route_begin = {0, 4, 2}; }, "routes");
  refused([](route_problem& p) { p.route_share.pop_back(); }, "shares");
  refused([](route_problem& p) { p.variance = {1, 1, 0, 1}; }, "count 2");
  refused([](route_problem& p) { p.crossings.columns = 7; }, "crossings by route");
  refused(
      [](route_problem& p) {
        p.route_begin = {0, 0, 4};
        p.route_share = {0.25, 0.25, 0.25, 0.25};
      },
      "no route");
}
