#include "tests/support/made_ensembles.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace gemeo::test {

namespace {

void cut(made_data& d, double end_s, bool planned) {
  run_description& r = d.description;
  d.intervals.resize(static_cast<std::size_t>(std::ceil((end_s - r.begin_s) / r.interval_s)));
  for (edge_interval& e : d.intervals.back().edges) e.end_s = end_s;
  for (queue_record& q : d.intervals.back().queues) q.end_s = end_s;
  r.end_s = planned ? end_s : std::numeric_limits<double>::infinity();
}

}  // namespace

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

made_run ending_at(made_run like, std::vector<double> end_s, bool planned) {
  like.end_s = like.begin_s + 3600;
  like.edit = [end_s = std::move(end_s), planned](made_data& d) { cut(d, end_s.at(d.description.seed - 1), planned); };
  return like;
}

}  // namespace gemeo::test
