// Merges: who has a lane of the way on for himself, who gives way all the same, and what netconvert is told instead.
#include "sim/network/merges.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/network/mended_lanes.h"
#include "sim/network/mended_parts.h"
#include "sim/network/validate.h"
#include "tests/support/merging_roads.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::size_t count_of(network const& net, std::string const& kind) {
  for (network_finding const& f : validate(net)) {
    if (f.kind == kind) return f.count;
  }
  return 0;
}

}  // namespace

TEST_CASE("merges: who has a lane for himself and gives way is found, who shares one is not") {
  // Both ways lead to the lane in the middle, so that the ramp gives way with its outer lane, too.
  merging_roads const crossed({.ramp = {{0, 0}, {0, 1}}, .main = {{0, 1}, {1, 2}}});
  auto const found = find_merges(*crossed.net);
  REQUIRE(found.size() == 1);
  CHECK(crossed.net->edges.name[found[0].on] == "on");
  REQUIRE(found[0].ways.size() == 2);
  CHECK(crossed.net->edges.name[found[0].ways[0]] == "ramp");  // lies outside
  CHECK((found[0].lanes_in == 3 && found[0].lanes_on == 3 && found[0].ordered && found[0].fast));
  CHECK(found[0].gives_way);
  CHECK(count_of(*crossed.net, "merge_gives_way") == 1);

  merging_roads const tidy({.ramp = {{0, 0}}, .main = {{0, 1}, {1, 2}}});
  REQUIRE(find_merges(*tidy.net).size() == 1);
  CHECK_FALSE(find_merges(*tidy.net)[0].gives_way);
  CHECK(count_of(*tidy.net, "merge_gives_way") == 0);

  merging_roads const shared({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  REQUIRE(find_merges(*shared.net).size() == 1);
  CHECK_FALSE(find_merges(*shared.net)[0].gives_way);
  CHECK(find_merges(*shared.net)[0].joins);
  CHECK(count_of(*shared.net, "merge_gives_way") == 0);
  CHECK(count_of(*shared.net, "ramp_without_lane") == 1);
}

TEST_CASE(
    "merges: a lane is lost where it leads nowhere and the roads behind have as many lanes, not where they have "
    "fewer") {
  merging_roads const lost({.ramp = {{0, 0}}, .main = {{0, 1}}});
  auto const lanes = find_lost_lanes(*lost.net);
  REQUIRE(lanes.size() == 1);
  CHECK(lost.net->lane_name(lanes[0]) == "main_1");
  CHECK(count_of(*lost.net, "lane_lost") == 1);
  merging_roads const narrower({.ramp = {{0, 0}}, .main = {{1, 0}}, .lanes_on = 1});
  CHECK(find_lost_lanes(*narrower.net).empty());
  CHECK(count_of(*narrower.net, "lane_ends") == 1);
}

TEST_CASE(
    "mended lanes: each way into a merge has lanes of its own, the ramp outside; what lies between is the main "
    "road's") {
  merging_roads const r({.ramp = {{0, 0}, {0, 1}}, .main = {{0, 1}, {1, 3}}, .lanes_on = 4});
  mended_connections const m = mend_connections(*r.net, r.plain_connections(), "plain.con.xml");
  CHECK(m.merges == 1);
  auto const line = [](char const* from, int a, int b) {
    return std::string("<connection from=\"") + from + "\" to=\"on\" fromLane=\"" + std::to_string(a) + "\" toLane=\"" +
           std::to_string(b) + "\"/>";
  };
  for (std::string const& l : {line("ramp", 0, 0), line("main", 0, 1), line("main", 0, 2), line("main", 1, 3)})
    CHECK_THAT(m.text, Catch::Contains(l));
  CHECK_THAT(m.text, !Catch::Contains(line("ramp", 0, 1)));
  // A road that is not fast keeps its connections, and so does one that was given permissions by hand.
  merging_roads const slow({.ramp = {{0, 0}, {0, 1}}, .main = {{0, 1}, {1, 2}}, .type = "highway.primary"});
  CHECK(mend_connections(*slow.net, slow.plain_connections(), "plain.con.xml").merges == 0);
  std::string by_hand = r.plain_connections();
  std::size_t const at = by_hand.find("from=\"ramp\"");
  REQUIRE(at != std::string::npos);
  by_hand.insert(at, "disallow=\"truck\" ");
  CHECK_THAT(mend_connections(*r.net, by_hand, "plain.con.xml").text, Catch::Contains("disallow=\"truck\""));
}

TEST_CASE("mended lanes: a loop moves with the piece of its edge and the lanes that were added outside") {
  merging_roads const was({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2});
  merging_roads const is({.ramp = {{0, 0}}, .main = {{0, 0}, {1, 1}}, .lanes_on = 2, .netconvert = "--ramps.guess"});
  REQUIRE(is.net->find_edge("on-AddedOnRampEdge"));
  std::string const loops =
      "<additional><inductionLoop id=\"near\" lane=\"on_1\" pos=\"50\" freq=\"60\" file=\"o\"/><inductionLoop "
      "id=\"far\" "
      "lane=\"on_1\" pos=\"-100\" freq=\"60\" file=\"o\"/><laneAreaDetector id=\"area\" lane=\"on_0\" pos=\"1\"/>"
      "</additional>";
  moved_loops const m = move_loops(*was.net, *is.net, loops, "loops.add.xml");
  CHECK(m.moved == 1);
  CHECK(m.others == 1);
  // The junction is longer by 14 m now: from there, not from the edge.
  CHECK_THAT(m.text, Catch::Contains("id=\"near\" lane=\"on-AddedOnRampEdge_2\" pos=\"35"));
  CHECK_THAT(m.text, Catch::Contains("id=\"far\" lane=\"on_1\""));
  CHECK_THAT(m.text, Catch::Contains("id=\"area\" lane=\"on_0\""));
  CHECK(missing_edges(*was.net, *is.net).empty());
  CHECK(missing_edges(*is.net, *was.net).size() == 1);
  CHECK_THROWS(move_loops(*was.net, *is.net, "<additional><inductionLoop id=\"x\" lane=\"no_0\"/></additional>", "l"));
}
