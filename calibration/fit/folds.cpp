#include "calibration/fit/folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "calibration/fit/linear_folds.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr std::size_t kFirstRounds = 3, kLaterRounds = 2, kMostPasses = 3;
constexpr std::size_t kLargeFold = 2'000'000;  // entries: beyond, a fit takes all threads instead of one

bool in_closed_form(fit_problem const& p, fold_options const& options) {
  return options.linear && p.observations() <= linear_folds::kMostObservations;
}

// Mean square of standardised errors at the observations of a fold. The variance is that at the middle of count and
// fit: by the count's alone, fits that come out low would look better than they are.
double fold_error(fit_problem const& p, fit_options const& options, std::vector<double> const& fitted,
                  std::vector<std::uint32_t> const& fold, std::uint32_t which) {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < p.observations(); ++i) {
    if (fold[i] != which) continue;
    double const f = std::max(0.0, (p.count[i] + fitted[i]) / 2);
    variance_model const& m = options.variance;
    double const more = m.relative * f * m.relative * f + (p.model_variance.empty() ? 0 : p.model_variance[i]);
    // The measure must be the same for all weights tried: model_error stays out of it.
    double const variance = p.variance.empty() ? std::max(m.least, m.poisson * f + more) : p.variance[i];
    double const off = p.count[i] - fitted[i], squared = off * off / variance;
    double const k = options.loss == fit_loss::kSquared ? 0 : 2.5;  // broken loops must not decide
    sum += k == 0 || squared <= k * k ? squared : 2 * k * std::sqrt(squared) - k * k;
    ++n;
  }
  return n > 0 ? sum / static_cast<double>(n) : 0.0;
}

class fold_search {
 public:
  fold_search(map_estimator const& estimator, fit_options const& fit, fold_options const& options,
              thread_team const& team)
      : estimator_(estimator), fit_(fit), options_(options), team_(team) {
    out_.fold = assign_folds(estimator, options);
    for (std::uint32_t const f : out_.fold) {
      if (f != fold_result::kNoFold) out_.folds = std::max<std::size_t>(out_.folds, std::size_t{f} + 1);
    }
    fit_.tolerance_veh = std::max(fit.tolerance_veh, options.tolerance_veh);
    for (std::size_t f = 0; f < out_.folds; ++f) {
      std::vector<std::uint8_t>& left_out = left_out_.emplace_back(out_.fold.size());
      for (std::size_t i = 0; i < left_out.size(); ++i) left_out[i] = out_.fold[i] == f ? 1 : 0;
      starts_.emplace_back().scale = fit_.scale_prior ? estimator_.prior_scale(fit_, left_out) : 1.0;
    }
  }

