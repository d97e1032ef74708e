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

TEST_CASE("engine_sumo: a city's own demand runs, and every traveller is accounted for") {
  tiny_scenario t(6000);
  t.ready.detectors = {{"loop", t.lane("FG_0"), 60}};
  outcome const o = drive(t.ready, gemeo::test::every(300));
  counters const& c = o.total;
  // Whoever leaves home within the last second is not due before the end.
  auto const& depart = t.ready.travellers->vehicles.depart_s;
  auto const n = std::count_if(depart.begin(), depart.end(), [](double s) { return s <= 26999; });
  CHECK(c.loaded == n);
  CHECK(c.departed + c.backlog == n);
  CHECK(c.arrived + c.running == c.departed);
  CHECK(c.tick == 1800);
  CHECK(c.time_s == 27000);
  CHECK(c.arrived > n / 2);
  std::set<vehicle_id> vehicles;
  std::map<trip_state, std::int64_t> states;
  double seconds = 0;
  for (trip_record const& trip : o.seen.trips) {
    vehicles.insert(trip.vehicle);
    ++states[trip.state];
    if (trip.state == trip_state::kArrived || trip.state == trip_state::kRunning) seconds += trip.duration_s;
  }
  CHECK(vehicles.size() == o.seen.trips.size());
  // A traveller whom SUMO teleports past the end of the route is taken out, and left the network all the same.
  CHECK(states[trip_state::kArrived] + states[trip_state::kVaporized] == c.arrived);
  // A traveller due in the last tick is a trip that never began, but not yet in SUMO's backlog of that tick.
  CHECK(states[trip_state::kNeverInserted] >= c.backlog);
  CHECK(states[trip_state::kNeverInserted] <= c.backlog + 1);
  CHECK(states[trip_state::kRunning] == c.running);
  CHECK(seconds == Approx(static_cast<double>(c.vehicle_updates)).epsilon(0.02));
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
