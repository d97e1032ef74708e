// A run in a process of its own: libsumo is one per process and may crash or exit it.
// Parent and worker speak JSON: the request on the worker's standard input, progress and the report as lines on its
// file descriptor 3; what SUMO prints is kept for the message of a failure. Thread rule: run_worker from any number of
// threads; serve_worker is a process's main.
#pragma once

#include <atomic>
#include <optional>

#include "sim/core/error.h"
#include "sim/run/run.h"
#include "sim/scenario/compile.h"

namespace gemeo {

struct worker_request {
  std::filesystem::path scenario;  // .toml or .sumocfg
  std::vector<std::string> set;
  std::optional<double> begin_s, end_s;
  std::size_t planning_threads = 1;  // for drawing and routing the demand
  run_request run;
};

struct worker_progress {
  std::string stage;  // "preparing", "equilibrium", "simulating"
  run_progress run;
};

struct worker_outcome {
  enum class state { kDone, kInterrupted, kFailed };
  state how = state::kFailed;
  std::string report;  // JSON, as to_json; empty when failed
  error_kind kind = error_kind::kRun;
  std::string message;  // of a failure, without the seed
  std::string caution;  // what the city says of its data; may be empty
  std::vector<std::string> notes;
};

// Loads what a worker runs; a .sumocfg becomes a compiled scenario without interventions.
compiled load_scenario(worker_request const& r);

char const* name_of(error_kind k);  // "usage", "input", "run"
std::string to_json(worker_request const& r);
worker_request parse_worker_request(std::string const& json);  // throws error(kUsage)

// signal: as process_options::signal_to_send.
worker_outcome run_worker(std::filesystem::path const& executable, worker_request const& r,
                          std::function<void(worker_progress const&)> const& progress,
                          std::function<int()> const& signal);

// The hidden verb `gemeo worker`: request from standard input, answers to the channel. Gives the exit code.
int serve_worker(std::string const& request, int channel);

}  // namespace gemeo
