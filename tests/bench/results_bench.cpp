// Result files: what a vehicle-second of trajectories costs on disk and in CPU time, on real movement: Bologna (acosta)
// of the shared data, simulated once with gemeo. The frames are read back and written again, so that the writer alone
// is measured.
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "sim/core/error.h"
#include "sim/core/process.h"
#include "sim/network/network.h"
#include "sim/results/reader.h"
#include "tests/bench/arguments.h"
#include "tests/bench/bench.h"

namespace fs = std::filesystem;
using namespace gemeo;
using bench::report;

namespace {

constexpr double kMaxBytes = 12;
constexpr double kMaxWrite_ns = 500;  // 5 % of the 10 us that SUMO needs for a vehicle-second
constexpr int kRounds = 5;

double cpu_s() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

fs::path shared() {
  char const* const set = std::getenv("GEMEO_SHARED_DATA");  // NOLINT: one thread
  return set != nullptr ? fs::path(set) : fs::path(GEMEO_SOURCE_DIR) / ".." / "shared";
}

double write_again(fs::path const& file, run_description const& d, network const& net, traveller_table const& t,
                   std::vector<frame> const& frames) {
  result_writer w(file, d, net, t);
  double const begin = cpu_s();
  for (frame const& f : frames) w.append_frame(f);
  run_summary end;
  end.complete = true;
  w.finish(end);
  return cpu_s() - begin;
}

void measure(report& out, fs::path const& folder, fs::path const& run, fs::path const& net_file) {
  result_file const r(run);
  std::vector<frame> frames;
  std::size_t rows = 0;
  double const begin = cpu_s();
  for (std::size_t i = 0; i < r.trajectory_steps(); ++i) {
    trajectory_step s = r.trajectory(i);
    frame f;
    f.time_s = s.time_s;
    f.vehicle = std::move(s.vehicle);
    f.lane = std::move(s.lane);
    f.pos_m = std::move(s.pos_m);
    f.speed_mps = std::move(s.speed_mps);
    rows += f.size();
    frames.push_back(std::move(f));
  }
  auto const n = static_cast<double>(rows);
  double const read_s = cpu_s() - begin;
  auto const net = read_network(net_file);
  run_description const d = r.description();
  traveller_table const t = r.travellers();
  std::vector<double> seconds;
  for (int i = 0; i < kRounds; ++i) seconds.push_back(write_again(folder / "again.h5", d, *net, t, frames));
  run_description none = d;
  none.trajectories = false;
  (void)write_again(folder / "none.h5", none, *net, t, {});
  auto const bytes = static_cast<double>(fs::file_size(folder / "again.h5") - fs::file_size(folder / "none.h5"));
  out.note(fmt::format("acosta: {} vehicle-seconds in {} steps", rows, frames.size()));
  out.add("trajectories", "bytes a vehicle-second on disk", bytes / n, "B", report::goal::kAtMost, kMaxBytes);
  out.add("trajectories", "CPU to write a vehicle-second", bench::median(seconds) / n * 1e9, "ns",
          report::goal::kAtMost, kMaxWrite_ns);
  out.add("trajectories", "CPU to read a vehicle-second", read_s / n * 1e9, "ns");
}

}  // namespace

int main(int argc, char** argv) {
  bench::read_arguments(argc, argv, "Results: writing and reading", [](CLI::App&) {});
  report out;
  fs::path const config = shared() / "bologna/acosta/run.sumocfg";
  if (!fs::exists(config)) {
    out.note("skipped: no shared data (bologna/acosta)");
    return out.finish();
  }
  fs::path const folder = fs::path(GEMEO_BINARY_DIR) / "bench/results";
  fs::remove_all(folder);
  fs::create_directories(folder);
  try {
    process_options options;
    options.folder = folder;
    process_result const p = run_program(
        {GEMEO_BINARY_DIR "/bin/gemeo", "run", config.string(), "--seed", "1", "--trajectories", "-o", "out"}, options);
    if (p.exit_code != 0) throw_run("gemeo run", p.error_output);
    measure(out, folder, folder / "out/acosta/seed_0001.h5", config.parent_path() / "acosta_buslanes.net.xml");
  } catch (error const& e) {
    fmt::print(stderr, "results_bench: {}\n", e.what());
    return 2;
  }
  fs::remove_all(folder);
  return out.finish();
}
