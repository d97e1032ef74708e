#include "sim/scenario/area.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/error.h"
#include "sim/core/json_text.h"
#include "sim/core/text_file.h"

namespace gemeo {

namespace {

using json = nlohmann::json;
constexpr std::uint64_t kMaxBytes = std::uint64_t{256} << 20U;

bool inside_ring(lon_lat p, ring const& r) {
  bool inside = false;
  for (std::size_t i = 0, j = r.size() - 1; i < r.size(); j = i++) {
    if ((r[i].lat_deg > p.lat_deg) == (r[j].lat_deg > p.lat_deg)) continue;
    double const cross =
        r[i].lon_deg + (p.lat_deg - r[i].lat_deg) / (r[j].lat_deg - r[i].lat_deg) * (r[j].lon_deg - r[i].lon_deg);
    if (p.lon_deg < cross) inside = !inside;
  }
  return inside;
}

// Twice the signed area of a, b, c: above 0 when c lies to the left of the way from a to b; 0 also within rounding.
double turn(lon_lat a, lon_lat b, lon_lat c) {
  double const abx = b.lon_deg - a.lon_deg, aby = b.lat_deg - a.lat_deg;
  double const acx = c.lon_deg - a.lon_deg, acy = c.lat_deg - a.lat_deg;
  double const cross = abx * acy - aby * acx;
  return std::abs(cross) <= 1e-9 * (std::abs(abx * acy) + std::abs(aby * acx)) ? 0 : cross;
}

bool cross_over(lon_lat a, lon_lat b, lon_lat c, lon_lat d) {  // touching is no crossing
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

class geojson_reader {
 public:
  explicit geojson_reader(std::filesystem::path const& name) : name_(name.string()) {}

  void add(json const& j, int depth = 0) {
    if (!j.is_object() || !j.contains("type") || !j["type"].is_string()) fail("is not GeoJSON: no \"type\"");
    if (depth > 8) fail("nests geometries too deeply");
    std::string const type = j["type"];
    if (type == "FeatureCollection") {
      for (json const& f : member(j, "features")) add(f, depth + 1);
    } else if (type == "Feature") {
      if (!j.contains("geometry")) fail("has a feature without geometry");
      add(j["geometry"], depth + 1);
    } else if (type == "GeometryCollection") {
      for (json const& g : member(j, "geometries")) add(g, depth + 1);
    } else if (type == "Polygon") {
      out_.polygons.push_back(polygon(member(j, "coordinates")));
    } else if (type == "MultiPolygon") {
      for (json const& p : member(j, "coordinates")) out_.polygons.push_back(polygon(p));
    } else {
      fail(fmt::format("has a geometry of type '{}'", type));
    }
  }
  area take() {
    if (out_.empty()) fail("holds no polygon");
    return std::move(out_);
  }

 private:
  json const& member(json const& j, char const* key) const {
    if (!j.contains(key) || !j[key].is_array()) fail(fmt::format("lacks the list \"{}\"", key));
    return j[key];
  }
  area_polygon polygon(json const& rings) const {
    area_polygon p;
    if (!rings.is_array()) fail("has a polygon that is not a list of rings");
    for (json const& r : rings) {
      ring points;
      if (!r.is_array()) fail("has a ring that is not a list of points");
      for (json const& c : r) {
        if (!c.is_array() || c.size() < 2 || !c[0].is_number() || !c[1].is_number())
          fail("has a point that is not [lon, lat]");
        points.push_back({c[0], c[1]});
        if (std::abs(points.back().lon_deg) > 180 || std::abs(points.back().lat_deg) > 90) {
          fail(fmt::format("has the point [{}, {}], which is not on the globe", points.back().lon_deg,
                           points.back().lat_deg));
        }
      }
      if (points.size() < 3) fail("has a ring of fewer than three points");
      if (std::string const problem = ring_problem(points); !problem.empty()) fail("has a ring that " + problem);
      p.push_back(std::move(points));
    }
    if (p.empty()) fail("has a polygon without rings");
    return p;
  }
  [[noreturn]] void fail(std::string what) const {
    throw_input(name_, std::move(what), "a Polygon or MultiPolygon in WGS 84 is needed, [lon, lat] in degrees");
  }

  std::string name_;
  area out_;
};

}  // namespace

bool area::contains(lon_lat p) const {
  for (area_polygon const& polygon : polygons) {
    bool inside = false;
    for (ring const& r : polygon) inside ^= inside_ring(p, r);
    if (inside) return true;
  }
  return false;
}

std::string ring_problem(ring const& r) {
  struct side {
    double west, east;
    std::size_t from, to;
  };
  std::vector<side> sides;
  double area = 0, length = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    std::size_t const j = (i + 1) % r.size();
    sides.push_back({std::min(r[i].lon_deg, r[j].lon_deg), std::max(r[i].lon_deg, r[j].lon_deg), i, j});
    area += (r[i].lon_deg - r[0].lon_deg) * (r[j].lat_deg - r[0].lat_deg) -
            (r[j].lon_deg - r[0].lon_deg) * (r[i].lat_deg - r[0].lat_deg);
    length += std::hypot(r[j].lon_deg - r[i].lon_deg, r[j].lat_deg - r[i].lat_deg);
  }
  // From west to east, each side is compared with those that begin before it ends.
  std::sort(sides.begin(), sides.end(), [](side const& a, side const& b) { return a.west < b.west; });
  for (std::size_t i = 0; i < sides.size(); ++i) {
    for (std::size_t k = i + 1; k < sides.size() && sides[k].west <= sides[i].east; ++k) {
      side const &a = sides[i], &b = sides[k];
      if (!cross_over(r[a.from], r[a.to], r[b.from], r[b.to])) continue;
      auto const [first, second] = std::minmax(a.from, b.from);
      return fmt::format("crosses itself: the side after point {} and the side after point {}", first + 1, second + 1);
    }
  }
  return std::abs(area) <= 1e-9 * length * length ? "encloses no area" : "";
}

area parse_geojson(std::string_view text, std::filesystem::path const& name) {
  geojson_reader reader(name);
  try {
    reader.add(parse_json(text));
  } catch (json::exception const& e) {
    throw_input(name.string(), fmt::format("is not JSON: {}", e.what()));
  }
  return reader.take();
}

area read_geojson(std::filesystem::path const& file) { return parse_geojson(read_text_file(file, kMaxBytes), file); }

}  // namespace gemeo
