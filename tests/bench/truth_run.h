// One run of a workload on one engine, reduced to what a comparison of engines looks at, and its file. Each run is a
// process of its own, as libsumo is one simulation per process. SUMO's runs are kept under a name made of the hash of
// everything they depend on (inputs, window, seed), so they outlive changes of our code; engine_tbb's are made anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gemeo::bench {

struct truth_workload {
  std::string name;
  std::filesystem::path file;    // a .sumocfg, or a scenario of a city
  std::vector<std::string> set;  // of a city's scenario
  std::optional<double> begin_s, end_s;
  double window_s = 3600;  // counts, speeds, trips completed and vehicles running are of the first so many seconds
  bool listed = true;      // otherwise given by its file
};

struct truth_trip {
  std::string name;
  double depart_s = 0, duration_s = 0, time_loss_s = 0;
};

struct truth_edge {  // over the window
  std::string name;
  double count = 0, sampled_s = 0, way_m = 0;  // vehicles that entered or began there
};

struct truth_run {
  std::uint64_t seed = 0;
  bool kept = false;     // from an earlier run of SUMO
  std::string hash;      // of the frames, one a minute
  double completed = 0;  // trips, by the window's end
  double teleports = 0, cpu_s = 0;
  std::vector<truth_trip> trips;  // that arrived, by the run's end
  std::vector<truth_edge> edges;  // with traffic
  std::vector<double> running;    // vehicles, once a minute of the window
};

// In a process of its own; engine: "sumo" or "tbb".
truth_run run_apart(truth_workload const& w, std::string const& engine, std::uint64_t seed);
// What that process does: writes the run to a file.
void run_here(truth_workload const& w, std::string const& engine, std::uint64_t seed, std::filesystem::path const& to);

}  // namespace gemeo::bench
