#include "sim/scenario/document.h"

#include <cmath>

#include "sim/core/error.h"
#include "sim/demand/clock.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/sumo_config.h"
#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;
using Catch::Contains;

TEST_CASE("inheritance: the nearer file wins key by key; interventions add up, and a name changes the base's") {
  scene const s;
  s.write("a",
          "city = \"tiny\"\ntitle = \"A\"\n[time]\nbegin = \"06:00\"\nend = \"10:00\"\n[[close]]\nname = \"x\"\nedges "
          "= [\"AB\"]\nend = \"08:00\"\n[[close]]\nedges = [\"BC\"]\n");
  s.write("b",
          "base = \"a\"\n[time]\nend = \"09:00\"\n[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 30\n[[close]]\nname = "
          "\"x\"\nbegin = \"07:00\"\n[[close]]\nedges = [\"CD\"]\n");
  s.write("c", "base = \"./b.toml\"\ntitle = \"C\"\n[[close]]\nname = \"x\"\nenabled = false\n");
  auto const config = [&](char const* name) {
    auto const d = load_document(s.file(name));
    return read_config(d.root, d.files);
  };
  scenario_config const b = config("b");
  CHECK(b.title == "A");
  CHECK(b.time.begin.s == 21600);
  CHECK(b.time.end.s == 32400);
  REQUIRE(b.interventions.size() == 4);
  auto const& x = std::get<close_config>(b.interventions[0]);
  CHECK((x.label.name == "x" && x.window.begin->s == 25200 && x.window.end->s == 28800 && x.target.edges[0] == "AB"));
  CHECK(std::get<close_config>(b.interventions[1]).target.edges[0] == "BC");
  CHECK(std::holds_alternative<speed_limit_config>(b.interventions[2]));  // in the order of the file, not by kind
  CHECK(std::get<close_config>(b.interventions[3]).target.edges[0] == "CD");
  scenario_config const c = config("c");
  CHECK(c.title == "C");
  CHECK(c.interventions.size() == 3);
}

TEST_CASE("inheritance: a new title does not keep the base's Portuguese one") {
  scene const s;
  s.write("named", "base = \"base\"\ntitle = \"A road\"\ntitle_pt = \"Uma estrada\"\n");
  s.write("heir", "base = \"named\"\n");
  s.write("other", "base = \"named\"\ntitle = \"A roundabout\"\n");
  s.write("both", "base = \"named\"\ntitle = \"A roundabout\"\ntitle_pt = \"Uma rotunda\"\n");
  auto const titles = [&](char const* name, std::vector<std::string> set = {}) {
    compile_options o;
    o.set = std::move(set);
    auto const c = compile_scenario(s.file(name), o);
    return c.ready.title + "|" + c.ready.title_pt;
  };
  CHECK(titles("heir") == "A road|Uma estrada");
  CHECK(titles("other") == "A roundabout|");
  CHECK(titles("both") == "A roundabout|Uma rotunda");
  CHECK(titles("named", {"title=Trial"}) == "Trial|");
  CHECK(titles("named", {"title_pt=Ensaio", "title=Trial"}) == "Trial|Ensaio");
}

