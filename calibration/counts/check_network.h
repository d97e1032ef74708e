// What a network says of counts, beyond the place of each site: sites of one road that cannot all count the whole of it
// (same_road.h), flows that lanes, stop lines and cuts cannot carry (carried.h), by the network's own signals and
// SUMO's default drivers, and counts of an hour that contradict each other (contradictions.h). Thread rule: plain
// functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/counts/contradictions.h"
#include "calibration/counts/series.h"

namespace gemeo {

struct city;

struct network_findings {
  std::vector<bilingual> roads;
  std::vector<counted_place> places;  // sites with a sure place, joined ones as one
  // Mean by hour of the day, over the days that may be believed: working days where there are any, so that sites that
  // count at other times of the week can be compared.
  std::vector<counted_hour> hours;
  carried_report carried;
  bool ends_known = false;  // where trips begin and end is the city's; else they may on every road that nobody counts
  std::vector<contradiction> contradicted;
  bool stopped = false;  // asked to end: nothing is to be believed
};

// Where trips of a city begin and end: by its zones and lines.
open_ends ends_of_city(city const& town);

// network_file: a city.toml beside it that names it says where trips begin and end. Places that turn out doubtful
// become so in c.matches. r.net must be given. Throws error(kInput) where that city cannot be read.
network_findings check_network(loaded_counts& c, series_request const& r, std::filesystem::path const& network_file,
                               std::function<bool()> const& stop = {});

}  // namespace gemeo
