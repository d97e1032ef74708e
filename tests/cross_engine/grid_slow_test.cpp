// A grid of 100 signals and 11,000 vehicles flows on engine_tbb as it does on SUMO, where nobody is ever stuck: before
// ties inside junctions were decided by names, as in SUMO, two vehicles of seed 3 waited for each other, and a quarter
// of the city behind them.
#include <catch2/catch.hpp>

#include "sim/engine_tbb/engine_tbb.h"
#include "sim/scenario/compile.h"
#include "tests/bench/workloads.h"
#include "tests/support/shared_data.h"

using namespace gemeo;

TEST_CASE("both engines: the grid S flows without a teleport, whatever the seed") {
  GEMEO_NEED_SHARED(maker, "synthetic/make_grids.sh");
  compile_options how;
  how.seed = GENERATE(1U, 2U, 3U, 4U);
  scenario const s = read_sumo_scenario(bench::make_grid('S'), how).ready;
  auto const e = make_engine_tbb();
  run_options o;
  o.emissions = false;
  o.seed = how.seed;
  e->load(s, o);
  while (!e->done()) e->step();
  INFO("seed " << how.seed);
  CHECK(e->count().teleports == 0);
  CHECK(e->count().arrived > 10100);
}
