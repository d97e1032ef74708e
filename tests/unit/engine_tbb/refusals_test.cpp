// What engine_tbb cannot simulate it names; nothing is left out silently.
#include <catch2/catch.hpp>

#include "sim/core/error.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drawn_scenario;

namespace {

bool refuses(scenario const& s, std::string const& what) {
  for (std::string const& line : make_engine_tbb()->unsupported(s)) {
    if (line.find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("engine_tbb: a plain scenario is supported, and what it does not know is refused by name") {
  drawn_scenario t("A---B---C\n", 100);
  t.add("AB BC", 0);
  scenario s = t.with();
  CHECK(make_engine_tbb()->unsupported(s).empty());
  SECTION("drivers who change their way, without a router; with one they may") {
    s.informed.share = 0.5;
    s.commands.push_back({10, reroute{}});
    CHECK(refuses(s, "informed drivers"));
    CHECK(refuses(s, "change their route"));
    s.ways = std::make_shared<router const>(*s.net, free_flow_costs(*s.net));
    CHECK(make_engine_tbb()->unsupported(s).empty());
  }
  SECTION("SUMO's options and configurations") {
    s.sumo_options = {"--lateral-resolution=0.8"};
    CHECK(refuses(s, "--lateral-resolution=0.8"));
    s.sumo_config = "x.sumocfg";
    CHECK(refuses(s, ".sumocfg"));
  }
  SECTION("ticks longer than a second") {
    s.step_s = 2;
    CHECK(refuses(s, "a tick of 2 s"));
    for (double const odd : {0.0004, 0.0015, 0.0125}) {
      s.step_s = odd;
      CHECK(refuses(s, "a whole number of milliseconds"));
    }
    s.step_s = 0.1;
    CHECK(!refuses(s, "a whole number of milliseconds"));
  }
  SECTION("routes of more than 65,535 edges, one too many and no fewer") {
    auto d = std::make_shared<demand>(*s.travellers);
    d->route_edges.resize(65536, d->route_edges.back());
    d->routes[route_id(0U)] = {0, 65535};
    s.travellers = d;
    CHECK(make_engine_tbb()->unsupported(s).empty());
    d->routes[route_id(0U)] = {0, 65536};
    CHECK(refuses(s, "a route of 65536 edges (at most 65535)"));
  }
  SECTION("another car-following model, and parameters of models it does not have") {
    auto d = std::make_shared<demand>(*s.travellers);
    d->types[vtype_id(0U)].other = {{"carFollowModel", "EIDM"}, {"lcSublane", "2"}};
    s.travellers = d;
    CHECK(refuses(s, "carFollowModel=\"EIDM\""));
    CHECK(refuses(s, "lcSublane"));
  }
}

TEST_CASE(
    "engine_tbb: emission classes that SUMO does not know are refused, and slopes where a class has power by them") {
  drawn_scenario t("A---B---C\n", 100);
  t.add("AB BC", 0);
  scenario s = t.with();
  gemeo::test::temp_folder const scratch;
  run_options o;
  o.scratch = scratch.path();
  CHECK_NOTHROW(make_engine_tbb()->load(s, o));
  auto d = std::make_shared<demand>(*s.travellers);
  for (vehicle_type& type : d->types.raw()) type.emission_class = "HBEFA3/none";
  s.travellers = d;
  CHECK_THROWS_WITH(make_engine_tbb()->load(s, o), Catch::Contains("HBEFA3/none") && Catch::Contains("--no-emissions"));
  for (vehicle_type& type : d->types.raw()) type.emission_class = "PHEMlight/PC_G_EU4";
  CHECK_NOTHROW(make_engine_tbb()->load(s, o));
  auto hilly = std::make_shared<network>(*s.net);
  for (point& p : hilly->points) p.z = p.x / 10;
  s.net = hilly;
  CHECK_THROWS_WITH(make_engine_tbb()->load(s, o), Catch::Contains("PHEMlight/PC_G_EU4") && Catch::Contains("slopes"));
  for (char const* coasts : {"HBEFA3/LDV_D_EU4", "HBEFA4/PC_petrol_Euro-4", "HBEFA2/P_7_7", "HBEFA3/zero"}) {
    for (vehicle_type& type : d->types.raw()) type.emission_class = coasts;
    CHECK_NOTHROW(make_engine_tbb()->load(s, o));
  }
  for (vehicle_type& type : d->types.raw()) type.emission_class = "PHEMlight/PC_G_EU4";
  o.emissions = false;
  CHECK_NOTHROW(make_engine_tbb()->load(s, o));
}
