#include "calibration/fit/derivative_free.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo {

namespace {

using Eigen::VectorXd;

std::size_t index(Eigen::Index i) { return static_cast<std::size_t>(i); }

// Tries points of the box, given in [0, 1]^n, and keeps account of them.
class trial_log {
 public:
  trial_log(batch_objective const& f, search_box const& box, std::span<double const> start, std::size_t most)
      : f_(f), box_(box), most_(most) {
    if (box.size() == 0 || box.high.size() != box.size() || start.size() != box.size()) {
      throw_usage(fmt::format("search: {} lower and {} upper bounds for {} parameters", box.low.size(), box.high.size(),
                              start.size()));
    }
    for (std::size_t k = 0; k < box.size(); ++k) {
      bool const finite = std::isfinite(box.low[k]) && std::isfinite(box.high[k]) && std::isfinite(start[k]);
      if (!finite || box.low[k] >= box.high[k] || start[k] < box.low[k] || start[k] > box.high[k]) {
        throw_usage(fmt::format("search: parameter {} starts at {} in [{}, {}]", k, start[k], box.low[k], box.high[k]));
      }
    }
    out.best.value = std::numeric_limits<double>::infinity();
  }

  [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(box_.size()); }
  [[nodiscard]] std::size_t left() const { return most_ - std::min(most_, out.tried.size()); }
  [[nodiscard]] VectorXd scaled(std::span<double const> x) const {
    VectorXd u(size());
    for (Eigen::Index k = 0; k < size(); ++k) {
      u[k] = (x[index(k)] - box_.low[index(k)]) / (box_.high[index(k)] - box_.low[index(k)]);
    }
    return u;
  }
  [[nodiscard]] std::vector<double> unscaled(VectorXd const& u) const {
    std::vector<double> x(box_.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
      double const to = box_.low[k] + u[static_cast<Eigen::Index>(k)] * (box_.high[k] - box_.low[k]);
      x[k] = std::clamp(to, box_.low[k], box_.high[k]);
    }
    return x;
  }

  std::vector<double> try_all(std::vector<VectorXd> const& points) {
    std::vector<std::vector<double>> batch;
    for (VectorXd const& u : points) batch.push_back(unscaled(u));
    std::vector<double> values = f_(batch);
    if (values.size() != batch.size()) {
      throw_usage(fmt::format("search: {} values for {} points", values.size(), batch.size()));
    }
    for (std::size_t k = 0; k < batch.size(); ++k) {
      if (!std::isfinite(values[k])) values[k] = std::numeric_limits<double>::infinity();
      hash_.add(std::span<double const>(batch[k]));
      hash_.add_value(values[k]);
      if (out.tried.empty() || values[k] < out.best.value) out.best = {batch[k], values[k]};
      out.tried.push_back({std::move(batch[k]), values[k]});
    }
    return values;
  }

  search_result finish(VectorXd const& last) {
    out.last = unscaled(last);
    out.hash = hash_.value();
    return std::move(out);
  }

  search_result out;

