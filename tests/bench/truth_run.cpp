#include "tests/bench/truth_run.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/run/loop.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/sumo_config.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;

namespace gemeo::bench {

namespace {

constexpr int kFormat = 1;  // of the files of runs, in their keys
fs::path const kFolder = fs::path(GEMEO_BINARY_DIR) / "bench" / "truth";

class collector : public run_sink {
 public:
  collector(scenario const& s, double window_s, truth_run& to) : s_(s), until_s_(s.begin_s + window_s), to_(to) {}
  void begin(engine const&) override {}
  void observed(observations& o, double, double) override {
    names_.insert(names_.end(), o.new_vehicle_names.begin(), o.new_vehicle_names.end());
    for (edge_interval const& i : o.edges) add(i);
    for (trip_record const& t : o.trips) add(t);
  }
  void sampled(frame const& f) override {
    if (f.time_s <= until_s_ + kTimeTolerance_s) to_.running.push_back(static_cast<double>(f.size()));
  }
  void recorded(frame const&) override {}
  void commanded(double, command const&) override {}

  void finish() {
    for (auto& [trip, at] : unnamed_) {
      std::size_t const known = s_.travellers->size();
      to_.trips[at].name = trip < known ? s_.travellers->vehicles.name[vehicle_id(trip)] : names_.at(trip - known);
    }
    for (std::uint32_t e = 0; e < sums_.size(); ++e) {
      if (sums_[e].count == 0 && sums_[e].sampled_s == 0) continue;
      sums_[e].name = s_.net->edges.name[edge_id(e)];
      to_.edges.push_back(sums_[e]);
    }
  }

 private:
  void add(edge_interval const& i) {
    if (i.end_s > until_s_ + kTimeTolerance_s) return;
    sums_.resize(s_.net->edge_count());
    for (std::size_t k = 0; k < i.size(); ++k) {
      truth_edge& e = sums_[i.edge[k].index()];
      e.count += double(i.entered[k]) + double(i.departed[k]);
      e.sampled_s += double(i.sampled_s[k]);
      if (i.sampled_s[k] > 0) e.way_m += double(i.sampled_s[k]) * double(i.speed_mps[k]);
    }
  }
  void add(trip_record const& t) {
    if (t.state != trip_state::kArrived) return;
    to_.completed += t.arrival_s <= until_s_ + kTimeTolerance_s ? 1 : 0;
    unnamed_.emplace_back(t.vehicle.index(), to_.trips.size());
    to_.trips.push_back({"", t.depart_s, t.duration_s, t.time_loss_s});
  }

  scenario const& s_;
  double until_s_;
  truth_run& to_;
  std::vector<truth_edge> sums_;
  std::vector<std::string> names_;
  std::vector<std::pair<std::size_t, std::size_t>> unnamed_;
};

scenario open(truth_workload const& w, std::string const& engine, std::uint64_t seed) {
  compile_options o;
  o.set = w.set;
  o.seed = seed;
  o.threads = 1;
  o.begin_s = w.begin_s;
  o.end_s = w.end_s;
  if (!is_sumo_config(w.file)) return compile_scenario(w.file, o).ready;
  return engine == "sumo" ? open_sumo_config(w.file, o) : read_sumo_scenario(w.file, o).ready;
}

// Of everything a run of SUMO depends on: the files as they are, or the scenario that was made of them.
std::uint64_t key_of(truth_workload const& w, scenario const& s, std::uint64_t seed) {
  hasher h;
  h.add_value(kFormat);
  h.add_value(seed);
  for (double const x : {s.begin_s, s.end_s, s.step_s, w.window_s}) h.add_value(x);
  if (s.sumo_config.empty()) {
    h.add_value(scenario_hash(s));
  } else {
    for (fs::path const& f : read_outline(w.file, {}).inputs) h.add_value(hash_file(f));
  }
  return h.value();
}

void write(truth_run const& r, fs::path const& file) {
  std::string text = fmt::format("run {} {} {} {}\n", r.hash, r.completed, r.teleports, r.cpu_s);
  for (truth_trip const& t : r.trips)
    text += fmt::format("trip {} {} {} {}\n", t.depart_s, t.duration_s, t.time_loss_s, t.name);
  for (truth_edge const& e : r.edges) text += fmt::format("edge {} {} {} {}\n", e.count, e.sampled_s, e.way_m, e.name);
  for (double const n : r.running) text += fmt::format("running {}\n", n);
  fs::path const unfinished = file.string() + ".partial";
  write_text_file(unfinished, text + "end\n");
  fs::rename(unfinished, file);
}

truth_run read(fs::path const& file) {
  truth_run r;
  std::ifstream in(file);
  std::string line, what;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    words >> what;
    if (what == "run") {
      words >> r.hash >> r.completed >> r.teleports >> r.cpu_s;
    } else if (what == "trip") {
      truth_trip& t = r.trips.emplace_back();
      std::getline(words >> t.depart_s >> t.duration_s >> t.time_loss_s >> std::ws, t.name);
    } else if (what == "edge") {
      truth_edge& e = r.edges.emplace_back();
      std::getline(words >> e.count >> e.sampled_s >> e.way_m >> std::ws, e.name);
    } else if (what == "running") {
      words >> r.running.emplace_back();
    } else if (what == "kept") {
      r.kept = true;
    }
    if (words.fail()) throw_run(file.string(), "holds no run: " + line);
  }
  if (what != "end") throw_run(file.string(), "is not whole");
  return r;
}

double cpu_s() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  auto const s = [](timeval const& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return s(u.ru_utime) + s(u.ru_stime);
}

truth_run simulate(truth_workload const& w, scenario const& s, std::string const& engine, std::uint64_t seed) {
  fs::path const scratch = kFolder / fmt::format("scratch-{}", getpid());
  fs::create_directories(scratch);
  run_request request;
  request.seed = seed;
  run_options o;
  o.seed = seed;
  o.emissions = false;
  o.interval_s = request.interval_s = 300;
  o.scratch = scratch;
  truth_run r;
  r.seed = seed;
  collector sink(s, w.window_s, r);
  auto const e = make_engine(engine);
  double const before = cpu_s();
  loop_result const result = run_loop(*e, s, o, request, sink, {}, {});
  r.cpu_s = cpu_s() - before;
  r.hash = to_hex(result.frame_hash);
  r.teleports = static_cast<double>(result.total.teleports);
  sink.finish();
  fs::remove_all(scratch);
  return r;
}

}  // namespace

void run_here(truth_workload const& w, std::string const& engine, std::uint64_t seed, fs::path const& to) {
  scenario const s = open(w, engine, seed);
  fs::remove(to);
  if (engine != "sumo") return write(simulate(w, s, engine, seed), to);
  fs::path const kept = kFolder / "kept" / fmt::format("{}.{}.{}", w.name, seed, to_hex(key_of(w, s, seed)));
  bool const there = fs::exists(kept);
  if (!there) {
    fs::create_directories(kept.parent_path());
    write(simulate(w, s, engine, seed), kept);
  }
  write_text_file(to, (there ? "kept\n" : "") + read_text_file(kept));
}

truth_run run_apart(truth_workload const& w, std::string const& engine, std::uint64_t seed) {
  fs::create_directories(kFolder);
  fs::path const to = kFolder / fmt::format("{}.{}.{}", w.name, engine, seed);
  must({own_executable().string(), "--run", w.listed ? w.name : w.file.string(), engine, std::to_string(seed),
        to.string()});
  truth_run r = read(to);
  r.seed = seed;
  return r;
}

}  // namespace gemeo::bench
