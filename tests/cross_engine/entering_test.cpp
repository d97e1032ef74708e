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
