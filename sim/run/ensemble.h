// Many seeds of one scenario: N worker processes at a time from a TBB arena, each writing FOLDER/NAME/seed_0042.h5.
// A failed worker harms no other; --resume keeps complete results of the same configuration; a stop lets workers end
// their runs in readable files, a second one kills them.
// Thread rule: observer functions are called by one thread at a time.
#pragma once

#include "sim/run/worker.h"

namespace gemeo {

struct ensemble_request {
  worker_request worker;             // as for one run; seed, output and scratch are set for each
  std::vector<std::uint64_t> seeds;  // none twice; empty: the scenario's own
  std::size_t jobs = 0;              // 0: as many as there are processors
  std::filesystem::path folder = "out";
  bool resume = false;
  std::filesystem::path executable;  // of the workers; empty: this one
};

struct seed_result {
  enum class state { kDone, kKept, kInterrupted, kFailed, kNotStarted };
  std::uint64_t seed = 0;
  state how = state::kNotStarted;
  std::string report;  // JSON, as to_json(run_report); empty without a result
  error_kind kind = error_kind::kRun;
  std::string message;  // of a failure
  std::string caution;  // what the city says of its data; may be empty
  std::vector<std::string> notes;
};

struct ensemble_progress {
  std::size_t seeds = 0, done = 0, failed = 0, running = 0;
  double fraction = 0;  // of the work, by simulated time; 0 where no end is known
  double simulated_s = 0;
  std::int64_t vehicle_updates = 0;
  std::int64_t on_road = 0, waiting = 0, teleports = 0;  // of the runs at work
  std::string stage;  // of the run that is furthest behind: "preparing", "equilibrium", "simulating"
};

struct ensemble_observer {
  std::function<void(ensemble_progress const&)> progress;
  std::function<void(seed_result const&)> result;  // in order of the seeds, as soon as all before it are there
};

struct ensemble_report {
  std::string name;
  std::filesystem::path folder, ensemble_file;  // ensemble_file: empty when fewer than two runs are complete
  std::vector<seed_result> seeds;
  std::vector<std::string> notes;
  bool interrupted = false;
  [[nodiscard]] int exit_code() const;  // 0 all complete, 2 bad input or usage, else 1
};

// "20" as a count is 1..20; "3,7,9" or "5-8,12" as they are. Throws error(kUsage).
std::vector<std::uint64_t> parse_seeds(std::string const& text);
std::uint64_t parse_seed(std::string const& text);  // one, as it is

std::filesystem::path result_path(std::filesystem::path const& folder, std::string const& scenario, std::uint64_t seed);

// Whether the warm-up ends with an interval. Queues and emissions by zone are counted by interval: one that holds the
// end of the warm-up would be left out whole.
bool divides_warm_up(double warm_up_s, double interval_s);

// stop: how often the user has asked to end; asked from the threads of all workers.
ensemble_report run_ensemble(ensemble_request const& r, ensemble_observer const& o, std::function<int()> const& stop);

}  // namespace gemeo
