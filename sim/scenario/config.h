// What a scenario says, typed: one nested struct whose defaults are those of its members. Each struct lists its keys
// once, in visit(); reading, printing, --set and scenarios/FORMAT.md all go through that list, so none can go stale.
// Times are seconds since midnight of the scenario's first day; other units stand in the names, as people write them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/core/vclass.h"
#include "sim/demand/demand.h"
#include "sim/scenario/area.h"

namespace gemeo {

struct clock_time {
  double s = 0;
};
struct class_set {
  vclass_mask mask = 0;
};
struct purpose_set {  // no bit: every purpose
  std::uint32_t mask = 0;
  [[nodiscard]] bool holds(purpose p) const { return mask == 0 || (mask >> static_cast<unsigned>(p) & 1U) != 0; }
};
struct phase_config {
  std::string state;
  double duration_s = 0, min_s = 0, max_s = 0;  // min_s, max_s: actuated only; 0: as duration_s
};

struct key_info {
  char const* name = "";
  char const* unit = "";
  char const* help = "";
  double min = -1e12, max = 1e12;
  bool required = false;
  char const* choices = "";  // "fixed|actuated"; empty: any
};

struct target_config {
  std::vector<std::string> edges, roads, zones;
  area polygon;
  area within;
  std::string direction;
  std::vector<std::string> except_edges, except_roads;
  template <typename V>
  void visit(V& v) {
    v({"edges", "ids", "edges by their id in the network"}, edges);
    v({"roads", "names", "all edges of these roads; case and accents do not matter, `*` stands for anything"}, roads);
    v({"zones", "ids", "the edges where trips of these zones begin or end (zone id, name or parish)"}, zones);
    v({"polygon", "[[lon, lat], ...] or file",
       "edges whose middle lies inside; in degrees, or the name of a GeoJSON file"},
      polygon);
    v({"within", "[[lon, lat], ...] or file", "of the edges named above, only those whose middle lies inside"}, within);
    v({"direction", "compass", "of the edges named above, only those that run towards this side (within 90 degrees)",
       -1e12, 1e12, false, "|north|northeast|east|southeast|south|southwest|west|northwest"},
      direction);
    v({"except_edges", "ids", "edges left out again"}, except_edges);
    v({"except_roads", "names", "roads left out again"}, except_roads);
  }
};

struct window_config {
  std::optional<clock_time> begin, end;
  template <typename V>
  void visit(V& v) {
    v({"begin", "time", "from when; default: the scenario's begin", 0, 172800}, begin);
    v({"end", "time", "until when; default: the scenario's end", 0, 172800}, end);
  }
};

struct label_config {
  std::string name;
  bool enabled = true;
  std::string where;  // file and line, for messages
  template <typename V>
  void visit(V& v) {
    v({"name", "text", "what people call it; an heir's intervention of the same kind and name changes this one"}, name);
    v({"enabled", "true or false", "false: left out, e.g. by an heir"}, enabled);
  }
};

struct close_config {
  static constexpr char const* kKind = "close";
  static constexpr char const* kHelp = "Closes edges to some or all classes of vehicles.";
  label_config label;
  window_config window;
  target_config target;
  class_set classes{kAllClasses}, except_classes;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"classes", "vehicle classes", "closed to these; \"all\" or SUMO's class names"}, classes);
    v({"except_classes", "vehicle classes", "but not to these"}, except_classes);
  }
};

struct close_lane_config {
  static constexpr char const* kKind = "close_lane";
  static constexpr char const* kHelp = "Closes some lanes of edges.";
  label_config label;
  window_config window;
  target_config target;
  std::vector<std::int64_t> lanes;
  class_set classes{kAllClasses}, except_classes;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"lanes", "numbers", "0 is the right-most lane, as in SUMO; -1 the left-most", -64, 63, true}, lanes);
    v({"classes", "vehicle classes", "closed to these"}, classes);
    v({"except_classes", "vehicle classes", "but not to these"}, except_classes);
  }
};

struct speed_limit_config {
  static constexpr char const* kKind = "speed_limit";
  static constexpr char const* kHelp = "Sets the speed limit of edges; where several hold at once the lowest counts.";
  label_config label;
  window_config window;
  target_config target;
  std::optional<double> speed_kmh, factor;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"speed_kmh", "km/h", "the limit (this or factor)", 1, 200}, speed_kmh);
    v({"factor", "share", "times the limit that stands there", 0.05, 3}, factor);
  }
};

