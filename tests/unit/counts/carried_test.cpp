// What a network carries at most: flows and cuts on graphs small enough to try every cut, capacities by hand, and
// counts that no demand could make.
#include "calibration/counts/carried.h"

#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "calibration/counts/max_flow.h"
#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kLane = 3600 / (1 + 7.5 / 13.89);  // SUMO's default drivers at 13.89 m/s: 2,338 veh/h

struct drawn {
  explicit drawn(std::string_view text, tiny_options const& o = {}) : map(text, o), roads(map.net, {}, {}) {}
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  [[nodiscard]] lane_id lane(std::string_view name) const { return *map.net->find_lane(name); }
  // Flows at 08:00, by edge.
  carried_report check(std::vector<std::string> const& begin, std::vector<std::string> const& end,
                       std::vector<std::pair<std::string, double>> const& flows) {
    open_ends ends;
    for (std::string const& e : begin) ends.begin.push_back(edge(e));
    for (std::string const& e : end) ends.end.push_back(edge(e));
    places.clear();
    std::vector<counted_hour> hours;
    for (auto const& [name, flow] : flows) {
      hours.push_back({static_cast<std::uint32_t>(places.size()), 28800, flow});
      places.push_back({name, edge(name), {}});
    }
    return check_carried(roads, ends, places, hours);
  }
  tiny_network map;
  road_capacity roads;
  std::vector<counted_place> places;
};

}  // namespace

TEST_CASE("max flow: the textbook's network carries 23, and its least cut is found") {  // Cormen et al., figure 26.6
  flow_graph g(6);
  for (auto const& [a, b, c] : std::vector<std::tuple<std::uint32_t, std::uint32_t, double>>{
           {0, 1, 16}, {0, 2, 13}, {2, 1, 4}, {1, 3, 12}, {3, 2, 9}, {2, 4, 14}, {4, 3, 7}, {3, 5, 20}, {4, 5, 4}})
    g.add_arc(a, b, c);
  CHECK(g.maximize(0, 5) == Approx(23));
  CHECK(g.source_side(0) == std::vector<bool>{true, true, true, false, true, false});
  CHECK(g.maximize(0, 5, 7.5) == Approx(7.5));
  CHECK(g.maximize(0, 5) == Approx(23));  // from nothing again
  g.set_capacity(7, 2);
  CHECK(g.maximize(0, 5) == Approx(6));
}

TEST_CASE("max flow: on random graphs it is the least of all cuts, is kept at every node, and within every arc") {
  std::mt19937 engine(7);
  auto const random = [&] { return static_cast<std::uint32_t>(engine()); };
  for (int round = 0; round < 200; ++round) {
    std::uint32_t const n = 4 + random() % 4;
    flow_graph g(n);
    struct arc {
      std::uint32_t from, to;
      double capacity;
    };
    std::vector<arc> arcs;
    for (std::uint32_t i = 0; i < 3 * n; ++i) {
      std::uint32_t const a = random() % n, b = random() % n;
      if (a == b) continue;
      arcs.push_back({a, b, static_cast<double>(random() % 50) / 4});
      g.add_arc(a, b, arcs.back().capacity);
    }
    double const most = g.maximize(0, n - 1);
    double least = 1e9;
    for (std::uint32_t set = 0; set < (1U << n); ++set) {
      if ((set & 1U) == 0 || (set >> (n - 1) & 1U) != 0) continue;
      double cut = 0;
      for (arc const& a : arcs) {
        if ((set >> a.from & 1U) != 0 && (set >> a.to & 1U) == 0) cut += a.capacity;
      }
      least = std::min(least, cut);
    }
    REQUIRE(most == Approx(least).margin(1e-9));
    std::vector<double> balance(n, 0);
    for (std::uint32_t i = 0; i < arcs.size(); ++i) {
      REQUIRE(g.flow(i) >= 0);
      REQUIRE(g.flow(i) <= arcs[i].capacity + 1e-9);
      balance[arcs[i].from] -= g.flow(i);
      balance[arcs[i].to] += g.flow(i);
    }
    for (std::uint32_t i = 1; i + 1 < n; ++i) REQUIRE(balance[i] == Approx(0).margin(1e-9));
    REQUIRE(balance[n - 1] == Approx(most).margin(1e-9));
  }
}

