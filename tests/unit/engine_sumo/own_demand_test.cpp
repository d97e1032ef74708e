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
  std::int64_t moved_on = 0;
  for (trip_record const& trip : o.seen.trips) {
    moved_on += trip.teleports;
    vehicles.insert(trip.vehicle);
    ++states[trip.state];
    if (trip.state != trip_state::kNeverInserted) seconds += trip.duration_s;
  }
  CHECK(vehicles.size() == o.seen.trips.size());
  // SUMO takes a vehicle out that it would have to teleport past the end of its route. That leaves the network, too,
  // but is no arrival.
  auto const beyond = std::count_if(o.seen.messages.begin(), o.seen.messages.end(), [](message const& m) {
    return m.text.find("teleports beyond arrival edge") != std::string::npos;
  });
  CHECK((beyond > 0) == jammed);
  CHECK(states[trip_state::kVaporized] == beyond);
  CHECK(states[trip_state::kArrived] == c.arrived - beyond);
  CHECK(states[trip_state::kNeverInserted] == c.backlog);
  CHECK(states[trip_state::kRunning] == c.running);
  // Those taken out are still there at the end of that tick.
  CHECK(seconds + static_cast<double>(beyond) == static_cast<double>(c.vehicle_updates));
  CHECK((c.teleports > 0) == jammed);
  CHECK(moved_on == c.teleports);
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

TEST_CASE("engine_sumo: a bus without a timetable has no delay, and one with it is on time or late") {
  bool const timetable = GENERATE(true, false);
  tiny_scenario t(1000);
  auto changed = std::make_shared<demand>(*t.ready.travellers);
  REQUIRE_FALSE(changed->stop_calls.empty());
  for (stop_call& s : changed->stop_calls) {
    REQUIRE(s.until_s >= 0);
    if (!timetable) s.until_s = -1;
  }
  t.ready.travellers = std::move(changed);
  outcome const o = drive(t.ready, gemeo::test::every(300));
  REQUIRE(o.seen.stops.size() > 3);
  for (stop_record const& s : o.seen.stops) CHECK((timetable ? s.delay_s >= 0 : std::isnan(s.delay_s)));
}

TEST_CASE("engine_sumo: the same scenario and seed give the same frames, and another seed of the demand others") {
  tiny_scenario const a(6000), b(6000, 43);
  outcome const first = drive(a.ready, {}), again = drive(a.ready, {}), other = drive(b.ready, {});
  CHECK(first.hash == again.hash);
  CHECK(first.hash != other.hash);
}

namespace {

struct half_run {
  outcome first;  // up to the checkpoint
  snapshot saved;
};

half_run run_until(scenario const& s, drive_options o, double until_s) {
  test::temp_folder const scratch;
  o.run.scratch = scratch.path();
  o.until_s = until_s;
  half_run h;
  auto const e = make_engine_sumo();
  e->load(s, o.run);
  h.first = test::drive_loaded(*e, s, o);
  e->save(h.saved);
  return h;
}

}  // namespace

