// gemeo mend and gemeo through, for who brings a road of his own: ramps get lanes of their own, roads keep their names,
// loops move along; nothing is written that is wrong.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/core/json_text.h"
#include "sim/core/process.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/network/mended_parts.h"
#include "sim/network/merges.h"
#include "sim/network/spatial_index.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/merging_roads.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

// Lane and position by id.
std::map<std::string, std::pair<std::string, double>> loops_of(fs::path const& file) {
  struct reader : xml_handler {
    std::map<std::string, std::pair<std::string, double>> out;
    void start(std::string_view element, xml_attributes const& a) override {
      if (element == "inductionLoop" || element == "e1Detector")
        out.emplace(a.text("id"), std::pair(std::string(a.text("lane")), a.number("pos")));
    }
    void end(std::string_view) override {}
  } r;
  read_xml(file, r);
  return r.out;
}

// The network's text with no way from ramp to on.
std::string without_ramp(std::string text) {
  std::string const of_ramp = "<connection from=\"ramp\" to=\"on\"";
  for (std::size_t at = 0; (at = text.find(of_ramp)) != std::string::npos;) text.erase(at, text.find('\n', at) - at);
  return text;
}

}  // namespace

TEST_CASE("mend: a ramp that gave way gets a lane to speed up on, and its loops move along") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  write_text(t / "loops.add.xml",
             "<additional><inductionLoop id=\"a\" lane=\"on_1\" pos=\"50\" freq=\"60\" file=\"o\"/>"
             "<e3Detector id=\"b\" freq=\"60\" file=\"o\"><detEntry lane=\"main_0\" pos=\"10\"/>"
             "<detExit lane=\"on_0\" pos=\"50\"/></e3Detector>"
             "<busStop id=\"c\" lane=\"main_0\" startPos=\"10\" endPos=\"30\"/>"
             "<laneAreaDetector id=\"d\" lanes=\"main_0 main_1\" pos=\"1\" endPos=\"9\" freq=\"60\" "
             "file=\"o\"/></additional>");
  auto const mend = [&](std::vector<std::string> more) {
    std::vector<std::string> a{"mend", r.file.string(), "-o", "new.net.xml"};
    a.insert(a.end(), more.begin(), more.end());
    return run_gemeo(a, t.path());
  };
  process_result const done = mend({"--loops", "loops.add.xml", "--loops-out", "moved.add.xml", "--json"});
  INFO(done.error_output);
  REQUIRE(done.exit_code == 0);
  CHECK(done.error_output.empty());
  auto const j = parse_json(done.output);
  CHECK(j["junctions"] == 1);
  CHECK(j["loops_moved"] == 2);
  CHECK(j["others_on_lanes"] == 2);
  CHECK(j["lane_km"][1] > j["lane_km"][0]);
  CHECK_THAT(read_text_file(t / "moved.add.xml"), Catch::Contains("lane=\"on-AddedOnRampEdge_2\"") &&
                                                      Catch::Contains("<detEntry lane=\"main_0\" pos=\"10.") &&
                                                      Catch::Contains("<detExit lane=\"on-AddedOnRampEdge_1\""));
  auto const net = read_network(t / "new.net.xml");
  CHECK(net->find_edge("on-AddedOnRampEdge"));
  for (connection const& c : net->connections) CHECK(c.state == 'M');  // nobody gives way
  CHECK(find_lost_lanes(*net).empty());
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& f : fs::directory_iterator(t.path())) ++files;
  CHECK(files == 3);  // network, and loops before and after: nothing else is left

  std::string const was = read_text_file(t / "new.net.xml");
  process_result const again = mend({});
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.error_output, Catch::Contains("exists already"));
  process_result const wrong = mend({"--force", "--netconvert=--no-such-option"});
  CHECK(wrong.exit_code == 1);
  CHECK_THAT(wrong.error_output, Catch::Contains("no-such-option"));
  CHECK(mend({"--force", "--loops", "loops.add.xml"}).exit_code == 2);
  CHECK(read_text_file(t / "new.net.xml") == was);
  CHECK(mend({"--force"}).exit_code == 0);
}

