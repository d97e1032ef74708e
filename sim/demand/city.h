// A city folder (data/<city>/city.toml): where its network, zones, OD matrix, profiles, types and buses lie, and the
// demand drawn from them for one seed. Formats: here. Everything read is verified against the network;
// errors name file and line.
//
//   city.toml       name, label, time_zone, the files below by kind, attribution (sources and licences), caution (what
//                   a reader must know before any figure); _pt: the last two in Portuguese
//   zones.csv       zone_id,name,parish,kind,lat,lon,park_and_ride_spaces
//   zone_edges.csv  zone_id,edge_id,weight[,destination_weight]
//   od.csv          from_zone,to_zone,purpose,vtype,trips_per_day        (vtype: a type or a mix of vtypes.add.xml)
//   profiles.csv    purpose,begin_s,share                                  (96 rows a purpose, shares sum to 1)
//   vtypes.add.xml  <vType>, <vTypeDistribution id="car" vTypes="a b" probabilities="..."/>
//   stops.csv       stop_id,name,edge_id,lane,begin_m,end_m
//   lines.toml      [[line]]
//   id,name,vtype,edges,stops,offsets_s,dwell_s,service=[{begin="06:00",end="21:00",headway_s=900}]
//   detectors.csv   id,edge,lane,pos_m[,station,road_name]                 (induction loops)
//   areas.csv       id,lanes,begin_m,end_m             (lane-area detectors; lanes: ids in driving order, "AB_0 BC_0";
//                                                       begin_m on the first, end_m on the last of them)
//   travel_times.csv[.gz]  begin_s,edge_id,travel_time_s[,view]             (hourly; what base routes are chosen with;
//                          view: from 0; drivers are divided evenly among the views, and each plans by one)
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/demand/demand.h"
#include "sim/demand/pair_factors.h"

namespace gemeo {

struct od_flow {
  zone_id from, to;
  purpose why = purpose::kOther;
  std::string vtype;
  double trips_per_day = 0;
};

struct service_period {
  double begin_s = 0, end_s = 0, headway_s = 0;
};

struct line_plan {
  std::string name, label, vtype;
  std::vector<edge_id> edges;
  std::vector<stop_id> stops;
  std::vector<double> offset_s;  // scheduled time after departure, per stop
  double dwell_s = 20;
  std::vector<service_period> service;
};

struct type_mix {  // of vTypeDistribution
  std::string name;
  std::vector<vtype_id> types;
  std::vector<double> weight;
};

struct data_statement {                     // what published results must say of the data; each may be empty
  std::string attribution, attribution_pt;  // sources and licences, one a line; _pt: in Portuguese
  std::string caution, caution_pt;          // what a reader must know before the figures
};

struct city {
  std::string name, label;
  std::string time_zone;  // IANA name of the clock that all its times are of; empty: not said
  data_statement of_data;
  std::filesystem::path folder;
  std::shared_ptr<network const> net;
  id_vector<zone_id, zone> zones;
  std::vector<od_flow> od;
  std::vector<std::vector<double>> profile;  // [purpose][96 quarter-hours]; empty when the city has none for it
  id_vector<vtype_id, vehicle_type> types;
  std::vector<type_mix> mixes;
  id_vector<stop_id, bus_stop> stops;
  std::vector<line_plan> lines;
  std::filesystem::path travel_times;              // empty: free flow
  std::filesystem::path counts, detectors, areas;  // empty: none
  std::uint64_t hash = 0;                          // of all files named
  std::shared_ptr<pair_factors const> factors;     // on the trips of od; null: 1 everywhere

  [[nodiscard]] std::optional<zone_id> find_zone(std::string_view name) const;
};

city read_city(std::filesystem::path const& folder);

// Some flows at some times of departure, times a factor.
struct flow_scale {
  std::vector<bool> flows;  // of city::od
  double begin_s = 0, end_s = 0, factor = 1;
};
struct scale_report {
  std::size_t added = 0, removed = 0;  // travellers, compared with the demand without scales
  std::vector<std::size_t> changed;    // by scale: travellers who are there or not because of it
};

// Whether a traveller of this pair and departure chooses routes by the empty network, by what a calibration found:
// drawn by key, so that a larger share holds the smaller one's.
bool draw_free_flow(city const& c, zone_id from, zone_id to, double depart_s, std::uint64_t key, std::uint64_t seed);

// Trips that are expected of one flow in one quarter-hour from midnight on, factors included.
double expected_trips(city const& c, od_flow const& f, std::size_t slot);
// The share of them that are none, as they would begin and end on one edge.
double share_within_one_edge(city const& c, od_flow const& f);

// Draws the trips of [begin_s, end_s): Poisson-like counts by OD pair and quarter-hour, departure times, origin and
// destination edges, types, speed factors; each keyed by (seed, OD pair, index), so that scaling one pair leaves every
// other traveller as it was. Adds the buses of the lines. Routes of cars are left invalid (see sim/routing).
demand draw_demand(city const& c, std::uint64_t seed, double begin_s, double end_s,
                   std::vector<flow_scale> const& scales = {}, scale_report* report = nullptr);
// One of the mix's types, and the speed factor of a driver in it: as draw_demand gives them to a traveller of that key.
vtype_id draw_type(type_mix const& mix, std::uint64_t seed, std::uint64_t key);
float draw_speed_factor(vehicle_type const& type, std::uint64_t seed, std::uint64_t key);
// Index drawn with the weights from u in [0, 1).
std::size_t pick_weighted(std::vector<double> const& weights, double u);
type_mix const* find_mix(city const& c, std::string_view name);  // nullptr when unknown

}  // namespace gemeo
