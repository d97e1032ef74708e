#include "tests/unit/demand/sumo_scene.h"

using namespace gemeo;
using Catch::Matchers::Contains;
using test::sumo_scene;

namespace {
struct broken {
  char const *text, *says;
};
// Each with a part of the message that names what is wrong.
constexpr broken kBroken[] = {
    {"<trip id='v' depart='0' from='q' to='b'/>", "no edge 'q'"},
    {"<vehicle id='v' depart='0'><route edges='a q'/></vehicle>", "no edge 'q'"},
    {"<trip id='v' type='none' depart='0' from='a' to='b'/>", "unknown vehicle type 'none'"},
    {"<vehicle id='v' route='none' depart='0'/>", "unknown route 'none'"},
    {"<vehicle id='v' depart='0'/>", "has no route"},
    {"<trip id='v' depart='0' from='a'/>", "has no route"},
    {"<trip id='v' depart='-1' from='a' to='b'/>", "'depart' is negative"},
    {"<trip id='v' depart='nan' from='a' to='b'/>", "'depart' is not a time"},
    {"<trip id='v' depart='1e300' from='a' to='b'/>", "at most"},
    {"<trip id='v' depart='soon' from='a' to='b'/>", "'depart' is not a time"},
    {"<trip id='v' from='a' to='b'/>", "'depart' is missing"},
    {"<trip depart='0' from='a' to='b'/>", "'id' is missing"},
    {"<vehicle id='v' depart='0'><route edges='a d'/></vehicle>", "from edge 'a' to edge 'd'"},
    {"<vehicle id='v' depart='0'><route edges='b c'/></vehicle>", "edge 'c' permits class 'passenger'"},
    {"<trip id='v' depart='0' from='a' to='c'/>", "edge 'c' permits class 'passenger'"},
    {"<vehicle id='v' depart='0'><route edges=''/></vehicle>", "has no edges"},
    {"<vehicle id='v' depart='0'><route edges='a'/><route edges='b'/></vehicle>", "second route"},
    {"<trip id='v' depart='0' from='a' to='b'/><trip id='v' depart='1' from='a' to='b'/>", "exists already"},
    {"<vType id='t'/><vType id='t'/>", "exists already"},
    {"<route id='r' edges='a'/><route id='r' edges='b'/>", "exists already"},
    {"<flow id='f' end='9' number='1' from='a' to='b'/><trip id='f.0' depart='0' from='a' to='b'/>", "exists already"},
    {"<vTypeDistribution id='m' vTypes='n'/><vTypeDistribution id='n' vTypes='m'/><trip id='v' type='m' depart='0' "
     "from='a' to='b'/>",
     "holds itself"},
    {"<routeDistribution id='m' routes='m'/><vehicle id='v' route='m' depart='0'/>", "holds itself"},
    {"<vTypeDistribution id='m'/>", "mix of nothing"},
    {"<vType id='t'/><vTypeDistribution id='m' vTypes='t' probabilities='1 2'/>", "1 parts but 2 probabilities"},
    {"<vType id='t' probability='0'/><vType id='u' probability='0'/><vTypeDistribution id='m' vTypes='t u'/><trip "
     "id='v' type='m' depart='0' from='a' to='b'/>",
     "mix of nothing"},
    {"<vType id='t' length='-1'/>", "'length' is negative"},
    {"<vType id='t' maxSpeed='0'/>", "'maxSpeed' must be above 0"},
    {"<vType id='t' vClass='boat'/>", "unknown vehicle class 'boat'"},
    {"<vType id='t' speedFactor='normc(1,0.1,2,1)'/>", "bounds"},
    {"<vType id='t' speedFactor='uniform(1,2)'/>", "normc"},
    {"<flow id='f' begin='0' end='9' from='a' to='b'/>", "how many"},
    {"<flow id='f' begin='0' end='9' number='99999999999' from='a' to='b'/>", "at most 20000000"},
    {"<flow id='f' begin='0' end='9' period='0' from='a' to='b'/>", "below 1 ms"},
    {"<flow id='f' begin='0' end='9' period='1' number='3' from='a' to='b'/>", "'end' and 'number'"},
    {"<flow id='f' begin='0' end='9' period='1' probability='0.3' from='a' to='b'/>", "more than one"},
    {"<flow id='f' begin='0' end='9' probability='2' from='a' to='b'/>", "at most 1"},
    {"<flow id='f' begin='9' end='0' period='1' from='a' to='b'/>", "before it begins"},
    {"<flow id='f' begin='0' end='9' period='exp(-1)' from='a' to='b'/>", "exp("},
    {"<trip id='v' depart='0' departLane='7' from='a' to='b'/>", "edge 'a' has 2"},
    {"<trip id='v' depart='0' departLane='left' from='a' to='b'/>", "'departLane'"},
    {"<trip id='v' depart='0' departPos='101' from='a' to='b'/>", "100 m long"},
    {"<trip id='v' depart='0' departSpeed='nan' from='a' to='b'/>", "'departSpeed'"},
    {"<trip id='v' depart='0' departSpeed='90' from='a' to='b'/>", "reaches"},
    {"<trip id='v' depart='0' from='a' to='b'><stop busStop='s' duration='1'/></trip>", "unknown stop 's'"},
    {"<trip id='v' depart='0' from='a' to='b'><stop lane='b_0'/></trip>", "'duration' nor 'until'"},
    {"<trip id='v' depart='0' from='a' to='b'><stop lane='a_0' duration='1'/></trip>", "does not permit"},
    {"<vehicle id='v' depart='0'><route edges='b d'/><stop lane='a_1' duration='1'/></vehicle>", "does not come to"},
    {"<busStop id='s' lane='b_7'/>", "no lane 'b_7'"},
    {"<busStop id='s' lane='b_0' startPos='300'/>", "lane of 200 m"},
    {"<busStop id='s' lane='b_0'/><busStop id='s' lane='b_0'/>", "exists already"},
    {"<e1Detector id='e' lane='b_0' pos='201' file='x'/>", "200 m long"},
    {"<e1Detector id='e' lane='b_0' file='x'/>", "'pos' is missing"},
    {"<e2Detector id='e' lane='b_9' file='x'/>", "no lane 'b_9'"},
    {"<e2Detector id='e' lanes='b_0 a_0' pos='1' endPos='9' file='x'/>", "do not follow each other"},
    {"<e2Detector id='e' lanes='b_0 b_0' pos='1' endPos='9' file='x'/>", "each once"},
    {"<e2Detector id='e' lanes='a_0 b_0' pos='1' file='x'/>", "'endPos' is missing"},
    {"<e2Detector id='e' lanes='' pos='1' endPos='9' file='x'/>", "names no lane"},
    {"<e2Detector id='e' lane='b_0' pos='90' endPos='20' file='x'/>", "from 90 m to 20 m"},
    {"<e2Detector id='e' lane='b_0' pos='1' endPos='20' length='7' file='x'/>", "two of them"},
    {"<e2Detector id='e' lane='b_0' endPos='201' file='x'/>", "200 m long"},
    {"<e2Detector id='e' lane='b_0' speedThreshold='-1' file='x'/>", "negative"},
    {"<e2Detector id='e' lane='b_0' file='x'/><laneAreaDetector id='e' lane='b_0' file='x'/>", "exists already"},
    {"<tlLogic id='Q' programID='1'><phase duration='1' state='G'/></tlLogic>", "no traffic light 'Q'"},
    {"<tlLogic id='J' programID='0'><phase duration='1' state='GG'/></tlLogic>", "exists already"},
    {"<tlLogic id='J' programID='1'><phase duration='1' state='G'/></tlLogic>", "2 links"},
    {"<tlLogic id='J' programID='1'><phase duration='1' state='GX'/></tlLogic>", "'X'"},
    {"<tlLogic id='J' programID='1'/>", "no phase"},
    {"<include href='other.xml'/>", "names another file"},
    {"<trip id='v' depart='0' from='a' to='b'>", "malformed XML"},
};
}  // namespace

TEST_CASE("sumo demand: broken input is refused, naming the file, the line and what is wrong") {
  sumo_scene const s;
  for (broken const& b : kBroken) {
    INFO(b.text);
    std::string const message = s.message(b.text);
    CHECK_THAT(message, Contains("scene.rou.xml:1") && Contains(b.says));
  }
}

TEST_CASE("sumo demand: a network or a configuration in place of demand is refused by its root") {
  sumo_scene const s;
  for (char const* const text : {"<net/>", "<configuration/>", "<trip id='v'/>"})
    CHECK_THROWS_AS(parse_sumo_demand(*s.net, text, "x.xml", s.times), error);
}

TEST_CASE("sumo demand: distributions that multiply by nesting stay small") {
  sumo_scene const s;
  std::string text = "<vType id='d0'/><vType id='e'/>";
  for (int i = 1; i < 30; ++i) {
    std::string const before = "d" + std::to_string(i - 1);
    text += "<vTypeDistribution id='d" + std::to_string(i) + "' vTypes='" + before + " " + before + " e'/>";
  }
  CHECK(s.read(text + "<trip id='v' type='d29' depart='0' from='a' to='b'/>").travellers.size() == 1);
}
