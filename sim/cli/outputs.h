// What a verb may write to. Thread rule: plain functions.
#pragma once

#include <string>
#include <vector>

namespace gemeo::cli {

// Throws error(kInput) before anything is written: files that are read stay, each output has a name of its own and a
// folder, and what exists is replaced by --force alone. Empty names: none.
void check_outputs(std::vector<std::string> const& read, std::vector<std::string> const& written, bool force);

}  // namespace gemeo::cli
