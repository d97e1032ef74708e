// Several likely versions of a calibrated demand: a folder of files of factors (sim/demand/pair_factors.h), of which
// each seed takes one, so that an ensemble of seeds shows what the counts left open beside chance. Seed 1 takes the
// first by name, seed 2 the second, and around again: all are used alike, and two scenarios of one seed share theirs.
// Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace gemeo {

struct city;

// The folder's .csv files by name. Throws error(kInput) where there are fewer than two.
std::vector<std::filesystem::path> factor_members(std::filesystem::path const& folder);
std::size_t member_of_seed(std::uint64_t seed, std::size_t members);

struct trips_of_members {
  double fewest = 0, most = 0;
};
// Reads all of them, so that a broken one is refused before its seed comes. Trips that are expected to depart in
// [begin_s, end_s), before any scale of a scenario.
trips_of_members expected_of_members(std::filesystem::path const& folder, city const& c, double begin_s, double end_s);

}  // namespace gemeo
