// Stops, detectors and signal programs.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/core/error.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

constexpr double kShortest_m = 0.1;  // SUMO's POSITION_EPS: the least length of a stop

struct span_m {
  double begin = 0, end = 0;
};

// startPos and endPos on a lane; below 0 they count from its end. friendlyPos moves what lies outside.
span_m read_span(xml_attributes const& a, double length_m, std::optional<double> default_length) {
  bool const friendly = a.flag_or("friendlyPos", false);
  double end = a.number_or("endPos", length_m);
  if (end < 0) end += length_m;
  double begin = a.number_or("startPos", default_length ? std::max(0.0, end - *default_length) : 0.0);
  if (begin < 0) begin += length_m;
  if (friendly) {
    end = std::clamp(end, std::min(kShortest_m, length_m), length_m);
    begin = std::clamp(begin, 0.0, std::max(0.0, end - kShortest_m));
  }
  constexpr double kRounding = 1e-3;
  if (end > length_m + kRounding || begin < 0 || begin > end - kShortest_m + kRounding) {
    a.fail(fmt::format("reaches from {:g} m to {:g} m on a lane of {:g} m", begin, end, length_m),
           "startPos must lie before endPos and both on the lane; friendlyPos=\"true\" moves them there");
  }
  return {begin, std::min(end, length_m)};
}

// SUMO's attributes of a stop that a stop_call cannot say, with the values that say nothing.
constexpr std::array<std::pair<char const*, std::string_view>, 14> kBeyondStops = {{{"triggered", "false"},
                                                                                    {"containerTriggered", "false"},
                                                                                    {"expected", ""},
                                                                                    {"expectedContainers", ""},
                                                                                    {"parking", "false"},
                                                                                    {"speed", "0"},
                                                                                    {"join", ""},
                                                                                    {"split", ""},
                                                                                    {"jump", "-1"},
                                                                                    {"onDemand", "false"},
                                                                                    {"index", "end"},
                                                                                    {"edge", ""},
                                                                                    {"containerStop", ""},
                                                                                    {"parkingArea", ""}}};

bool means_no(std::string_view v) { return v == "0" || v == "off" || v == "no" || v == "False"; }

void check_place(double& pos_m, double length_m, xml_attributes const& a, char const* name) {
  if (pos_m < 0) pos_m += length_m;
  if (a.flag_or("friendlyPos", false)) pos_m = std::clamp(pos_m, 0.0, length_m);
  if (pos_m < 0 || pos_m > length_m + 1e-3)
    a.fail(fmt::format("'{}' is {:g}, but the lane is {:g} m long", name, a.number_or(name, 0), length_m),
           "friendlyPos=\"true\" moves it there");
  pos_m = std::min(pos_m, length_m);
}

lane_id find_lane(xml_attributes const& a, std::string_view name, network const& net) {
  auto const lane = net.find_lane(name);
  if (!lane) {
    std::string const edge(name.substr(0, name.rfind('_')));
    a.fail(fmt::format("the network has no lane '{}'", name),
           net.find_edge(edge) ? fmt::format("edge '{}' has fewer lanes", edge) : did_you_mean(edge, net.edges.name));
  }
  return *lane;
}

// The time between two values; infinite where none is said: then there is one for the whole run.
double read_period(xml_attributes const& a) {
  char const* const name = a.find("period") ? "period" : "freq";
  double const period = read_time(a, name, std::numeric_limits<double>::infinity());
  return period > 0 ? period : std::numeric_limits<double>::infinity();
}

// What of SUMO's E2 detectors is not measured, so that their values are not given.
constexpr std::array<std::pair<char const*, char const*>, 5> kBeyondAreas = {
    {{"tl", "its intervals would follow a traffic light's phases"},
     {"to", "its intervals would follow a traffic light's phases"},
     {"vTypes", "counts some vehicle types only"},
     {"nextEdges", "counts some ways only"},
     {"detectPersons", "counts persons"}}};

double place_on(xml_attributes const& a, char const* name, double fallback, double length_m) {
  if (!a.find(name)) return fallback;
  double pos_m = a.number(name);
  check_place(pos_m, length_m, a, name);
  return pos_m;
}

