// What a run through gemeo costs beside plain SUMO, in the same minutes on the same machine: runs alternate, CPU times
// are user + system, children included, and the least over the rounds is the figure, as whatever else runs only adds to
// it. The frame hashes of all gemeo runs of a workload must agree, or the figures are of nothing. usage: bench_run
// [--rounds N] [--only s|joined|ensemble]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "sim/core/error.h"
#include "tests/bench/bench.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using bench::report;

namespace {

std::string const kGemeo = GEMEO_BINARY_DIR "/bin/gemeo";
fs::path const kWork = fs::path(GEMEO_BINARY_DIR) / "bench" / "run";

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct workload {
  std::string name;
  fs::path config;
  std::string additional;  // the configuration's own additional files, as -a replaces them
  double interval_s = 900;
};

// Before the names of all files that SUMO writes: up to the root and down into the work folder, for it must not write
// beside the shared configuration, and puts the prefix before a file's name, whatever its folder.
std::string prefix() {
  std::string up;
  for (int i = 0; i < 64; ++i) up += "../";
  return up + fs::absolute(kWork).relative_path().string() + "/";
}

// SUMO's own output of the same aggregates, and nothing it says.
std::vector<std::string> sumo(workload const& w, bool edges, std::string const& seed = "") {
  std::vector<std::string> a{
      "sumo",  "-c", w.config.string(), "--no-step-log", "--no-warnings", "--duration-log.disable", "--output-prefix",
      prefix()};
  fs::path const out = kWork / (w.name + seed + ".edges.xml"), additional = kWork / (w.name + seed + ".add.xml");
  if (edges) {
    std::ofstream(additional) << fmt::format("<additional><edgeData id=\"e\" file=\"{}\" freq=\"{}\"/></additional>\n",
                                             out.filename().string(), w.interval_s);
    a.insert(a.end(), {"-a", (w.additional.empty() ? "" : w.additional + ",") + fs::absolute(additional).string()});
  }
  if (!seed.empty()) a.insert(a.end(), {"--seed", seed});
  return a;
}

std::vector<std::string> gemeo(workload const& w, std::vector<std::string> const& more) {
  std::vector<std::string> a{kGemeo,   "run", w.config.string(),       "--no-emissions",
                             "--json", "-o",  (kWork / "out").string()};
  a.insert(a.end(), more.begin(), more.end());
  return a;
}

// The files that <additional-files> of a configuration names, made absolute.
std::string additional_of(fs::path const& config) {
  std::ifstream in(config);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  std::size_t const at = text.find("<additional-files value=\"");
  if (at == std::string::npos) return "";
  std::size_t const begin = text.find('"', at) + 1;
  std::string names = text.substr(begin, text.find('"', begin) - begin), all;
  for (std::size_t from = 0; from <= names.size();) {
    std::size_t const end = std::min(names.find(',', from), names.size());
    std::size_t const first = names.find_first_not_of(' ', from);
    if (first < end)
      all += (all.empty() ? "" : ",") + (config.parent_path() / names.substr(first, end - first)).string();
    from = end + 1;
  }
  return all;
}

double least(std::vector<double> const& v) { return *std::min_element(v.begin(), v.end()); }

struct times {
  std::vector<double> plain, edges, through, with_trajectories;
  std::set<std::string> frame_hashes;
  double vehicle_updates = 0;
};

void one_gemeo(workload const& w, std::vector<std::string> const& more, std::vector<double>& cpu, times& t) {
  process_result const r = bench::must(gemeo(w, more));
  cpu.push_back(r.cpu_s);
  auto const j = nlohmann::json::parse(r.output);
  t.frame_hashes.insert(j.at("frame_hash").get<std::string>());
  t.vehicle_updates = j.at("vehicle_updates").get<double>();
}

void compare_costs(report& out, workload const& w, int rounds) {
  times t;
  for (int i = 0; i < rounds; ++i) {
    t.plain.push_back(bench::must(sumo(w, false)).cpu_s);
    one_gemeo(w, {"--trajectories"}, t.with_trajectories, t);
    t.edges.push_back(bench::must(sumo(w, true)).cpu_s);
    one_gemeo(w, {}, t.through, t);
  }
  if (t.frame_hashes.size() != 1) throw_run(w.name, "the frame hash differs between runs of one seed");
  std::string const bar = "run.cpu";
  out.note(fmt::format("{}: frame hash {}, {:.1f} M vehicle updates", w.name, *t.frame_hashes.begin(),
                       t.vehicle_updates / 1e6));
  out.add(bar, w.name + ": sumo, no output, CPU", least(t.plain), "s");
  out.add(bar, w.name + ": sumo with edge data as XML, CPU", least(t.edges), "s");
  out.add(bar, w.name + ": gemeo run, CPU", least(t.through), "s");
  out.add(bar, w.name + ": gemeo run --trajectories, CPU", least(t.with_trajectories), "s");
  out.add(bar, w.name + ": gemeo / sumo with edge data", least(t.through) / least(t.edges), "x", report::goal::kAtMost,
          1.10);
  out.add(bar, w.name + ": gemeo --trajectories / sumo", least(t.with_trajectories) / least(t.plain), "x",
          report::goal::kAtMost, 1.35);
}

// Two plain sumo at a time, a new one as soon as one ends: what a person with a shell would do.
double by_hand_s(workload const& w, int seeds) {
  double const start = now_s();
  std::atomic<int> next{1};
  auto const work = [&] {
    for (int s = next++; s <= seeds; s = next++) bench::must(sumo(w, true, std::to_string(s)));
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
  return now_s() - start;
}

void compare_throughput(report& out, workload const& w, int rounds) {
  constexpr int kSeeds = 8;
  std::vector<double> hand, ours;
  for (int i = 0; i < rounds; ++i) {
    hand.push_back(by_hand_s(w, kSeeds));
    double const start = now_s();
    bench::must(gemeo(w, {"--seeds", std::to_string(kSeeds), "-j", "2"}));
    ours.push_back(now_s() - start);
  }
  std::string const bar = "run.many";
  out.add(bar, w.name + ": 8 seeds, two sumo at a time, wall", least(hand), "s");
  out.add(bar, w.name + ": 8 seeds, gemeo run -j 2, wall", least(ours), "s");
  out.add(bar, w.name + ": throughput of gemeo / by hand", least(hand) / least(ours), "x", report::goal::kAtLeast,
          0.90);
}

int run(int rounds, std::string const& only) {
  fs::create_directories(kWork / "out");
  report out;
  if (!fs::exists(bench::shared())) {
    out.note("skipped: no shared data (set GEMEO_SHARED_DATA)");
    return out.finish();
  }
  workload const s{"S", bench::make_grid('S'), "", 900};
  fs::path const joined = fs::canonical(bench::shared() / "bologna/joined/run.sumocfg");
  workload const j{"joined", joined, additional_of(joined), 900};
  if (only.empty() || only == "s") compare_costs(out, s, rounds);
  if (only.empty() || only == "joined") compare_costs(out, j, rounds);
  if (only.empty() || only == "ensemble") compare_throughput(out, j, std::max(1, rounds / 3));
  return out.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return bench::bench_main(argc, argv, "gemeo run beside plain SUMO", 3, {"s", "joined", "ensemble"}, run);
}
