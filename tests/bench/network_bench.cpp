// Reading a large network: the Porto extract of the shared data, imported once with footways and kept in the build
// folder; SUMO's own load of the same file stands beside it. Each reading is a process of its own (--read FILE),
// measured whole: its peak memory is that of reading and nothing else. usage: bench_network [--rounds N]
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "sim/core/error.h"
#include "sim/core/process.h"
#include "sim/network/network.h"
#include "sim/network/projection.h"
#include "sim/network/spatial_index.h"
#include "sim/network/validate.h"
#include "tests/bench/arguments.h"
#include "tests/bench/bench.h"

namespace fs = std::filesystem;
using namespace gemeo;
using bench::report;

namespace {

constexpr double kMaxRead_s = 3, kMaxPeak_mb = 400, kLeastEdges = 100'000;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

fs::path shared() {
  char const* const set = std::getenv("GEMEO_SHARED_DATA");  // NOLINT: one thread
  return set != nullptr ? fs::path(set) : fs::path(GEMEO_SOURCE_DIR) / ".." / "shared";
}

// In the child: wall seconds of each step, and what was read, as one line.
int read_one(char const* file) {
  double const t0 = now_s();
  auto const net = read_network(file);
  double const t1 = now_s();
  std::size_t const findings = validate(*net).size();
  double const t2 = now_s();
  spatial_index const index(*net);
  double const t3 = now_s();
  fmt::print("{} {} {} {} {} {} {}\n", t1 - t0, t2 - t1, t3 - t2, net->edge_count(), net->lane_count(),
             summarise(*net).edges, findings);
  return 0;
}

process_result must(std::vector<std::string> const& arguments) {
  process_options o;
  o.environment = {{"SUMO_HOME", "/usr/share/sumo"}};
  process_result r = run_program(arguments, o);
  if (!r.ok()) throw_run(arguments[0], "failed with " + describe(r) + ": " + r.error_output);
  return r;
}

int measure(int rounds) {
  report out;
  fs::path const source = shared() / "osm/porto_portugal.osm.pbf";
  if (!fs::exists(source)) {
    out.note("skipped: no " + source.string());
    return out.finish();
  }
  fs::path const folder = fs::path(GEMEO_BINARY_DIR) / "bench" / "porto";
  fs::path const packed = folder / "net.net.xml.gz";
  if (!fs::exists(packed)) {
    out.note("importing Porto once into " + folder.string());
    double const begin = now_s();
    process_result const r = must({GEMEO_BINARY_DIR "/bin/gemeo", "import", source.string(), "-o", folder.string(),
                                   "--footways", "--force", "--json"});
    out.add("network.import", "Porto, 47,121 ways, wall time", now_s() - begin, "s");
    out.add("network.import", "Porto, peak memory of gemeo and netconvert", static_cast<double>(r.peak_rss_bytes) / 1e6,
            "MB");
  }
  std::vector<double> read, cpu, peak, check, grid, sumo_wall, sumo_cpu, sumo_peak;
  double edges = 0, all_edges = 0;
  for (int i = 0; i < rounds; ++i) {
    process_result const r = must({own_executable().string(), "--read", packed.string()});
    double read_s = 0, validate_s = 0, index_s = 0, inner = 0, lanes = 0, normal = 0;
    if (std::sscanf(r.output.c_str(), "%lf %lf %lf %lf %lf %lf", &read_s, &validate_s, &index_s, &inner, &lanes,
                    &normal) != 6) {
      throw_run("bench_network --read", "said something else: " + r.output);
    }
    read.push_back(read_s);
    check.push_back(validate_s);
    grid.push_back(index_s);
    cpu.push_back(r.cpu_s);
    peak.push_back(static_cast<double>(r.peak_rss_bytes) / 1e6);
    edges = normal;
    all_edges = inner;
    double const begin = now_s();
    process_result const s =
        must({"sumo", "-n", packed.string(), "--end", "0", "--no-step-log", "--no-warnings", "--duration-log.disable"});
    sumo_wall.push_back(now_s() - begin);
    sumo_cpu.push_back(s.cpu_s);
    sumo_peak.push_back(static_cast<double>(s.peak_rss_bytes) / 1e6);
  }
  out.add("network.size", "Porto: edges", edges, "edges", report::goal::kAtLeast, kLeastEdges);
  out.add("network.size", "Porto: edges with those inside junctions", all_edges, "edges");
  out.add("network.read", "Porto: read_network, gzip, wall time", bench::median(read), "s", report::goal::kAtMost,
          kMaxRead_s);
  out.add("network.read", "Porto: peak memory of the process", bench::median(peak), "MB", report::goal::kAtMost,
          kMaxPeak_mb);
  out.add("network.read", "Porto: CPU time of the process, with the two below", bench::median(cpu), "s");
  out.add("network.validate", "Porto: validate, wall time", bench::median(check), "s");
  out.add("network.index", "Porto: spatial index, wall time", bench::median(grid), "s");
  out.add("yardstick", "Porto: sumo -n --end 0, wall time", bench::median(sumo_wall), "s");
  out.add("yardstick", "Porto: sumo -n --end 0, CPU time", bench::median(sumo_cpu), "s");
  out.add("yardstick", "Porto: sumo -n --end 0, peak memory", bench::median(sumo_peak), "MB");
  return out.finish();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int rounds = 3;
    std::string read;
    bench::read_arguments(argc, argv, "Reading networks", [&](CLI::App& a) {
      a.add_option("--rounds", rounds, "medians are of so many")->check(CLI::PositiveNumber);
      a.add_option("--read", read, "a network to read once, for the bench itself");
    });
    return read.empty() ? measure(rounds) : read_one(read.c_str());
  } catch (error const& e) {
    fmt::print(stderr, "bench_network: {}\n", e.what());
    return 1;
  }
}
