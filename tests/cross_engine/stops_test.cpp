// Buses and their stops on both engines.
#include <catch2/catch.hpp>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Gives the vehicle added last a stop of 20 s.
void stop_at(drawn_scenario& t, char const* lane, double begin_m, double end_m) {
  auto const id = static_cast<std::uint32_t>(t.who.stops.size());
  bus_stop s;
  s.name = s.label = "stop" + std::to_string(id);
  s.lane = t.lane(lane);
  s.begin_m = begin_m;
  s.end_m = end_m;
  t.who.stops.push_back(s);
  auto const first = static_cast<std::uint32_t>(t.who.stop_calls.size());
  t.who.stop_calls.push_back({stop_id(id), 20, -1});
  t.who.vehicles.stops[vehicle_id(t.who.size() - 1)] = {first, first + 1};
}

}  // namespace

TEST_CASE("both engines: a bus enters the road slowly enough for a stop close by, on its edge or on the next") {
  drawn_scenario t("A------B---------C\n", 200, {.speed_mps = 22});
  t.add("AB BC", 0, "bus");
  stop_at(t, "AB_0", 20, 40);
  t.add("AB", 60, "bus");
  stop_at(t, "AB_0", 30, 50);
  t.add("BC", 100, "bus");
  stop_at(t, "BC_0", 5, 25);
  scenario const s = t.with();
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(b.sumo.seen.stops.size() == 3);
  CHECK(b.tbb.seen.stops.size() == 3);
}

TEST_CASE("both engines: a bus that waits behind another has reached its stop once half of it is within it") {
  drawn_scenario t("A---------B---------C\n", 300);
  double const begin_m = GENERATE(90.0, 87.0, 60.0);  // of the second bus 5, 8 and all of its metres are within it
  for (int i = 0; i < 3; ++i) {
    t.add("AB BC", 4.0 * i, "bus");
    stop_at(t, "AB_0", begin_m, 110);
  }
  t.add_each("AB BC", 14, 5, 100);
  scenario const s = t.with();
  double const length_m = t.who.types[vtype_id(1U)].length_m, gap_m = t.who.types[vtype_id(1U)].min_gap_m;
  INFO("buses of " << length_m << " m, " << gap_m << " m apart, stop from " << begin_m << " m");
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(b.sumo.seen.stops.size() == 3);
  CHECK(b.tbb.seen.stops.size() == 3);
}
