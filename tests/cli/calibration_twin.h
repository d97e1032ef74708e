// A tiny city whose counts come from a demand that a fit does not know, for tests of gemeo calibrate: data/tiny,
// scenarios/tiny/base.toml, detectors.csv, counts.csv (two working days of a demand 1.6 times, 0.5 times, ... the
// city's, and a saturday with half of that) and job.toml, which fits the working days.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/process.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/tiny_city.h"

namespace gemeo::test {

inline constexpr char const* kTwinStations[][2] = {{"ab", "AB"}, {"cd", "CD"}, {"fg", "FG"}, {"gf", "GF"},
                                                   {"kj", "KJ"}, {"ij", "IJ"}, {"ba", "BA"}, {"dh", "DH"},
                                                   {"ef", "EF"}, {"gh", "GH"}};

struct calibration_twin {
  temp_folder dir;
  calibration_twin();
  [[nodiscard]] static std::string job(std::string const& counts_keys = "", std::string const& more = "");
  [[nodiscard]] process_result calibrate(std::vector<std::string> more = {}) const;
};

// Sums of squared errors at stations held out: as calibrated, and of the prior.
struct squared_errors {
  double now = 0, before = 0;
};
// Labels of its zones, for english_in_portuguese.
inline std::vector<std::string> const kTwinNames{"West", "East", "South", "Mid", "Tiny"};

squared_errors held_out_errors(std::filesystem::path const& calibration_h5);

}  // namespace gemeo::test
