#include "calibration/fit/gravity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

namespace {

constexpr int kMostSweeps = 500;
constexpr double kSettled = 1e-10;

std::size_t count_zones(std::vector<std::uint32_t> const& zones) {
  std::uint32_t most = 0;
  for (std::uint32_t const z : zones) most = std::max(most, z);
  return zones.empty() ? 0 : std::size_t{most} + 1;
}

void check_zones(gravity_zones const& z, std::size_t pairs) {
  if (z.origin.size() != pairs || z.destination.size() != pairs || (!z.cost.empty() && z.cost.size() != pairs)) {
    throw_usage(fmt::format("gravity: {} origins, {} destinations and {} costs for {} pairs", z.origin.size(),
                            z.destination.size(), z.cost.size(), pairs));
  }
  for (std::size_t p = 0; p < pairs; ++p) {
    if (z.origin[p] >= 1'000'000 || z.destination[p] >= 1'000'000) {
      throw_usage(fmt::format("gravity: pair {} has zone {} or {}", p, z.origin[p], z.destination[p]),
                  "number zones from 0");
    }
    if (!z.cost.empty() && (!std::isfinite(z.cost[p]) || z.cost[p] <= 0)) {
      throw_input(fmt::format("gravity, pair {}", p), fmt::format("costs {}", z.cost[p]), "costs are above 0");
    }
  }
}

// Least squares of y on zone effects and regressors, by turns (Gauss-Seidel) until nothing moves.
class two_way_fit {
 public:
  two_way_fit(gravity_zones const& z, std::vector<std::size_t> const& used, std::vector<double> y)
      : z_(z), used_(used), left_(std::move(y)) {
    origin_.assign(count_zones(z.origin), 0.0);
    destination_.assign(count_zones(z.destination), 0.0);
    if (z.cost.empty()) return;
    for (int k = 0; k < 2; ++k) {  // cost, and its logarithm, around their means
      double mean = 0, squares = 0;
      for (std::size_t const p : used_) mean += raw(k, p) / static_cast<double>(used_.size());
      for (std::size_t const p : used_) squares += (raw(k, p) - mean) * (raw(k, p) - mean);
      mean_[static_cast<std::size_t>(k)] = mean;
      squares_[static_cast<std::size_t>(k)] = squares;
    }
  }

  void run() {
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
      double moved = 0;
      moved = std::max(moved, means(z_.origin, origin_));
      moved = std::max(moved, means(z_.destination, destination_));
      for (int k = 0; k < (z_.cost.empty() ? 0 : 2); ++k) moved = std::max(moved, slope(k));
      if (moved < kSettled) return;
    }
  }
  [[nodiscard]] double at(std::size_t p) const {
    double sum = origin_[z_.origin[p]] + destination_[z_.destination[p]];
    for (int k = 0; k < (z_.cost.empty() ? 0 : 2); ++k) sum += slope_[static_cast<std::size_t>(k)] * centred(k, p);
    return sum;
  }
  [[nodiscard]] double squares_left() const {
    double sum = 0;
    for (double const r : left_) sum += r * r;
    return sum;
  }
  [[nodiscard]] std::size_t parameters() const {
    std::vector<std::uint8_t> a(origin_.size(), 0), b(destination_.size(), 0);
    for (std::size_t const p : used_) a[z_.origin[p]] = b[z_.destination[p]] = 1;
    auto const zones = std::count(a.begin(), a.end(), 1) + std::count(b.begin(), b.end(), 1) - 1;
    return static_cast<std::size_t>(zones) + (z_.cost.empty() ? 0U : 2U);
  }
  [[nodiscard]] double cost_slope(std::size_t k) const { return slope_[k]; }

 private:
  [[nodiscard]] double raw(int k, std::size_t p) const { return k == 0 ? z_.cost[p] : std::log(z_.cost[p]); }
  [[nodiscard]] double centred(int k, std::size_t p) const { return raw(k, p) - mean_[static_cast<std::size_t>(k)]; }

  double means(std::vector<std::uint32_t> const& zone, std::vector<double>& effect) {
    std::vector<double> sum(effect.size(), 0.0), n(effect.size(), 0.0);
    for (std::size_t i = 0; i < used_.size(); ++i) {
      sum[zone[used_[i]]] += left_[i];
      n[zone[used_[i]]] += 1;
    }
    double moved = 0;
    for (std::size_t z = 0; z < effect.size(); ++z) {
      sum[z] = n[z] > 0 ? sum[z] / n[z] : 0.0;
      effect[z] += sum[z];
      moved = std::max(moved, std::abs(sum[z]));
    }
    for (std::size_t i = 0; i < used_.size(); ++i) left_[i] -= sum[zone[used_[i]]];
    return moved;
  }

  double slope(int k) {
    auto const at = static_cast<std::size_t>(k);
    if (squares_[at] <= 0) return 0;
    double product = 0;
    for (std::size_t i = 0; i < used_.size(); ++i) product += left_[i] * centred(k, used_[i]);
    double const step = product / squares_[at];
    for (std::size_t i = 0; i < used_.size(); ++i) left_[i] -= step * centred(k, used_[i]);
    slope_[at] += step;
    return std::abs(step) * std::sqrt(squares_[at] / static_cast<double>(used_.size()));
  }