TEST_CASE("capacity: a lane by its drivers' headway, a stop line by its green share, a way that gives way whole") {
  CHECK(saturation_veh_per_h({}, 13.89) == Approx(2337.8).margin(0.1));
  CHECK(saturation_veh_per_h({.tau_s = 1.5}, 13.89) == Approx(3600 / (1.5 + 7.5 / 13.89)));
  CHECK(saturation_veh_per_h({.max_speed_mps = 5}, 13.89) == Approx(3600 / 2.5));
  signal_program fixed;
  fixed.type = "static";
  fixed.phases = {{30, 30, 30, "Gr"}, {5, 5, 5, "yr"}, {20, 20, 20, "rg"}, {5, 5, 5, "ry"}};
  CHECK(green_share(fixed, {0}) == Approx(0.5));
  CHECK(green_share(fixed, {1}) == Approx(20.0 / 60));
  CHECK(green_share(fixed, {0, 1}) == Approx(50.0 / 60));
  signal_program follows = fixed;  // its first phase may last 60 s, the third be 5 s short
  follows.type = "actuated";
  follows.phases[0].max_s = 60;
  follows.phases[2].min_s = 5;
  CHECK(green_share(follows, {0}) == Approx(60.0 / 75));

  drawn t("A--B--C\n   |   \n   D   \n", {.signals = "B"});
  auto const& program = t.map.net->signals.programs[signal_id(0U)].back();
  double green = 0, cycle = 0;
  range const out = t.map.net->lanes.out[t.lane("AB_0")];
  for (signal_phase const& p : program.phases) {
    bool open = false;
    for (std::uint32_t c = out.begin; c < out.end; ++c) {
      char const s = p.state[static_cast<std::size_t>(t.map.net->connections[c].link)];
      open = open || s == 'g' || s == 'G';
    }
    green += open ? p.duration_s : 0;
    cycle += p.duration_s;
  }
  REQUIRE(green > 0);
  REQUIRE(green < cycle);
  CHECK(t.roads.edge_stop_line(t.edge("AB")) == Approx(kLane * green / cycle));
  CHECK(t.roads.edge(t.edge("AB")) == Approx(kLane));
  shown_programs dark(t.map.net->signals.name.size());
  dark[signal_id(0U)] = {program,
                         {"off", "static", 0, {{90, 90, 90, std::string(program.phases[0].state.size(), 'O')}}}};
  CHECK(road_capacity(t.map.net, dark, {}).edge_stop_line(t.edge("AB")) == Approx(kLane));  // the widest that is shown
}

TEST_CASE("carried: what the lanes counted cannot carry is told, of one lane as of all") {
  drawn t("A==B==C\n");
  std::vector<counted_place> const places{{"all", t.edge("AB"), {}}, {"one", t.edge("AB"), {t.lane("AB_1")}}};
  auto const r =
      check_carried(t.roads, {{t.edge("AB")}, {t.edge("BC")}}, places,
                    {{0, 0, 1.9 * kLane}, {1, 0, 0.9 * kLane}, {0, 3600, 2.1 * kLane}, {1, 3600, 1.1 * kLane}});
  REQUIRE(r.beyond.size() == 2);
  CHECK(r.beyond[0].hour == 2);
  CHECK(r.beyond[0].limit == carry_limit::kLanes);
  CHECK(r.beyond[0].carried == Approx(2 * kLane));
  CHECK(r.beyond[1].hour == 3);
  CHECK(r.beyond[1].carried == Approx(kLane));
  CHECK(describe(r.beyond[1], places) == "cannot be carried: saw 2,572 veh/h, its lanes carry 2,338");
  CHECK(r.holds(0));
  CHECK_FALSE(r.holds(2));
}

TEST_CASE("carried: two lanes behind one carry no more than the one brings, or takes away, and the cut is named") {
  drawn t("A--B==C--D\n");
  auto const known = t.check({"AB"}, {"CD"}, {{"BC", 1.2 * kLane}});
  REQUIRE(known.beyond.size() == 1);
  CHECK(known.beyond[0].limit == carry_limit::kComing);
  CHECK(known.beyond[0].carried == Approx(kLane));
  REQUIRE(known.beyond[0].cut.size() == 1);
  CHECK(holds(known.beyond[0].cut[0].en, "AB (2338)"));
  auto const leaving = t.check({"AB", "BC"}, {"CD"}, {{"BC", 1.2 * kLane}});  // enough may begin on it
  REQUIRE(leaving.beyond.size() == 1);
  CHECK(leaving.beyond[0].limit == carry_limit::kLeaving);
  CHECK(t.check({"AB", "BC"}, {"CD", "BC"}, {{"BC", 1.2 * kLane}}).beyond.empty());
  CHECK(t.check({"AB"}, {"CD"}, {{"BC", 0.99 * kLane}}).beyond.empty());
  auto const cut_off = t.check({"DC"}, {"BA"}, {{"BC", 10}});  // nobody who drives there begins anywhere
  REQUIRE(cut_off.beyond.size() == 1);
  CHECK(cut_off.beyond[0].carried == 0);
}