// Two of pos, endPos and length on one lane, or pos and endPos on the first and the last of several. False: it would
// reach beyond its lane, to those that SUMO thinks belong to it.
bool place_area(xml_attributes const& a, lane_area& d, state& s) {
  std::vector<lane_id> lanes;
  if (a.find("lanes")) {
    for (std::string const& name : words_of(a.text("lanes"))) lanes.push_back(find_lane(a, name, s.net));
    if (lanes.empty()) a.fail("'lanes' names no lane");
    for (char const* const name : {"pos", "endPos"}) {
      if (!a.find(name)) a.fail(fmt::format("attribute '{}' is missing", name), "it is needed beside 'lanes'");
    }
  } else {
    lanes.push_back(read_lane(a, s.net));
  }
  double const first_m = static_cast<double>(s.net.lanes.length_m[lanes.front()]),
               last_m = static_cast<double>(s.net.lanes.length_m[lanes.back()]);
  d.begin_m = place_on(a, "pos", 0, first_m);
  d.end_m = place_on(a, "endPos", last_m, last_m);
  double const length = not_negative(a, "length", 0, 1e6);
  if (length > 0 && !a.find("lanes")) {
    if (a.find("pos") && a.find("endPos")) a.fail("says 'pos', 'endPos' and 'length'", "say two of them");
    if (a.find("pos"))
      d.end_m = d.begin_m + length;
    else
      d.begin_m = d.end_m - length;
    if (d.begin_m < -kShortest_m || d.end_m > last_m + kShortest_m) {
      s.ignored.add("area longer than its lane", a.where() + ": name the lanes in 'lanes'");
      return false;
    }
  }
  // As SUMO does: what ends within 10 cm of a lane's end ends there.
  if (d.begin_m < kShortest_m) d.begin_m = 0;
  if (d.end_m > last_m - kShortest_m) d.end_m = last_m;
  d.lanes = with_internal_lanes(s.net, lanes);
  if (d.lanes.empty()) a.fail("its lanes do not follow each other", "name each once, in the order of driving");
  if (d.length_m(s.net) < kShortest_m)
    a.fail(fmt::format("reaches from {:g} m to {:g} m", d.begin_m, d.end_m), "pos must lie before endPos");
  return true;
}

}  // namespace

lane_id read_lane(xml_attributes const& a, network const& net) { return find_lane(a, a.text("lane"), net); }

void read_bus_stop(xml_attributes const& a, state& s) {
  bus_stop b;
  b.name = std::string(a.text("id"));
  if (b.name.empty()) a.fail("the id is empty");
  b.label = std::string(a.text_or("name", ""));
  b.lane = read_lane(a, s.net);
  span_m const span = read_span(a, static_cast<double>(s.net.lanes.length_m[b.lane]), std::nullopt);
  b.begin_m = span.begin;
  b.end_m = span.end;
  std::string const name = b.name;
  if (!s.stops.emplace(name, stop_id(s.out.travellers.stops.size())).second)
    a.fail("a stop of this id exists already", "give one of them another id");
  s.out.travellers.stops.push_back(std::move(b));
}

void read_loop(xml_attributes const& a, state& s) {
  induction_loop l;
  l.name = std::string(a.text("id"));
  if (l.name.empty()) a.fail("the id is empty");
  l.lane = read_lane(a, s.net);
  l.pos_m = a.number("pos");
  check_place(l.pos_m, static_cast<double>(s.net.lanes.length_m[l.lane]), a, "pos");
  l.period_s = read_period(a);
  if (!s.loop_names.insert(l.name).second) a.fail("a loop of this id exists already", "give one of them another id");
  if (auto const only = a.find("vTypes"); only && !only->empty()) {
    s.ignored.add("loop that counts some types only", a.where() + ": counts some vehicle types only");
    return;
  }
  s.out.loops.push_back(std::move(l));
}

void read_area(xml_attributes const& a, state& s) {
  lane_area d;
  d.name = std::string(a.text("id"));
  if (d.name.empty()) a.fail("the id is empty");
  if (!s.area_names.insert(d.name).second) a.fail("an area of this id exists already", "give one of them another id");
  d.period_s = read_period(a);
  d.halt_mps = not_negative(a, "speedThreshold", d.halt_mps, 1e3);
  d.jam_s = read_time(a, "timeThreshold", d.jam_s);
  d.jam_gap_m = not_negative(a, "jamThreshold", d.jam_gap_m, 1e6);
  for (auto const& [name, why] : kBeyondAreas) {
    auto const v = a.find(name);
    if (!v || v->empty() || *v == "none") continue;
    s.ignored.add(fmt::format("area with '{}'", name), fmt::format("{}: {}", a.where(), why));
    return;
  }
  if (!place_area(a, d, s)) return;
  s.out.areas.push_back(std::move(d));
}

