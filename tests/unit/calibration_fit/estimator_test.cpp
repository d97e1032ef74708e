#include "calibration/fit/estimator.h"

#include <Eigen/Dense>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "sim/core/error.h"
#include "tests/unit/calibration_fit/made_problem.h"

using namespace gemeo;
using test::drawn;
using test::random_problem;

namespace {

// The objective of estimator.h written once more, densely, from its formula: v^T H v - 2 f^T v + constant, over cells
// and then groups, around the factors z0.
struct dense_objective {
  Eigen::MatrixXd h;
  Eigen::VectorXd f;
  double constant = 0;

  void add_square(Eigen::VectorXd const& row, double target, double weight) {  // weight (row^T v - target)^2
    h += weight * row * row.transpose();
    f += weight * target * row;
    constant += weight * target * target;
  }
  [[nodiscard]] double at(Eigen::VectorXd const& v) const { return v.dot(h * v) - 2 * f.dot(v) + constant; }
};

std::vector<std::size_t> groups_of(fit_problem const& p, std::size_t cell) {
  std::vector<std::size_t> groups;
  std::size_t before = 0;
  for (prior_factor const& factor : p.factors) {
    std::size_t const periods = factor.slots_per_group == 0 ? 1 : (p.slots - 1) / factor.slots_per_group + 1;
    std::size_t const pair = cell / p.slots, slot = std::max(cell % p.slots, p.lead_slots);
    std::size_t const group = factor.group_of_pair.empty() ? 0 : factor.group_of_pair[pair];
    groups.push_back(before + group * periods + (factor.slots_per_group == 0 ? 0 : slot / factor.slots_per_group));
    std::size_t most = 0;
    for (std::uint32_t const g : factor.group_of_pair) most = std::max<std::size_t>(most, g);
    before += (most + 1) * periods;
  }
  return groups;
}

dense_objective dense(fit_problem const& p, fit_weights const& w, double scale, std::vector<double> const& z0) {
  auto const n = static_cast<Eigen::Index>(p.cells()), all = n + static_cast<Eigen::Index>(z0.size());
  dense_objective o{Eigen::MatrixXd::Zero(all, all), Eigen::VectorXd::Zero(all), 0};
  for (std::size_t i = 0; i < p.observations(); ++i) {
    Eigen::VectorXd row = Eigen::VectorXd::Zero(all);
    for (std::size_t k = p.crossings.begin[i]; k < p.crossings.begin[i + 1]; ++k) {
      row[p.crossings.column[k]] = p.crossings.value[k];
    }
    o.add_square(row, p.count[i] - p.offset[i], 1 / p.variance[i]);
  }
  std::vector<Eigen::VectorXd> deviation;  // x - m(z), linear in v
  std::vector<double> target, mean, sd;
  std::vector<double> log_sd(z0.size(), 0.0);
  for (std::size_t j = 0; j < p.cells(); ++j) {
    double sum = 0;
    auto const groups = groups_of(p, j);
    for (std::size_t k = 0; k < groups.size(); ++k) {
      sum += z0[groups[k]];
      log_sd[groups[k]] = p.factors[k].log_sd;
    }
    mean.push_back(scale * p.prior[j] * std::exp(sum));
    sd.push_back(p.prior[j] > 0 ? p.prior_sd[j] * scale * std::exp(sum) : p.prior_sd[j]);
    Eigen::VectorXd row = Eigen::VectorXd::Zero(all);
    row[static_cast<Eigen::Index>(j)] = 1;
    for (std::size_t const g : groups) row[n + static_cast<Eigen::Index>(g)] = -mean[j];
    deviation.push_back(row);
    target.push_back(mean[j] * (1 - sum));
    o.add_square(row, target[j], w.lambda / (sd[j] * sd[j]));
  }
  for (std::size_t j = 0; j + 1 < p.cells(); ++j) {
    if ((j + 1) % p.slots == 0) continue;
    double const a = 1 / std::max(mean[j + 1], sd[j + 1]), b = 1 / std::max(mean[j], sd[j]);
    double const mu = j % p.slots < p.lead_slots ? std::max(w.mu, 1 / (0.05 * 0.05)) : w.mu;
    o.add_square(a * deviation[j + 1] - b * deviation[j], a * target[j + 1] - b * target[j], mu);
  }
  for (std::size_t g = 0; g < z0.size(); ++g) {
    Eigen::VectorXd row = Eigen::VectorXd::Zero(all);
    row[n + static_cast<Eigen::Index>(g)] = 1;
    o.add_square(row, 0, log_sd[g] > 0 ? 1 / (log_sd[g] * log_sd[g]) : 1);  // 0: of no cell
  }
  return o;
}

// The minimum by trying every choice of cells at 0, at the upper bound, and free.
Eigen::VectorXd best_of_all(dense_objective const& o, fit_problem const& p) {
  auto const n = static_cast<Eigen::Index>(p.cells()), all = o.f.size();
  std::size_t const states = p.upper.empty() ? 2 : 3;
  std::size_t choices = 1;
  for (Eigen::Index j = 0; j < n; ++j) choices *= states;
  double least = std::numeric_limits<double>::infinity();
  Eigen::VectorXd best;
  for (std::size_t choice = 0; choice < choices; ++choice) {
    Eigen::VectorXd v = Eigen::VectorXd::Zero(all);
    std::vector<Eigen::Index> free;
    std::size_t rest = choice;
    for (Eigen::Index j = 0; j < all; ++j) {
      std::size_t const state = j < n ? rest % states : 0;
      if (j < n) rest /= states;
      if (state == 0) free.push_back(j);
      if (state == 2) v[j] = p.upper[static_cast<std::size_t>(j)];
    }
    auto const size = static_cast<Eigen::Index>(free.size());
    Eigen::MatrixXd h(size, size);
    Eigen::VectorXd f(size);
    Eigen::VectorXd const held = o.h * v;
    for (Eigen::Index a = 0; a < size; ++a) {
      f[a] = o.f[free[static_cast<std::size_t>(a)]] - held[free[static_cast<std::size_t>(a)]];
      for (Eigen::Index b = 0; b < size; ++b) {
        h(a, b) = o.h(free[static_cast<std::size_t>(a)], free[static_cast<std::size_t>(b)]);
      }
    }
    if (size > 0) {
      Eigen::VectorXd const solved = h.ldlt().solve(f);
      for (Eigen::Index a = 0; a < size; ++a) v[free[static_cast<std::size_t>(a)]] = solved[a];
    }
    bool inside = true;
    for (Eigen::Index j = 0; j < n; ++j) {
      double const most =
          p.upper.empty() ? std::numeric_limits<double>::infinity() : p.upper[static_cast<std::size_t>(j)];
      inside = inside && v[j] >= -1e-12 && v[j] <= most + 1e-12;
    }
    if (inside && o.at(v) < least) {
      least = o.at(v);
      best = v;
    }
  }
  return best;
}

Eigen::VectorXd joined(fit_result const& r) {
  Eigen::VectorXd v(static_cast<Eigen::Index>(r.x.size() + r.factors.size()));
  for (std::size_t j = 0; j < r.x.size(); ++j) v[static_cast<Eigen::Index>(j)] = r.x[j];
  for (std::size_t g = 0; g < r.factors.size(); ++g) v[static_cast<Eigen::Index>(r.x.size() + g)] = r.factors[g];
  return v;
}

fit_options exact() {
  fit_options o;
  o.weights = {0.7, 0.3, 1, 1};
  o.tolerance_veh = 1e-10;
  return o;
}

}  // namespace

