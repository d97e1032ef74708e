#include "sim/results/statistics.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "sim/core/random.h"

using namespace gemeo;

namespace {

double draw_normal(std::uint64_t seed, std::uint64_t entity, std::uint32_t counter) {
  return random_normal(seed, entity, counter, draw::kSpeedFactor);
}

paired_moments pairs(std::initializer_list<std::pair<double, double>> values) {
  paired_moments m;
  for (auto const& [b, o] : values) m.add(b, o);
  return m;
}

}  // namespace

TEST_CASE("student t: quantiles equal the printed tables") {
  // Abramowitz & Stegun, table 26.10; and exact values for 1 and 2 degrees of freedom.
  CHECK(student_t_quantile(0.975, 1) == Approx(12.7062047).epsilon(1e-7));
  CHECK(student_t_quantile(0.975, 2) == Approx(4.30265273).epsilon(1e-7));
  CHECK(student_t_quantile(0.975, 4) == Approx(2.7764451).epsilon(1e-7));
  CHECK(student_t_quantile(0.975, 9) == Approx(2.2621572).epsilon(1e-7));
  CHECK(student_t_quantile(0.975, 19) == Approx(2.0930241).epsilon(1e-7));
  CHECK(student_t_quantile(0.995, 10) == Approx(3.1692727).epsilon(1e-7));
  CHECK(student_t_quantile(0.95, 30) == Approx(1.6972609).epsilon(1e-7));
  CHECK(student_t_quantile(0.975, 1e7) == Approx(1.9599640).epsilon(1e-6));
  CHECK(student_t_quantile(0.025, 9) == Approx(-2.2621572).epsilon(1e-7));
  CHECK(student_t_quantile(0.9999, 1) == Approx(std::tan(M_PI * 0.4999)).epsilon(1e-7));
}

TEST_CASE("student t: the distribution function undoes the quantile, in the far tails too") {
  for (double const nu : {1.0, 2.0, 3.5, 9.0, 30.0, 500.0}) {
    for (double const p : {1e-6, 0.01, 0.3, 0.5, 0.8, 0.999, 1 - 1e-6}) {
      CHECK(student_t_cdf(student_t_quantile(p, nu), nu) == Approx(p).epsilon(1e-7));
    }
  }
  CHECK(student_t_cdf(0, 5) == Approx(0.5));
  CHECK(student_t_cdf(-std::numeric_limits<double>::infinity(), 5) == 0);
  CHECK(2 * student_t_cdf(-10, 4) == Approx(0.000562002).epsilon(1e-5));  // R: 2 * pt(-10, 4)
}

TEST_CASE("normal and incomplete beta: known values") {
  CHECK(normal_quantile(0.975) == Approx(1.959963985).epsilon(1e-9));
  CHECK(normal_quantile(0.8) == Approx(0.841621234).epsilon(1e-9));
  CHECK(incomplete_beta(1, 1, 0.3) == Approx(0.3));
  CHECK(incomplete_beta(2, 3, 0.4) == Approx(0.5248));  // 1 - P(Binomial(4, 0.4) <= 1)
  CHECK(incomplete_beta(0.5, 0.5, 0.5) == Approx(0.5));
  CHECK(incomplete_beta(5, 2, 0) == 0);
  CHECK(incomplete_beta(5, 2, 1) == 1);
}

TEST_CASE("paired estimate: Student's own sleep data give the published interval") {
  // Student (1908): extra hours of sleep with two drugs, ten patients; R's t.test(paired = TRUE): 1.58, 0.70 to 2.46.
  auto const e = estimate(pairs({{0.7, 1.9},
                                 {-1.6, 0.8},
                                 {-0.2, 1.1},
                                 {-1.2, 0.1},
                                 {-0.1, -0.1},
                                 {3.4, 4.4},
                                 {3.7, 5.5},
                                 {0.8, 1.6},
                                 {0.0, 4.6},
                                 {2.0, 3.4}}));
  CHECK(e.pairs == 10);
  CHECK(e.difference == Approx(1.58));
  CHECK(e.low == Approx(0.7001142).epsilon(1e-6));
  CHECK(e.high == Approx(2.4598858).epsilon(1e-6));
  CHECK(e.p == Approx(0.002832890).epsilon(1e-6));
  CHECK(e.up == 9);
  CHECK(e.down == 0);
  CHECK(e.base == Approx(0.75));
  CHECK(e.change() == Approx(1.58 / 0.75));
  CHECK(e.unpaired_half == Approx((3.365483 + 0.205483) / 2).epsilon(2e-2));  // Welch: -0.2054832 to 3.3654832
  CHECK(e.says == verdict::kClear);
}

