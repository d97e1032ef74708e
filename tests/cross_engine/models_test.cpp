// Scenes of both engines with the Intelligent Driver Model and with ticks shorter than a second.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

scenario with_model(drawn_scenario& t, char const* model) {
  for (vehicle_type& type : t.who.types.raw()) type.other["carFollowModel"] = model;
  return t.with();
}

scenario with_ticks_of(drawn_scenario& t, double step_s) {
  scenario s = t.with();
  s.step_s = step_s;
  return s;
}

}  // namespace

TEST_CASE("both engines: IDM, a column behind a lorry") {
  column t;
  check_exact(with_model(t, "IDM"));
}

TEST_CASE("both engines: IDM, a queue at a red light") {
  red_light t;
  check_exact(with_model(t, "IDM"));
}

TEST_CASE("both engines: IDM, gap acceptance at a minor road of one lane") {
  drawn_scenario t("A---------B---------C\n          |\n          |\n          |\n          D\n", 600);
  t.add_each("AB BC", 0, 6, 300);
  t.add_each("DB BC", 1, 13, 300);
  t.add_each("CB BD", 3, 17, 300);
  check_exact(with_model(t, "IDM"));
}

// Who turns left from the minor road has come before the one who waits inside the junction goes on; he lets him go.
TEST_CASE("both engines: inside a junction who has to yield counts from when the other came onto it") {
  char const* const model = GENERATE("IDM", "Krauss");
  double const later_s = GENERATE(0.0, 1.0, 2.0, 3.0, 4.0, 5.0);
  INFO(model << ", " << later_s << " s later");
  drawn_scenario t("A---------B---------C\n          |\n          |\n          |\n          D\n", 600);
  t.add_each("AB BC", 0, 7, 300);
  t.add_each("DB BA", 1 + later_s, 11 + later_s, 300);
  t.add_each("CB BD", 3, 9, 300);
  check_exact(with_model(t, model));
}

// Not to the centimetre: in SUMO edges decide about lanes one after the other and see what those before have decided,
// here all decide at once. IDM drivers look so far that they notice.
TEST_CASE("both engines: IDM, two lanes, changes take as long within 1 %") {
  changes t;
  check_alike(both(with_model(t, "IDM")), 0.01);
}

TEST_CASE("both engines: IDM, gap acceptance at a minor road of two lanes, trips take as long within 0.2 %") {
  double const later = GENERATE(0, 1, 2, 3);
  INFO(later);
  drawn_scenario t("A=========B=========C\n          |\n          |\n          |\n          D\n", 600);
  t.add_each("AB BC", 0 + 0.3 * later, 4, 300);
  t.add_each("DB BC", 1 + 0.7 * later, 9, 300);
  t.add_each("DB BA", 5 + 0.2 * later, 19, 300);
  t.add_each("CB BD", 3 + 1.1 * later, 11, 300);
  check_alike(both(with_model(t, "IDM")), 0.002);
}

TEST_CASE("both engines: ticks of half a second and of a tenth, a column and a queue at a red light") {
  double const step_s = GENERATE(0.5, 0.1);
  INFO("ticks of " << step_s << " s");
  column t;
  red_light u;
  check_exact(with_ticks_of(t, step_s));
  check_exact(with_ticks_of(u, step_s));
}

TEST_CASE("both engines: ticks of half a second, changes of lane, and gap acceptance within 1 %") {
  changes t;
  minor_road u;
  check_exact(with_ticks_of(t, 0.5));
  check_alike(both(with_ticks_of(u, 0.5)), 0.01);  // one driver who turns left brakes otherwise
}

namespace {

// Of each edge and trip within 1 %; returns all CO2 in mg.
double check_emissions(both const& b) {
  auto const alike = [](float x, float y) { CHECK(double(y) == Approx(double(x)).epsilon(0.01).margin(1)); };
  REQUIRE(b.tbb.seen.edges.size() == b.sumo.seen.edges.size());
  double total = 0;
  for (std::size_t i = 0; i < b.sumo.seen.edges.size(); ++i) {
    edge_interval const &x = b.sumo.seen.edges[i], &y = b.tbb.seen.edges[i];
    REQUIRE(y.edge == x.edge);
    REQUIRE(y.co2_mg.size() == x.co2_mg.size());
    for (std::size_t e = 0; e < x.size(); ++e) {
      alike(x.co2_mg[e], y.co2_mg[e]);
      alike(x.nox_mg[e], y.nox_mg[e]);
      alike(x.pmx_mg[e], y.pmx_mg[e]);
      alike(x.fuel_mg[e], y.fuel_mg[e]);
      total += double(x.co2_mg[e]);
    }
  }
  std::map<std::uint32_t, trip_record> theirs;
  for (trip_record const& r : b.sumo.seen.trips) theirs[r.vehicle.value] = r;
  REQUIRE(b.tbb.seen.trips.size() == b.sumo.seen.trips.size());
  for (trip_record const& r : b.tbb.seen.trips) {
    alike(theirs.at(r.vehicle.value).co2_mg, r.co2_mg);
    alike(theirs.at(r.vehicle.value).fuel_mg, r.fuel_mg);
  }
  return total;
}

// Petrol, diesel and a heavy lorry.
void mix_classes(drawn_scenario& t) {
  t.add_each("AB BC", 1, 23, 200, "lorry");
  for (vehicle_type& type : t.who.types.raw()) {
    if (type.name == "lorry") type.emission_class = "HBEFA3/HDV_D_EU4";
    if (type.name == "bus") type.emission_class = "HBEFA3/PC_D_EU4";
  }
  t.add_each("DB BC", 4, 40, 200, "bus");
}

}  // namespace

TEST_CASE("both engines: emissions of each edge and trip are SUMO's within 1 %, of petrol, diesel and a heavy lorry") {
  red_light t;
  mix_classes(t);
  scenario const s = t.with();
  both const b(s, true);
  REQUIRE(different_ticks(b, s) == 0);
  CHECK(check_emissions(b) > 1e6);
}

TEST_CASE("both engines: emissions uphill and downhill are SUMO's within 1 %, and not those of a flat road") {
  // AB and DB fall by 9 degrees, BC by 6; the junction between them is level.
  tiny_options const hills{.signals = "B", .heights_m = {{'A', 80}, {'C', -50}, {'D', 25}}};
  drawn_scenario t("A---------B---------C\n          |\n          |\n          D\n", 400, hills);
  t.add_each("AB BC", 0, 3, 200);
  t.add_each("DB BC", 1, 7, 200);
  t.add_each("CB BA", 2, 11, 200);
  mix_classes(t);
  scenario const s = t.with();
  both const b(s, true);
  REQUIRE(different_ticks(b, s) == 0);
  double const total = check_emissions(b);
  red_light flat;
  flat.add_each("CB BA", 2, 11, 200);
  mix_classes(flat);
  double level = 0;
  for (edge_interval const& i : both(flat.with(), true).sumo.seen.edges)
    for (float const x : i.co2_mg) level += double(x);
  CHECK(std::abs(total / level - 1) > 0.02);
}
