// Several likely versions of a calibrated demand: a folder of files of factors (sim/demand/pair_factors.h), of which
// each seed takes one, so that an ensemble of seeds shows what the counts left open beside chance. Seed 1 takes the
// first by name, seed 2 the second, and around again: all are used alike, and two scenarios of one seed share theirs.
// Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace gemeo {

// The folder's .csv files by name. Throws error(kInput) where there are fewer than two.
std::vector<std::filesystem::path> factor_members(std::filesystem::path const& folder);
std::size_t member_of_seed(std::uint64_t seed, std::size_t members);

}  // namespace gemeo
