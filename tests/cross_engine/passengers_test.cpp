// Buses with passengers on both engines: who boards where and when, how long buses stand, who is left behind.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/core/hash.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// A line of three stops on three roads.
struct bus_street : drawn_scenario {
  explicit bus_street(double end_s = 600) : drawn_scenario("A---------B---------C---------D\n", end_s) {
    for (auto const& [lane, from_m, to_m] :
         {std::tuple{"AB_0", 60.0, 80.0}, {"BC_0", 60.0, 80.0}, {"CD_0", 60.0, 80.0}})
      stop(lane, from_m, to_m);
    who.lines.push_back({"10", "ten"});
    who.lines.push_back({"0", "called as a vehicle's number"});
  }

  stop_id stop(char const* lane_name, double from_m, double to_m) {
    bus_stop s;
    s.name = s.label = "stop" + std::to_string(who.stops.size());
    s.lane = lane(lane_name);
    s.begin_m = from_m;
    s.end_m = to_m;
    return who.stops.push_back(s);
  }

  void bus(double depart_s, std::uint32_t line, std::vector<stop_call> const& calls) {
    add("AB BC CD", depart_s, "bus");
    vehicle_id const v(who.size() - 1);
    who.vehicles.line[v] = line_id(line);
    auto const first = static_cast<std::uint32_t>(who.stop_calls.size());
    who.stop_calls.insert(who.stop_calls.end(), calls.begin(), calls.end());
    who.vehicles.stops[v] = {first, static_cast<std::uint32_t>(who.stop_calls.size())};
  }

  struct leg {
    std::uint32_t from, to;
    std::vector<std::string> by;
    double stay_s = 0, until_s = -1;
  };
  void passenger_with(double depart_s, std::vector<leg> const& legs) {
    passenger p;
    p.name = "p" + std::to_string(who.passengers.size());
    p.depart_s = depart_s;
    p.rides.begin = static_cast<std::uint32_t>(who.rides.size());
    for (leg const& l : legs) {
      who.rides.push_back(
          {stop_id(l.from), stop_id(l.to), static_cast<std::uint32_t>(who.served_by.size()), l.stay_s, l.until_s});
      who.served_by.push_back(l.by);
    }
    p.rides.end = static_cast<std::uint32_t>(who.rides.size());
    who.passengers.push_back(p);
  }

  void type_says(char const* name, char const* value) { who.types[vtype_id(1U)].other[name] = value; }
};

std::vector<std::string> rides_of(outcome const& o) {
  std::vector<std::string> out;
  for (ride_record const& r : o.seen.rides)
    out.push_back(fmt::format(
        "passenger {:3} from {} to {} in {} waits since {}, departs {}, arrives {}", r.passenger.value, r.from.value,
        r.to.value, r.vehicle.valid() ? int(r.vehicle.value) : -1, r.waits_since_s, r.departed_s, r.arrived_s));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> stops_of(outcome const& o) {
  std::vector<std::string> out;
  for (stop_record const& s : o.seen.stops)
    out.push_back(fmt::format("vehicle {} at {} from {} to {}", s.vehicle.value, s.stop.value, s.started_s, s.ended_s));
  std::sort(out.begin(), out.end());
  return out;
}

both check_same(scenario const& s) {
  both b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(stops_of(b.sumo) == stops_of(b.tbb));
  CHECK(rides_of(b.sumo) == rides_of(b.tbb));
  return b;
}

std::size_t left_behind(outcome const& o) {
  return static_cast<std::size_t>(
      std::count_if(o.seen.rides.begin(), o.seen.rides.end(), [](ride_record const& r) { return r.departed_s < 0; }));
}

}  // namespace

