// Runs without a planned end stop when nothing is left on the road, each when its own roads are empty: what an ensemble
// and a comparison make of intervals that differ.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/results/compare.h"
#include "sim/results/report.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

TEST_CASE("compare: roads that were empty early carry less per hour, over the hours that the longer run took") {
  temp_folder const dir;
  fs::path const base = dir / "base", closed = dir / "closed";
  network const& net = drawn_city().net();
  constexpr double kBegin_s = 25200;
  std::vector<std::uint64_t> const seeds = {1, 2, 3};
  make_ensemble(net, base, seeds, ending_at(small_run(), {kBegin_s + 2700, kBegin_s + 2000, kBegin_s + 2700}));
  make_ensemble(net, closed, seeds, ending_at(closed_run(), {kBegin_s + 3600, kBegin_s + 2700, kBegin_s + 3600}));
  comparison const c = compare_ensembles(base, closed, {});
  CHECK(c.edges_begin_s == kBegin_s);
  CHECK(c.edges_end_s == kBegin_s + 3600);
  REQUIRE(c.vehicles.size() == 4);
  for (auto const& p : c.vehicles) CHECK(p.value.pairs == 3);
  CHECK(c.vehicles[3].value.base == 0);
  CHECK(c.vehicles[3].value.other > 0);
  CHECK(c.delay_h[3].value.base == 0);

  // Each pair's flow is over the hours of its longer run.
  result_file const one(made_file(base, 1)), two(made_file(base, 2)), three(made_file(base, 3));
  std::size_t checked = 0;
  for (std::size_t e = 0; e < c.edges.size(); ++e) {
    if (c.net.function[edge_id(e)] != 0) continue;
    double expected = 0;
    for (result_file const* const r : {&one, &two, &three}) {
      double sum = 0;
      for (char const* const q : {"entered", "departed"}) {
        edge_series const s = r->edges(q);
        for (std::size_t i = 0; i < s.begin_s.size(); ++i) {
          float const v = s.values[i * s.edges + e];
          if (!std::isnan(v)) sum += static_cast<double>(v);
        }
      }
      expected += sum / (r == &two ? 0.75 : 1.0) / 3;
    }
    CHECK(c.edges[e].flow_veh_per_h.base == Approx(expected));
    checked += expected > 0 ? 1U : 0U;
  }
  CHECK(checked > 10);

  // A window that ends inside the interval of which the shorter run has a part: neither run's counts.
  compare_options o;
  o.to_s = kBegin_s + 2650;
  comparison const early = compare_ensembles(base, closed, o);
  CHECK(early.edges_end_s == kBegin_s + 1800);
  CHECK_THAT(report_terminal(c), Catch::Contains("3 pairs of runs"));
}
