// The demand estimate: the cells x >= 0 that are most likely given counts and prior (maximum a posteriori),
//   min |V^-1/2 (c - A x - b)|^2 + lambda |W^-1/2 (x - m)|^2 + mu |D (x - m) / m|^2 + |z / sd|^2,   m = s x0 exp(z),
// within bounds; with one group of cells and no factors this is lambda |W^-1/2 (x - s x0)|^2 + mu |D (x / s x0)|^2.
// s is fitted to the counts first; factors by Gauss-Newton and variances by re-weighting, in rounds.
// Same bits on any number of threads. Thread rule: fit() is const and may run on many threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "calibration/fit/problem.h"
#include "sim/core/parallel.h"

namespace gemeo {

struct fit_system;

class map_estimator {
 public:
  explicit map_estimator(fit_problem problem);  // throws error(kInput) when the problem makes no sense
  ~map_estimator();
  map_estimator(map_estimator&&) noexcept;
  map_estimator& operator=(map_estimator&&) noexcept;

  // left_out: observations that the fit must not see (not 0), one value each; empty: none.
  [[nodiscard]] fit_result fit(fit_options const& options, thread_team const& team, fit_start const* start = nullptr,
                               std::span<std::uint8_t const> left_out = {},
                               fit_perturbation const* perturbation = nullptr) const;
  // s alone: the factor on the prior that meets the counts best, with N(1, scale_sd^2) as its own prior.
  [[nodiscard]] double prior_scale(fit_options const& options, std::span<std::uint8_t const> left_out = {}) const;

  [[nodiscard]] fit_problem const& problem() const;
  [[nodiscard]] fit_system const& system() const { return *system_; }
  [[nodiscard]] std::size_t groups() const;  // of all factors

 private:
  std::unique_ptr<fit_system const> system_;
};

void check_options(fit_options const& options);  // throws error(kUsage)

}  // namespace gemeo
