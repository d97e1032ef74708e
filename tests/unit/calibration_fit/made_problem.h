// Problems made for tests of the estimator: small random ones whatever their sense, drawn by seed.
#pragma once

#include <cstdint>

#include "calibration/fit/estimator.h"

namespace gemeo::test {

struct random_problem_options {
  std::size_t pairs = 3, slots = 2, observations = 4;
  double chance = 0.5;       // that an observation sees a cell
  double prior_factor = 1;   // what the counts are made of, times the prior
  bool empty_cells = false;  // every third has no prior
  bool upper = false;
  bool factors = false;
};
fit_problem random_problem(std::uint64_t seed, random_problem_options const& options);

// Uniform in [low, high), keyed.
double drawn(std::uint64_t seed, std::uint64_t what, std::uint64_t which, double low, double high);

}  // namespace gemeo::test
