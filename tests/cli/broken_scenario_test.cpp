// Broken scenarios, cities and SUMO configurations through the command line: see tests/support/gemeo_program.h for what
// is checked of each row. What is wrong with a scenario is told in the same words by `gemeo check` and `gemeo run`.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/replaced.h"
#include "tests/support/tiny_city.h"
#include "tests/support/tiny_sumo.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

using texts = std::vector<std::string>;
using file_list = std::vector<std::pair<std::string, std::string>>;

// The tiny city, drawn once and read into memory: its files under data/tiny, and scenarios/tiny/base.toml.
file_list const& town() {
  static file_list const kFiles = [] {
    temp_folder const t;
    tiny_city const city(t / "tiny");
    file_list all;
    for (char const* name : {"city.toml", "net.net.xml", "zones.csv", "zone_edges.csv", "od.csv", "profiles.csv",
                             "vtypes.add.xml", "stops.csv", "lines.toml"}) {
      all.emplace_back(std::string("data/tiny/") + name, read_text_file(city.folder / name));
    }
    all.emplace_back("scenarios/tiny/base.toml",
                     "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"07:02\"\n[routes]\ntaste_sd = 0\n");
    return all;
  }();
  return kFiles;
}

void put(file_list& files, std::string const& name, std::string text) {
  for (auto& [n, t] : files) {
    if (n == name) {
      t = std::move(text);
      return;
    }
  }
  files.emplace_back(name, std::move(text));
}

std::string text_of(std::string const& name) {
  for (auto const& [n, t] : town()) {
    if (n == name) return t;
  }
  FAIL("no file " << name);
  return "";
}

std::string times(std::string const& s, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += s;
  return out;
}

texts const kCheck{"check", "scenarios/tiny/x.toml"}, kRun{"run", "scenarios/tiny/x.toml", "-o", "out"};

// scenarios/tiny/x.toml on top of base.toml, or whole when it names its own base or city.
broken_input scenario_row(std::string name, std::string text, texts says, file_list more = {}) {
  file_list files = town();
  bool const whole = text.find("base =") != std::string::npos || text.find("city =") != std::string::npos;
  put(files, "scenarios/tiny/x.toml", whole ? std::move(text) : "base = \"base\"\n" + text);
  for (auto& [n, t] : more) put(files, n, std::move(t));
  return {std::move(name), kCheck, 2, std::move(says), std::move(files)};
}

broken_input set_row(std::string name, std::string set, texts says) {
  broken_input b = scenario_row(std::move(name), "[[close]]\nname = \"main\"\nedges = [\"FG\"]\n", std::move(says));
  b.arguments.insert(b.arguments.end(), {"--set", std::move(set)});
  return b;
}

// One file of the city, changed.
broken_input city_row(std::string name, std::string const& file, std::string const& what, std::string const& with,
                      texts says) {
  std::string const path = "data/tiny/" + file;
  says.push_back(path);
  broken_input b = scenario_row(std::move(name), "", std::move(says), {{path, replaced(text_of(path), what, with)}});
  return b;
}
broken_input city_file_row(std::string name, std::string const& file, std::string text, texts says) {
  std::string const path = "data/tiny/" + file;
  says.push_back(path);
  return scenario_row(std::move(name), "", std::move(says), {{path, std::move(text)}});
}

// With `gemeo check`; and with `gemeo run`, which must say the same, every sixth, as a process costs its time.
void check_and_run(std::vector<broken_input> const& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    DYNAMIC_SECTION(table[i].name) {
      run_broken(table[i]);
      if (i % 6 != 0) continue;
      broken_input r = table[i];
      r.arguments.erase(r.arguments.begin(), r.arguments.begin() + 2);
      r.arguments.insert(r.arguments.begin(), kRun.begin(), kRun.end());
      run_broken(r);
    }
  }
}

}  // namespace

