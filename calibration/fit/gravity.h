// Structure in a prior, or instead of one. A prior's pairs err one by one; what they have in common (size of origin and
// destination, deterrence by cost) errs less. fit_gravity finds that pattern in the prior; shrink_prior moves the prior
// towards it as far as its own spread says (empirical Bayes: the mean of the true flow given the prior's), which also
// keeps the largest pairs, large by chance as often as not, from being scaled up with the rest.
// gravity_prior makes a prior from zone totals and costs alone. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calibration/fit/problem.h"

namespace gemeo {

struct gravity_zones {
  std::vector<std::uint32_t> origin, destination;  // of each pair
  std::vector<double> cost;                        // of each pair, e.g. minutes; empty: not considered
};

// log T = level + a_origin + b_destination + c cost + d log cost + residual, over pairs with T > 0.
struct gravity_fit {
  std::vector<double> pair_total;  // exp of the pattern, of each pair
  std::size_t pairs_used = 0;
  double residual_log_sd = 0;  // of log T around it, for the degrees of freedom spent
  double cost_slope = 0, log_cost_slope = 0;
};
gravity_fit fit_gravity(std::span<double const> pair_totals, gravity_zones const& zones);

struct shrink_result {
  gravity_fit pattern;
  double share = 0;  // of the way from prior to pattern, in logarithms: error variance / variance around the pattern
  double spread_log_sd = 0;  // of the true flow around the shrunk prior
};
// prior_log_sd: of the prior's errors of pairs, e.g. 0.47 for a coefficient of variation of 0.5. Totals of pairs are
// shrunk, their profiles over slots kept; prior_sd shrinks with the spread. Pairs without prior traffic stay as they
// are.
shrink_result shrink_prior(fit_problem& problem, gravity_zones const& zones, double prior_log_sd);

// Trips by origin and destination totals and deterrence exp(-deterrence cost), balanced to both (Furness). Destination
// totals are scaled to the origins'. Throws error(kInput) where a zone with trips has no pair.
std::vector<double> gravity_prior(std::span<double const> origin_totals, std::span<double const> destination_totals,
                                  gravity_zones const& zones, double deterrence);

}  // namespace gemeo
