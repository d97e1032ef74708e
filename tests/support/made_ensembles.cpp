#include "tests/support/made_ensembles.h"

#include <fmt/core.h>

namespace gemeo::test {

std::filesystem::path made_file(std::filesystem::path const& folder, std::uint64_t seed) {
  return folder / fmt::format("seed_{:04}.h5", seed);
}

std::filesystem::path make_ensemble(network const& net, std::filesystem::path const& folder,
                                    std::vector<std::uint64_t> const& seeds, made_run like) {
  std::filesystem::create_directories(folder);
  for (std::uint64_t const seed : seeds) {
    like.seed = seed;
    make_result(net, made_file(folder, seed), like);
  }
  return folder;
}

made_run small_run() {
  made_run r;
  r.vehicles = 100;
  r.end_s = r.begin_s + 1800;
  return r;
}

made_run closed_run(made_run r) {
  r.scenario = "closed";
  r.title = "The bridge closed";
  r.closed = "FG";
  return r;
}

}  // namespace gemeo::test
