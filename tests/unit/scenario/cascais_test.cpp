// The ready scenarios of Cascais against the embedded city: each compiles and touches what its README line speaks of.
// Names, sides and inequalities, no counts: corrections of the city must not fail here unless they break a scenario.
// Each is compiled for a few minutes around the moment that matters, which takes about two seconds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "sim/core/text_file.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config_io.h"

using namespace gemeo;
namespace fs = std::filesystem;

namespace {

fs::path const kFolder = fs::path(GEMEO_SOURCE_DIR) / "scenarios/cascais";
vclass_mask const kCar = mask_of(vclass::kPassenger), kBus = mask_of(vclass::kBus);

compiled compile(std::string const& name, std::string const& begin, std::string const& end) {
  return compile_scenario(kFolder / (name + ".toml"),
                          {.set = {"time.warm_up_s=0", "time.begin=" + begin, "time.end=" + end},
                           .seed = 42,
                           .threads = 2,
                           .data = fs::path(GEMEO_SOURCE_DIR) / "data"});
}

touched const& item(compiled const& c, std::string const& beginning) {
  auto const it = std::find_if(c.report.begin(), c.report.end(),
                               [&](touched const& t) { return t.intervention.starts_with(beginning); });
  INFO("no intervention begins with " << beginning);
  REQUIRE(it != c.report.end());
  return *it;
}

std::string const& road(compiled const& c, edge_id e) { return c.ready.net->edges.road_name[e]; }

// How far an edge leads eastwards and northwards, in m.
std::pair<double, double> leads(compiled const& c, edge_id e) {
  auto const shape = c.ready.net->shape(lane_id(c.ready.net->edges.lanes[e].begin));
  return {static_cast<double>(shape.back().x - shape.front().x), static_cast<double>(shape.back().y - shape.front().y)};
}

std::map<purpose, double> trips_by_purpose(compiled const& c) {
  std::map<purpose, double> n;
  for (std::size_t i = 0; i < c.ready.travellers->size(); ++i) n[c.ready.travellers->vehicles.why[vehicle_id(i)]] += 1;
  return n;
}

// Sound whatever it is: almost every trip has a way, times are as asked for.
void check_sound(compiled const& c) {
  CHECK(c.ready.travellers->size() > 500);
  for (std::string const& w : c.warnings) UNSCOPED_INFO(w);
  CHECK(static_cast<double>(c.trips_without_route) < 0.005 * static_cast<double>(c.ready.travellers->size()));
  for (touched const& t : c.report) {
    INFO(t.intervention);
    bool const may_be_none = t.intervention.starts_with("bus_frequency");  // in a few minutes
    CHECK((t.trips > 0 || may_be_none));
  }
  for (std::string const& w : c.idle) FAIL_CHECK(w);
}

std::set<edge_id> edges_called(compiled const& c, std::string const& name) {
  std::set<edge_id> out;
  for (std::size_t i = 0; i < c.ready.net->edge_count(); ++i) {
    if (c.ready.net->is_normal(edge_id(i)) && road(c, edge_id(i)) == name) out.insert(edge_id(i));
  }
  return out;
}

// The Marginal is closed to cars as a whole, buses and bicycles keep it, and no car is sent over it.
void check_marginal(compiled const& c, double begin_s) {
  touched const& t = item(c, "close: Marginal");
  auto const marginal = edges_called(c, "Avenida Marginal");
  CHECK(marginal.size() > 20);
  CHECK(std::set<edge_id>(t.edges.begin(), t.edges.end()) == marginal);
  CHECK(t.begin_s == begin_s);
  std::size_t closed = 0;
  for (timed_command const& k : c.ready.commands) {
    auto const* const p = std::get_if<set_lane_permissions>(&k.what);
    if (p == nullptr) continue;
    CHECK(k.time_s == begin_s);
    CHECK(marginal.count(c.ready.net->lanes.edge[p->lane]) == 1);
    CHECK((p->allowed & kCar) == 0);
    CHECK((p->allowed & kBus) == (c.ready.net->lanes.allowed[p->lane] & kBus));
    ++closed;
  }
  CHECK(closed == t.lanes.size());
  vclass_mask const kept = kBus | mask_of(vclass::kCoach) | mask_of(vclass::kBicycle) | mask_of(vclass::kEmergency) |
                           mask_of(vclass::kAuthority);
  demand const& d = *c.ready.travellers;
  std::size_t over_it = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (!d.vehicles.route[v].valid() || d.vehicles.depart_s[v] < begin_s) continue;
    if (permits(kept, d.types[d.vehicles.type[v]].cls)) continue;
    auto const way = d.route(d.vehicles.route[v]);
    over_it += std::any_of(way.begin(), way.end(), [&](edge_id e) { return marginal.count(e) == 1; });
  }
  CHECK(over_it == 0);
  CHECK(c.trips_rerouted > 0);
}

}  // namespace

