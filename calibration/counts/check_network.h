// What a network says of counts, beyond the place of each site: sites of one road that cannot all count the whole of it
// (same_road.h), and flows that lanes and stop lines cannot carry (carried.h), by the network's own signals and SUMO's
// default drivers; where trips begin and end is not known here, so cuts are looked at by gemeo calibrate alone. Thread
// rule: plain functions.
#pragma once

#include <string>
#include <vector>

#include "calibration/counts/carried.h"
#include "calibration/counts/series.h"

namespace gemeo {

struct network_findings {
  std::vector<std::string> roads;
  std::vector<counted_place> places;  // sites with a sure place, joined ones as one
  std::vector<counted_hour> hours;    // mean over all days that may be believed, by hour of the day
  carried_report carried;
};

// Places that turn out doubtful become so in c.matches. r.net must be given.
network_findings check_network(loaded_counts& c, series_request const& r);

}  // namespace gemeo