struct lane_permission_config {
  static constexpr char const* kKind = "lane_permission";
  static constexpr char const* kHelp =
      "Says which classes may use lanes: a bus lane, a cycle lane, a lane opened to cars.";
  label_config label;
  window_config window;
  target_config target;
  std::vector<std::int64_t> lanes;
  class_set allow;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"lanes", "numbers", "0 is the right-most lane, -1 the left-most", -64, 63, true}, lanes);
    v({"allow", "vehicle classes", "only these may use the lanes", -1e12, 1e12, true}, allow);
  }
};

struct signal_program_config {
  static constexpr char const* kKind = "signal_program";
  static constexpr char const* kHelp =
      "Gives traffic lights another program: what is not said stays as in the network's own program.";
  label_config label;
  window_config window;
  std::vector<std::string> signals, roads;
  area polygon;
  std::string mode = "fixed";
  std::optional<double> cycle_s, offset_s;
  std::vector<double> green_s, splits;
  std::optional<double> min_green_s, max_green_s;
  std::vector<phase_config> phases;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v);
    v({"signals", "ids", "traffic lights by their id in the network"}, signals);
    v({"roads", "names", "the traffic lights at which these roads end"}, roads);
    v({"polygon", "[[lon, lat], ...] or file", "the traffic lights inside"}, polygon);
    v({"mode", "", "fixed times, or greens that last while vehicles keep coming", -1e12, 1e12, false, "fixed|actuated"},
      mode);
    v({"cycle_s", "s", "length of the cycle; greens share what yellow and red phases leave", 10, 600}, cycle_s);
    v({"offset_s", "s", "start of the cycle after midnight", 0, 600}, offset_s);
    v({"green_s", "s", "length of each green phase, in their order", 1, 600}, green_s);
    v({"splits", "shares", "shares of the green time for each green phase, in their order; sum 1", 0, 1}, splits);
    v({"min_green_s", "s", "actuated: shortest green", 1, 600}, min_green_s);
    v({"max_green_s", "s", "actuated: longest green", 1, 600}, max_green_s);
    v({"phases", "[{state, duration_s, min_s, max_s}]",
       "a whole program of one's own; one letter of GgrRyYsuoO per link"},
      phases);
  }
};

struct incident_config {
  static constexpr char const* kKind = "incident";
  static constexpr char const* kHelp = "Blocks lanes from a moment on, for a random time drawn by seed and name.";
  label_config label;
  std::optional<clock_time> begin;
  std::string edge;
  std::vector<std::int64_t> lanes;
  double position = 0.5;
  double duration_min = 30, duration_sd_min = 0;
  std::optional<double> passing_speed_kmh;
  double informed_share = 0.3, announced_delay_min = 10;
  template <typename V>
  void visit(V& v) {
    label.visit(v);
    v({"begin", "time", "when it happens", 0, 172800, true}, begin);
    v({"edge", "id", "where it happens", -1e12, 1e12, true}, edge);
    v({"lanes", "numbers", "the lanes blocked; 0 is the right-most, -1 the left-most", -64, 63, true}, lanes);
    v({"position", "share", "where on the edge: 0 its start, 1 its end", 0, 1}, position);
    v({"duration_min", "min", "mean time until it is cleared", 0.1, 2880}, duration_min);
    v({"duration_sd_min", "min", "standard deviation of that time (log-normal); 0: always the mean", 0, 2880},
      duration_sd_min);
    v({"passing_speed_kmh", "km/h", "limit on the edge's other lanes meanwhile", 1, 200}, passing_speed_kmh);
    v({"informed_share", "share", "of drivers who know of it once it has happened, and choose their route by it", 0, 1},
      informed_share);
    v({"announced_delay_min", "min", "delay those drivers expect there; unused when every lane is blocked", 0, 600},
      announced_delay_min);
  }
};

