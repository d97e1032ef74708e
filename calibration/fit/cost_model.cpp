#include "calibration/fit/cost_model.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"

namespace gemeo {

namespace {
constexpr std::size_t kParts = 64, kMostPartSums = 4'000'000;  // of sums by group
// Groups that are solved together (more would cost more than they save); parts of their sums.
constexpr std::size_t kLeastCoarse = 16, kMostCoarse = 1024, kCellsPerCoarse = 64, kCoarseParts = 16;
constexpr std::uint32_t kNotTogether = 0xFFFFFFFFU;
}  // namespace

cost_model::~cost_model() = default;

cost_model::cost_model(fit_system const& system, fit_options const& options, std::span<std::uint8_t const> left_out,
                       fit_perturbation const* perturbation, fixed_blocks const& blocks)
    : system_(system), options_(options), perturbation_(perturbation), blocks_(blocks) {
  fit_problem const& p = system.problem;
  factor_weight_ = options.weights.factor;
  loss_scale_ = options.loss_scale > 0 ? options.loss_scale : options.loss == fit_loss::kHuber ? 1.345 : 4.0;
  left_out_.assign(left_out.begin(), left_out.end());
  left_out_.resize(p.observations(), 0);
  target_.resize(p.observations());
  for (std::size_t i = 0; i < target_.size(); ++i) {
    target_[i] = p.count[i] - p.offset[i] + (perturbation != nullptr ? perturbation->counts[i] : 0.0);
  }
  for (auto* v : {&variance_, &weight_, &at_observations_}) v->assign(p.observations(), 0.0);
  for (auto* v : {&mean_, &spread_, &base_, &at_cells_, &at_cells_too_}) v->assign(cells(), 0.0);
  group_precision_.assign(system.groups, 0.0);
  group_centre_.assign(system.groups, 0.0);
  for (std::size_t g = 0; g < system.groups; ++g) {
    if (perturbation != nullptr) group_centre_[g] = perturbation->factors[g];
    double const sd = system.group_sd[g] * factor_weight_;
    group_precision_[g] = factor_weight_ > 0 ? 1 / (sd * sd) : 0;
  }
}

double cost_model::upper(std::size_t cell) const {
  auto const& u = system_.problem.upper;
  return u.empty() ? std::numeric_limits<double>::infinity() : u[cell];
}

void cost_model::set_variance(std::span<double const> flow) {
  fit_problem const& p = system_.problem;
  variance_model const& model = options_.variance;
  for (std::size_t i = 0; i < variance_.size(); ++i) {
    if (!p.variance.empty()) {
      variance_[i] = p.variance[i];
    } else {
      double const f = std::max(0.0, flow.empty() ? p.count[i] : flow[i]);
      double const more =
          model.relative * f * model.relative * f + (p.model_variance.empty() ? 0 : p.model_variance[i]);
      variance_[i] = std::max(model.least, model.poisson * f + options_.weights.model_error * more);
    }
    weight_[i] = left_out_[i] != 0 ? 0.0 : 1 / variance_[i];
  }
}

void cost_model::set_mean(double scale, std::span<double const> z) {
  fit_problem const& p = system_.problem;
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      double const sum = factors_move() ? system_.factor_sum(j, z.data()) : 0.0;
      double const grown = scale * std::exp(sum);
      mean_[j] = grown * p.prior[j];
      spread_[j] = p.prior[j] > 0 ? grown * p.prior_sd[j] : p.prior_sd[j];  // errors are relative
      base_[j] = mean_[j] * (1 - sum) + (perturbation_ != nullptr ? perturbation_->cells[j] : 0.0);
    }
  });
  prior_.set(p.pairs, p.slots, p.lead_slots, options_.weights.lambda, options_.weights.mu, mean_, spread_, blocks_);
}

double cost_model::rho(double squared) const {
  switch (options_.loss) {
    case fit_loss::kSquared:
      return squared;
    case fit_loss::kHuber: {
      double const k = loss_scale_, u = std::sqrt(squared);
      return u <= k ? squared : 2 * k * u - k * k;
    }
    case fit_loss::kStudent:
      return (loss_scale_ + 1) * std::log1p(squared / loss_scale_);
  }
  return squared;
}

double cost_model::slope(double squared) const {
  switch (options_.loss) {
    case fit_loss::kSquared:
      return 1;
    case fit_loss::kHuber:
      return squared <= loss_scale_ * loss_scale_ ? 1 : loss_scale_ / std::sqrt(squared);
    case fit_loss::kStudent:
      return (loss_scale_ + 1) / (loss_scale_ + squared);
  }
  return 1;
}

