#include "calibration/fit/bands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calibration/fit/chain_prior.h"
#include "calibration/fit/fit_system.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr std::size_t kLargeRefit = 2'000'000;  // entries: beyond, a refit takes all threads instead of one

double quantile_of(std::vector<double> const& sorted, double q) {
  double const at = q * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at);
  std::size_t const above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// max(0, t + u) of a standard normal u: mean and mean square.
struct stopped_normal {
  double mean = 0, square = 0;
  explicit stopped_normal(double t) {
    constexpr double kRoot2 = 1.4142135623730951, kPhi0 = 0.3989422804014327;
    double const below = std::erfc(-t / kRoot2) / 2, density = kPhi0 * std::exp(-t * t / 2);
    mean = t * below + density;
    square = (t * t + 1) * below + t * density;
  }
};

// The t at which sd over mean of that is as given; it falls as t grows.
double location_of_spread(double sd_over_mean) {
  constexpr double kFar = 7;  // standard deviations from 0: nothing is stopped there, or nearly all is
  constexpr int kHalvings = 40;
  if (sd_over_mean < 1 / kFar) return 1 / sd_over_mean;
  double low = -kFar, high = kFar;
  for (int i = 0; i < kHalvings; ++i) {
    double const middle = (low + high) / 2;
    stopped_normal const x(middle);
    bool const wider = x.square > (1 + sd_over_mean * sd_over_mean) * x.mean * x.mean;
    (wider ? low : high) = middle;
  }
  return high;
}

struct prior_draws {  // how the prior's cells are drawn: width max(0, t + u), u normal, correlated by the prior
  std::vector<double> mean, t, width, unit;  // unit: standard deviations of the coloured deviates
  chain_prior prior;
};

prior_draws draws_of(fit_system const& s, fit_options const& options, fit_result const& base, double scale,
                     fixed_blocks const& blocks) {
  prior_draws out;
  out.mean = base.prior_mean;
  for (double& m : out.mean) m = std::max(0.0, m);
  out.prior.set(s.problem.pairs, s.problem.slots, s.problem.lead_slots, options.weights.lambda, options.weights.mu,
                out.mean, base.prior_spread, blocks);
  out.unit.resize(s.cells());
  out.t.resize(s.cells());
  out.width.resize(s.cells());
  out.prior.variances(out.unit, blocks);
  blocks.each(out.mean.size(), out.mean.size() * 64, [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      out.unit[j] = std::sqrt(out.unit[j]);
      if (!(out.mean[j] > 0) || !(scale > 0)) continue;
      out.t[j] = location_of_spread(scale * out.unit[j] / out.mean[j]);
      out.width[j] = out.mean[j] / stopped_normal(out.t[j]).mean;
    }
  });
  return out;
}

fit_perturbation draw_perturbation(fit_system const& s, fit_options const& options, fit_result const& base,
                                   prior_draws const& of, double scale, std::uint64_t seed, std::size_t refit,
                                   fixed_blocks const& blocks) {
  // Keyed by what is drawn: counts, cells and groups each have draws of their own.
  auto const normal = [&](std::uint64_t kind, std::size_t i) {
    return random_normal(seed, entity_key(refit, kind), i, draw::kRefit);
  };
  fit_perturbation out;
  out.counts.resize(s.problem.observations());
  out.cells.resize(s.cells());
  out.factors.resize(s.groups);
  for (std::size_t i = 0; i < out.counts.size(); ++i)
    out.counts[i] = scale * std::sqrt(base.variance[i]) * normal(0, i);
  blocks.each(out.cells.size(), out.cells.size() * 16, [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) out.cells[j] = normal(1, j);
  });
  of.prior.colour(out.cells, blocks);
  blocks.each(out.cells.size(), out.cells.size() * 16, [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      double const drawn = of.width[j] * std::max(0.0, of.t[j] + out.cells[j] / of.unit[j]);
      out.cells[j] = of.width[j] > 0 ? drawn - of.mean[j] : 0.0;
    }
  });
  for (std::size_t g = 0; g < s.groups; ++g) {
    out.factors[g] = scale * options.weights.factor * s.group_sd[g] * normal(2, g);
  }
  return out;
}

}  // namespace