TEST_CASE("inheritance: circles, missing bases and towers of bases are errors that say the way") {
  scene const s;
  s.write("one", "base = \"two\"\n");
  s.write("two", "base = \"three\"\n");
  s.write("three", "base = \"one\"\n");
  auto const message = [&](char const* name) {
    try {
      load_document(s.file(name));
    } catch (error const& e) {
      CHECK(e.exit_code() == 2);
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(message("one"), Contains("one.toml -> two.toml -> three.toml -> one.toml") && Contains("three.toml:1"));
  s.write("self", "base = \"self\"\n");
  CHECK_THAT(message("self"), Contains("circle"));
  s.write("lost", "title = \"x\"\nbase = \"bas\"\n");
  CHECK_THAT(message("lost"), Contains("lost.toml:2") && Contains("did you mean 'base'?"));
  s.write("number", "base = 3\n");
  CHECK_THAT(message("number"), Contains("must be a text"));
  for (int i = 0; i < 20; ++i) s.write("t" + std::to_string(i), "base = \"t" + std::to_string(i + 1) + "\"\n");
  s.write("t20", "");
  CHECK_THAT(message("t0"), Contains("more than 16 bases"));
  s.write("broken", "title = \"x\n");
  CHECK_THAT(message("broken"), Contains("broken.toml:1") && Contains("TOML"));
  CHECK_THAT(message("nowhere"), Contains("nowhere.toml"));
}

TEST_CASE("--set: changes one key, by number or by name, with the key's own type") {
  scene const s;
  std::string const text =
      "[[close]]\nname = \"marginal\"\nedges = [\"FG\"]\n[[signal_program]]\nsignals = [\"F\"]\nphases = [{state = "
      "\"GG\", duration_s = 3}]\n";
  auto const config = [&](std::vector<std::string> const& set) {
    s.write("other", "base = \"base\"\n" + text);
    auto d = load_document(s.file("other"));
    for (std::string const& one : set) apply_set(d.root, one);
    return read_config(d.root, d.files);
  };
  CHECK(config({"title=Sunday, closed"}).title == "Sunday, closed");
  CHECK(config({"time.begin=06:15"}).time.begin.s == 22500);
  CHECK(config({"time.begin = 21600"}).time.begin.s == 21600);
  CHECK(config({"equilibrium.max_iterations=7"}).equilibrium.max_iterations == 7);  // the section is not in the file
  auto const close = [&](std::string const& set) { return std::get<close_config>(config({set}).interventions[0]); };
  CHECK(close("close.0.begin=08:00").window.begin->s == 28800);
  CHECK(close("close.marginal.begin=08:00").window.begin->s == 28800);
  CHECK(close("close.0.edges=AB, BC").target.edges == std::vector<std::string>{"AB", "BC"});
  CHECK(close("close.0.edges=[\"AB\"]").target.edges == std::vector<std::string>{"AB"});
  CHECK(close("close.0.classes=bus,taxi").classes.mask == (mask_of(vclass::kBus) | mask_of(vclass::kTaxi)));
  CHECK(config({"close.0.enabled=false"}).interventions.size() == 1);
  CHECK(std::get<signal_program_config>(config({"signal_program.0.phases.0.duration_s=9"}).interventions[1])
            .phases[0]
            .duration_s == 9);
}

TEST_CASE("--set: wrong keys, numbers and types are refused by name") {
  scene const s;
  std::string const text = "[[close]]\nname = \"marginal\"\nedges = [\"FG\"]\n";
  auto const wrong = [&](char const* set) { return s.message(text, {set}); };
  CHECK_THAT(wrong("routes.shar=0.3"), Contains("--set routes.shar=0.3") && Contains("did you mean 'share'?"));
  CHECK_THAT(wrong("rotes.share=0.3"), Contains("did you mean 'routes'?"));
  CHECK_THAT(wrong("routes.share=much"), Contains("'much' is not a value"));
  CHECK_THAT(wrong("routes.share=2"), Contains("--set routes.share=2") && Contains("0 to 1"));
  CHECK_THAT(wrong("routes.response=fixd"), Contains("did you mean 'fixed'?"));
  CHECK_THAT(wrong("equilibrium.max_iterations=2.5"), Contains("whole number"));
  CHECK_THAT(wrong("close.1.begin=08:00"), Contains("no [[close]] '1'") && Contains("it has 1"));
  CHECK_THAT(wrong("incident.0.begin=08:00"), Contains("none at all"));
  CHECK_THAT(wrong("close.begin=08:00"), Contains("close.0.KEY=VALUE"));
  CHECK_THAT(wrong("close.0.begn=08:00"), Contains("did you mean 'begin'?"));
  CHECK_THAT(wrong("close.0.begin=8 o'clock"), Contains("is not a time"));
  CHECK_THAT(wrong("time=3"), Contains("is a section"));
  CHECK_THAT(wrong("base=other"), Contains("cannot be set"));
  CHECK_THAT(wrong("routes.share"), Contains("no '='"));
  CHECK_THAT(wrong("=3"), Contains("unknown key ''"));
  CHECK_THAT(wrong("close.0.edges.4=x"), Contains("nothing at '4'"));
}

TEST_CASE("geojson: polygons with holes and of several parts; what is no polygon is refused") {
  area const a = parse_geojson(
      R"({"type":"MultiPolygon","coordinates":[[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]],[[[20,0],[21,0],[21,1]]]]})",
      "a");
  CHECK(a.contains({1, 1}));
  CHECK_FALSE(a.contains({5, 5}));
  CHECK(a.contains({20.9, 0.5}));
  CHECK_FALSE(a.contains({15, 5}));
  auto const wrong = [](char const* text) {
    try {
      parse_geojson(text, "x.geojson");
    } catch (error const& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(wrong("{"), Contains("x.geojson") && Contains("is not JSON"));
  CHECK_THAT(wrong("[]"), Contains("no \"type\""));
  CHECK_THAT(wrong(R"({"type":"Point","coordinates":[1,2]})"), Contains("'Point'"));
  CHECK_THAT(wrong(R"({"type":"Polygon","coordinates":[[[1,2],[3,4]]]})"), Contains("fewer than three"));
  CHECK_THAT(wrong(R"({"type":"Polygon","coordinates":[[[1,2],[3,400],[5,6]]]})"), Contains("not on the globe"));
  CHECK_THAT(wrong(R"({"type":"FeatureCollection","features":[]})"), Contains("holds no polygon"));
  CHECK_THAT(wrong(R"({"type":"Feature","geometry":null})"), Contains("no \"type\""));
}

TEST_CASE(
    "rings: those that cross themselves or enclose nothing are told with the sides; touching and size are sound") {
  CHECK(ring_problem({{0, 0}, {10, 0}, {10, 10}, {0, 10}}).empty());
  CHECK(ring_problem({{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}).empty());  // closed, as GeoJSON has it
  CHECK_THAT(ring_problem({{0, 0}, {1, 1}, {1, 0}, {0, 1}}), Contains("point 1") && Contains("point 3"));
  CHECK_THAT(ring_problem({{0, 0}, {1, 0}, {2, 0}}), Contains("no area"));
  CHECK_THAT(ring_problem({{5, 5}, {5, 5}, {5, 5}}), Contains("no area"));
  // Two rooms that touch in a corner, and a way out and back along one line.
  CHECK(ring_problem({{0, 0}, {1, 0}, {1, 1}, {2, 1}, {2, 2}, {1, 2}, {1, 1}, {0, 1}}).empty());
  CHECK(ring_problem({{0, 0}, {2, 0}, {2, 1}, {3, 1}, {2, 1}, {2, 2}, {0, 2}}).empty());
  ring circle;  // as fine as a coast line
  for (int i = 0; i < 20000; ++i)
    circle.push_back({-9.4 + 0.1 * std::cos(i * 3.14159e-4), 38.7 + 0.1 * std::sin(i * 3.14159e-4)});
  CHECK(ring_problem(circle).empty());
  std::swap(circle[5000], circle[5002]);
  CHECK_THAT(ring_problem(circle), Contains("crosses itself"));
}

TEST_CASE("times: minutes and seconds are below sixty, hours may pass midnight, plain seconds are any number") {
  CHECK(parse_clock_s("07:30") == 27000);
  CHECK(parse_clock_s("25:30:15") == 91815);
  CHECK(parse_clock_s("86400.5") == 86400.5);
  for (char const* wrong : {"07:60", "07:30:60", "1:2:3:4", "7h30", "", ":", "07:", "nan", "07:nan"}) {
    INFO(wrong);
    CHECK_FALSE(parse_clock_s(wrong).has_value());
  }
}

TEST_CASE("sumocfg: files, times and seed are read under any name SUMO has for them") {
  sumo_config const c = parse_sumo_config(
      "<configuration><input><net-file value=\"n.net.xml\"/><route-files value=\"a.rou.xml, "
      "b.rou.xml\"/><additional-files v=\"x/d.add.xml\"/></input>"
      "<time><begin>25200</begin><end value=\"8:00:00\"/><step-length value=\"0.5\"/></time><random_number><seed "
      "value=\"7\"/></random_number></configuration>",
      "/town/run.sumocfg");
  CHECK(c.net == "/town/n.net.xml");
  CHECK(c.routes == std::vector<std::filesystem::path>{"/town/a.rou.xml", "/town/b.rou.xml"});
  CHECK(c.additionals == std::vector<std::filesystem::path>{"/town/x/d.add.xml"});
  CHECK((c.begin_s == 25200 && c.end_s == 28800 && c.step_s == 0.5 && c.seed == 7U));
  auto const wrong = [](std::string const& inside) {
    try {
      parse_sumo_config("<configuration>" + inside + "</configuration>", "x.sumocfg");
    } catch (error const& e) {
      CHECK(e.exit_code() == 2);
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(wrong(""), Contains("names no network"));
  CHECK_THAT(wrong("<n value=\"a,b\"/>"), Contains("must name one file"));
  CHECK_THAT(wrong("<n value=\"a\"/><begin value=\"-5\"/>"), Contains("negative"));
  CHECK_THAT(wrong("<n value=\"a\"/><end value=\"soon\"/>"), Contains("not a time") && Contains("x.sumocfg:1"));
  CHECK_THAT(wrong("<n value=\"a\"/><step-length value=\"0\"/>"), Contains("above 0"));
  CHECK_THAT(wrong("<n value=\"a\"/><seed value=\"x\"/>"), Contains("seed"));
  CHECK_THAT(wrong("<n value=\"${HOME}/a\"/>"), Contains("variable"));
  CHECK_THAT(wrong("<n value=\"a\">"), Contains("x.sumocfg:1"));
}

TEST_CASE("sumocfg: a real one opens with its network; missing files are named") {
  GEMEO_NEED_SHARED(cfg, "bologna/acosta/run.sumocfg");
  scenario const s = open_sumo_config(cfg);
  CHECK(s.net->edge_count() > 100);
  CHECK(s.sumo_config.is_absolute());
  CHECK(s.sumo_seed.has_value());
  CHECK(open_sumo_config(cfg).demand_hash == s.demand_hash);
  temp_folder const dir;
  write_text(dir / "x.sumocfg", "<configuration><net-file value=\"none.net.xml\"/></configuration>");
  CHECK_THROWS_WITH(open_sumo_config(dir / "x.sumocfg"), Contains("none.net.xml") && Contains("not there"));
}
