// Fold errors without a fit for each fold and weight: around one fit of all counts the estimate is linear, and what it
// says of counts left out stands in closed form. With the prior's covariance K (cells, shared errors, scale),
//   G = A K A^T + R,  d = c - b - A m,  residual of fold F left out = ((G^-1)_FF)^-1 (G^-1 d)_F
// (Dubrule, Mathematical Geology 15(6), 1983, for kriging; block by block). Bounds of cells are not in it, the loss is
// by its weights in that one fit. Takes a matrix of observations by observations: for some thousands of counts.
// Internal to calibration/fit. Thread rule: const functions may run on many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "calibration/fit/estimator.h"

namespace gemeo {

class linear_folds {
 public:
  static constexpr std::size_t kMostObservations = 2500;

  // around: a fit of all counts.
  linear_folds(map_estimator const& estimator, fit_options const& options, fit_result const& around);
  ~linear_folds();
  // What each count would be by a fit of all but those of its fold, with these weights, for each split into folds; as
  // fitted where its fold is none of them.
  [[nodiscard]] std::vector<std::vector<double>> predicted(fit_weights const& w,
                                                           std::vector<std::vector<std::uint32_t>> const& splits,
                                                           std::size_t folds) const;

 private:
  struct matrices;
  map_estimator const& estimator_;
  fit_options options_;
  fit_result const& around_;
  std::unique_ptr<matrices> of_;
};

}  // namespace gemeo
