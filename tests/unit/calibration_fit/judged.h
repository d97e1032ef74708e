// How near an estimate comes to a grid world's hidden truth. Shared by tests and benchmark. Thread rule: pure function.
#pragma once

#include <vector>

#include "calibration/fit/score.h"
#include "tests/unit/calibration_fit/grid_world.h"

namespace gemeo::test {

struct judged {
  count_score seen, held_out;
  demand_score demand;
};

inline std::vector<scored_count> counts_of(grid_world const& w, sparse_rows const& crossings,
                                           std::vector<double> const& count, std::vector<std::uint32_t> const& detector,
                                           std::vector<double> const& x) {
  std::vector<double> flow(count.size());
  multiply(crossings, x, flow, fixed_blocks());
  std::vector<scored_count> out;
  for (std::size_t i = 0; i < count.size(); ++i) {
    double const begin = static_cast<double>(i % w.problem.slots) * w.slot_s;
    out.push_back({detector[i], begin, w.slot_s, count[i], flow[i]});
  }
  return out;
}

inline judged judge(grid_world const& w, std::vector<double> const& x) {
  return {score_counts(counts_of(w, w.problem.crossings, w.problem.count, w.problem.detector, x)),
          score_counts(counts_of(w, w.held_out, w.held_out_count, w.held_out_detector, x)), score_demand(x, w.truth)};
}

}  // namespace gemeo::test