TEST_CASE(
    "Cascais: every scenario is in the README, with a base that it really stands on, and the README names no other") {
  std::string const readme = read_text_file(kFolder / "README.md");
  std::set<std::string> there, told;
  for (auto const& e : fs::directory_iterator(kFolder)) {
    if (e.path().extension() == ".toml") there.insert(e.path().stem().string());
  }
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::string const name = line.substr(3, line.find('`', 3) - 3);
    told.insert(name);
    std::size_t const last = line.rfind('`');
    std::size_t const first = line.rfind('`', last - 1);
    std::string const base = line.substr(first + 1, last - first - 1);
    if (base == name) continue;  // a base itself
    INFO(name << " is compared with " << base);
    loaded_document const d = load_document(kFolder / (name + ".toml"));
    CHECK(std::any_of(d.files.begin() + 1, d.files.end(), [&](fs::path const& f) { return f.stem() == base; }));
  }
  CHECK(there == told);
  CHECK(there.size() >= 9);
  for (std::string const& name : there) {
    loaded_document const d = load_document(kFolder / (name + ".toml"));
    scenario_config const c = read_config(d.root, d.files);
    INFO(name);
    CHECK(c.city == "cascais");
    CHECK(c.title.size() > 10);
    CHECK(c.description.size() > 20);
    if (name != "weekday") CHECK(std::string(d.files.back().stem()) == "weekday");
  }
}

TEST_CASE("Cascais weekday, weekday_morning: an ordinary day touches nothing, and its morning is a part of it") {
  compiled const c = compile("weekday", "08:00", "08:05"), morning = compile("weekday_morning", "08:00", "08:05");
  check_sound(c);
  CHECK(c.report.empty());
  CHECK(c.ready.commands.empty());
  auto const n = trips_by_purpose(c);
  CHECK(n.at(purpose::kWork) > n.at(purpose::kLeisure));
  CHECK(n.at(purpose::kThrough) > 0);
  CHECK(n.at(purpose::kFreight) > 0);
  CHECK(n.at(purpose::kBus) > 0);
  CHECK(morning.ready.demand_hash == c.ready.demand_hash);
  CHECK(morning.report.empty());
}

TEST_CASE("Cascais sunday: fewer go to work, more go out, and half the buses run") {
  compiled const sunday = compile("sunday", "10:00", "10:30"), weekday = compile("weekday", "10:00", "10:30");
  check_sound(sunday);
  auto const s = trips_by_purpose(sunday), w = trips_by_purpose(weekday);
  CHECK(s.at(purpose::kWork) < 0.4 * w.at(purpose::kWork));
  CHECK(s.at(purpose::kLeisure) > 1.1 * w.at(purpose::kLeisure));
  CHECK(s.at(purpose::kBus) < 0.8 * w.at(purpose::kBus));
  CHECK(s.at(purpose::kBus) > 0);
}

TEST_CASE("Cascais marginal_closed_sunday: from nine the whole Marginal is closed to cars, not to buses and bicycles") {
  compiled const c = compile("marginal_closed_sunday", "08:50", "09:05");
  check_sound(c);
  check_marginal(c, 9 * 3600);
  CHECK(item(c, "close: Marginal").end_s == 13 * 3600);
}

TEST_CASE("Cascais morning_marginal_closed: the whole Marginal is closed to cars on a weekday morning") {
  compiled const c = compile("morning_marginal_closed", "08:00", "08:05");
  check_sound(c);
  check_marginal(c, 8 * 3600);
}

