// Existing SUMO scenarios: what gemeo has to know of a .sumocfg. Everything else stays SUMO's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/compile.h"

namespace gemeo {

struct sumo_option {
  std::string name, value, where;
};

struct sumo_config {
  std::filesystem::path net;
  std::vector<std::filesystem::path> routes, additionals;
  std::vector<std::filesystem::path> others;  // files that further options name and that are there
  double begin_s = 0, end_s = -1, step_s = 1, time_to_teleport_s = 300;  // SUMO's own defaults; end_s < 0: none
  std::optional<std::uint64_t> seed;
  bool random = false;            // SUMO would take its seed from the clock
  std::vector<sumo_option> rest;  // all further options, in order
};

// The times of a run: SUMO's, or those asked for instead.
struct sumo_window {
  double begin_s, end_s;  // end_s: infinity when none is named
  sumo_window(std::filesystem::path const& file, sumo_config const& c, compile_options const& o);
};

bool is_sumo_config(std::filesystem::path const& file);  // by its name: .sumocfg or .sumo.cfg
sumo_config read_sumo_config(std::filesystem::path const& file);
// The same on text in memory; name stands for the file in messages and for its folder. Files named need not exist.
sumo_config parse_sumo_config(std::string_view text, std::filesystem::path const& name);
// Options that change traffic in ways that only SUMO knows, each with its place and value.
std::vector<std::string> options_beyond_us(sumo_config const& c);
scenario_outline outline_of_sumo(std::filesystem::path const& file, compile_options const& o);

}  // namespace gemeo
