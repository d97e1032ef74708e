// The elements of one file, into what is resolved later.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "sim/core/error.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1000;
constexpr int kMostIncludes = 8;

// Top-level elements by what becomes of them.
constexpr std::array<std::string_view, 14> kOutputOnly = {"e3Detector",
                                                          "entryExitDetector",
                                                          "instantInductionLoop",
                                                          "routeProbe",
                                                          "edgeData",
                                                          "laneData",
                                                          "timedEvent",
                                                          "poly",
                                                          "poi",
                                                          "viewsettings",
                                                          "location",
                                                          "param",
                                                          "taz",
                                                          "tazs"};
// Places that matter only to those who stop there: who does is told at the stop.
constexpr std::array<std::string_view, 6> kUnusedPlaces = {"parkingArea",       "chargingStation",
                                                           "containerStop",     "overheadWireSegment",
                                                           "overheadWireClamp", "tractionSubstation"};
constexpr std::array<std::string_view, 8> kBeyond = {"container", "containerFlow", "calibrator",        "rerouter",
                                                     "WAUT",      "wautJunction",  "variableSpeedSign", "vaporizer"};
constexpr std::array<std::string_view, 19> kRead = {"vType",
                                                    "vTypeDistribution",
                                                    "route",
                                                    "routeDistribution",
                                                    "vehicle",
                                                    "trip",
                                                    "flow",
                                                    "busStop",
                                                    "trainStop",
                                                    "e1Detector",
                                                    "inductionLoop",
                                                    "e2Detector",
                                                    "laneAreaDetector",
                                                    "tlLogic",
                                                    "interval",
                                                    "include",
                                                    "rerouter",
                                                    "person",
                                                    "personFlow"};