TEST_CASE("estimate: equals the best of all choices of bound and free cells, on a hundred random problems") {
  thread_team const team(1);
  std::size_t at_bounds = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    test::random_problem_options made;
    made.upper = seed % 2 == 1;
    made.empty_cells = seed % 3 == 0;
    made.observations = 1 + seed % 7;
    made.prior_factor = seed % 5 == 0 ? 0.2 : 1;
    fit_problem p = random_problem(seed, made);
    p.lead_slots = seed % 7 == 0 ? 1 : 0;
    fit_options o = exact();
    o.scale_prior = seed % 4 == 0;
    fit_result const r = map_estimator(p).fit(o, team);
    dense_objective const reference = dense(p, o.weights, r.scale, {});
    Eigen::VectorXd const best = best_of_all(reference, p);
    CAPTURE(seed);
    CHECK(r.converged);
    CHECK((joined(r) - best).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(r.objective() == Approx(reference.at(best)).epsilon(1e-10));
    for (std::size_t j = 0; j < r.x.size(); ++j) at_bounds += r.x[j] <= 0 || (made.upper && r.x[j] >= p.upper[j]);
  }
  CHECK(at_bounds > 20);  // or the bounds were never tried
}

TEST_CASE("estimate: factors are those of the joint problem, and the conditions of Karush, Kuhn and Tucker hold") {
  thread_team const team(1);
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    test::random_problem_options made;
    made.factors = true;
    made.prior_factor = seed % 2 == 0 ? 0.3 : 1.5;
    fit_problem p = random_problem(1000 + seed, made);
    p.lead_slots = seed % 3 == 0 ? 1 : 0;
    fit_options o = exact();
    o.rounds = 60;  // so that the factors settle
    fit_result const r = map_estimator(p).fit(o, team);
    CAPTURE(seed);
    REQUIRE(r.rounds < 60);
    dense_objective const reference = dense(p, o.weights, r.scale, r.factors);
    CHECK((joined(r) - best_of_all(reference, p)).cwiseAbs().maxCoeff() < 1e-6);
    Eigen::VectorXd const v = joined(r), gradient = reference.h * v - reference.f;
    for (Eigen::Index j = 0; j < v.size(); ++j) {
      bool const cell = j < static_cast<Eigen::Index>(p.cells());
      if (cell && v[j] <= 1e-12) {
        CHECK(gradient[j] > -1e-8);
      } else {
        CHECK(std::abs(gradient[j]) / reference.h(j, j) < 1e-8);
      }
    }
  }
}
