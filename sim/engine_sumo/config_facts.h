// What gemeo must know of a .sumocfg before SUMO runs it: its additional files (ours is added to them), the induction
// loops they define, and the options that gemeo cannot honour. SUMO itself reads everything else.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gemeo {

struct config_facts {
  std::map<std::string, std::string> options;      // by SUMO's long names, as written
  std::vector<std::filesystem::path> additionals;  // resolved against the configuration's folder
  std::vector<std::string> loop_files;             // names of the files that detectors write to, without folders

  [[nodiscard]] bool flag(std::string const& option) const;
  [[nodiscard]] bool has(std::string const& option) const { return options.count(option) != 0; }
};

// Throws error(kInput) when the configuration or one of its additional files cannot be read.
config_facts read_config_facts(std::filesystem::path const& file);

}  // namespace gemeo
