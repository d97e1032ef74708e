#include "calibration/fit/estimator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "calibration/fit/newton.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"

namespace gemeo {

void check_options(fit_options const& o) {
  auto const require = [](bool ok, char const* key, double value, char const* rule) {
    if (!ok) throw_usage(fmt::format("fit option {} is {}", key, value), fmt::format("it must be {}", rule));
  };
  auto const at_least_0 = [&](char const* key, double v) {
    require(v >= 0 && v <= 1e12, key, v, "between 0 and 1e12");
  };
  auto const above_0 = [&](char const* key, double v) {
    require(v >= 1e-12 && v <= 1e12, key, v, "between 1e-12 and 1e12");
  };
  above_0("lambda", o.weights.lambda);
  at_least_0("mu", o.weights.mu);
  at_least_0("model_error", o.weights.model_error);
  at_least_0("factor", o.weights.factor);
  at_least_0("variance.poisson", o.variance.poisson);
  at_least_0("variance.relative", o.variance.relative);
  above_0("variance.least", o.variance.least);
  at_least_0("loss_scale", o.loss_scale);
  above_0("scale_sd", o.scale_sd);
  above_0("tolerance_veh", o.tolerance_veh);
  above_0("outlier_sd", o.outlier_sd);
  require(o.rounds > 0, "rounds", static_cast<double>(o.rounds), "at least 1");
}

map_estimator::map_estimator(fit_problem problem) : system_(std::make_unique<fit_system const>(std::move(problem))) {}
map_estimator::~map_estimator() = default;
map_estimator::map_estimator(map_estimator&&) noexcept = default;
map_estimator& map_estimator::operator=(map_estimator&&) noexcept = default;

fit_problem const& map_estimator::problem() const { return system_->problem; }
std::size_t map_estimator::groups() const { return system_->groups; }

namespace {

constexpr double kLeastScale = 0.05, kMostScale = 20;
constexpr double kLongestStep = 1.0;  // of a factor between two linearisations, in logarithms

void check_start(fit_system const& s, fit_start const* start, std::span<std::uint8_t const> left_out,
                 fit_perturbation const* perturbation) {
  auto const require = [](std::size_t have, std::size_t want, char const* what) {
    if (have != want) throw_usage(fmt::format("fit: {} values of {}, expected {}", have, what, want));
  };
  if (start != nullptr && !start->x.empty()) require(start->x.size(), s.cells(), "start.x");
  if (start != nullptr && !start->factors.empty()) require(start->factors.size(), s.groups, "start.factors");
  if (!left_out.empty()) require(left_out.size(), s.problem.observations(), "left_out");
  if (perturbation == nullptr) return;
  require(perturbation->counts.size(), s.problem.observations(), "perturbation.counts");
  require(perturbation->cells.size(), s.cells(), "perturbation.cells");
  require(perturbation->factors.size(), s.groups, "perturbation.factors");
}

// Sets what the solution says of itself.
void describe(fit_system const& s, fit_options const& options, cost_model const& model, std::vector<double> const& v,
              std::span<std::uint8_t const> left_out, fit_result& out) {
  fit_problem const& p = s.problem;
  std::size_t const n = s.cells();
  out.x.assign(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n));
  out.factors.assign(v.begin() + static_cast<std::ptrdiff_t>(n), v.end());
  std::vector<double> e(n), r(p.observations());
  model.residuals(v, r);
  model.deviations(v, e);
  out.counts_term = model.counts_part(r);
  out.prior_term = model.prior().prior_part(e, model.blocks());
  out.smooth_term = model.prior().smooth_part(e, model.blocks());
  out.factor_term = model.factor_part(v);
  out.prior_mean.resize(n);
  for (std::size_t j = 0; j < n; ++j) out.prior_mean[j] = out.x[j] - e[j];
  out.prior_spread = model.spread();
  out.variance = model.variance();
  out.fitted.resize(p.observations());
  out.residual.resize(p.observations());
  out.outlier.assign(p.observations(), 0);
  model.crossings_of(out.x, out.fitted);
  for (std::size_t i = 0; i < p.observations(); ++i) {
    out.fitted[i] += p.offset[i];
    out.residual[i] = (p.count[i] - out.fitted[i]) / std::sqrt(out.variance[i]);
    out.outlier[i] = std::abs(out.residual[i]) > options.outlier_sd ? 1 : 0;
  }
  out.findings = s.findings;
  for (std::size_t i = 0; i < p.observations(); ++i) {
    bool const crossed = p.crossings.begin[i + 1] > p.crossings.begin[i];
    out.used_counts += crossed && (left_out.empty() || left_out[i] == 0) ? 1 : 0;
    if (crossed) r[i] = 0;
  }
  out.uncrossed_term = model.counts_part(r);
  hasher h;
  h.add(std::span<double const>(out.x));
  h.add(std::span<double const>(out.factors));
  out.hash = h.value();
}

}  // namespace

