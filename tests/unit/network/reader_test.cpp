#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/network/network.h"
#include "tests/support/replaced.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::string message_of(std::string const& text) {
  try {
    read_network_text(text, "t.net.xml");
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  return "accepted";
}

// Independent of the reader: how often an opening tag with all the given pieces stands in the text.
std::size_t tags(std::string const& text, std::string const& tag, std::string const& with = "",
                 std::string const& without = "") {
  std::size_t n = 0;
  for (std::size_t at = text.find("<" + tag + " "); at != std::string::npos; at = text.find("<" + tag + " ", at + 1)) {
    std::string const body = text.substr(at, text.find('>', at) - at);
    if (!with.empty() && body.find(with) == std::string::npos) continue;
    if (!without.empty() && body.find(without) != std::string::npos) continue;
    ++n;
  }
  return n;
}

std::string without_comments(std::string text) {
  for (std::size_t at = text.find("<!--"); at != std::string::npos; at = text.find("<!--")) {
    text.erase(at, text.find("-->", at) + 3 - at);
  }
  return text;
}

}  // namespace

TEST_CASE("network: a small file is read value by value") {
  auto const net = read_network_text(tiny_net_text(), "t.net.xml");
  REQUIRE(net->edge_count() == 3);
  REQUIRE(net->lane_count() == 3);
  edge_id const a = *net->find_edge("a"), b = *net->find_edge("b"), inside = *net->find_edge(":J_0");
  CHECK(net->is_normal(a));
  CHECK(net->edges.function[inside] == edge_function::kInternal);
  CHECK(net->edges.road_name[a] == "West Street");
  CHECK(net->junctions.name[net->edges.from[a]] == "W");
  CHECK(net->junctions.name[net->edges.to[a]] == "J");
  CHECK(net->edges.from[inside] == *net->find_junction("J"));
  CHECK(net->length_m(a) == Approx(99));
  CHECK(net->speed_mps(b) == Approx(8.33));
  lane_id const b0 = *net->find_lane("b_0");
  CHECK(net->lane_name(b0) == "b_0");
  CHECK(net->lanes.width_m[b0] == 3.0F);
  CHECK(net->lanes.width_m[*net->find_lane("a_0")] == Approx(3.2));
  CHECK(names_of(net->allowed(b)) == "taxi bus");
  CHECK_FALSE(permits(net->allowed(a), vclass::kTram));
  CHECK(permits(net->allowed(a), vclass::kPassenger));
  CHECK(net->allowed(inside) == kAllClasses);
  REQUIRE(net->shape(b0).size() == 2);
  CHECK(net->shape(b0)[1].z == 2.0F);
  REQUIRE(net->successors(a).size() == 1);
  CHECK(net->successors(a)[0] == b);
  CHECK(net->predecessors(b)[0] == a);
  CHECK(net->successors(b).empty());
  range const out = net->lanes.out[*net->find_lane("a_0")];
  REQUIRE(out.size() == 1);
  connection const& c = net->connections[out.begin];
  CHECK(net->lane_name(c.via) == ":J_0_0");
  CHECK(c.link == 0);
  CHECK(c.state == 'O');
  signal_id const s = *net->find_signal("J");
  CHECK(c.signal == s);
  REQUIRE(net->signals.programs[s].size() == 1);
  CHECK(net->signals.programs[s][0].offset_s == 5);
  CHECK(net->signals.programs[s][0].phases[1].state == "y");
  CHECK(net->signals.programs[s][0].phases[1].min_s == 5);
  CHECK(net->signals.links[s] == 1);
  junction_id const j = *net->find_junction("J");
  CHECK(net->junctions.type[j] == junction_type::kTrafficLight);
  CHECK(net->junctions.requests[j].size() == 1);
  CHECK(net->lane_refs[net->junctions.incoming_lanes[j].begin] == *net->find_lane("a_0"));
  CHECK_FALSE(net->has_projection());
  CHECK(net->bounds.max_x == Approx(200));
  CHECK_FALSE(net->find_lane("b_1"));
  CHECK_FALSE(net->find_lane("b_00"));
  CHECK_FALSE(net->find_lane("b"));
  CHECK_FALSE(net->find_edge("c"));
}