TEST_CASE("broken inputs: a scenario file is refused by line and key, with what to do, and nothing is left behind") {
  std::string const x = "scenarios/tiny/x.toml:";
  std::vector<broken_input> table = {
      scenario_row("a text that never ends", "title = \"x\n", {x + "2", "TOML"}),
      scenario_row("a table that never ends", "[[close\nedges = [\"FG\"]\n", {x + "2", "TOML"}),
      scenario_row("a table header of a sign", "[!]\nshare = 1\n", {x + "2", "table header"}),
      scenario_row("an indented table header of nothing", "  [[ ]]\n", {x + "2"}),
      scenario_row("a table header in brackets that are none", "[ [time] ]\n", {x + "2"}),
      scenario_row("a key twice", "title = \"x\"\ntitle = \"y\"\n", {x + "3", "title"}),
      scenario_row("bytes that are not UTF-8", "title = \"\xff\xfe\"\n", {x + "2"}),
      scenario_row("a NUL byte", std::string("title = \"a\0b\"\n", 14), {x + "2"}),
      scenario_row("lists nested a hundred thousand deep", "title = " + times("[", 100000) + "\n", {x + "2"}),
      scenario_row("tables nested a hundred thousand deep", "[a" + times(".a", 100000) + "]\nb = 1\n", {x}),
      scenario_row("a dotted key a hundred thousand long", "a" + times(".a", 100000) + " = 1\n", {x}),
      scenario_row("inline tables nested deep", "a = " + times("{a = ", 50000) + "1" + times("}", 50000) + "\n", {x}),
      scenario_row("a key of one megabyte", std::string(1000000, 'k') + " = 1\n", {x + "2", "unknown key"}),
      scenario_row("an edge of one megabyte", "[[close]]\nedges = [\"" + std::string(1000000, 'k') + "\"]\n",
                   {x + "2", "no edge"}),
      scenario_row("a key with a line break", "\"a\\nb\" = 1\n", {x + "2", "unknown key"}),
      scenario_row("an unknown key", "titel = \"x\"\n", {x + "2", "'titel'", "did you mean 'title'?"}),
      scenario_row("an unknown key in a section", "[routes]\nshar = 0.3\n", {x + "3", "'shar'", "'share'"}),
      scenario_row("an unknown key in an intervention", "[[close]]\nedge = [\"FG\"]\n", {x + "3", "'edges'"}),
      scenario_row("an unknown section", "[engin]\nstep = 1\n", {x + "2", "'engine'"}),
      scenario_row("an intervention in single brackets", "[close]\nedges = [\"FG\"]\n", {x + "2", "[[close]]"}),
      scenario_row("a text for a number", "[routes]\nshare = \"half\"\n", {x + "3", "'share'", "number"}),
      scenario_row("a number for a text", "title = 3\n", {x + "2", "'title'", "text"}),
      scenario_row("a table for a list", "[[close]]\nedges = {a = 1}\n", {x + "3", "'edges'", "list"}),
      scenario_row("a list for a section", "time = [1, 2]\n", {x + "2", "[time]", "table"}),
      scenario_row("a date for a time", "[time]\nbegin = 2026-05-01\n", {x + "3", "date"}),
      scenario_row("a negative begin", "[time]\nbegin = -60\n", {x + "3", "'begin'", "-60"}),
      scenario_row("a negative clock", "[time]\nbegin = \"-1:00\"\n", {x + "3", "'begin'", "-1:00"}),
      scenario_row("an end that is no number", "[time]\nend = nan\n", {x + "3", "'end'", "finite"}),
      scenario_row("an end that never comes", "[time]\nend = inf\n", {x + "3", "'end'", "finite"}),
      scenario_row("a time of sixty-one minutes", "[time]\nend = \"07:61\"\n", {x + "3", "'end'", "07:61"}),
      scenario_row("a time of five parts", "[time]\nend = \"1:2:3:4:5\"\n", {x + "3", "'end'"}),
      scenario_row("an end before the begin", "[time]\nend = \"06:00\"\n", {x + "3", "'end' is not after 'begin'"}),
      scenario_row("a week", "[time]\nend = 604800\n", {x + "3", "'end'", "172800"}),
      scenario_row("a warm-up longer than the run", "[time]\nwarm_up_s = 600\n", {x + "3", "'warm_up_s'"}),
      scenario_row("ticks of no length", "[time]\nstep_s = 0\n", {x + "3", "'step_s'"}),
      scenario_row("ticks of negative length", "[time]\nstep_s = -1\n", {x + "3", "'step_s'"}),
      scenario_row("an unknown response", "[routes]\nresponse = \"equilibrum\"\n", {x + "3", "'equilibrium'"}),
      scenario_row("a share above one", "[routes]\nshare = 1.5\n", {x + "3", "'share'", "1.5"}),
      scenario_row("more informed drivers than drivers", "[routes]\ninformed_share = 50\n",
                   {x + "3", "'informed_share'", "50"}),
      scenario_row("informed drivers who look all the time",
                   "[routes]\ninformed_share = 0.5\ninformed_interval_s = 0\n", {x + "4", "'informed_interval_s'"}),
      scenario_row("an equilibrium gap of nothing", "[equilibrium]\nrelative_gap = 0\n", {x + "3", "'relative_gap'"}),
      scenario_row("an equilibrium gap above one", "[equilibrium]\nrelative_gap = 1.5\n", {x + "3", "'relative_gap'"}),
      scenario_row("no iteration at all", "[equilibrium]\nmax_iterations = 0\n", {x + "3", "'max_iterations'"}),
      scenario_row("half an iteration", "[equilibrium]\nmax_iterations = 2.5\n", {x + "3", "whole number"}),
      scenario_row("drivers who ask every microsecond",
                   "[routes]\nresponse = \"reroute_share\"\ndiscovery_interval_s = 0.000001\n[[close]]\nedges = "
                   "[\"FG\"]\nbegin = \"07:01\"\n",
                   {x + "4", "'discovery_interval_s'"}),
      scenario_row("a city that is not there", "city = \"lisbon\"\n", {"scenarios/tiny/x.toml", "data/lisbon"}),
      scenario_row("a city that is a file", "city = \"../../data/tiny/od.csv\"\n", {"od.csv", "city folder"}),
      scenario_row("no city", "base = \"empty\"\n", {"'city'"}, {{"scenarios/tiny/empty.toml", ""}}),
  };
  CHECK(table.size() >= 40);
  check_and_run(table);
}

