// What a lane lets through out of a queue: on both engines, and by whom.
#include "calibration/loop/lane_flow.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/counts/capacity.h"
#include "tests/support/one_traveller.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

vehicle_type car() {
  vehicle_type t;
  t.name = "car";
  t.sigma = 0.5;
  return t;
}

}  // namespace

TEST_CASE("lane flow: as many pass on both engines, and fewer than following alone allows") {
  demand const usual = one_traveller(car());
  double const sumo = lane_flow_veh_per_h(usual, {.limit_mps = 25, .engine = "sumo"});
  double const tbb = lane_flow_veh_per_h(usual, {.limit_mps = 25});
  INFO("sumo " << sumo << ", tbb " << tbb);
  CHECK(tbb == Approx(sumo).epsilon(0.04));
  CHECK(tbb < 0.7 * saturation_veh_per_h({}, 25));
  CHECK(tbb > 1400);  // jams of merges discharge 1,500 to 1,900 (HCM, 7th edition, chapter 12)
}

TEST_CASE("lane flow: at a signal as many pass in an hour of green on both engines, and more than out of a jam") {
  demand const usual = one_traveller(car());
  double const sumo = lane_flow_veh_per_h(usual, {.limit_mps = 13.89, .at_signal = true, .engine = "sumo"});
  double const tbb = lane_flow_veh_per_h(usual, {.limit_mps = 13.89, .at_signal = true});
  INFO("sumo " << sumo << ", tbb " << tbb);
  CHECK(tbb == Approx(sumo).epsilon(0.03));
  CHECK(tbb > 1.05 * lane_flow_veh_per_h(usual, {.limit_mps = 13.89}));
  CHECK(tbb < saturation_veh_per_h({}, 13.89));
}

TEST_CASE("lane flow: who keeps more distance or dawdles more lets fewer pass; nobody lets nobody") {
  vehicle_type wide = car(), steady = car();
  wide.tau_s = 1.6;
  steady.sigma = 0;
  double const usual = lane_flow_veh_per_h(one_traveller(car()), {});
  CHECK(lane_flow_veh_per_h(one_traveller(wide), {}) < 0.85 * usual);
  CHECK(lane_flow_veh_per_h(one_traveller(steady), {}) > 1.05 * usual);
  vehicle_type walks = car();
  walks.cls = vclass::kPedestrian;
  CHECK(std::isnan(lane_flow_veh_per_h(one_traveller(walks), {})));
  CHECK(std::isnan(lane_flow_veh_per_h(one_traveller(car()), {}, [] { return true; })));
}