 private:
  batch_objective const& f_;
  search_box const& box_;
  std::size_t most_;
  hasher hash_;
};

void check(spsa_options const& o) {
  bool const ok =
      o.a > 0 && o.c > 0 && o.stability >= 0 && o.alpha > 0 && o.gamma > 0 && o.longest_step >= 0 && o.first_step >= 0;
  if (!ok) throw_usage("SPSA: gains must be above 0");
}

VectorXd in_box(VectorXd const& u) { return u.cwiseMax(0.0).cwiseMin(1.0); }

// SPSA over coordinates y, of which `place` makes a point in [0, 1]^n.
template <typename Place>
search_result run_spsa(trial_log& log, spsa_options const& o, VectorXd y, Place const& place) {
  check(o);
  double slopes = 0, measured = 0, numerator = o.a;
  for (std::size_t k = 0; log.left() >= 3; ++k) {
    auto const step = static_cast<double>(k + 1);
    double const c = o.c / std::pow(step, o.gamma);
    VectorXd delta(y.size());
    for (Eigen::Index i = 0; i < y.size(); ++i) {
      delta[i] = (random_bits(o.seed, k, static_cast<std::uint64_t>(i), draw::kSearch) & 1U) != 0 ? 1 : -1;
    }
    std::vector<double> const sides = log.try_all({place(y + c * delta), place(y - c * delta)});
    ++log.out.iterations;
    if (std::isfinite(sides[0]) && std::isfinite(sides[1])) {
      double const slope = (sides[0] - sides[1]) / (2 * c);
      if (o.first_step > 0 && measured < 5) {
        slopes += std::abs(slope);
        measured += 1;
        if (slopes > 0) numerator = o.first_step * std::pow(1 + o.stability, o.alpha) * measured / slopes;
      }
      VectorXd move = numerator / std::pow(step + o.stability, o.alpha) * slope * delta;  // 1 / delta = delta
      if (o.longest_step > 0 && move.cwiseAbs().maxCoeff() > o.longest_step) {
        move *= o.longest_step / move.cwiseAbs().maxCoeff();
      }
      y -= move;
    } else if (std::isfinite(sides[0]) || std::isfinite(sides[1])) {
      y += (std::isfinite(sides[0]) ? c : -c) * delta;  // away from where nothing could be measured
    }
    VectorXd const reached = place(y);
    y = place.coordinates(reached, y);
    log.try_all({reached});
  }
  return log.finish(place(y));
}

struct plain_coordinates {
  VectorXd operator()(VectorXd const& y) const { return in_box(y); }
  static VectorXd coordinates(VectorXd const& reached, VectorXd const&) { return reached; }
};

struct principal_coordinates {
  VectorXd centre;
  Eigen::MatrixXd directions;  // a column a component, in its standard deviation
  VectorXd operator()(VectorXd const& y) const { return in_box(centre + directions * y); }
  // What the box cut off cannot be told in components: y stays.
  static VectorXd coordinates(VectorXd const&, VectorXd const& y) { return y; }
};

}  // namespace

search_result minimise_spsa(batch_objective const& f, search_box const& box, std::span<double const> start,
                            spsa_options const& options) {
  trial_log log(f, box, start, options.evaluations);
  return run_spsa(log, options, log.scaled(start), plain_coordinates{});
}

search_result minimise_pc_spsa(batch_objective const& f, search_box const& box, std::span<double const> start,
                               std::span<std::vector<double> const> samples, pc_spsa_options const& options) {
  trial_log log(f, box, start, options.spsa.evaluations);
  if (samples.size() < 2) throw_usage(fmt::format("PC-SPSA: {} samples", samples.size()), "at least two");
  Eigen::MatrixXd spread(log.size(), static_cast<Eigen::Index>(samples.size()));
  for (std::size_t k = 0; k < samples.size(); ++k) {
    if (samples[k].size() != box.size()) throw_usage(fmt::format("PC-SPSA: sample {} has another size", k));
    spread.col(static_cast<Eigen::Index>(k)) = log.scaled(samples[k]);
  }
  VectorXd const mean = spread.rowwise().mean();
  spread.colwise() -= mean;
  Eigen::MatrixXd const covariance = spread * spread.transpose() / static_cast<double>(samples.size() - 1);
  if (!covariance.allFinite()) throw_usage("PC-SPSA: samples must be numbers");
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solved(covariance);
  VectorXd const variances = solved.eigenvalues().cwiseMax(0.0);  // ascending
  if (variances.sum() <= 0) throw_usage("PC-SPSA: all samples are the same point");
  double explained = 0;
  Eigen::Index components = 0;
  while (components < log.size() && explained < options.explained * variances.sum()) {
    explained += variances[log.size() - 1 - components++];
  }
  principal_coordinates place{log.scaled(start), Eigen::MatrixXd(log.size(), components)};
  for (Eigen::Index k = 0; k < components; ++k) {
    Eigen::Index const from = log.size() - 1 - k;
    VectorXd axis = solved.eigenvectors().col(from);
    Eigen::Index most = 0;
    axis.cwiseAbs().maxCoeff(&most);
    place.directions.col(k) = axis * (axis[most] < 0 ? -1 : 1) * std::sqrt(variances[from]);
  }
  return run_spsa(log, options.spsa, VectorXd::Zero(components), place);
}

