// What of a problem is the same in all its fits: crossings by cell, groups of the factors. Internal to calibration/fit.
// Thread rule: read by many.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/fit/problem.h"

namespace gemeo {

struct fit_system {
  explicit fit_system(fit_problem p);

  fit_problem problem;
  sparse_rows by_cell;  // crossings, transposed
  fit_findings findings;

  std::size_t groups = 0;                    // of all factors, numbered on
  std::vector<std::size_t> factor_end;       // of each factor's groups
  std::vector<double> group_sd;              // log_sd of each
  std::vector<std::uint32_t> group_of_cell;  // [factor][cell]
  std::vector<std::size_t> member_begin;     // cells of each group, ascending
  std::vector<std::uint32_t> member;

  [[nodiscard]] std::size_t cells() const { return problem.cells(); }
  [[nodiscard]] std::size_t factor_count() const { return problem.factors.size(); }
  [[nodiscard]] double factor_sum(std::size_t cell, double const* z) const {
    double sum = 0;
    for (std::size_t f = 0; f < factor_count(); ++f) sum += z[group_of_cell[f * cells() + cell]];
    return sum;
  }
};

}  // namespace gemeo
