// Whole trips on routes: from an estimate x of each cell (pair and slot) and candidate routes, the integer number of
// trips of each route and slot whose crossings meet all counts of the day best, while
//   - each cell's trips are x rounded down or up, and each pair's day total is its sum rounded down or up;
//   - routes stay near their shares, whether or not they cross a detector.
// Rounding is drawn by (seed, pair); then trips change route or slot, and roundings flip, as long as the cost falls:
//   sum (A n + b - c)^2 / V + share_weight sum (n - x share)^2 / (x share + 1).
// Deterministic. Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calibration/fit/sparse_rows.h"

namespace gemeo {

struct route_problem {
  std::size_t pairs = 0, slots = 0;
  std::vector<double> demand;            // x of each cell (pair * slots + slot)
  std::vector<std::size_t> route_begin;  // routes of pair p: [route_begin[p], route_begin[p + 1])
  std::vector<double> route_share;       // of each route, or of each (route * slots + slot); of a cell they add up to 1
  std::vector<double> count, offset, variance;  // of each observation; offset empty: 0; variance empty: c + (0.05 c)^2
  sparse_rows crossings;                        // observations x (route * slots + slot): crossings per trip

  [[nodiscard]] std::size_t routes() const { return route_begin.empty() ? 0 : route_begin.back(); }
};

struct route_options {
  std::uint64_t seed = 1;
  double share_weight = 1;
  std::size_t max_passes = 10;  // over all pairs
};

struct route_result {
  std::vector<std::uint32_t> trips;                 // of each (route * slots + slot)
  std::vector<double> fitted;                       // A n + b of each observation
  double counts_term_rounded = 0, counts_term = 0;  // of the cost, before and after the search
  double share_term_rounded = 0, share_term = 0;
  std::size_t passes = 0, moves = 0;
  bool settled = false;  // the last pass found no move
  std::uint64_t trip_total = 0;
  std::uint64_t hash = 0;
};
// Throws error(kInput) naming the pair when one has demand and no route, or shares that do not add up to 1.
route_result fit_routes(route_problem const& problem, route_options const& options);

}  // namespace gemeo
