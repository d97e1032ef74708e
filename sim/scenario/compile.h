// Scenario file (TOML) -> structs -> verify -> compiled scenario; and the preview that `gemeo check` prints.
// Unknown keys are errors with the nearest known key. Interventions are patches: each resolves its targets
// (edge id, road name, polygon, zone) against the network before anything runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/demand/city.h"
#include "sim/routing/router.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct touched {  // what one intervention touches, as `gemeo check` lists it
  std::string intervention;            // "close: Avenida Marginal"
  std::vector<edge_id> edges;
  std::vector<lane_id> lanes;
  std::vector<signal_id> signals;
  std::size_t trips = 0;               // trips of the demand that are changed, or whose route meets it in its window
};

struct compile_options {
  std::vector<std::string> set;        // --set a.b=c
  std::uint64_t seed = 42;             // draws the travellers
  std::size_t threads = 0;
  std::filesystem::path data;          // folder that holds the cities; empty: beside scenarios/
};

struct equilibrium_settings {
  double relative_gap = 0.05;
  std::size_t max_iterations = 20;
};

struct compiled {
  scenario ready;
  std::vector<touched> report;         // one per intervention, in order of the file
  route_response response = route_response::kFixed;
  equilibrium_settings equilibrium;
  std::size_t trips_removed = 0, trips_added = 0, trips_rerouted = 0, trips_without_route = 0;
  std::vector<std::string> warnings;
};

compiled compile_scenario(std::filesystem::path const& file, compile_options const& o);
// The same scenario with routes chosen anew by measured costs (one MSA iteration of the equilibrium); share: of travellers.
void reroute_scenario(compiled& c, edge_costs const& measured, double share, std::uint64_t iteration);
// A SUMO configuration as it stands; reads its network and keeps everything else for engine_sumo.
scenario open_sumo_config(std::filesystem::path const& file);

}  // namespace gemeo
