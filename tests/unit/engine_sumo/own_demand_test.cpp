#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "sim/core/error.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drive;
using gemeo::test::drive_options;
using gemeo::test::outcome;
using gemeo::test::tiny_scenario;

TEST_CASE(
    "engine_sumo: a city's own demand runs, and every traveller is accounted for, in a quiet town and a jammed one") {
  bool const jammed = GENERATE(false, true);
  tiny_scenario t(jammed ? 24000 : 6000);
  t.ready.detectors = {{"loop", t.lane("FG_0"), 60}};
  outcome const o = drive(t.ready, gemeo::test::every(300));
  counters const& c = o.total;
  // The last tick begins at 26999 s: nobody tries to insert those who leave home after that.
  auto const& depart = t.ready.travellers->vehicles.depart_s;
  auto const n =
      std::count_if(depart.begin(), depart.end(), [](double s) { return std::llround(s * 1000) <= 26999000; });
  CHECK(c.loaded == n);
  CHECK(c.departed + c.backlog == n);
  CHECK(c.arrived + c.running == c.departed);
  CHECK(c.tick == 1800);
  CHECK(c.time_s == 27000);
  CHECK(c.arrived > n / (jammed ? 20 : 2));
  CHECK((c.backlog > 100) == jammed);
  std::set<vehicle_id> vehicles;
  std::map<trip_state, std::int64_t> states;
  double seconds = 0;
  for (trip_record const& trip : o.seen.trips) {
    vehicles.insert(trip.vehicle);
    ++states[trip.state];
    if (trip.state != trip_state::kNeverInserted) seconds += trip.duration_s;
  }
  CHECK(vehicles.size() == o.seen.trips.size());
  // SUMO takes a vehicle out that it would have to teleport past the end of its route. That leaves the network, too,
  // but is no arrival.
  auto const beyond = std::count_if(o.seen.messages.begin(), o.seen.messages.end(), [](std::string const& m) {
    return m.find("teleports beyond arrival edge") != std::string::npos;
  });
  CHECK((beyond > 0) == jammed);
  CHECK(states[trip_state::kVaporized] == beyond);
  CHECK(states[trip_state::kArrived] == c.arrived - beyond);
  CHECK(states[trip_state::kNeverInserted] == c.backlog);
  CHECK(states[trip_state::kRunning] == c.running);
  // Those taken out are still there at the end of that tick.
  CHECK(seconds + static_cast<double>(beyond) == static_cast<double>(c.vehicle_updates));
  CHECK((c.teleports > 0) == jammed);
  CHECK(c.teleports == c.teleports_jam + c.teleports_yield + c.teleports_wrong_lane);
  REQUIRE(o.seen.edges.size() == 6);
  CHECK(o.seen.edges[0].begin_s == 25200);
  CHECK(o.seen.edges[5].end_s == 27000);
  REQUIRE(o.seen.detectors.size() == 6);
  float entered = 0, counted = 0;
  for (edge_interval const& i : o.seen.edges) {
    for (std::size_t k = 0; k < i.size(); ++k) {
      CHECK(i.co2_mg[k] > 0);
      if (i.edge[k] == t.edge("FG")) entered += i.entered[k] + i.departed[k];
    }
  }
  for (detector_record const& d : o.seen.detectors) counted += d.count;
  CHECK(counted > 0);
  CHECK(counted <= entered);
  CHECK(!o.seen.stops.empty());
  for (stop_record const& s : o.seen.stops) CHECK(t.ready.travellers->stops.contains(s.stop));
}

TEST_CASE("engine_sumo: the same scenario and seed give the same frames, and another seed of the demand others") {
  tiny_scenario const a, b(12000, 43);
  outcome const first = drive(a.ready, {}), again = drive(a.ready, {}), other = drive(b.ready, {});
  CHECK(first.hash == again.hash);
  CHECK(first.hash != other.hash);
}

TEST_CASE(
    "engine_sumo: a restored run ends as the uninterrupted one, commands included, and a foreign checkpoint is "
    "refused") {
  tiny_scenario t(4000, 42, 25200, 25800);
  t.ready.commands = {{25300, set_lane_speed{t.lane("FG_0"), 3.0}}};
  drive_options o;
  outcome const whole = drive(t.ready, o);
  test::temp_folder const first, second, third;
  snapshot saved;
  {
    auto const e = make_engine_sumo();
    o.run.scratch = first.path();
    o.until_s = 25500;
    e->load(t.ready, o.run);
    test::drive_loaded(*e, t.ready, o);
    e->save(saved);
  }
  CHECK(saved.tick == 300);
  {
    auto const e = make_engine_sumo();
    o.run.scratch = second.path();
    o.until_s = 1e18;
    e->load(t.ready, o.run);
    e->restore(saved);
    CHECK(e->count().tick == 300);
    test::drive_loaded(*e, t.ready, o, 1);
    CHECK(e->count().vehicle_updates == whole.total.vehicle_updates);
    CHECK(e->count().arrived == whole.total.arrived);
  }
  auto const e = make_engine_sumo();
  o.run.scratch = third.path();
  o.run.seed = 7;
  e->load(t.ready, o.run);
  CHECK_THROWS_AS(e->restore(saved), error);
}
