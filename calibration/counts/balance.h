// Flow balance: where detectors close a piece of road off (all that goes in and all that comes out is counted, and no
// road in between begins or ends anywhere else), what goes in over an hour must come out, within ten percent; and two
// that both count the whole of one edge, at different places along it, must agree. Where it
// does not, one of the detectors around is wrong. Where speed and occupancy are known, they tell which: a vehicle's
// length is occupancy x speed / flow (Jia, Chen, Coifman, Varaiya 2001, The PeMS Algorithms for Accurate, Real-Time
// Estimates of g-Factors and Speeds from Single-Loop Detectors), and the one whose vehicles are much longer or shorter
// than elsewhere has miscounted. It is bad on that day then; where nothing tells, all are doubtful. Thread rule: plain
// functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/counts/match.h"
#include "calibration/counts/quality.h"

namespace gemeo {

struct balance_area {
  std::vector<std::uint32_t> in, out;  // detectors (same_detector of the catalog), ascending
  std::string name;                    // of its edges
};

// Only detectors that cover all lanes of their edge, all classes together, with a sure match.
std::vector<balance_area> balance_areas(count_catalog const& catalog, std::vector<site_match> const& matches,
                                        network const& net);

// Median over a detector's good records of a day of the length that occupancy, speed and flow imply, in metres with the
// loop's own; NaN where they are not known. lanes: that the detector covers.
double implied_length_m(quality_report const& q, std::uint32_t detector, std::int32_t day, std::int32_t lanes);

// Makes days worse on which an area is out of balance in more than half of its hours that can be compared (at least
// three, each with 100 vehicles or more); gives back what was found, in words.
std::vector<bilingual> check_balance(quality_report& q, local_clock const& clock,
                                     std::vector<balance_area> const& areas,
                                     std::function<std::int32_t(std::uint32_t detector)> const& lanes_of);

}  // namespace gemeo