quantile_table quantiles_of(std::vector<std::vector<double>> const& draws, std::vector<double> const& quantiles) {
  quantile_table out;
  out.size = draws.empty() ? 0 : draws[0].size();
  out.value.resize(out.size * quantiles.size());
  std::vector<double> sorted(draws.size());
  for (std::size_t i = 0; i < out.size; ++i) {
    for (std::size_t k = 0; k < draws.size(); ++k) sorted[k] = draws[k][i];
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t q = 0; q < quantiles.size(); ++q) out.value[q * out.size + i] = quantile_of(sorted, quantiles[q]);
  }
  return out;
}

fit_bands perturbed_refits(map_estimator const& estimator, fit_options const& options, fit_result const& base,
                           band_options const& bands, thread_team const& team, sparse_rows const* links) {
  fit_system const& s = estimator.system();
  if (bands.refits < 2) throw_usage(fmt::format("{} refits", bands.refits), "at least two, better 20 to 50");
  for (double const q : bands.quantiles) {
    if (!(q >= 0 && q <= 1)) throw_usage(fmt::format("quantile {}", q), "between 0 and 1");
  }
  if (base.x.size() != s.cells()) throw_usage("perturbed_refits: the fit is of another problem");
  if (links != nullptr) check_rows(*links, links->rows(), s.cells(), "links");
  fixed_blocks const blocks(team);
  fit_bands out;
  out.quantiles = bands.quantiles;
  if (bands.scale_noise && base.used_counts > 0) {
    double const of_fit = base.objective() - base.uncrossed_term;
    out.noise_scale = std::sqrt(of_fit / static_cast<double>(base.used_counts));
  }
  prior_draws const draws = draws_of(s, options, base, out.noise_scale, blocks);
  fit_options refit = options;
  refit.rounds = 1;  // variances and factors are those of the base
  fit_start const start{base.x, base.factors, base.scale};

  std::size_t const n = bands.refits;
  std::vector<std::vector<double>> cells(n), pairs(n), fitted(n), others(n), totals(n);
  std::vector<std::uint8_t> converged(n, 0);
  auto const work = [&](std::size_t k, thread_team const& mine) {
    fixed_blocks const mine_blocks(mine);
    fit_perturbation const noise =
        draw_perturbation(s, options, base, draws, out.noise_scale, bands.seed, k, mine_blocks);
    fit_result r = estimator.fit(refit, mine, &start, {}, &noise);
    converged[k] = r.converged ? 1 : 0;
    pairs[k].assign(s.problem.pairs, 0.0);
    for (std::size_t j = 0; j < r.x.size(); ++j) pairs[k][j / s.problem.slots] += r.x[j];
    double total = 0;
    for (double const t : pairs[k]) total += t;
    totals[k] = {total};
    if (links != nullptr) {
      others[k].resize(links->rows());
      multiply(*links, r.x, others[k], mine_blocks);
    }
    cells[k] = std::move(r.x);
    fitted[k] = std::move(r.fitted);
  };
  if (s.problem.crossings.entries() > kLargeRefit) {
    for (std::size_t k = 0; k < n; ++k) work(k, team);
  } else {
    thread_team const alone(1);
    team.run(n, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) work(k, alone);
    });
  }
  out.cells = quantiles_of(cells, bands.quantiles);
  out.pair_totals = quantiles_of(pairs, bands.quantiles);
  out.fitted = quantiles_of(fitted, bands.quantiles);
  if (links != nullptr) out.links = quantiles_of(others, bands.quantiles);
  out.total = quantiles_of(totals, bands.quantiles).value;
  out.unconverged = static_cast<std::size_t>(std::count(converged.begin(), converged.end(), 0));
  hasher h;
  for (auto const& x : cells) h.add(std::span<double const>(x));
  out.hash = h.value();
  if (bands.keep_refits) out.refits = std::move(cells);
  return out;
}

}  // namespace gemeo
