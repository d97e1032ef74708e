// Weights of prior, smoothness, model error and factors, chosen by K-fold over detectors: each fold's detectors are
// left out in turn, fitted from the others, and scored. Groups of detectors (a corridor) stay together: neighbours see
// the same vehicles, and a fold beside its neighbours would find any weight good. Folds are keyed by seed. Same bits on
// any number of threads. Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/fit/estimator.h"

namespace gemeo {

struct fold_options {
  std::size_t folds = 5;
  std::size_t repeats = 6;  // splits into folds, in closed form: a calmer choice; the first is fold_result's
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> group;  // of each observation's detector; empty: each detector is a group
  // Values to try; an empty list keeps that of the fit's own options (factors: 0, 0.3, 1 where the problem has any).
  // Errors that hold all day count once, not once a slot: lambda is then about 1 / slots, with mu of 10 or more.
  std::vector<double> lambdas{0.03, 0.1, 0.3, 1}, mus{1, 10, 100}, model_errors, factors;
  bool whole_grid = false;      // all combinations; false: axis by axis from the middle, until nothing improves
  std::size_t refinements = 1;  // then neighbours of the best at the square root of an axis's step, its root, ...
  double tolerance_veh = 0.05;  // of the fits
  bool linear = true;  // by linear_folds.h where counts are few enough; false: by a fit for each fold and weight
  bool one_standard_error = true;
};

struct fold_point {
  fit_weights weights;
  std::vector<double> errors;  // of each fold, split by split: mean square of standardised errors at what was left out
  double mean = 0;             // over all of them
  double standard_error = 0;   // of the mean's difference from the best point's, fold by fold; 0 for the best
  bool converged = true;
};

struct fold_result {
  std::vector<fold_point> tried;     // in the order tried
  std::size_t best = 0, chosen = 0;  // least mean; the most regular within one standard error of it
  std::vector<std::uint32_t> fold;  // of each observation; kNoFold: nobody crosses its detector, so it cannot be scored
  std::size_t folds = 0;            // fewer than asked for where there are fewer groups
  std::uint64_t hash = 0;           // of folds and errors
  static constexpr std::uint32_t kNoFold = 0xFFFFFFFFU;
  [[nodiscard]] fit_weights weights() const { return tried[chosen].weights; }
};

// Throws error(kInput) when there are fewer than two groups of detectors that anybody crosses.
std::vector<std::uint32_t> assign_folds(map_estimator const& estimator, fold_options const& options);
fold_result choose_weights(map_estimator const& estimator, fit_options const& fit, fold_options const& options,
                           thread_team const& team);

}  // namespace gemeo
