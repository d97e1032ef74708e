// What a run depends on besides its seed, as one number, found without drawing or routing anything: `--resume` keeps a
// result only when this number is the same.
#pragma once

#include <optional>

#include "sim/run/run.h"

namespace gemeo {

class result_file;

struct input_identity {
  std::string name;                   // of the results' folder: the scenario's, or the folder's of a run.sumocfg
  std::uint64_t hash = 0;             // of the effective configuration and of every input file
  std::optional<std::uint64_t> seed;  // a .sumocfg's own
  double warm_up_s = 0;
};

// begin_s, end_s: as given on the command line.
input_identity identify(std::filesystem::path const& scenario, std::vector<std::string> const& set,
                        std::optional<double> begin_s, std::optional<double> end_s);

// Why this result is not one that the request would make; empty when it is. Says what differs in words.
std::string difference(result_file const& have, run_request const& want);

}  // namespace gemeo
