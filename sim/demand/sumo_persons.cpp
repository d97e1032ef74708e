// <person> and <personFlow> of people who take buses: they stand at a stop, ride to another, and so on. Whoever walks,
// or gets in or out elsewhere, is told by name.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "sim/core/error.h"
#include "sim/demand/sumo_parts.h"

namespace gemeo::sumo_files {

namespace {

// Attributes that are obeyed, or that say nothing about somebody who rides.
constexpr std::array<std::string_view, 8> kOfPersons = {
    "id", "depart", "type", "color", "speedFactor", "departPos", "xmlns:xsi", "xsi:noNamespaceSchemaLocation"};
constexpr std::array<std::string_view, 14> kOfFlows = {
    "id",          "begin", "end",   "number",      "period",    "perHour",   "personsPerHour",
    "probability", "type",  "color", "speedFactor", "departPos", "xmlns:xsi", "xsi:noNamespaceSchemaLocation"};
// That SUMO 1.15 knows for persons without a <vType>.
constexpr std::array<std::string_view, 5> kDefaultTypes = {"DEFAULT_PEDTYPE", "DEFAULT_VEHTYPE", "DEFAULT_BIKETYPE",
                                                           "DEFAULT_TAXITYPE", "DEFAULT_CONTAINERTYPE"};
constexpr std::array<std::string_view, 9> kOfRides = {"busStop",  "trainStop", "lines", "from",   "to",
                                                      "intended", "depart",    "color", "actType"};
constexpr std::array<std::string_view, 7> kOfStays = {"busStop", "trainStop",   "duration", "until",
                                                      "actType", "friendlyPos", "color"};

template <std::size_t N>
std::string_view unknown_in(xml_attributes const& a, std::array<std::string_view, N> const& known) {
  for (char const** p = a.pairs(); *p != nullptr; p += 2) {
    if (std::find(known.begin(), known.end(), std::string_view(p[0])) == known.end()) return p[0];
  }
  return {};
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> out;
  std::istringstream words{std::string(text)};
  for (std::string w; words >> w;) out.push_back(w);
  return out;
}

std::string stop_named(xml_attributes const& a) {
  return std::string(a.find("busStop") ? a.text("busStop") : a.text_or("trainStop", ""));
}

class plan_builder {
 public:
  explicit plan_builder(state& s) : s_(s), d_(s.out.travellers) {}

  // The rides of a plan, in demand::rides; none where it cannot be said, which is told.
  std::optional<range> rides_of(raw_person const& p) {
    auto const begin = static_cast<std::uint32_t>(d_.rides.size());
    stop_id at;
    raw_ride const* stay = nullptr;
    for (raw_ride const& step : p.plan) {
      stop_id const named = stop_of(step);
      if (step.stays) {
        if (at.valid() && named != at)
          fail(step, fmt::format("stands at stop '{}', but is at '{}'", step.at, name(at)));
        if (stay != nullptr) return beyond(p, step, "two stays at one stop");
        stay = &step;
        at = named;
        continue;
      }
      if (!at.valid()) return beyond(p, step, "a ride that does not begin at a bus stop");
      check_edge(step, step.from_edge, at);
      check_edge(step, step.to_edge, named);
      ride r{at, named, names_of(step.served_by), 0, -1};
      if (stay != nullptr) {
        r.stay_s = stay->stay_s;
        r.stay_until_s = stay->until_s;
      }
      d_.rides.push_back(r);
      at = named;
      stay = nullptr;
    }
    return range{begin, static_cast<std::uint32_t>(d_.rides.size())};
  }

 private:
  [[noreturn]] void fail(raw_ride const& step, std::string what, std::string hint = {}) const {
    s_.fail(step.where, "", std::move(what), std::move(hint));
  }
  std::optional<range> beyond(raw_person const& p, raw_ride const& step, char const* what) {
    s_.unsupported.add(fmt::format("<person>: {}", what),
                       fmt::format("{}: {} of person '{}'", s_.where(step.where, ""), what, p.times.what.name));
    return std::nullopt;
  }
  [[nodiscard]] std::string const& name(stop_id id) const { return d_.stops[id].name; }

  stop_id stop_of(raw_ride const& step) const {
    auto const it = s_.stops.find(step.at);
    if (it == s_.stops.end())
      fail(step, fmt::format("names the unknown stop '{}'", step.at), "define the <busStop> in one of the files");
    return it->second;
  }
  void check_edge(raw_ride const& step, std::string const& edge, stop_id at) const {
    if (edge.empty()) return;
    std::string const& there = s_.net.edges.name[s_.net.lanes.edge[d_.stops[at].lane]];
    if (edge != there)
      fail(step, fmt::format("names edge '{}', but its stop '{}' is on edge '{}'", edge, name(at), there));
  }
  std::uint32_t names_of(std::vector<std::string> const& names) {
    auto const [it, is_new] = served_by_.try_emplace(names, static_cast<std::uint32_t>(d_.served_by.size()));
    if (is_new) d_.served_by.push_back(names);
    return it->second;
  }