struct low_emission_zone_config {
  static constexpr char const* kKind = "low_emission_zone";
  static constexpr char const* kHelp =
      "Bans vehicles from edges by class, emission class or type. A ban is a rule, not a barrier: routes obey it, "
      "except those "
      "of exempt drivers.";
  label_config label;
  window_config window;
  target_config target;
  class_set classes;
  std::vector<std::string> emission_classes, types;
  double exempt_share = 0;
  std::string inside = "exempt";
  std::string replace_with;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"classes", "vehicle classes", "banned classes"}, classes);
    v({"emission_classes", "names", "banned emission classes, e.g. \"HBEFA3/PC_D*\""}, emission_classes);
    v({"types", "names", "banned types of vtypes.add.xml"}, types);
    v({"exempt_share", "share", "of drivers whom the ban does not bind", 0, 1}, exempt_share);
    v({"inside", "",
       "trips of banned vehicles that begin or end inside: go on as before, get another vehicle, or are not made",
       -1e12, 1e12, false, "exempt|replace|remove"},
      inside);
    v({"replace_with", "type", "the other vehicle's type, for inside = \"replace\""}, replace_with);
  }
};

struct road_price_config {
  static constexpr char const* kKind = "road_price";
  static constexpr char const* kHelp = "A toll, felt by route choice as seconds by the value of time.";
  label_config label;
  window_config window;
  target_config target;
  double price_eur = 0;
  std::string charge = "edge";
  double value_of_time_eur_per_h = 0;
  class_set classes{kAllClasses}, except_classes;
  double exempt_share = 0;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), target.visit(v);
    v({"price_eur", "EUR", "the price", 0, 10000, true}, price_eur);
    v({"charge", "", "for each edge entered, for each km driven on them, or for each crossing into the polygon", -1e12,
       1e12, false, "edge|km|cordon"},
      charge);
    v({"value_of_time_eur_per_h", "EUR/h", "what an hour is worth to a driver", 0.1, 1000, true},
      value_of_time_eur_per_h);
    v({"classes", "vehicle classes", "who pays"}, classes);
    v({"except_classes", "vehicle classes", "who does not"}, except_classes);
    v({"exempt_share", "share", "of drivers who do not pay", 0, 1}, exempt_share);
  }
};

struct trip_filter_config {
  std::vector<std::string> from, to;
  purpose_set purposes;
  std::vector<std::string> vtypes;
  template <typename V>
  void visit(V& v) {
    v({"from", "zones", "trips from these zones (id, name, parish, kind, or with `*`); default: all"}, from);
    v({"to", "zones", "trips to these zones; default: all"}, to);
    v({"purposes", "", "work school home leisure business through freight event other; default: all"}, purposes);
    v({"vtypes", "names", "vehicle types or mixes, as in od.csv; default: all"}, vtypes);
  }
};

struct demand_config {
  static constexpr char const* kKind = "demand";
  static constexpr char const* kHelp =
      "Changes trips by origin, destination, purpose and time of departure; never buses.";
  label_config label;
  window_config window;
  trip_filter_config trips;
  double scale = 1;
  double mode_shift_share = 0;
  std::string mode_shift_to;
  double departure_shift_min = 0, departure_shift_share = 1;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), trips.visit(v);
    v({"scale", "factor", "times as many trips of the OD matrix; those of the base stay who they are", 0, 20}, scale);
    v({"mode_shift_share", "share", "of travellers who leave their vehicle at home", 0, 1}, mode_shift_share);
    v({"mode_shift_to", "text", "what they use instead, for the report: bus, train, bicycle, walk"}, mode_shift_to);
    v({"departure_shift_min", "min", "departs so much later (earlier below 0)", -720, 720}, departure_shift_min);
    v({"departure_shift_share", "share", "of travellers who shift their departure", 0, 1}, departure_shift_share);
  }
};