TEST_CASE("carried: roads that are fed by one cannot all be full, in a row they can") {
  //   feeder AB of one lane; BC and BD take from it
  drawn t("A--B--C\n   |   \n   D   \n");
  auto const r = t.check({"AB"}, {"BC", "BD"}, {{"BC", 0.6 * kLane}, {"BD", 0.7 * kLane}});
  REQUIRE(r.beyond.size() == 2);
  for (beyond_capacity const& b : r.beyond) {
    CHECK(b.limit == carry_limit::kTogether);
    CHECK(b.seen == Approx(1.3 * kLane));
    CHECK(b.carried == Approx(kLane));
    CHECK(b.with == std::vector<std::uint32_t>{0, 1});
  }
  CHECK(holds(describe(r.beyond[0], t.places), "BC, BD saw 3,039 veh/h together, the roads between carry 2,338"));
  CHECK(t.check({"AB"}, {"BC", "BD"}, {{"BC", 0.6 * kLane}, {"BD", 0.35 * kLane}}).beyond.empty());
  CHECK(t.check({"AB", "CB"}, {"BC", "BD"}, {{"BC", 0.6 * kLane}, {"BD", 0.7 * kLane}}).beyond.empty());
  // One after the other: the same vehicles.
  CHECK(t.check({"AB"}, {"BC", "BD"}, {{"AB", 0.9 * kLane}, {"BC", 0.9 * kLane}}).beyond.empty());
  // Both into one.
  auto const into = t.check({"CB", "DB"}, {"BA"}, {{"CB", 0.6 * kLane}, {"DB", 0.7 * kLane}, {"BA", 0.2 * kLane}});
  REQUIRE(into.beyond.size() == 2);
  CHECK(into.holds(2));
}

TEST_CASE("carried: a stop line's green share bounds what is counted before it") {
  drawn t("A--B--C\n   |   \n   D   \n", {.signals = "B"});
  double const line = t.roads.edge_stop_line(t.edge("DB"));
  REQUIRE(line < 0.9 * kLane);
  auto const r = t.check({}, {}, {{"DB", line + 1}, {"CB", 1}});  // where trips begin is not known
  REQUIRE(r.beyond.size() == 1);
  CHECK(r.beyond[0].limit == carry_limit::kStopLine);
  CHECK(r.beyond[0].carried == Approx(line));
  CHECK(std::isinf(r.places[0].coming));
  road_capacity const by_hcm(t.map.net, {}, {}, 1900);  // at signals alone
  CHECK(by_hcm.edge_stop_line(t.edge("DB")) == Approx(line * 1900 / kLane));
  CHECK(by_hcm.edge(t.edge("DB")) == t.roads.edge(t.edge("DB")));
  CHECK(t.check({}, {}, {{"DB", line - 1}}).beyond.empty());
  // Who ends a trip before the line passes the loop and needs no green.
  CHECK(t.check({"DB"}, {"DB", "BA", "BC"}, {{"DB", line + 1}}).beyond.empty());
  auto const through = t.check({"DB"}, {"BA", "BC"}, {{"DB", line + 1}});
  REQUIRE(through.beyond.size() == 1);
  CHECK(through.beyond[0].carried == Approx(line).margin(1));
}

TEST_CASE("carried: of a loop inside a junction nothing is said, and it harms nobody else") {
  drawn t("A--B--C\n   |   \n   D   \n");
  edge_id inside;
  for (std::uint32_t e = 0; e < t.map.net->edge_count(); ++e) {
    if (!t.map.net->is_normal(edge_id(e))) inside = edge_id(e);
  }
  REQUIRE(inside.valid());
  std::vector<counted_place> const places{{"inside", inside, {}}, {"AB", t.edge("AB"), {}}};
  std::vector<counted_hour> const hours{{0, 0, 500}, {0, 3600, 0}, {1, 0, kLane + 100}, {1, 3600, 10}};
  auto const r = check_carried(t.roads, {{t.edge("AB")}, {t.edge("BC")}}, places, hours);
  REQUIRE(r.beyond.size() == 1);
  CHECK(r.beyond[0].hour == 2);
}
