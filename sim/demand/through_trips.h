// A first demand for a network that has none, such as a ring road cut out of a map: trips between its open ends, each
// pair by the product of what roads of these classes usually carry. It is made up: a prior for a calibration by counts,
// never a finding. Who came in by a road does not leave by its other side. Thread rule: pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

// Vehicles a day of a class of road in towns, by the geometric mean of the ranges in FHWA, Highway Functional
// Classification (2013), tables 3-5 (arterials) and 3-6 (collectors, local roads), by OpenStreetMap's name of the class
// ("highway." left out). Assumptions: ramps (_link) have a quarter of their road, and roads without such a type are of
// the class that their limit fits.
double usual_veh_per_day(network const& net, edge_id e);

struct open_ends_of_roads {
  std::vector<edge_id> in, out;  // where cars can only come from outside, or only leave
};
open_ends_of_roads find_open_ends(network const& net);

struct through_pair {
  edge_id from, to;
  double weight = 0;  // share of all trips
};
// weights: of types of edges, instead of the usual ones ("highway.motorway_link"). Throws error(kInput) where no end
// leads to another.
std::vector<through_pair> through_pairs(network const& net, std::map<std::string, double> const& weights = {});

// SUMO's <trip>s, evenly through the time, in order of departure. Sums of each pair are right within one.
std::string through_trips(network const& net, std::vector<through_pair> const& pairs, double trips_per_hour,
                          double begin_s, double end_s);

}  // namespace gemeo
