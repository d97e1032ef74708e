// Places: the projection against known points, the spatial index against looking at everything.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "sim/core/error.h"
#include "sim/network/projection.h"
#include "sim/network/spatial_index.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;

namespace {

std::shared_ptr<network const> with_location(std::string const& location) {
  std::string text = test::tiny_net_text();
  std::size_t const begin = text.find("<location"), end = text.find("/>", begin) + 2;
  return read_network_text(text.replace(begin, end - begin, location), "net.xml");
}

double distance(point const& a, point const& b, double x, double y) {
  double const ax = static_cast<double>(a.x), ay = static_cast<double>(a.y), dx = static_cast<double>(b.x) - ax,
               dy = static_cast<double>(b.y) - ay;
  double const t = dx == 0 && dy == 0 ? 0 : std::clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
  return std::hypot(x - ax - t * dx, y - ay - t * dy);
}

}  // namespace

TEST_CASE("projection: a UTM network lies where its coordinates say, offset included") {
  // On the central meridian of zone 29 (9 degrees west) the easting is 500 km; the northing of 38.7 N on WGS 84 is
  // 0.9996 times the meridian arc of 4,284,972.2 m (Snyder 1987, eq. 3-21).
  auto const net = with_location(
      "<location netOffset=\"-400000.00,-4200000.00\" convBoundary=\"0,0,200,0\" origBoundary=\"0,0,200,0\" "
      "projParameter=\"+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs\"/>");
  projection const p(*net);
  point const xy = p.to_xy({-9.0, 38.7});
  CHECK(xy.x == Approx(100000).margin(0.05));
  double const phi = 38.7 * 3.14159265358979323846 / 180, e2 = 0.00669437999014;
  double const arc = 6378137.0 * ((1 - e2 / 4 - 3 * e2 * e2 / 64 - 5 * e2 * e2 * e2 / 256) * phi -
                                  (3 * e2 / 8 + 3 * e2 * e2 / 32 + 45 * e2 * e2 * e2 / 1024) * std::sin(2 * phi) +
                                  (15 * e2 * e2 / 256 + 45 * e2 * e2 * e2 / 1024) * std::sin(4 * phi) -
                                  35 * e2 * e2 * e2 / 3072 * std::sin(6 * phi));
  CHECK(xy.y == Approx(0.9996 * arc - 4200000).margin(0.1));
  for (double const x : {0.0, 90000.0, 130000.0}) {
    lon_lat const where = p.to_lon_lat(x, 80000);
    point const back = p.to_xy(where);
    CHECK(back.x == Approx(x).margin(0.02));
    CHECK(back.y == Approx(80000).margin(0.02));
  }
}

TEST_CASE("projection: without a usable one the error names the file and a remedy") {
  CHECK_THROWS_WITH(
      projection(*with_location(
          "<location netOffset=\"0,0\" convBoundary=\"0,0,1,1\" origBoundary=\"0,0,1,1\" projParameter=\"!\"/>")),
      Catch::Contains("net.xml") && Catch::Contains("no projection") && Catch::Contains("gemeo import"));
  CHECK_THROWS_WITH(projection(*with_location("<location netOffset=\"0,0\" convBoundary=\"0,0,1,1\" "
                                              "origBoundary=\"0,0,1,1\" projParameter=\"+proj=nonsense\"/>")),
                    Catch::Contains("nonsense"));
}

TEST_CASE("spatial index: finds what looking at every lane finds, in the same order") {
  test::tiny_network const t("A--B==C\n|  |  |\nD--E--F\n \n", {.cell_m = 137});
  spatial_index const index(*t.net, 60);
  std::mt19937 rng(7);
  std::uniform_real_distribution<double> place(-200, 1000), reach(1, 300);
  std::size_t found = 0;
  for (int i = 0; i < 300; ++i) {
    double const x = place(rng), y = place(rng), r = reach(rng);
    std::vector<std::pair<double, lane_id>> expected;
    for (std::size_t l = 0; l < t.net->lane_count(); ++l) {
      if (!t.net->is_normal(t.net->lanes.edge[lane_id(l)])) continue;
      auto const shape = t.net->shape(lane_id(l));
      double d = 1e9;
      for (std::size_t k = 0; k + 1 < shape.size(); ++k) d = std::min(d, distance(shape[k], shape[k + 1], x, y));
      if (d <= r) expected.emplace_back(d, lane_id(l));
    }
    std::sort(expected.begin(), expected.end());
    auto const hits = index.near(x, y, r);
    REQUIRE(hits.size() == expected.size());
    for (std::size_t k = 0; k < hits.size(); ++k) {
      CHECK(hits[k].distance_m == Approx(expected[k].first).margin(1e-6));
      CHECK(hits[k].pos_m <= static_cast<double>(t.net->lanes.length_m[hits[k].lane]) + 1e-3);
    }
    found += hits.size();
  }
  CHECK(found > 300);
  // Lane b_0 is for buses and taxis only.
  auto const two = read_network_text(test::tiny_net_text(), "net.xml");
  spatial_index const by_class(*two);
  CHECK(by_class.near(150, 0, 10, mask_of(vclass::kPassenger)).empty());
  CHECK(by_class.near(150, 0, 10, mask_of(vclass::kBus)).size() == 1);
  CHECK(index.near(std::nan(""), 0, 10).empty());
}

TEST_CASE("spatial index: a polygon holds the edges whose middle lies in it, both directions, and no other") {
  test::tiny_network const t("A--B--C\n|  |  |\nD--E--F\n", {.cell_m = 100});
  spatial_index const index(*t.net);
  // Around the middle of AB (150, 200) and of BE (300, 100) only.
  std::vector<point> const around{{100, 250}, {100, 150}, {250, 80}, {350, 80}, {350, 250}};
  std::vector<std::string> names;
  for (edge_id const e : index.edges_inside(around)) names.push_back(t.net->edges.name[e]);
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"AB", "BA", "BE", "EB"});
  CHECK(index.edges_inside({}).empty());
}
