// THE SEAM between the project and the engines that move vehicles; interface only.
// Rules: no string ids, no libsumo, no TBB types cross it (names of vehicles an engine makes itself come as data in
// observations); unsupported() refuses loudly; apply() is the only way to change a running world; one call of step()
// is exactly one tick. A recording is scenario + seed + command log.
// Thread rule: one thread calls; an engine may use more inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sim/core/command.h"
#include "sim/core/frame.h"
#include "sim/core/observations.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct engine_info {
  std::string name;     // "sumo"
  std::string version;  // "1.15.0"
  std::vector<std::string> capabilities;
};

struct run_options {
  std::uint64_t seed = 42;
  std::size_t threads = 1;
  double interval_s = 900;  // length of aggregate intervals
  bool emissions = true;
  bool trips = true;
  bool queues = true;
  bool crossings = false;         // who passes which of the scenario's detectors, one by one
  std::filesystem::path scratch;  // an existing empty folder of this run alone
};

struct snapshot {
  std::int64_t tick = 0;
  std::vector<std::byte> bytes;
};

class engine {
 public:
  virtual ~engine() = default;
  [[nodiscard]] virtual engine_info info() const = 0;
  // One line for each element of the scenario that this engine cannot simulate; empty when it can do all.
  [[nodiscard]] virtual std::vector<std::string> unsupported(scenario const& s) const = 0;
  virtual void load(scenario const& s, run_options const& o) = 0;
  virtual void apply(std::span<command const> commands) = 0;
  virtual void step() = 0;
  virtual void observe(frame& f) = 0;          // fills f, sorted by vehicle id
  [[nodiscard]] virtual counters count() = 0;  // cheap; every tick
  [[nodiscard]] virtual bool done() = 0;       // end time reached, or nothing left to simulate where no end is set
  // Moves what has been finished since the last call into o (appended).
  virtual void drain(observations& o) = 0;
  // Ends the run, also early: afterwards one last drain() gives the rest (unfinished trips, the cut last interval).
  virtual void finish() = 0;
  virtual void save(snapshot& s) = 0;
  virtual void restore(snapshot const& s) = 0;
};

}  // namespace gemeo
