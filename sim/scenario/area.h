// Areas on the globe: polygons with holes in WGS 84 degrees, written into a scenario or read from GeoJSON (RFC 7946).
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

using ring = std::vector<lon_lat>;       // closed implicitly; the last point may repeat the first
using area_polygon = std::vector<ring>;  // outer ring, then holes
struct area {
  std::vector<area_polygon> polygons;
  [[nodiscard]] bool empty() const { return polygons.empty(); }
  [[nodiscard]] bool contains(lon_lat p) const;  // even-odd within each polygon
};

// Polygon, MultiPolygon, Feature, FeatureCollection or GeometryCollection of those; other geometries are errors.
area read_geojson(std::filesystem::path const& file);
// What is wrong with a ring of three points or more: "crosses itself ...", "encloses no area"; empty when sound.
std::string ring_problem(ring const& r);
area parse_geojson(std::string_view text, std::filesystem::path const& name);

}  // namespace gemeo
