// One series a site: all lanes and all vehicles together, as a link count needs them. A source may give that itself, or
// by lane, or by classes of length that together are all lengths (MIDAS); classes by name (car, lorry) are not added
// up, as nobody says that there are no others. Thread rule: plain functions.
#pragma once

#include "calibration/counts/series.h"

namespace gemeo {

// A site that gives no total and none can be formed of what it gives is left out, and named in `left_out`. A period of
// which one part is absent or not ok has no total that is ok. Speeds are weighted by counts, occupancies are means over
// lanes. Sorted as load_series sorts.
count_series site_totals(count_series const& s, std::vector<std::string>* left_out = nullptr);

// Whether classes of length ("lessThan 5.2", "greaterThanOrEqualTo 5.2 lessThan 6.6", ...) cover all lengths, each
// once.
bool cover_all_lengths(std::vector<std::string> const& classes);

}  // namespace gemeo
