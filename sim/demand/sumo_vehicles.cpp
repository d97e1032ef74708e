// Attributes of <vehicle>, <trip> and <flow>.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

// What SUMO 1.15 obeys and a demand cannot say, with the value that says nothing.
constexpr std::array<std::pair<char const*, std::string_view>, 17> kBeyondUs = {{{"reroute", "false"},
                                                                                 {"departEdge", "0"},
                                                                                 {"arrivalEdge", "-1"},
                                                                                 {"insertionChecks", "all"},
                                                                                 {"fromTaz", ""},
                                                                                 {"toTaz", ""},
                                                                                 {"fromJunction", ""},
                                                                                 {"toJunction", ""},
                                                                                 {"viaJunctions", ""},
                                                                                 {"fromXY", ""},
                                                                                 {"toXY", ""},
                                                                                 {"viaXY", ""},
                                                                                 {"fromLonLat", ""},
                                                                                 {"toLonLat", ""},
                                                                                 {"viaLonLat", ""},
                                                                                 {"departPosLat", "center"},
                                                                                 {"arrivalPosLat", ""}}};

template <typename Enum, std::size_t N>
std::optional<Enum> look_up(std::array<std::pair<std::string_view, Enum>, N> const& table, std::string_view word) {
  for (auto const& [name, value] : table) {
    if (name == word) return value;
  }
  return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, depart_lane>, 5> kLanes = {{{"first", depart_lane::kFirst},
                                                                             {"best", depart_lane::kBest},
                                                                             {"free", depart_lane::kFree},
                                                                             {"random", depart_lane::kRandom},
                                                                             {"allowed", depart_lane::kAllowed}}};
constexpr std::array<std::pair<std::string_view, depart_pos>, 6> kPositions = {
    {{"base", depart_pos::kBase},
     {"free", depart_pos::kFree},
     {"random", depart_pos::kRandom},
     {"random_free", depart_pos::kRandomFree},
     {"last", depart_pos::kLast},
     {"stop", depart_pos::kStop}}};
constexpr std::array<std::pair<std::string_view, depart_speed>, 6> kSpeeds = {
    {{"max", depart_speed::kMax},
     {"desired", depart_speed::kDesired},
     {"speedLimit", depart_speed::kSpeedLimit},
     {"random", depart_speed::kRandom},
     {"last", depart_speed::kLast},
     {"avg", depart_speed::kAvg}}};
constexpr std::array<std::pair<std::string_view, arrival_pos>, 3> kEnds = {
    {{"max", arrival_pos::kMax}, {"center", arrival_pos::kCenter}, {"random", arrival_pos::kRandom}}};

constexpr double kFar_m = 1e6;

// A number in an attribute that may also hold one of SUMO's words.
double number_in(xml_attributes const& a, char const* name, double least, double most) {
  auto const v = parse_number(a.text(name));
  if (!v || *v < least || *v > most)
    a.fail(fmt::format("'{}' is neither a word that SUMO knows nor a number from {:g} to {:g}: '{}'", name, least, most,
                       a.text(name)));
  return *v;
}

std::uint32_t lane_in(xml_attributes const& a, char const* name) {
  auto const v = parse_integer(a.text(name));
  if (!v || *v < 0 || *v > 1000)
    a.fail(fmt::format("'{}' is neither a word that SUMO knows nor the number of a lane: '{}'", name, a.text(name)));
  return static_cast<std::uint32_t>(*v);
}

// Positions below 0 count from the end; build() puts both inside their lanes.
departure read_start(xml_attributes const& a) {
  departure d;
  if (auto const t = a.find("departLane")) {
    auto const word = look_up(kLanes, *t);
    d.lane = word.value_or(depart_lane::kGiven);
    if (!word) d.lane_index = lane_in(a, "departLane");
  }
  if (auto const t = a.find("departPos")) {
    auto const word = look_up(kPositions, *t);
    d.pos = word.value_or(depart_pos::kGiven);
    if (!word) d.pos_m = number_in(a, "departPos", -kFar_m, kFar_m);
  }
  if (auto const t = a.find("departSpeed")) {
    auto const word = look_up(kSpeeds, *t);
    d.speed = word.value_or(depart_speed::kGiven);
    if (!word) d.speed_mps = number_in(a, "departSpeed", 0, 1000);
  }
  if (auto const t = a.find("arrivalPos")) {
    auto const word = look_up(kEnds, *t);
    d.end = word.value_or(arrival_pos::kGiven);
    if (!word) d.end_pos_m = number_in(a, "arrivalPos", -kFar_m, kFar_m);
  }
  if (auto const t = a.find("arrivalLane"); t && *t != "current") {
    d.end_lane = *t == "first" ? 0 : static_cast<std::int32_t>(lane_in(a, "arrivalLane"));
  }
  if (auto const t = a.find("arrivalSpeed"); t && *t != "current")
    d.end_speed_mps = number_in(a, "arrivalSpeed", 0, 1000);
  return d;
}

bool told_beyond_us(xml_attributes const& a, state& s) {
  bool any = false;
  for (auto const& [name, harmless] : kBeyondUs) {
    auto const v = a.find(name);
    if (!v || *v == harmless) continue;
    s.unsupported.add(fmt::format("attribute '{}'", name), fmt::format("{}: {}=\"{}\"", a.where(), name, *v));
    any = true;
  }
  return any;
}

edge_id read_edge(xml_attributes const& a, std::string_view name, network const& net) {
  auto const e = net.find_edge(name);
  if (!e || !net.is_normal(*e)) {
    a.fail(fmt::format("the network has no edge '{}'", name),
           e ? "that edge is part of a junction" : did_you_mean(std::string(name), net.edges.name));
  }
  return *e;
}

std::int64_t to_ms(double s) { return std::llround(s * 1000); }

[[noreturn]] void fail_endless(raw_flow const& f, state const& s) {
  s.fail(f.what.where, f.what.name,
         fmt::format("makes more than {} vehicles, or draws as often", s.options.most_vehicles),
         "look at its number, its period and its end");
}

std::vector<flow_departure> even_departures(raw_flow const& f, state const& s) {
  bool const split = f.kind == flow_kind::kNumber;  // of a length into so many, in whole milliseconds as SUMO has it
  auto const begin = static_cast<double>(to_ms(f.begin_s));
  double const period =
      split ? std::floor((f.end_s - f.begin_s) * 1000 / static_cast<double>(std::max<std::int64_t>(f.number, 1)))
            : static_cast<double>(std::max<std::int64_t>(to_ms(f.value), 1));
  double const until_s = std::min({s.options.end_s, f.number < 0 ? f.end_s : kMostTime_s, kMostTime_s});
  std::vector<flow_departure> out;
  double const late = std::max(0.0, s.options.begin_s * 1000 - begin);
  auto k = static_cast<std::int64_t>(period > 0 ? std::floor(late / period) : 0);
  for (; f.number < 0 || k < f.number; ++k) {
    double const depart_s = (begin + static_cast<double>(k) * period) / 1000;
    if (depart_s >= until_s) break;
    if (depart_s < s.options.begin_s) continue;
    if (out.size() >= s.options.most_vehicles) fail_endless(f, s);
    out.push_back({depart_s, static_cast<std::uint64_t>(k)});
  }
  return out;
}

// Gaps of a Poisson process; the first one comes before the first vehicle, as SUMO 1.15 has it.
std::vector<flow_departure> poisson_departures(raw_flow const& f, state const& s) {
  std::uint64_t const key = entity_key(f.what.name);
  double const end_s = std::min(f.end_s, s.options.end_s);
  std::vector<flow_departure> out;
  double depart_s = f.begin_s;
  for (std::uint64_t k = 0; f.number < 0 || k < static_cast<std::uint64_t>(f.number); ++k) {
    if (k >= s.options.most_vehicles) fail_endless(f, s);
    double const u = random_uniform(s.options.seed, key, k, draw::kDepartTime);
    depart_s += std::round(-std::log(1 - u) / f.value * 1000) / 1000;
    if (depart_s >= end_s) break;
    if (depart_s >= s.options.begin_s) out.push_back({depart_s, k});
  }
  return out;
}

// One draw a step, keyed by the step's time.
std::vector<flow_departure> chance_departures(raw_flow const& f, state const& s) {
  std::uint64_t const key = entity_key(f.what.name);
  std::int64_t const step = std::max<std::int64_t>(to_ms(s.options.step_s), 1), first = to_ms(s.options.begin_s);
  double const end_ms = std::min({f.end_s, s.options.end_s, kMostTime_s}) * 1000, chance = f.value * s.options.step_s;
  std::int64_t const late = std::max<std::int64_t>(to_ms(f.begin_s) - first, 0);
  std::int64_t t = first + (late + step - 1) / step * step;
  std::vector<flow_departure> out;
  for (std::size_t draws = 0; static_cast<double>(t) < end_ms; t += step) {
    if (f.number >= 0 && out.size() >= static_cast<std::size_t>(f.number)) break;
    if (++draws > s.options.most_vehicles) fail_endless(f, s);
    auto const at = static_cast<std::uint64_t>(t);
    if (random_uniform(s.options.seed, key, at, draw::kDepartTime) < chance)
      out.push_back({static_cast<double>(t) / 1000, at});
  }
  return out;
}

// The rate that a flow names: one of four attributes.
void read_rate(xml_attributes const& a, raw_flow& f) {
  int named = 0;
  for (char const* const name : {"period", "vehsPerHour", "personsPerHour", "perHour", "probability"})
    named += a.find(name).has_value();
  if (named > 1) a.fail("names more than one of period, vehsPerHour and probability", "leave one of them");
  if (named == 0) {
    if (f.number < 0) a.fail("says neither how many vehicles nor how often", "add number, period or probability");
    return;
  }
  if (f.number >= 0 && a.find("end"))
    a.fail("names a rate and also both 'end' and 'number'", "leave out one of the two");
  if (a.find("probability")) {
    f.kind = flow_kind::kProbability;
    f.value = not_negative(a, "probability", 0, 1);
    if (f.value <= 0) a.fail("'probability' must be above 0");
    return;
  }
  f.kind = flow_kind::kPeriod;
  std::string_view const period = a.text_or("period", "");
  if (period.starts_with("exp(") && period.ends_with(")")) {
    f.kind = flow_kind::kPoisson;
    auto const rate = parse_number(period.substr(4, period.size() - 5));
    if (!rate || *rate <= 0 || *rate > 1000)
      a.fail(fmt::format("'period' is '{}', not exp(vehicles a second)", period), "exp(0.2) is one in 5 s on average");
    f.value = *rate;
    return;
  }
  char const* const per_hour = a.find("perHour")          ? "perHour"
                               : a.find("personsPerHour") ? "personsPerHour"
                                                          : "vehsPerHour";
  double const rate = a.find("period") ? 0 : not_negative(a, per_hour, 0, 3.6e6);
  if (!a.find("period") && rate < 1e-3) {
    f.kind = flow_kind::kNumber;  // nobody, as SUMO has it
    f.number = 0;
    return;
  }
  f.value = a.find("period") ? read_time(a, "period", 0) : 3600 / rate;
  if (f.value < 0.001) a.fail("the time between two vehicles is below 1 ms");
}

}  // namespace

