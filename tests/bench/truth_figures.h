// By how much the traffic of two sets of runs differs, in the figures that a planner reads.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/truth_run.h"

namespace gemeo::bench {

struct truth_mean {  // over the seeds of a set of runs
  struct edge {
    double veh_per_h = 0, speed_mps = 0, sampled_s = 0;
  };
  double completed = 0, duration_s = 0, p10_s = 0, p50_s = 0, p90_s = 0, time_loss_s = 0, teleports = 0;
  std::map<std::string, edge> edges;
  std::vector<double> running;  // once a minute
};

truth_mean mean_of(std::vector<truth_run const*> const& runs, double window_s);

inline constexpr std::size_t kTruthFigures = 9;
struct truth_bar {
  char const* name;
  double bar;     // in %
  bool at_least;  // a share that must not be smaller; otherwise a difference that must not be larger
};
inline constexpr std::array<truth_bar, kTruthFigures> kTruthBars = {{
    {"trips completed", 1, false},
    {"mean duration", 3, false},
    {"10th percentile of duration", 5, false},
    {"median duration", 5, false},
    {"90th percentile of duration", 5, false},
    {"mean time loss", 8, false},
    {"edges with GEH < 5", 98, true},
    {"edges > 50 veh/h, speed within 10 %", 90, true},
    {"running over time, RMS / mean", 5, false},
}};

// In the order of kTruthBars, in %; differences of b from a, signed where a figure of b can be smaller.
std::array<double, kTruthFigures> figures_of(truth_mean const& a, truth_mean const& b);
bool met(std::size_t figure, double value);
// The figure of the set itself; NaN where there is only a difference.
double value_of(std::size_t figure, truth_mean const& m);

double geh(double veh_per_h, double other);

}  // namespace gemeo::bench
