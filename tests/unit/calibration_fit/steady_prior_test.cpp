#include "calibration/fit/steady_prior.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/core/random.h"

using namespace gemeo;

namespace {

constexpr std::size_t kPairs = 300, kSlots = 8;

double normal(std::uint64_t what, std::uint64_t which) { return random_normal(23, what, which, draw::kTripCount); }

// Totals, a common morning, and reasons of a pair's own: some leave early, some late.
std::vector<double> morning(double own) {
  std::vector<double> out;
  for (std::size_t p = 0; p < kPairs; ++p) {
    double const total = std::exp(3 + 0.7 * normal(1, p)), late = own * normal(2, p);
    for (std::size_t s = 0; s < kSlots; ++s) {
      double const at = (static_cast<double>(s) - 3.5) / 3.5;
      out.push_back(total * (1 + 0.3 * std::cos(at)) * std::exp(late * at));
    }
  }
  return out;
}

std::vector<double> with_chance(std::vector<double> cells, double sd) {
  for (std::size_t j = 0; j < cells.size(); ++j) cells[j] *= std::max(0.0, 1 + sd * normal(3, j));
  return cells;
}

double distance(std::vector<double> const& a, std::vector<double> const& b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("steady prior: errors of single cells go, to a third where nothing else sets pairs apart") {
  auto const truth = morning(0);
  auto const prior = with_chance(truth, 0.35);
  auto cells = prior;
  steady_result const r = steady_prior(cells, kPairs, kSlots);
  CHECK(r.share > 0.9);
  CHECK(r.spread == Approx(0.35).epsilon(0.1));
  CHECK(distance(cells, truth) < 0.45 * distance(prior, truth));
}

TEST_CASE("steady prior: what sets pairs apart for longer than a slot stays, whether or not chance lies over it") {
  auto const truth = morning(0.4);
  auto cells = truth;
  CHECK(steady_prior(cells, kPairs, kSlots).share < 0.05);
  CHECK(distance(cells, truth) < 0.05 * distance(with_chance(truth, 0.35), truth));
  auto const prior = with_chance(truth, 0.35);
  cells = prior;
  steady_result const r = steady_prior(cells, kPairs, kSlots);
  CHECK(r.share > 0.2);
  CHECK(r.share < 0.7);
  CHECK(distance(cells, truth) < 0.9 * distance(prior, truth));
}

TEST_CASE("steady prior: totals of pairs and of slots stay, and no cell falls below nothing") {
  auto const prior = with_chance(morning(0.2), 0.8);
  auto cells = prior;
  steady_prior(cells, kPairs, kSlots);
  for (std::size_t p = 0; p < kPairs; ++p) {
    auto const at = static_cast<std::ptrdiff_t>(p * kSlots), to = at + static_cast<std::ptrdiff_t>(kSlots);
    CHECK(std::accumulate(cells.begin() + at, cells.begin() + to, 0.0) ==
          Approx(std::accumulate(prior.begin() + at, prior.begin() + to, 0.0)));
  }
  for (std::size_t s = 0; s < kSlots; ++s) {
    double before = 0, after = 0;
    for (std::size_t p = 0; p < kPairs; ++p) {
      before += prior[p * kSlots + s];
      after += cells[p * kSlots + s];
    }
    CHECK(after == Approx(before));
  }
  CHECK(*std::min_element(cells.begin(), cells.end()) >= 0);
}

TEST_CASE("steady prior: three slots, one pair, empty slots and no trips at all are left as they are") {
  for (auto const& [pairs, slots] : {std::pair(2U, 3U), {1U, 8U}, {3U, 4U}}) {
    std::vector<double> cells(std::size_t{pairs} * slots, 0.0);
    CHECK(steady_prior(cells, pairs, slots).share == 0);
    for (std::size_t j = 0; j < cells.size(); ++j) cells[j] = j % slots == 1 ? 4.0 + static_cast<double>(j) : 0.0;
    auto const before = cells;
    steady_prior(cells, pairs, slots);
    for (std::size_t j = 0; j < cells.size(); ++j) CHECK(cells[j] == Approx(before[j]));
  }
}