template <std::size_t N>
bool one_of(std::array<std::string_view, N> const& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

enum class inside : std::uint8_t {
  kRoot,
  kTypes,
  kType,
  kVehicle,
  kPerson,
  kRoute,
  kRoutes,
  kProgram,
  kStop,
  kNothing
};

class file_reader : public xml_handler {
 public:
  file_reader(state& s, std::uint32_t file) : s_(s), file_(file) {}

  void start(std::string_view element, xml_attributes const& a) override {
    if (within_.empty()) {
      check_root(element, a);
      return;
    }
    switch (within_.back()) {
      case inside::kRoot:
        return top(element, a);
      case inside::kTypes:
        if (element == "vType") return type(a);
        return other(element, a);
      case inside::kVehicle:
        return in_vehicle(element, a);
      case inside::kPerson:
        if (element == "param") return enter(inside::kNothing);
        read_person_plan(element, a, {file_, a.line(), element == "stop" ? "stop" : "ride"}, person_, s_);
        return enter(inside::kStop);
      case inside::kRoute:
        if (element == "stop") return stop(a);
        return other(element, a);
      case inside::kRoutes:
        if (element == "route") return route(a);
        return other(element, a);
      case inside::kProgram:
        if (element != "phase") return other(element, a);
        read_phase(a, signal_, s_);
        return enter(inside::kNothing);
      case inside::kType:
      case inside::kStop:
        return other(element, a);
      case inside::kNothing:
        return enter(inside::kNothing);
    }
  }

  void end(std::string_view element) override {
    inside const what = within_.back();
    within_.pop_back();
    if (what == inside::kTypes) close_mixture(s_.types, types_);
    if (what == inside::kRoutes) close_mixture(s_.routes, routes_);
    if (what == inside::kRoute) s_.stops_of.back() = std::move(route_stops_);
    if (what == inside::kVehicle) close_vehicle();
    if (what == inside::kPerson) s_.persons.push_back(std::move(person_));
    if (what == inside::kProgram) close_program(signal_, where_, s_);
    if (element == "interval" && what == inside::kRoot && !within_.empty()) interval_ = {};
  }
  [[nodiscard]] bool wants_text() const override { return false; }

 private:
  struct open_mixture {
    std::string name;
    mixture_table::entry what;
  };

  void enter(inside what) { within_.push_back(what); }
  [[nodiscard]] place at(char const* element, xml_attributes const& a) const { return {file_, a.line(), element}; }

  void check_root(std::string_view element, xml_attributes const& a) {
    bool const foreign = element == "net" || element == "nodes" || element == "edges" || element == "connections" ||
                         element.find("onfiguration") != std::string_view::npos;
    if (foreign)
      a.fail("is no demand of SUMO", "a route file begins with <routes>, an additional file with <additional>");
    if (one_of(kOutputOnly, element)) {  // the settings of SUMO's window, say
      s_.ignored.add(fmt::format("<{}>", element), a.where());
      return enter(inside::kNothing);
    }
    if (one_of(kRead, element) || one_of(kBeyond, element))
      a.fail("stands alone in its file", "put it between <routes> and </routes>");
    enter(inside::kRoot);
  }

  void top(std::string_view element, xml_attributes const& a) {
    if (element == "vehicle") return vehicle(a, "vehicle");
    if (element == "trip") return vehicle(a, "trip");
    if (element == "flow") return flow(a);
    if (element == "person") return person(a, "person");
    if (element == "personFlow") return person(a, "personFlow");
    if (element == "vType") return type(a);
    if (element == "vTypeDistribution") return mixture(a, types_, "vTypes", inside::kTypes);
    if (element == "route") return route(a);
    if (element == "routeDistribution") return mixture(a, routes_, "routes", inside::kRoutes);
    if (element == "interval") return interval(a);
    if (element == "include") return include(a);
    if (element == "tlLogic") {
      signal_ = open_program(a, s_);
      where_ = a.where();
      return enter(inside::kProgram);
    }
    if (element == "busStop" || element == "trainStop") {
      read_bus_stop(a, s_);
    } else if (element == "e1Detector" || element == "inductionLoop") {
      read_loop(a, s_);
    } else if (element == "e2Detector" || element == "laneAreaDetector") {
      read_area(a, s_);
    } else if (one_of(kOutputOnly, element) || one_of(kUnusedPlaces, element)) {
      s_.ignored.add(fmt::format("<{}>", element), a.where());
    } else if (one_of(kBeyond, element)) {
      s_.unsupported.add(fmt::format("<{}>", element), a.where());
    } else {
      std::string const hint = did_you_mean(std::string(element), kRead);
      s_.unsupported.add(fmt::format("<{}>", element),
                         a.where() + ": unknown element" + (hint.empty() ? "" : " (" + hint + ")"));
    }
    enter(inside::kNothing);
  }

  // What stands inside something known: parameters, of which those of devices are obeyed, and what we do not know.
  void other(std::string_view element, xml_attributes const& a) {
    if (element != "param") {
      s_.unsupported.add(fmt::format("<{}>", element), a.where() + ": not known here");
      return enter(inside::kNothing);
    }
    constexpr std::array<std::string_view, 6> kWriters = {"tripinfo", "emissions", "fcd", "vehroute", "ssm", "example"};
    std::string_view const key = a.text_or("key", ""), value = a.text_or("value", "");
    bool const off = value == "false" || value == "0" || value == "off";
    bool obeyed = key.starts_with("device.") || (key.starts_with("has.") && !off);
    for (std::string_view const w : kWriters) {
      if (key.find(w) != std::string_view::npos) obeyed = false;
    }
    if (within_.back() == inside::kProgram) obeyed = true;
    if (obeyed)
      s_.unsupported.add(fmt::format("<param key=\"{}\">", key), fmt::format("{}: key=\"{}\"", a.where(), key));
    enter(inside::kNothing);
  }

  void type(xml_attributes const& a) {
    speed_bounds bounds;
    vehicle_type t = read_type(a, bounds);
    std::string const name = t.name;
    double const weight = t.probability;
    vtype_id const id = s_.out.travellers.types.push_back(std::move(t));
    s_.bounds.push_back(bounds);
    s_.types.define(name, {{{"", id.value, weight}}, weight, a.where(), false, {}});
    if (within_.back() == inside::kTypes) types_.what.parts.push_back({"", id.value, weight});
    enter(inside::kType);
  }

  // Parts by name, and their weights; more parts stand inside.
  void mixture(xml_attributes const& a, open_mixture& m, char const* parts, inside what) {
    m = {};
    m.name = own_route_here() ? "" : std::string(a.text("id"));
    if (m.name.empty() && !own_route_here()) a.fail("the id is empty");
    m.what.where = a.where();
    m.what.weight = not_negative(a, "probability", 1, 1e9);
    for (std::string const& name : words_of(a.text_or(parts, ""))) m.what.parts.push_back({name, 0, -1});
    auto const given = words_of(a.text_or("probabilities", ""));
    if (!given.empty() && given.size() != m.what.parts.size())
      a.fail(fmt::format("names {} parts but {} probabilities", m.what.parts.size(), given.size()), "one for each");
    for (std::size_t i = 0; i < given.size(); ++i) {
      auto const w = parse_number(given[i]);
      if (!w || *w < 0 || *w > 1e9) a.fail(fmt::format("probability '{}' is no number of 0 or more", given[i]));
      m.what.parts[i].weight = *w;
    }
    if (a.find("deterministic") && a.text("deterministic") != "-1")
      s_.unsupported.add("deterministic distribution", a.where() + ": deterministic");
    enter(what);
  }
  [[nodiscard]] bool own_route_here() const { return within_.back() == inside::kVehicle; }

  void close_mixture(mixture_table& table, open_mixture& m) {
    if (m.what.parts.empty()) throw_input(m.what.where, "is a mix of nothing", "name its parts, or put them inside");
    if (m.name.empty()) {  // inside a vehicle: a name that no file can write
      m.name = fmt::format("\n{}", s_.vehicles.size() + s_.flows.size());
      vehicle_.route_name = m.name;
    }
    table.define(m.name, std::move(m.what));
  }

  void route(xml_attributes const& a) {
    bool const inside_mixture = within_.back() == inside::kRoutes;
    if (inside_mixture && a.find("refId")) {
      routes_.what.parts.push_back({std::string(a.text("refId")), 0, not_negative(a, "probability", -1, 1e9)});
      return enter(inside::kType);
    }
    if (a.find("repeat") && a.integer("repeat") != 0)
      s_.unsupported.add("<route> with 'repeat'", a.where() + ": 'repeat'");
    std::vector<edge_id> const edges = read_edges(a, a.text("edges"), s_.net);
    if (edges.empty()) a.fail("has no edges", "edges=\"first second ...\"");
    route_id const id = s_.out.travellers.add_route(edges);
    s_.stops_of.emplace_back();
    route_stops_.clear();
    double const weight = not_negative(a, "probability", 1, 1e9);
    if (own_route_here()) {
      vehicle_.own_route = id;
    } else {
      std::string const name(a.text_or("id", ""));
      if (name.empty() && !inside_mixture) a.fail("attribute 'id' is missing");
      if (inside_mixture) routes_.what.parts.push_back({"", id.value, weight});
      if (!name.empty()) s_.routes.define(name, {{{"", id.value, weight}}, weight, a.where(), false, {}});
    }
    enter(inside::kRoute);
  }

  void stop(xml_attributes const& a) {
    auto r = read_stop(a, at("stop", a), s_);
    if (r) (within_.back() == inside::kRoute ? route_stops_ : vehicle_.stops).push_back(std::move(*r));
    enter(inside::kStop);
  }

  void vehicle(xml_attributes const& a, char const* element) {
    auto v = read_vehicle(a, at(element, a), s_);
    if (!v) return enter(inside::kNothing);
    if (!s_.vehicle_names.insert(v->name).second)
      a.fail("a vehicle of this id exists already", "give one of them another id");
    vehicle_ = std::move(*v);
    flow_.reset();
    if (vehicle_.depart_s < last_depart_s_) {
      s_.notes.add("out of order", a.where() + ": stands after a later departure; SUMO 1.15 would leave it out");
    }
    last_depart_s_ = std::max(last_depart_s_, vehicle_.depart_s);
    enter(inside::kVehicle);
  }

  void flow(xml_attributes const& a) {
    auto v = read_vehicle(a, at("flow", a), s_);
    if (!v) return enter(inside::kNothing);
    raw_flow f;
    f.what = *v;
    read_flow_times(a, f, interval_.begin_s.value_or(s_.options.begin_s), interval_.end_s.value_or(s_.options.end_s),
                    s_);
    if (!s_.flow_names.insert(v->name).second)
      a.fail("a flow of this id exists already", "give one of them another id");
    vehicle_ = std::move(*v);
    flow_ = std::move(f);
    enter(inside::kVehicle);
  }

  void person(xml_attributes const& a, char const* element) {
    bool const of_flow = std::string_view(element) == "personFlow";
    person_ = read_person(a, at(element, a), of_flow, interval_.begin_s.value_or(s_.options.begin_s),
                          interval_.end_s.value_or(s_.options.end_s), s_);
    enter(inside::kPerson);
  }

  void in_vehicle(std::string_view element, xml_attributes const& a) {
    bool const another = vehicle_.own_route.valid() || !vehicle_.route_name.empty();
    if ((element == "route" || element == "routeDistribution") && another) a.fail("is a second route of one vehicle");
    if (element == "route") return route(a);
    if (element == "routeDistribution") return mixture(a, routes_, "routes", inside::kRoutes);
    if (element == "stop") return stop(a);
    other(element, a);
  }

  void close_vehicle() {
    bool const has_route = vehicle_.own_route.valid() || !vehicle_.route_name.empty();
    if (!has_route && (!vehicle_.from.valid() || !vehicle_.to.valid()))
      s_.fail(vehicle_.where, vehicle_.name, "has no route", "give it a <route>, or 'from' and 'to'");
    if (!flow_) {
      s_.vehicles.push_back(std::move(vehicle_));
    } else {
      flow_->what = std::move(vehicle_);
      s_.flows.push_back(std::move(*flow_));
    }
    vehicle_ = {};
    flow_.reset();
  }

  void interval(xml_attributes const& a) {
    interval_ = {read_time(a, "begin", 0), read_time(a, "end", s_.options.end_s)};
    enter(inside::kRoot);
  }

  void include(xml_attributes const& a) {
    fs::path const named(a.text("href"));
    if (!s_.may_include) a.fail("names another file", "this text cannot");
    fs::path const& own = s_.files[file_];
    fs::path const file = named.is_absolute() ? named : own.parent_path() / named;
    std::error_code ec;
    if (!fs::is_regular_file(file, ec)) a.fail(fmt::format("names a file that is not there: {}", file.string()));
    if (s_.include_depth >= kMostIncludes || s_.files.size() >= kMostFiles)
      a.fail("files include each other without end", "break the circle");
    ++s_.include_depth;
    read_file(file, s_);
    --s_.include_depth;
    enter(inside::kNothing);
  }

  struct times {
    std::optional<double> begin_s, end_s;
  };

  state& s_;
  std::uint32_t file_;
  std::vector<inside> within_;
  open_mixture types_, routes_;
  std::vector<raw_stop> route_stops_;
  raw_vehicle vehicle_;
  std::optional<raw_flow> flow_;
  raw_person person_;
  times interval_;
  double last_depart_s_ = 0;
  signal_id signal_;
  std::string where_;
};

std::uint32_t add_file(fs::path const& file, state& s) {
  s.files.push_back(file);
  return static_cast<std::uint32_t>(s.files.size() - 1);
}

}  // namespace

void read_file(fs::path const& file, state& s) {
  file_reader reader(s, add_file(file, s));
  read_xml(file, reader);
}

void read_text(std::string_view text, fs::path const& name, state& s) {
  file_reader reader(s, add_file(name, s));
  parse_xml(text, name, reader);
}

}  // namespace gemeo::sumo_files
