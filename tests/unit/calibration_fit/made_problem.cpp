#include "tests/unit/calibration_fit/made_problem.h"

#include "sim/core/random.h"

namespace gemeo::test {

double drawn(std::uint64_t seed, std::uint64_t what, std::uint64_t which, double low, double high) {
  return low + (high - low) * random_uniform(seed, what, which, draw::kTripCount);
}

fit_problem random_problem(std::uint64_t seed, random_problem_options const& o) {
  fit_problem p;
  p.pairs = o.pairs;
  p.slots = o.slots;
  for (std::size_t j = 0; j < p.cells(); ++j) {
    bool const empty = o.empty_cells && j % 3 == 0;
    p.prior.push_back(empty ? 0 : drawn(seed, 1, j, 1, 20));
    p.prior_sd.push_back(empty ? 2 : p.prior[j] * drawn(seed, 2, j, 0.3, 0.8));
    if (o.upper) p.upper.push_back(drawn(seed, 3, j, 2, 25));
  }
  p.crossings.columns = p.cells();
  for (std::size_t i = 0; i < o.observations; ++i) {
    std::vector<std::uint32_t> columns;
    std::vector<double> values;
    double flow = 0;
    for (std::size_t j = 0; j < p.cells(); ++j) {
      if (drawn(seed, 100 + i, j, 0, 1) >= o.chance) continue;
      columns.push_back(static_cast<std::uint32_t>(j));
      values.push_back(drawn(seed, 200 + i, j, 0.2, 1));
      flow += values.back() * o.prior_factor * p.prior[j] * drawn(seed, 4, j, 0.2, 2);
    }
    p.crossings.add_row(columns, values);
    p.count.push_back(flow * drawn(seed, 5, i, 0, 1.6));
    p.offset.push_back(drawn(seed, 6, i, -1, 1));
    p.variance.push_back(drawn(seed, 7, i, 1, 10));
    p.detector.push_back(static_cast<std::uint32_t>(i / 2));
  }
  if (o.factors) {
    prior_factor origin{"origin", {}, 0, 0.4}, slot{"slot", {}, 1, 0.2};
    for (std::size_t k = 0; k < p.pairs; ++k) origin.group_of_pair.push_back(static_cast<std::uint32_t>(k % 2));
    p.factors = {origin, slot};
  }
  return p;
}

}  // namespace gemeo::test
