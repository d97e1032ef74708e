// A city of algebra for the estimator: a square grid of streets, zones at its nodes, a true demand with routes, counts
// that its trips make, and a prior that errs. Nothing queues, so crossings per departure are known; what is hidden is
// the demand. All drawn by seed. Shared by tests and benchmark. Thread rule: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibration/fit/problem.h"

namespace gemeo::test {

struct grid_world_options {
  std::size_t side = 8;    // nodes
  std::size_t zones = 24;  // pairs: all ordered ones, or the first `pairs` of them
  std::size_t pairs = 0;   // 0: all
  std::size_t slots = 8;
  double slot_s = 900;
  double vehicles = 22'000;
  std::size_t routes = 1;     // of each pair, at most
  std::size_t seen = 50;      // edges with detectors that calibrate
  std::size_t held_out = 25;  // and with others that only judge
  double count_noise = 0.05;
  double prior_factor = 0.75, prior_log_sd = 0.5;  // of each pair's error
  double zone_log_sd = 0, slot_log_sd = 0;  // errors shared by an origin's pairs, a destination's, a slot's cells
  double prior_cv = 0.5;                    // what the estimator is told of the prior's spread
  bool trips = true;  // whole trips that choose routes at random; false: expected flows (quick, for benchmarks)
};

struct grid_world {
  fit_problem problem;   // with the seen counts
  sparse_rows held_out;  // crossings at the others
  std::vector<double> held_out_count;
  std::vector<std::uint32_t> held_out_detector;
  std::vector<double> truth;                       // of each cell: what departed
  std::vector<std::uint32_t> origin, destination;  // zones of each pair
  // Routes: of each pair, their shares; crossings at the seen detectors by (route * slots + slot).
  std::vector<std::size_t> route_begin;
  std::vector<double> route_share;
  sparse_rows route_crossings;
  double slot_s = 900;
  [[nodiscard]] std::vector<prior_factor> zone_factors(double zone_sd, double slot_sd) const;
};
grid_world make_grid_world(std::uint64_t seed, grid_world_options const& options);

}  // namespace gemeo::test
