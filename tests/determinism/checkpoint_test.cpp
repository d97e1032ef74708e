// A checkpoint of engine_tbb continues as the run it was taken from, tick by tick, on any number of threads, and
// nothing observed is lost or told twice. What is not a checkpoint of this scenario is refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/property/random_traffic.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using test::drive_options;
using test::outcome;
using test::tiny_scenario;

namespace {

drive_options by_tbb(double until_s = 1e18, std::size_t threads = 1) {
  drive_options o = test::every(100);
  o.make = make_engine_tbb;
  o.run.emissions = false;
  o.run.threads = threads;
  o.frames = true;
  o.until_s = until_s;
  return o;
}

// A busy small city in which a lane closes, a speed falls, and a lane is blocked for a while; half of the drivers see
// live travel times, and all are told twice of a closed road, those who wait to enter among them.
void make_eventful(tiny_scenario& t) {
  auto d = std::make_shared<demand>(*t.ready.travellers);
  for (vehicle_type& type : d->types.raw()) type.sigma = 0.5;
  t.ready.travellers = d;
  t.ready.detectors = {{"loop", t.lane("FG_0"), 60}};
  t.ready.time_to_teleport_s = 60;
  t.ready.informed = {0.5, 60, 0.02, 5};
  cost_patch closed;
  closed.edges = {t.edge("JF"), t.edge("FJ")};
  closed.closed = true;
  closed.begin_s = 25280;
  closed.end_s = 1e9;
  t.ready.ways = std::make_shared<router const>(*t.town.net, free_flow_costs(*t.town.net), std::vector{closed});
  reroute const told{closed.edges, 1.0, kAllClasses};
  vclass_mask const own = t.town.net->lanes.allowed[t.lane("FG_1")];
  t.ready.commands = {{25260, set_lane_permissions{t.lane("FG_1"), mask_of(vclass::kBus)}},
                      {25280, told},
                      {25300, set_lane_speed{t.lane("FG_0"), 3.0}},
                      {25320, block_lane{t.lane("AB_0"), 150, 1}},
                      {25620, unblock_lane{1}},
                      {25640, told},
                      {25700, set_lane_permissions{t.lane("FG_1"), own}}};
}

std::size_t commands_before(scenario const& s, double time_s) {
  return static_cast<std::size_t>(
      std::count_if(s.commands.begin(), s.commands.end(), [&](timed_command const& c) { return c.time_s < time_s; }));
}

}  // namespace

TEST_CASE("determinism: a run restored at a random tick goes on as the uninterrupted one, on any number of threads") {
  tiny_scenario t(20000, 42, 25200, 26100);
  make_eventful(t);
  auto const whole_engine = make_engine_tbb();
  whole_engine->load(t.ready, by_tbb().run);
  outcome whole = test::drive_loaded(*whole_engine, t.ready, by_tbb());
  whole_engine->finish();
  observations last;
  whole_engine->drain(last);
  test::append(whole.seen, last);
  CHECK(whole_engine->count().teleports > 0);
  auto expected = test::lines_of(whole.seen);
  std::sort(expected.begin(), expected.end());
  REQUIRE(expected.size() > 1000);
  std::size_t rerouted = 0;
  for (trip_record const& r : whole.seen.trips) rerouted += r.reroutes > 0 ? 1 : 0;
  CHECK(rerouted > 100);

  std::minstd_rand draw(static_cast<std::uint32_t>(GENERATE(1, 2, 3, 4, 5, 6)));
  double const at_s = 25200 + std::uniform_int_distribution<int>(1, 899)(draw);
  INFO("saved at " << at_s);
  auto const first = make_engine_tbb();
  first->load(t.ready, by_tbb().run);
  outcome const before = test::drive_loaded(*first, t.ready, by_tbb(at_s, 2));
  snapshot saved;
  first->save(saved);
  CHECK(saved.tick == static_cast<std::int64_t>(at_s) - 25200);

  auto const second = make_engine_tbb();
  second->load(t.ready, by_tbb(1e18, 3).run);
  double const moved_s = 25200 + std::uniform_int_distribution<int>(1, 899)(draw);
  test::drive_loaded(*second, t.ready, by_tbb(moved_s, 3));  // a world that has moved and obeyed becomes the saved one
  second->restore(saved);
  drive_options on = by_tbb(1e18, 3);
  outcome rest = test::drive_loaded(*second, t.ready, on, commands_before(t.ready, at_s));
  second->finish();
  last.clear();
  second->drain(last);
  test::append(rest.seen, last);
  REQUIRE(before.frames.size() + rest.frames.size() == whole.frames.size());
  for (std::size_t i = 0; i < rest.frames.size(); ++i)
    REQUIRE(hash_frame(rest.frames[i]) == hash_frame(whole.frames[before.frames.size() + i]));
  CHECK(second->count().vehicle_updates == whole_engine->count().vehicle_updates);
  CHECK(second->count().teleports == whole_engine->count().teleports);
  observations both = before.seen;
  test::append(both, rest.seen);
  auto got = test::lines_of(both);
  std::sort(got.begin(), got.end());
  CHECK((got == expected));
}