struct park_and_ride_config {
  static constexpr char const* kKind = "park_and_ride";
  static constexpr char const* kHelp =
      "Trips end at a station and go on by train, while the station has spaces; trips back begin there. Freight and "
      "lorries never do; through traffic only where `purposes` names it.";
  label_config label;
  window_config window;
  trip_filter_config trips;
  std::vector<std::string> stations;
  double share = 1;
  std::optional<std::int64_t> spaces;
  double max_detour_min = 15;
  bool returns = true;
  double ride_min = 30;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v), trips.visit(v);
    v({"stations", "zones", "zones with spaces; default: all that have some"}, stations);
    v({"share", "share", "of those travellers who would take the train if they find a space", 0, 1}, share);
    v({"spaces", "vehicles", "spaces at each station; default: park_and_ride_spaces of zones.csv", 0, 100000}, spaces);
    v({"max_detour_min", "min",
       "a station counts when driving there costs at most so much more than driving to the trip's end", -600, 600},
      max_detour_min);
    v({"returns", "true or false", "as many trips the other way begin at the stations as cars are parked there"},
      returns);
    v({"ride_min", "min", "a trip back leaves the station so much later than the car trip would have left", 0, 300},
      ride_min);
  }
};

struct bus_frequency_config {
  static constexpr char const* kKind = "bus_frequency";
  static constexpr char const* kHelp = "Lets bus lines run more or less often.";
  label_config label;
  window_config window;
  std::vector<std::string> lines;
  std::optional<double> headway_min, factor;
  template <typename V>
  void visit(V& v) {
    label.visit(v), window.visit(v);
    v({"lines", "ids", "lines of lines.toml; default: all"}, lines);
    v({"headway_min", "min", "a bus every so often, also where none ran (this or factor)", 0.5, 1440}, headway_min);
    v({"factor", "factor", "times as often as now", 0, 20}, factor);
  }
};

struct event_config {
  static constexpr char const* kKind = "event";
  static constexpr char const* kHelp = "Car trips of visitors to a place, and back again.";
  label_config label;
  std::string to;
  std::vector<std::string> from;
  std::int64_t visitors = 0;
  double car_share = 0.8, persons_per_car = 2.2;
  std::optional<clock_time> arrive_begin, arrive_end, leave_begin, leave_end;
  std::string vtype = "car";
  template <typename V>
  void visit(V& v) {
    label.visit(v);
    v({"to", "zone", "where it is", -1e12, 1e12, true}, to);
    v({"from", "zones", "where visitors come from, by the trips those zones make; default: all but the place itself"},
      from);
    v({"visitors", "persons", "how many come", 0, 2e6, true}, visitors);
    v({"car_share", "share", "of visitors who come by car", 0, 1}, car_share);
    v({"persons_per_car", "persons", "in each car", 1, 9}, persons_per_car);
    v({"arrive_begin", "time", "first arrivals; most come half-way to arrive_end", 0, 172800, true}, arrive_begin);
    v({"arrive_end", "time", "last arrivals", 0, 172800, true}, arrive_end);
    v({"leave_begin", "time", "first departures for home; default: nobody leaves within the scenario", 0, 172800},
      leave_begin);
    v({"leave_end", "time", "last departures for home", 0, 172800}, leave_end);
    v({"vtype", "type or mix", "vehicles they come in"}, vtype);
  }
};

using intervention_config =
    std::variant<close_config, close_lane_config, speed_limit_config, lane_permission_config, signal_program_config,
                 incident_config, low_emission_zone_config, road_price_config, demand_config, park_and_ride_config,
                 bus_frequency_config, event_config>;

struct time_config {
  clock_time begin{0}, end{86400};
  double warm_up_s = 0, step_s = 1;
  template <typename V>
  void visit(V& v) {
    v({"begin", "time", "\"HH:MM\", \"HH:MM:SS\" or seconds since midnight", 0, 172800}, begin);
    v({"end", "time", "may lie after midnight: \"25:30\"", 0, 172800}, end);
    v({"warm_up_s", "s",
       "travellers who leave in this time fill the network and are left out of the indicators; whole intervals of the "
       "run",
       0, 86400},
      warm_up_s);
    v({"step_s", "s", "length of a tick", 0.1, 1}, step_s);
  }
};

