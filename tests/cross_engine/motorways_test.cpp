// What merges of motorways let through, with SUMO's usual drivers (Krauss, sigma 0.5, tau 1 s): as much on both
// engines, and what a ramp loses that gives way although it leads to a lane of its own.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/cross_engine/compare.h"
#include "tests/support/merging_roads.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kEnd_s = 1200, kFrom_s = 400;  // roads are full from then on

struct motorway : drawn_scenario {
  motorway(merging_options const& o, double main_veh_per_h, double ramp_veh_per_h)
      : drawn_scenario("A---B\n", kEnd_s), roads(o) {
    map.net = roads.net;
    ready.net = roads.net;
    who.types[vtype_id(0U)].sigma = 0.5;
    std::string const piece = roads.net->find_edge("on-AddedOnRampEdge") ? "on-AddedOnRampEdge " : "";
    add_each("main " + piece + "on", 0, 3600 / main_veh_per_h, kEnd_s);
    add_each("ramp " + piece + "on", 0, 3600 / ramp_veh_per_h, kEnd_s);
  }
  merging_roads roads;
};

struct passed {
  double main = 0, ramp = 0;  // veh/h that enter the road behind
};
passed flows(outcome const& o, scenario const& s) {
  passed p;
  auto const& v = s.travellers->vehicles;
  edge_id const on = *s.net->find_edge("on"), ramp = *s.net->find_edge("ramp");
  auto const places = trajectories(o, s);
  for (std::size_t i = 0; i < s.travellers->size(); ++i) {
    auto const way = places.find(v.key[vehicle_id(i)]);
    if (way == places.end()) continue;
    auto const first = std::find_if(way->second.begin(), way->second.end(),
                                    [&](place const& x) { return x.lane.valid() && s.net->lanes.edge[x.lane] == on; });
    if (first == way->second.end() || first->time_s < kFrom_s) continue;
    (v.from[vehicle_id(i)] == ramp ? p.ramp : p.main) += 3600 / (kEnd_s - kFrom_s);
  }
  return p;
}

struct on_both_engines {
  explicit on_both_engines(motorway&& m) {
    scenario const s = m.with();
    both const b(s);
    sumo = flows(b.sumo, s);
    tbb = flows(b.tbb, s);
  }
  passed sumo, tbb;
};

}  // namespace

TEST_CASE(
    "motorways: a ramp's lane beside two others lets as much through on both engines, and half where lanes are lost") {
  char const* const guess = "--ramps.guess --ramps.ramp-length 200";
  auto const sum = [](passed const& p) { return p.main + p.ramp; };
  on_both_engines const chosen(
      motorway({.ramp = {kNoLanes}, .main = {kNoLanes}, .lanes_on = 2, .netconvert = guess}, 4000, 700));
  INFO("sumo " << sum(chosen.sumo) << ", tbb " << sum(chosen.tbb));
  CHECK(sum(chosen.tbb) == Approx(sum(chosen.sumo)).epsilon(0.04));
  CHECK(sum(chosen.tbb) > 2 * 1800);
  // With lanes named in connections the added lane takes the place of the outer one: see gemeo mend.
  on_both_engines const named(
      motorway({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2, .netconvert = guess}, 4000, 700));
  INFO("with lanes lost: sumo " << sum(named.sumo) << ", tbb " << sum(named.tbb));
  CHECK(sum(named.sumo) < 0.6 * sum(chosen.sumo));
  CHECK(sum(named.tbb) < 0.6 * sum(chosen.tbb));
}

TEST_CASE("motorways: a ramp that gives way with a lane of its own lets in a part of what it could, on both engines") {
  on_both_engines const tidy(motorway({.ramp = {{0, 0}}, .main = {{0, 1}, {1, 2}}}, 3000, 700));
  on_both_engines const crossed(motorway({.ramp = {{0, 0}, {0, 1}}, .main = {{0, 1}, {1, 2}}}, 3000, 700));
  INFO("ramp: " << tidy.sumo.ramp << " " << tidy.tbb.ramp << ", giving way " << crossed.sumo.ramp << " "
                << crossed.tbb.ramp);
  CHECK(tidy.tbb.ramp == Approx(700).epsilon(0.05));
  CHECK(tidy.sumo.ramp == Approx(700).epsilon(0.05));
  CHECK(crossed.tbb.ramp < 0.7 * tidy.tbb.ramp);
  CHECK(crossed.sumo.ramp < 0.7 * tidy.sumo.ramp);
}
