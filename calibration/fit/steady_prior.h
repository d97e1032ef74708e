// What of a prior's numbers by slot is chance. A pair's share of the day's pattern differs from all pairs' for reasons
// that last longer than a quarter-hour; what is gone in the next slot is an error of the prior, as cells of few
// surveyed trips have it. Second differences along the slots see such errors alone (the estimator of Gasser, Sroka and
// Jennen-Steinmetz, Biometrika 73, 1986), and each cell is moved towards its pair's total times the common profile as
// far as they explain how cells lie around it. Totals of pairs and of slots stay. Thread rule: pure function.
#pragma once

#include <cstddef>
#include <span>

namespace gemeo {

struct steady_result {
  double share = 0;   // of the way from the prior to total times profile, 0..1
  double spread = 0;  // of cells around it, relative, before
};
// cells: [pair * slots + slot]. Fewer than 4 slots tell nothing and stay.
steady_result steady_prior(std::span<double> cells, std::size_t pairs, std::size_t slots);

}  // namespace gemeo
