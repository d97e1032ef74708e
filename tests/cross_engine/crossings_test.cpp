// Who passes which loop, one by one: what a calibration learns from a simulation.
#include <catch2/catch.hpp>
#include <map>

#include "sim/engine_tbb/engine_tbb.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Loops in the middle of two roads, across both lanes of one, and where vehicles begin to brake for the signal at B.
struct watched_changes : drawn_scenario {
  watched_changes()
      : drawn_scenario("A=========B=========C\n          |\n          |\n          D\n", 400, {.signals = "B"}) {
    add_each("AB BC", 0, 3, 200);
    add_each("AB BC", 1, 17, 200, "lorry");
    add_each("DB BC", 2, 11, 200);
    for (char const* const name : {"AB_0", "AB_1", "BC_0", "BC_1", "DB_0"})
      ready.detectors.push_back({.name = name, .lane = lane(name), .pos_m = name[0] == 'A' ? 430.0 : 60.0});
  }
};

outcome watch(scenario const& s, std::unique_ptr<engine> (*make)(), double interval_s, std::size_t threads = 1) {
  drive_options o = every(interval_s);
  o.run.crossings = true;
  o.run.threads = threads;
  o.make = make;
  return drive(s, o);
}

std::map<std::uint32_t, double> loop_counts(outcome const& o) {
  std::map<std::uint32_t, double> n;
  for (detector_record const& d : o.seen.detectors) n[d.detector.value] += static_cast<double>(d.count);
  return n;
}

std::map<std::uint32_t, double> crossing_counts(outcome const& o) {
  std::map<std::uint32_t, double> n;
  for (crossing_record const& c : o.seen.crossings) n[c.detector.value] += 1;
  return n;
}

}  // namespace

TEST_CASE("crossings: both engines see the same vehicles pass the same loops at the same hundredth of a second") {
  watched_changes t;
  scenario const s = t.with();
  outcome const sumo = watch(s, make_engine_sumo, 100), tbb = watch(s, make_engine_tbb, 100);
  REQUIRE(sumo.seen.crossings.size() > 150);
  REQUIRE(sumo.seen.crossings.size() == tbb.seen.crossings.size());
  for (std::size_t i = 0; i < sumo.seen.crossings.size(); ++i) {
    crossing_record const &a = sumo.seen.crossings[i], &b = tbb.seen.crossings[i];
    CAPTURE(i, a.time_s, b.time_s);
    REQUIRE(a.vehicle == b.vehicle);
    REQUIRE(a.detector == b.detector);
    REQUIRE(a.time_s == Approx(b.time_s).margin(0.0101));
  }
}

TEST_CASE("crossings: they are what the loops count") {
  watched_changes t;
  scenario const s = t.with();
  for (auto* const make : {make_engine_sumo, make_engine_tbb}) {
    outcome const o = watch(s, make, 400);
    std::map<std::uint32_t, double> counted = loop_counts(o);
    std::erase_if(counted, [](auto const& c) { return c.second == 0; });
    CHECK(crossing_counts(o) == counted);
    CHECK(counted.size() == 5);
  }
}

TEST_CASE("crossings: the same list on one thread and on five, in order of time, and none unless asked for") {
  watched_changes t;
  scenario const s = t.with();
  outcome const one = watch(s, make_engine_tbb, 100), five = watch(s, make_engine_tbb, 7, 5);
  REQUIRE(one.seen.crossings.size() == five.seen.crossings.size());
  for (std::size_t i = 0; i < one.seen.crossings.size(); ++i) {
    crossing_record const &a = one.seen.crossings[i], &b = five.seen.crossings[i];
    REQUIRE(std::tie(a.time_s, a.detector, a.vehicle) == std::tie(b.time_s, b.detector, b.vehicle));
    REQUIRE((i == 0 || one.seen.crossings[i - 1] < a));
  }
  for (auto* const make : {make_engine_sumo, make_engine_tbb}) {
    drive_options o = every(100);
    o.make = make;
    CHECK(drive(s, o).seen.crossings.empty());
  }
}
