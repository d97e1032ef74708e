// Runs without a planned end stop when nothing is left on the road, each when its own roads are empty: what a
// comparison makes of intervals that differ. What a run did not live to see was empty.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/results/compare.h"
#include "sim/results/reader.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

constexpr double kStart_s = 25200, kInterval_s = 900,
                 kLongest_s = 3300;  // of the longest run, seed 2 of the other side

// Everybody has arrived: the roads are empty.
made_run emptied(made_run like, std::vector<double> lengths_s) {
  for (double& s : lengths_s) s += kStart_s;
  made_run r = ending_at(std::move(like), std::move(lengths_s));
  r.edit = [cut = r.edit](made_data& d) {
    cut(d);
    d.summary.total.arrived += d.summary.total.running;
    d.summary.total.running = d.summary.total.backlog = 0;
    d.kpis.push_back({"mean_queue", "m", "approach", "FG", 8});
  };
  return r;
}

struct pairs {
  temp_folder dir;
  fs::path base = dir / "base", closed = dir / "closed";
  pairs(made_run const& b, made_run const& c) {
    make_ensemble(drawn_city().net(), base, {1, 2, 3}, b);
    make_ensemble(drawn_city().net(), closed, {1, 2, 3}, c);
  }
  [[nodiscard]] comparison compare(compare_options const& o = {}) const { return compare_ensembles(base, closed, o); }
  // Mean over the runs of one side: the sum of a quantity over the edge, or over all edges, and the intervals from
  // `from` on.
  [[nodiscard]] static double mean_sum(fs::path const& side, std::string const& quantity, std::size_t from,
                                       std::size_t to, int edge = -1) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      edge_series const s = result_file(made_file(side, seed)).edges(quantity);
      for (std::size_t i = from; i < std::min(to, s.begin_s.size()); ++i) {
        for (std::size_t e = 0; e < s.edges; ++e) {
          float const v = s.values[i * s.edges + e];
          if ((edge < 0 || e == static_cast<std::size_t>(edge)) && !std::isnan(v)) sum += static_cast<double>(v);
        }
      }
    }
    return sum / 3;
  }
};

}  // namespace

TEST_CASE("compare: runs that ended when their roads were empty are held against each other over the longest's time") {
  pairs const p(emptied(small_run(), {2700, 2000, 2690}), emptied(closed_run(), {3000, kLongest_s, 2705}));
  comparison const c = p.compare();
  CHECK(c.edges_begin_s == kStart_s);
  CHECK(c.edges_end_s == kStart_s + kLongest_s);
  REQUIRE(c.vehicles.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    double const begin_s = kInterval_s * static_cast<double>(i), end_s = std::min(begin_s + kInterval_s, kLongest_s);
    CHECK(c.vehicles[i].begin_s == kStart_s + begin_s);
    CHECK(c.vehicles[i].end_s == kStart_s + end_s);
    CHECK(c.vehicles[i].value.pairs == 3);
    CHECK(c.vehicles[i].value.base ==
          Approx(pairs::mean_sum(p.base, "sampled_seconds", i, i + 1) / (end_s - begin_s)).margin(1e-9));
    CHECK(c.vehicles[i].value.other ==
          Approx(pairs::mean_sum(p.closed, "sampled_seconds", i, i + 1) / (end_s - begin_s)).margin(1e-9));
    CHECK(c.delay_h[i].value.base == Approx(pairs::mean_sum(p.base, "time_loss", i, i + 1) / 3600).margin(1e-9));
  }
  CHECK(c.vehicles[3].value.base == 0);
  CHECK(c.vehicles[3].value.other > 0);
  std::size_t busy = 0;
  for (std::size_t e = 0; e < c.edges.size(); ++e) {
    if (c.net.function[edge_id(e)] != 0) continue;
    double const veh = pairs::mean_sum(p.base, "entered", 0, 4, static_cast<int>(e)) +
                       pairs::mean_sum(p.base, "departed", 0, 4, static_cast<int>(e));
    CHECK(c.edges[e].flow_veh_per_h.base == Approx(veh / (kLongest_s / 3600)));
    busy += veh > 0 ? 1U : 0U;
  }
  CHECK(busy > 10);
  // A queue of 8 m in the mean over each run's own time.
  auto const queue = std::find_if(c.kpis.begin(), c.kpis.end(), [](auto const& k) { return k.name == "mean_queue"; });
  REQUIRE(queue != c.kpis.end());
  CHECK(queue->value.base == Approx(8 * (2700 + 2000 + 2690) / (3 * kLongest_s)));
  CHECK(queue->value.other == Approx(8 * (3000 + kLongest_s + 2705) / (3 * kLongest_s)));
}

TEST_CASE("compare: a window of runs without a planned end is the same for all of them") {
  pairs const p(emptied(small_run(), {2700, 2000, 2690}), emptied(closed_run(), {3000, kLongest_s, 2705}));
  compare_options early;
  early.to_s = kStart_s + 2650;  // inside the third interval, of which some runs saw a part
  CHECK(p.compare(early).edges_end_s == kStart_s + 1800);
  compare_options late;  // after the end of all runs of one side
  late.from_s = kStart_s + 2700;
  comparison const c = p.compare(late);
  CHECK(c.edges_begin_s == kStart_s + 2700);
  CHECK(c.edges_end_s == kStart_s + kLongest_s);
  auto const base = [](auto const& e) { return e.flow_veh_per_h.base == 0; };
  CHECK(std::all_of(c.edges.begin(), c.edges.end(),
                    [&](auto const& e) { return std::isnan(e.flow_veh_per_h.base) || base(e); }));
}

TEST_CASE("compare: only runs that stopped with empty roads are taken for empty afterwards") {
  // One was stopped with vehicles on the road, as by SUMO's max-num-teleports.
  made_run stopped = emptied(closed_run(), {3000, kLongest_s, 2705});
  stopped.edit = [edit = stopped.edit](made_data& d) {
    edit(d);
    d.summary.total.running = d.description.seed == 2 ? 12 : 0;
  };
  pairs const p(emptied(small_run(), {2700, 2000, 2690}), stopped);
  comparison const c = p.compare();
  // Intervals that both runs of a pair have, in full length, and no others.
  REQUIRE(c.vehicles.size() == 3);
  CHECK(c.vehicles[1].value.pairs == 3);
  CHECK(c.vehicles[2].value.pairs == 1);
  CHECK(c.vehicles[2].value.base > 0);
  // Intervals of another length are none of these, either.
  made_run coarse = emptied(closed_run(), {3000, kLongest_s, 2705});
  coarse.interval_s = 1800;
  pairs const q(emptied(small_run(), {2700, 2000, 2690}), coarse);
  compare_options o;
  o.allow_window = true;
  CHECK(q.compare(o).vehicles.empty());
}

TEST_CASE("compare: intervals that no run can have are refused") {
  double const bad = GENERATE(std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e12,
                              kStart_s + 5000, kStart_s);
  made_run damaged = emptied(closed_run(), {3000, kLongest_s, 2705});
  damaged.edit = [edit = damaged.edit, bad](made_data& d) {
    edit(d);
    for (edge_interval& e : d.intervals.back().edges) e.end_s = bad;
  };
  pairs const p(emptied(small_run(), {2700, 2000, 2690}), damaged);
  CHECK_THROWS_WITH(p.compare(), Catch::Contains("/edges/time") && Catch::Contains("is none of a run"));
}
