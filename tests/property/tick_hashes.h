// The hash of the frame at every tick of a run of engine_tbb: what the determinism contract is about.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/scenario/scenario.h"

namespace gemeo::test {

struct hash_run {
  std::uint64_t seed = 42;
  std::size_t threads = 1;
  double until_s = 1e18;
  std::int64_t restored_at = -1;  // tick at which the run is saved, and goes on in another engine on other_threads
  std::size_t other_threads = 1;
};

std::vector<std::uint64_t> tick_hashes(scenario const& s, hash_run const& r);
// The first tick in which they differ (from 1 on), for a message; 0 when they are equal.
std::size_t first_difference(std::vector<std::uint64_t> const& a, std::vector<std::uint64_t> const& b);
std::uint64_t hash_of(std::vector<std::uint64_t> const& ticks);

}  // namespace gemeo::test
