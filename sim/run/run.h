// One run from a compiled scenario to a result file, inside this process: engine, commands in time, aggregates drained
// every interval, frames hashed, trajectories on demand. Ends cleanly when stop_requested() turns true: the file then
// keeps its .partial name, is readable, and says complete = false.
// Thread rule: one run at a time in a process, as libsumo is one per process.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/engine/engine.h"
#include "sim/results/writer.h"

namespace gemeo {

struct run_request {
  std::uint64_t seed = 42;
  std::size_t threads = 1;
  std::string engine = "sumo";
  std::filesystem::path output;  // the result file; its folder exists
  double interval_s = 900;
  bool emissions = true;
  bool trajectories = false;
  double trajectory_interval_s = 1;
  double hash_interval_s = 60;     // a frame is hashed every so often, and at the end
  std::uint64_t input_hash = 0;    // identity of everything the result depends on but the seed; 0: not known
  std::filesystem::path scratch;   // empty: a temporary folder is made and removed again
  std::vector<std::string> log;    // first lines of the result's /log
  std::vector<kpi_row> more_kpis;  // written beside the run's own
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();  // wall_s counts from here
};

struct run_progress {
  double time_s = 0, begin_s = 0, end_s = 0;
  std::int64_t running = 0, arrived = 0, vehicle_updates = 0, backlog = 0, teleports = 0;
};

struct run_report {
  run_description description;
  run_summary summary;
  std::vector<kpi_row> kpis;
  // Over arrived trips, and the distance and speed over all that entered the network.
  double mean_duration_s = 0, mean_time_loss_s = 0, mean_speed_mps = 0, total_distance_m = 0;
  std::filesystem::path result_file;
};

using progress_function = std::function<void(run_progress const&)>;
using stop_function = std::function<bool()>;

std::unique_ptr<engine> make_engine(std::string const& name);  // throws error(kUsage) on an unknown one
std::vector<std::string> engine_names();
void refuse_unsupported(engine const& e, scenario const& s);  // error(kInput) with all that e cannot simulate
run_report run_scenario(scenario const& s, run_request const& r, progress_function const& progress,
                        stop_function const& stop_requested);
// The same on a given engine that has not been loaded yet.
run_report run_scenario(engine& e, scenario const& s, run_request const& r, progress_function const& progress,
                        stop_function const& stop_requested);

// The report as one JSON object, one line, keys as documented in README ("gemeo run --json").
std::string to_json(run_report const& r);
// What to_json would have said of a run, from its finished result file.
run_report report_of(std::filesystem::path const& result_file);

std::string software_version();  // "0.1.0"
std::string software_commit();   // of the sources this was built from, "unknown" outside a repository

}  // namespace gemeo
