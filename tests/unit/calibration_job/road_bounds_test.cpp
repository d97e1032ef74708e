// What a fit may ask of roads.
#include "calibration/job/road_bounds.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "calibration/job/capacity_check.h"
#include "tests/support/one_traveller.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

demand one_car() {
  vehicle_type t;
  t.name = "car";
  return one_traveller(t);
}

}  // namespace

TEST_CASE("road bounds: what a lane lets through is measured with the drivers, once a limit, and bounds every road") {
  tiny_network const t("A==B--C\n   |\n   D\n", {.speed_mps = 13.89, .signals = "B"});
  scenario base;
  base.net = t.net;
  base.programs.resize(t.net->signals.name.size());
  demand const cars = one_car();
  road_bounds const b = bounds_of_roads(base, cars, std::nullopt, "tbb");
  auto const of = [&](road_bounds const& r, char const* name) {
    return r.limits.of_edge[t.net->find_edge(name).value()];
  };
  REQUIRE(b.lane_veh_per_h.size() == 1);
  REQUIRE(b.at_signal_veh_per_h.size() == 1);
  double const flow = b.lane_veh_per_h.at(50), at_signal = b.at_signal_veh_per_h.at(50);
  driver_headway const headway = mean_headway(cars);
  double const following = saturation_veh_per_h(headway, 13.89);
  CHECK(flow > 0.6 * following);
  CHECK(flow < at_signal);
  CHECK(at_signal < following);
  CHECK(of(b, "BC") == Approx(flow));
  CHECK(of(b, "BA") == Approx(2 * flow));
  road_capacity const roads(t.net, {}, headway);
  range const lanes = t.net->edges.lanes[t.net->find_edge("AB").value()];
  double stop_lines = 0;
  for (std::uint32_t l = lanes.begin; l < lanes.end; ++l)
    stop_lines += std::min(flow, at_signal * roads.stop_line(lane_id(l)) / roads.lane(lane_id(l)));
  CHECK(of(b, "AB") == Approx(stop_lines));
  CHECK(stop_lines < 2 * flow);
  // Who says less is believed; without drivers there is following alone.
  CHECK(of(bounds_of_roads(base, cars, 1000, "tbb"), "BA") == Approx(2000));
  CHECK(of(bounds_of_roads(base, {}, std::nullopt, "tbb"), "BC") ==
        Approx(saturation_veh_per_h({}, 13.89)).epsilon(0.01));
}

TEST_CASE("road bounds: a turn that fewer lanes lead to than either road has is bound by these") {
  tiny_network const t("A==B==C\n   \"\n   D\n");  // to D from the right lane alone
  scenario base;
  base.net = t.net;
  base.programs.resize(t.net->signals.name.size());
  road_bounds const b = bounds_of_roads(base, one_car(), std::nullopt, "tbb");
  auto const turn = [&](char const* from, char const* to) {
    range const r = t.net->edges.out[t.net->find_edge(from).value()];
    for (std::uint32_t i = r.begin; i < r.end; ++i) {
      if (t.net->edge_successors[i] == t.net->find_edge(to).value()) return b.limits.of_turn[i];
    }
    return -1.0;
  };
  double const flow = b.lane_veh_per_h.at(50);
  CHECK(b.limits.of_edge[t.net->find_edge("BD").value()] == Approx(2 * flow));
  CHECK(turn("AB", "BD") == Approx(flow));
  CHECK(turn("AB", "BC") == 0);  // as many as its edges carry
}
