#include "viewer/model/labels.h"

#include <catch2/catch.hpp>

#include "tests/ui/drawn_network.h"

using namespace gemeo;
using namespace gemeo::view;
using test::drawn_network;

namespace {

label_style plain_style() {
  label_style s;
  s.text_width_px = [](std::string_view t, road_class) { return 7.0 * static_cast<double>(t.size()); };
  return s;
}
camera looking_at(double x, double y, double px_per_m) {
  camera c;
  c.resize(1600, 1000);
  c.look_at(x, y, px_per_m);
  return c;
}

}  // namespace

TEST_CASE("labels: edges of one name are chained, both directions apart, gaps at junctions bridged") {
  drawn_network d;
  for (int i = 0; i < 5; ++i) {
    auto const x = static_cast<float>(i) * 220;
    d.road("e" + std::to_string(i), {{x, -2, 0}, {x + 200, -2, 0}}, "Long Street");
    d.road("w" + std::to_string(i), {{x + 200, 2, 0}, {x, 2, 0}}, "Long Street");
  }
  d.road("far", {{9000, 0, 0}, {9200, 0, 0}}, "Long Street");
  road_map const map(d.net);
  road_labels const l(d.net, map);
  REQUIRE(l.strands().size() == 3);
  CHECK(l.strands()[0].length_m == Approx(1080).margin(5));
  CHECK(l.strands()[1].length_m == Approx(1080).margin(5));
  CHECK(l.strands()[2].length_m == Approx(200));
}

TEST_CASE("labels: run left to right on their road, never cover each other nor a panel, large roads first") {
  drawn_network d;
  for (int i = 0; i < 40; ++i) {
    auto const y = static_cast<float>(i) * 6;  // far too many for the room
    d.road("e" + std::to_string(i), {{2000, y, 0}, {0, y, 0}}, "Street number " + std::to_string(i), 9);
  }
  d.road("m", {{0, 117, 0}, {2000, 117, 0}}, "Motorway", 33, 3);
  road_map const map(d.net);
  road_labels const l(d.net, map);
  auto style = plain_style();
  style.occupied.push_back({0, 0, 500, 1000});
  auto const placed = l.place(looking_at(1000, 120, 0.7), style);
  REQUIRE(placed.size() > 3);
  CHECK(placed.size() < 40);
  CHECK(placed[0].text == "Motorway");
  for (std::size_t i = 0; i < placed.size(); ++i) {
    CHECK(placed[i].path.front().x < placed[i].path.back().x);
    for (screen_point const p : placed[i].path) {
      CHECK(p.x > 500);
      for (std::size_t j = 0; j < i; ++j) {
        for (screen_point const q : placed[j].path) REQUIRE(std::hypot(p.x - q.x, p.y - q.y) > style.height_px * 0.8);
      }
    }
  }
}

TEST_CASE("labels: a name does not bend around a hairpin, and is not written where it is longer than its road") {
  drawn_network d;
  d.road("short", {{0, 300, 0}, {60, 300, 0}}, "A very long name for a short road");
  std::vector<point> zigzag;
  for (int i = 0; i < 40; ++i) zigzag.push_back({static_cast<float>(i) * 15, i % 2 == 0 ? 0.0F : 40.0F, 0});
  d.road("zigzag", zigzag, "Serpentine of the hill");
  road_map const map(d.net);
  road_labels const l(d.net, map);
  CHECK(l.place(looking_at(300, 100, 1), plain_style()).empty());
}

TEST_CASE("labels: one road is named again only at a distance") {
  drawn_network d;
  d.road("m", {{0, 0, 0}, {20000, 0, 0}}, "M1", 33, 3);
  road_map const map(d.net);
  road_labels const l(d.net, map);
  auto style = plain_style();
  style.repeat_px = 400;
  auto const placed = l.place(looking_at(10000, 0, 0.1), style);
  CHECK(placed.size() >= 2);
  CHECK(placed.size() <= 4);
}
