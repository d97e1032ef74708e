// Where on the network a site counts: by a file of detectors (SUMO's <inductionLoop>/<e1Detector>, or a CSV of id,
// [station,] edge, lane, pos_m, or, where nobody knows the edges, lat, lon, heading_deg, road_name, lanes), by the edge
// that the counts' own file names, or by coordinates, road name and heading. Every match has a confidence of 0..1 and,
// below kSure, a doubt in words; a person confirms or corrects doubtful ones in a CSV file (write_matches) that is read
// again (read_matches) and then decides. Units: metres along the edge; degrees clockwise from north. Thread rule: plain
// functions.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/counts/record.h"
#include "sim/network/network.h"

namespace gemeo {

inline constexpr double kSureMatch = 0.8;

struct site_match {
  std::string source, site, direction;  // direction: of the key, where one site has several
  std::optional<edge_id> edge;          // none: nowhere on the network
  std::vector<std::uint32_t> lanes;     // of the edge, 0 the right-most; ascending; never empty where there is an edge
  double pos_m = std::numeric_limits<double>::quiet_NaN();  // from the edge's beginning
  double confidence = 0;
  std::string how;            // "detectors file", "edge in the counts", "coordinates", "confirmed"
  bilingual doubt;            // why a person should look; empty: nothing speaks against it
  bool part_of_road = false;  // other counts say that it sees less than its lanes (same_road.h): not to be compared
};

// Lane and position by the loops of a site; or, with an empty edge, coordinates.
struct loop_place {
  std::string id, station, edge, road_name;
  std::int32_t lane = kAllLanes;
  double pos_m = std::numeric_limits<double>::quiet_NaN();
  double lon_deg = std::numeric_limits<double>::quiet_NaN(), lat_deg = lon_deg, heading_deg = lon_deg;
  std::int32_t lanes = 0;
  bool friendly = false;  // SUMO's friendlyPos: beyond its lane it lies at the lane's end
  std::string where;      // "detectors.csv:12"
};
std::vector<loop_place> read_detectors(std::filesystem::path const& file);  // throws error(kInput), ids twice included

struct match_options {
  std::vector<loop_place> detectors;
  std::string detector_pattern;  // of the mapping: "{site}{*}"; empty: id is the site, or the site, "_" and a lane
  double radius_m = 60;
};

// One for each (source, site, direction) of the catalog's series, sorted. Detectors on edges that are not in the
// network, or beyond their ends, are errors (kInput): a network and its detectors belong together; an edge that the
// counts name and the network lacks is a doubt.
std::vector<site_match> match_sites(count_catalog const& catalog, network const& net, match_options const& o);

// The lanes of one series of a matched site, by its lane number and the way its source counts them.
std::vector<std::uint32_t> lanes_of(site_match const& m, detector_key const& k, count_site const* site,
                                    network const& net);

// source,site,direction,edge,lanes,pos_m,confidence,how,doubt,confirm
void write_matches(std::filesystem::path const& file, std::vector<site_match> const& matches, network const& net);
// Rows with confirm = yes are taken as they stand, with confirm = no as nowhere; others are left alone.
void read_matches(std::filesystem::path const& file, network const& net, std::vector<site_match>& matches);

char const* how_in(site_match const& m, language l);  // m.how, for the page

site_match const* find_match(std::vector<site_match> const& sorted, detector_key const& k);

// 0..1: words that two road names share, without accents, case and words such as "rua" or "via".
double name_likeness(std::string_view a, std::string_view b);

}  // namespace gemeo
