// The objective of one fit, around one set of variances and one linearisation of the factors:
//   sum rho((A x + b - c) / sqrt V) + e^T P e + sum (z_g / sd_g)^2,  e = x - (base + loading sum of z),
// over v = (x, z): cells first, then groups. e^T P e is lambda |W^-1/2 (x - m)|^2 + mu |D (x - m) / R|^2.
// Value, gradient / 2 and curvature / 2 as the solver wants them. Internal to calibration/fit.
// Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "calibration/fit/chain_prior.h"
#include "calibration/fit/fit_system.h"

namespace gemeo {

class cost_model {
 public:
  cost_model(fit_system const& system, fit_options const& options, std::span<std::uint8_t const> left_out,
             fit_perturbation const* perturbation, fixed_blocks const& blocks);
  ~cost_model();

  // V from a flow for each observation (the count where `flow` is empty).
  void set_variance(std::span<double const> flow);
  // The prior mean s x0 exp(z), and its linearisation around z.
  void set_mean(double scale, std::span<double const> z);

  [[nodiscard]] std::size_t cells() const { return system_.cells(); }
  [[nodiscard]] std::size_t size() const { return system_.cells() + system_.groups; }
  [[nodiscard]] double upper(std::size_t cell) const;
  [[nodiscard]] std::vector<double> const& variance() const { return variance_; }
  [[nodiscard]] std::vector<double> const& mean() const { return mean_; }
  [[nodiscard]] std::vector<double> const& spread() const { return spread_; }
  [[nodiscard]] bool asked_to_stop() const { return options_.stop && options_.stop(); }
  [[nodiscard]] bool factors_move() const { return system_.groups > 0 && factor_weight_ > 0; }

  // r = A x + b - c; e as above.
  void residuals(std::span<double const> v, std::span<double> r) const;
  void deviations(std::span<double const> v, std::span<double> e) const;
  void crossings_of(std::span<double const> x, std::span<double> out) const;  // A x
  [[nodiscard]] double counts_part(std::span<double const> r) const;
  [[nodiscard]] double factor_part(std::span<double const> v) const;
  [[nodiscard]] chain_prior const& prior() const { return prior_; }
  [[nodiscard]] double slope(double squared) const;  // of the loss, by the square of (r / sd)
  void gradient(std::span<double const> v, std::span<double const> r, std::span<double> g) const;
  // Second derivatives of the counts' part, one an observation.
  void curvatures(std::span<double const> r, std::span<double> d) const;
  void product(std::span<double const> p, std::span<double const> d, std::span<double> out) const;
  void diagonal(std::span<double const> d, std::span<double> h) const;
  // The change of the objective from v (with residuals r and gradient g) by the step s, in full relative precision.
  [[nodiscard]] double change(std::span<double const> r, std::span<double const> g, std::span<double const> s) const;
  // The preconditioner, out = C in, C near the inverse of the curvature: the prior's own for the cells, and for the
  // groups, of which counts often know far more than the prior, what counts (by their curvatures d) and prior say of
  // each group moving all its cells (a coarse space, as in two-level domain decomposition).
  void prepare(std::span<double const> d);
  void fix(std::span<std::uint8_t const> fixed);  // cells that do not move
  void precondition(std::span<double const> in, std::span<double> out) const;
  // What a group's z moves, in vehicles: root mean square over its cells.
  [[nodiscard]] double group_size_veh(std::size_t group) const;
  fixed_blocks const& blocks() const { return blocks_; }

 private:
  [[nodiscard]] double rho(double squared) const;        // of (r / sd)^2
  [[nodiscard]] double curvature(double squared) const;  // half the second derivative by r / sd, or a bound of it
  template <typename Get>
  void sum_groups(Get const& value_of_cell, std::span<double> out) const;
  [[nodiscard]] sparse_rows crossings_of_groups() const;  // A M: observations x groups

  fit_system const& system_;
  fit_options const& options_;
  fit_perturbation const* perturbation_;
  fixed_blocks blocks_;
  double loss_scale_ = 0, factor_weight_ = 1;
  std::vector<std::uint8_t> left_out_, fixed_;
  std::vector<double> target_, variance_, weight_;  // c - b; V; 1 / V or 0
  std::vector<double> mean_, spread_, base_, group_precision_, group_centre_;
  chain_prior prior_;
  struct coarse_space;
  void solve_together(sparse_rows const& moved, std::span<double const> d, std::size_t together);
  std::unique_ptr<coarse_space> coarse_;
  mutable std::vector<double> at_observations_, at_cells_, at_cells_too_, by_part_;
};

}  // namespace gemeo