struct routes_config {
  std::string response = "reroute_affected";
  double share = 0.5;
  double taste_sd = 0.1;
  double discovery_interval_s = 120;
  std::string travel_times = "city";
  double informed_share = 0, informed_interval_s = 300, informed_gain = 0.1, informed_gain_s = 30;
  template <typename V>
  void visit(V& v) {
    v({"response", "",
       "who chooses another route: nobody, those whose route is affected, a share of those, or all until nobody gains",
       -1e12, 1e12, false, "fixed|reroute_affected|reroute_share|equilibrium"},
      response);
    v({"share", "share",
       "reroute_share: of affected travellers who know before they leave; the others find out on their way", 0, 1},
      share);
    v({"taste_sd", "log cost", "spread of how travellers perceive the cost of an edge (log-normal)", 0, 2}, taste_sd);
    v({"discovery_interval_s", "s",
       "reroute_share: how often those who did not know look at what is closed ahead; 0: never", 0, 86400},
      discovery_interval_s);
    v({"travel_times", "", "what routes are chosen with: the times in the city's travel_times.csv, or free flow", -1e12,
       1e12, false, "city|free_flow"},
      travel_times);
    v({"informed_share", "share", "of drivers, those who see live travel times and may change their way on the road", 0,
       1},
      informed_share);
    v({"informed_interval_s", "s", "they look when they enter the network, and then so often", 10, 86400},
      informed_interval_s);
    v({"informed_gain", "share", "they change where it saves at least this share of the time left ...", 0, 1},
      informed_gain);
    v({"informed_gain_s", "s", "... and at least this time", 0, 86400}, informed_gain_s);
  }
};

struct equilibrium_config {
  double relative_gap = 0.05;
  std::int64_t max_iterations = 20;
  template <typename V>
  void visit(V& v) {
    v({"relative_gap", "share", "ends when travellers could save no more than this share of their time", 1e-6, 1},
      relative_gap);
    v({"max_iterations", "", "ends after so many simulations at the latest", 1, 1000}, max_iterations);
  }
};

struct engine_config {
  double time_to_teleport_s = 300;
  std::vector<std::string> sumo_options;
  template <typename V>
  void visit(V& v) {
    v({"time_to_teleport_s", "s", "a vehicle that has stood so long is moved past the obstacle and counted; -1: never",
       -1, 86400},
      time_to_teleport_s);
    v({"sumo_options", "options", "further options for SUMO, e.g. [\"--lateral-resolution\", \"0.8\"]"}, sumo_options);
  }
};

struct scenario_config {
  std::string title, title_pt, description;
  std::string city;
  std::optional<std::string> calibrated, members;
  time_config time;
  routes_config routes;
  equilibrium_config equilibrium;
  engine_config engine;
  std::vector<intervention_config> interventions;  // in the order of the files, bases first
  std::filesystem::path city_from;                 // folder that a city given as a path starts from
  template <typename V>
  void visit(V& v) {
    v({"title", "text", "what people call it"}, title);
    v({"title_pt", "text", "the same in Portuguese, for the page of `gemeo compare`"}, title_pt);
    v({"description", "text", "the question it answers"}, description);
    v({"city", "name or folder", "a folder of data/, or a path from this file", -1e12, 1e12, true}, city);
    v({"calibrated", "file",
       "the demand that `gemeo calibrate` found: a CSV of factors on od.csv by pair of zones and time of departure, "
       "and of who chooses routes by the empty network's times (a planned route; an equilibrium is everybody's); "
       "[[demand]] scales come on top"},
      calibrated);
    v({"members", "folder",
       "several likely versions of that demand, written where a calibration's job says `fit.refits`: each seed takes "
       "one "
       "of its files, instead of `calibrated`; two scenarios that name the same folder share it, seed by seed"},
      members);
  }
};

inline label_config const& label_of(intervention_config const& c) {
  return std::visit([](auto const& k) -> label_config const& { return k.label; }, c);
}
inline char const* kind_of(intervention_config const& c) {
  return std::visit([](auto const& k) { return k.kKind; }, c);
}

// The sections that are tables of their own, and then what to call for each kind of intervention.
template <typename F>
void for_each_section(scenario_config& c, F&& f) {
  f("time", c.time);
  f("routes", c.routes);
  f("equilibrium", c.equilibrium);
  f("engine", c.engine);
}
template <typename F, std::size_t... I>
void for_each_kind_impl(F&& f, std::index_sequence<I...>) {
  (f(std::variant_alternative_t<I, intervention_config>()), ...);
}
template <typename F>
void for_each_kind(F&& f) {
  for_each_kind_impl(f, std::make_index_sequence<std::variant_size_v<intervention_config>>());
}

}  // namespace gemeo