double map_estimator::prior_scale(fit_options const& options, std::span<std::uint8_t const> left_out) const {
  check_options(options);
  check_start(*system_, nullptr, left_out, nullptr);
  fit_problem const& p = system_->problem;
  std::vector<double> flow(p.observations(), 0.0), spread(p.observations(), 0.0);  // of the prior; its errors' variance
  for (std::size_t i = 0; i < p.observations(); ++i) {
    for (std::size_t k = p.crossings.begin[i]; k < p.crossings.begin[i + 1]; ++k) {
      std::size_t const j = p.crossings.column[k];
      double const a = p.crossings.value[k];
      flow[i] += a * p.prior[j];
      spread[i] += a * a * p.prior_sd[j] * p.prior_sd[j];
    }
  }
  double scale = 1;
  for (int round = 0; round < 3; ++round) {
    double top = 1 / (options.scale_sd * options.scale_sd), bottom = top;
    for (std::size_t i = 0; i < p.observations(); ++i) {
      if (!left_out.empty() && left_out[i] != 0) continue;
      double const f = std::max(0.0, scale * flow[i] + p.offset[i]), relative = options.variance.relative * f;
      double const of_count = p.variance.empty()
                                  ? std::max(options.variance.least, options.variance.poisson * f + relative * relative)
                                  : p.variance[i];
      double const v = of_count + scale * scale * spread[i];
      top += flow[i] * (p.count[i] - p.offset[i]) / v;
      bottom += flow[i] * flow[i] / v;
    }
    scale = std::clamp(top / bottom, kLeastScale, kMostScale);
  }
  return scale;
}

fit_result map_estimator::fit(fit_options const& options, thread_team const& team, fit_start const* start,
                              std::span<std::uint8_t const> left_out, fit_perturbation const* perturbation) const {
  check_options(options);
  check_start(*system_, start, left_out, perturbation);
  fit_system const& s = *system_;
  std::size_t const n = s.cells();
  fixed_blocks const blocks(team);
  cost_model model(s, options, left_out, perturbation, blocks);
  fit_result out;
  out.scale = start != nullptr && start->scale > 0 ? start->scale
              : options.scale_prior                ? prior_scale(options, left_out)
                                                   : 1.0;
  std::vector<double> v(model.size(), 0.0), centre(s.groups, 0.0), flow;
  if (start != nullptr && model.factors_move()) {
    std::copy(start->factors.begin(), start->factors.end(), centre.begin());
  }
  std::copy(centre.begin(), centre.end(), v.begin() + static_cast<std::ptrdiff_t>(n));
  if (start != nullptr && !start->x.empty()) {
    std::copy(start->x.begin(), start->x.end(), v.begin());
    flow.resize(s.problem.observations());
  }
  bool const reweighs = s.problem.variance.empty();
  for (out.rounds = 1;; ++out.rounds) {
    if (!flow.empty()) {
      model.crossings_of(std::span<double const>(v).first(n), flow);
      for (std::size_t i = 0; i < flow.size(); ++i) flow[i] += s.problem.offset[i];
    }
    model.set_variance(flow);
    model.set_mean(out.scale, centre);
    for (std::size_t j = 0; j < n; ++j) {
      bool const given = out.rounds > 1 || !flow.empty();
      v[j] = std::clamp(given ? v[j] : model.mean()[j], 0.0, model.upper(j));
    }
    std::vector<double> const before = v;
    newton_report const report = minimise(model, options.tolerance_veh, options.max_steps, v);
    out.newton_steps += report.steps;
    out.gradient_steps += report.gradient_steps;
    out.kkt_residual_veh = report.kkt_residual_veh;
    out.converged = report.converged;
    double moved = 0;
    for (std::size_t j = 0; j < n; ++j) moved = std::max(moved, std::abs(v[j] - before[j]));
    bool const settled = out.rounds > 1 && moved <= 10 * options.tolerance_veh;
    bool const last = settled || out.rounds == options.rounds || (!reweighs && !model.factors_move());
    if (last || model.asked_to_stop()) break;
    for (std::size_t g = 0; g < s.groups; ++g) {
      centre[g] += std::clamp(v[n + g] - centre[g], -kLongestStep, kLongestStep);
      v[n + g] = centre[g];
    }
    flow.resize(s.problem.observations());
  }
  describe(s, options, model, v, left_out, out);
  return out;
}

}  // namespace gemeo
