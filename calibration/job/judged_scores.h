// How well a calibration's judged simulations meet the counts, set by set: stations fitted or held out, on the days
// fitted or on others; each also without the counts that contradict others of these days (contradictions.h), which no
// demand meets together. FHWA 2019 by station, too. Thread rule: plain functions.
#pragma once

#include <cstddef>
#include <string>

#include "calibration/fit/score.h"

namespace gemeo {

struct calibration_outcome;

struct two_scores {               // means over seeds; the tests by those means
  count_score prior, calibrated;  // prior: zero where it was not simulated
};

struct judged_scores : two_scores {  // of one set of stations and days
  std::string name, title;
  bool held_out_stations = false, held_out_days = false;
  std::size_t stations = 0, counts = 0;
  std::size_t left_out = 0;      // counts that cannot be carried, and are not scored
  std::size_t beyond = 0;        // counts that cannot be carried, and are scored all the same
  std::size_t contradicted = 0;  // scored counts that contradict others
  two_scores consistent;         // without those; all zero where none or nothing else is
  [[nodiscard]] bool has_consistent() const { return contradicted > 0 && contradicted < counts; }
};

struct day_to_day {  // FHWA 2019 (score.h), station by station, over days that counted every period
  std::size_t stations = 0, outliers = 0, inliers = 0, absolute = 0, systematic = 0, all = 0;
};

// Fills its scores, fhwa_fitted and fhwa_held_out by its judges and prior_runs.
void score_judged(calibration_outcome& c);

}  // namespace gemeo