TEST_CASE("broken inputs: bases that are missing, round in a circle or no files are told with the way they lead") {
  std::vector<broken_input> table = {
      scenario_row("a base that is not there", "base = \"bse\"\n",
                   {"scenarios/tiny/x.toml:1", "'bse'", "did you mean 'base'?"}),
      scenario_row("a base that is not there, by its path", "base = \"../tiny/bse\"\n",
                   {"scenarios/tiny/x.toml:1", "did you mean '../tiny/base'?"}),
      scenario_row("a base whose name is like no other", "base = \"zzzzzzzzzz\"\n",
                   {"scenarios/tiny/x.toml:1", "in the folder of this file, or its path from there"}),
      scenario_row("a base that is itself", "base = \"x\"\n",
                   {"scenarios/tiny/x.toml:1", "circle", "x.toml -> x.toml"}),
      scenario_row("bases in a circle over three files", "base = \"a\"\n",
                   {"scenarios/tiny/b.toml:1", "circle", "x.toml -> a.toml -> b.toml -> x.toml"},
                   {{"scenarios/tiny/a.toml", "base = \"b\"\n"}, {"scenarios/tiny/b.toml", "base = \"x\"\n"}}),
      scenario_row("a circle through another spelling of the path", "base = \"./../tiny/x.toml\"\n",
                   {"scenarios/tiny/x.toml:1", "circle"}),
      scenario_row("a base that is a folder", "base = \"dir\"\n", {"scenarios/tiny/dir.toml", "is a folder"},
                   {{"scenarios/tiny/dir.toml/inside", ""}}),
      scenario_row("a base of another kind", "base = 3\n", {"scenarios/tiny/x.toml:1", "'base' must be a text"}),
      scenario_row("an empty base", "base = \"\"\n", {"scenarios/tiny/x.toml:1", "'base' is empty"}),
      scenario_row("a base with a mistake", "base = \"a\"\n", {"scenarios/tiny/a.toml:2", "did you mean 'title'?"},
                   {{"scenarios/tiny/a.toml", "base = \"base\"\ntitel = \"x\"\n"}}),
      scenario_row("a base that is no TOML", "base = \"a\"\n", {"scenarios/tiny/a.toml:1", "TOML"},
                   {{"scenarios/tiny/a.toml", "<xml/>\n"}}),
  };
  broken_input tower = scenario_row("a tower of twenty bases", "base = \"t0\"\n", {"more than 16 bases"});
  for (int i = 0; i < 20; ++i) {
    tower.files.emplace_back("scenarios/tiny/t" + std::to_string(i) + ".toml",
                             "base = \"t" + std::to_string(i + 1) + "\"\n");
  }
  tower.files.emplace_back("scenarios/tiny/t20.toml", "");
  table.push_back(tower);
  check_and_run(table);
}

TEST_CASE("broken inputs: --set names what it cannot change") {
  check_and_run({
      set_row("an unknown key", "routes.shar=0.3", {"--set routes.shar=0.3", "did you mean 'share'?"}),
      set_row("a key without its section", "informed_share=0.3", {"did you mean 'routes.informed_share'?"}),
      set_row("an unknown section", "rutes.share=0.3", {"--set", "did you mean 'routes'?"}),
      set_row("a value of another type", "routes.share=much", {"--set routes.share=much", "'much'"}),
      set_row("a value out of range", "routes.share=7", {"--set routes.share=7", "0 to 1"}),
      set_row("a value that is no number", "routes.share=nan", {"--set routes.share=nan", "finite"}),
      set_row("no value", "routes.share", {"--set routes.share", "'='"}),
      set_row("an intervention that is not there", "close.7.begin=07:01", {"no [[close]] '7'", "0 to 0"}),
      set_row("a name that is not there", "close.man.begin=07:01", {"no [[close]] 'man'"}),
      set_row("a time that is none", "close.main.begin=soon", {"--set close.main.begin=soon", "not a time"}),
      set_row("a base", "base=other", {"'base' cannot be set"}),
      set_row("a list that never ends", "close.main.edges=[\"FG\"", {"--set", "is not a value"}),
      set_row("a list nested deep", "close.main.edges=" + times("[", 20000), {"--set", "is not a value"}),
  });
}