  gravity_zones const& z_;
  std::vector<std::size_t> const& used_;
  std::vector<double> left_, origin_, destination_;
  std::array<double, 2> mean_{}, squares_{}, slope_{};
};

}  // namespace

gravity_fit fit_gravity(std::span<double const> pair_totals, gravity_zones const& zones) {
  check_zones(zones, pair_totals.size());
  std::vector<std::size_t> used;
  std::vector<double> y;
  for (std::size_t p = 0; p < pair_totals.size(); ++p) {
    if (!(pair_totals[p] > 0)) continue;
    used.push_back(p);
    y.push_back(std::log(pair_totals[p]));
  }
  gravity_fit out;
  out.pairs_used = used.size();
  out.pair_total.assign(pair_totals.size(), 0.0);
  if (used.empty()) return out;
  two_way_fit fit(zones, used, y);
  fit.run();
  for (std::size_t p = 0; p < pair_totals.size(); ++p) out.pair_total[p] = std::exp(fit.at(p));
  std::size_t const spent = fit.parameters();
  // As many parameters as pairs: the pattern says nothing, and nothing is known of what is left.
  out.residual_log_sd =
      used.size() > spent ? std::sqrt(fit.squares_left() / static_cast<double>(used.size() - spent)) : 0;
  out.cost_slope = fit.cost_slope(0);
  out.log_cost_slope = fit.cost_slope(1);
  return out;
}

shrink_result shrink_prior(fit_problem& problem, gravity_zones const& zones, double prior_log_sd) {
  if (!std::isfinite(prior_log_sd) || prior_log_sd <= 0) {
    throw_usage(fmt::format("shrink_prior: prior_log_sd is {}", prior_log_sd), "it must be above 0");
  }
  std::size_t const slots = problem.slots;
  std::vector<double> totals(problem.pairs, 0.0);
  for (std::size_t j = 0; j < problem.cells(); ++j) totals[j / slots] += problem.prior[j];
  shrink_result out;
  out.pattern = fit_gravity(totals, zones);
  double const of_errors = prior_log_sd * prior_log_sd;
  double const around = out.pattern.residual_log_sd * out.pattern.residual_log_sd;
  out.share = around > 0 ? std::min(1.0, of_errors / around) : 0.0;
  // Around a pattern that the prior follows closer than its errors allow, the truth may still vary: not less than a
  // tenth of the errors' variance.
  double const variance = of_errors * std::max(0.1, 1 - out.share);
  out.spread_log_sd = std::sqrt(variance);
  double const narrower = std::sqrt(std::expm1(variance) / std::expm1(of_errors));
  for (std::size_t j = 0; j < problem.cells(); ++j) {
    double const total = totals[j / slots];
    if (!(total > 0) || out.share == 0) continue;
    double const moved = std::exp(out.share * std::log(out.pattern.pair_total[j / slots] / total));
    problem.prior[j] *= moved;
    problem.prior_sd[j] *= moved * narrower;
  }
  return out;
}

std::vector<double> gravity_prior(std::span<double const> origin_totals, std::span<double const> destination_totals,
                                  gravity_zones const& zones, double deterrence) {
  std::size_t const pairs = zones.origin.size();
  check_zones(zones, pairs);
  if (zones.cost.empty()) throw_usage("gravity_prior needs a cost for each pair");
  std::vector<double> a(origin_totals.size(), 0.0), b(destination_totals.size(), 1.0), trips(pairs);
  double from = 0, to = 0;
  for (double const t : origin_totals) from += t;
  for (double const t : destination_totals) to += t;
  if (!(from > 0) || !(to > 0)) throw_input("gravity_prior", "no trips begin, or none end");
  for (std::size_t p = 0; p < pairs; ++p) {
    if (zones.origin[p] >= a.size() || zones.destination[p] >= b.size()) {
      throw_usage(fmt::format("gravity_prior: pair {} has a zone without total", p));
    }
    trips[p] = std::exp(-deterrence * zones.cost[p]);
  }
  auto const balance = [&](std::vector<std::uint32_t> const& zone, std::vector<std::uint32_t> const& other_zone,
                           std::span<double const> totals, double scale, std::vector<double> const& other,
                           std::vector<double>& factor, char const* name) {
    std::vector<double> sum(factor.size(), 0.0);
    for (std::size_t p = 0; p < pairs; ++p) sum[zone[p]] += trips[p] * other[other_zone[p]];
    double moved = 0;
    for (std::size_t z = 0; z < factor.size(); ++z) {
      if (totals[z] < 0 || !std::isfinite(totals[z]) || (totals[z] > 0 && sum[z] <= 0)) {
        throw_input(fmt::format("gravity_prior, {} zone {}", name, z),
                    fmt::format("{} trips and no pair for them", totals[z]));
      }
      double const next = totals[z] > 0 ? totals[z] * scale / sum[z] : 0.0;
      if (next > 0) moved = std::max(moved, std::abs(next - factor[z]) / next);
      factor[z] = next;
    }
    return moved;
  };
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double moved = balance(zones.origin, zones.destination, origin_totals, 1, b, a, "origin");
    moved =
        std::max(moved, balance(zones.destination, zones.origin, destination_totals, from / to, a, b, "destination"));
    if (moved < kSettled) break;
  }
  for (std::size_t p = 0; p < pairs; ++p) trips[p] *= a[zones.origin[p]] * b[zones.destination[p]];
  return trips;
}

}  // namespace gemeo