TEST_CASE(
    "engine_sumo: a restored run ends as the uninterrupted one, with every command in it, and tells nothing twice") {
  tiny_scenario t(4000, 42, 25200, 25800);
  t.ready.detectors = {{"loop", t.lane("FG_0"), 60}};
  t.ready.informed = {0.5, 120, 0.02, 5};
  vclass_mask const own = t.town.net->lanes.allowed[t.lane("FG_1")];
  t.ready.commands = {{25260, set_lane_permissions{t.lane("FG_1"), mask_of(vclass::kBus)}},
                      {25300, set_lane_speed{t.lane("FG_0"), 3.0}},
                      {25320, block_lane{t.lane("AB_0"), 150, 1}},
                      {25360, reroute{{t.edge("AB")}, 0.5, kAllClasses}},
                      {25440, unblock_lane{1}},
                      {25500, set_lane_permissions{t.lane("FG_1"), own}}};
  drive_options o = test::every(100);
  o.frames = true;
  outcome const whole = drive(t.ready, o);
  CHECK(std::any_of(whole.seen.messages.begin(), whole.seen.messages.end(), [](message const& m) {
    return m.text.find("informed drivers") != std::string::npos && m.text.find("took 0") == std::string::npos;
  }));
  // Between two drains; just after one; before the first command.
  double const at_s = GENERATE(25450.0, 25500.0, 25210.0);
  std::size_t const given = at_s < 25250 ? 0 : 5;
  half_run const half = run_until(t.ready, o, at_s);
  CHECK(half.saved.tick == static_cast<std::int64_t>(at_s) - 25200);

  test::temp_folder const scratch;
  o.run.scratch = scratch.path();
  auto const e = make_engine_sumo();
  e->load(t.ready, o.run);
  bool const from_another_tick = GENERATE(false, true);
  if (from_another_tick) e->step();  // a world that has moved starts again
  e->restore(half.saved);
  CHECK(e->count().tick == half.saved.tick);
  outcome rest = test::drive_loaded(*e, t.ready, o, given);
  e->finish();
  observations last;
  e->drain(last);
  test::append(rest.seen, last);
  CHECK(e->count().vehicle_updates == whole.total.vehicle_updates);
  CHECK(e->count().arrived == whole.total.arrived);
  REQUIRE(half.first.frames.size() + rest.frames.size() == whole.frames.size());
  for (std::size_t i = 0; i < rest.frames.size(); ++i) {
    REQUIRE(hash_frame(rest.frames[i]) == hash_frame(whole.frames[half.first.frames.size() + i]));
  }
  observations both = half.first.seen;
  test::append(both, rest.seen);
  auto expected = test::lines_of(whole.seen), got = test::lines_of(both);
  std::sort(expected.begin(), expected.end());
  std::sort(got.begin(), got.end());
  CHECK(expected.size() > 100);
  CHECK((expected == got));
}

TEST_CASE("engine_sumo: a checkpoint of another seed, demand or world, or a damaged one, is refused") {
  tiny_scenario t(4000, 42, 25200, 25500);
  t.ready.commands = {{25250, set_lane_speed{t.lane("FG_0"), 3.0}}};
  drive_options o = test::every(100);
  half_run const half = run_until(t.ready, o, 25300);
  auto const refused = [&](scenario const& s, drive_options with, snapshot const& saved) {
    test::temp_folder const scratch;
    with.run.scratch = scratch.path();
    auto const e = make_engine_sumo();
    e->load(s, with.run);
    try {
      e->restore(saved);
    } catch (error const& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  CHECK(refused(t.ready, o, half.saved).empty());
  drive_options other_seed = o;
  other_seed.run.seed = 7;
  CHECK(refused(t.ready, other_seed, half.saved).find("another scenario or seed") != std::string::npos);
  scenario other = t.ready;
  other.demand_hash = 1;
  CHECK(refused(other, o, half.saved).find("another scenario or seed") != std::string::npos);
  other = t.ready;
  other.time_to_teleport_s = 1;  // the same files, but the world goes another way
  other.sumo_options = {"--default.action-step-length=2"};
  CHECK(refused(other, o, half.saved).find("did not repeat itself") != std::string::npos);
  snapshot damaged = half.saved;
  damaged.bytes.resize(damaged.bytes.size() - 3);
  CHECK(refused(t.ready, o, damaged).find("ends too early") != std::string::npos);
  damaged = half.saved;
  damaged.bytes.push_back(std::byte{0});
  CHECK(refused(t.ready, o, damaged).find("is damaged") != std::string::npos);
  damaged = half.saved;
  damaged.bytes[0] = std::byte{0};
  CHECK_FALSE(refused(t.ready, o, damaged).empty());
  CHECK_FALSE(refused(t.ready, o, {}).empty());
}