  fold_result run() {
    std::vector<double> const factors = !options_.factors.empty() ? options_.factors
                                        : estimator_.groups() > 0 ? std::vector<double>{0, 0.3, 1}
                                                                  : std::vector<double>{};
    axes_ = {values(options_.lambdas, fit_.weights.lambda), values(options_.mus, fit_.weights.mu),
             values(options_.model_errors, fit_.weights.model_error), values(factors, fit_.weights.factor)};
    fit_weights middle;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) place(middle, axis) = axes_[axis][axes_[axis].size() / 2];
    if (in_closed_form(estimator_.problem(), options_)) {
      fit_options o = fit_;
      o.weights = middle;
      around_ = estimator_.fit(o, team_);
      linear_ = std::make_unique<linear_folds>(estimator_, fit_, around_);
    }
    try_all({middle});
    if (options_.whole_grid) {
      try_all(grid());
    } else {
      along_axes();
    }
    for (std::size_t level = 1; level <= options_.refinements; ++level) {
      std::vector<fit_weights> const around = neighbours(out_.tried[out_.best].weights, level);
      if (around.empty()) break;
      try_all(around);
    }
    choose();
    return std::move(out_);
  }

 private:
  static std::vector<double> values(std::vector<double> given, double own) {
    if (given.empty()) given = {own};
    std::sort(given.begin(), given.end());
    given.erase(std::unique(given.begin(), given.end()), given.end());
    return given;
  }
  static double& place(fit_weights& w, std::size_t axis) {
    double* const places[] = {&w.lambda, &w.mu, &w.model_error, &w.factor};
    return *places[axis];
  }
  [[nodiscard]] bool known(fit_weights const& w) const {
    return std::any_of(out_.tried.begin(), out_.tried.end(), [&](fold_point const& p) { return p.weights == w; });
  }

  [[nodiscard]] std::vector<fit_weights> grid() const {
    std::vector<fit_weights> all;
    for (double const factor : axes_[3]) {
      for (double const error : axes_[2]) {
        for (double const mu : axes_[1]) {
          for (double const lambda : axes_[0]) {
            if (fit_weights const w{lambda, mu, error, factor}; !known(w)) all.push_back(w);
          }
        }
      }
    }
    return all;
  }

  // Factors first: which errors are shared decides most; then lambda, mu, model error; again until nothing improves.
  void along_axes() {
    for (std::size_t pass = 0; pass < kMostPasses && !(fit_.stop && fit_.stop()); ++pass) {
      std::size_t const before = out_.best;
      for (std::size_t const axis : {std::size_t{3}, std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        std::vector<fit_weights> line;
        for (double const v : axes_[axis]) {
          fit_weights w = out_.tried[out_.best].weights;
          place(w, axis) = v;
          if (!known(w)) line.push_back(w);
        }
        try_all(line);
      }
      if (out_.best == before) return;
    }
  }

  // Points beside w on each axis, at the axis's mean step (in logarithms) halved `level` times.
  [[nodiscard]] std::vector<fit_weights> neighbours(fit_weights const& w, std::size_t level) const {
    std::vector<fit_weights> out;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      std::vector<double> positive;
      for (double const v : axes_[axis]) {
        if (v > 0) positive.push_back(v);
      }
      fit_weights next = w;
      double const here = place(next, axis);
      if (positive.size() < 2 || here <= 0) continue;
      double const whole = std::log(positive.back() / positive.front()) / static_cast<double>(positive.size() - 1);
      double const step = std::exp(whole / static_cast<double>(std::size_t{1} << level));
      for (double const to : {here * step, here / step}) {
        place(next, axis) = to;
        if (!known(next)) out.push_back(next);
      }
    }
    return out;
  }

  // All folds of all points, each from where the best point's fit of that fold ended.
  void try_all(std::vector<fit_weights> const& points) {
    std::size_t const first = out_.tried.size(), tasks = points.size() * out_.folds;
    for (fit_weights const& w : points) out_.tried.push_back({w, std::vector<double>(out_.folds, 0.0), 0, 0, true});
    if (linear_) {
      predict(points, first);
      return find_best(first);
    }
    std::vector<fit_start> ends(tasks);
    std::vector<std::uint8_t> converged(tasks, 1);
    auto const work = [&](std::size_t task, thread_team const& team) {
      std::size_t const point = task / out_.folds, fold = task % out_.folds;
      fit_options o = fit_;
      o.weights = points[point];
      bool const begun = !starts_[fold].x.empty();  // then variances and factors are near enough
      o.rounds = std::min(fit_.rounds, begun ? (estimator_.groups() > 0 ? kLaterRounds : 1) : kFirstRounds);
      fit_result const r = estimator_.fit(o, team, &starts_[fold], left_out_[fold]);
      out_.tried[first + point].errors[fold] =
          fold_error(estimator_.problem(), o, r.fitted, out_.fold, static_cast<std::uint32_t>(fold));
      converged[task] = r.converged ? 1 : 0;
      ends[task] = {r.x, r.factors, r.scale};
    };
    if (estimator_.problem().crossings.entries() > kLargeFold) {
      for (std::size_t t = 0; t < tasks; ++t) work(t, team_);
    } else {
      thread_team const alone(1);
      team_.run(tasks, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t t = begin; t < end; ++t) work(t, alone);
      });
    }
    for (std::size_t t = 0; t < tasks; ++t) {
      fold_point& point = out_.tried[first + t / out_.folds];
      point.converged = point.converged && converged[t] != 0;
    }
    std::size_t const best_before = out_.best;
    find_best(first);
    if (first > 0 && out_.best == best_before) return;
    for (std::size_t f = 0; f < out_.folds; ++f) starts_[f] = std::move(ends[(out_.best - first) * out_.folds + f]);
  }

  // Splits by other seeds follow the first: one split in five is too much by chance.
  void predict(std::vector<fit_weights> const& points, std::size_t first) {
    if (splits_.empty()) {
      splits_.push_back(out_.fold);
      for (fold_options o = options_; splits_.size() < std::max<std::size_t>(1, options_.repeats);) {
        ++o.seed;
        splits_.push_back(assign_folds(estimator_, o));
      }
    }
    team_.run(points.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) {
        auto const all = linear_->predicted(points[k], splits_, out_.folds);
        std::vector<double>& errors = out_.tried[first + k].errors;
        errors.clear();
        for (std::size_t r = 0; r < splits_.size(); ++r) {
          for (std::uint32_t f = 0; f < out_.folds; ++f)
            errors.push_back(fold_error(estimator_.problem(), fit_, all[r], splits_[r], f));
        }
      }
    });
  }

  void find_best(std::size_t first) {
    for (std::size_t p = first; p < out_.tried.size(); ++p) {
      fold_point& point = out_.tried[p];
      for (double const e : point.errors) point.mean += e / static_cast<double>(point.errors.size());
      if (point.mean < out_.tried[out_.best].mean) out_.best = p;
    }
  }

  // Of points that are worse than the best by no more than one standard error of the difference, that which trusts the
  // prior most: the greatest lambda, then the greatest mu, the greatest model error, the least factor.
  void choose() {
    auto const n = static_cast<double>(out_.folds);
    out_.chosen = out_.best;
    std::vector<double> const& best = out_.tried[out_.best].errors;
    auto const rank = [](fit_weights const& w) { return std::array{w.lambda, w.mu, w.model_error, -w.factor}; };
    hasher h;
    h.add(std::span<std::uint32_t const>(out_.fold));
    for (std::size_t p = 0; p < out_.tried.size(); ++p) {
      fold_point& point = out_.tried[p];
      double const off = point.mean - out_.tried[out_.best].mean;
      double squares = 0;
      for (std::size_t f = 0; f < best.size(); ++f) {
        double const d = point.errors[f] - best[f] - off;
        squares += d * d;
      }
      squares *= n / static_cast<double>(best.size());  // repeats tell nothing new of how detectors differ
      point.standard_error = std::sqrt(squares / (n - 1) / n);
      bool const as_good = options_.one_standard_error && off <= point.standard_error;
      if (as_good && rank(point.weights) > rank(out_.tried[out_.chosen].weights)) out_.chosen = p;
      h.add(std::span<double const>(point.errors));
    }
    out_.hash = h.value();
  }

  map_estimator const& estimator_;
  fit_options fit_;
  fold_options const& options_;
  thread_team const& team_;
  std::array<std::vector<double>, 4> axes_;          // ascending
  std::vector<std::vector<std::uint8_t>> left_out_;  // of each fold
  std::vector<fit_start> starts_;                    // of each fold
  fit_result around_;
  std::unique_ptr<linear_folds> linear_;
  std::vector<std::vector<std::uint32_t>> splits_;  // of observations into folds, for linear_
  fold_result out_;
};

}  // namespace

