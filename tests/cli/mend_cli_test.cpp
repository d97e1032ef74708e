// gemeo mend and gemeo through, for who brings a road of his own: ramps get lanes of their own, roads keep their names,
// loops move along; nothing is written that is wrong.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/network/mended_lanes.h"
#include "sim/network/merges.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/merging_roads.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

TEST_CASE("mend: a ramp that gave way gets a lane to speed up on, and its loops move along") {
  merging_roads const r({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  temp_folder const t;
  write_text(t / "loops.add.xml",
             "<additional><inductionLoop id=\"a\" lane=\"on_1\" pos=\"50\" freq=\"60\" file=\"o\"/>"
             "<e3Detector id=\"b\" freq=\"60\" file=\"o\"><detEntry lane=\"main_0\" pos=\"10\"/>"
             "<detExit lane=\"on_0\" pos=\"50\"/></e3Detector>"
             "<busStop id=\"c\" lane=\"main_0\" startPos=\"10\" endPos=\"30\"/></additional>");
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
  CHECK(j["others_on_lanes"] == 1);
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
  for (char const* const beyond : {"lane=\"on_1\" pos=\"5000\"", "lane=\"on_1\" pos=\"-5000\""}) {
    process_result const refused = mend(beyond, "moved.add.xml");
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.error_output, Catch::Contains("loops.add.xml:2") && Catch::Contains("beyond lane 'on_1'") &&
                                         Catch::Contains("friendlyPos"));
  }
  process_result const full = mend("lane=\"on_1\" pos=\"50\"", "/dev/full");
  CHECK(full.exit_code == 2);
  CHECK_THAT(full.error_output, Catch::Contains("/dev/full"));
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& f : fs::directory_iterator(t.path())) ++files;
  CHECK(files == 1);  // the loops that were read
  CHECK(mend("lane=\"on_1\" pos=\"5000\" friendlyPos=\"true\"", "moved.add.xml").exit_code == 0);
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
