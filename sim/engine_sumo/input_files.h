// A compiled scenario as SUMO's input files: routes (types, routes, vehicles in order of departure) and additionals
// (our meandata, loops, bus stops, signal programs). Vehicles are named by their number: short names are looked up
// fastest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine/engine.h"

namespace gemeo {

struct sumo_input {  // travellers with no way are left out: SUMO never hears of them
  std::filesystem::path routes, additional;
};

inline constexpr char const* kObstacleType = "gemeo.obstacle";

// Throws error(kInput) when a traveller's route does not hang together or a departure lies before the beginning.
sumo_input write_sumo_input(scenario const& s, run_options const& o);

// <edgeData> elements for our aggregates; types: only vehicles of these types count, empty: all.
std::string mean_data_elements(run_options const& o, std::vector<std::string> const& types);

// The programs of programs[signal] that the network does not have itself, and the name each goes by in SUMO.
std::string sumo_program_name(scenario const& s, signal_id signal, std::uint32_t program);
bool has_new_programs(scenario const& s, signal_id signal);

}  // namespace gemeo
