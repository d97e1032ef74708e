// The determinism contract of engine_tbb: the same frames at every tick, bit for bit, on any number of threads and
// again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <span>

#include "sim/core/hash.h"
#include "sim/core/parallel.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/support/threads_at_work.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::threads_at_work;

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
    CHECK(threads_at_work(thread_team(threads)) == threads);
    for (int pass = 0; pass < 3; ++pass) CHECK(hashes(t.ready, threads, 42) == one);
  }
  CHECK(hashes(t.ready, 2, 43) != one);
}

TEST_CASE("determinism: intervals of edges with what was emitted there are alike on 1, 2, 3 and 16 threads") {
  gemeo::test::tiny_scenario t(20000, 42, 25200, 25800);
  auto const seen_on = [&](std::size_t threads) {
    gemeo::test::drive_options o = gemeo::test::every(100);
    o.make = make_engine_tbb;
    o.run.threads = threads;
    o.run.emissions = true;
    return gemeo::test::drive(t.ready, o).seen;
  };
  observations const one = seen_on(1);
  REQUIRE(one.edges.size() == 6);
  REQUIRE(one.edges[3].co2_mg.size() == one.edges[3].size());
  REQUIRE(*std::max_element(one.edges[3].co2_mg.begin(), one.edges[3].co2_mg.end()) > 0);
  for (std::size_t const threads : {2U, 3U, 16U}) {
    INFO(threads << " threads");
    observations const other = seen_on(threads);
    REQUIRE(other.edges.size() == one.edges.size());
    for (std::size_t i = 0; i < one.edges.size(); ++i) {
      edge_interval const &a = one.edges[i], &b = other.edges[i];
      CHECK(a.sampled_s == b.sampled_s);
      CHECK(a.time_loss_s == b.time_loss_s);
      CHECK(a.co2_mg == b.co2_mg);
      CHECK(a.nox_mg == b.nox_mg);
      CHECK(a.pmx_mg == b.pmx_mg);
      CHECK(a.fuel_mg == b.fuel_mg);
    }
  }
}
