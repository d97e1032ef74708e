// How sure an estimate is: refits of perturbed counts to a perturbed prior (randomise, then optimise: Bardsley,
// Solonen, Haario and Laine, SIAM J. Sci. Comput. 36, 2014). Where nothing is at a bound the refits are draws from the
// posterior. Trips are not negative: a prior's cell is drawn from a normal stopped at 0, whose mean and spread, so
// stopped, are the prior's. With the prior's own normal, cells of few trips, half of whose draws are stopped, make more
// trips in every refit than in the estimate. Same bits on any number of threads. Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/fit/estimator.h"

namespace gemeo {

struct band_options {
  std::size_t refits = 30;
  std::uint64_t seed = 1;
  std::vector<double> quantiles{0.05, 0.5, 0.95};
  // Variances are often off by a common factor; at the minimum the objective, per count that anybody crosses, measures
  // it.
  bool scale_noise = true;
  bool keep_refits = false;  // for simulations of each
};

// Quantiles of some quantities: value[q * size + i].
struct quantile_table {
  std::size_t size = 0;
  std::vector<double> value;
  [[nodiscard]] double at(std::size_t quantile, std::size_t i) const { return value[quantile * size + i]; }
};

struct fit_bands {
  std::vector<double> quantiles;
  quantile_table cells, pair_totals, fitted, links;  // links: of the rows given
  std::vector<double> total;                         // trips, by quantile
  std::vector<std::vector<double>> refits;           // x of each, where kept
  double noise_scale = 1;                            // on all standard deviations
  std::size_t unconverged = 0;
  std::uint64_t hash = 0;
};
// Linear between neighbours in rank (Hyndman and Fan's type 7). draws: each as long as the others.
quantile_table quantiles_of(std::vector<std::vector<double>> const& draws, std::vector<double> const& quantiles);
// base: what fit() gave with these options. links: more rows (unobserved roads); may be null.
fit_bands perturbed_refits(map_estimator const& estimator, fit_options const& options, fit_result const& base,
                           band_options const& bands, thread_team const& team, sparse_rows const* links = nullptr);

}  // namespace gemeo