TEST_CASE("network: each broken file is refused with file, line, element") {
  std::string const good = tiny_net_text();
  CHECK(message_of(good) == "accepted");
  struct broken {
    char const *what, *with, *message;
  };
  // clang-format off
  std::vector<broken> const table = {
      {"to=\"J\" priority", "to=\"Q\" priority", "t.net.xml:6: <edge id=\"a\">: unknown junction 'Q'"},
      {"<edge id=\"b\"", "<edge id=\"a\"", "t.net.xml:9: <edge id=\"a\">: an edge of this id exists already"},
      {"length=\"99.00\" shape", "length=\"NaN\" shape", "<lane id=\"a_0\">: attribute 'length' is not a number: 'NaN'"},
      {"length=\"99.00\" shape", "length=\"-5\" shape", "length -5 is not between"},
      {"length=\"99.00\" shape", "shape", "attribute 'length' is missing"},
      {"speed=\"8.33\"", "speed=\"-1\"", "speed -1 is not between"},
      {"speed=\"8.33\"", "speed=\"inf\"", "attribute 'speed' is not a number"},
      {"width=\"3.00\"", "width=\"-3\"", "width -3 is not between"},
      {"allow=\"bus taxi\"", "allow=\"bus taxy\"", "t.net.xml:10: <lane id=\"b_0\">: unknown vehicle class 'taxy'"},
      {"id=\"b_0\" index=\"0\"", "id=\"b_0\" index=\"1\"", "expected index 0"},
      {"id=\"b_0\" index", "id=\"c_0\" index", "the lane's id must be 'b_0'"},
      {"0.00,-1.60 99.00,-1.60", "0.00,-1.60", "fewer than two points"},
      {"0.00,-1.60 99.00,-1.60", "0.00,-1.60 99.00", "a point without y"},
      {"0.00,-1.60 99.00,-1.60", "0.00,-1.60 nan,1", "the shape is not"},
      {"0.00,-1.60 99.00,-1.60", "0.00,-1.60 1e30,1", "beyond"},
      {"0.00,-1.60 99.00,-1.60", "0.00,-1.60 1,2;3,4", "odd characters"},
      {"fromLane=\"0\" toLane=\"0\" via", "fromLane=\"3\" toLane=\"0\" via", "t.net.xml:21: <connection>: edge 'a' has no lane 3: it has 1"},
      {"from=\"a\" to=\"b\"", "from=\"a\" to=\"z\"", "unknown edge 'z'"},
      {"via=\":J_0_0\"", "via=\":J_0_7\"", "unknown lane ':J_0_7'"},
      {"tl=\"J\"", "tl=\"K\"", "t.net.xml:21: <connection>: unknown signal 'K'"},
      {"linkIndex=\"0\"", "linkIndex=\"4\"", "t.net.xml:12: <tlLogic id=\"J\">: its states have 1 letters but connections use link 4"},
      {"linkIndex=\"0\"", "linkIndex=\"-1\"", "linkIndex -1 is not between"},
      {"linkIndex=\"0\"", "linkIndex=\"99999999999\"", "is not between"},
      {"linkIndex=\"0\"", "", "attribute 'linkIndex' is missing"},
      {"state=\"y\"", "state=\"Q\"", "unknown letter 'Q'"},
      {"state=\"y\"", "state=\"yy\"", "the state has 2 letters, the first phase 1"},
      {"duration=\"5\"", "duration=\"-5\"", "a duration is negative"},
      {"duration=\"5\"", "duration=\"abc\"", "is not a time"},
      {"type=\"dead_end\" x=\"0.00\"", "type=\"dead_ende\" x=\"0.00\"", "did you mean 'dead_end'?"},
      {"incLanes=\"a_0\"", "incLanes=\"a_9\"", "unknown lane 'a_9'"},
      {"<junction id=\"E\"", "<junction id=\"W\"", "a junction of this id exists already"},
      {"response=\"0\"", "response=\"00\"", "request 0 speaks of 2 and 1 links, the junction has 1"},
      {"response=\"0\"", "response=\"2\"", "not made of 0 and 1"},
      {"<request index=\"0\"", "<request index=\"5\"", "expected index 0"},
      {"function=\"internal\"", "function=\"interne\"", "unknown function 'interne'"},
      {"netOffset=\"0.00,0.00\"", "netOffset=\"0.00\"", "netOffset is not 'x,y'"},
      {"<connection from=\":J_0\"", "<conection from=\":J_0\"", "did you mean 'connection'?"},
      {"<net version", "<routes version", "the file holds <routes>"},
      {"</net>", "", "malformed XML"},
      {"<tlLogic id=\"J\" type=\"static\" programID=\"0\"", "<tlLogic id=\"J\" type=\"static\"", "attribute 'programID' is missing"},
      {"</net>", "<roundabout nodes=\"J Q\" edges=\"a\"/></net>", "unknown junction 'Q'"},
      {"</net>", "<roundabout nodes=\"J\" edges=\"a q\"/></net>", "unknown edge 'q'"},
      {"</net>", "<edge id=\"q\" from=\"W\" to=\"J\"></edge></net>", "the edge has no lanes"},
      {"</net>", "<lane id=\"a_1\" index=\"1\" speed=\"1\" length=\"1\" shape=\"0,0 1,1\"/></net>", "inside an edge only"},
      {"</net>", "<edge id=\"x\" function=\"internal\"/></net>", "the id of an internal edge"},
      {"</net>", "<edge id=\"\" from=\"W\" to=\"J\"/></net>", "the id is empty"},
  };
  // clang-format on
  for (broken const& b : table) {
    INFO(b.what << " -> " << b.with);
    CHECK_THAT(message_of(replaced(good, b.what, b.with)), Catch::Contains(b.message));
  }
  CHECK_THAT(message_of("<net/>"), Catch::Contains("has no edges"));
  CHECK_THAT(message_of(""), Catch::Contains("malformed XML"));
  CHECK_THAT(message_of("<routes/>"), Catch::Contains("the file holds <routes>, not a SUMO network"));
}

