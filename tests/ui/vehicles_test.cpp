#include "viewer/model/vehicles.h"

#include <catch2/catch.hpp>

#include "tests/ui/drawn_network.h"

using namespace gemeo;
using namespace gemeo::view;
using test::drawn_network;

namespace {

trajectory_step step(double time_s, std::vector<std::array<float, 5>> const& rows) {  // vehicle, edge, lane, pos, speed
  trajectory_step s;
  s.time_s = time_s;
  for (auto const& r : rows) {
    s.vehicle.emplace_back(static_cast<std::uint32_t>(r[0]));
    s.edge.emplace_back(static_cast<std::uint32_t>(r[1]));
    s.lane.emplace_back(static_cast<std::uint32_t>(r[2]));
    s.pos_m.push_back(r[3]);
    s.speed_mps.push_back(r[4]);
  }
  return s;
}

}  // namespace

TEST_CASE("vehicles: between two steps they move along their road, on their lane") {
  drawn_network d;
  d.road("first", {{-500, 0, 0}, {0, 0, 0}});                            // lane 0
  d.road("second", {{0, 0, 0}, {100, 0, 0}, {100, 100, 0}}, "", 20, 2);  // lanes 1 (right) and 2
  road_map const map(d.net);
  vehicle_placer const p(d.net, map);
  auto const a = step(10, {{7, 1, 1, 40, 10}}), b = step(11, {{7, 1, 1, 50, 12}});
  auto const half = p.at(a, &b, 10.5);
  REQUIRE(half.size() == 1);
  CHECK(half[0].x == Approx(45));
  CHECK(half[0].y == Approx(-1.6));  // the right lane of two, southward of eastward
  CHECK(half[0].speed_mps == Approx(11));
  auto const left = p.at(step(10, {{7, 1, 2, 150, 0}}), nullptr, 10);
  REQUIRE(left.size() == 1);
  CHECK(left[0].x == Approx(98.4));  // round the corner northward: the left lane lies west
  CHECK(left[0].y == Approx(50));
  CHECK(left[0].dy == Approx(1));
}

TEST_CASE("vehicles: one that changes its edge drives out of the old and into the new") {
  drawn_network d;
  d.road("first", {{0, 0, 0}, {100, 0, 0}});
  d.road("second", {{110, 0, 0}, {210, 0, 0}});
  road_map const map(d.net);
  vehicle_placer const p(d.net, map);
  auto const a = step(0, {{1, 0, 0, 95, 10}}), b = step(1, {{1, 1, 1, 5, 10}});
  float before = 0;
  for (double t = 0; t <= 1.0; t += 0.1) {
    auto const v = p.at(a, &b, t);
    REQUIRE(v.size() == 1);
    CHECK(v[0].x >= before);
    before = v[0].x;
  }
  CHECK(before == Approx(115));
}

TEST_CASE("vehicles: those that leave or enter in between are there for their half of the step") {
  drawn_network d;
  d.road("first", {{0, 0, 0}, {100, 0, 0}});
  road_map const map(d.net);
  vehicle_placer const p(d.net, map);
  auto const a = step(0, {{1, 0, 0, 95, 10}, {5, 0, 0, 50, 10}}),
             b = step(1, {{3, 0, 0, 5, 10}, {5, 0, 0, 60, 10}, {9, 0, 0, 1, 0}});
  CHECK(p.at(a, &b, 0.2).size() == 2);
  CHECK(p.at(a, &b, 0.8).size() == 3);
  CHECK(p.at(a, &b, 5).size() == 3);  // after the last step: it stands there
}

TEST_CASE("vehicles: edges and lanes that do not exist are left out") {
  drawn_network d;
  d.road("first", {{0, 0, 0}, {100, 0, 0}});
  road_map const map(d.net);
  vehicle_placer const p(d.net, map);
  CHECK(p.at(step(0, {{1, 44, 0, 5, 1}, {2, 0, 99, 5, 1}}), nullptr, 0).size() == 1);
  CHECK(p.at(step(0, {{1, 0, 0, std::nanf(""), 1}}), nullptr, 0).empty());
}