  state& s_;
  demand& d_;
  std::map<std::vector<std::string>, std::uint32_t> served_by_;
};

}  // namespace

raw_person read_person(xml_attributes const& a, place where, bool of_flow, double begin_s, double end_s, state& s) {
  raw_person p;
  p.of_flow = of_flow;
  raw_vehicle& who = p.times.what;
  who.where = where;
  who.name = std::string(a.text("id"));
  who.type = std::string(a.text_or("type", "DEFAULT_PEDTYPE"));
  if (who.name.empty()) a.fail("the id is empty");
  if (!s.person_names.insert(who.name).second)
    a.fail("a person or flow of persons of this id exists already", "give one of them another id");
  if (std::string_view const name = of_flow ? unknown_in(a, kOfFlows) : unknown_in(a, kOfPersons); !name.empty()) {
    s.unsupported.add(fmt::format("<{}> with '{}'", where.element, name),
                      fmt::format("{}: {}=\"{}\"", a.where(), name, a.text(std::string(name).c_str())));
    p.beyond_us = true;
  }
  if (of_flow) {
    read_flow_times(a, p.times, begin_s, end_s, s);
  } else if (a.text("depart") == "triggered" || a.text("depart") == "now") {
    s.unsupported.add("<person> with depart", fmt::format("{}: depart=\"{}\"", a.where(), a.text("depart")));
    p.beyond_us = true;
  } else {
    who.depart_s = read_time(a, "depart", 0);
  }
  return p;
}

void read_person_plan(std::string_view element, xml_attributes const& a, place where, raw_person& p, state& s) {
  bool const stays = element == "stop";
  auto const beyond = [&](std::string const& what) {
    s.unsupported.add(fmt::format("<person> with {}", what), fmt::format("{}: a <person> with {}", a.where(), what));
    p.beyond_us = true;
  };
  if (!stays && element != "ride") return beyond(fmt::format("<{}>", element));
  std::string_view const other = stays ? unknown_in(a, kOfStays) : unknown_in(a, kOfRides);
  if (!other.empty()) return beyond(fmt::format("'{}' in a <{}>", other, element));
  raw_ride r;
  r.where = where;
  r.stays = stays;
  r.at = stop_named(a);
  if (r.at.empty()) return beyond(fmt::format("a <{}> at no bus stop", element));
  if (stays) {
    if (!a.find("duration") && !a.find("until"))
      a.fail("says neither 'duration' nor 'until'", "say how long the person stands, or until when");
    r.stay_s = read_time(a, "duration", 0);
    r.until_s = read_time(a, "until", -1);
  } else {
    r.from_edge = std::string(a.text_or("from", ""));
    r.to_edge = std::string(a.text_or("to", ""));
    r.served_by = names_in(a.text_or("lines", "ANY"));
    if (r.served_by.empty()) a.fail("names no line", "lines=\"ANY\" takes whatever comes");
    for (std::string const& line : r.served_by) {
      if (line == "taxi" || line.starts_with("taxi:")) return beyond("a ride by taxi");
    }
  }
  p.plan.push_back(std::move(r));
}

void build_passengers(state& s) {
  plan_builder plans(s);
  demand& d = s.out.travellers;
  std::vector<passenger> all;
  for (raw_person const& p : s.persons) {
    raw_vehicle const& who = p.times.what;
    if (p.beyond_us) continue;
    if (std::find(kDefaultTypes.begin(), kDefaultTypes.end(), who.type) == kDefaultTypes.end())
      s.types.resolve(who.type, s.where(who.where, who.name));
    if (p.plan.empty()) s.fail(who.where, who.name, "has no plan", "say what it does: <stop busStop=.../> <ride .../>");
    std::optional<range> const rides = plans.rides_of(p);
    if (!rides) continue;
    if (rides->size() == 0) {
      s.notes.add("<person> who rides nowhere", s.where(who.where, who.name) + ": rides nowhere");
      continue;
    }
    if (!p.of_flow) {
      if (who.depart_s >= s.options.begin_s && who.depart_s < s.options.end_s)
        all.push_back({who.name, who.depart_s, *rides});
      continue;
    }
    bool const by_chance = p.times.kind == flow_kind::kProbability;
    std::uint64_t number = 0;
    for (flow_departure const& at : departures_of(p.times, s)) {
      if (all.size() >= s.options.most_vehicles)
        s.fail(who.where, who.name, fmt::format("there are more than {} persons", s.options.most_vehicles),
               "look at the flows' numbers and periods");
      std::string name = fmt::format("{}.{}", who.name, by_chance ? number++ : at.index);
      if (s.person_names.contains(name))
        s.fail(who.where, who.name, fmt::format("makes a person '{}', who exists already", name),
               "give one of them another id");
      all.push_back({std::move(name), at.depart_s, *rides});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](passenger const& a, passenger const& b) { return a.depart_s < b.depart_s; });
  d.passengers.raw() = std::move(all);
}

}  // namespace gemeo::sumo_files
