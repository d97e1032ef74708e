// Streets out of OpenStreetMap data: PBF, XML, XML packed with gzip or bzip2 (told apart by content) to plain OSM XML
// with what a road network needs: chosen highway ways, their nodes, turn restrictions. Ways that touch the area stay
// whole, also those that only cross it, without a node inside. Throws error(kInput) for files that are no OpenStreetMap
// data, cut or damaged, or without streets in the area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "sim/network/network.h"

namespace gemeo {

struct osm_options {
  // Whether a place belongs to the city; empty: everything does.
  std::function<bool(lon_lat)> inside;
  // Whether the line between two places outside touches the city; empty: only nodes inside count.
  std::function<bool(lon_lat, lon_lat)> crossed;
  bool footways = false;  // footways, paths, steps too
  // Asked between pieces; true ends the extraction with error(kRun).
  std::function<bool()> interrupted;
};

struct osm_counts {
  std::size_t nodes = 0, ways = 0, restrictions = 0, signals = 0;
  std::map<std::string, std::size_t> kept, left_out;  // highway ways by value of the tag, or by reason
  std::size_t outside = 0;                            // highway ways that do not touch the area
  std::size_t incomplete = 0;                         // ways with nodes that the file lacks
};

osm_counts extract_streets(std::filesystem::path const& osm, std::filesystem::path const& out, osm_options const& o);

}  // namespace gemeo
