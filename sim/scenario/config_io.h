// Between a document and the typed configuration: reading with every check that needs no network, --set, printing, and
// the reference of the format. Errors name file, line and key, and the nearest known key.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/config.h"
#include "sim/scenario/document.h"

namespace gemeo {

// files: as in loaded_document, for the order of interventions.
scenario_config read_config(doc_value const& root, std::vector<std::filesystem::path> const& files = {});
// "routes.share=0.3", "close.0.begin=08:00", "close.marginal.roads=[\"A5\"]": changes the tree; keys must exist.
void apply_set(doc_value& root, std::string const& assignment);
// The whole configuration as TOML, defaults included; read again it gives the same.
std::string print_config(scenario_config c);
// scenarios/FORMAT.md.
std::string format_reference();

}  // namespace gemeo
