// How true engine_tbb is to SUMO 1.15: the same demand on both, several seeds each, mean of seeds against mean of
// seeds, each figure with its bar. Beside it the floor: by how much SUMO differs from itself, its first half of the
// seeds against its second half, and one of its seeds against the mean of the others; and one seed of engine_tbb
// against SUMO's mean. Nothing here tunes anything. SUMO runs a .sumocfg as it stands, with its own routing and draws.
// usage: bench_truth [--only NAME[,NAME]] [--file X.sumocfg] [--seeds N]     (SUMO's runs are kept in
// build/release/bench/truth/kept)
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/error.h"
#include "tests/bench/arguments.h"
#include "tests/bench/truth_figures.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using namespace gemeo::bench;

namespace {

std::vector<truth_workload> workloads() {
  fs::path const in = shared();
  auto const resco = [&](char const* name) {
    return truth_workload{name, in / "resco" / name / (std::string(name) + ".sumocfg"), {}, {}, {}, 3600};
  };
  fs::path const cascais = fs::path(GEMEO_SOURCE_DIR) / "scenarios/cascais/weekday.toml";
  return {resco("cologne1"),
          resco("cologne3"),
          resco("cologne8"),
          resco("ingolstadt7"),
          {"acosta", in / "bologna/acosta/run.sumocfg", {}, {}, {}, 3600},
          {"joined", in / "bologna/joined/run.sumocfg", {}, {}, {}, 3600},
          {"cascais", cascais, {"routes.informed_share=0"}, 19800, 24300, 4500},
          {"S", {}, {}, {}, {}, 3600},
          {"M", {}, {}, {}, 1200, 1200}};
}

truth_workload ready(truth_workload w) {
  if (w.file.empty()) w.file = make_grid(w.name[0]);
  w.file = fs::canonical(w.file);
  return w;
}

struct sets {
  std::vector<truth_run> sumo, tbb;
};

std::vector<truth_run const*> part(std::vector<truth_run> const& runs, std::size_t first, std::size_t last) {
  std::vector<truth_run const*> out;
  for (std::size_t i = first; i < last; ++i) out.push_back(&runs[i]);
  return out;
}

std::vector<truth_run const*> all_but(std::vector<truth_run> const& runs, std::size_t one) {
  std::vector<truth_run const*> out;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i != one) out.push_back(&runs[i]);
  }
  return out;
}

struct spread {  // of each figure: mean over seeds, without its sign
  std::array<double, kTruthFigures> mean{};
  void add(std::array<double, kTruthFigures> const& f, std::size_t of) {
    for (std::size_t i = 0; i < f.size(); ++i) mean[i] += std::abs(f[i]) / static_cast<double>(of);
  }
};

std::string hashes(std::vector<truth_run> const& runs) {
  std::string out;
  for (truth_run const& r : runs) out += fmt::format(" {}:{}{}", r.seed, r.hash, r.kept ? "(kept)" : "");
  return out;
}

double cpu_s(std::vector<truth_run> const& runs) {
  double sum = 0;
  for (truth_run const& r : runs) sum += r.cpu_s;
  return sum / static_cast<double>(runs.size());
}

// The busiest edges whose counts or speeds are not alike.
void tell_edges(truth_mean const& sumo, truth_mean const& tbb) {
  std::vector<std::pair<double, std::string>> out;
  for (auto const& [name, e] : sumo.edges) {
    auto const found = tbb.edges.find(name);
    truth_mean::edge const o = found == tbb.edges.end() ? truth_mean::edge{} : found->second;
    double const g = geh(e.veh_per_h, o.veh_per_h);
    bool const slow = e.veh_per_h > 50 && std::abs(o.speed_mps / e.speed_mps - 1) > 0.1;
    if (g < 5 && !slow) continue;
    out.emplace_back(
        -std::abs(e.sampled_s / std::max(1e-9, e.speed_mps) * (o.speed_mps - e.speed_mps)) - g,
        fmt::format("  edge {}: SUMO {:.0f} veh/h at {:.2f} m/s, tbb {:.0f} at {:.2f} (GEH {:.1f}, {:+.1f} %)", name,
                    e.veh_per_h, e.speed_mps, o.veh_per_h, o.speed_mps, g, 100 * (o.speed_mps / e.speed_mps - 1)));
  }
  std::sort(out.begin(), out.end());
  if (!out.empty()) fmt::print("# {} edges not alike; those with the most traffic:\n", out.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(out.size(), 8); ++i) fmt::print("# {}\n", out[i].second);
}

char const* verdict(std::size_t i, double value, double halves) {
  if (met(i, value)) return "met";
  return met(i, halves) ? "NOT MET" : "NOT MET (nor by SUMO's halves)";
}

