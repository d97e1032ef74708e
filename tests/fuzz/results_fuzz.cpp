// Any bytes as a result file: refused with an error(kInput), or read whole without harm.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "sim/core/error.h"
#include "sim/results/reader.h"
#include "tests/fuzz/must.h"

namespace {

template <typename F>
void refused_or_done(F const& read) {
  try {
    read();
  } catch (gemeo::error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
  }
}

void use(std::filesystem::path const& file) {
  using namespace gemeo;
  result_file const r(file);
  refused_or_done([&] { must(r.validate().size() <= 60, "more problems than are told"); });
  refused_or_done([&] { (void)r.description(); });
  refused_or_done([&] { (void)r.summary(); });
  refused_or_done([&] {
    result_network const n = r.read_network();
    for (range const s : n.shape) must(s.begin <= s.end && s.end <= n.points.size(), "a shape beyond the points");
    for (edge_id const e : n.lane_edge) must(e.index() < n.name.size(), "a lane of no edge");
  });
  refused_or_done([&] {
    for (std::string const& q : r.edge_quantities()) {
      edge_series const s = r.edges(q);
      must(s.values.size() == s.begin_s.size() * s.edges, "a series of another shape");
    }
  });
  refused_or_done([&] { (void)r.trips(); });
  refused_or_done([&] { (void)r.stops(); });
  refused_or_done([&] { (void)r.rides(); });
  refused_or_done([&] { (void)r.travellers(); });
  refused_or_done([&] { (void)r.kpis(); });
  refused_or_done([&] { (void)r.log(); });
  refused_or_done([&] {
    for (std::size_t i = 0; i < r.trajectory_steps() && i < 20; ++i) {
      trajectory_step const t = r.trajectory(i);
      must(t.vehicle.size() == t.edge.size() && t.vehicle.size() == t.speed_mps.size(),
           "a step with columns of different lengths");
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static std::string const name =
      (std::filesystem::temp_directory_path() / ("results_fuzz_" + std::to_string(::getpid()) + ".h5")).string();
  std::FILE* const f = std::fopen(name.c_str(), "wb");
  must(f != nullptr, "the scratch file cannot be written");
  if (size > 0) std::fwrite(data, 1, size, f);
  std::fclose(f);
  refused_or_done([&] { use(name); });
  std::remove(name.c_str());
  return 0;
}
