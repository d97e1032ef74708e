#include "sim/core/text_file.h"
#include "sim/scenario/config_io.h"
#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;
using Catch::Contains;

TEST_CASE("effective configuration: compiled again it is the same scenario, and prints the same") {
  scene const s(true);
  std::string const text =
      "title = \"All \\\"kinds\\\"\\n\"\n[routes]\ntaste_sd = 0.123456789012345\n"
      "[[close]]\npolygon = " +
      s.polygon(100, 100, 200, 200) +
      "\nbegin = \"07:30:15\"\nend = 28800.5\nexcept_classes = [\"bus\", \"taxi\"]\n"
      "[[close_lane]]\nedges = [\"FG\"]\nlanes = [-1]\n"
      "[[speed_limit]]\nedges = [\"AB\"]\nfactor = 0.7\n"
      "[[lane_permission]]\nedges = [\"GF\"]\nlanes = [0]\nallow = [\"bus\"]\n"
      "[[signal_program]]\nsignals = [\"F\"]\ncycle_s = 100\n"
      "[[incident]]\nname = \"crash\"\nbegin = \"08:00\"\nedge = \"BC\"\nlanes = [0]\nduration_sd_min = 5\n"
      "[[low_emission_zone]]\nzones = [\"mid\"]\ntypes = [\"calm\"]\nexempt_share = 0.2\n"
      "[[road_price]]\nedges = [\"CG\"]\nprice_eur = 1.5\nvalue_of_time_eur_per_h = 9\n"
      "[[demand]]\npurposes = [\"work\", \"home\"]\nscale = 1.1\nmode_shift_share = 0.1\n"
      "[[park_and_ride]]\nto = [\"east\"]\nstations = [\"mid\"]\nshare = 0.4\n"
      "[[bus_frequency]]\nfactor = 1.5\n"
      "[[event]]\nto = \"mid\"\nvisitors = 50\narrive_begin = \"07:30\"\narrive_end = \"08:00\"\n";
  compiled const c = s.with(text);
  CHECK(c.report.size() == 12);
  s.write("again", c.ready.effective_config);
  compiled const again = compile_scenario(s.file("again"), {.set = {}, .seed = 1, .threads = 1, .data = {}});
  CHECK(again.ready.effective_config == c.ready.effective_config);
  CHECK(scenario_hash(again.ready) == scenario_hash(c.ready));
  scenario_outline const o = read_outline(s.file("other"), {});
  CHECK(o.effective_config == c.ready.effective_config);
  CHECK(o.inputs.size() > 8);
}

TEST_CASE("effective configuration: the defaults, as printed") {
  CHECK(print_config(scenario_config()) == R"(title = ""
title_pt = ""
description = ""
city = ""

[time]
begin = "00:00"
end = "24:00"
warm_up_s = 0
step_s = 1

[routes]
response = "reroute_affected"
share = 0.5
taste_sd = 0.1
discovery_interval_s = 120
travel_times = "city"
informed_share = 0
informed_interval_s = 300
informed_gain = 0.1
informed_gain_s = 30

[equilibrium]
relative_gap = 0.05
max_iterations = 20

[engine]
time_to_teleport_s = 300
sumo_options = []
)");
}

TEST_CASE("FORMAT.md says what the code reads") {
  CHECK(read_text_file(std::filesystem::path(GEMEO_SOURCE_DIR) / "scenarios/FORMAT.md") == format_reference());
}

