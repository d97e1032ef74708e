#include "calibration/fit/derivative_free.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/core/error.h"
#include "sim/core/random.h"

using namespace gemeo;

namespace {

batch_objective each(std::function<double(std::vector<double> const&)> f) {
  return [f = std::move(f)](std::span<std::vector<double> const> batch) {
    std::vector<double> values;
    for (auto const& x : batch) values.push_back(f(x));
    return values;
  };
}

search_box box_of(std::size_t n, double low, double high) {
  return {std::vector<double>(n, low), std::vector<double>(n, high)};
}

double sphere(std::vector<double> const& x) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += std::pow(x[k] - 0.3 * static_cast<double>(k % 3), 2);
  return sum;
}

double rosenbrock(std::vector<double> const& x) {
  double sum = 0;
  for (std::size_t k = 0; k + 1 < x.size(); ++k) {
    sum += 100 * std::pow(x[k + 1] - x[k] * x[k], 2) + std::pow(1 - x[k], 2);
  }
  return sum;
}

}  // namespace

TEST_CASE("CMA-ES: finds the minimum of the sphere in 20 dimensions and of Rosenbrock's valley in 5") {
  cma_options o;
  o.evaluations = 6000;
  search_result const a = minimise_cma_es(each(sphere), box_of(20, -5, 5), std::vector<double>(20, 4.0), o);
  CHECK(a.best.value < 1e-10);
  CHECK(a.tried.size() <= 6000);
  o.evaluations = 8000;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    o.seed = seed;
    search_result const b = minimise_cma_es(each(rosenbrock), box_of(5, -2, 2), std::vector<double>(5, -1.0), o);
    CAPTURE(seed);
    CHECK(b.best.value < 1e-10);
    for (double const x : b.last) CHECK(x == Approx(1).margin(1e-4));
  }
}

TEST_CASE("CMA-ES: minima at a corner and on an edge of the box are found, and no point lies outside") {
  cma_options o;
  o.evaluations = 3000;
  auto const corner = each([](std::vector<double> const& x) { return x[0] + 2 * x[1] + std::pow(x[2] - 0.25, 2); });
  search_result const r = minimise_cma_es(corner, box_of(3, -1, 1), std::vector<double>(3, 0.5), o);
  CHECK(r.best.value == Approx(-3).margin(1e-3));
  for (search_point const& p : r.tried) {
    for (double const x : p.x) CHECK((x >= -1 && x <= 1));
  }
}

TEST_CASE("CMA-ES: under noise the place where it stands is near the minimum") {
  cma_options o;
  o.evaluations = 2000;
  o.population = 20;
  std::uint64_t calls = 0;
  auto const noisy =
      each([&](std::vector<double> const& x) { return sphere(x) + 0.1 * random_normal(9, calls++, 0, draw::kSearch); });
  search_result const r = minimise_cma_es(noisy, box_of(6, -5, 5), std::vector<double>(6, 3.0), o);
  CHECK(sphere(r.last) < 0.1);
}

TEST_CASE("SPSA: comes near the minimum of a noisy quadratic, in steps of three evaluations") {
  spsa_options o;
  o.evaluations = 3000;
  std::uint64_t calls = 0;
  auto const noisy = each([&](std::vector<double> const& x) {
    return sphere(x) / 25 + 0.001 * random_normal(3, calls++, 0, draw::kSearch);
  });
  std::vector<double> const start(8, 4.0);
  search_result const r = minimise_spsa(noisy, box_of(8, -5, 5), start, o);
  CHECK(r.iterations == 1000);
  CHECK(r.tried.size() == 3000);
  CHECK(sphere(r.last) < sphere(start) / 100);
  // Its first perturbation is one gain from the start in every coordinate, in units of the box.
  for (std::size_t k = 0; k < 8; ++k) {
    CHECK(std::abs(r.tried[0].x[k] - 4) <= 1.0 + 1e-12);
    CHECK((r.tried[0].x[k] == Approx(5) || r.tried[0].x[k] == Approx(3)));
  }
}