std::vector<edge_id> read_edges(xml_attributes const& a, std::string_view text, network const& net) {
  std::vector<edge_id> out;
  for (std::string const& name : words_of(text)) out.push_back(read_edge(a, name, net));
  return out;
}

std::optional<raw_vehicle> read_vehicle(xml_attributes const& a, place where, state& s) {
  raw_vehicle v;
  v.where = where;
  v.name = std::string(a.text("id"));
  if (v.name.empty()) a.fail("the id is empty");
  bool const beyond = told_beyond_us(a, s);
  if (std::string_view(where.element) != "flow") {
    std::string_view const depart = a.text("depart");
    for (std::string_view const word : {"triggered", "containerTriggered", "split", "now", "begin"}) {
      if (depart != word) continue;
      s.unsupported.add(fmt::format("depart=\"{}\"", word), fmt::format("{}: depart=\"{}\"", a.where(), word));
      return std::nullopt;
    }
    v.depart_s = static_cast<double>(to_ms(read_time(a, "depart", 0))) / 1000;
  }
  if (beyond) return std::nullopt;
  v.type = std::string(a.text_or("type", "DEFAULT_VEHTYPE"));
  v.route_name = std::string(a.text_or("route", ""));
  v.line = std::string(a.text_or("line", ""));
  if (auto const from = a.find("from")) v.from = read_edge(a, *from, s.net);
  if (auto const to = a.find("to")) v.to = read_edge(a, *to, s.net);
  if (auto const via = a.find("via")) v.via = read_edges(a, *via, s.net);
  if (a.find("speedFactor")) {
    v.speed_factor = not_negative(a, "speedFactor", 0, 1000);
    if (v.speed_factor <= 0) a.fail("'speedFactor' must be above 0");
  }
  v.start = read_start(a);
  return v;
}