double cost_model::curvature(double squared) const {
  // Huber's loss is straight beyond its scale. Student's bends down far out: the slope bounds its curvature above.
  if (options_.loss == fit_loss::kHuber) return squared <= loss_scale_ * loss_scale_ ? 1 : 0;
  return slope(squared);
}

void cost_model::crossings_of(std::span<double const> x, std::span<double> out) const {
  multiply(system_.problem.crossings, x, out, blocks_);
}

void cost_model::residuals(std::span<double const> v, std::span<double> r) const {
  crossings_of(v.first(cells()), r);
  for (std::size_t i = 0; i < r.size(); ++i) r[i] -= target_[i];
}

void cost_model::deviations(std::span<double const> v, std::span<double> e) const {
  double const* const z = v.data() + cells();
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      e[j] = v[j] - base_[j] - (factors_move() ? mean_[j] * system_.factor_sum(j, z) : 0.0);
    }
  });
}

double cost_model::counts_part(std::span<double const> r) const {
  return blocks_.sum(r.size(), [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t i = first; i < end; ++i) {
      if (weight_[i] > 0) sum += rho(r[i] * r[i] * weight_[i]);
    }
    return sum;
  });
}

double cost_model::factor_part(std::span<double const> v) const {
  double sum = 0;
  for (std::size_t g = 0; g < system_.groups; ++g) {
    double const off = v[cells() + g] - group_centre_[g];
    sum += group_precision_[g] * off * off;
  }
  return sum;
}

// out[g]: the sum over the cells of group g: of each of a fixed number of parts of the cells, then over the parts.
template <typename Get>
void cost_model::sum_groups(Get const& value_of_cell, std::span<double> out) const {
  std::size_t const n = cells(), groups = system_.groups;
  std::size_t const parts = std::clamp<std::size_t>(kMostPartSums / groups, 1, std::min<std::size_t>(kParts, n));
  by_part_.assign(parts * groups, 0.0);
  blocks_.each(
      parts, n * system_.factor_count(),
      [&](std::size_t first, std::size_t end) {
        for (std::size_t part = first; part < end; ++part) {
          double* const sums = by_part_.data() + part * groups;
          for (std::size_t j = n * part / parts; j < n * (part + 1) / parts; ++j) {
            double const value = value_of_cell(j);
            for (std::size_t f = 0; f < system_.factor_count(); ++f) sums[system_.group_of_cell[f * n + j]] += value;
          }
        }
      },
      1);
  for (std::size_t g = 0; g < groups; ++g) {
    double sum = 0;
    for (std::size_t part = 0; part < parts; ++part) sum += by_part_[part * groups + g];
    out[g] = sum;
  }
}

void cost_model::gradient(std::span<double const> v, std::span<double const> r, std::span<double> g) const {
  for (std::size_t i = 0; i < r.size(); ++i) {
    at_observations_[i] = weight_[i] * r[i] * slope(r[i] * r[i] * weight_[i]);
  }
  std::span<double> const cells_part = g.first(cells()), groups_part = g.subspan(cells());
  multiply(system_.by_cell, at_observations_, cells_part, blocks_);
  deviations(v, at_cells_);
  prior_.multiply(at_cells_, at_cells_too_, blocks_);
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) cells_part[j] += at_cells_too_[j];
  });
  if (!factors_move()) {
    std::fill(groups_part.begin(), groups_part.end(), 0.0);
    return;
  }
  sum_groups([&](std::size_t j) { return mean_[j] * at_cells_too_[j]; }, groups_part);
  for (std::size_t k = 0; k < system_.groups; ++k) {
    groups_part[k] = group_precision_[k] * (v[cells() + k] - group_centre_[k]) - groups_part[k];
  }
}

void cost_model::curvatures(std::span<double const> r, std::span<double> d) const {
  for (std::size_t i = 0; i < r.size(); ++i) d[i] = weight_[i] * curvature(r[i] * r[i] * weight_[i]);
}

void cost_model::product(std::span<double const> p, std::span<double const> d, std::span<double> out) const {
  std::span<double> const cells_part = out.first(cells()), groups_part = out.subspan(cells());
  crossings_of(p.first(cells()), at_observations_);
  for (std::size_t i = 0; i < d.size(); ++i) at_observations_[i] *= d[i];
  multiply(system_.by_cell, at_observations_, cells_part, blocks_);
  double const* const z = p.data() + cells();
  bool const with_factors = factors_move();
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      at_cells_[j] = p[j] - (with_factors ? mean_[j] * system_.factor_sum(j, z) : 0.0);
    }
  });
  prior_.multiply(at_cells_, at_cells_too_, blocks_);
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) cells_part[j] += at_cells_too_[j];
  });
  if (!with_factors) {
    std::fill(groups_part.begin(), groups_part.end(), 0.0);
    return;
  }
  sum_groups([&](std::size_t j) { return mean_[j] * at_cells_too_[j]; }, groups_part);
  for (std::size_t k = 0; k < system_.groups; ++k) groups_part[k] = group_precision_[k] * z[k] - groups_part[k];
}

