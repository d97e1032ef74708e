#include "calibration/fit/linear_folds.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "calibration/fit/cost_model.h"
#include "sim/core/error.h"

namespace gemeo {

namespace {

using index = Eigen::Index;

// A P^-1 A^T, pair by pair: P couples the slots of a pair only.
Eigen::MatrixXd spread_of_counts(fit_system const& s, chain_prior const& prior, fixed_blocks const& blocks) {
  std::size_t const slots = s.problem.slots, n = s.cells();
  std::vector<std::vector<double>> inverse(slots, std::vector<double>(n, 0.0));  // [slot][cell]: columns of P^-1
  for (std::size_t k = 0; k < slots; ++k) {
    for (std::size_t j = k; j < n; j += slots) inverse[k][j] = 1;
    prior.solve(inverse[k], inverse[k], blocks);
  }
  auto const m = static_cast<index>(s.problem.observations());
  Eigen::MatrixXd g = Eigen::MatrixXd::Zero(m, m);  // its lower triangle
  std::vector<std::uint32_t> rows;
  Eigen::MatrixXd a, k(static_cast<index>(slots), static_cast<index>(slots)), block;
  for (std::size_t p = 0; p < s.problem.pairs; ++p) {
    std::size_t const first = p * slots, end = first + slots;
    rows.assign(s.by_cell.column.begin() + static_cast<std::ptrdiff_t>(s.by_cell.begin[first]),
                s.by_cell.column.begin() + static_cast<std::ptrdiff_t>(s.by_cell.begin[end]));
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    if (rows.empty()) continue;
    a.setZero(static_cast<index>(rows.size()), static_cast<index>(slots));
    for (std::size_t j = first; j < end; ++j) {
      for (std::size_t e = s.by_cell.begin[j]; e < s.by_cell.begin[j + 1]; ++e) {
        auto const at = std::lower_bound(rows.begin(), rows.end(), s.by_cell.column[e]) - rows.begin();
        a(at, static_cast<index>(j - first)) = s.by_cell.value[e];
      }
      for (std::size_t c = 0; c < slots; ++c) k(static_cast<index>(j - first), static_cast<index>(c)) = inverse[c][j];
    }
    block.noalias() = a * k * a.transpose();
    for (std::size_t c = 0; c < rows.size(); ++c) {
      for (std::size_t r = c; r < rows.size(); ++r)
        g(static_cast<index>(rows[r]), static_cast<index>(rows[c])) +=
            block(static_cast<index>(r), static_cast<index>(c));
    }
  }
  return g;
}

Eigen::VectorXd product_with_cells(sparse_rows const& a, std::vector<double> const& x) {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(static_cast<index>(a.rows()));
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t k = a.begin[i]; k < a.begin[i + 1]; ++k) out[static_cast<index>(i)] += a.value[k] * x[a.column[k]];
  }
  return out;
}

}  // namespace

struct linear_folds::matrices {
  Eigen::MatrixXd shared;  // A M S M^T A^T at factor weight 1: what errors that cells share do to counts
  Eigen::MatrixXd scaled;  // A m0 m0^T A^T scale_sd^2; lower triangles
  Eigen::VectorXd off;     // d
};

linear_folds::~linear_folds() = default;

linear_folds::linear_folds(map_estimator const& estimator, fit_options const& options, fit_result const& around)
    : estimator_(estimator), options_(options), around_(around), of_(std::make_unique<matrices>()) {
  fit_system const& s = estimator.system();
  fit_problem const& p = s.problem;
  auto const m = static_cast<index>(p.observations());
  // m = x0 exp(z) around the fit's z; the scale is one more error that cells share, about 1.
  std::vector<double> grown(s.cells()), base(s.cells());
  double const scale = options.scale_prior ? 1.0 : around.scale;
  for (std::size_t j = 0; j < s.cells(); ++j) {
    double const z = s.groups > 0 ? s.factor_sum(j, around.factors.data()) : 0.0;
    grown[j] = p.prior[j] * std::exp(z);
    base[j] = scale * grown[j] * (1 - z);
  }
  of_->shared = Eigen::MatrixXd::Zero(m, m);
  for (std::size_t g = 0; g < s.groups; ++g) {
    std::vector<double> moved(s.cells(), 0.0);
    for (std::size_t k = s.member_begin[g]; k < s.member_begin[g + 1]; ++k)
      moved[s.member[k]] = around.scale * grown[s.member[k]] * s.group_sd[g];
    Eigen::VectorXd const v = product_with_cells(p.crossings, moved);
    of_->shared.selfadjointView<Eigen::Lower>().rankUpdate(v);
  }
  of_->scaled = Eigen::MatrixXd::Zero(m, m);
  if (options.scale_prior)
    of_->scaled.selfadjointView<Eigen::Lower>().rankUpdate(product_with_cells(p.crossings, grown),
                                                           options.scale_sd * options.scale_sd);
  of_->off = -product_with_cells(p.crossings, base);
  for (index i = 0; i < m; ++i)
    of_->off[i] += p.count[static_cast<std::size_t>(i)] - p.offset[static_cast<std::size_t>(i)];
}

std::vector<std::vector<double>> linear_folds::predicted(fit_weights const& w,
                                                         std::vector<std::vector<std::uint32_t>> const& splits,
                                                         std::size_t folds) const {
  fit_system const& s = estimator_.system();
  fit_problem const& p = s.problem;
  fit_options o = options_;
  o.weights = w;
  thread_team const alone(1);
  fixed_blocks const blocks(alone);
  cost_model model(s, o, {}, nullptr, blocks);
  model.set_variance(around_.fitted);
  model.set_mean(around_.scale, around_.factors);
  Eigen::MatrixXd g = spread_of_counts(s, model.prior(), blocks) + of_->scaled;
  if (w.factor > 0) g += w.factor * w.factor * of_->shared;
  auto const m = static_cast<index>(p.observations());
  for (index i = 0; i < m; ++i) {
    double const r = around_.fitted[static_cast<std::size_t>(i)] - p.count[static_cast<std::size_t>(i)],
                 v = model.variance()[static_cast<std::size_t>(i)];
    g(i, i) += v / std::max(1e-6, model.slope(r * r / v));
  }
  Eigen::LLT<Eigen::MatrixXd> const whole(g);
  verify(whole.info() == Eigen::Success, "the covariance of counts is positive definite");
  Eigen::MatrixXd const inverse = whole.solve(Eigen::MatrixXd::Identity(m, m));
  Eigen::VectorXd const weighted = inverse * of_->off;
  std::vector<std::vector<double>> out(splits.size(), around_.fitted);
  for (std::size_t r = 0; r < splits.size(); ++r) {
    for (std::uint32_t f = 0; f < folds; ++f) {
      std::vector<index> at;
      for (std::size_t i = 0; i < splits[r].size(); ++i) {
        if (splits[r][i] == f) at.push_back(static_cast<index>(i));
      }
      Eigen::VectorXd const residual = Eigen::MatrixXd(inverse(at, at)).llt().solve(weighted(at));
      for (std::size_t k = 0; k < at.size(); ++k) {
        auto const i = static_cast<std::size_t>(at[k]);
        out[r][i] = p.count[i] - residual[static_cast<index>(k)];
      }
    }
  }
  return out;
}

}  // namespace gemeo
