// Counted hours that a network cannot carry (carried.h), as a table of the pages of gemeo calibrate and of gemeo counts
// check. Names from files are made harmless. Thread rule: plain functions.
#pragma once

#include <string>
#include <vector>

#include "calibration/counts/carried.h"

namespace gemeo {

// rest: "{} more lie in calibration.h5.", where there are too many for a page.
std::string beyond_capacity_table(std::vector<beyond_capacity> const& all, std::vector<counted_place> const& places,
                                  std::vector<counted_hour> const& counted, phrase const& rest, language l);

}  // namespace gemeo
