#include <algorithm>

#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
std::string const kClosed =
    "[[close]]\nedges = [\"FG\"]\nclasses = [\"passenger\", \"truck\"]\nbegin = \"07:30\"\nend = \"08:30\"\n";
bool has(std::vector<std::string> const& warnings, char const* text) {
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](std::string const& w) { return w.find(text) != std::string::npos; });
}
}  // namespace

TEST_CASE("response fixed: the lanes close and every traveller keeps the route; that vehicles will wait is said") {
  scene const s;
  compiled const c = s.with("[routes]\nresponse = \"fixed\"\n" + kClosed);
  CHECK(c.ready.demand_hash == s.base().ready.demand_hash);
  CHECK(commands<set_lane_permissions>(c).size() == 4);
  CHECK(commands<reroute>(c).empty());
  CHECK(has(c.warnings, "wait there"));
}

TEST_CASE("response reroute_share: a keyed share chooses before leaving, the others are asked on their way") {
  scene const s;
  compiled const base = s.base(), all = s.with(kClosed);
  compiled const c =
      s.with("[routes]\nresponse = \"reroute_share\"\nshare = 0.3\ndiscovery_interval_s = 600\n" + kClosed);
  difference const d = differ(base, c), full = differ(base, all);
  CHECK(d.changed.size() < full.changed.size());
  auto const before = by_name(base);
  std::size_t informed = 0;
  for (std::string const& name : full.changed) {
    bool const knows = random_uniform(1, before.at(name).key, 0, draw::kRerouteShare) < 0.3;
    bool const ends_there = before.at(name).to == edge(c, "FG") || before.at(name).from == edge(c, "FG");
    CHECK((d.changed.count(name) == 1) == (knows || ends_there));
    informed += knows;
  }
  CHECK(informed > 20);
  auto const asked = commands<reroute>(c);
  REQUIRE(asked.size() == 6);  // at 07:30 with the share, then every ten minutes before 08:30
  CHECK((asked[0].first == 27000 && asked[0].second.share == 0.3));
  for (std::size_t i = 1; i < asked.size(); ++i)
    CHECK((asked[i].first == 27000 + 600.0 * static_cast<double>(i) && asked[i].second.share == 1));
}

TEST_CASE("routes do not depend on the number of threads, and draws not on the order of interventions") {
  scene const s;
  s.write("other", "base = \"base\"\n" + kClosed +
                       "[[demand]]\nscale = 1.3\nmode_shift_share = 0.2\n[[demand]]\npurposes = "
                       "[\"home\"]\nmode_shift_share = 0.1\n");
  s.write("turned", "base = \"base\"\n[[demand]]\npurposes = [\"home\"]\nmode_shift_share = 0.1\n" + kClosed +
                        "[[demand]]\nscale = 1.3\nmode_shift_share = 0.2\n");
  std::set<std::uint64_t> hashes;
  for (std::size_t threads : {1U, 2U, 5U}) {
    for (char const* name : {"other", "turned"}) {
      hashes.insert(
          scenario_hash(compile_scenario(s.file(name), {.set = {}, .seed = 4, .threads = threads, .data = {}}).ready));
    }
  }
  CHECK(hashes.size() == 1);
}

TEST_CASE("buses whose way is closed run another way, drop the stops that cannot be reached, and say so") {
  scene const s;
  compiled const base = s.base();
  compiled const c = s.with("[[close]]\nedges = [\"BC\"]\nbegin = \"07:15\"\n");
  difference const d = differ(base, c);
  auto const before = by_name(base), after = by_name(c);
  std::size_t buses = 0;
  for (std::string const& name : d.changed) {
    auto const& t = after.at(name);
    CHECK(std::find(t.route.begin(), t.route.end(), edge(c, "BC")) == t.route.end());
    if (name.rfind("bus.", 0) != 0) continue;
    ++buses;
    CHECK(t.route.front() == edge(c, "AB"));
    CHECK(t.route.back() == edge(c, "CD"));
    CHECK(t.stops == before.at(name).stops);
  }
  CHECK(buses == 5);  // all but the one of 07:00, which is through by then
  CHECK(has(c.warnings, "bus line 1: 5 buses run another way"));
  compiled const stop = s.with("[[close]]\nedges = [\"CD\"]\n");
  for (auto const& [name, t] : by_name(stop)) {
    if (name.rfind("bus.", 0) == 0) CHECK(t.stops.size() == 1);
  }
  CHECK(has(stop.warnings, "stops left out: Second"));
}

TEST_CASE("equilibrium: a share of travellers takes the best route by measured times, and the gap falls to nothing") {
  scene const s;
  compiled c = s.with("[routes]\nresponse = \"equilibrium\"\n");
  CHECK(c.response == route_response::kEquilibrium);
  edge_costs measured = c.ready.ways->costs();
  for (char const* e : {"FG", "BC"}) measured.seconds[edge(c, e).index()] *= 6;
  CHECK(relative_gap(c, c.ready.ways->costs()) == Approx(0).margin(1e-12));
  double const before = relative_gap(c, measured);
  CHECK(before > 0.02);
  compiled half = c;
  reroute_scenario(half, measured, 0.5, 1);
  double const between = relative_gap(half, measured);
  CHECK(between < 0.8 * before);
  CHECK(between > 0.2 * before);
  for (std::string const& name : differ(c, half).changed)
    CHECK(random_uniform(1, by_name(c).at(name).key, 2, draw::kRerouteShare) < 0.5);
  CHECK(half.ready.demand_hash != c.ready.demand_hash);
  compiled all = c;
  reroute_scenario(all, measured, 1, 1);
  CHECK(relative_gap(all, measured) == Approx(0).margin(1e-12));
}

