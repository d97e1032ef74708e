#include "sim/cli/verbs.h"

#include <array>

namespace gemeo::cli {

action setup_check(option_set const& app);
action setup_compare(option_set const& app);
action setup_view(option_set const& app);
action setup_counts(option_set const& app);
action setup_calibrate(option_set const& app);
action setup_import(option_set const& app);
action setup_mend(option_set const& app);
action setup_through(option_set const& app);
action setup_info(option_set const& app);
action setup_export(option_set const& app);
action setup_run(option_set const& app);
action setup_worker(option_set const& app);

// clang-format off
// One line a verb, in the order a newcomer meets them.

std::span<verb const> verbs() {
  static auto const kVerbs = std::to_array<verb>({
      {"run", "simulate a scenario, one seed or many", setup_run},
      {"check", "say what a scenario touches, before anything runs", setup_check},
      {"compare", "compare two ensembles, paired by seed; a table, JSON, or a page", setup_compare},
      {"view", "show results on a map, or as a picture with --screenshot", setup_view},
      {"counts", "check traffic counts and keep them in a store", setup_counts},
      {"calibrate", "fit a city's trips to its counts", setup_calibrate},
      {"import", "make a city folder of OpenStreetMap data", setup_import},
      {"mend", "work out a network's lanes at ramps and merges anew", setup_mend},
      {"through", "make up trips between a network's open ends, to calibrate them", setup_through},
      {"info", "say what a result holds and how its run went", setup_info},
      {"export", "write a result as CSV, GeoJSON or SUMO edgedata", setup_export},
      {"worker", "one run for gemeo run", setup_worker},
  });
  return kVerbs;
}
// clang-format on

}  // namespace gemeo::cli