// All-way stops and zippers have details of those who approach, and somebody is being teleported.
TEST_CASE("determinism: a checkpoint has the same bytes on 1, 2, 3 and 16 threads, and again") {
  auto const [number, more_kinds, tick] =
      GENERATE(table<std::uint64_t, bool, int>({{4, false, 150}, {2, false, 150}, {118, true, 250}}));
  test::random_traffic const t(number, {.more_kinds = more_kinds});
  INFO(t.told);
  std::vector<std::byte> expected;
  for (std::size_t const threads : {1U, 1U, 2U, 3U, 16U}) {
    auto const e = make_engine_tbb();
    e->load(t.ready, by_tbb(1e18, threads).run);
    for (int i = 0; i < tick; ++i) e->step();
    snapshot saved;
    e->save(saved);
    if (expected.empty()) expected = saved.bytes;
    REQUIRE(saved.bytes.size() == expected.size());
    std::size_t const differing =
        std::inner_product(expected.begin(), expected.end(), saved.bytes.begin(), std::size_t{0}, std::plus<>(),
                           [](std::byte a, std::byte b) { return a != b ? std::size_t{1} : std::size_t{0}; });
    INFO(threads << " threads");
    CHECK(differing == 0);
  }
}

TEST_CASE("determinism: what is not a checkpoint of this scenario and seed is refused") {
  tiny_scenario t(4000, 42, 25200, 25500);
  auto const e = make_engine_tbb();
  e->load(t.ready, by_tbb().run);
  for (int i = 0; i < 200; ++i) e->step();
  snapshot saved;
  e->save(saved);
  auto const refused = [&](scenario const& s, std::uint64_t seed, snapshot const& with) -> std::string {
    auto const other = make_engine_tbb();
    drive_options o = by_tbb();
    o.run.seed = seed;
    other->load(s, o.run);
    try {
      other->restore(with);
    } catch (error const& problem) {
      return problem.what();
    }
    return "";
  };
  CHECK(refused(t.ready, 42, saved).empty());
  CHECK(refused(t.ready, 7, saved).find("another scenario or seed") != std::string::npos);
  scenario other = t.ready;
  other.demand_hash = 1;
  CHECK(refused(other, 42, saved).find("another scenario or seed") != std::string::npos);
  for (auto const& change : std::vector<std::function<void(scenario&)>>{[](scenario& s) { s.step_s = 0.5; },
                                                                        [](scenario& s) { s.time_to_teleport_s = 17; },
                                                                        [](scenario& s) { s.informed.share = 0.25; }}) {
    scenario with_other_settings = t.ready;
    change(with_other_settings);
    CHECK(refused(with_other_settings, 42, saved).find("another scenario or seed") != std::string::npos);
  }
  snapshot damaged = saved;
  damaged.bytes.resize(damaged.bytes.size() - 3);
  CHECK(refused(t.ready, 42, damaged).find("ends too early") != std::string::npos);
  damaged = saved;
  damaged.bytes.push_back(std::byte{0});
  CHECK(refused(t.ready, 42, damaged).find("is damaged") != std::string::npos);
  damaged = saved;
  damaged.bytes[damaged.bytes.size() / 2] ^= std::byte{1};
  CHECK(refused(t.ready, 42, damaged).find("is damaged") != std::string::npos);
  CHECK_FALSE(refused(t.ready, 42, {}).empty());
}
