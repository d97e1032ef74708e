// A small town as OpenStreetMap data: a grid of 5 x 4 crossings 200 m apart near Cascais, a primary road ("Avenida
// Central") right through it that leaves the town on both sides, a signal, a turn restriction, a footway, a bus road.
#pragma once

#include <string>

namespace gemeo::test {

inline constexpr int kTownColumns = 5, kTownRows = 4;

struct tiny_osm_options {
  std::string more = {};  // further elements at the end
  double lon_deg = -9.40, lat_deg = 38.70;
};

std::string tiny_osm(tiny_osm_options const& o = {});

}  // namespace gemeo::test
