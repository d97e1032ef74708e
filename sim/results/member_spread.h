// Where each pair of runs has one of several likely demands (members of a calibration): what an indicator's spread over
// the pairs is made of. By a one-way layout with random effects, unbalanced (Searle, Casella and McCulloch, Variance
// Components, 1992, section 3.6): between members lies what the counts left open, within a member the chance of seeds.
// Thread rule: plain functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sim/results/statistics.h"

namespace gemeo {

struct member_spread {
  std::size_t members = 0, pairs = 0;
  double low = kNan, high = kNan;           // 5 % and 95 % of the members' mean differences
  double member_sd = kNan, seed_sd = kNan;  // of the differences; NaN where no member has two pairs
};

// An indicator's values by member, pairs of one member together.
class member_values {
 public:
  void add(std::string const& member, double base, double other);  // left out where one is not finite
  [[nodiscard]] bool repeated() const { return pairs_ > by_member_.size(); }
  [[nodiscard]] std::size_t members() const { return by_member_.size(); }
  [[nodiscard]] member_spread spread() const;
  // Pairs of one member are not independent: each member's means count as one pair.
  [[nodiscard]] paired_moments of_means() const;

 private:
  std::map<std::string, paired_moments> by_member_;
  std::size_t pairs_ = 0;
};

}  // namespace gemeo
