// What the demand estimate is made from: numbers only. A cell is a pair's departures in one slot; cells are numbered
// pair by pair (pair * slots + slot). A pair may be any group of travellers: an OD pair, or a route of one.
// An observation is a count over some time at some detector; `crossings` holds its row: crossings per departure of each
// cell, so that counts of 5, 15 and 60 minutes stand side by side. All in vehicles. Thread rule: none (plain data).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "calibration/fit/sparse_rows.h"

namespace gemeo {

// Errors that cells of the prior share: cell (p, s) has the mean x0 exp(z_g), g its group, z_g ~ N(0, log_sd^2).
// An OD prior errs by zone and by time of day more than by pair: one factor for origins, one for destinations, one for
// slots. For routes of a pair: one with the pairs as groups (its total), what is left being the shares.
struct prior_factor {
  std::string name;                          // e.g. "origin"
  std::vector<std::uint32_t> group_of_pair;  // empty: all pairs in one group
  std::size_t slots_per_group = 0;           // 0: one group for the whole day; n: another one every n slots
  double log_sd = 0.3;
};

struct fit_problem {
  std::size_t pairs = 0, slots = 0;
  // The first so many slots only fill the roads: nothing is counted before they end. What they hold beyond the prior
  // no count tells from what the first slot after them does, so they keep the prior's course in time up to it.
  std::size_t lead_slots = 0;
  std::vector<double> prior;     // x0 of each cell, >= 0
  std::vector<double> prior_sd;  // of each cell, at least 1e-9: the square root of W
  std::vector<double> upper;     // of each cell; empty: no bound
  std::vector<prior_factor> factors;

  std::vector<double> count;            // c of each observation, >= 0
  std::vector<double> offset;           // b: crossings that A x does not explain; empty: 0
  std::vector<double> variance;         // V, at least 1e-9; empty: worked out, see variance_model
  std::vector<double> model_variance;   // what re-routing and re-seeding add to V, >= 0; empty: 0
  std::vector<std::uint32_t> detector;  // of each observation
  sparse_rows crossings;                // observations x cells

  [[nodiscard]] std::size_t cells() const { return pairs * slots; }
  [[nodiscard]] std::size_t observations() const { return count.size(); }
};
void check_problem(fit_problem const& p);  // throws error(kInput) naming what is wrong and where

// What a fit cannot use, or uses without evidence: named, never dropped in silence.
struct fit_findings {
  std::vector<std::uint32_t> uncrossed_observations;  // nobody crosses: their rows are empty
  std::vector<std::uint32_t> uncrossed_detectors;     // of whose observations all are so
  std::vector<std::uint32_t> unobserved_pairs;  // cross no detector in any slot: they follow prior and factors only
  std::size_t unobserved_cells = 0;
  std::size_t empty_cells = 0;  // of prior 0
};
fit_findings find_gaps(fit_problem const& p);

// V = poisson f + model_error ((relative f)^2 + model_variance), at least `least`. f is the flow: the count at first,
// then, in every further round, what was fitted: weights by the count alone favour counts that came out low.
struct variance_model {
  double poisson = 1, relative = 0.05, least = 1;
};

struct fit_weights {
  double lambda = 1;       // of the prior, > 0
  double mu = 0;           // of smoothness in time, >= 0
  double model_error = 1;  // of what the variance holds beyond Poisson, >= 0
  double factor = 1;       // on all factors' log_sd, >= 0; 0: none
  bool operator==(fit_weights const&) const = default;
};

enum class fit_loss { kSquared, kHuber, kStudent };

struct fit_options {
  fit_weights weights;
  variance_model variance;
  fit_loss loss = fit_loss::kSquared;
  double loss_scale = 0;        // Huber: where it turns linear (0: 1.345 sd); Student: degrees of freedom (0: 4)
  bool scale_prior = true;      // multiply the prior by s, fitted to the counts first
  double scale_sd = 1;          // s ~ N(1, scale_sd^2): weak
  std::size_t rounds = 4;       // of variances and factors set anew, at most
  double tolerance_veh = 1e-4;  // the KKT residual to reach
  std::size_t max_steps = 60;   // of Newton, each round
  double outlier_sd = 4;        // standardised residuals beyond it are flagged
  std::function<bool()> stop;   // asked in each step, by any thread: true ends the fit where it is, not converged
};

struct fit_start {  // where to begin: another fit of the same cells
  std::vector<double> x, factors;
  double scale = 0;  // 0: fit it
};

// What a perturbed refit adds (bands.h).
struct fit_perturbation {
  std::vector<double> counts, cells, factors;
};

struct fit_result {
  std::vector<double> x;             // of each cell
  std::vector<double> prior_mean;    // s x0 exp(factors)
  std::vector<double> prior_spread;  // its sd, scaled as the mean was
  double scale = 1;                  // s
  std::vector<double> factors;       // z of all groups, factor by factor
  std::vector<double> fitted;        // A x + b of each observation, those left out too
  std::vector<double> variance;      // V that was used
  std::vector<double> residual;      // (c - fitted) / sqrt(V)
  std::vector<std::uint8_t> outlier;
  double counts_term = 0, prior_term = 0, smooth_term = 0, factor_term = 0;  // of the objective, with their weights
  double kkt_residual_veh = 0;  // most that a descent step, preconditioned and kept in bounds, would move a cell
  bool converged = false;
  double uncrossed_term = 0;    // what of counts_term is of rows that nobody crosses: no fit can change it
  std::size_t used_counts = 0;  // of rows that somebody crosses and that were not left out
  std::size_t rounds = 0, newton_steps = 0, gradient_steps = 0;
  fit_findings findings;
  std::uint64_t hash = 0;  // of x and factors

  [[nodiscard]] double objective() const { return counts_term + prior_term + smooth_term + factor_term; }
};

}  // namespace gemeo
