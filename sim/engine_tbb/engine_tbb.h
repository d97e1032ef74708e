// Our own parallel microscopic engine behind the seam: SUMO's models on flat arrays. The result is the same, bit by
// bit, on any number of threads. What it cannot simulate is named by unsupported() and refused.
#pragma once

#include <memory>
#include <vector>

#include "sim/engine/engine.h"

namespace gemeo {

std::unique_ptr<engine> make_engine_tbb();

// Where the time of step() went since load(), for benchmarks. Throws error(kRun) for another engine.
struct stage_cost {
  char const* name;
  bool parallel;  // on all threads; otherwise on one
  double wall_s;
};
std::vector<stage_cost> stage_costs(engine const& e);

// Bytes that it holds now, for benchmarks: with room kept for more. Throws error(kRun) for another engine.
struct engine_memory {
  std::size_t vehicles;  // of all vehicles on their way, what they plan and who approaches what included
  std::size_t lanes;     // of all lanes, links and edges, beyond the network itself
};
engine_memory memory_of(engine const& e);

}  // namespace gemeo
