// What validate() found in a network, as `gemeo import` and `gemeo check` show it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sim/network/validate.h"

namespace gemeo::cli {

// A list for people, the worst first, with a heading and up to `examples` ids of each warning and error; prints nothing
// where nothing was found.
void print_findings(std::vector<network_finding> const& findings, std::size_t examples = 3);
// "2 connection_apart, 1 zero_speed": errors only; empty without any.
std::string errors_in_short(std::vector<network_finding> const& findings);
nlohmann::ordered_json findings_json(std::vector<network_finding> const& findings);

}  // namespace gemeo::cli
