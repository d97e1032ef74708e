// The determinism contract of engine_tbb: the same frames at every tick, bit for bit, on any number of threads and
// again.
#include <catch2/catch.hpp>
#include <span>

#include "sim/core/hash.h"
#include "sim/core/parallel.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;

namespace {

std::vector<std::uint64_t> hashes(scenario const& s, std::size_t threads, std::uint64_t seed) {
  auto const e = make_engine_tbb();
  run_options o;
  o.emissions = false;
  o.threads = threads;
  o.seed = seed;
  e->load(s, o);
  std::vector<std::uint64_t> out;
  frame f;
  std::size_t next = 0;
  while (!e->done()) {
    for (; next < s.commands.size() && s.commands[next].time_s <= e->count().time_s; ++next)
      e->apply(std::span(&s.commands[next].what, 1));
    e->step();
    e->observe(f);
    out.push_back(hash_frame(f));
  }
  return out;
}

}  // namespace

TEST_CASE("determinism: drivers who change their way do so alike on 1, 2, 5 and 16 threads") {
  gemeo::test::tiny_scenario t(16000, 42, 25200, 26100);
  t.ready.informed = {0.7, 30, 0, 1};
  t.ready.commands = {{25300, set_lane_speed{t.lane("FG_0"), 2}},
                      {25400, reroute{{t.edge("FG")}, 0.5, kAllClasses}},
                      {25500, set_lane_speed{t.lane("FG_0"), 14}}};
  std::vector<std::uint64_t> const one = hashes(t.ready, 1, 42);
  REQUIRE(one.size() == 900);
  for (std::size_t const threads : {std::size_t{2}, std::size_t{5}, std::size_t{16}}) {
    INFO(threads << " threads");
    CHECK(hashes(t.ready, threads, 42) == one);
  }
  t.ready.informed.share = 0;
  CHECK(hashes(t.ready, 2, 42) != one);
}

TEST_CASE("determinism: a small city gives the same frame at every tick on 1, 2, 3, 5, 8 and 16 threads, three times") {
  gemeo::test::tiny_scenario t(20000, 42, 25200, 26400);
  auto d = std::make_shared<demand>(*t.ready.travellers);
  for (vehicle_type& type : d->types.raw()) type.sigma = 0.5;  // with dawdling, which is drawn
  t.ready.travellers = d;
  std::vector<std::uint64_t> const one = hashes(t.ready, 1, 42);
  REQUIRE(one.size() == 1200);
  for (std::size_t const threads :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{8}, std::size_t{16}}) {
    INFO(threads << " threads");
    CHECK(thread_team(threads).threads() == threads);
    for (int pass = 0; pass < 3; ++pass) CHECK(hashes(t.ready, threads, 42) == one);
  }
  CHECK(hashes(t.ready, 2, 43) != one);
}