TEST_CASE("broken inputs: an intervention that cannot be is told before anything runs") {
  std::string const x = "scenarios/tiny/x.toml:";
  std::string const signal = "[[signal_program]]\nsignals = [\"F\"]\n";
  std::string const incident = "[[incident]]\nedge = \"FG\"\n";
  std::string const price = "[[road_price]]\nedges = [\"FG\"]\nvalue_of_time_eur_per_h = 9\n";
  std::vector<broken_input> table = {
      scenario_row("a closure of nothing", "[[close]]\nclasses = [\"bus\"]\n", {x + "2", "names no edges"}),
      scenario_row("an unknown edge", "[[close]]\nedges = [\"FGH\"]\n", {x + "2", "'FGH'", "did you mean 'FG'?"}),
      scenario_row("an internal edge", "[[close]]\nedges = [\":F_0\"]\n", {x + "2", "':F_0'"}),
      scenario_row("an unknown road", "[[close]]\nroads = [\"Main Street\"]\n", {x + "2", "'Main Street'"}),
      scenario_row("an unknown zone", "[[close]]\nzones = [\"wst\"]\n", {x + "2", "did you mean 'west'?"}),
      scenario_row("an unknown class", "[[close]]\nedges = [\"FG\"]\nclasses = [\"cars\"]\n", {x + "4", "'cars'"}),
      scenario_row("a window that ends first", "[[close]]\nedges = [\"FG\"]\nbegin = \"07:01:30\"\nend = \"07:01\"\n",
                   {x + "2", "ends before"}),
      scenario_row("a window of NaN", "[[close]]\nedges = [\"FG\"]\nbegin = nan\n", {x + "4", "'begin'", "finite"}),
      scenario_row("a polygon of two points", "[[close]]\npolygon = [[-9.4, 38.7], [-9.3, 38.7]]\n",
                   {x + "3", "'polygon'", "three points"}),
      scenario_row("a polygon that crosses itself",
                   "[[close]]\npolygon = [[-9.4, 38.6], [-9.3, 38.7], [-9.3, 38.6], [-9.4, 38.7]]\n",
                   {x + "3", "'polygon'", "crosses itself"}),
      scenario_row("a polygon of points in line", "[[close]]\npolygon = [[-9.4, 38.6], [-9.3, 38.6], [-9.2, 38.6]]\n",
                   {x + "3", "'polygon'", "no area"}),
      scenario_row("a polygon with NaN", "[[close]]\npolygon = [[nan, 38.7], [-9.3, 38.7], [-9.3, 38.6]]\n",
                   {x + "3", "'polygon'", "finite"}),
      scenario_row("a polygon off the globe", "[[close]]\npolygon = [[0, 99], [1, 99], [1, 98]]\n", {x + "3", "globe"}),
      scenario_row("a polygon of texts", "[[close]]\npolygon = [[\"a\", \"b\"], [1, 2], [3, 4]]\n", {x + "3"}),
      scenario_row("a GeoJSON file that is not there", "[[close]]\npolygon = \"p.geojson\"\n", {x + "3", "p.geojson"}),
      scenario_row(
          "a GeoJSON file that crosses itself", "[[close]]\npolygon = \"p.geojson\"\n", {"p.geojson", "crosses itself"},
          {{"scenarios/tiny/p.geojson", R"({"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]})"}}),
      scenario_row("a GeoJSON file nested deep", "[[close]]\npolygon = \"p.geojson\"\n", {"p.geojson"},
                   {{"scenarios/tiny/p.geojson", times("[", 200000)}}),
      scenario_row("a lane that is not there", "[[close_lane]]\nedges = [\"FG\"]\nlanes = [2]\n",
                   {x + "2", "'FG'", "2 lanes"}),
      scenario_row("a lane too far from the left", "[[close_lane]]\nedges = [\"FG\"]\nlanes = [-3]\n",
                   {x + "2", "'FG'"}),
      scenario_row("a limit of zero", "[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = 0\n", {x + "4", "'speed_kmh'"}),
      scenario_row("a limit without end", "[[speed_limit]]\nedges = [\"FG\"]\nspeed_kmh = inf\n", {x + "4", "finite"}),
      scenario_row("an unknown signal", "[[signal_program]]\nsignals = [\"Q\"]\ncycle_s = 90\n", {x + "2", "'Q'"}),
      scenario_row("a signal state too short", signal + "phases = [{state = \"Gr\", duration_s = 20}]\n",
                   {x + "2", "'F'", "links"}),
      scenario_row("a phase of no length", signal + "phases = [{state = \"Gr\", duration_s = 0}]\n",
                   {x + "4", "'duration_s'"}),
      scenario_row("a phase of negative length", signal + "phases = [{state = \"Gr\", duration_s = -5}]\n",
                   {x + "4", "'duration_s'"}),
      scenario_row("a light of no known colour", signal + "phases = [{state = \"blue\", duration_s = 5}]\n",
                   {x + "4", "'blue'"}),
      scenario_row("a cycle without room for green", signal + "cycle_s = 10\n", {x + "2", "'F'", "cycle of 10 s"}),
      scenario_row("two programs at once", signal + "cycle_s = 90\n" + signal + "cycle_s = 100\n",
                   {x + "5", "two programs at once", x + "2"}),
      scenario_row("an incident on no edge", "[[incident]]\nbegin = 0\nedge = \"ZZ\"\nlanes = [0]\n",
                   {x + "2", "'ZZ'"}),
      scenario_row("an incident of negative length", incident + "begin = \"07:01\"\nlanes = [0]\nduration_min = -5\n",
                   {x + "6", "'duration_min'"}),
      scenario_row("an incident without lanes", incident + "begin = \"07:01\"\nlanes = []\n", {x + "2", "no lanes"}),
      scenario_row("a negative price", price + "price_eur = -1\n", {x + "5", "'price_eur'", "-1"}),
      scenario_row("time that is worth nothing",
                   "[[road_price]]\nedges = [\"FG\"]\nprice_eur = 1\nvalue_of_time_eur_per_h = 0\n",
                   {x + "5", "'value_of_time_eur_per_h'"}),
      scenario_row("a cordon without a polygon", price + "price_eur = 1\ncharge = \"cordon\"\n", {x + "2", "polygon"}),
      scenario_row("a negative demand", "[[demand]]\nscale = -0.5\n", {x + "3", "'scale'", "-0.5"}),
      scenario_row("a demand of NaN", "[[demand]]\nscale = nan\n", {x + "3", "'scale'", "finite"}),
      scenario_row("a demand from nowhere", "[[demand]]\nscale = 2\nfrom = [\"moon\"]\n", {x + "2", "'moon'"}),
      scenario_row("a demand multiplied beyond all measure", times("[[demand]]\nscale = 20\n", 4),
                   {"data/tiny", "million trips", "[[demand]]"}),
      scenario_row("an unknown bus line", "[[bus_frequency]]\nlines = [\"99\"]\nfactor = 2\n", {x + "2", "'99'"}),
      scenario_row("a bus every second", "[[bus_frequency]]\nheadway_min = 0.01\n", {x + "3", "'headway_min'"}),
      scenario_row("park and ride at an unknown zone", "[[park_and_ride]]\nstations = [\"midd\"]\n",
                   {x + "2", "did you mean 'mid'?"}),
      scenario_row("park and ride without spaces", "[[park_and_ride]]\nstations = [\"west\"]\n", {x + "2", "spaces"}),
      scenario_row("an event nowhere",
                   "[[event]]\nto = \"beach\"\nvisitors = 5\narrive_begin = \"07:00\"\narrive_end = \"07:01\"\n",
                   {x + "2", "'beach'"}),
      scenario_row("an event of fewer than nobody",
                   "[[event]]\nto = \"mid\"\nvisitors = -5\narrive_begin = \"07:00\"\narrive_end = \"07:01\"\n",
                   {x + "4", "'visitors'"}),
      scenario_row("a low-emission zone that bans nothing", "[[low_emission_zone]]\nedges = [\"FG\"]\n",
                   {x + "2", "bans nothing"}),
      scenario_row("a low-emission zone for an unknown type",
                   "[[low_emission_zone]]\nedges = [\"FG\"]\ntypes = [\"calmm\"]\n", {x + "2", "'calm'"}),
      scenario_row("a lane for an unknown class",
                   "[[lane_permission]]\nedges = [\"FG\"]\nlanes = [0]\nallow = [\"buss\"]\n", {x + "5", "'bus'"}),
  };
  CHECK(table.size() >= 44);
  check_and_run(table);
}