TEST_CASE("equilibrium: closures and tolls hold in every iteration") {
  scene const s;
  compiled c = s.with(
      "[routes]\nresponse = \"equilibrium\"\n[[close]]\nedges = [\"FG\"]\nclasses = [\"passenger\", \"truck\"]\n");
  edge_costs measured = c.ready.ways->costs();
  measured.seconds[edge(c, "FG").index()] = 0.1F;
  reroute_scenario(c, measured, 1, 1);
  for (auto const& [name, t] : by_name(c))
    CHECK(std::find(t.route.begin(), t.route.end(), edge(c, "FG")) == t.route.end());
}

TEST_CASE(
    "a gate that is closed: those who come from outside come in by the nearest other gate, and everybody else as "
    "before") {
  scene const s;
  s.city.write("zones.csv",
               "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\nwest,West,P,cell,38.7,-9.4,\neast,East "
               "gate,P,gate,38.7,-9.34,\nsouth,South gate,Q,gate,38.68,-9.35,\nmid,Far gate,Q,gate,40.0,-9.35,\n");
  s.city.write("od.csv",
               "from_zone,to_zone,purpose,vtype,trips_per_day\nsouth,west,work,car,1000\nwest,south,home,car,"
               "1000\nwest,east,work,car,1000\n");
  std::string const closed =
      "[[close]]\nedges = [\"KJ\", \"KL\", \"LK\"]\nclasses = [\"passenger\"]\nbegin = \"07:30\"\n";
  compiled const base = s.base(), c = s.with(closed);
  CHECK(c.ready.travellers->size() == base.ready.travellers->size());
  CHECK(c.trips_without_route == 0);
  CHECK(has(c.warnings, "enter or leave the city by another gate: East gate instead of South gate"));
  auto const before = by_name(base), after = by_name(c);
  std::set<edge_id> const south{edge(c, "KJ"), edge(c, "KL"), edge(c, "LK")},
      east{edge(c, "DH"), edge(c, "DC"), edge(c, "CD")};
  std::size_t moved = 0;
  for (auto const& [name, t] : before) {
    traveller const& now = after.at(name);
    bool const from = south.count(t.from) == 1 && t.depart_s >= 27000,
               to = south.count(t.to) == 1 && t.depart_s >= 27000;
    if (from) CHECK((east.count(now.from) == 1 && now.to == t.to));
    if (to) CHECK((east.count(now.to) == 1 && now.from == t.from));
    if (from || to) CHECK(now.depart_s == t.depart_s);
    moved += from || to;
  }
  CHECK(moved > 100);
  CHECK(c.trips_moved >= moved);
}

TEST_CASE("what an intervention does is said in words, for `gemeo check`") {
  scene const s;
  auto const says = [&](std::string const& text) {
    std::string all;
    compiled const c = s.with(text);
    for (std::string const& n : c.report.at(0).notes) all += n + "; ";
    return all;
  };
  using Catch::Contains;
  CHECK_THAT(says("[[close]]\nedges = [\"FG\"]\n"), Contains("closed to all vehicles"));
  CHECK_THAT(says("[[close]]\nedges = [\"FG\"]\nexcept_classes = [\"bus\", \"bicycle\"]\n"),
             Contains("closed to all but") && Contains("bus") && Contains("bicycle"));
  CHECK_THAT(says("[[close_lane]]\nedges = [\"FG\"]\nlanes = [0]\nclasses = [\"truck\"]\n"),
             Contains("closed to truck"));
  CHECK_THAT(says("[[lane_permission]]\nedges = [\"FG\"]\nlanes = [0]\nallow = [\"bus\"]\n"), Contains("only for bus"));
  CHECK_THAT(says("[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 30\n"), Contains("limit 30 km/h"));
  CHECK_THAT(says("[[speed_limit]]\nedges = [\"FG\"]\nfactor = 0.5\n"), Contains("0.5 times the limit"));
  CHECK_THAT(says("[[signal_program]]\nsignals = [\"F\"]\ncycle_s = 120\noffset_s = 7\n"),
             Contains("F: a cycle of 120 s (its own: 90 s)") && Contains("offset 7 s"));
  CHECK_THAT(says("[[signal_program]]\nsignals = [\"F\"]\nmode = \"actuated\"\nmin_green_s = 5\nmax_green_s = 40\n"),
             Contains("actuated") && Contains("5 to 40"));
  CHECK_THAT(says("[[incident]]\nedge = \"FG\"\nlanes = [0]\nbegin = \"08:00\"\n"),
             Contains("blocks 1 of 2 lanes, for 30 min"));
  CHECK_THAT(says("[[road_price]]\nedges = [\"FG\"]\nprice_eur = 1.5\nvalue_of_time_eur_per_h = 9\n"),
             Contains("1.5 EUR each edge for all vehicles, felt as 600 s"));
  CHECK_THAT(says("[[demand]]\nscale = 0.5\n"), Contains("0.5 times the trips") && Contains("fewer than without it"));
  std::string const event = "[[event]]\nto = \"mid\"\nvisitors = 22\ncar_share = 1\n";
  CHECK_THAT(says(event + "arrive_begin = \"08:00\"\narrive_end = \"08:30\"\n"), Contains("10 car trips of visitors"));
  // What can never happen is a warning of its own kind, which every run repeats.
  compiled const late = s.with(event + "arrive_begin = \"12:00\"\narrive_end = \"12:30\"\n");
  CHECK(has(late.idle, "brings nobody within the scenario's time"));
  CHECK(has(s.with("[[close]]\nedges = [\"FG\"]\nbegin = \"10:00\"\nend = \"11:00\"\n").idle, "never"));
  CHECK(s.with("[[close]]\nedges = [\"FG\"]\n").idle.empty());
}