TEST_CASE("Cascais bus_lane_a5: the left-most lane of the A5 towards Lisbon is for buses, and cars keep the others") {
  compiled const c = compile("bus_lane_a5", "06:58", "07:05");
  check_sound(c);
  touched const& t = item(c, "lane_permission: bus lane");
  CHECK(t.begin_s == 7 * 3600);
  double length_m = 0;
  for (edge_id const e : t.edges) {
    CHECK(road(c, e) == "A5 Autoestrada de Cascais");
    CHECK(leads(c, e).first > 0);  // eastwards
    length_m += c.ready.net->length_m(e);
  }
  CHECK(length_m > 4000);
  CHECK(t.lanes.size() == t.edges.size());
  for (lane_id const l : t.lanes) {
    range const lanes = c.ready.net->edges.lanes[c.ready.net->lanes.edge[l]];
    CHECK(l.value + 1 == lanes.end);
    CHECK(lanes.size() >= 3);  // two or more are left
  }
  std::size_t n = 0;
  for (timed_command const& k : c.ready.commands) {
    auto const* const p = std::get_if<set_lane_permissions>(&k.what);
    REQUIRE(p != nullptr);
    CHECK(permits(p->allowed, vclass::kBus));
    CHECK_FALSE(permits(p->allowed, vclass::kPassenger));
    ++n;
  }
  CHECK(n == t.lanes.size());
}

TEST_CASE(
    "Cascais signal_plan_cascais_entrance: the signals along the Avenida de Sintra get one cycle, offset in turn") {
  compiled const c = compile("signal_plan_cascais_entrance", "07:00", "07:05");
  check_sound(c);
  std::set<signal_id> signals;
  std::set<double> offsets;
  for (touched const& t : c.report) {
    REQUIRE(t.signals.size() == 1);
    signals.insert(t.signals[0]);
    INFO(c.ready.net->signals.name[t.signals[0]]);
    CHECK(std::any_of(t.edges.begin(), t.edges.end(),
                      [&](edge_id e) { return road(c, e).find("Sintra") != std::string::npos; }));
    REQUIRE(c.ready.programs[t.signals[0]].size() == 2);
    signal_program const& p = c.ready.programs[t.signals[0]].back();
    double cycle = 0;
    for (signal_phase const& f : p.phases) cycle += f.duration_s;
    CHECK(cycle == 100);
    offsets.insert(p.offset_s);
  }
  CHECK(signals.size() >= 5);
  CHECK(offsets.size() == signals.size());
}

TEST_CASE(
    "Cascais incident_a5: a crash at 08:15 blocks some lanes of the A5 towards Lisbon, not all, and some hear of it") {
  compiled const c = compile("incident_a5", "08:10", "08:20");
  check_sound(c);
  touched const& t = item(c, "incident: crash");
  CHECK(t.begin_s == 8.25 * 3600);
  CHECK(t.end_s > t.begin_s + 600);
  REQUIRE(t.edges.size() == 1);
  CHECK(road(c, t.edges[0]) == "A5 Autoestrada de Cascais");
  CHECK(leads(c, t.edges[0]).first > 0);
  std::size_t blocked = 0, asked = 0;
  for (timed_command const& k : c.ready.commands) {
    blocked += std::holds_alternative<block_lane>(k.what);
    asked += std::holds_alternative<reroute>(k.what);
  }
  CHECK(blocked > 0);
  CHECK(blocked < c.ready.net->edges.lanes[t.edges[0]].size());
  CHECK(asked > 0);
  CHECK(c.trips_rerouted > 0);
}

TEST_CASE("Cascais beach_day_guincho: visitors drive to Guincho before two and home after half past three") {
  for (bool const home : {false, true}) {
    compiled const c =
        home ? compile("beach_day_guincho", "18:00", "18:10") : compile("beach_day_guincho", "11:00", "11:10");
    check_sound(c);
    CHECK(item(c, "event: beach").trips > 20);
    demand const& d = *c.ready.travellers;
    std::size_t visitors = 0, right = 0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      vehicle_id const v(i);
      if (d.vehicles.why[v] != purpose::kEvent) continue;
      ++visitors;
      zone_id const end = home ? d.vehicles.from_zone[v] : d.vehicles.to_zone[v];
      right += end.valid() && d.zones[end].name == "guincho";
    }
    CHECK(visitors == item(c, "event: beach").trips);
    CHECK(right == visitors);
  }
}
