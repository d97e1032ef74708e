// The file of an ensemble: virtual datasets over the runs' own files, and summary statistics over seeds.
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/results/writer.h"

namespace gemeo {

// runs: complete result files of one configuration, in the order of their seeds. Complete or not at all.
void write_ensemble(std::filesystem::path const& file, std::vector<std::filesystem::path> const& runs);

struct ensemble_kpi {
  std::string name, unit, group, key;
  std::uint32_t runs = 0;  // that have a value
  double mean = 0, sd = 0, ci95_half_width = 0;
};

struct ensemble_summary {
  std::string scenario_name, scenario_title;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> files;  // relative to the ensemble's own
  std::vector<ensemble_kpi> kpis;
};

bool is_ensemble(std::filesystem::path const& file);  // false too for what is no HDF5 file at all
ensemble_summary read_ensemble(std::filesystem::path const& file);

}  // namespace gemeo