// Returns how many bars were not met; JSON lines go to lines.
int compare(truth_workload const& w, sets const& s, std::string& lines) {
  std::size_t const n = s.sumo.size(), half = n / 2;
  truth_mean const sumo = mean_of(part(s.sumo, 0, n), w.window_s), tbb = mean_of(part(s.tbb, 0, n), w.window_s);
  auto const value = figures_of(sumo, tbb);
  std::array<double, kTruthFigures> halves{};
  halves.fill(NAN);
  spread one_sumo, one_tbb;
  if (n >= 2)
    halves = figures_of(mean_of(part(s.sumo, 0, half), w.window_s), mean_of(part(s.sumo, half, n), w.window_s));
  for (std::size_t i = 0; i < n; ++i) {
    if (n >= 2)
      one_sumo.add(figures_of(mean_of(all_but(s.sumo, i), w.window_s), mean_of(part(s.sumo, i, i + 1), w.window_s)), n);
    one_tbb.add(figures_of(sumo, mean_of(part(s.tbb, i, i + 1), w.window_s)), n);
  }
  fmt::print(
      "== {}: {} seeds on each engine; floor: SUMO's seeds 1-{} against {}-{}; one seed of SUMO against the mean of "
      "the others\n",
      w.name, n, half, half + 1, n);
  fmt::print("# frame hashes, SUMO{}\n# frame hashes, tbb {}\n", hashes(s.sumo), hashes(s.tbb));
  fmt::print("# CPU s a run: SUMO {:.1f}, tbb {:.1f}; teleports a run: SUMO {:.1f}, tbb {:.1f}\n", cpu_s(s.sumo),
             cpu_s(s.tbb), sumo.teleports, tbb.teleports);
  fmt::print("{:<36} {:>9} {:>9} {:>9} {:>8}  {:<31} {:>9} {:>9} {:>9}\n", "", "SUMO", "tbb", "figure", "bar", "",
             "halves", "one SUMO", "one tbb");
  int missed = 0;
  for (std::size_t i = 0; i < kTruthFigures; ++i) {
    truth_bar const& b = kTruthBars[i];
    auto const plain = [](double x) { return std::isnan(x) ? std::string() : fmt::format("{:.1f}", x); };
    missed += met(i, value[i]) ? 0 : 1;
    fmt::print("{:<36} {:>9} {:>9} {:>7.2f} % {:>8}  {:<31} {:>7.2f} % {:>7.2f} % {:>7.2f} %\n", b.name,
               plain(value_of(i, sumo)), plain(value_of(i, tbb)), value[i],
               fmt::format("{} {:g} %", b.at_least ? ">=" : "<=", b.bar), verdict(i, value[i], halves[i]), halves[i],
               one_sumo.mean[i], one_tbb.mean[i]);
    nlohmann::ordered_json j{{"bar", "truth"}, {"name", w.name + ": " + b.name}, {"value", value[i]}, {"unit", "%"}};
    j["target"] = b.bar;
    j["ok"] = met(i, value[i]);
    j["sumo"] = value_of(i, sumo);
    j["tbb"] = value_of(i, tbb);
    j["floor_halves"] = halves[i];
    j["floor_one_sumo"] = one_sumo.mean[i];
    j["one_tbb"] = one_tbb.mean[i];
    j["seeds"] = n;
    lines += j.dump() + "\n";
  }
  tell_edges(sumo, tbb);
  std::fflush(stdout);
  return missed;
}

truth_workload named(std::string const& name) {
  for (truth_workload const& w : workloads()) {
    if (w.name == name) return w;
  }
  return {fs::path(name).stem().string(), name, {}, {}, {}, 3600, false};  // a .sumocfg: its first hour
}

struct asked {
  std::vector<std::string> only;  // names of workloads, or a .sumocfg
  std::uint64_t seeds = 10;
};

std::vector<truth_workload> chosen(std::vector<std::string> const& only) {
  if (only.empty()) return workloads();
  std::vector<truth_workload> out;
  for (std::string const& name : only) out.push_back(named(name));
  return out;
}

int run(asked const& a) {
  if (!fs::exists(shared())) {
    fmt::print("# skipped: no shared data (set GEMEO_SHARED_DATA)\n");
    return 0;
  }
  std::string lines;
  int missed = 0;
  for (truth_workload const& listed : chosen(a.only)) {
    truth_workload const w = ready(listed);
    sets s;
    for (std::uint64_t seed = 1; seed <= a.seeds; ++seed) {
      s.sumo.push_back(run_apart(w, "sumo", seed));
      s.tbb.push_back(run_apart(w, "tbb", seed));
      fmt::print(stderr, "bench_truth: {}: seed {} of {} done\n", w.name, seed, a.seeds);
    }
    missed += compare(w, s, lines);
  }
  fmt::print("{}", lines);
  return missed > 0 ? 1 : 0;
}

asked read_options(int argc, char** argv) {
  asked out;
  std::vector<std::string> known, files;
  for (truth_workload const& w : workloads()) known.push_back(w.name);
  read_arguments(argc, argv, "How true engine_tbb is to SUMO", [&](CLI::App& a) {
    a.add_option("--only", out.only, "several with commas")->delimiter(',')->check(CLI::IsMember(known));
    a.add_option("--file", files, "a .sumocfg: its first hour")
        ->check(CLI::ExistingFile)
        ->check([](std::string const& f) { return f.ends_with(".sumocfg") ? "" : "not a .sumocfg: " + f; });
    a.add_option("--seeds", out.seeds, "of each engine")->check(CLI::PositiveNumber);
  });
  for (std::string const& file : files) out.only.push_back(fs::canonical(file).string());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const a(argv + 1, argv + argc);
  try {
    if (a.size() == 5 && a[0] == "--run") {  // one run, in a process that the benchmark started
      run_here(ready(named(a[1])), a[2], std::strtoull(a[3].c_str(), nullptr, 10), a[4]);
      return 0;
    }
    return run(read_options(argc, argv));
  } catch (std::exception const& e) {
    fmt::print(stderr, "{}: {}\n", argv[0], e.what());
    return 1;
  }
}