TEST_CASE("mend, through: what is read is not written over, and each output has a name and a folder") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  std::string const loops =
      "<additional><inductionLoop id=\"a\" lane=\"on_1\" pos=\"50\" freq=\"60\" file=\"o\"/></additional>";
  write_text(t / "loops.add.xml", loops);
  std::string const network = read_text_file(r.file);
  auto const refused = [&](std::vector<std::string> const& a, std::string const& why) {
    process_result const done = run_gemeo(a, t.path());
    INFO(done.error_output);
    CHECK(done.exit_code == 2);
    CHECK_THAT(done.error_output, Catch::Contains(why));
  };
  std::string const in = r.file.string();
  refused({"mend", in, "-o", "x.xml", "--loops", "loops.add.xml", "--loops-out", "./x.xml"}, "for two outputs");
  refused({"mend", in, "-o", in, "--force"}, "is read, too");
  refused({"mend", in, "-o", "x.xml", "--force", "--loops", "loops.add.xml", "--loops-out", "loops.add.xml"},
          "is read, too");
  refused({"mend", in, "-o", "x.xml", "--loops", "loops.add.xml", "--loops-out", "none/y.xml"}, "no such folder");
  refused({"through", in, "-o", in, "--force", "--trips-per-hour", "60"}, "is read, too");
  CHECK(read_text_file(r.file) == network);
  CHECK(read_text_file(t / "loops.add.xml") == loops);
  CHECK_FALSE(fs::exists(t / "x.xml"));
}

TEST_CASE("mend: a loop that lies beyond its lane is refused by its line, and one output alone is never left") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  auto const mend = [&](std::string const& loop, char const* out) {
    write_text(t / "loops.add.xml",
               "<additional>\n<inductionLoop id=\"a\" freq=\"60\" file=\"o\" " + loop + "/>\n</additional>");
    return run_gemeo({"mend", r.file.string(), "-o", "new.net.xml", "--loops", "loops.add.xml", "--loops-out", out},
                     t.path());
  };
  for (auto const& [beyond, why] : {std::pair{"lane=\"on_1\" pos=\"5000\"", "friendlyPos"},
                                    {"lane=\"on_1\" pos=\"-5000\"", "beyond lane 'on_1'"},
                                    {"lane=\"on_1\"", "pos"},
                                    {"lane=\"on_1\" pos=\"5\" friendlyPos=\"maybe\"", "friendlyPos"},
                                    {"lane=\":J_0_0\" pos=\"1\"", "inside a junction"},
                                    {"lane=\"on_7\" pos=\"1\"", "'on_7' is not in the network"}}) {
    process_result const refused = mend(beyond, "moved.add.xml");
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.error_output, Catch::Contains("loops.add.xml:2") && Catch::Contains(why));
  }
  CHECK_THAT(mend("lane=\"on_1\" pos=\"50\"", ".").error_output, Catch::Contains("is a folder"));
  for (char const* const same : {"new.net.xml.partial", "./new.net.xml.partial"})
    CHECK_THAT(mend("lane=\"on_1\" pos=\"50\"", same).error_output, Catch::Contains("is written by this name first"));
  process_result const full = mend("lane=\"on_1\" pos=\"50\"", "/dev/full");
  CHECK(full.exit_code == 2);
  CHECK_THAT(full.error_output, Catch::Contains("/dev/full"));
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& f : fs::directory_iterator(t.path())) ++files;
  CHECK(files == 1);  // the loops that were read
  write_text(t / "none.xml", "<foo/>");
  CHECK_THAT(
      run_gemeo({"mend", r.file.string(), "-o", "new.net.xml", "--loops", "none.xml", "--loops-out", "x.xml"}, t.path())
          .error_output,
      Catch::Contains("<foo> is no additional file"));
  CHECK(mend("lane=\"on_1\" pos=\"5000\" friendlyPos=\"true\"", "moved.add.xml").exit_code == 0);
}

