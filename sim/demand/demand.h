// Who travels: vehicle types, routes, vehicles, bus stops and their passengers, ready for an engine. Structure of
// arrays, immutable once made. Times in s since the scenario's midnight, positions in m. Vehicles are sorted by
// (depart_s, id order of creation); vehicle_id indexes them. `key` is the traveller's identity for random draws: it
// does not change when the demand around the traveller does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/core/ids.h"
#include "sim/core/vclass.h"
#include "sim/network/network.h"

namespace gemeo {

enum class purpose : std::uint8_t {
  kWork,
  kSchool,
  kHome,
  kLeisure,
  kBusiness,
  kThrough,
  kFreight,
  kBus,
  kEvent,
  kOther,
  kCount
};
std::string_view name_of(purpose p);
std::optional<purpose> parse_purpose(std::string_view s);

struct vehicle_type {
  std::string name = "car";
  vclass cls = vclass::kPassenger;
  double length_m = 5, min_gap_m = 2.5, accel_mps2 = 2.6, decel_mps2 = 4.5, emergency_decel_mps2 = 9, sigma = 0.5,
         tau_s = 1, max_speed_mps = 55.56, speed_factor = 1, speed_factor_dev = 0.1;
  double width_m = 1.8;
  std::string emission_class = "HBEFA3/PC_G_EU4";
  double probability = 1;                    // weight inside its mix (read from the attribute)
  std::map<std::string, std::string> other;  // further SUMO attributes, passed on unchanged to engine_sumo
};

struct bus_stop {
  std::string name, label;  // id and what people call it
  lane_id lane;
  double begin_m = 0, end_m = 0;
};

struct stop_call {
  stop_id stop;
  double duration_s = 20;
  double until_s = -1;  // timetable; -1 = none
};

struct bus_line {
  std::string name, label;
};

// A wait at one stop for a vehicle to another one; ends at any stop of the same place on the road, as in SUMO.
struct ride {
  stop_id from, to;
  std::uint32_t served_by = 0;           // of demand::served_by
  double stay_s = 0, stay_until_s = -1;  // at `from`, before it waits; -1: no such time
};

struct passenger {
  std::string name;
  double depart_s = 0;  // appears at its first stop
  range rides;          // into demand::rides, one after another; each begins where the one before it ended
};

// How a vehicle enters the network and leaves it, in SUMO's terms; the defaults are SUMO's own. Lanes count from the
// right-most; positions in m from the beginning of the first edge or of the last one, in [0, its length].
enum class depart_lane : std::uint8_t { kFirst, kGiven, kBest, kFree, kRandom, kAllowed };  // first: that permits it
enum class depart_pos : std::uint8_t { kBase, kGiven, kFree, kRandom, kRandomFree, kLast, kStop };  // base: just inside
enum class depart_speed : std::uint8_t { kGiven, kMax, kDesired, kSpeedLimit, kRandom, kLast, kAvg };
enum class arrival_pos : std::uint8_t { kMax, kGiven, kCenter, kRandom };  // max: the end of the last edge

struct departure {
  depart_lane lane = depart_lane::kFirst;
  depart_pos pos = depart_pos::kBase;
  depart_speed speed = depart_speed::kGiven;
  arrival_pos end = arrival_pos::kMax;
  std::uint32_t lane_index = 0;     // of kGiven
  double pos_m = 0, speed_mps = 0;  // of kGiven
  std::int32_t end_lane = -1;       // -1: whichever
  double end_pos_m = 0;             // of kGiven
  double end_speed_mps = -1;        // -1: whichever
};

struct vehicle_table {
  id_vector<vehicle_id, std::uint64_t> key;
  id_vector<vehicle_id, std::string> name;
  id_vector<vehicle_id, double> depart_s;
  id_vector<vehicle_id, vtype_id> type;
  id_vector<vehicle_id, float> speed_factor;  // drawn by traveller; <= 0: the engine draws from the type
  id_vector<vehicle_id, edge_id> from, to;
  id_vector<vehicle_id, route_id> route;              // invalid: not routed yet
  id_vector<vehicle_id, zone_id> from_zone, to_zone;  // may be invalid
  id_vector<vehicle_id, purpose> why;
  id_vector<vehicle_id, line_id> line;     // buses only
  id_vector<vehicle_id, range> stops;      // into demand::stop_calls
  id_vector<vehicle_id, departure> start;  // of every vehicle, or empty: the engine chooses (a city's own demand)
  // Of every vehicle, or empty: nobody. Who chooses routes by the empty network's times (sim/routing/habits.h),
  // whatever becomes of his departure and ends afterwards.
  id_vector<vehicle_id, std::uint8_t> by_free_flow;
};

struct zone {
  std::string name, label, parish, kind;  // id, "Parede", parish, cell | gate | station
  double lon_deg = 0, lat_deg = 0;
  std::uint32_t park_and_ride_spaces = 0;
  std::vector<edge_id> edges;
  std::vector<double> origin_weight, destination_weight;  // parallel to edges
};

struct demand {
  id_vector<vtype_id, vehicle_type> types;
  id_vector<zone_id, zone> zones;
  id_vector<stop_id, bus_stop> stops;
  id_vector<line_id, bus_line> lines;
  id_vector<route_id, range> routes;  // into route_edges
  std::vector<edge_id> route_edges;
  std::vector<stop_call> stop_calls;
  vehicle_table vehicles;
  id_vector<passenger_id, passenger> passengers;  // by departure
  std::vector<ride> rides;
  std::vector<std::vector<std::string>> served_by;  // names of lines and of vehicles; "ANY": whoever comes there

  [[nodiscard]] std::size_t size() const { return vehicles.key.size(); }
  [[nodiscard]] std::span<edge_id const> route(route_id r) const;
  route_id add_route(std::span<edge_id const> edges);
  // Keeps the vehicles for which keep[i], in order; routes and stops stay.
  void filter(std::vector<bool> const& keep);
  // Sorts vehicles by departure, ties by key.
  void sort();
  [[nodiscard]] std::uint64_t hash() const;
};

}  // namespace gemeo
