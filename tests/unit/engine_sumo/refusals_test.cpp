// What engine_sumo does not do it says before anything runs, by name; what SUMO says on the way out is handed on.
#include <catch2/catch.hpp>
#include <fstream>

#include "sim/core/error.h"
#include "sim/scenario/compile.h"
#include "tests/support/tiny_sumo.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drawn_scenario;
using gemeo::test::drive;
using gemeo::test::make_tiny_sumo;
using gemeo::test::outcome;
using gemeo::test::temp_folder;

namespace {

struct failure {
  int exit_code = 0;
  std::string what;
};

failure failure_of(scenario const& s) {
  try {
    drive(s, test::every(300));
  } catch (error const& e) {
    return {e.exit_code(), e.what()};
  }
  return {};
}

bool has(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

void replace(std::filesystem::path const& file, std::string const& from, std::string const& to) {
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::size_t const at = text.find(from);
  REQUIRE(at != std::string::npos);
  test::write_text(file, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("refusals: a configuration that cannot be repeated or observed is refused, and the option is named") {
  for (char const* const option : {"mesosim", "random"}) {
    temp_folder const folder;
    auto const config = make_tiny_sumo(folder.path());
    replace(config, "</configuration>",
            std::string("<processing><") + option + " value=\"true\"/></processing></configuration>");
    failure const f = failure_of(open_sumo_config(config));
    INFO(f.what);
    CHECK(f.exit_code == 2);
    CHECK(has(f.what, std::string("<") + option + ">"));
  }
  temp_folder const folder;
  auto const config = make_tiny_sumo(folder.path());
  replace(config, "</configuration>", "<traci_server><remote-port value=\"8813\"/></traci_server></configuration>");
  CHECK(has(failure_of(open_sumo_config(config)).what, "<remote-port>"));
}

TEST_CASE(
    "refusals: an incident in a configuration, a reroute without a router, and a missing signal program are named") {
  temp_folder const folder;
  scenario s = open_sumo_config(make_tiny_sumo(folder.path()));
  auto const engine = make_engine_sumo();
  CHECK(engine->unsupported(s).empty());
  s.commands = {{10, block_lane{lane_id(0U), 10, 1}}, {20, reroute{{edge_id(0U)}, 1, kAllClasses}}};
  auto const missing = engine->unsupported(s);
  REQUIRE(missing.size() == 2);
  CHECK(has(missing[0], "would count the obstacle"));
  CHECK(has(missing[1], "without a router"));

  drawn_scenario t("A--B--C\n", 60, {.signals = "B"});
  t.add("AB BC", 0);
  scenario const no_program = t.with({{10, set_signal_program{signal_id(0U), 3}}});
  failure const f = failure_of(no_program);
  CHECK(f.exit_code == 2);
  CHECK(has(f.what, "no such program"));
}

TEST_CASE(
    "refusals: options that gemeo sets itself cannot be set by a scenario, and one that SUMO does not know is its "
    "error") {
  drawn_scenario t("A--B--C\n", 60);
  t.add("AB BC", 0);
  failure f;
  for (std::string const option :
       {"--seed", "-c", "--tripinfo-output.write-unfinished", "--device.tripinfo.probability"}) {
    t.ready.sumo_options = {option + "=3"};
    f = failure_of(t.with());
    CHECK(f.exit_code == 2);
    CHECK(has(f.what, "may not set '" + option + "'"));
  }
  t.ready.sumo_options = {"--no-such-option=3"};
  f = failure_of(t.with());
  INFO(f.what);
  CHECK(f.exit_code == 2);
  CHECK(has(f.what, "no-such-option"));
  t.ready.sumo_options = {"--max-depart-delay=100"};
  CHECK(failure_of(t.with()).what.empty());
}

TEST_CASE(
    "refusals: SUMO's own words reach the user when it cannot load or gives up while running, and another run works "
    "after it") {
  temp_folder const folder;
  auto const broken = make_tiny_sumo(
      folder / "load",
      {.broken = "<vehicle id=\"x\" type=\"car\" depart=\"0\"><route edges=\"AB nowhere\"/></vehicle>\n"});
  failure f = failure_of(open_sumo_config(broken));
  INFO(f.what);
  CHECK(f.exit_code == 2);
  CHECK(has(f.what, "nowhere"));
  // SUMO reads routes as it goes: this one is found late, after the run has begun.
  auto const late = make_tiny_sumo(
      folder / "late",
      {.end_s = 900,
       .broken = "<vehicle id=\"x\" type=\"car\" depart=\"800\"><route edges=\"AB nowhere\"/></vehicle>\n"});
  f = failure_of(open_sumo_config(late));
  INFO(f.what);
  CHECK(f.exit_code != 0);
  CHECK(has(f.what, "nowhere"));
  outcome const o = drive(open_sumo_config(make_tiny_sumo(folder / "good")), test::every(300));
  CHECK(o.total.arrived > 100);
}

TEST_CASE("refusals: a second simulation in the same process is refused until the first has ended") {
  drawn_scenario t("A--B--C\n", 60);
  t.add("AB BC", 0);
  scenario const s = t.with();
  temp_folder const one, two;
  auto const first = make_engine_sumo(), second = make_engine_sumo();
  run_options o;
  o.scratch = one.path();
  first->load(s, o);
  o.scratch = two.path();
  CHECK_THROWS_AS(second->load(s, o), error);
  first->step();
  CHECK(first->count().tick == 1);
  first->finish();
  second->load(s, o);
  second->step();
  CHECK(second->count().tick == 1);
}

TEST_CASE("refusals: a route that does not hang together, or a departure before the beginning, is the demand's error") {
  drawn_scenario t("A--B--C\n|\n|\nD\n", 60);
  t.add("AD BC", 0);
  failure f = failure_of(t.with());
  CHECK(f.exit_code == 2);
  CHECK(has(f.what, "no connection leads from edge 'AD' to edge 'BC'"));
  drawn_scenario early("A--B--C\n", 60);
  early.add("AB BC", 5);
  early.ready.begin_s = 10;
  f = failure_of(early.with());
  CHECK(f.exit_code == 2);
  CHECK(has(f.what, "before the scenario begins"));
}