TEST_CASE("both engines: passengers board one by one, prolong the stop, and are left behind by a full bus") {
  bus_street t;
  std::string const capacity = GENERATE("5", "8");
  std::string const door = GENERATE("0.5", "3", "0.7", "0", "2.25");
  INFO("capacity " << capacity << ", a passenger takes " << door << " s");
  t.type_says("personCapacity", capacity.c_str());
  t.type_says("boardingDuration", door.c_str());
  for (int i = 0; i < 17; ++i) t.passenger_with(i * 0.25, {{0, i % 3 == 0 ? 1U : 2U, {"10"}}});
  for (int i = 0; i < 6; ++i) t.passenger_with(40 + 3 * i, {{1, 2, {"10"}}});
  t.bus(5, 0, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  t.bus(60, 0, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  t.add_each("AB BC CD", 7, 11, 150);
  both const b = check_same(t.with());
  CHECK(b.tbb.seen.rides.size() == 23);
  CHECK(left_behind(b.tbb) > 0);
  CHECK(left_behind(b.tbb) < 18);
}

TEST_CASE("both engines: a bus waits for its timetable, and takes who comes while it stands") {
  bus_street t;
  for (int i = 0; i < 10; ++i) t.passenger_with(20 + 7 * i, {{0, 2, {"10"}}});
  t.type_says("boardingDuration", "8");
  t.bus(5, 0, {{stop_id(0U), 4, 70}, {stop_id(2U), 4, -1}});
  check_same(t.with());
}

TEST_CASE("both engines: passengers know lines, vehicles and whatever comes their way") {
  bus_street t;
  t.passenger_with(0, {{0, 2, {"0"}}});     // a line
  t.passenger_with(0, {{0, 2, {"bus1"}}});  // a vehicle
  t.passenger_with(0, {{0, 1, {"ANY"}}});   // the first one does not go there
  t.passenger_with(0, {{0, 1, {"10"}}});    // nor does it for who takes it: to its end
  t.passenger_with(0, {{0, 1, {"nobody"}}});
  t.passenger_with(0, {{0, 1, {"nobody", "0"}}});
  t.bus(5, 0, {{stop_id(0U), 4, -1}, {stop_id(2U), 6, -1}});
  t.bus(40, 1, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  both const b = check_same(t.with());
  CHECK(b.tbb.seen.rides.size() == 6);
  auto const says = [](outcome const& o, char const* what) {
    return std::any_of(o.seen.messages.begin(), o.seen.messages.end(),
                       [&](message const& m) { return m.text.find(what) != std::string::npos; });
  };
  CHECK(says(b.tbb, "passenger 'p3' was carried past stop 'stop1'"));
}

TEST_CASE("both engines: passengers change buses, at once or after a stay, and wait no longer than the run") {
  bus_street t(GENERATE(600.0, 75.0, 90.0));
  t.passenger_with(0, {{0, 1, {"10"}}, {1, 2, {"0"}}});
  t.passenger_with(0, {{0, 1, {"10"}}, {1, 2, {"0"}, 9}});
  t.passenger_with(0, {{0, 1, {"10"}}, {1, 2, {"0"}, 9, 70}});
  t.passenger_with(3.2, {{0, 1, {"10"}, 5, 30}, {1, 2, {"0"}, 80}});
  t.bus(15, 0, {{stop_id(0U), 14, -1}, {stop_id(1U), 6, -1}});
  t.bus(50, 1, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  check_same(t.with());
}

TEST_CASE("both engines: stops close to each other share those who wait between them, and those who alight") {
  bus_street t;
  stop_id const near = t.stop("AB_0", 20, 70.3), next = t.stop("BC_0", 95, 120);  // of AB's and BC's
  for (int i = 0; i < 40; ++i) t.passenger_with(0, {{near.value, 2, {"10"}}});
  for (int i = 0; i < 4; ++i) t.passenger_with(0, {{0, next.value, {"10"}}});
  t.bus(5, 0, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  check_same(t.with());
}

TEST_CASE("both engines: passengers with ticks of a tenth of a second") {
  bus_street t(120);
  t.ready.step_s = 0.1;
  t.type_says("personCapacity", "6");
  for (int i = 0; i < 9; ++i) t.passenger_with(i * 0.37, {{0, i % 2 == 0 ? 1U : 2U, {"10"}}});
  t.bus(5, 0, {{stop_id(0U), 2.5, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  check_same(t.with());
}

TEST_CASE("passengers: a run restored at any tick goes on as the uninterrupted one, on any number of threads") {
  bus_street t(200);
  t.type_says("boardingDuration", "2.5");
  t.type_says("personCapacity", "7");
  for (int i = 0; i < 30; ++i)
    t.passenger_with(i * 2.5, {{0, 1, {i % 2 == 0 ? "10" : "0"}}, {1, 2, {"ANY"}, i % 3 == 0 ? 20.0 : 0.0}});
  for (std::uint32_t i = 0; i < 6; ++i)
    t.bus(5 + 23 * i, i % 2, {{stop_id(0U), 4, -1}, {stop_id(1U), 6, -1}, {stop_id(2U), 4, -1}});
  t.add_each("AB BC CD", 7, 3, 150);
  scenario const s = t.with();
  auto const by = [](std::size_t threads, double until_s) {
    drive_options o = every(50);
    o.make = make_engine_tbb;
    o.run.threads = threads;
    o.run.emissions = false;
    o.until_s = until_s;
    return o;
  };
  auto const all_of = [](observations const& o) {
    std::vector<std::string> out = lines_of(o);
    std::sort(out.begin(), out.end());
    return out;
  };
  outcome const whole = drive(s, by(1, 1e18));
  REQUIRE(whole.seen.rides.size() > 35);
  for (std::size_t const threads : {2U, 5U, 16U}) CHECK(all_of(drive(s, by(threads, 1e18)).seen) == all_of(whole.seen));
  for (double const at_s : {19.0, 31.0, 48.0, 66.0, 107.0}) {
    INFO("saved at " << at_s);
    auto const first = make_engine_tbb(), second = make_engine_tbb();
    first->load(s, by(1, 1e18).run);
    observations seen = drive_loaded(*first, s, by(1, at_s)).seen, last;
    snapshot saved;
    first->save(saved);
    second->load(s, by(3, 1e18).run);
    drive_loaded(*second, s, by(3, 80));
    second->restore(saved);
    append(seen, drive_loaded(*second, s, by(3, 1e18)).seen);
    second->finish();
    second->drain(last);
    append(seen, last);
    CHECK(all_of(seen) == all_of(whole.seen));
  }
}
