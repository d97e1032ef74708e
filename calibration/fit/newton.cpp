#include "calibration/fit/newton.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gemeo {

namespace {

class projected_newton {
 public:
  projected_newton(cost_model& model, std::vector<double>& v)
      : model_(model), v_(v), n_(model.cells()), size_(model.size()) {
    for (auto* a : {&gradient_, &diagonal_, &step_, &trial_, &left_, &conditioned_, &direction_, &image_}) {
      a->assign(size_, 0.0);
    }
    residual_.assign(model.variance().size(), 0.0);
    curvature_.assign(model.variance().size(), 0.0);
    fixed_.assign(n_, 0);
    for (std::size_t g = n_; g < size_; ++g) group_size_.push_back(model.group_size_veh(g - n_));
  }

  newton_report run(double tolerance_veh, std::size_t max_steps) {
    newton_report report;
    report.kkt_residual_veh = std::numeric_limits<double>::infinity();
    for (;;) {
      model_.residuals(v_, residual_);
      model_.gradient(v_, residual_, gradient_);
      model_.curvatures(residual_, curvature_);
      model_.diagonal(curvature_, diagonal_);
      if (report.steps == 0) model_.prepare(curvature_);
      bool const same = find_fixed(report.kkt_residual_veh);
      for (std::size_t j = 0; j < size_; ++j) left_[j] = -gradient_[j];
      clear_fixed(left_);
      model_.precondition(left_, conditioned_);
      report.kkt_residual_veh = kkt_residual();
      report.converged = report.kkt_residual_veh <= tolerance_veh;
      if (report.converged || report.steps == max_steps || model_.asked_to_stop()) return report;
      ++report.steps;
      // Once the fixed cells stay the same, one solution is the last: as precise as it must be, and no more.
      double const needed = std::clamp(0.1 * tolerance_veh / report.kkt_residual_veh, kFinestPrecision, kPrecision);
      report.gradient_steps += solve(same && report.steps > 1 ? needed : kPrecision);
      if (!move()) return report;  // rounding alone is left
    }
  }

 private:
  static constexpr double kPrecision = 1e-3, kFinestPrecision = 1e-6;
  static constexpr std::size_t kMostGradientSteps = 1000, kMostHalvings = 40;

  // The longest move that one preconditioned step of steepest descent, kept within the bounds, would make. By curvature
  // of each cell alone it would look small wherever smoothness ties cells together.
  [[nodiscard]] double kkt_residual() const {
    double most = model_.blocks().greatest(n_, [&](std::size_t first, std::size_t end) {
      double longest = 0;
      for (std::size_t j = first; j < end; ++j) {
        double const step = fixed_[j] != 0 ? -gradient_[j] / diagonal_[j] : conditioned_[j];
        longest = std::max(longest, std::abs(std::clamp(v_[j] + step, 0.0, model_.upper(j)) - v_[j]));
      }
      return longest;
    });
    if (!model_.factors_move()) return most;
    for (std::size_t g = n_; g < size_; ++g) most = std::max(most, std::abs(conditioned_[g]) * group_size_[g - n_]);
    return most;
  }

  // Cells at a bound that the gradient pushes against (within a width that shrinks with the residual). True when they
  // are those of the step before.
  bool find_fixed(double residual_veh) {
    double const changed = model_.blocks().sum(n_, [&](std::size_t first, std::size_t end) {
      double count = 0;
      for (std::size_t j = first; j < end; ++j) {
        double const width = std::min(residual_veh, 0.01 * model_.spread()[j]);
        bool const low = v_[j] <= width && gradient_[j] > 0;
        bool const high = v_[j] >= model_.upper(j) - width && gradient_[j] < 0;
        std::uint8_t const now = low || high ? 1 : 0;
        count += now != fixed_[j] ? 1 : 0;
        fixed_[j] = now;
      }
      return count;
    });
    model_.fix(fixed_);
    return changed == 0;
  }

