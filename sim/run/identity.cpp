#include "sim/run/identity.h"

#include <fmt/core.h>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/scenario/compile.h"

namespace gemeo {

input_identity identify(std::filesystem::path const& scenario, std::vector<std::string> const& set,
                        std::optional<double> begin_s, std::optional<double> end_s) {
  scenario_outline const outline = read_outline(scenario, {.set = set});
  hasher h;
  auto const text = [&](std::string const& s) { h.add_value(hash_bytes(s.data(), s.size())); };
  text(outline.effective_config);
  for (std::filesystem::path const& file : outline.inputs) h.add_value(hash_file(file));
  h.add_value(begin_s.value_or(-1));
  h.add_value(end_s.value_or(-1));
  return {outline.name, h.value(), outline.seed};
}

std::string difference(run_description const& have, run_request const& want) {
  if (have.engine != want.engine) return fmt::format("engine {}, not {}", have.engine, want.engine);
  if (have.seed != want.seed) return fmt::format("seed {}, not {}", have.seed, want.seed);
  if (have.interval_s != want.interval_s) {
    return fmt::format("intervals of {} s, not {} s", have.interval_s, want.interval_s);
  }
  if (have.emissions != want.emissions) return have.emissions ? "with emissions" : "without emissions";
  if (have.trajectories != want.trajectories) return have.trajectories ? "with trajectories" : "without trajectories";
  if (have.input_hash != want.input_hash) {
    return fmt::format("the scenario or one of its input files has changed since (input hash {}, now {})",
                       to_hex(have.input_hash), to_hex(want.input_hash));
  }
  return {};
}

}  // namespace gemeo