void read_flow_times(xml_attributes const& a, raw_flow& f, double begin_s, double end_s, state& s) {
  constexpr double kDay_s = 86400;
  f.begin_s = read_time(a, "begin", begin_s);
  f.end_s = read_time(a, "end", end_s);
  if (a.find("number")) {
    f.number = a.integer("number");
    if (f.number < 0) a.fail(fmt::format("'number' is negative: {}", f.number));
    if (f.number > static_cast<std::int64_t>(s.options.most_vehicles))
      a.fail(fmt::format("'number' is {}, at most {} are possible", f.number, s.options.most_vehicles));
  }
  read_rate(a, f);
  if (f.number >= 0 && f.kind != flow_kind::kNumber) f.end_s = std::numeric_limits<double>::infinity();
  if (std::isinf(f.end_s) && (f.number < 0 || f.kind == flow_kind::kNumber)) {
    f.end_s = f.begin_s + kDay_s;
    s.notes.add("flow without end", a.where() + ": neither the flow nor the run has an end; it lasts 24 h, as in SUMO");
  }
  if (f.end_s < f.begin_s) a.fail(fmt::format("ends at {} s, before it begins at {} s", f.end_s, f.begin_s));
}

std::vector<flow_departure> departures_of(raw_flow const& f, state const& s) {
  if (f.kind == flow_kind::kProbability) return chance_departures(f, s);
  if (f.kind == flow_kind::kPoisson) return poisson_departures(f, s);
  return even_departures(f, s);
}

}  // namespace gemeo::sumo_files
