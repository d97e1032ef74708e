// The loop of one run: commands before the right tick, one step a tick, what was observed to a sink.
// Nothing here knows files: run_scenario sinks into a result file, the equilibrium into travel times.
// A command of time t is applied before the first tick that starts at or after t.
#pragma once

#include "sim/run/run.h"

namespace gemeo {

class run_sink {
 public:
  virtual ~run_sink() = default;
  virtual void begin(engine const& e) = 0;  // once, before loading; the scenario is supported
  virtual void observed(observations& o, double begin_s, double end_s) = 0;  // each interval, and the rest at the end
  virtual void sampled(frame const& f) = 0;                                  // every frame that is hashed
  virtual void recorded(frame const& f) = 0;                                 // every frame of the trajectories
  virtual void commanded(double time_s, command const& c) = 0;
};

struct loop_result {
  counters total;
  std::uint64_t frame_hash = 0;
  bool complete = false;
};

// o: the options that the engine is loaded with; r: intervals of hashes and trajectories.
loop_result run_loop(engine& e, scenario const& s, run_options const& o, run_request const& r, run_sink& sink,
                     progress_function const& progress, stop_function const& stop_requested);

}  // namespace gemeo