std::optional<raw_stop> read_stop(xml_attributes const& a, place where, state& s) {
  for (auto const& [name, harmless] : kBeyondStops) {
    auto const v = a.find(name);
    if (!v || *v == harmless || (!harmless.empty() && harmless != "end" && means_no(*v))) continue;
    s.unsupported.add(fmt::format("<stop> with '{}'", name), fmt::format("{}: {}=\"{}\"", a.where(), name, *v));
    return std::nullopt;
  }
  if (a.find("chargingStation")) {
    s.unsupported.add("<stop> at a charging station", a.where() + ": chargingStation");
    return std::nullopt;
  }
  raw_stop r;
  r.where = where;
  auto const named = a.find("busStop") ? a.find("busStop") : a.find("trainStop");
  if (named) {
    r.at = std::string(*named);
    if (r.at.empty()) a.fail("names no stop");
  } else {
    if (!a.find("lane")) a.fail("says neither 'busStop' nor 'lane'", "name the place of the stop");
    r.lane = read_lane(a, s.net);
    span_m const span = read_span(a, static_cast<double>(s.net.lanes.length_m[r.lane]), 2 * kShortest_m);
    r.begin_m = span.begin;
    r.end_m = span.end;
  }
  if (!a.find("duration") && !a.find("until"))
    a.fail("says neither 'duration' nor 'until'", "say how long the vehicle stands, or until when");
  r.duration_s = read_time(a, "duration", 0);
  r.until_s = read_time(a, "until", -1);
  return r;
}

signal_id open_program(xml_attributes const& a, state& s) {
  auto const signal = s.net.find_signal(a.text("id"));
  if (!signal)
    a.fail(fmt::format("the network has no traffic light '{}'", a.text("id")),
           did_you_mean(std::string(a.text("id")), s.net.signals.name));
  signal_program p;
  p.name = std::string(a.text("programID"));
  p.type = std::string(a.text_or("type", "static"));
  p.offset_s = a.time_or("offset", 0);
  for (std::vector<signal_program> const* const programs :
       {&s.net.signals.programs[*signal], &std::as_const(s.out.programs)[*signal]}) {
    for (signal_program const& other : *programs) {
      if (other.name == p.name)
        a.fail(fmt::format("program '{}' of this traffic light exists already", p.name), "name it otherwise");
    }
  }
  s.out.programs[*signal].push_back(std::move(p));
  return *signal;
}

void read_phase(xml_attributes const& a, signal_id signal, state& s) {
  constexpr char const* kLetters = "GgrRyYsuoO";
  signal_program& program = s.out.programs[signal].back();
  for (char const* const name :
       {"next", "earliestEnd", "latestEnd", "vehext", "yellow", "red", "finalTargets", "earlyTarget", "finalTarget"}) {
    if (a.find(name))
      s.unsupported.add(fmt::format("<phase> with '{}'", name), fmt::format("{}: '{}'", a.where(), name));
  }
  if (!a.find("duration")) a.fail("attribute 'duration' is missing");
  signal_phase p;
  p.duration_s = read_time(a, "duration", 0);
  p.min_s = read_time(a, "minDur", p.duration_s);
  p.max_s = read_time(a, "maxDur", p.duration_s);
  p.state = std::string(a.text("state"));
  if (std::size_t const bad = p.state.find_first_not_of(kLetters); bad != std::string::npos)
    a.fail(fmt::format("the state has the unknown letter '{}' at link {}", p.state[bad], bad),
           "one of GgrRyYsuoO per link");
  if (p.state.empty() || p.state.size() < s.net.signals.links[signal])
    a.fail(fmt::format("the state has {} letters, the traffic light {} links", p.state.size(),
                       s.net.signals.links[signal]),
           "one letter per link");
  if (!program.phases.empty() && program.phases.front().state.size() != p.state.size())
    a.fail(fmt::format("the state has {} letters, the first phase {}", p.state.size(),
                       program.phases.front().state.size()));
  program.phases.push_back(std::move(p));
}

void close_program(signal_id signal, std::string const& where, state& s) {
  double cycle_s = 0;
  for (signal_phase const& p : s.out.programs[signal].back().phases) cycle_s += p.duration_s;
  if (cycle_s <= 0) throw_input(where, "the program has no phase that lasts", "add <phase duration=... state=.../>");
}

}  // namespace gemeo::sumo_files