std::vector<std::uint32_t> assign_folds(map_estimator const& estimator, fold_options const& options) {
  fit_problem const& p = estimator.problem();
  if (!options.group.empty() && options.group.size() != p.observations()) {
    throw_usage(fmt::format("folds: {} groups for {} observations", options.group.size(), p.observations()));
  }
  if (options.folds < 2) throw_usage(fmt::format("{} folds", options.folds), "at least two");
  auto const group_of = [&](std::size_t i) { return options.group.empty() ? p.detector[i] : options.group[i]; };
  std::map<std::uint32_t, std::size_t> sizes;  // of each group: observations that can be scored
  for (std::size_t i = 0; i < p.observations(); ++i) {
    if (p.crossings.begin[i + 1] > p.crossings.begin[i]) ++sizes[group_of(i)];
  }
  std::size_t const folds = std::min(options.folds, sizes.size());
  if (folds < 2) {
    throw_input("folds", fmt::format("{} groups of detectors that anybody crosses", sizes.size()),
                "weights cannot be chosen by leaving out detectors: give them");
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (auto const& [group, size] : sizes) {
    order.emplace_back(random_bits(options.seed, group, 0, draw::kFold), group);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> filled(folds, 0);
  std::map<std::uint32_t, std::uint32_t> fold_of;
  for (auto const& [key, group] : order) {  // each to the fold that has least
    auto const at = static_cast<std::size_t>(std::min_element(filled.begin(), filled.end()) - filled.begin());
    filled[at] += sizes[group];
    fold_of[group] = static_cast<std::uint32_t>(at);
  }
  std::vector<std::uint32_t> out(p.observations(), fold_result::kNoFold);
  for (std::size_t i = 0; i < out.size(); ++i) {
    bool const crossed = p.crossings.begin[i + 1] > p.crossings.begin[i];
    if (auto const found = fold_of.find(group_of(i)); crossed && found != fold_of.end()) out[i] = found->second;
  }
  return out;
}

fold_result choose_weights(map_estimator const& estimator, fit_options const& fit, fold_options const& options,
                           thread_team const& team) {
  check_options(fit);
  return fold_search(estimator, fit, options, team).run();
}

}  // namespace gemeo