TEST_CASE("mend: what it made is made again, and a way that was for buses alone stays so") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  REQUIRE(run_gemeo({"mend", r.file.string(), "-o", "once.net.xml"}, t.path()).exit_code == 0);
  process_result const twice = run_gemeo({"mend", "once.net.xml", "-o", "twice.net.xml"}, t.path());
  INFO(twice.error_output);
  CHECK(twice.exit_code == 0);
  write_text(t / "b.nod.xml",
             "<nodes><node id=\"a\" x=\"0\" y=\"0\"/><node id=\"j\" x=\"1000\" y=\"0\"/><node id=\"b\" x=\"2000\" "
             "y=\"0\"/><node id=\"x\" x=\"1500\" y=\"-200\"/></nodes>");
  write_text(
      t / "b.edg.xml",
      "<edges><edge id=\"main\" from=\"a\" to=\"j\" numLanes=\"3\" speed=\"30\" type=\"highway.motorway\"><lane "
      "index=\"0\" allow=\"bus\"/></edge><edge id=\"off\" from=\"j\" to=\"x\" numLanes=\"2\" speed=\"25\" "
      "type=\"highway.motorway_link\"><lane index=\"0\" allow=\"bus\"/></edge><edge id=\"on\" from=\"j\" to=\"b\" "
      "numLanes=\"2\" speed=\"30\" type=\"highway.motorway\"/></edges>");
  write_text(t / "b.con.xml",
             "<connections><connection from=\"main\" to=\"off\" fromLane=\"0\" toLane=\"0\"/><connection from=\"main\" "
             "to=\"on\" fromLane=\"1\" toLane=\"0\"/><connection from=\"main\" to=\"on\" fromLane=\"2\" "
             "toLane=\"1\"/></connections>");
  REQUIRE(run_program({"netconvert", "-n", (t / "b.nod.xml").string(), "-e", (t / "b.edg.xml").string(), "-x",
                       (t / "b.con.xml").string(), "-o", (t / "bus.net.xml").string(), "--no-turnarounds",
                       "--xml-validation", "never", "--ignore-errors.edge-type"})
              .ok());
  process_result const buses = run_gemeo({"mend", "bus.net.xml", "-o", "bus2.net.xml"}, t.path());
  INFO(buses.error_output);
  REQUIRE(buses.exit_code == 0);
  auto const net = read_network(t / "bus2.net.xml");
  std::size_t to_off = 0;
  for (connection const& c : net->connections) {
    if (net->edges.name[net->lanes.edge[c.to]] != "off" || !net->is_normal(net->lanes.edge[c.from])) continue;
    ++to_off;
    CHECK_FALSE(permits(net->lanes.allowed[c.from] & net->lanes.allowed[c.to], vclass::kPassenger));
  }
  CHECK(to_off > 0);
}

TEST_CASE("mend: turns that are gone or new are found by who could drive them") {
  merging_roads const both({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  auto const less = read_network_text(without_ramp(read_text_file(both.file)), "less.net.xml");
  CHECK(compare_turns(*both.net, *both.net).lost.empty());
  CHECK(compare_turns(*both.net, *both.net).added.empty());
  auto const lost = compare_turns(*both.net, *less), added = compare_turns(*less, *both.net);
  REQUIRE(lost.lost.size() == 1);
  CHECK(lost.added.empty());
  CHECK(lost.lost[0].from == "ramp");
  CHECK(lost.lost[0].to == "on");
  CHECK(permits(lost.lost[0].classes, vclass::kPassenger));
  CHECK(added.lost.empty());
  REQUIRE(added.added.size() == 1);
  CHECK(added.added[0].from == "ramp");
}

TEST_CASE("mend: an edge or a turn that an option takes away is named, and nothing is written") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  auto const refused = [&](std::string const& option) {
    process_result const done =
        run_gemeo({"mend", r.file.string(), "-o", "new.net.xml", "--netconvert=" + option}, t.path());
    CHECK(done.exit_code == 1);
    CHECK_FALSE(fs::exists(t / "new.net.xml"));
    return done.error_output;
  };
  CHECK_THAT(refused("--remove-edges.explicit=ramp"),
             Catch::Contains("1 edges would be gone, first 'ramp'") && Catch::Contains("look at the options"));
  // A netconvert that forgets the ramp.
  fs::create_directory(t / "bin");
  write_text(t / "bin/netconvert",
             "#!/bin/sh\n/usr/bin/netconvert \"$@\" || exit 1\nfor f in *.net.xml; do [ -f \"$f\" ] && "
             "sed -i '/<connection from=\"ramp\" to=\"on/d' \"$f\"; done; exit 0\n");
  fs::permissions(t / "bin/netconvert", fs::perms::owner_all);
  process_options there;
  there.environment = {{"PATH", (t / "bin").string() + ":/usr/bin:/bin"}};
  process_result const done = run_gemeo({"mend", r.file.string(), "-o", "new.net.xml"}, t.path(), there);
  CHECK(done.exit_code == 1);
  CHECK_THAT(done.error_output,
             Catch::Contains("1 turns would be gone, first from 'ramp' to 'on' at junction 'J', for ") &&
                 Catch::Contains("by hand"));
  CHECK_FALSE(fs::exists(t / "new.net.xml"));
}

TEST_CASE("mend: on Porto's ring everybody may turn where he could, and nowhere else") {
  GEMEO_NEED_SHARED(file, "porto/porto_vci.net.xml");
  temp_folder const t;
  process_result const done = run_gemeo({"mend", file.string(), "-o", "new.net.xml"}, t.path());
  INFO(done.error_output);
  REQUIRE(done.exit_code == 0);
  // Told apart from what mend itself asks: by names alone.
  auto const turns = [](network const& net) {
    std::set<std::pair<std::string, std::string>> out;
    for (connection const& c : net.connections) {
      edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
      if (!net.is_normal(from) || !net.is_normal(to)) continue;
      auto const whole = [&](edge_id e) { return net.edges.name[e].substr(0, net.edges.name[e].find("-Added")); };
      if (whole(from) != whole(to)) out.emplace(whole(from), whole(to));
    }
    return out;
  };
  auto const was = read_network(file), is = read_network(t / "new.net.xml");
  CHECK(turns(*was).size() > 1000);
  CHECK(turns(*was) == turns(*is));
  CHECK(compare_turns(*was, *is).lost.empty());
  CHECK(compare_turns(*was, *is).added.empty());
}

TEST_CASE("mend: Porto's loops lie where they lay, though edges have other lengths now") {
  GEMEO_NEED_SHARED(file, "porto/porto_vci.net.xml");
  GEMEO_NEED_SHARED(loops, "porto/detectors.add.xml");
  temp_folder const t;
  process_result const done = run_gemeo(
      {"mend", file.string(), "-o", "new.net.xml", "--loops", loops.string(), "--loops-out", "moved.xml", "--json"},
      t.path());
  INFO(done.error_output);
  REQUIRE(done.exit_code == 0);
  CHECK(parse_json(done.output)["loops_farthest_m"] < 2.0);  // half a lane, where one was added beside
  auto const was = read_network(file), is = read_network(t / "new.net.xml");
  auto const before = loops_of(loops), now = loops_of(t / "moved.xml");
  REQUIRE(before.size() == now.size());
  REQUIRE(before.size() > 50);
  for (auto const& [id, at] : before) {
    point const p = place_on(*was, was->find_lane(at.first).value(), at.second);
    point const q = place_on(*is, is->find_lane(now.at(id).first).value(), now.at(id).second);
    CAPTURE(id);
    CHECK(std::hypot(p.x - q.x, p.y - q.y) < 2.0);
  }
}

TEST_CASE("mend: lanes that netconvert added where connections name lanes are found again") {
  // As after netconvert --ramps.guess on a network with connections by lane: main_1 leads nowhere.
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 1}}});
  temp_folder const t;
  process_result const done = run_gemeo({"mend", r.file.string(), "-o", "new.net.xml", "--json"}, t.path());
  INFO(done.error_output);
  REQUIRE(done.exit_code == 0);
  auto const j = parse_json(done.output);
  CHECK(j["lost_lanes"] == nlohmann::ordered_json::array({1, 0}));
}

