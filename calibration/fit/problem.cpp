#include "calibration/fit/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

namespace {

constexpr double kMostVehicles = 1e12;  // and variances: squares must stay far from where numbers end
constexpr double kLeastSpread = 1e-9, kMostLogSd = 10;

void check_values(std::vector<double> const& v, std::size_t n, char const* what, double least, bool may_be_empty) {
  if (v.empty() && may_be_empty) return;
  if (v.size() != n) throw_input("fit problem", fmt::format("{} values of {}, expected {}", v.size(), what, n));
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(v[i]) || v[i] < least || v[i] > kMostVehicles) {
      throw_input(fmt::format("fit problem, {} {}", what, i), fmt::format("is {}", v[i]),
                  fmt::format("it must be between {} and {}", least, kMostVehicles));
    }
  }
}

}  // namespace

void check_problem(fit_problem const& p) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (p.pairs == 0 || p.slots == 0) throw_input("fit problem", "has no cells");
  if (p.slots > kMost / p.pairs) throw_input("fit problem", "has more than 2^32 cells");
  if (p.observations() >= kMost) throw_input("fit problem", "has more than 2^32 observations");
  check_values(p.prior, p.cells(), "prior", 0, false);
  check_values(p.prior_sd, p.cells(), "prior_sd", kLeastSpread, false);
  check_values(p.count, p.observations(), "count", 0, false);
  check_values(p.offset, p.observations(), "offset", -kMostVehicles, true);
  check_values(p.variance, p.observations(), "variance", kLeastSpread, true);
  check_values(p.model_variance, p.observations(), "model_variance", 0, true);
  if (p.detector.size() != p.observations()) {
    throw_input("fit problem", fmt::format("{} detectors for {} counts", p.detector.size(), p.observations()));
  }
  if (!p.upper.empty()) {
    if (p.upper.size() != p.cells()) throw_input("fit problem", "upper has not one value for each cell");
    for (std::size_t j = 0; j < p.cells(); ++j) {
      if (std::isnan(p.upper[j]) || p.upper[j] < 0) {
        throw_input(fmt::format("fit problem, upper {}", j), fmt::format("is {}", p.upper[j]), "it must be at least 0");
      }
    }
  }
  for (prior_factor const& f : p.factors) {
    if (!f.group_of_pair.empty() && f.group_of_pair.size() != p.pairs) {
      throw_input("factor " + f.name, fmt::format("{} groups for {} pairs", f.group_of_pair.size(), p.pairs));
    }
    if (!(f.log_sd >= kLeastSpread && f.log_sd <= kMostLogSd)) {
      throw_input("factor " + f.name, fmt::format("log_sd is {}", f.log_sd),
                  fmt::format("it must be between {} and {}", kLeastSpread, kMostLogSd));
    }
    for (std::uint32_t const g : f.group_of_pair) {
      if (g >= p.pairs) {
        throw_input("factor " + f.name, fmt::format("group {} of {} pairs", g, p.pairs), "number groups from 0");
      }
    }
  }
  check_rows(p.crossings, p.observations(), p.cells(), "crossings");
}

fit_findings find_gaps(fit_problem const& p) {
  fit_findings f;
  std::vector<std::uint32_t> names = p.detector;  // any numbers: they are not an index
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::uint8_t> crossed(names.size(), 0), observed(p.cells(), 0);
  for (std::size_t i = 0; i < p.observations(); ++i) {
    bool any = false;
    for (std::size_t k = p.crossings.begin[i]; k < p.crossings.begin[i + 1]; ++k) {
      if (p.crossings.value[k] <= 0) continue;
      any = true;
      observed[p.crossings.column[k]] = 1;
    }
    auto const d = std::lower_bound(names.begin(), names.end(), p.detector[i]) - names.begin();
    if (any) crossed[static_cast<std::size_t>(d)] = 1;
    if (!any) f.uncrossed_observations.push_back(static_cast<std::uint32_t>(i));
  }
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (crossed[d] == 0) f.uncrossed_detectors.push_back(names[d]);
  }
  for (std::size_t pair = 0; pair < p.pairs; ++pair) {
    auto const first = observed.begin() + static_cast<std::ptrdiff_t>(pair * p.slots);
    auto const slots = static_cast<std::ptrdiff_t>(p.slots);
    std::ptrdiff_t const without = std::count(first, first + slots, 0);
    f.unobserved_cells += static_cast<std::size_t>(without);
    if (without == slots) f.unobserved_pairs.push_back(static_cast<std::uint32_t>(pair));
  }
  f.empty_cells = static_cast<std::size_t>(std::count(p.prior.begin(), p.prior.end(), 0.0));
  return f;
}

}  // namespace gemeo
