#include "viewer/model/picker.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/shared_data.h"
#include "tests/ui/drawn_network.h"

using namespace gemeo;
using namespace gemeo::view;
using test::drawn_network;

namespace {

drawn_network random_city(unsigned seed, int roads) {
  drawn_network d;
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> place(0, 4000), step(-300, 300), speed(5, 35);
  std::uniform_int_distribution<int> points(2, 6), lanes(1, 4);
  for (int i = 0; i < roads; ++i) {
    std::vector<point> s{{place(random), place(random), 0}};
    for (int k = points(random); k > 1; --k) s.push_back({s.back().x + step(random), s.back().y + step(random), 0});
    d.road("e" + std::to_string(i), s, "", speed(random), static_cast<std::uint32_t>(lanes(random)));
    if (i % 3 == 0) {
      std::reverse(s.begin(), s.end());
      d.road("r" + std::to_string(i), s, "", speed(random), static_cast<std::uint32_t>(lanes(random)));
    }
  }
  return d;
}

}  // namespace

TEST_CASE("picker: finds what looking at every road finds, at every scale") {
  drawn_network const d = random_city(3, 400);
  road_map const map(d.net);
  picker const p(map);
  std::mt19937 random(11);
  std::uniform_real_distribution<double> place(-300, 4300), zoom(-5, 2);
  int hits = 0;
  for (int i = 0; i < 3000; ++i) {
    double const x = place(random), y = place(random), px_per_m = std::exp2(zoom(random));
    auto const fast = p.at(x, y, px_per_m, 5), slow = p.at_slowly(x, y, px_per_m, 5);
    REQUIRE(fast.has_value() == slow.has_value());
    if (!fast) continue;
    ++hits;
    REQUIRE(fast->edge == slow->edge);
    REQUIRE(fast->distance_px == slow->distance_px);
  }
  CHECK(hits > 300);
}

TEST_CASE("picker: the two directions of a street are told apart, each on its right") {
  drawn_network d;
  edge_id const east = d.road("east", {{0, 0, 0}, {1000, 0, 0}}), west = d.road("west", {{1000, 0, 0}, {0, 0, 0}});
  road_map const map(d.net);
  picker const p(map);
  for (double const px_per_m : {0.05, 0.5, 5.0}) {
    double const off = map.half_width_px(map.roads()[east], px_per_m) / px_per_m;
    INFO(px_per_m);
    REQUIRE(p.at(500, -off, px_per_m, 3).has_value());
    CHECK(p.at(500, -off, px_per_m, 3)->edge == east);  // right of eastward is south
    CHECK(p.at(500, off, px_per_m, 3)->edge == west);
  }
}

TEST_CASE("picker: in a country that drives on the left the directions change sides") {
  drawn_network d;
  d.net.left_hand = true;
  edge_id const east = d.road("east", {{0, 0, 0}, {1000, 0, 0}});
  d.road("west", {{1000, 0, 0}, {0, 0, 0}});
  road_map const map(d.net);
  picker const p(map);
  double const off = map.half_width_px(map.roads()[east], 0.5) / 0.5;
  CHECK(p.at(500, off, 0.5, 3)->edge == east);
}

TEST_CASE("picker: a motorway over a lane wins where they cross; nothing is found far from every road") {
  drawn_network d;
  d.road("lane", {{0, 0, 0}, {1000, 0, 0}}, "", 8);
  edge_id const motorway = d.road("motorway", {{500, -500, 0}, {500, 500, 0}}, "", 33, 3);
  road_map const map(d.net);
  picker const p(map);
  CHECK(p.at(500, 0, 0.5, 5)->edge == motorway);
  CHECK_FALSE(p.at(200, 300, 0.5, 5).has_value());
}

TEST_CASE("picker: a network without shapes answers nothing and does not fail") {
  drawn_network d;
  d.road("a", {});
  road_map const map(d.net);
  CHECK_FALSE(picker(map).at(0, 0, 1, 10).has_value());
}

TEST_CASE("road map: what is visible holds every segment that touches the screen") {
  drawn_network const d = random_city(5, 500);
  road_map const map(d.net);
  std::mt19937 random(2);
  std::uniform_real_distribution<double> place(-200, 4200), size(20, 2500);
  auto const& all = map.fine().all();
  for (int i = 0; i < 100; ++i) {
    double const x = place(random), y = place(random), s = size(random);
    box const b{x, y, x + s, y + s};
    std::vector<char> shown(all.size(), 0);
    std::size_t ranges = 0;
    for (std::size_t c = 0; c < kRoadClasses; ++c) {
      for (range const r : map.fine().visible(static_cast<road_class>(c), b)) {
        ++ranges;
        for (std::uint32_t k = r.begin; k < r.end; ++k) {
          CHECK(map.roads()[edge_id(all[k].edge)].kind == static_cast<road_class>(c));
          shown[k] = 1;
        }
      }
    }
    for (std::size_t k = 0; k < all.size(); ++k) {
      bool const touches = std::max(all[k].x0, all[k].x1) >= b.min_x && std::min(all[k].x0, all[k].x1) <= b.max_x &&
                           std::max(all[k].y0, all[k].y1) >= b.min_y && std::min(all[k].y0, all[k].y1) <= b.max_y;
      if (touches) REQUIRE(shown[k] == 1);
    }
    CHECK(ranges <= 32 * kRoadClasses);
  }
}

TEST_CASE("road map: classes follow the type of the road, and limit and lanes where there is none") {
  auto const kind = [](char const* type, float speed, std::uint32_t lanes) {
    return classify(type, edge_function::kNormal, speed, lanes);
  };
  CHECK(kind("highway.motorway", 33, 3) == road_class::kMotorway);
  CHECK(kind("highway.motorway_link", 22, 1) == road_class::kTrunk);
  CHECK(kind("highway.residential", 13.9F, 1) == road_class::kLocal);
  CHECK(kind("highway.footway", 1.4F, 1) == road_class::kFootway);
  CHECK(kind("", 33, 2) == road_class::kMotorway);
  CHECK(kind("", 13.89F, 1) == road_class::kSecondary);
  CHECK(kind("", 8.33F, 1) == road_class::kLocal);
  CHECK(kind("", 1.4F, 1) == road_class::kFootway);
  CHECK(classify("", edge_function::kInternal, 13, 1) == road_class::kJunction);
}

TEST_CASE("road map: points that are no numbers and ranges beyond the end leave out that road only") {
  drawn_network d;
  edge_id const good = d.road("good", {{0, 0, 0}, {100, 0, 0}});
  edge_id const bad = d.road("bad", {{0, std::nanf(""), 0}, {100, 0, 0}});
  edge_id const beyond = d.road("beyond", {{0, 0, 0}, {50, 0, 0}});
  d.net.shape[beyond] = {4, 4000};
  road_map const map(d.net);
  CHECK(map.shape(good).size() == 2);
  CHECK(map.shape(bad).empty());
  CHECK(map.shape(beyond).empty());
  CHECK(map.bounds().max_x == 100);
  CHECK(map.fine().all().size() == 1);
}