TEST_CASE("broken inputs: a city's files are refused by line and column") {
  std::string const gone = "data/tiny/";
  std::vector<broken_input> table = {
      city_row("city.toml without a key", "city.toml", "od = \"od.csv\"\n", "", {"'od'", "missing"}),
      city_row("city.toml with an unknown key", "city.toml", "od = ", "odd = ", {"'odd'", "'od'"}),
      city_row("city.toml that names no file", "city.toml", "od.csv", "ot.csv", {"city.toml:", "'od'", "ot.csv"}),
      city_row("city.toml that names a folder", "city.toml", "\"od.csv\"", "\".\"",
               {"city.toml:", "'od'", "is a folder"}),
      city_row("city.toml that leads out of its folder", "city.toml", "od.csv", "../../etc/passwd", {"city's folder"}),
      city_row("city.toml with a number for a name", "city.toml", "\"od.csv\"", "3", {"'od'", "text"}),
      city_file_row("an empty city.toml", "city.toml", "", {"'network'", "missing"}),
      city_file_row("a city.toml that is no TOML", "city.toml", "{\"network\": 1}", {"city.toml:1", "TOML"}),
      city_row("a negative flow", "od.csv", "car,1600", "car,-1600", {"od.csv:2", "'trips_per_day'", "negative"}),
      city_row("a flow of NaN", "od.csv", "car,1600.000000", "car,nan", {"od.csv:2", "'trips_per_day'", "'nan'"}),
      city_row("a flow of 1e300 trips", "od.csv", "car,1600.000000", "car,1e300", {"od.csv:2", "10 million"}),
      city_row("flows that sum to more than a continent makes", "od.csv", "trips_per_day\n",
               [] {
                 std::string rows = "trips_per_day\n";
                 for (char const* why : {"work", "home"}) {
                   for (char const* from : {"west", "east", "south"}) {
                     for (char const* to : {"mid", "south"}) {
                       if (std::string(from) != to) rows += std::string(from) + "," + to + "," + why + ",calm,1e7\n";
                     }
                   }
                 }
                 return rows;
               }(),
               {"od.csv:", "million trips a day"}),
      city_row("a flow from an unknown zone", "od.csv", "south,west", "soutg,west",
               {"od.csv:4", "did you mean 'south'?"}),
      city_row("a flow of an unknown purpose", "od.csv", "south,west,work", "south,west,wrok", {"od.csv:4", "'wrok'"}),
      city_row("a flow in an unknown vehicle", "od.csv", "freight,lorry", "freight,lory", {"od.csv:6", "'lory'"}),
      city_row("a flow of a purpose without a profile", "od.csv", "freight,lorry", "school,lorry",
               {"od.csv:6", "school"}),
      city_row("a flow twice", "od.csv", "east,west,home", "west,east,work", {"od.csv:3", "twice"}),
      city_row("a field too few", "od.csv", "south,west,work,car", "south,west,work", {"od.csv:4", "4 fields"}),
      city_row("a field too many", "od.csv", "south,west,work", "south,west,work,x", {"od.csv:4", "6 fields"}),
      city_row("an unknown column", "od.csv", "trips_per_day", "trips", {"od.csv:1", "'trips'", "trips_per_day"}),
      city_row("a missing column", "od.csv", ",trips_per_day", "", {"od.csv:1", "'trips_per_day'", "missing"}),
      city_row("a quote that never closes", "od.csv", "south,west", "\"south,west", {"od.csv:4", "quote"}),
      city_row("an embedded NUL", "od.csv", "south,west", std::string("so\0th,west", 10),
               {"od.csv:4", "holds a byte 0", "UTF-8"}),
      city_row("an embedded escape sequence", "od.csv", "south,west", "so\x1b[2Jth,west", {"od.csv:4", "unknown zone"}),
      city_file_row("an empty table", "od.csv", "", {"is empty"}),
      city_file_row("a table of zeros", "od.csv", std::string(1000, '\0'), {"od.csv:1"}),
      city_file_row("a picture for a table", "od.csv", "\x89PNG\r\n\x1a\n....", {"od.csv:1"}),
      city_row("a zone off the globe", "zones.csv", "38.7,-9.3", "138.7,-9.3", {"zones.csv:3", "globe"}),
      city_row("a zone twice", "zones.csv", "east,East", "west,East", {"zones.csv:3", "'west'", "twice"}),
      city_row("a zone of an unknown kind", "zones.csv", "gate", "gatte", {"zones.csv:4", "'gatte'"}),
      city_row("more spaces than can be counted", "zones.csv", "-9.35,20", "-9.35,1e300", {"zones.csv:5", "spaces"}),
      city_row("half a parking space", "zones.csv", "-9.35,20", "-9.35,2.5", {"zones.csv:5", "spaces"}),
      city_file_row("no zones", "zones.csv", "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\n",
                    {"lists no zone"}),
      city_row("an edge that the network lacks", "zone_edges.csv", "west,AB,2", "west,AX,2",
               {"zone_edges.csv:2", "'AX'"}),
      city_row("an edge twice", "zone_edges.csv", "west,AE", "west,AB", {"zone_edges.csv:3", "twice"}),
      city_row("a weight of NaN", "zone_edges.csv", "west,AB,2", "west,AB,nan", {"zone_edges.csv:2", "'weight'"}),
      city_row("weights beyond counting", "zone_edges.csv", "west,AB,2\nwest,AE,1", "west,AB,1e308\nwest,AE,1e308",
               {"zone_edges.csv:", "'weight'"}),
      scenario_row("a zone without weight", "", {"data/tiny/od.csv:4", "'south'", "zone edges"},
                   {{"data/tiny/zone_edges.csv", replaced(text_of("data/tiny/zone_edges.csv"),
                                                          "south,KJ,1\nsouth,KL,1\nsouth,LK,1\n", "south,KJ,0\n")}}),
      city_row("a profile that sums to two", "profiles.csv", "work,0,0.005909090909", "work,0,1.005909090909",
               {"'work'", "sum to 2.0"}),
      city_row("a profile with a hole", "profiles.csv", "work,900,0.005909090909\n", "", {"profiles.csv:3", "900"}),
      city_row("a profile with a negative share", "profiles.csv", "work,900,0.0059", "work,900,-0.0059",
               {"profiles.csv:3", "negative"}),
      city_row("a profile cut short", "profiles.csv", "freight,85500,0.005909090909\n", "", {"'freight'", "95 rows"}),
      city_row("a vehicle of no length", "vtypes.add.xml", "length=\"9\"", "length=\"0\"", {"'length'", "lorry"}),
      city_row("a vehicle that brakes with NaN", "vtypes.add.xml", "length=\"9\"", "decel=\"nan\"", {"'decel'", "nan"}),
      city_row("a vehicle of an unknown class", "vtypes.add.xml", "\"truck\" len", "\"truk\" len", {"'truk'"}),
      city_row("a mix of an unknown type", "vtypes.add.xml", "brisk calm", "brisk clam", {"'clam'"}),
      city_row("a mix with a probability too few", "vtypes.add.xml", "0.75 0.25", "0.75", {"probability"}),
      city_row("vehicle types cut in the middle", "vtypes.add.xml", "</additional>", "", {"XML"}),
      city_row("an entity bomb", "vtypes.add.xml", "<additional>",
               "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>\n<additional>&b;", {}),
      city_row("a stop beside the network", "stops.csv", "s1,First,AB", "s1,First,AX", {"stops.csv:2", "'AX'"}),
      city_row("a stop beyond its lane", "stops.csv", "0,100,120\ns2", "0,100,9120\ns2", {"stops.csv:2", "lane"}),
      city_row("a stop on a lane that is not there", "stops.csv", "AB,0", "AB,7", {"stops.csv:2", "lane 7"}),
      city_row("a line over a missing edge", "lines.toml", "\"BC\"", "\"BX\"", {"lines.toml:", "'BX'"}),
      city_row("a line that jumps", "lines.toml", "\"AB\", \"BC\"", "\"AB\"", {"lines.toml:", "no connection"}),
      city_row("a line with an unknown stop", "lines.toml", "\"s1\", \"s2\"", "\"s1\", \"s9\"",
               {"lines.toml:", "'s9'"}),
      city_row("offsets that are no numbers", "lines.toml", "[40, 120]", "[40, nan]", {"lines.toml:", "offsets_s"}),
      city_row("offsets without end", "lines.toml", "[40, 120]", "[40, inf]", {"lines.toml:", "offsets_s"}),
      city_row("a bus for all eternity", "lines.toml", "\"20:00\"", "1e15", {"lines.toml:", "end"}),
      city_row("a bus every tenth of a second", "lines.toml", "1200", "0.1", {"lines.toml:", "headway"}),
      city_row("a dwell time without end", "lines.toml", "dwell_s = 15", "dwell_s = 1e300",
               {"lines.toml:", "'dwell_s'"}),
  };
  for (auto const& [file, content] : file_list{
           {"travel_times.csv", "begin_s,edge_id,travel_time_s\n0,FG,-1\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s\n900,FG,10\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s\n1e300,FG,10\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s\n0,FX,10\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s\n0,FG,1e300\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s,view\n0,FG,10,-1\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s,view\n0,FG,10,0.5\n"},
           {"travel_times.csv", "begin_s,edge_id,travel_time_s,view\n0,FG,10,1000000\n"},
           {"detectors.csv", "id,edge,lane,pos_m\nd1,FG,9,10\n"},
           {"detectors.csv", "id,edge,lane,pos_m\nd1,FG,0,1e300\n"},
           {"detectors.csv", "id,edge,lane,pos_m\nd1,FG,0,10\nd1,GF,0,10\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1,FG_9,0,10\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1,FG_0 AB_0,0,10\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1,FG_0,10,1e300\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1,FG_0,10,5\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1, ,0,10\n"},
           {"areas.csv", "id,lanes,begin_m,end_m\na1,FG_0,0,10\na1,FG_0,0,10\n"},
       }) {
    std::string const key = file.substr(0, file.find('.'));
    table.push_back(
        scenario_row(content.substr(content.find('\n') + 1), "", {"data/tiny/" + file + ":"},
                     {{"data/tiny/city.toml", text_of("data/tiny/city.toml") + key + " = \"" + file + "\"\n"},
                      {"data/tiny/" + file, content}}));
  }
  std::string const packed = [] {
    temp_folder const t;
    write_text_file(t / "od.csv.gz", text_of("data/tiny/od.csv"));
    std::string bytes(fs::file_size(t / "od.csv.gz"), '\0');
    std::ifstream(t / "od.csv.gz", std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }();
  table.push_back(
      city_file_row("gzip cut in the middle", "od.csv", packed.substr(0, packed.size() / 2), {"truncated"}));
  std::string flipped = packed;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
  table.push_back(city_file_row("gzip with a flipped byte", "od.csv", flipped, {"damaged"}));
  CHECK(table.size() >= 70);
  check_and_run(table);
}

TEST_CASE("broken inputs: a SUMO configuration that cannot run is refused before it does, with file and line") {
  std::string const sound =
      R"(<configuration><input><net-file value="net.net.xml"/><route-files value="r.rou.xml"/></input>
<time><begin value="0"/><end value="60"/></time></configuration>)";
  std::string const routes = R"(<routes><trip id="t" depart="0" from="a" to="b"/></routes>)";
  auto const row = [&](std::string name, std::string config, texts says, file_list more = {}) {
    file_list files = {{"net.net.xml", tiny_net_text()}, {"r.rou.xml", routes}, {"x.sumocfg", std::move(config)}};
    for (auto& [n, t] : more) put(files, n, std::move(t));
    says.push_back("x.sumocfg");
    return broken_input{std::move(name), {"run", "x.sumocfg", "-o", "out"}, 2, std::move(says), std::move(files)};
  };
  std::string const bomb = "<!DOCTYPE c [<!ENTITY a \"" + std::string(1000, 'a') + "\"><!ENTITY b \"" +
                           times("&a;", 1000) + "\"><!ENTITY c \"" + times("&b;", 1000) +
                           "\">]>\n<configuration><net-file value=\"&c;\"/></configuration>";
  std::vector<broken_input> const table = {
      row("an empty file", "", {"XML"}),
      row("no XML", "net = net.net.xml\n", {"x.sumocfg:1", "XML"}),
      row("XML cut in the middle", sound.substr(0, sound.size() / 2), {"XML"}),
      row("routes for a configuration", routes, {"x.sumocfg:1", "configuration"}),
      row("no network", "<configuration></configuration>", {"names no network"}),
      row("two networks", replaced(sound, "net.net.xml", "net.net.xml,b.net.xml"), {"x.sumocfg:1", "one file"}),
      row("a network that is not there", replaced(sound, "net.net.xml", "town.net.xml"), {"town.net.xml", "not there"}),
      row("a network that is a folder", replaced(sound, "net.net.xml", "."), {"no file"}),
      row("routes that are not there", replaced(sound, "r.rou.xml", "r.rou.xml,s.rou.xml"), {"s.rou.xml", "not there"}),
      row("a path through a variable", replaced(sound, "net.net.xml", "${HOME}/net.net.xml"),
          {"x.sumocfg:1", "variable"}),
      row("a begin that is no time", replaced(sound, "value=\"0\"", "value=\"dawn\""), {"x.sumocfg:2", "'dawn'"}),
      row("a negative begin", replaced(sound, "value=\"0\"", "value=\"-5\""), {"x.sumocfg:2", "negative"}),
      row("an end of NaN", replaced(sound, "value=\"60\"", "value=\"nan\""), {"x.sumocfg:2", "'nan'"}),
      row("an end before the begin", replaced(sound, "value=\"0\"", "value=\"90\""), {"before it begins"}),
      row("ticks of no length", replaced(sound, "<end", "<step-length value=\"0\"/><end"), {"x.sumocfg:2", "above 0"}),
      row("ticks of NaN", replaced(sound, "<end", "<step-length value=\"nan\"/><end"), {"x.sumocfg:2", "'nan'"}),
      row("a seed that is none", replaced(sound, "<end", "<seed value=\"-1\"/><end"), {"x.sumocfg:2", "'seed'"}),
      row("a configuration within", replaced(sound, "<end", "<configuration-file value=\"y\"/><end"), {"x.sumocfg:2"}),
      row("an entity bomb", bomb, {}),
      row("an entity from outside",
          "<!DOCTYPE c [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<configuration><net-file value=\"&x;\"/>"
          "</configuration>",
          {}),
      row("elements nested a hundred thousand deep", times("<configuration>", 100000), {}),
      row("a name of one megabyte",
          "<configuration><net-file value=\"" + std::string(1000000, 'n') + "\"/></configuration>", {}),
  };
  for (broken_input const& b : table) {
    DYNAMIC_SECTION(b.name) {
      run_broken(b);
      broken_input c = b;
      c.arguments = {"check", "x.sumocfg"};
      run_broken(c);
    }
  }
}

