#include "viewer/model/quantity.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "tests/ui/drawn_network.h"

using namespace gemeo;
using namespace gemeo::view;
using test::drawn_network;

namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

std::shared_ptr<edge_series const> series(std::size_t edges, std::vector<float> values, double begin_s = 0) {
  auto s = std::make_shared<edge_series>();
  s->edges = edges;
  for (std::size_t i = 0; i < values.size() / edges; ++i) {
    s->begin_s.push_back(begin_s + static_cast<double>(i) * 900);
    s->end_s.push_back(begin_s + static_cast<double>(i + 1) * 900);
  }
  s->values = std::move(values);
  return s;
}

drawn_network two_roads() {
  drawn_network d;
  d.road("a", {{0, 0, 0}, {500, 0, 0}}, "", 20);
  d.road("b", {{500, 0, 0}, {1500, 0, 0}}, "", 10);
  return d;
}

}  // namespace

TEST_CASE("quantity: speed in km/h, against the limit in per cent, flow as density times speed") {
  drawn_network const d = two_roads();
  series_map const s{{"speed", series(2, {10, 5})}, {"density", series(2, {20, 8})}};
  edge_id const a(0U), b(1U);
  CHECK(field(quantity::kSpeed, s, d.net).at(0, a) == Approx(36));
  CHECK(field(quantity::kRatio, s, d.net).at(0, a) == Approx(50));
  CHECK(field(quantity::kRatio, s, d.net).at(0, b) == Approx(50));
  CHECK(field(quantity::kFlow, s, d.net).at(0, a) == Approx(720));  // 20 veh/km at 36 km/h
}

TEST_CASE("quantity: delay is the time lost on a vehicle-kilometre driven") {
  drawn_network const d = two_roads();
  // 20 veh/km on 0.5 km at 10 m/s for 900 s: 10 vehicles drive 9 km each, 90 veh-km; 450 s are lost.
  series_map const s{
      {"speed", series(2, {10, kNone})}, {"density", series(2, {20, 0})}, {"timeLoss", series(2, {450, 0})}};
  field const f(quantity::kDelay, s, d.net);
  CHECK(f.at(0, edge_id(0U)) == Approx(5));
  CHECK(std::isnan(f.at(0, edge_id(1U))));
}

TEST_CASE("quantity: CO2 in kilograms on a kilometre in an hour") {
  drawn_network const d = two_roads();
  series_map const s{{"co2", series(2, {1e6F, 0})}};  // 1 kg on 0.5 km in a quarter of an hour
  CHECK(field(quantity::kCo2, s, d.net).at(0, edge_id(0U)) == Approx(8));
}

TEST_CASE("quantity: the file's names are found however they are spelt, exact ones first") {
  std::vector<std::string> const names = {"speed_relative", "speed", "timeLoss", "CO2_abs"};
  CHECK(find_series(names, "speed") == "speed");
  CHECK(find_series(names, "time_loss") == "timeLoss");
  CHECK(find_series(names, "co2") == "CO2_abs");
  CHECK(find_series(names, "density").empty());
  CHECK(inputs_of(quantity::kSpeed, names).has_value());
  CHECK_FALSE(inputs_of(quantity::kFlow, names).has_value());
}

TEST_CASE("quantity: an unknown key names the nearest known one") {
  CHECK(parse_quantity("density") == quantity::kDensity);
  CHECK_THROWS_WITH(parse_quantity("densty"), Catch::Contains("did you mean 'density'?"));
  CHECK_THROWS_WITH(parse_quantity("zzzzzzzzzz"), Catch::Contains("ratio, speed, flow"));
}

TEST_CASE("quantity: series that do not fit the network are refused") {
  drawn_network const d = two_roads();
  CHECK_THROWS_AS(field(quantity::kSpeed, {{"speed", series(3, {1, 2, 3})}}, d.net), error);
  series_map const odd{{"speed", series(2, {1, 2, 3, 4})}, {"density", series(2, {1, 2})}};
  CHECK_THROWS_AS(field(quantity::kFlow, odd, d.net), error);
  CHECK_THROWS_AS(field(quantity::kDensity, {{"speed", series(2, {1, 2})}}, d.net), error);
}

