// One run from a compiled scenario to a result file, inside this process: engine, commands in time, aggregates drained
// every interval, frames hashed, trajectories on demand. Ends cleanly when stop_requested() turns true.
#pragma once

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
  std::filesystem::path output;            // the result file; its folder exists
  double interval_s = 900;
  bool emissions = true;
  bool trajectories = false;
  double trajectory_interval_s = 1;
  double hash_interval_s = 60;             // a frame is hashed every so often, and at the end
};

struct run_progress {
  double time_s = 0, begin_s = 0, end_s = 0;
  std::int64_t running = 0, arrived = 0, vehicle_updates = 0;
};

struct run_report {
  run_description description;
  run_summary summary;
  std::vector<kpi_row> kpis;
  double mean_duration_s = 0, mean_time_loss_s = 0, mean_speed_mps = 0, total_distance_m = 0;
  std::filesystem::path result_file;
};

std::unique_ptr<engine> make_engine(std::string const& name);   // throws error(kUsage) on an unknown one
run_report run_scenario(scenario const& s, run_request const& r, std::function<void(run_progress const&)> const& progress,
                        std::function<bool()> const& stop_requested);

// The report as one JSON object, one line, keys as documented in README ("gemeo run --json").
std::string to_json(run_report const& r);

}  // namespace gemeo
