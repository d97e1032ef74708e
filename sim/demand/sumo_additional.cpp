// Stops, induction loops and signal programs.
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

}  // namespace

lane_id read_lane(xml_attributes const& a, network const& net) {
  std::string_view const name = a.text("lane");
  auto const lane = net.find_lane(name);
  if (!lane) {
    std::string const edge(name.substr(0, name.rfind('_')));
    a.fail(fmt::format("the network has no lane '{}'", name),
           net.find_edge(edge) ? fmt::format("edge '{}' has fewer lanes", edge) : did_you_mean(edge, net.edges.name));
  }
  return *lane;
}

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
  l.period_s = read_time(a, a.find("period") ? "period" : "freq", 0);
  if (!s.loop_names.insert(l.name).second) a.fail("a loop of this id exists already", "give one of them another id");
  if (auto const only = a.find("vTypes"); only && !only->empty()) {
    s.ignored.add("loop that counts some types only", a.where() + ": counts some vehicle types only");
    return;
  }
  s.out.loops.push_back(std::move(l));
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