void cost_model::diagonal(std::span<double const> d, std::span<double> h) const {
  blocks_.each(cells(), system_.by_cell.entries(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      double sum = prior_.diagonal(j);
      for (std::size_t k = system_.by_cell.begin[j]; k < system_.by_cell.begin[j + 1]; ++k) {
        sum += system_.by_cell.value[k] * system_.by_cell.value[k] * d[system_.by_cell.column[k]];
      }
      h[j] = sum;
    }
  });
  if (!factors_move()) return;
  sum_groups([&](std::size_t j) { return mean_[j] * mean_[j] * prior_.diagonal(j); }, h.subspan(cells()));
  for (std::size_t g = 0; g < system_.groups; ++g) h[cells() + g] += group_precision_[g];
}

double cost_model::change(std::span<double const> r, std::span<double const> g, std::span<double const> s) const {
  crossings_of(s.first(cells()), at_observations_);
  double const counts = blocks_.sum(r.size(), [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t i = first; i < end; ++i) {
      double const w = weight_[i], d = at_observations_[i];
      if (w <= 0) continue;
      if (options_.loss == fit_loss::kSquared) {
        sum += w * d * d;
      } else {  // what the gradient's part of it does not hold
        double const before = r[i] * r[i] * w, after = (r[i] + d) * (r[i] + d) * w;
        sum += rho(after) - rho(before) - 2 * w * r[i] * d * slope(before);
      }
    }
    return sum;
  });
  double const* const z = s.data() + cells();
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      at_cells_[j] = s[j] - (factors_move() ? mean_[j] * system_.factor_sum(j, z) : 0.0);
    }
  });
  prior_.multiply(at_cells_, at_cells_too_, blocks_);
  double const bent = blocks_.sum(cells(), [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t j = first; j < end; ++j) sum += at_cells_[j] * at_cells_too_[j];
    return sum;
  });
  double groups = 0;
  for (std::size_t k = 0; k < system_.groups; ++k) groups += group_precision_[k] * z[k] * z[k];
  double const along = blocks_.sum(size(), [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t j = first; j < end; ++j) sum += g[j] * s[j];
    return sum;
  });
  return 2 * along + counts + bent + groups;
}

// What stands for the curvature of the groups, (A M)^T D (A M) + S^-1: all of it for factors of few groups, its
// diagonal for the others, whose groups are small and near to the prior.
struct cost_model::coarse_space {
  std::vector<std::uint32_t> place;  // of each group among those that are solved together; kNotTogether
  Eigen::LLT<Eigen::MatrixXd> together;
  std::vector<double> inverse;  // of the diagonal
  mutable Eigen::VectorXd right_side;
};

sparse_rows cost_model::crossings_of_groups() const {
  sparse_rows const& a = system_.problem.crossings;
  sparse_rows out;
  out.columns = system_.groups;
  std::vector<double> sums(system_.groups, 0.0), values;
  std::vector<std::uint32_t> touched;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    touched.clear();
    for (std::size_t k = a.begin[i]; k < a.begin[i + 1]; ++k) {
      std::size_t const j = a.column[k];
      double const moved = a.value[k] * mean_[j];
      if (moved <= 0) continue;
      for (std::size_t f = 0; f < system_.factor_count(); ++f) {
        std::uint32_t const g = system_.group_of_cell[f * cells() + j];
        if (sums[g] == 0) touched.push_back(g);
        sums[g] += moved;
      }
    }
    std::sort(touched.begin(), touched.end());
    values.clear();
    for (std::uint32_t const g : touched) {
      values.push_back(sums[g]);
      sums[g] = 0;
    }
    out.add_row(touched, values);
  }
  return out;
}

void cost_model::prepare(std::span<double const> d) {
  if (!factors_move()) return;
  coarse_ = std::make_unique<coarse_space>();
  std::size_t const most = std::clamp<std::size_t>(cells() / kCellsPerCoarse, kLeastCoarse, kMostCoarse);
  coarse_->place.assign(system_.groups, kNotTogether);
  std::uint32_t together = 0;
  for (std::size_t f = 0, first = 0; f < system_.factor_count(); ++f) {
    std::size_t const end = system_.factor_end[f];
    if (together + (end - first) <= most) {
      for (std::size_t g = first; g < end; ++g) coarse_->place[g] = together++;
    }
    first = end;
  }
  sparse_rows const moved = crossings_of_groups();
  coarse_->inverse.assign(group_precision_.begin(), group_precision_.end());
  for (std::size_t i = 0; i < moved.rows(); ++i) {
    for (std::size_t k = moved.begin[i]; k < moved.begin[i + 1]; ++k) {
      coarse_->inverse[moved.column[k]] += d[i] * moved.value[k] * moved.value[k];
    }
  }
  solve_together(moved, d, together);
  for (double& v : coarse_->inverse) v = 1 / v;
}

