// Folders of result files without an engine, as `gemeo run --seeds` leaves them: NAME/seed_0001.h5 and so on, made by
// tests/support/made_result.h. Runs of one seed share every traveller's draws, so two folders make a paired comparison.
#pragma once

#include <fmt/core.h>

#include <filesystem>
#include <vector>

#include "tests/support/made_result.h"

namespace gemeo::test {

inline std::filesystem::path made_file(std::filesystem::path const& folder, std::uint64_t seed) {
  return folder / fmt::format("seed_{:04}.h5", seed);
}

// like: everything but the seed; its edit() can tell the seed by data.description.seed.
inline std::filesystem::path make_ensemble(network const& net, std::filesystem::path const& folder,
                                           std::vector<std::uint64_t> const& seeds, made_run like = {}) {
  std::filesystem::create_directories(folder);
  for (std::uint64_t const seed : seeds) {
    like.seed = seed;
    make_result(net, made_file(folder, seed), like);
  }
  return folder;
}

inline made_run small_run() {  // fast to write: half an hour, a hundred travellers
  made_run r;
  r.vehicles = 100;
  r.end_s = r.begin_s + 1800;
  return r;
}

inline made_run closed_run(made_run r = small_run()) {  // the road FG is closed, everything else gets slower
  r.scenario = "closed";
  r.title = "The bridge closed";
  r.closed = "FG";
  return r;
}

}  // namespace gemeo::test
