// Inside of the readers of SUMO demand (sumo_*.cpp): what has been read and is not resolved yet. Names are looked up
// after the last file, so that the order of elements does not matter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/core/xml.h"
#include "sim/demand/sumo_demand.h"

namespace gemeo::sumo_files {

inline constexpr double kMostTime_s = 1e9;  // beyond it milliseconds are lost

struct place {  // of an element
  std::uint32_t file = 0;
  std::uint64_t line = 0;
  char const* element = "";
};

// What is told by name: of each kind the first few, and how many more there are.
class findings {
 public:
  void add(std::string const& kind, std::string text);
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::map<std::string, std::size_t> count_;
  std::vector<std::string> texts_;
};

// Types and routes, and distributions of them, by name. A part is a leaf (a type, a route) or another name.
class mixture_table {
 public:
  struct part {
    std::string of;          // empty: the leaf
    std::uint32_t leaf = 0;  // vtype_id or route_id
    double weight = -1;      // below 0: the weight that the part itself names
  };
  struct flat {
    std::vector<std::uint32_t> leaves;
    std::vector<double> weights;
  };
  struct entry {
    std::vector<part> parts;
    double weight = 1;  // inside a mixture that says none
    std::string where;
    bool resolving = false;
    std::optional<flat> whole;
  };
  explicit mixture_table(char const* what) : what_(what) {}
  void define(std::string const& name, entry e);
  [[nodiscard]] bool knows(std::string const& name) const { return entries_.find(name) != entries_.end(); }
  // where: who names it, for the message when it is unknown.
  flat const& resolve(std::string const& name, std::string const& where, int depth = 0);

 private:
  char const* what_;
  std::unordered_map<std::string, entry> entries_;
};

struct raw_stop {
  std::string at;  // a <busStop>; empty: the place on the lane
  lane_id lane;
  double begin_m = 0, end_m = 0;
  double duration_s = 0, until_s = -1;
  place where;
};

struct speed_bounds {
  double least = 0.2, most = 2;
};

struct raw_vehicle {
  std::string name, type, route_name, line;
  route_id own_route;  // written inside it
  edge_id from, to;    // of a trip
  std::vector<edge_id> via;
  double depart_s = 0, speed_factor = 0;  // 0: drawn
  departure start;
  std::vector<raw_stop> stops;
  place where;
};

enum class flow_kind : std::uint8_t { kNumber, kPeriod, kProbability, kPoisson };

struct raw_flow {
  raw_vehicle what;
  flow_kind kind = flow_kind::kNumber;
  double begin_s = 0, end_s = 0;
  double value = 0;          // period in s, probability a second, or rate a second
  std::int64_t number = -1;  // -1: as many as fit
};

struct raw_ride {
  std::string from_edge, to_edge;  // where they are named
  std::string at;                  // of a stay: where; of a ride: where it ends
  std::vector<std::string> served_by;
  double stay_s = 0, until_s = -1;
  bool stays = false;
  place where;
};

struct raw_person {
  raw_flow times;  // of its name; of one alone its departure is in it
  bool of_flow = false, beyond_us = false;
  std::vector<raw_ride> plan;
};

struct flow_departure {
  double depart_s;
  std::uint64_t index;  // counts from the flow's own begin: part of the key of the vehicle's draws
};

struct state {
  state(network const& n, sumo_reading const& o) : net(n), options(o) { out.programs.resize(n.signals.name.size()); }
  network const& net;
  sumo_reading const& options;
  std::vector<std::filesystem::path> files;
  bool may_include = true;
  int include_depth = 0;
  sumo_inputs out;
  findings ignored, unsupported, notes;
  mixture_table types{"vehicle type"}, routes{"route"};
  std::vector<speed_bounds> bounds;             // by vtype_id
  std::vector<std::vector<raw_stop>> stops_of;  // by route_id
  std::vector<raw_vehicle> vehicles;
  std::vector<raw_flow> flows;
  std::vector<raw_person> persons;
  std::unordered_map<std::string, stop_id> stops;
  std::unordered_set<std::string> vehicle_names, flow_names, loop_names, area_names, person_names;

  [[nodiscard]] std::string where(place const& p, std::string const& name) const;
  [[noreturn]] void fail(place const& p, std::string const& name, std::string what, std::string hint = {}) const;
};

// sumo_types.cpp: one <vType>, with SUMO's defaults for its class.
vehicle_type read_type(xml_attributes const& a, speed_bounds& bounds);
// The type a vehicle without one has, and the others that SUMO knows unasked.
bool add_default_type(state& s, std::string const& name);
std::vector<std::string> words_of(std::string_view text);
double not_negative(xml_attributes const& a, char const* name, double fallback, double most);
double read_time(xml_attributes const& a, char const* name, double fallback);  // within 0 and kMostTime_s

// sumo_vehicles.cpp: attributes of <vehicle>, <trip> and <flow>.
std::optional<raw_vehicle> read_vehicle(xml_attributes const& a, place where, state& s);
void read_flow_times(xml_attributes const& a, raw_flow& f, double begin_s, double end_s, state& s);
std::vector<flow_departure> departures_of(raw_flow const& f, state const& s);  // inside the run's time, ascending
std::vector<edge_id> read_edges(xml_attributes const& a, std::string_view text, network const& net);

// sumo_additional.cpp: stops, detectors, signal programs.
lane_id read_lane(xml_attributes const& a, network const& net);
void read_bus_stop(xml_attributes const& a, state& s);
void read_loop(xml_attributes const& a, state& s);
void read_area(xml_attributes const& a, state& s);
std::optional<raw_stop> read_stop(xml_attributes const& a, place where, state& s);
signal_id open_program(xml_attributes const& a, state& s);
void read_phase(xml_attributes const& a, signal_id signal, state& s);
void close_program(signal_id signal, std::string const& where, state& s);

// sumo_persons.cpp: people who take buses.
raw_person read_person(xml_attributes const& a, place where, bool of_flow, double begin_s, double end_s, state& s);
void read_person_plan(std::string_view element, xml_attributes const& a, place where, raw_person& p, state& s);
void build_passengers(state& s);  // of all persons, when all stops are known

// sumo_file.cpp: one file's elements into the state.
void read_file(std::filesystem::path const& file, state& s);
void read_text(std::string_view text, std::filesystem::path const& name, state& s);

// sumo_build.cpp: names resolved, flows expanded, everybody in order.
void build(state& s);

}  // namespace gemeo::sumo_files
