#include "sim/results/member_spread.h"

#include <algorithm>
#include <cmath>

namespace gemeo {

namespace {

double quantile_of(std::vector<double> const& sorted, double q) {  // Hyndman and Fan's type 7
  double const at = q * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at);
  std::size_t const above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

void member_values::add(std::string const& member, double base, double other) {
  if (!std::isfinite(base) || !std::isfinite(other)) return;
  by_member_[member].add(base, other);
  ++pairs_;
}

paired_moments member_values::of_means() const {
  paired_moments out;
  for (auto const& [member, m] : by_member_) out.add(m.base.mean, m.other.mean);
  return out;
}

member_spread member_values::spread() const {
  member_spread out;
  out.members = by_member_.size();
  out.pairs = pairs_;
  if (by_member_.empty()) return out;
  std::vector<double> means;
  double total = 0, squares_of_sizes = 0, within = 0;
  auto const n = static_cast<double>(pairs_), k = static_cast<double>(by_member_.size());
  for (auto const& [member, m] : by_member_) {
    means.push_back(m.difference.mean);
    total += m.difference.mean * m.difference.n;
    squares_of_sizes += static_cast<double>(m.difference.n) * m.difference.n;
    within += m.difference.m2;
  }
  double between = 0;
  for (auto const& [member, m] : by_member_)
    between += m.difference.n * (m.difference.mean - total / n) * (m.difference.mean - total / n);
  std::sort(means.begin(), means.end());
  out.low = quantile_of(means, 0.05);
  out.high = quantile_of(means, 0.95);
  if (!repeated() || by_member_.size() < 2) return out;
  double const of_seeds = within / (n - k), size = (n - squares_of_sizes / n) / (k - 1);
  out.seed_sd = std::sqrt(of_seeds);
  out.member_sd = std::sqrt(std::max(0.0, (between / (k - 1) - of_seeds) / size));
  return out;
}

}  // namespace gemeo