TEST_CASE("paired estimate: what is not finite never enters, and leaves as a pair") {
  auto const e =
      estimate(pairs({{1, 2}, {kNan, 5}, {2, 3.5}, {3, kNan}, {3, 4}, {1, std::numeric_limits<double>::infinity()}}));
  CHECK(e.pairs == 3);
  CHECK(e.base == Approx(2));
}

TEST_CASE("paired estimate: fewer than three pairs never give a verdict, one gives no interval") {
  auto const none = estimate({});
  CHECK(none.says == verdict::kNoData);
  CHECK(std::isnan(none.difference));
  auto const one = estimate(pairs({{1, 2}}));
  CHECK(one.says == verdict::kTooFew);
  CHECK(one.difference == 1);
  CHECK(std::isnan(one.low));
  auto const two = estimate(pairs({{1, 100}, {2, 101}}));
  CHECK(two.says == verdict::kTooFew);
  CHECK(two.low == 99);
}

TEST_CASE("paired estimate: equal pairs are unchanged, rounding is no variation, and zero has no relative change") {
  CHECK(estimate(pairs({{1, 1}, {2, 2}, {3, 3}})).says == verdict::kUnchanged);
  auto const constant = estimate(pairs({{0.1, 0.4}, {0.2, 0.5}, {0.3, 0.6}}));
  CHECK(constant.sd == 0);
  CHECK(constant.says == verdict::kClear);
  CHECK(constant.p == 0);
  auto const same = estimate(pairs({{1, 1}, {2, 2}, {3, 3}}));
  CHECK(std::isnan(same.p));  // no test was made
  auto const from_zero = estimate(pairs({{0, 1}, {0, 2}, {0, 1.5}}));
  CHECK(std::isnan(from_zero.change()));
}

TEST_CASE("paired estimate: three pairs that differ by one vehicle each prove nothing, by forty they do") {
  CHECK(estimate(pairs({{5, 6}, {7, 8}, {4, 5}}), 1).says == verdict::kNotShown);
  CHECK(estimate(pairs({{5, 45}, {7, 47}, {4, 44}}), 1).says == verdict::kClear);
  CHECK(estimate(pairs({{5, 5}, {7, 7}, {4, 4}}), 1).says == verdict::kUnchanged);
}

TEST_CASE("paired estimate: an interval that includes zero is not a finding") {
  auto const e = estimate(pairs({{10, 11}, {10, 9}, {10, 10.5}, {10, 9.7}}));
  CHECK(e.says == verdict::kNotShown);
  CHECK(e.low < 0);
  CHECK(e.high > 0);
}

TEST_CASE("coverage: the 95 % interval of paired data holds the true difference in 93 to 97 % of samples") {
  for (std::size_t const n : {3, 5, 10, 30}) {
    int covered = 0;
    constexpr int kSamples = 4000;
    for (int s = 0; s < kSamples; ++s) {
      paired_moments m;
      for (std::size_t i = 0; i < n; ++i) {
        auto const entity = static_cast<std::uint64_t>(s) * 64 + i;
        double const common = 5 * draw_normal(n, entity, 0);
        m.add(100 + common + draw_normal(n, entity, 1), 102 + common + 2 * draw_normal(n, entity, 2));
      }
      auto const e = estimate(m, 0, false);
      if (e.low <= 2 && 2 <= e.high) ++covered;
    }
    INFO("pairs: " << n);
    CHECK(covered / double(kSamples) > 0.93);
    CHECK(covered / double(kSamples) < 0.97);
  }
}