TEST_CASE("network: a missing, a foreign and a cut gzip file are refused") {
  temp_folder const t;
  CHECK_THROWS_WITH(read_network(t / "none.net.xml"), Catch::Contains("no such file"));
  CHECK_THROWS_WITH(read_network(t.path()), Catch::Contains("is a folder"));
  write_text_file(t / "net.net.xml.gz", tiny_net_text());
  auto const packed = read_network(t / "net.net.xml.gz");
  CHECK(packed->lane_count() == 3);
  CHECK(packed->hash == hash_file(t / "net.net.xml.gz"));
  std::filesystem::resize_file(t / "net.net.xml.gz", 200);
  CHECK_THROWS_WITH(read_network(t / "net.net.xml.gz"), Catch::Contains("gz"));
}

TEST_CASE("network: several programs of one signal are kept in the file's order") {
  std::string const second =
      "<tlLogic id=\"J\" type=\"actuated\" programID=\"night\" offset=\"0\">"
      "<phase duration=\"20\" minDur=\"5\" maxDur=\"50\" state=\"G\"/></tlLogic>\n<junction id=\"W\"";
  auto const net = read_network_text(replaced(tiny_net_text(), "<junction id=\"W\"", second), "t.net.xml");
  auto const& programs = net->signals.programs[*net->find_signal("J")];
  REQUIRE(programs.size() == 2);
  CHECK(programs[1].name == "night");
  CHECK(programs[1].type == "actuated");
  CHECK(programs[1].phases[0].min_s == 5);
  CHECK(programs[1].phases[0].max_s == 50);
  CHECK_THAT(message_of(replaced(tiny_net_text(), "<junction id=\"W\"", replaced(second, "night", "0"))),
             Catch::Contains("program '0' of this signal exists already"));
}

TEST_CASE("network: link sets hold more than 64 links, link 0 last in the text") {
  std::string bits(130, '0');
  bits[129] = '1';  // link 0
  bits[129 - 64] = '1';
  bits[0] = '1';  // link 129
  link_set const s(bits);
  REQUIRE(s.size() == 130);
  std::vector<std::size_t> on;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i]) on.push_back(i);
  }
  CHECK(on == std::vector<std::size_t>{0, 64, 129});
}

TEST_CASE("network: a drawing becomes the network drawn") {
  tiny_network const t(
      "A--B==C\n"
      "   |   \n"
      "   v   \n"
      "   D   \n",
      {.signals = "B"});
  network const& net = *t.net;
  CHECK(net.find_edge("AB"));
  CHECK(net.find_edge("BA"));
  CHECK(net.edges.lanes[*net.find_edge("BC")].size() == 2);
  CHECK(net.find_edge("BD"));
  CHECK_FALSE(net.find_edge("DB"));
  CHECK(net.junctions.type[*net.find_junction("B")] == junction_type::kTrafficLight);
  CHECK(net.signals.programs[*net.find_signal("B")].size() == 1);
  CHECK(net.successors(*net.find_edge("AB")).size() == 2);
  CHECK(net.bounds.max_x - net.bounds.min_x == Approx(300).margin(10));
}

TEST_CASE("network: real files hold exactly the elements a plain count finds") {
  for (char const* name : {"bologna/acosta/acosta_buslanes.net.xml", "bologna/joined/joined_buslanes.net.xml",
                           "resco/cologne1/cologne1.net.xml", "resco/cologne8/cologne8.net.xml",
                           "resco/ingolstadt7/ingolstadt7.net.xml", "porto/porto_vci.net.xml"}) {
    GEMEO_NEED_SHARED(file, name);
    INFO(name);
    std::string const text = without_comments(read_text_file(file));
    auto const net = read_network(file);
    CHECK(net->edge_count() == tags(text, "edge"));
    std::size_t normal = 0;
    for (edge_function const f : net->edges.function) normal += f == edge_function::kNormal ? 1U : 0U;
    CHECK(normal == tags(text, "edge", "", "function="));
    CHECK(net->lane_count() == tags(text, "lane"));
    CHECK(net->junctions.name.size() == tags(text, "junction"));
    CHECK(net->connections.size() == tags(text, "connection"));
    CHECK(net->requests.size() == tags(text, "request"));
    CHECK(net->roundabouts.size() == tags(text, "roundabout"));
    std::size_t programs = 0, phases = 0;
    for (auto const& of_signal : net->signals.programs) {
      programs += of_signal.size();
      for (signal_program const& p : of_signal) phases += p.phases.size();
    }
    CHECK(programs == tags(text, "tlLogic"));
    CHECK(phases == tags(text, "phase"));
    std::size_t signalled = 0;
    for (connection const& c : net->connections) signalled += c.signal.valid() ? 1U : 0U;
    CHECK(signalled == tags(text, "connection", " tl="));
    CHECK(net->has_projection() == (text.find("projParameter=\"!\"") == std::string::npos));
  }
}
