// The files that make a city folder of a bare network: a grid of zones, gates where main roads leave the area, types,
// profiles, an OD table that the municipality fills in. What is assumed is said in the folder's README.
// Everything is a function of the network and the options: the same input gives the same bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "sim/network/network.h"

namespace gemeo::cli {

struct starter_options {
  std::string name, label, time_zone, attribution;
  double zone_m = 0;         // width of a zone; 0: chosen so that about 60 zones cover the streets
  double trips_per_day = 0;  // placeholder demand, spread evenly; 0: od.csv has a header only
};

struct starter_counts {
  std::size_t zones = 0, gates = 0, zone_edges = 0;
  double zone_m = 0;
};

// Throws error(kInput) when no street is left for cars.
starter_counts write_starter_city(network const& net, std::filesystem::path const& folder, starter_options const& o);

}  // namespace gemeo::cli
