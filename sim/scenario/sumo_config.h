// Existing SUMO scenarios: what gemeo has to know of a .sumocfg. Everything else stays SUMO's.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/compile.h"

namespace gemeo {

struct sumo_config {
  std::filesystem::path net;
  std::vector<std::filesystem::path> routes, additionals;
  std::vector<std::filesystem::path> others;  // files that further options name and that are there
  double begin_s = 0, end_s = -1, step_s = 1, time_to_teleport_s = 300;  // SUMO's own defaults; end_s < 0: none
  std::optional<std::uint64_t> seed;
  bool random = false;  // SUMO would take its seed from the clock
};

bool is_sumo_config(std::filesystem::path const& file);  // by its name: .sumocfg or .sumo.cfg
sumo_config read_sumo_config(std::filesystem::path const& file);
// The same on text in memory; name stands for the file in messages and for its folder. Files named need not exist.
sumo_config parse_sumo_config(std::string_view text, std::filesystem::path const& name);
scenario_outline outline_of_sumo(std::filesystem::path const& file, compile_options const& o);

}  // namespace gemeo
