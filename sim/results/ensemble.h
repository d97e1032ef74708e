// The file of an ensemble: virtual datasets over the runs' own files, and summary statistics over seeds.
#pragma once

#include <filesystem>
#include <vector>

namespace gemeo {

// runs: complete result files of one configuration, in the order of their seeds. Complete or not at all.
void write_ensemble(std::filesystem::path const& file, std::vector<std::filesystem::path> const& runs);

}  // namespace gemeo
