// Small scenes on both engines: what SUMO 1.15 does there, engine_tbb does too, tick by tick where nothing is drawn by
// lot, and in its means elsewhere.
#include <catch2/catch.hpp>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using gemeo::test::both;
using gemeo::test::changes;
using gemeo::test::check_alike;
using gemeo::test::check_exact;
using gemeo::test::column;
using gemeo::test::different_ticks;
using gemeo::test::drawn_scenario;
using gemeo::test::minor_road;
using gemeo::test::outcome;
using gemeo::test::red_light;
using gemeo::test::ring_of_one_lane;

TEST_CASE("both engines: a car alone drives the same way to the centimetre, through a turn") {
  drawn_scenario t("A----B----C\n          |\n          |\n          |\n          D\n", 200);
  t.add("AB BC CD", 3);
  scenario const s = t.with();
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  REQUIRE(b.tbb.seen.trips.size() == 1);
  CHECK(b.tbb.seen.trips[0].duration_s == b.sumo.seen.trips[0].duration_s);
  CHECK(b.tbb.seen.trips[0].route_length_m == Approx(b.sumo.seen.trips[0].route_length_m).margin(0.1));
  CHECK(b.tbb.seen.trips[0].time_loss_s == Approx(b.sumo.seen.trips[0].time_loss_s).margin(0.05));
}

TEST_CASE("both engines: a column follows its leader to the centimetre") { check_exact(column().with()); }

TEST_CASE("both engines: a queue at a red light") { check_exact(red_light().with()); }

TEST_CASE("both engines: two lanes, changes") { check_exact(changes().with()); }

TEST_CASE("both engines: gap acceptance at a minor road") { check_exact(minor_road().with()); }

TEST_CASE("both engines: crossing and turning flows at a junction without signals, right before left") {
  drawn_scenario t(
      "    D    \n"
      "    |    \n"
      "    |    \n"
      "A---B---C\n"
      "    |    \n"
      "    |    \n"
      "    E    \n",
      500, {.netconvert = "--default.junctions.radius 4 --no-turnarounds.except-deadend"});
  t.add_each("AB BC", 0, 7, 300);
  t.add_each("DB BE", 1, 9, 300);
  t.add_each("EB BA", 2, 13, 300);
  t.add_each("CB BE", 3, 11, 300);
  check_exact(t.with());
}

TEST_CASE("both engines: a junction with signals, turning flows and permissive left turns") {
  drawn_scenario t(
      "      D      \n"
      "      |      \n"
      "      |      \n"
      "A=====B=====C\n"
      "      |      \n"
      "      |      \n"
      "      E      \n",
      500, {.signals = "B"});
  t.add_each("AB BC", 0, 3, 300);
  t.add_each("CB BA", 1, 4, 300);
  t.add_each("AB BD", 2, 17, 300);
  t.add_each("CB BE", 3, 13, 300);
  t.add_each("DB BE", 2, 9, 300);
  t.add_each("EB BD", 5, 8, 300);
  t.add_each("EB BA", 7, 31, 300);
  check_exact(t.with());
}

TEST_CASE("both engines: a roundabout of one lane") {
  ring_of_one_lane t(500);
  t.add_each("AQ QP PS SB", 0, 7, 300);
  t.add_each("AQ QP PS ST TU UC", 1, 9, 300);
  t.add_each("BS ST TU UC", 2, 6, 300);
  t.add_each("CU UR RQ QA", 3, 8, 300);
  t.add_each("CU UR RQ QP PS SB", 4, 9, 300);
  check_exact(t.with());
}

TEST_CASE("both engines: lanes that end in different directions, and lorries among cars") {
  drawn_scenario t(
      "            D    \n"
      "            |    \n"
      "A====B======C===F\n"
      "            |    \n"
      "            E    \n",
      500);
  t.add_each("AB BC CF", 0, 4, 300);
  t.add_each("AB BC CD", 1, 9, 300);
  t.add_each("AB BC CE", 2, 7, 300, "lorry");
  t.add_each("FC CE", 2, 11, 300);
  check_exact(t.with());
}

TEST_CASE("both engines: a road from two lanes to one") {
  drawn_scenario t("A======B------C\n", 500);
  t.add_each("AB BC", 0, 2, 300);
  t.add_each("AB BC", 1, 13, 300, "lorry");
  check_exact(t.with());
}