TEST_CASE("difference: edges are matched by name and intervals by time, not by their places") {
  drawn_network const one = two_roads();
  drawn_network other;
  other.road("b", {{500, 0, 0}, {1500, 0, 0}}, "", 10);
  other.road("new", {{0, 9, 0}, {500, 9, 0}}, "", 20);
  series_map const s1{{"speed", series(2, {10, 5, 10, 6}, 0)}};
  series_map const s2{{"speed", series(2, {8, 1, 9, 1}, 900)}};  // begins one interval later
  difference_field const f(std::make_shared<field const>(quantity::kSpeed, s1, one.net),
                           std::make_shared<field const>(quantity::kSpeed, s2, other.net), one.net, other.net);
  CHECK(f.unmatched_edges() == 1);
  CHECK(std::isnan(f.at(0, edge_id(1U))));         // the other file has not begun yet
  CHECK(f.at(1, edge_id(1U)) == Approx(2 * 3.6));  // 8 after 6 m/s
  CHECK(std::isnan(f.at(1, edge_id(0U))));         // road a is gone
}

TEST_CASE("difference: a road that has lost all its traffic has lost its flow, but its speed is not known") {
  drawn_network const d = two_roads();
  series_map const before{{"speed", series(2, {10, 5})}, {"density", series(2, {20, 8})}};
  series_map const after{{"speed", series(2, {kNone, 5})}, {"density", series(2, {kNone, 8})}};
  auto const diff = [&](quantity q) {
    return difference_field(std::make_shared<field const>(q, before, d.net),
                            std::make_shared<field const>(q, after, d.net), d.net, d.net);
  };
  CHECK(diff(quantity::kFlow).at(0, edge_id(0U)) == Approx(-720));
  CHECK(std::isnan(diff(quantity::kSpeed).at(0, edge_id(0U))));
  CHECK(diff(quantity::kFlow).at(0, edge_id(1U)) == Approx(0));
}

TEST_CASE("scale: the slow end of speed and the full end of density are the troubled ends") {
  drawn_network const d = two_roads();
  series_map const s{{"speed", series(2, {10, 5})}, {"density", series(2, {20, 8})}};
  value_scale const speed = scale_of(field(quantity::kSpeed, s, d.net), d.net);
  CHECK(speed.position(0) == Approx(1));
  CHECK(speed.position(speed.high) == Approx(0));
  CHECK(speed.high == Approx(80));  // 72 km/h, rounded up
  value_scale const density = scale_of(field(quantity::kDensity, s, d.net), d.net);
  CHECK(density.position(density.high) == Approx(1));
  CHECK(density.high >= 8);
}

TEST_CASE("scale: ticks are few, round, and span the scale; a file without values still has one") {
  for (double high : {0.3, 1.0, 1.5, 30.0, 60.0, 100.0, 120.0, 8000.0}) {
    value_scale s;
    s.high = high;
    auto const t = s.ticks();
    INFO(high);
    CHECK(t.size() >= 3);
    CHECK(t.size() <= 7);
    CHECK(t.front() == 0);
    CHECK(t.back() == Approx(high).epsilon(0.21));
  }
  drawn_network const d = two_roads();
  value_scale const empty = scale_of(field(quantity::kDensity, {{"density", series(2, {kNone, kNone})}}, d.net), d.net);
  CHECK(empty.high > empty.low);
}

TEST_CASE("values are written with unit, sign and thousands, and unknown ones as a dash") {
  CHECK(value_text(quantity::kFlow, 1234, true) == "1234 veh/h");
  CHECK(value_text(quantity::kFlow, 12345.4, false) == "12\u202f345");
  CHECK(value_text(quantity::kFlow, 1234567, false) == "1\u202f234\u202f567");
  CHECK(value_text(quantity::kSpeed, -3.2, true, true) == "\u22123 km/h");
  CHECK(value_text(quantity::kSpeed, 3.2, true, true) == "+3 km/h");
  CHECK(value_text(quantity::kSpeed, -0.2, false, true) == "0");
  CHECK(value_text(quantity::kDensity, std::nan(""), true) == "\u2013");
}
