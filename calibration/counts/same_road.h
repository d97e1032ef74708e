// Sites that count one road, held against each other: along edges that follow each other without another way in or out,
// whoever counts the whole of it must count the same. Three things are found that no list of places tells:
//   one loop renamed          two sites at one place that never count at the same time, or always the same: one series
//   loops side by side        at one cross-section, each a part of the lanes: together they count what another site of
//                             the road counts, and become one series, their sum
//   a part of a road          one counts less than half of another: it sees some of the lanes, and nobody says which
// Where two differ by less and nothing tells which is right, both places are doubtful. Only sites with a sure place
// bear witness, others may turn out to be a part of their road; those a person confirmed are left alone. Counts alone
// decide, never a simulation. Thread rule: plain functions.
#pragma once

#include <string>
#include <vector>

#include "calibration/counts/series.h"

namespace gemeo {

struct same_road_options {
  double agree = 0.1;           // share by which two counts of one road may differ: that of the balance of junctions
  double part = 0.5;            // counting less than this share of another site is counting a part of the road
  double differ = 0.2;          // less than this share missing is no lane of up to five
  double cross_section_m = 10;  // loops at one stop line
  double one_place_m = 1;
  double least_vehicles = 100;  // that the busier of two counted in the periods they share
  std::size_t least_periods = 3;
};

// s: one series a site (site_totals.h). Places become doubtful, series are joined; in words, what was found.
std::vector<bilingual> settle_same_roads(count_series& s, network const& net, same_road_options const& o = {});

// By edge: a number that edges share which follow each other without another way in or out for cars.
std::vector<std::uint32_t> roads_without_exits(network const& net);

}  // namespace gemeo
