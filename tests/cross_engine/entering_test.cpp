// Entering the road on both engines.
#include <catch2/catch.hpp>

#include "sim/engine_tbb/engine_tbb.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

TEST_CASE("both engines: a lane that nobody could enter does not keep others from the lane beside it") {
  drawn_scenario t(
      "       D    \n"
      "       |    \n"
      "B======C===F\n"
      "       |    \n"
      "       E    \n",
      200);
  for (int i = 0; i < 4; ++i) {
    t.add("BC CE", 0);
    t.add("BC CE", 0);
    t.add("BC CD", 0);
  }
  check_exact(t.with());
}

TEST_CASE("both engines: who enters before a junction that somebody is crossing can still stop before it") {
  double const first_s = GENERATE(0.0, 1.0, 2.0, 3.0);
  INFO("the first after " << first_s << " s");
  drawn_scenario t(
      "    E      \n"
      "    |      \n"
      "    |      \n"
      "A---B-----C\n"
      "    |      \n"
      "    |      \n"
      "    D      \n",
      300, {.cell_m = 20, .speed_mps = 25});
  t.add_each("AB BC", first_s, 9, 200);
  t.add_each("DB BE", 0, 11, 200, "lorry");
  for (vehicle_type& type : t.who.types.raw()) type.other["carFollowModel"] = "IDM";
  check_exact(t.with());
}

TEST_CASE("both engines: who enters close behind somebody slower brakes for him no harder than he likes") {
  drawn_scenario t("A---------B\n", 100, {.speed_mps = 10.5});
  t.add_each("AB", 0, 10, 60, "lorry");
  t.add_each("AB", 1, 10, 60);
  for (vehicle_type& type : t.who.types.raw()) {
    type.tau_s = 1.45;
    if (type.name == "lorry") type.max_speed_mps = 9.6;
  }
  check_exact(t.with());
}

TEST_CASE("tbb: who has not moved yet when a run ends has not driven less than 0 m") {
  drawn_scenario t("A---------B---------C\n", 10);
  t.add("AB BC", 9);
  drive_options o = every(100);
  o.make = make_engine_tbb;
  outcome const tbb = drive(t.with(), o);
  REQUIRE(tbb.seen.trips.size() == 1);
  CHECK(tbb.seen.trips[0].state == trip_state::kRunning);
  CHECK(tbb.seen.trips[0].duration_s > 0);
  CHECK(tbb.seen.trips[0].route_length_m >= 0);
  CHECK(tbb.seen.trips[0].route_length_m < 1e-6);
}
