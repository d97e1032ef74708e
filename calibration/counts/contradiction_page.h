// Counts of an hour that contradict each other (contradictions.h), as a table of the pages of gemeo calibrate and of
// gemeo counts check. Names from files are made harmless. Thread rule: plain functions.
#pragma once

#include <string>
#include <vector>

#include "calibration/counts/contradictions.h"

namespace gemeo {

// One row a set of places, where most stand against most; rest: "{} more lie in calibration.h5.", where there are too
// many for a page.
std::string contradictions_table(std::vector<contradiction> const& all, std::vector<counted_place> const& places,
                                 std::vector<counted_hour> const& counted, phrase const& rest, language l);

}  // namespace gemeo