  [[nodiscard]] double dot(std::vector<double> const& a, std::vector<double> const& b) const {
    return model_.blocks().sum(size_, [&](std::size_t first, std::size_t end) {
      double sum = 0;
      for (std::size_t j = first; j < end; ++j) sum += a[j] * b[j];
      return sum;
    });
  }

  void clear_fixed(std::vector<double>& a) const {
    model_.blocks().each(n_, [&](std::size_t first, std::size_t end) {
      for (std::size_t j = first; j < end; ++j) {
        if (fixed_[j] != 0) a[j] = 0;
      }
    });
  }

  // From left_ and conditioned_ as run() sets them: the Newton step of the free cells and groups by preconditioned
  // conjugate gradients; fixed cells step by gradient.
  std::size_t solve(double precision) {
    std::fill(step_.begin(), step_.end(), 0.0);
    direction_ = conditioned_;
    double product = dot(left_, conditioned_);
    double const enough = product * precision * precision;
    std::size_t steps = 0;
    while (product > enough && product > 0 && steps < kMostGradientSteps && !model_.asked_to_stop()) {
      ++steps;
      model_.product(direction_, curvature_, image_);
      clear_fixed(image_);
      double const bent = dot(direction_, image_);
      if (!(bent > 0)) break;
      double const length = product / bent;
      model_.blocks().each(size_, [&](std::size_t first, std::size_t end) {
        for (std::size_t j = first; j < end; ++j) {
          step_[j] += length * direction_[j];
          left_[j] -= length * image_[j];
        }
      });
      model_.precondition(left_, conditioned_);
      double const next = dot(left_, conditioned_), kept = next / product;
      product = next;
      model_.blocks().each(size_, [&](std::size_t first, std::size_t end) {
        for (std::size_t j = first; j < end; ++j) direction_[j] = conditioned_[j] + kept * direction_[j];
      });
    }
    for (std::size_t j = 0; j < n_; ++j) {
      if (fixed_[j] != 0) step_[j] = -gradient_[j] / diagonal_[j];
    }
    return steps;
  }

  // The first of step, step / 2, ... that lowers the objective enough when kept within the bounds; false: none does.
  bool move() {
    double length = 1;
    for (std::size_t k = 0; k < kMostHalvings; ++k, length /= 2) {
      model_.blocks().each(size_, [&](std::size_t first, std::size_t end) {
        for (std::size_t j = first; j < end; ++j) {
          double const to = v_[j] + length * step_[j];
          trial_[j] = (j < n_ ? std::clamp(to, 0.0, model_.upper(j)) : to) - v_[j];
        }
      });
      double const hoped = model_.blocks().sum(size_, [&](std::size_t first, std::size_t end) {
        double sum = 0;
        for (std::size_t j = first; j < end; ++j) {
          bool const fixed = j < n_ && fixed_[j] != 0;
          sum += gradient_[j] * (fixed ? trial_[j] : length * step_[j]);
        }
        return sum;
      });
      if (model_.change(residual_, gradient_, trial_) > 2e-4 * hoped) continue;
      bool any = false;
      for (std::size_t j = 0; j < size_; ++j) {
        double const to = j < n_ ? std::clamp(v_[j] + trial_[j], 0.0, model_.upper(j)) : v_[j] + trial_[j];
        any = any || to != v_[j];
        v_[j] = to;
      }
      return any;
    }
    return false;
  }

  cost_model& model_;
  std::vector<double>& v_;
  std::size_t n_, size_;
  std::vector<double> gradient_, diagonal_, step_, trial_, left_, conditioned_, direction_, image_;
  std::vector<double> residual_, curvature_, group_size_;
  std::vector<std::uint8_t> fixed_;
};

}  // namespace

newton_report minimise(cost_model& model, double tolerance_veh, std::size_t max_steps, std::vector<double>& v) {
  return projected_newton(model, v).run(tolerance_veh, max_steps);
}

}  // namespace gemeo