namespace {

// The strategy's constants: Hansen's tutorial, table 1 (all weights positive).
struct cma_constants {
  cma_constants(Eigen::Index n, std::size_t population) {
    auto const parents = static_cast<Eigen::Index>(population / 2);
    auto const size = static_cast<double>(n);
    weights.resize(parents);
    for (Eigen::Index i = 0; i < parents; ++i) {
      weights[i] = std::log((static_cast<double>(population) + 1) / 2) - std::log(static_cast<double>(i + 1));
    }
    weights /= weights.sum();
    effective = 1 / weights.squaredNorm();
    path_rate = (effective + 2) / (size + effective + 5);
    damping = 1 + 2 * std::max(0.0, std::sqrt((effective - 1) / (size + 1)) - 1) + path_rate;
    rank_path_rate = (4 + effective / size) / (size + 4 + 2 * effective / size);
    rank_one = 2 / ((size + 1.3) * (size + 1.3) + effective);
    rank_parents = std::min(1 - rank_one, 2 * (effective - 2 + 1 / effective) / ((size + 2) * (size + 2) + effective));
    normal_length = std::sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size));
  }
  VectorXd weights;
  double effective = 0, path_rate = 0, damping = 0, rank_path_rate = 0, rank_one = 0, rank_parents = 0,
         normal_length = 0;
};

// [0, 1] and its mirror images, by turns.
VectorXd reflected(VectorXd u) {
  for (double& v : u) {
    double const turn = std::abs(v - 2 * std::floor(v / 2));  // [0, 2)
    v = turn <= 1 ? turn : 2 - turn;
  }
  return u;
}

}  // namespace

search_result minimise_cma_es(batch_objective const& f, search_box const& box, std::span<double const> start,
                              cma_options const& options) {
  trial_log log(f, box, start, options.evaluations);
  if (!(options.sigma > 0) || !std::isfinite(options.sigma)) throw_usage("CMA-ES: sigma must be above 0");
  Eigen::Index const n = log.size();
  std::size_t const least = 4 + static_cast<std::size_t>(3 * std::log(static_cast<double>(n)));
  std::size_t const population = options.population > 0 ? std::max<std::size_t>(4, options.population) : least;
  cma_constants const k(n, population);
  VectorXd mean = log.scaled(start), path = VectorXd::Zero(n), rank_path = VectorXd::Zero(n), scale = VectorXd::Ones(n);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(n, n), axes = covariance;
  double sigma = options.sigma;
  while (log.left() > population) {  // one is kept for the mean
    std::size_t const generation = log.out.iterations++;
    std::vector<VectorXd> steps, points;
    for (std::size_t i = 0; i < population; ++i) {
      VectorXd z(n);
      for (Eigen::Index j = 0; j < n; ++j) {
        z[j] = random_normal(options.seed, entity_key(generation, i), index(j), draw::kSearch);
      }
      steps.emplace_back(axes * scale.cwiseProduct(z));
      points.push_back(reflected(mean + sigma * steps.back()));
    }
    std::vector<double> const values = log.try_all(points);
    std::vector<std::size_t> order(population);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    VectorXd step = VectorXd::Zero(n);
    Eigen::MatrixXd parents = Eigen::MatrixXd::Zero(n, n);
    for (Eigen::Index i = 0; i < k.weights.size(); ++i) {
      VectorXd const& y = steps[order[index(i)]];
      step += k.weights[i] * y;
      parents += k.weights[i] * y * y.transpose();
    }
    mean = reflected(mean + sigma * step);
    VectorXd const whitened = axes * (axes.transpose() * step).cwiseQuotient(scale);
    path = (1 - k.path_rate) * path + std::sqrt(k.path_rate * (2 - k.path_rate) * k.effective) * whitened;
    double const so_far = std::sqrt(1 - std::pow(1 - k.path_rate, 2 * static_cast<double>(generation + 1)));
    bool const steady = path.norm() / so_far < (1.4 + 2 / (static_cast<double>(n) + 1)) * k.normal_length;
    double const held = steady ? 1 : 0;
    rank_path = (1 - k.rank_path_rate) * rank_path +
                held * std::sqrt(k.rank_path_rate * (2 - k.rank_path_rate) * k.effective) * step;
    double const lost = (1 - held) * k.rank_path_rate * (2 - k.rank_path_rate);
    covariance = (1 - k.rank_one - k.rank_parents + k.rank_one * lost) * covariance +
                 k.rank_one * rank_path * rank_path.transpose() + k.rank_parents * parents;
    sigma *= std::exp(k.path_rate / k.damping * (path.norm() / k.normal_length - 1));
    sigma = std::min(sigma, 1e3);
    covariance = (covariance + covariance.transpose().eval()) / 2;
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solved(covariance);
    axes = solved.eigenvectors();
    scale = solved.eigenvalues().cwiseMax(1e-20).cwiseSqrt();
    if (sigma * scale.maxCoeff() < options.settled) {
      log.out.settled = true;
      break;
    }
  }
  if (log.left() > 0) log.try_all({mean});
  return log.finish(mean);
}

}  // namespace gemeo
