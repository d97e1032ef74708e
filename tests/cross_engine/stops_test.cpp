// Buses and their stops on both engines.
#include <array>
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

TEST_CASE("both engines: a bus behind another at a stop stands there once half of it is within it") {
  drawn_scenario t("A---------B---------C\n", 300);
  double const begin_m = GENERATE(60.0, 93.0, 101.0);  // within it are all three buses, two, the first
  auto const at = static_cast<std::uint32_t>(t.who.stops.size());
  for (int i = 0; i < 3; ++i) {
    t.add("AB BC", 4.0 * i, "bus");
    stop_at(t, "AB_0", begin_m, 110);
    t.who.stop_calls.back().stop = stop_id(at);  // the same for all
  }
  t.add_each("AB BC", 14, 5, 100);
  scenario const s = t.with();
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(b.sumo.seen.stops.size() == 3);
  CHECK(b.tbb.seen.stops.size() == 3);
}

TEST_CASE("both engines: of two stops in one place nobody stands at the other's") {
  drawn_scenario t("A---------B---------C\n", 300);
  for (int i = 0; i < 2; ++i) {
    t.add("AB BC", 4.0 * i, "bus");
    stop_at(t, "AB_0", 60, 110);
  }
  check_exact(t.with());
}

TEST_CASE("both engines: stops last as long with ticks of a tenth of a second") {
  drawn_scenario t("A---------B---------C\n", 120);
  t.ready.step_s = 0.1;
  for (int i = 0; i < 3; ++i) {
    t.add("AB BC", 30.0 * i, "bus");
    stop_at(t, "AB_0", 60, 110);
    t.who.stop_calls.back().duration_s = std::array{6.0, 7.3, 20.0}[static_cast<std::size_t>(i)];
  }
  check_exact(t.with());
}
