// A city folder of the calibration's own, beside its results: what the base's city does not have, or has otherwise,
// stands in it, so that scenarios may start from it as from any city. Distances in km, trips a day.
// Thread rule: plain functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/job/job.h"
#include "sim/demand/city.h"

namespace gemeo {

// The files that city.toml names, and itself.
void copy_city(std::filesystem::path const& from, std::filesystem::path const& to);
// Replaces the file that city.toml names by this key ("od", "vtypes").
void replace_in_city(std::filesystem::path const& folder, char const* key, std::string const& text);

// A matrix where there is none: trips that begin and end in each zone (prior.zone_trips), between zones by gravity,
// exp(-b distance), b such that the mean distance as the crow flies is prior.mean_km (Wilson, Transportation Research
// 1, 1967). As the text of od.csv. Throws error(kInput) naming file and line.
std::string od_by_gravity(city const& town, calibration_job const& job, std::vector<bilingual>& notes);

}  // namespace gemeo