TEST_CASE("through: trips between open ends run as they are, and wrong times are told") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 1}, {1, 2}}});
  temp_folder const t;
  auto const through = [&](std::vector<std::string> more) {
    std::vector<std::string> a{"through", r.file.string(), "-o", "trips.rou.xml", "--trips-per-hour", "600"};
    a.insert(a.end(), more.begin(), more.end());
    return run_gemeo(a, t.path());
  };
  process_result const done = through({"--begin", "07:00", "--end", "07:10"});
  INFO(done.error_output);
  REQUIRE(done.exit_code == 0);
  CHECK_THAT(done.output, Catch::Contains("2 ways in to 1 ways out, 2 pairs"));
  write_text(t / "x.sumocfg",
             "<configuration><input><net-file value=\"" + r.file.string() +
                 "\"/><route-files value=\"trips.rou.xml\"/></input><time><begin value=\"25200\"/><end "
                 "value=\"25800\"/></time></configuration>");
  process_result const run = run_gemeo({"run", "x.sumocfg", "--engine", "tbb", "--json", "--no-emissions"}, t.path());
  INFO(run.error_output);
  REQUIRE(run.exit_code == 0);
  CHECK(through({"--begin", "07:00", "--end", "07:10"}).exit_code == 2);  // it is there
  for (std::vector<std::string> const& wrong : {std::vector<std::string>{"--force", "--begin", "7"},
                                                {"--force", "--begin", "08:00", "--end", "07:00"},
                                                {"--force", "--end", "1000000:00"},
                                                {"--force", "--end", "09:99"},
                                                {"--force", "--weight", "highway.motorwya=5"},
                                                {"--force", "--weight", "=1e200"},
                                                {"--force", "--weight", "highway.motorway"}})
    CHECK(through(wrong).exit_code == 2);
}
