// What a vehicle update costs in engine_tbb, on one thread and on two, beside plain SUMO in the same minutes on the
// same machine. CPU times are user + system, of the simulation only: SUMO's reading of its files, measured by a run
// that ends where it begins, is taken off; the engine is timed from its first tick. An update is one vehicle in one
// tick. The hashes of the last frames must agree between threads and rounds, or the figures are of nothing. usage:
// bench_engine [--rounds N] [--only S|M|L]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include "sim/core/hash.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "sim/scenario/compile.h"
#include "tests/bench/bench.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using bench::median;
using bench::report;

namespace {

struct workload {
  char size;
  double end_s;  // M and L jam after a while, and jams are chaotic
  double times_sumo;
};

struct cost {
  double cpu_s = 0, wall_s = 0, updates = 0;
  [[nodiscard]] double rate() const { return updates / cpu_s; }
};

double cpu_s() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  auto const s = [](timeval const& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return s(u.ru_utime) + s(u.ru_stime);
}

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The figure behind a name in what `sumo --duration-log.statistics` prints.
double figure(std::string const& text, std::string const& name) {
  std::size_t const at = text.find(name);
  if (at == std::string::npos) throw_run("sumo", "printed no '" + name + "'");
  return std::strtod(text.c_str() + at + name.size(), nullptr);
}

cost one_sumo(fs::path const& config, double end_s) {
  auto const until = [&](double end) {
    return bench::must({"sumo", "-c", config.string(), "--end", fmt::format("{}", end), "--no-step-log",
                        "--no-warnings", "--duration-log.statistics"});
  };
  process_result const reading = until(1), whole = until(end_s);
  cost c;
  c.cpu_s = whole.cpu_s - reading.cpu_s;
  std::string const said = whole.output + whole.error_output;
  c.updates = figure(said, "UPS: ") * figure(said, "Duration: ");
  return c;
}

struct own_run {
  cost c;
  std::string hash;
  counters total;
  std::vector<stage_cost> stages;
  engine_memory memory{};
};

own_run one_own(scenario const& s, std::size_t threads) {
  auto const e = make_engine_tbb();
  run_options o;
  o.threads = threads;
  o.emissions = false;
  e->load(s, o);
  own_run r;
  double const cpu = cpu_s(), wall = now_s();
  observations seen;
  while (!e->done()) {
    e->step();
    seen.clear();
    e->drain(seen);
  }
  r.c.cpu_s = cpu_s() - cpu;
  r.c.wall_s = now_s() - wall;
  r.total = e->count();
  r.c.updates = static_cast<double>(r.total.vehicle_updates);
  r.stages = stage_costs(*e);
  r.memory = memory_of(*e);
  frame last;
  e->observe(last);
  r.hash = to_hex(hash_frame(last));
  return r;
}

void add_stages(report& out, std::string const& name, own_run const& one, own_run const& two) {
  double serial = 0, all = 0;
  for (stage_cost const& s : one.stages) {
    all += s.wall_s;
    serial += s.parallel ? 0 : s.wall_s;
  }
  for (std::size_t i = 0; i < one.stages.size(); ++i) {
    stage_cost const& s = one.stages[i];
    out.add("engine.stage", fmt::format("{}: {}{}, of one thread's time", name, s.name, s.parallel ? "" : " (serial)"),
            100 * s.wall_s / all, "%");
    if (s.parallel && two.stages[i].wall_s > 0)
      out.add("engine.stage", fmt::format("{}: {}, one thread / two, wall", name, s.name),
              s.wall_s / two.stages[i].wall_s, "x");
  }
  double const share = serial / all;
  out.add("engine.scale", name + ": serial share of one thread's time", 100 * share, "%");
  for (int const cores : {16, 64}) {  // Amdahl (1967), with the parallel stages perfectly balanced: an upper bound
    out.add("engine.scale", fmt::format("{}: at most on {} cores", name, cores), 1 / (share + (1 - share) / cores),
            "x");
  }
}

void compare(report& out, workload const& w, int rounds) {
  std::string const name(1, w.size);
  fs::path const config = bench::make_grid(w.size);
  scenario s = read_sumo_scenario(config).ready;
  s.end_s = std::min(s.end_s, s.begin_s + w.end_s);
  std::vector<double> sumo, one, two, faster;
  std::set<std::string> hashes;
  own_run first, second;
  for (int i = 0; i < rounds; ++i) {
    sumo.push_back(one_sumo(config, s.end_s).rate());
    first = one_own(s, 1);
    second = one_own(s, 2);
    one.push_back(first.c.rate());
    two.push_back(second.c.rate());
    faster.push_back(first.c.wall_s / second.c.wall_s);
    hashes.insert({first.hash, second.hash});
  }
  if (hashes.size() != 1) throw_run(name, "the frame hash differs between threads or runs");
  out.note(fmt::format(
      "{}: hash of the last frame {}, {:.1f} M updates, {} running, {} arrived, {} teleports, medians of {}", name,
      *hashes.begin(), first.c.updates / 1e6, first.total.running, first.total.arrived, first.total.teleports, rounds));
  using goal = report::goal;
  out.add("engine.cpu", name + ": sumo, updates per CPU second", median(sumo) / 1e6, "M/s");
  out.add("engine.cpu", name + ": tbb, one thread, updates per CPU second", median(one) / 1e6, "M/s", goal::kAtLeast,
          5);
  out.add("engine.cpu", name + ": tbb, two threads, updates per CPU second", median(two) / 1e6, "M/s");
  out.add("engine.cpu", name + ": tbb / sumo, one thread, CPU", median(one) / median(sumo), "x", goal::kAtLeast,
          w.times_sumo);
  bool const big = w.size != 'S';
  out.add("engine.two", name + ": two threads / one, wall", median(faster), "x", big ? goal::kAtLeast : goal::kNone,
          big ? 1.8 : NAN);
  out.add("engine.memory", name + ": tbb, bytes a running vehicle",
          static_cast<double>(first.memory.vehicles) / static_cast<double>(first.total.running), "B", goal::kAtMost,
          200);
  out.add("engine.memory", name + ": tbb, two threads, bytes a running vehicle",
          static_cast<double>(second.memory.vehicles) / static_cast<double>(second.total.running), "B", goal::kAtMost,
          200);
  out.add("engine.memory", name + ": tbb, bytes a lane beyond the network",
          static_cast<double>(first.memory.lanes) / static_cast<double>(s.net->lane_count()), "B", goal::kAtMost, 600);
  add_stages(out, name, first, second);
}

int run(int rounds, std::string const& only) {
  report out;
  if (!fs::exists(bench::shared())) {
    out.note("skipped: no shared data (set GEMEO_SHARED_DATA)");
    return out.finish();
  }
  for (workload const& w : {workload{'S', 3600, 40}, workload{'M', 1200, 100}, workload{'L', 300, 40}}) {
    if (only.empty() || only == std::string(1, w.size)) compare(out, w, rounds);
  }
  return out.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return bench::bench_main(argc, argv, "engine_tbb beside SUMO: speed, threads, memory", 5, {"S", "M", "L"}, run);
}