TEST_CASE("broken inputs: what SUMO refuses while it loads is told in SUMO's words, in one line, and nothing is left") {
  std::string const config =
      R"(<configuration><input><net-file value="net.net.xml"/><route-files value="r.rou.xml"/></input>
<time><begin value="0"/><end value="60"/></time></configuration>)";
  auto const row = [&](std::string name, std::string routes, texts says) {
    return broken_input{std::move(name),
                        {"run", "x.sumocfg", "-o", "out"},
                        2,
                        std::move(says),
                        {{"net.net.xml", tiny_net_text()}, {"r.rou.xml", std::move(routes)}, {"x.sumocfg", config}}};
  };
  std::vector<broken_input> const table = {
      row("routes cut in the middle", "<routes><vehicle id=\"v\" depart=\"0\"><route edg", {"r.rou.xml"}),
      row("a route over an edge that is not there",
          R"(<routes><vehicle id="v" depart="0"><route edges="a zzz"/></vehicle></routes>)", {"zzz"}),
      row("a vehicle of an unknown type",
          R"(<routes><vehicle id="v" type="tank" depart="0"><route edges="a"/></vehicle></routes>)", {"tank"}),
  };
  for (broken_input const& b : table) {
    DYNAMIC_SECTION(b.name) { run_broken(b); }
  }
}

TEST_CASE(
    "scenarios: an intervention outside the scenario's time is no error, as heirs may cut the time, but is said") {
  temp_folder const t;
  for (auto const& [name, text] : town()) {
    fs::create_directories((t / name).parent_path());
    write_text(t / name, text);
  }
  write_text(t / "scenarios/tiny/x.toml",
             "base = \"base\"\n[[incident]]\nname = \"late\"\nbegin = \"09:00\"\nedge = \"FG\"\nlanes = [0]\n");
  process_result const checked = run_gemeo(kCheck, t.path()), ran = run_gemeo(kRun, t.path());
  CHECK(checked.exit_code == 0);
  CHECK_THAT(checked.output, Catch::Contains("x.toml:2: incident: late acts outside the scenario's time"));
  CHECK(ran.exit_code == 0);
  CHECK_THAT(ran.error_output, Catch::Contains("acts outside the scenario's time"));
  texts json = kCheck;
  json.push_back("--json");
  auto const told = parse_json(run_gemeo(json, t.path()).output);
  CHECK(told.at("interventions").at(0).at("intervention") == "incident: late");
  CHECK(told.at("interventions").at(0).at("edges").at(0) == "FG");
  CHECK(told.at("warnings").size() == 1);
}
