#include "calibration/fit/gravity.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"

using namespace gemeo;

namespace {

gravity_zones square(std::uint32_t n) {
  gravity_zones z;
  for (std::uint32_t a = 0; a < n; ++a) {
    for (std::uint32_t b = 0; b < n; ++b) {
      if (a == b) continue;
      z.origin.push_back(a);
      z.destination.push_back(b);
      z.cost.push_back(5 + std::abs(static_cast<double>(a) - static_cast<double>(b)) + 0.1 * ((a * 7 + b * 3) % 5));
    }
  }
  return z;
}

double normal(std::uint64_t what, std::uint64_t which) { return random_normal(17, what, which, draw::kTripCount); }

}  // namespace

TEST_CASE("gravity: a pattern without errors is found exactly, with its deterrence") {
  gravity_zones const z = square(12);
  std::vector<double> totals;
  for (std::size_t p = 0; p < z.origin.size(); ++p) {
    totals.push_back(std::exp(2 + normal(1, z.origin[p]) + normal(2, z.destination[p]) - 0.2 * z.cost[p]));
  }
  gravity_fit const f = fit_gravity(totals, z);
  CHECK(f.pairs_used == totals.size());
  CHECK(f.residual_log_sd < 1e-4);
  CHECK(f.cost_slope == Approx(-0.2).epsilon(1e-4));
  for (std::size_t p = 0; p < totals.size(); ++p) CHECK(f.pair_total[p] == Approx(totals[p]).epsilon(1e-5));
}

TEST_CASE("gravity: a prior with errors is shrunk as far as they weigh, and comes nearer to the truth") {
  gravity_zones const z = square(20);
  fit_problem p;
  p.pairs = z.origin.size();
  p.slots = 2;
  std::vector<double> truth;
  for (std::size_t k = 0; k < p.pairs; ++k) {
    double const t =
        std::exp(3 + 0.5 * normal(1, z.origin[k]) + 0.5 * normal(2, z.destination[k]) + 0.3 * normal(3, k));
    for (double const share : {0.25, 0.75}) {
      truth.push_back(share * t);
      p.prior.push_back(share * t * std::exp(0.4 * normal(4, k)));
      p.prior_sd.push_back(0.4 * p.prior.back());
    }
  }
  fit_problem const before = p;
  shrink_result const s = shrink_prior(p, z, 0.4);
  CHECK(s.pattern.residual_log_sd == Approx(0.5).epsilon(0.1));  // 0.3 and 0.4 together
  CHECK(s.share == Approx(0.64).epsilon(0.2));
  CHECK(s.spread_log_sd == Approx(0.24).epsilon(0.2));
  double was = 0, is = 0;
  for (std::size_t j = 0; j < truth.size(); ++j) {
    was += std::pow(std::log(before.prior[j] / truth[j]), 2);
    is += std::pow(std::log(p.prior[j] / truth[j]), 2);
    CHECK(p.prior_sd[j] / p.prior[j] < before.prior_sd[j] / before.prior[j]);
  }
  CHECK(is < 0.5 * was);
  for (std::size_t k = 0; k < p.pairs; ++k) CHECK(p.prior[2 * k + 1] / p.prior[2 * k] == Approx(3));
}

TEST_CASE("gravity: pairs without prior traffic stay empty, and a pattern of as many zones as pairs moves nothing") {
  fit_problem p;
  p.pairs = 2;
  p.slots = 1;
  p.prior = {4, 0};
  p.prior_sd = {2, 1};
  shrink_result const s = shrink_prior(p, {{0, 1}, {1, 0}, {}}, 0.4);
  CHECK(s.share == 0);
  CHECK(p.prior == std::vector<double>{4, 0});
  CHECK_THROWS_AS(shrink_prior(p, {{0}, {1, 0}, {}}, 0.4), error);
  CHECK_THROWS_AS(shrink_prior(p, {{0, 1}, {1, 0}, {}}, 0), error);
}

TEST_CASE("gravity: a prior from zone totals keeps them, and nearer zones exchange more") {
  gravity_zones const z = square(6);
  std::vector<double> const from{100, 50, 0, 80, 20, 30}, to{40, 60, 100, 10, 30, 40};
  std::vector<double> const trips = gravity_prior(from, to, z, 0.3);
  std::vector<double> out(6, 0.0), in(6, 0.0);
  for (std::size_t p = 0; p < trips.size(); ++p) {
    out[z.origin[p]] += trips[p];
    in[z.destination[p]] += trips[p];
  }
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(out[k] == Approx(from[k]).margin(1e-6));
    CHECK(in[k] == Approx(to[k]).margin(1e-6));  // 280 either way
  }
  auto const at = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t p = 0; p < trips.size(); ++p) {
      if (z.origin[p] == a && z.destination[p] == b) return trips[p];
    }
    return 0.0;
  };
  // Of two origins to two destinations, what crosses over is rarer (the odds ratio is that of the deterrence).
  CHECK(at(0, 1) * at(4, 5) > at(0, 5) * at(4, 1));
  CHECK_THROWS_AS(gravity_prior(std::vector<double>{1, 1}, to, z, 0.3), error);
  CHECK_THROWS_AS(gravity_prior(std::vector<double>(6, 0.0), to, z, 0.3), error);
}