TEST_CASE("SPSA and PC-SPSA: one step is what the formula says") {
  auto const slope = each([](std::vector<double> const& x) { return 3 * x[0] - 2 * x[1]; });
  spsa_options o;
  o.evaluations = 3;
  search_result const r = minimise_spsa(slope, box_of(2, 0, 1), std::vector<double>{0.5, 0.5}, o);
  double const d0 = r.tried[0].x[0] > 0.5 ? 1 : -1, d1 = r.tried[0].x[1] > 0.5 ? 1 : -1;
  double const rise = 3 * d0 - 2 * d1, gain = 0.2 / std::pow(11, 0.602);
  CHECK(r.last[0] == Approx(0.5 - gain * rise * d0));
  CHECK(r.last[1] == Approx(0.5 - gain * rise * d1));
}

TEST_CASE("PC-SPSA: where samples vary in two directions of twenty, it beats SPSA at the same number of evaluations") {
  // What is looked for lies in the plane that the samples span, as demand does in that of earlier days.
  std::vector<double> first(20), second(20), target(20), start(20, 0.0);
  for (std::size_t k = 0; k < 20; ++k) {
    first[k] = std::sin(static_cast<double>(k));
    second[k] = std::cos(2.0 * static_cast<double>(k));
    target[k] = 0.8 * first[k] - 0.5 * second[k];
  }
  std::vector<std::vector<double>> samples;
  for (std::uint64_t i = 0; i < 30; ++i) {
    std::vector<double>& s = samples.emplace_back(20);
    double const a = random_normal(5, i, 0, draw::kSearch), b = random_normal(5, i, 1, draw::kSearch);
    for (std::size_t k = 0; k < 20; ++k) s[k] = 0.5 * (a * first[k] + b * second[k]);
  }
  auto const far = each([&](std::vector<double> const& x) {
    double sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += std::pow(x[k] - target[k], 2);
    return sum / 20;
  });
  double by_components = 0, by_all = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    pc_spsa_options o;
    o.spsa.seed = seed;
    by_components += minimise_pc_spsa(far, box_of(20, -3, 3), start, samples, o).best.value / 5;
    spsa_options plain;
    plain.seed = seed;
    by_all += minimise_spsa(far, box_of(20, -3, 3), start, plain).best.value / 5;
  }
  CAPTURE(by_components, by_all);
  CHECK(by_components < 0.01);
  CHECK(by_components < by_all / 3);
}

TEST_CASE("searches: the same seed gives the same points, another seed others") {
  auto const run = [](std::uint64_t seed) {
    cma_options c;
    c.seed = seed;
    spsa_options s;
    s.seed = seed;
    std::vector<double> const start(4, 0.5);
    return std::vector{minimise_cma_es(each(sphere), box_of(4, -1, 1), start, c).hash,
                       minimise_spsa(each(sphere), box_of(4, -1, 1), start, s).hash};
  };
  CHECK(run(1) == run(1));
  CHECK(run(1)[0] != run(2)[0]);
  CHECK(run(1)[1] != run(2)[1]);
}

TEST_CASE("searches: values that are no numbers are survived, boxes that are none are refused") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  auto const holes = each([&](std::vector<double> const& x) { return x[0] > 0.5 ? nan : sphere(x); });
  std::vector<double> const start{0.4, 0.4};
  cma_options o;
  o.evaluations = 1000;
  CHECK(minimise_cma_es(holes, box_of(2, -1, 1), start, o).best.value < 1e-6);
  CHECK(std::isfinite(minimise_spsa(holes, box_of(2, -1, 1), start, {}).best.value));
  CHECK_THROWS_AS(minimise_spsa(holes, box_of(2, 1, 1), std::vector<double>{1, 1}, {}), error);
  CHECK_THROWS_AS(minimise_spsa(holes, box_of(2, -1, 1), std::vector<double>{0, 2}, {}), error);
  CHECK_THROWS_AS(minimise_cma_es(holes, box_of(2, -1, nan), start, o), error);
  CHECK_THROWS_AS(minimise_pc_spsa(holes, box_of(2, -1, 1), start, std::vector{start, start}, {}), error);
}
