#include "sim/run/identity.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/results/reader.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// The scenario's own name; most published SUMO scenarios are called run.sumocfg, and their folder is what tells them
// apart.
std::string folder_name(fs::path const& scenario) {
  std::error_code ec;
  bool const nameless = is_sumo_config(scenario) && scenario.stem() == "run";
  std::string const parent = nameless ? fs::weakly_canonical(scenario, ec).parent_path().filename().string() : "";
  return parent.empty() ? scenario.stem().string() : parent;
}

// The file tells its recorded steps, not how often it was asked for them; a step is late by less than a tick.
std::string other_steps(std::vector<double> const& times, double tick_s, double want_s) {
  if (times.size() < 2) return {};
  auto const n = static_cast<double>(times.size() - 1);
  double const have_s = (times.back() - times.front()) / n;
  if (std::abs(have_s - std::max(want_s, tick_s)) <= tick_s / n + 1e-9) return {};
  return fmt::format("trajectories every {:.3g} s, not {:.3g} s", have_s, want_s);
}

}  // namespace

input_identity identify(fs::path const& scenario, std::vector<std::string> const& set, std::optional<double> begin_s,
                        std::optional<double> end_s) {
  compile_options c;
  c.set = set;
  c.begin_s = begin_s;
  c.end_s = end_s;
  scenario_outline const o = read_outline(scenario, c);
  hasher h;
  h.add_value(hash_bytes(o.effective_config.data(), o.effective_config.size()));
  for (fs::path const& f : o.inputs) {
    std::string const name = f.filename().string();
    h.add_value(hash_bytes(name.data(), name.size()));
    h.add_value(hash_file(f));
  }
  h.add_value(o.begin_s);
  h.add_value(o.end_s);
  return {folder_name(scenario), h.value(), o.seed, o.warm_up_s};
}

std::string difference(result_file const& file, run_request const& want) {
  run_description const have = file.description();
  if (have.engine != want.engine) return fmt::format("engine {}, not {}", have.engine, want.engine);
  if (have.seed != want.seed) return fmt::format("seed {}, not {}", have.seed, want.seed);
  if (have.interval_s != want.interval_s) {
    return fmt::format("intervals of {} s, not {} s", have.interval_s, want.interval_s);
  }
  if (have.emissions != want.emissions) return have.emissions ? "with emissions" : "without emissions";
  if (have.trajectories != want.trajectories) return have.trajectories ? "with trajectories" : "without trajectories";
  if (have.trajectories) {
    std::string const steps = other_steps(file.trajectory_times(), have.step_s, want.trajectory_interval_s);
    if (!steps.empty()) return steps;
  }
  if (have.input_hash != want.input_hash) {
    return fmt::format("the scenario or one of its input files has changed since (input hash {}, now {})",
                       to_hex(have.input_hash), to_hex(want.input_hash));
  }
  return {};
}

}  // namespace gemeo