// A fixed number of parts of the rows, each summed by itself; the lower triangle only.
void cost_model::solve_together(sparse_rows const& moved, std::span<double const> d, std::size_t together) {
  std::size_t const rows = moved.rows(), parts = std::clamp<std::size_t>(rows / 256, 1, kCoarseParts);
  std::vector<double> sums(parts * together * together, 0.0);
  auto const& place = coarse_->place;
  blocks_.each(
      parts, moved.entries() * together,
      [&](std::size_t first, std::size_t end) {
        for (std::size_t part = first; part < end; ++part) {
          double* const sum = sums.data() + part * together * together;
          for (std::size_t i = rows * part / parts; i < rows * (part + 1) / parts; ++i) {
            for (std::size_t k = moved.begin[i]; k < moved.begin[i + 1]; ++k) {
              if (place[moved.column[k]] == kNotTogether) continue;
              double* const line = sum + place[moved.column[k]] * together;
              double const weighted = d[i] * moved.value[k];
              for (std::size_t l = moved.begin[i]; l <= k; ++l) {
                if (std::uint32_t const at = place[moved.column[l]]; at != kNotTogether) {
                  line[at] += weighted * moved.value[l];
                }
              }
            }
          }
        }
      },
      1);
  auto const size = static_cast<Eigen::Index>(together);
  Eigen::MatrixXd whole = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t g = 0; g < together; ++g) {
    for (std::size_t h = 0; h <= g; ++h) {
      double sum = 0;
      for (std::size_t part = 0; part < parts; ++part) sum += sums[(part * together + g) * together + h];
      whole(static_cast<Eigen::Index>(g), static_cast<Eigen::Index>(h)) = sum;
    }
  }
  for (std::size_t g = 0; g < system_.groups; ++g) {
    auto const at = static_cast<Eigen::Index>(place[g]);
    if (place[g] != kNotTogether) whole(at, at) += group_precision_[g];
  }
  coarse_->together.compute(whole);
  coarse_->right_side.resize(size);
  verify(size == 0 || coarse_->together.info() == Eigen::Success, "the curvature of groups is positive definite");
}

void cost_model::fix(std::span<std::uint8_t const> fixed) {
  fixed_.assign(fixed.begin(), fixed.end());
  prior_.fix(fixed, blocks_);
}

void cost_model::precondition(std::span<double const> in, std::span<double> out) const {
  prior_.solve(in.first(cells()), out.first(cells()), blocks_);
  std::span<double> const groups_part = out.subspan(cells());
  if (!factors_move()) {
    std::fill(groups_part.begin(), groups_part.end(), 0.0);
    return;
  }
  // (x, z) has the prior covariance [P^-1 + M S M^T, M S; S M^T, S], M the loadings; in the place of S stands the
  // coarse space's inverse.
  sum_groups([&](std::size_t j) { return fixed_[j] != 0 ? 0.0 : mean_[j] * in[j]; }, groups_part);
  for (std::size_t k = 0; k < system_.groups; ++k) groups_part[k] += in[cells() + k];
  Eigen::VectorXd& right_side = coarse_->right_side;
  for (std::size_t k = 0; k < system_.groups; ++k) {
    if (std::uint32_t const at = coarse_->place[k]; at != kNotTogether) right_side[at] = groups_part[k];
  }
  if (right_side.size() > 0) coarse_->together.solveInPlace(right_side);
  for (std::size_t k = 0; k < system_.groups; ++k) {
    std::uint32_t const at = coarse_->place[k];
    groups_part[k] = at != kNotTogether ? right_side[at] : groups_part[k] * coarse_->inverse[k];
  }
  blocks_.each(cells(), [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      if (fixed_[j] == 0) out[j] += mean_[j] * system_.factor_sum(j, groups_part.data());
    }
  });
}

double cost_model::group_size_veh(std::size_t group) const {
  double sum = 0;
  std::size_t const first = system_.member_begin[group], end = system_.member_begin[group + 1];
  for (std::size_t k = first; k < end; ++k) sum += mean_[system_.member[k]] * mean_[system_.member[k]];
  return end > first ? std::sqrt(sum / static_cast<double>(end - first)) : 0.0;
}

}  // namespace gemeo
