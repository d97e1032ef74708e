// Runs made up in memory for tests of comparisons and reports: every value is drawn by key, the second scenario empties
// one road and loads the rest, and both share their traveller's noise, as two real runs of one seed do.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sim/results/compare.h"

namespace gemeo::test {

struct made_options {
  double effect = 0.08;  // of the change, on everything but the closed road
  double common_noise = 0.05, own_noise = 0.004;
  std::string closed_road;  // loses its traffic in the other scenario
  double begin_s = 0, end_s = 86400, interval_s = 3600;
  std::size_t trips = 3000;
  std::int64_t teleports_other = 0;
};

class made_runs {
 public:
  made_runs(result_network net, made_options o) : net_(std::move(net)), o_(std::move(o)) {}
  [[nodiscard]] result_network const& net() const { return net_; }
  [[nodiscard]] run_data run(std::uint64_t seed, bool other) const;

 private:
  result_network net_;
  made_options o_;
};

comparison compare_made(made_runs const& runs, std::size_t pairs);

}  // namespace gemeo::test
