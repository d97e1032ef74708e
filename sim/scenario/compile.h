// Scenario file (TOML) -> structs -> verify -> compiled scenario; and the preview that `gemeo check` prints.
// Unknown keys are errors with the nearest known key. Interventions are patches: each resolves its targets
// (edge id, road name, polygon, zone) against the network before anything runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/demand/city.h"
#include "sim/routing/router.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct touched {             // what one intervention touches, as `gemeo check` lists it
  std::string intervention;  // "close: Avenida Marginal"
  std::vector<edge_id> edges;
  std::vector<lane_id> lanes;  // lanes whose state changes
  std::vector<signal_id> signals;
  std::size_t trips = 0;  // trips of the demand that are changed, or whose route meets it in its window
  std::string where;      // file and line
  double begin_s = 0, end_s = 0;
  std::vector<std::string> notes;  // more of what it does, one line each
};

struct compile_options {
  std::vector<std::string> set;  // --set a.b=c; a .sumocfg has no keys and refuses them
  std::uint64_t seed = 42;       // draws the travellers
  std::size_t threads = 0;
  std::filesystem::path data;                      // folder that holds the cities; empty: beside scenarios/
  std::optional<double> begin_s = {}, end_s = {};  // of the run, instead of the scenario's own
};

struct equilibrium_settings {
  double relative_gap = 0.05;
  std::size_t max_iterations = 20;
};

struct scenario_outline {  // what a scenario is, known without reading its network or drawing its demand
  std::string name, title, effective_config;
  std::vector<std::filesystem::path> inputs;     // every file its results depend on
  double begin_s = 0, end_s = 0, warm_up_s = 0;  // keys time.begin, time.end, time.warm_up_s
  std::optional<std::uint64_t> seed;             // a .sumocfg's own
};

// The file of a scenario's key `calibrated`, or that of its `members` which the seed takes, and the time it is of; no
// file: none.
struct calibrated_demand {
  std::filesystem::path file;
  std::size_t members = 0;  // files of the folder; 0: no members
  double begin_s = 0, end_s = 0;
};

struct compiled {
  scenario ready;
  calibrated_demand calibrated;
  std::shared_ptr<city const> town;  // of a city's scenario, the calibrated demand's factors included
  std::vector<touched> report;       // one per intervention, in order of the file
  route_response response = route_response::kFixed;
  equilibrium_settings equilibrium;
  std::size_t trips_removed = 0, trips_added = 0, trips_rerouted = 0, trips_without_route = 0;
  std::size_t trips_moved = 0, trips_changed = 0;  // begin or end on another edge; other departure, vehicle or end
  std::vector<std::string> warnings;
  std::vector<std::string> idle;    // of the warnings, those of interventions that do nothing: every run says them
  std::vector<cost_patch> lasting;  // closures, bans and tolls: what measured times do not show
};

// File, or its name as a person gives it: "cascais/weekday" is looked for in scenarios/ here and above.
std::filesystem::path find_scenario(std::filesystem::path const& named);
scenario_outline read_outline(std::filesystem::path const& file, compile_options const& o);
compiled compile_scenario(std::filesystem::path const& file, compile_options const& o);
// Everything that decides a run: network, demand, commands, programs, times.
std::uint64_t scenario_hash(scenario const& s);
// The same scenario with routes chosen anew by measured costs (one MSA iteration of the equilibrium); share: of
// travellers.
void reroute_scenario(compiled& c, edge_costs const& measured, double share, std::uint64_t iteration);
// Sum over trips of (cost of the route taken - cost of the best route) / sum of costs, by the times measured, as each
// traveller perceives them, tolls included.
double relative_gap(compiled const& c, edge_costs const& measured);
// A SUMO configuration as it stands; reads its network and keeps everything else for engine_sumo.
scenario open_sumo_config(std::filesystem::path const& file, compile_options const& o = {});
// A SUMO configuration as a scenario of our own, which any engine can run: its demand read and drawn by o.seed, trips
// routed as SUMO routes them on an empty network, signal programs and loops merged. What cannot be represented is an
// error(kInput) that names it; unsupported_of_sumo lists all of it, each with file, line and element.
compiled read_sumo_scenario(std::filesystem::path const& file, compile_options const& o = {});
std::vector<std::string> unsupported_of_sumo(std::filesystem::path const& file, compile_options const& o = {});

}  // namespace gemeo