TEST_CASE("both engines: a queue that reaches back over a junction, which is kept clear") {
  drawn_scenario t(
      "     D       \n"
      "     |       \n"
      "     |       \n"
      "A----B--C----F\n"
      "     |       \n"
      "     |       \n"
      "     E       \n",
      600, {.signals = "C"});
  t.add_each("AB BC CF", 0, 4, 400);
  t.add_each("DB BE", 1, 15, 400);
  t.add_each("DB BC CF", 3, 10, 400);
  check_exact(t.with());
}

namespace {

// Four flows over one crossing of the given kind.
scenario crossing(std::string const& netconvert, std::string const& signals, drawn_scenario*& keep,
                  std::string const& kind = {}) {
  static std::vector<std::unique_ptr<drawn_scenario>> alive;
  alive.push_back(std::make_unique<drawn_scenario>(
      "    D    \n"
      "    |    \n"
      "    |    \n"
      "A---B---C\n"
      "    |    \n"
      "    |    \n"
      "    E    \n",
      500, gemeo::test::tiny_options{.signals = signals, .kind = kind, .netconvert = netconvert}));
  keep = alive.back().get();
  drawn_scenario& t = *keep;
  t.add_each("AB BC", 0, 9, 300);
  t.add_each("DB BE", 1, 12, 300);
  t.add_each("EB BA", 2, 17, 300);
  t.add_each("CB BE", 3, 15, 300);
  return t.with();
}

}  // namespace

TEST_CASE("both engines: at an all-way stop, where ties are drawn by lot, the same traffic passes in the same time") {
  drawn_scenario* t = nullptr;
  scenario const s = crossing("", "", t, "allway_stop");
  both const b(s);
  check_alike(b, 0.05);
}

TEST_CASE("both engines: stop signs on the minor road") {
  drawn_scenario* t = nullptr;
  scenario const s = crossing("", "", t, "priority_stop");
  check_exact(s);
}

TEST_CASE("both engines: who waits at a minor road sees those who have yet to pass the junction before, from afar") {
  std::string const kind = GENERATE("priority_stop", "priority");
  double const first_s = GENERATE(0.0, 2.0, 4.0);
  INFO(kind << ", the first after " << first_s << " s");
  drawn_scenario t(
      "               F           \n"
      "               |           \n"
      "               |           \n"
      "A--------------B-C--------D\n"
      "                 |         \n"
      "                 |         \n"
      "                 E         \n",
      400, {.cell_m = 20, .speed_mps = 25, .kind = kind});
  t.add_each("AB BC CD", first_s, 9, 250);
  t.add_each("EC CD", 0, 14, 250, "lorry");
  check_exact(t.with());
}

TEST_CASE("both engines: signals that follow the traffic") {
  drawn_scenario* t = nullptr;
  scenario const s = crossing("--tls.default-type actuated", "B", t);
  check_exact(s);
}

// The other program has more phases than the first: each has its own detectors and its own table of what they serve.
TEST_CASE("both engines: signals are switched to a longer program, fixed or following the traffic, and back") {
  std::string const type = GENERATE("static", "actuated");
  INFO(type);
  drawn_scenario* t = nullptr;
  scenario s = crossing("--tls.default-type actuated", "B", t);
  signal_id const light = *t->map.net->find_signal("B");
  signal_program const own = t->map.net->signals.programs[light].back();
  signal_program longer = own;
  longer.name = "gemeo_1";
  longer.type = type;
  longer.phases.insert(longer.phases.end(), own.phases.begin(), own.phases.end());
  for (std::size_t i = 0; i < longer.phases.size(); ++i) {
    if (longer.phases[i].min_s != longer.phases[i].max_s) longer.phases[i].duration_s = 12 + static_cast<double>(i);
  }
  s.programs.resize(t->map.net->signals.name.size());
  s.programs[light] = {own, longer};
  s.commands = {{100, set_signal_program{light, 1}}, {250, set_signal_program{light, 0}}};
  check_exact(s);
}

TEST_CASE("both engines: two lanes that zip into one, trips take as long within 0.1 %") {
  gemeo::test::narrowing_road t(500);
  t.add_each("AB BC", 0, 2, 300);
  t.add_each("AB BC", 1, 13, 300, "lorry");
  both const b(t.with());
  check_alike(b, 0.001);
}

TEST_CASE("both engines: two lanes, of which the left one leads nowhere, before a road of one lane") {
  drawn_scenario t("A======B------C\n", 500, {.kind = "zipper"});
  t.add_each("AB BC", 0, 2, 300);
  t.add_each("AB BC", 1, 13, 300, "lorry");
  check_exact(t.with());
}

