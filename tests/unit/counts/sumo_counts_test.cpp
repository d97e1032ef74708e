// SUMO's own outputs as counts.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/replaced.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
constexpr char const* kLoops =
    "<detector><interval begin=\"25200.00\" end=\"26100.00\" id=\"e1_0\" nVehContrib=\"12\" flow=\"48\" "
    "occupancy=\"3.5\" "
    "speed=\"10\" harmonicMeanSpeed=\"9\" length=\"5\" nVehEntered=\"13\"/><interval begin=\"25200.00\" "
    "end=\"26100.00\" id=\"e1_1\" "
    "nVehContrib=\"0\" flow=\"0\" occupancy=\"0\" speed=\"-1\" nVehEntered=\"0\"/></detector>";
}

TEST_CASE("sumo: intervals of induction loops are counts of vehicles that entered, at local times of a day") {
  read_options o;
  o.day = civil_date{2024, 7, 1};
  o.time_zone = "Europe/Lisbon";
  auto const r = read_text_counts(kLoops, "out.xml", o);
  REQUIRE(r.records.size() == 2);
  CHECK(r.records[0].begin_ms == 1719813600000);  // 07:00 in summer
  CHECK(r.records[0].period_ms == 900000);
  CHECK(r.records[0].count == 13);
  CHECK(r.records[0].speed_kmh == 36);
  CHECK(r.records[0].occ_frac == Approx(0.035));
  CHECK(r.records[1].count == 0);
  CHECK(std::isnan(r.records[1].speed_kmh));
  CHECK(r.key(1).site == "e1_1");
}

TEST_CASE("sumo: edge data are counts of vehicles that entered the edge") {
  auto const r = read_text_counts(
      "<meandata><interval begin=\"0\" end=\"300\" id=\"x\"><edge id=\"a\" sampledSeconds=\"9\" entered=\"7\" "
      "speed=\"5\"/></interval></meandata>",
      "e.xml");
  REQUIRE(r.records.size() == 1);
  CHECK(r.records[0].count == 7);
  CHECK(r.records[0].speed_kmh == 18);
  CHECK(r.catalog.site("sumo", "a")->edge == "a");
}

TEST_CASE("sumo: intervals that are none are refused with file, line and element") {
  CHECK(holds(refusal([] { read_text_counts(replaced(kLoops, "26100.00", "1.00"), "o.xml"); }),
              "begin and end are no period"));
  CHECK(holds(refusal([] { read_text_counts(replaced(kLoops, "nVehEntered=\"13\"", "nVehEntered=\"x\""), "o.xml"); }),
              "nVehEntered"));
  CHECK(holds(refusal([] {
                read_text_counts("<meandata><interval begin=\"0\" end=\"9\"><edge id=\"a\"/></interval></meandata>",
                                 "o.xml");
              }),
              "has no 'entered'"));
  CHECK(holds(refusal([] { read_text_counts("<routes/>", "o.xml"); }), "neither DATEX II nor SUMO"));
}
