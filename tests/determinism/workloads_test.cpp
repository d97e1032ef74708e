// The determinism contract at size: real and synthetic cities give the same frame at every tick on 1, 2, 3, 5, 8 and 16
// threads, three times each, and when saved at a tick drawn at random and restored on another number of threads.
#include "tests/bench/workloads.h"

#include <catch2/catch.hpp>

#include "sim/core/parallel.h"
#include "sim/core/random.h"
#include "sim/scenario/compile.h"
#include "tests/determinism/golden.h"
#include "tests/property/tick_hashes.h"
#include "tests/support/shared_data.h"
#include "tests/support/threads_at_work.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

void check_contract(std::string const& name, scenario const& s, double until_s) {
  hash_run const one{.seed = 42, .until_s = until_s};
  auto const expected = tick_hashes(s, one);
  REQUIRE(expected.size() > 100);
  check_golden(name, s, expected);
  if (writes_golden()) return;
  for (std::size_t const threads : {1U, 2U, 3U, 5U, 8U, 16U}) {
    INFO(name << " on " << threads << " threads");
    REQUIRE(threads_at_work(thread_team(threads)) == threads);
    hash_run r = one;
    r.threads = threads;
    for (int pass = 0; pass < 3; ++pass) CHECK(first_difference(expected, tick_hashes(s, r)) == 0);
  }
  for (std::uint64_t n = 0; n < 3; ++n) {
    double const u = random_uniform(entity_key(name), 0, n, draw::kEvent);
    hash_run r = one;
    r.threads = 1 + n;
    r.other_threads = 3 - n;
    r.restored_at = 1 + static_cast<std::int64_t>(u * static_cast<double>(expected.size() - 2));
    INFO(name << " saved at tick " << r.restored_at << " on " << r.threads << " threads, restored on "
              << r.other_threads);
    CHECK(first_difference(expected, tick_hashes(s, r)) == 0);
  }
}

void check_config(std::string const& name, std::filesystem::path const& file, double until_s = 1e18) {
  check_contract(name, read_sumo_scenario(file).ready, until_s);
}

}  // namespace

TEST_CASE("determinism: cologne8") {
  GEMEO_NEED_SHARED(file, "resco/cologne8/cologne8.sumocfg");
  check_config("cologne8", file);
}

TEST_CASE("determinism: Cascais from 05:30 to 06:45") {
  compile_options o;
  o.set = {"routes.informed_share=0"};
  o.begin_s = 19800;
  o.end_s = 24300;
  check_contract("cascais", compile_scenario(GEMEO_SOURCE_DIR "/scenarios/cascais/weekday.toml", o).ready, 1e18);
}

TEST_CASE("determinism: the grid S") {
  GEMEO_NEED_SHARED(folder, "synthetic/make_grids.sh");
  check_config("S", bench::make_grid('S'));
}

TEST_CASE("determinism: Bologna, joined") {
  GEMEO_NEED_SHARED(file, "bologna/joined/run.sumocfg");
  check_config("joined", file);
}

TEST_CASE("determinism: the first 240 s of the grid M") {
  GEMEO_NEED_SHARED(folder, "synthetic/make_grids.sh");
  check_config("M", bench::make_grid('M'), 240);
}