TEST_CASE("pairing: on correlated runs the paired interval is narrower, on independent ones it is not trusted to be") {
  int narrower = 0;
  double removed = 0, removed_independent = 0;
  constexpr int kSamples = 300;
  for (int s = 0; s < kSamples; ++s) {
    paired_moments m, independent;
    for (std::size_t i = 0; i < 10; ++i) {
      auto const entity = static_cast<std::uint64_t>(s) * 64 + i;
      double const day = 5 * draw_normal(77, entity, 0);
      m.add(100 + day + 0.5 * draw_normal(77, entity, 1), 101 + day + 0.5 * draw_normal(77, entity, 2));
      independent.add(100 + draw_normal(77, entity, 3), 101 + draw_normal(77, entity, 4));
    }
    auto const e = estimate(m);
    if ((e.high - e.low) / 2 < e.unpaired_half) ++narrower;
    removed += e.variance_removed();
    removed_independent += estimate(independent).variance_removed();
  }
  CHECK(narrower == kSamples);
  CHECK(removed / kSamples > 0.95);  // the day's variance is 100 times the rest
  CHECK(std::abs(removed_independent / kSamples) < 0.3);
}

TEST_CASE("pairs needed: agrees with the published table of the paired t test and grows with the spread") {
  // R: power.t.test(delta = d, sd = 1, power = 0.8, type = "paired") gives 33.4 for d = 0.5, 9.9 for d = 1, 199.9 for
  // 0.2.
  CHECK(pairs_needed(0.5, 1) == Approx(34).margin(1));
  CHECK(pairs_needed(1, 1) == Approx(10).margin(1));
  CHECK(pairs_needed(0.2, 1) == Approx(199).margin(2));
  CHECK(pairs_needed(-0.2, 1) == pairs_needed(0.2, 1));
  CHECK(pairs_needed(100, 1) == kMinPairs);
  CHECK(pairs_needed(0, 1) == 0);
  CHECK(pairs_needed(1, 0) == 0);
  CHECK(pairs_needed(kNan, 1) == 0);
  CHECK(pairs_needed(1e-9, 1) == 1000000);
}

TEST_CASE("Benjamini-Hochberg: the example of the 1995 paper keeps four of fifteen") {
  std::vector<double> const p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                              0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000};
  auto const q = benjamini_hochberg(p);
  CHECK(std::count_if(q.begin(), q.end(), [](double v) { return v <= 0.05; }) == 4);
  CHECK(q[0] == Approx(0.0015));
  CHECK(q[3] == Approx(0.035625));
  CHECK(q[4] == Approx(0.0603));
  CHECK(q[14] == Approx(1));
}

TEST_CASE("Benjamini-Hochberg: the order given does not matter and NaN does not count") {
  auto const q = benjamini_hochberg(std::vector<double>{0.04, kNan, 0.01});
  CHECK(q[0] == Approx(0.04));
  CHECK(std::isnan(q[1]));
  CHECK(q[2] == Approx(0.02));
  CHECK(benjamini_hochberg({}).empty());
}

TEST_CASE("Benjamini-Hochberg: among edges where nothing changed hardly any is called changed") {
  std::vector<paired_estimate> edges(2000);
  std::vector<paired_estimate*> family;
  std::size_t raw = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    paired_moments m;
    for (std::uint32_t s = 0; s < 5; ++s) m.add(draw_normal(5, i, 2 * s), draw_normal(5, i, 2 * s + 1));
    edges[i] = estimate(m, 0, false);
    if (edges[i].p < 0.05) ++raw;
    family.push_back(&edges[i]);
  }
  judge(family);
  auto const kept = std::count_if(edges.begin(), edges.end(), [](auto const& e) { return e.says == verdict::kClear; });
  CHECK(raw > 60);  // 100 expected by chance
  CHECK(raw < 140);
  CHECK(kept <= 2);
}

TEST_CASE("Benjamini-Hochberg: real changes are kept, and at most about 5 % of what is kept is chance") {
  std::vector<paired_estimate> edges(2000);
  std::vector<paired_estimate*> family;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    paired_moments m;
    for (std::uint32_t s = 0; s < 10; ++s)
      m.add(draw_normal(6, i, 2 * s), draw_normal(6, i, 2 * s + 1) + (i < 200 ? 5 : 0));
    edges[i] = estimate(m, 0, false);
    family.push_back(&edges[i]);
  }
  judge(family);
  std::size_t real = 0, chance = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].says == verdict::kClear) ++(i < 200 ? real : chance);
  }
  CHECK(real >= 195);
  CHECK(chance <= 25);
}