TEST_CASE("configuration: what is wrong is named with file, line, key and remedy") {
  scene const s(true);
  CHECK_THAT(s.message("titel = \"x\"\n"), Contains("other.toml:2") && Contains("did you mean 'title'?"));
  CHECK_THAT(s.message("title = 3\n"), Contains("must be a text"));
  CHECK_THAT(s.message("city = \"lisbon\"\n"), Contains("data/lisbon"));
  CHECK_THAT(s.message("city = \"\"\n"), Contains("'city' is empty"));
  CHECK_THAT(s.message("[tim]\nbegin = \"07:00\"\n"), Contains("did you mean 'time'?"));
  CHECK_THAT(s.message("[time]\nbegin = \"7 am\"\n"), Contains("not a time"));
  CHECK_THAT(s.message("[time]\nbegin = \"10:00\"\n"), Contains("'end' is not after 'begin'"));
  CHECK_THAT(s.message("[time]\nbegin = -5\n"), Contains("allowed is"));
  CHECK_THAT(s.message("[time]\nend = nan\n"), Contains("finite"));
  CHECK_THAT(s.message("[time]\nend = \"99:00\"\n"), Contains("48:00"));
  CHECK_THAT(s.message("[time]\nwarm_up_s = 7200\n"), Contains("as long as the scenario"));
  CHECK_THAT(s.message("[time]\nstep_s = 0\n"), Contains("0.1 to 1"));
  CHECK_THAT(s.message("time = 3\n"), Contains("must be a table"));
  CHECK_THAT(s.message("[time]\nbegin = 1979-05-27\n"), Contains("a date stands"));
  CHECK_THAT(s.message("[close]\nedges = [\"AB\"]\n"), Contains("[[close]]"));
  CHECK_THAT(s.message("close = 4\n"), Contains("[[close]]"));
  CHECK_THAT(s.message("[[close]]\n"), Contains("names no edges"));
  CHECK_THAT(s.message("[[close]]\nedge = [\"AB\"]\n"), Contains("other.toml:3") && Contains("did you mean 'edges'?"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"ABX\"]\n"), Contains("no edge 'ABX'") && Contains("did you mean"));
  CHECK_THAT(s.message("[[close]]\nedges = [3]\n"), Contains("text in quotes"));
  CHECK_THAT(s.message("[[close]]\nroads = [\"Nowhere Lane\"]\n"), Contains("no road is called"));
  CHECK_THAT(s.message("[[close]]\nzones = [\"wst\"]\n"), Contains("did you mean 'west'?"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\nclasses = [\"cars\"]\n"),
             Contains("unknown vehicle class 'cars'"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\nclasses = [\"bus\"]\nexcept_classes = [\"bus\"]\n"),
             Contains("closes to no class"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\nbegin = \"08:00\"\nend = \"08:00\"\n"),
             Contains("ends before it begins"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\nenabled = \"no\"\n"), Contains("true or false"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\ndirection = \"nort\"\n"), Contains("did you mean 'north'?"));
  CHECK_THAT(s.message("[[close]]\nedges = [\"AB\"]\ndirection = \"west\"\n"),
             Contains("no edge of the network is meant"));
  CHECK_THAT(s.message("[[close]]\npolygon = [[1, 2], [3, 4]]\n"), Contains("three points"));
  CHECK_THAT(s.message("[[close]]\npolygon = [[1, 2], [3, 400], [5, 6]]\n"), Contains("not on the globe"));
  CHECK_THAT(s.message("[[close]]\npolygon = [1, 2, 3]\n"), Contains("list of points"));
  CHECK_THAT(s.message("[[close]]\npolygon = \"none.geojson\"\n"), Contains("none.geojson"));
  CHECK_THAT(s.message("[[close]]\npolygon = [[1, 2], [3, 4], [3, 2]]\n"),
             Contains("no edge of the network is meant") && Contains("off the network") && Contains("longitude first"));
  CHECK_THAT(s.message("[[close]]\nname = \"a\"\nedges = [\"AB\"]\n[[close]]\nname = \"a\"\nedges = [\"BC\"]\n"),
             Contains("are called 'a'"));
  CHECK_THAT(s.message("[[close_lane]]\nedges = [\"AB\"]\n"), Contains("lacks 'lanes'"));
  CHECK_THAT(s.message("[[close_lane]]\nedges = [\"AB\"]\nlanes = []\n"), Contains("names no lanes"));
  CHECK_THAT(s.message("[[close_lane]]\nedges = [\"AB\"]\nlanes = [1]\n"), Contains("'AB' has 1 lane"));
  CHECK_THAT(s.message("[[close_lane]]\nedges = [\"AB\"]\nlanes = [0.5]\n"), Contains("whole number"));
  CHECK_THAT(s.message("[[speed_limit]]\nedges = [\"AB\"]\n"), Contains("one of speed_kmh and factor"));
  CHECK_THAT(s.message("[[speed_limit]]\nedges = [\"AB\"]\nspeed_kmh = 30\nfactor = 0.5\n"), Contains("only one of"));
  CHECK_THAT(s.message("[[speed_limit]]\nedges = [\"AB\"]\nspeed_kmh = -3\n"), Contains("1 to 200"));
  CHECK_THAT(s.message("[[signal_program]]\ncycle_s = 90\n"), Contains("names no signals"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\n"), Contains("changes nothing"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\nsplits = [0.4, 0.4]\n"), Contains("sum to 0.8"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\nphases = [{state = \"GX\", duration_s = 4}]\n"),
             Contains("no row of signal states"));
  CHECK_THAT(s.message("[[signal_program]]\nsignals = [\"F\"]\nphases = [{state = \"GG\"}]\n"),
             Contains("lacks 'duration_s'"));
  CHECK_THAT(s.message("[[incident]]\nedge = \"AB\"\nlanes = [0]\n"), Contains("lacks 'begin'"));
  CHECK_THAT(s.message("[[incident]]\nbegin = \"08:00\"\nedge = \"AB\"\nlanes = [0]\nposition = 2\n"),
             Contains("0 to 1"));
  CHECK_THAT(s.message("[[low_emission_zone]]\nedges = [\"AB\"]\n"), Contains("bans nothing"));
  CHECK_THAT(s.message("[[low_emission_zone]]\nedges = [\"AB\"]\ntypes = [\"clam\"]\n"),
             Contains("did you mean 'calm'?"));
  CHECK_THAT(s.message("[[low_emission_zone]]\nedges = [\"AB\"]\nemission_classes = [\"nothing\"]\n"),
             Contains("none of the city's vehicle types"));
  CHECK_THAT(s.message("[[low_emission_zone]]\nedges = [\"AB\"]\ntypes = [\"calm\"]\ninside = \"replace\"\n"),
             Contains("go together"));
  CHECK_THAT(s.message("[[low_emission_zone]]\nedges = [\"AB\"]\ntypes = [\"calm\"]\ninside = "
                       "\"replace\"\nreplace_with = \"car\"\n"),
             Contains("banned itself"));
  CHECK_THAT(s.message("[[road_price]]\nedges = [\"AB\"]\nprice_eur = 1\n"),
             Contains("lacks 'value_of_time_eur_per_h'"));
  CHECK_THAT(
      s.message("[[road_price]]\nedges = [\"AB\"]\nprice_eur = 1\nvalue_of_time_eur_per_h = 9\ncharge = \"cordon\"\n"),
      Contains("needs a polygon"));
  CHECK_THAT(s.message("[[demand]]\n"), Contains("changes nothing"));
  CHECK_THAT(s.message("[[demand]]\nscale = 1e9\n"), Contains("0 to 20"));
  CHECK_THAT(s.message("[[demand]]\nscale = 2\npurposes = [\"wrok\"]\n"), Contains("did you mean 'work'?"));
  CHECK_THAT(s.message("[[demand]]\nscale = 2\npurposes = [\"bus\"]\n"), Contains("[[bus_frequency]]"));
  CHECK_THAT(s.message("[[demand]]\nscale = 2\nfrom = [\"south\"]\nto = [\"east\"]\n"),
             Contains("no trips of od.csv are meant"));
  CHECK_THAT(s.message("[[demand]]\nscale = 2\nvtypes = [\"tank\"]\n"), Contains("no vehicle type 'tank'"));
  CHECK_THAT(s.message("[[park_and_ride]]\nstations = [\"west\"]\n"), Contains("has no spaces"));
  CHECK_THAT(s.message("[[bus_frequency]]\nlines = [\"9\"]\nfactor = 2\n"), Contains("no bus line is called '9'"));
  CHECK_THAT(s.message("[[bus_frequency]]\n"), Contains("one of headway_min and factor"));
  std::string const event = "[[event]]\nto = \"mid\"\nvisitors = 10\narrive_begin = \"08:00\"\n";
  CHECK_THAT(s.message(event), Contains("lacks 'arrive_end'"));
  CHECK_THAT(s.message(event + "arrive_end = \"07:00\"\n"), Contains("not after 'arrive_begin'"));
  CHECK_THAT(s.message(event + "arrive_end = \"08:30\"\nleave_begin = \"08:40\"\n"), Contains("go together"));
  CHECK_THAT(s.message("[[event]]\nto = \"P\"\nvisitors = 10\narrive_begin = \"08:00\"\narrive_end = \"08:30\"\n"),
             Contains("an event is in one"));
  CHECK_THAT(s.message("[routes]\nresponse = \"share\"\n"), Contains("one of fixed, reroute_affected"));
}