TEST_CASE("both engines: a small city with signals, buses and their stops takes as long within 1 %") {
  gemeo::test::tiny_scenario t(6000);
  both const b(t.ready);
  check_alike(b, 0.01);
  REQUIRE(b.tbb.seen.stops.size() == b.sumo.seen.stops.size());
  for (std::size_t i = 0; i < b.tbb.seen.stops.size(); ++i) {
    CHECK(b.tbb.seen.stops[i].vehicle == b.sumo.seen.stops[i].vehicle);
    CHECK(b.tbb.seen.stops[i].started_s == Approx(b.sumo.seen.stops[i].started_s).margin(20));
  }
}

TEST_CASE("both engines: edges, trips and loops are observed alike where vehicles drive alike") {
  drawn_scenario t("A=========B=========C\n", 400);
  t.add_each("AB BC", 0, 3, 200);
  t.add_each("AB BC", 1, 17, 200, "lorry");
  t.ready.detectors.push_back({.name = "loop", .lane = t.lane("BC_0"), .pos_m = 100});
  scenario const s = t.with();
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  REQUIRE(b.tbb.seen.edges.size() == b.sumo.seen.edges.size());
  for (std::size_t i = 0; i < b.sumo.seen.edges.size(); ++i) {
    edge_interval const &x = b.sumo.seen.edges[i], &y = b.tbb.seen.edges[i];
    INFO("interval " << x.begin_s);
    CHECK(y.begin_s == x.begin_s);
    CHECK(y.end_s == x.end_s);
    REQUIRE(y.edge == x.edge);
    for (std::size_t e = 0; e < x.edge.size(); ++e) {
      INFO(s.net->edges.name[x.edge[e]]);
      CHECK(y.entered[e] == x.entered[e]);
      CHECK(y.left[e] == x.left[e]);
      CHECK(y.departed[e] == x.departed[e]);
      CHECK(y.arrived[e] == x.arrived[e]);
      CHECK(y.sampled_s[e] == Approx(x.sampled_s[e]).epsilon(0.01).margin(1));
      CHECK(y.speed_mps[e] == Approx(x.speed_mps[e]).epsilon(0.01));
      CHECK(y.time_loss_s[e] == Approx(x.time_loss_s[e]).epsilon(0.02).margin(1));
      CHECK(y.waiting_s[e] == Approx(x.waiting_s[e]).margin(1));
      CHECK(y.density_veh_per_km[e] == Approx(x.density_veh_per_km[e]).epsilon(0.01).margin(0.05));
      CHECK(y.occupancy_pct[e] == Approx(x.occupancy_pct[e]).epsilon(0.02).margin(0.02));
    }
  }
  REQUIRE(b.tbb.seen.detectors.size() == b.sumo.seen.detectors.size());
  for (std::size_t i = 0; i < b.sumo.seen.detectors.size(); ++i) {
    detector_record const &x = b.sumo.seen.detectors[i], &y = b.tbb.seen.detectors[i];
    CHECK(y.count == x.count);
    CHECK(y.occupancy_pct == Approx(x.occupancy_pct).epsilon(0.02).margin(0.05));
  }
}

TEST_CASE("both engines: a closed lane, a lower limit and an obstacle are obeyed alike") {
  drawn_scenario t("A=========B=========C\n", 600);
  t.add_each("AB BC", 0, 5, 500);
  lane_id const right = t.lane("BC_0");
  SECTION("limit") {
    scenario const s = t.with({{100, set_lane_speed{right, 5}}, {300, set_lane_speed{right, 13.89}}});
    both const b(s);
    CHECK(different_ticks(b, s) == 0);
  }
  SECTION("obstacle") {
    // SUMO lets the obstacle and whoever is there collide, and teleports him
    scenario const s = t.with({{100, block_lane{right, 250, 1}}, {300, unblock_lane{1}}});
    both const b(s);
    CHECK(b.tbb.total.arrived == b.sumo.total.arrived);
    CHECK(mean_duration(b.tbb) == Approx(mean_duration(b.sumo)).epsilon(0.05));
  }
  SECTION("bus lane") {
    // in SUMO a car that was about to take that lane stands before it until it is teleported
    scenario const s = t.with({{100, set_lane_permissions{right, mask_of(vclass::kBus)}}});
    both const b(s);
    CHECK(b.tbb.total.arrived == b.sumo.total.arrived);
    CHECK(mean_duration(b.tbb) == Approx(mean_duration(b.sumo)).epsilon(0.05));
  }
}
