#include <algorithm>
#include <cmath>
#include <set>

#include "sim/core/random.h"
#include "sim/core/text_file.h"
#include "tests/support/shared_data.h"
#include "tests/unit/demand/sumo_scene.h"

using namespace gemeo;
using Catch::Matchers::Contains;
using test::sumo_scene;

namespace {

constexpr char const* kAb = "<route id=\"ab\" edges=\"a b\"/>";

std::vector<std::string> names(sumo_inputs const& in) { return in.travellers.vehicles.name.raw(); }
std::vector<double> departs(sumo_inputs const& in) { return in.travellers.vehicles.depart_s.raw(); }
vehicle_type const& type_of(sumo_inputs const& in, std::size_t i = 0) {
  return in.travellers.types[in.travellers.vehicles.type[vehicle_id(i)]];
}

}  // namespace

TEST_CASE("sumo demand: a vehicle without type has SUMO's default one, enters as SUMO lets it and is a passenger car") {
  sumo_scene const s;
  auto const in = s.read(std::string(kAb) + "<vehicle id=\"v\" route=\"ab\" depart=\"3\"/>");
  REQUIRE(in.travellers.size() == 1);
  vehicle_table const& v = in.travellers.vehicles;
  vehicle_id const id(0U);
  CHECK(v.name[id] == "v");
  CHECK(v.key[id] == entity_key("v"));
  CHECK(v.depart_s[id] == 3);
  CHECK(v.from[id] == s.edge("a"));
  CHECK(v.to[id] == s.edge("b"));
  CHECK(in.travellers.route(v.route[id]).size() == 2);
  REQUIRE(v.start.size() == 1);
  CHECK(v.start[id].lane == depart_lane::kFirst);
  CHECK(v.start[id].pos == depart_pos::kBase);
  CHECK(v.start[id].speed == depart_speed::kGiven);
  CHECK(v.start[id].speed_mps == 0);
  CHECK(v.start[id].end == arrival_pos::kMax);
  CHECK(type_of(in).name == "DEFAULT_VEHTYPE");
  CHECK(type_of(in).cls == vclass::kPassenger);
  CHECK(type_of(in).length_m == 5);
  CHECK(in.ignored.empty());
  CHECK(in.unsupported.empty());
}

TEST_CASE("sumo demand: a class brings the defaults of SUMO 1.15, and an attribute replaces its own alone") {
  sumo_scene const s;
  auto const in = s.read(
      "<vType id=\"t\" vClass=\"truck\" decel=\"8\" color=\"red\" lcStrategic=\"2\"/><vType id=\"b\" vClass=\"bus\"/>"
      "<vType id=\"i\" vClass=\"ignoring\"/><vType id=\"m\" vClass=\"motorcycle\" speedFactor=\"1.2\"/>");
  REQUIRE(in.travellers.types.size() == 4);
  vehicle_type const& t = in.travellers.types[vtype_id(0U)];
  CHECK(t.length_m == 7.1);
  CHECK(t.width_m == 2.4);
  CHECK(t.max_speed_mps == Approx(130 / 3.6));
  CHECK(t.accel_mps2 == 1.3);
  CHECK(t.decel_mps2 == 8);
  CHECK(t.emergency_decel_mps2 == 8);  // never weaker than the usual braking
  CHECK(t.speed_factor_dev == 0.05);
  CHECK(t.other == std::map<std::string, std::string>{{"lcStrategic", "2"}});
  vehicle_type const& b = in.travellers.types[vtype_id(1U)];
  CHECK(b.length_m == 12);
  CHECK(b.speed_factor_dev == 0);
  CHECK(b.emission_class == "HBEFA3/Bus");
  CHECK(in.travellers.types[vtype_id(2U)].cls == vclass::kIgnoring);
  vehicle_type const& m = in.travellers.types[vtype_id(3U)];
  CHECK(m.speed_factor == 1.2);
  CHECK(m.speed_factor_dev == 0.1);
  CHECK(m.decel_mps2 == 10);
}

TEST_CASE("sumo demand: departure, arrival and place are read in SUMO's words, positions below 0 from the end") {
  sumo_scene const s;
  auto const in = s.read(
      "<vehicle id=\"v\" depart=\"0:01:05\" departLane=\"1\" departPos=\"-30\" departSpeed=\"speedLimit\" "
      "arrivalPos=\"-1\" "
      "arrivalLane=\"0\" arrivalSpeed=\"2.5\" line=\"12\" speedFactor=\"0.5\"><route edges=\"a b\"/></vehicle>"
      "<vehicle id=\"w\" depart=\"66\" departLane=\"best\" departPos=\"random_free\" departSpeed=\"max\" "
      "arrivalPos=\"center\"><route edges=\"a b\"/></vehicle>");
  REQUIRE(in.travellers.size() == 2);
  vehicle_table const& v = in.travellers.vehicles;
  departure const& d = v.start[vehicle_id(0U)];
  CHECK(v.depart_s[vehicle_id(0U)] == 65);
  CHECK(d.lane == depart_lane::kGiven);
  CHECK(d.lane_index == 1);
  CHECK(d.pos_m == 70);
  CHECK(d.speed == depart_speed::kSpeedLimit);
  CHECK(d.end_pos_m == 199);
  CHECK(d.end_lane == 0);
  CHECK(d.end_speed_mps == 2.5);
  CHECK(v.speed_factor[vehicle_id(0U)] == 0.5F);
  CHECK(in.travellers.lines[v.line[vehicle_id(0U)]].name == "12");
  CHECK(v.start[vehicle_id(1U)].lane == depart_lane::kBest);
  CHECK(v.start[vehicle_id(1U)].pos == depart_pos::kRandomFree);
  CHECK(v.start[vehicle_id(1U)].end == arrival_pos::kCenter);
}

TEST_CASE("sumo demand: vehicles stand in order of departure, ties in order of reading, those of flows last") {
  sumo_scene const s;
  auto const in = s.read(
      "<flow id=\"f\" begin=\"5\" end=\"6\" number=\"1\" from=\"a\" to=\"b\"/><trip id=\"z\" depart=\"5\" from=\"a\" "
      "to=\"b\"/><trip id=\"y\" depart=\"5\" from=\"a\" to=\"b\"/><trip id=\"x\" depart=\"3\" from=\"a\" to=\"b\"/>");
  CHECK(names(in) == std::vector<std::string>{"x", "z", "y", "f.0"});
  REQUIRE(in.notes.size() == 1);  // SUMO leaves out what stands after a later departure
  CHECK_THAT(in.notes[0], Contains("\"x\"") && Contains("SUMO 1.15"));
}

TEST_CASE("sumo demand: who departs before the begin or not before the end is left out") {
  sumo_scene s;
  s.times.begin_s = 10;
  s.times.end_s = 20;
  auto const in = s.read(
      "<trip id=\"x\" depart=\"5\" from=\"a\" to=\"b\"/><trip id=\"y\" depart=\"10\" from=\"a\" to=\"b\"/>"
      "<trip id=\"z\" depart=\"20\" from=\"a\" to=\"b\"/>");
  CHECK(names(in) == std::vector<std::string>{"y"});
}

// Departures as `sumo --vehroute-output.intended-depart` of SUMO 1.15 tells them for the same flows.
TEST_CASE("sumo demand: flows depart when SUMO's do, and count from the first that departs in time") {
  sumo_scene s;
  s.times.end_s = 300;
  auto const of = [&](std::string const& attributes) {
    return departs(s.read("<flow id=\"f\" " + attributes + " from=\"a\" to=\"b\"/>"));
  };
  using times = std::vector<double>;
  CHECK(of("begin=\"0\" end=\"110\" period=\"30\"") == times{0, 30, 60, 90});
  CHECK(of("begin=\"0\" end=\"100\" period=\"30\"") == times{0, 30, 60, 90});
  CHECK(of("begin=\"0\" end=\"90\" period=\"30\"") == times{0, 30, 60});
  CHECK(of("begin=\"0\" end=\"10\" vehsPerHour=\"1000\"") == times{0, 3.6, 7.2});
  CHECK(of("begin=\"0\" number=\"4\" period=\"7\"") == times{0, 7, 14, 21});
  CHECK(of("begin=\"50\" end=\"50\" period=\"10\"").empty());
  CHECK(of("begin=\"0\" end=\"100\" number=\"0\"").empty());
  s.times.begin_s = 50;
  CHECK(of("begin=\"0\" end=\"100\" number=\"7\"") == times{57.14, 71.425, 85.71});
  auto const late = s.read("<flow id=\"f\" begin=\"0\" end=\"110\" period=\"30\" from=\"a\" to=\"b\"/>");
  CHECK(departs(late) == times{60, 90});
  CHECK(names(late) == std::vector<std::string>{"f.0", "f.1"});
  s.times = {0, 400, 1, 7};
  CHECK(of("begin=\"10\" number=\"4\"") == times{10, 107.5, 205, 302.5});
  s.times.end_s = std::numeric_limits<double>::infinity();
  CHECK(of("number=\"3\"") == times{0, 28800, 57600});
}

TEST_CASE("sumo demand: an interval lends its times to the flows inside") {
  sumo_scene const s;
  auto const in =
      s.read("<interval begin=\"10\" end=\"50\"><flow id=\"f\" number=\"2\" from=\"a\" to=\"b\"/></interval>");
  CHECK(departs(in) == std::vector<double>{10, 30});
}

TEST_CASE("sumo demand: random flows have their mean, and a later begin of the run changes no one who departs") {
  sumo_scene s;
  s.times.end_s = 20000;
  char const* const kinds[] = {"period=\"exp(0.1)\"", "probability=\"0.1\""};
  for (char const* const kind : kinds) {
    INFO(kind);
    std::string const flow = std::string("<flow id=\"f\" begin=\"0\" ") + kind + " from=\"a\" to=\"b\"/>";
    s.times.begin_s = 0;
    auto const all = s.read(flow);
    CHECK(static_cast<double>(all.travellers.size()) == Approx(2000).margin(4 * std::sqrt(2000.0)));
    CHECK(s.read(flow).travellers.hash() == all.travellers.hash());
    s.times.begin_s = 7000;
    auto const some = s.read(flow);
    std::size_t const n = some.travellers.size(), skipped = all.travellers.size() - n;
    REQUIRE(n > 500);
    for (std::size_t i = 0; i < n; ++i) {
      vehicle_id const a(skipped + i), b(i);
      REQUIRE(all.travellers.vehicles.key[a] == some.travellers.vehicles.key[b]);
      REQUIRE(all.travellers.vehicles.depart_s[a] == some.travellers.vehicles.depart_s[b]);
      REQUIRE(all.travellers.vehicles.speed_factor[a] == some.travellers.vehicles.speed_factor[b]);
    }
  }
}

TEST_CASE("sumo demand: types are drawn by their probabilities, through nested and named distributions") {
  sumo_scene const s;
  auto const in = s.read(
      "<vTypeDistribution id=\"inner\"><vType id=\"p\" probability=\"3\"/><vType id=\"q\" probability=\"1\"/>"
      "</vTypeDistribution><vType id=\"r\"/><vTypeDistribution id=\"outer\" vTypes=\"inner r\" probabilities=\"1 1\"/>"
      "<flow id=\"f\" begin=\"0\" end=\"1000\" number=\"8000\" type=\"outer\" from=\"a\" to=\"b\"/>");
  std::map<std::string, double> share;
  for (std::size_t i = 0; i < in.travellers.size(); ++i) share[type_of(in, i).name] += 1.0 / 8000;
  CHECK(share["p"] == Approx(0.375).margin(0.022));
  CHECK(share["q"] == Approx(0.125).margin(0.016));
  CHECK(share["r"] == Approx(0.5).margin(0.023));
}

TEST_CASE("sumo demand: speed factors keep to their bounds, and another seed draws others") {
  sumo_scene s;
  std::string const text =
      "<vType id=\"t\" speedFactor=\"normc(1.1,0.2,1,1.3)\"/><vType id=\"one\" speedFactor=\"1.5\" speedDev=\"0\"/>"
      "<flow id=\"f\" begin=\"0\" end=\"1000\" number=\"2000\" type=\"t\" from=\"a\" to=\"b\"/>"
      "<trip id=\"v\" depart=\"999\" type=\"one\" from=\"a\" to=\"b\"/>";
  auto const in = s.read(text);
  double least = 9, most = 0;
  for (std::size_t i = 0; i < in.travellers.size(); ++i) {
    auto const v = static_cast<double>(in.travellers.vehicles.speed_factor[vehicle_id(i)]);
    if (in.travellers.vehicles.name[vehicle_id(i)] == "v") {
      CHECK(v == 1.5);
      continue;
    }
    least = std::min(least, v);
    most = std::max(most, v);
  }
  CHECK(least >= 0.99999);
  CHECK(most <= 1.30001);
  CHECK(most - least > 0.28);
  s.times.seed = 8;
  CHECK(s.read(text).travellers.hash() != in.travellers.hash());
}

TEST_CASE("sumo demand: routes are drawn from distributions, by name or written inside a vehicle") {
  sumo_scene const s;
  auto const in = s.read(
      "<route id=\"one\" edges=\"a b\"/><routeDistribution id=\"d\"><route id=\"two\" edges=\"a b d\" "
      "probability=\"3\"/>"
      "<route refId=\"one\" probability=\"1\"/></routeDistribution>"
      "<flow id=\"f\" begin=\"0\" end=\"1000\" number=\"4000\" route=\"d\"/>"
      "<vehicle id=\"v\" depart=\"1\"><routeDistribution last=\"0\"><route edges=\"b d\" probability=\"1\"/>"
      "<route edges=\"a b\" probability=\"0\"/></routeDistribution></vehicle>");
  double longer = 0;
  for (std::size_t i = 0; i < in.travellers.size(); ++i) {
    auto const route = in.travellers.route(in.travellers.vehicles.route[vehicle_id(i)]);
    longer += route.size() == 3;
    if (in.travellers.vehicles.name[vehicle_id(i)] == "v") CHECK(route.front() == s.edge("b"));
  }
  CHECK(longer / 4000 == Approx(0.75).margin(0.028));
}

TEST_CASE("sumo demand: stops are those of the route, then the vehicle's own, by name or by place") {
  sumo_scene const s;
  auto const in = s.read(
      "<vType id=\"bus\" vClass=\"bus\"/><busStop id=\"s1\" lane=\"a_0\" startPos=\"10\" endPos=\"30\" name=\"First\"/>"
      "<route id=\"r\" edges=\"a b c\"><stop busStop=\"s1\" duration=\"20\" until=\"40\"/></route>"
      "<vehicle id=\"v\" type=\"bus\" route=\"r\" depart=\"100\"><stop lane=\"c_0\" endPos=\"-50\" duration=\"5\"/>"
      "</vehicle>");
  REQUIRE(in.travellers.size() == 1);
  range const r = in.travellers.vehicles.stops[vehicle_id(0U)];
  REQUIRE(r.size() == 2);
  stop_call const& first = in.travellers.stop_calls[r.begin];
  CHECK(in.travellers.stops[first.stop].label == "First");
  CHECK(first.duration_s == 20);
  CHECK(first.until_s == 140);  // of a route: from the vehicle's departure on
  bus_stop const& second = in.travellers.stops[in.travellers.stop_calls[r.begin + 1].stop];
  CHECK(second.lane == s.net->find_lane("c_0").value());
  CHECK(second.end_m == 250);
  CHECK(second.begin_m == Approx(249.8));
  CHECK(in.travellers.vehicles.why[vehicle_id(0U)] == purpose::kBus);
}

TEST_CASE("sumo demand: a trip keeps what it passes on the way, its stops too") {
  sumo_scene const s;
  auto const in =
      s.read("<trip id=\"t\" depart=\"0\" from=\"a\" to=\"d\" via=\"b\"><stop lane=\"b_0\" duration=\"1\"/></trip>");
  REQUIRE(in.via.size() == 1);
  CHECK(in.via.at(vehicle_id(0U)) == std::vector<edge_id>{s.edge("b")});
  CHECK_FALSE(in.travellers.vehicles.route[vehicle_id(0U)].valid());
}

TEST_CASE("sumo demand: loops and signal programs are read, output definitions named as ignored") {
  sumo_scene const s;
  auto const in = s.read(
      "<e1Detector id=\"d1\" lane=\"b_0\" pos=\"-20\" freq=\"300\" file=\"x\"/><inductionLoop id=\"d2\" lane=\"b_0\" "
      "pos=\"500\" friendlyPos=\"true\" period=\"60\" file=\"x\"/><tlLogic id=\"J\" type=\"static\" programID=\"new\" "
      "offset=\"3\"><phase duration=\"20\" state=\"Gr\" minDur=\"5\"/><phase duration=\"20\" state=\"rG\"/></tlLogic>"
      "<edgeData id=\"e\" file=\"y\"/><poly id=\"p\"><param key=\"k\" value=\"v\"/></poly><taz id=\"z\"><tazSource "
      "id=\"a\" weight=\"1\"/></taz><e3Detector id=\"e3\" file=\"z\"><detEntry lane=\"b_0\" pos=\"1\"/></e3Detector>");
  REQUIRE(in.loops.size() == 2);
  CHECK(in.loops[0].pos_m == 180);
  CHECK(in.loops[0].period_s == 300);
  CHECK(in.loops[1].pos_m == 200);
  auto const& programs = in.programs[s.net->find_signal("J").value()];
  REQUIRE(programs.size() == 1);
  CHECK(programs[0].name == "new");
  CHECK(programs[0].offset_s == 3);
  REQUIRE(programs[0].phases.size() == 2);
  CHECK(programs[0].phases[0].min_s == 5);
  CHECK(in.ignored.size() == 4);
  CHECK(in.unsupported.empty());
}

TEST_CASE("sumo demand: lane areas are placed as SUMO places them, and those beyond us named as ignored") {
  sumo_scene const s;
  auto const in = s.read(
      "<laneAreaDetector id=\"whole\" lane=\"b_0\" file=\"x\"/>"
      "<e2Detector id=\"end\" lane=\"b_0\" pos=\"-50\" endPos=\"-0.05\" freq=\"60\" timeThreshold=\"3\" "
      "speedThreshold=\"2\" jamThreshold=\"7\" file=\"x\"/>"
      "<e2Detector id=\"long\" lane=\"b_0\" endPos=\"150\" length=\"100\" file=\"x\"/>"
      "<laneAreaDetector id=\"over\" lanes=\"a_0 b_0\" pos=\"40\" endPos=\"30\" file=\"x\"/>"
      "<laneAreaDetector id=\"beyond\" lane=\"b_0\" endPos=\"50\" length=\"100\" file=\"x\"/>"
      "<laneAreaDetector id=\"light\" lane=\"b_0\" tl=\"J\" file=\"x\"/>"
      "<laneAreaDetector id=\"buses\" lane=\"b_0\" vTypes=\"bus\" file=\"x\"/>");
  REQUIRE(in.areas.size() == 4);
  CHECK(in.areas[0].begin_m == 0);
  CHECK(in.areas[0].end_m == 200);
  CHECK(std::isinf(in.areas[0].period_s));
  CHECK(in.areas[0].halt_mps == Approx(5 / 3.6));
  CHECK(in.areas[0].jam_s == 1);
  CHECK(in.areas[1].begin_m == 150);
  CHECK(in.areas[1].end_m == 200);  // within 10 cm of the lane's end
  CHECK(in.areas[1].period_s == 60);
  CHECK(in.areas[1].halt_mps == 2);
  CHECK(in.areas[1].jam_s == 3);
  CHECK(in.areas[1].jam_gap_m == 7);
  CHECK(in.areas[2].begin_m == 50);
  CHECK(in.areas[2].end_m == 150);
  CHECK(in.areas[3].lanes.size() >= 2);
  CHECK(in.areas[3].lanes.front() == *s.net->find_lane("a_0"));
  CHECK(in.areas[3].lanes.back() == *s.net->find_lane("b_0"));
  CHECK(in.ignored.size() == 3);
}

TEST_CASE("sumo demand: what SUMO would obey and we cannot say goes by file, line and element into the list") {
  sumo_scene const s;
  char const* const elements[] = {
      "<person id=\"p\" depart=\"0\"><walk from=\"a\" to=\"b\"/></person>",
      "<person id=\"p\" depart=\"0\"><ride from=\"a\" to=\"b\" lines=\"v\"/></person>",
      "<person id=\"p\" depart=\"triggered\"><ride from=\"a\" to=\"b\" lines=\"v\"/></person>",
      "<personFlow id=\"p\" begin=\"0\" end=\"9\" number=\"3\"><personTrip from=\"a\" to=\"b\"/></personFlow>",
      "<containerFlow id=\"p\" begin=\"0\" end=\"9\" number=\"3\"/>",
      "<calibrator id=\"c\" edge=\"a\" pos=\"0\"/>",
      "<rerouter id=\"r\" edges=\"a\"><interval end=\"9\"><closingReroute id=\"b\"/></interval></rerouter>",
      "<variableSpeedSign id=\"s\" lanes=\"a_0\"/>",
      "<WAUT id=\"w\" startProg=\"0\"/>",
      "<vehicle id=\"v\" depart=\"triggered\"><route edges=\"a b\"/></vehicle>",
      "<trip id=\"v\" depart=\"0\" fromTaz=\"1\" toTaz=\"2\"/>",
      "<route id=\"r\" edges=\"a b\" repeat=\"3\"/>",
      "<trip id=\"v\" depart=\"0\" from=\"a\" to=\"b\"><stop parkingArea=\"p\" duration=\"3\"/></trip>",
      "<trip id=\"v\" depart=\"0\" from=\"a\" to=\"b\"><stop lane=\"b_0\" triggered=\"true\"/></trip>",
      "<trip id=\"v\" depart=\"0\" from=\"a\" to=\"b\"><param key=\"has.rerouting.device\" value=\"true\"/></trip>",
      "<tlLogic id=\"J\" programID=\"n\" type=\"actuated\"><param key=\"max-gap\" value=\"2\"/><phase duration=\"9\" "
      "state=\"GG\"/></tlLogic>",
      "<vehcle id=\"v\" depart=\"0\"/>",
  };
  for (char const* const e : elements) {
    INFO(e);
    auto const in = s.read(std::string("\n") + e);
    REQUIRE_FALSE(in.unsupported.empty());
    CHECK_THAT(in.unsupported[0], Contains("scene.rou.xml:2: <"));
  }
  std::string many;
  for (int i = 0; i < 500; ++i) many += "<container id=\"p\" depart=\"0\"/>";
  auto const in = s.read(many);
  REQUIRE(in.unsupported.size() == 11);
  CHECK_THAT(in.unsupported.back(), Contains("490 more"));
}

TEST_CASE("sumo demand: start columns follow their vehicles through sort and filter, and count in the hash") {
  sumo_scene const s;
  demand d = s.read(
                  "<vehicle id=\"v\" depart=\"1\" departPos=\"10\"><route edges=\"a b\"/></vehicle><vehicle id=\"w\" "
                  "depart=\"2\" departPos=\"20\"><route edges=\"a b\"/></vehicle>")
                 .travellers;
  std::uint64_t const before = d.hash();
  d.vehicles.depart_s[vehicle_id(0U)] = 3;
  d.sort();
  CHECK(d.vehicles.start[vehicle_id(0U)].pos_m == 20);
  CHECK(d.vehicles.start[vehicle_id(1U)].pos_m == 10);
  d.filter({false, true});
  REQUIRE(d.vehicles.start.size() == 1);
  CHECK(d.vehicles.start[vehicle_id(0U)].pos_m == 10);
  d.vehicles.depart_s[vehicle_id(0U)] = 1;
  std::uint64_t const there = d.hash();
  d.vehicles.start[vehicle_id(0U)].pos_m = 11;
  CHECK(d.hash() != there);
  CHECK(before != there);
}

TEST_CASE("sumo demand: files are read in order, plain or packed, with what they include, and definitions may follow") {
  sumo_scene const s;
  test::temp_folder const dir;
  write_text_file(dir / "a.rou.xml.gz",
                  "<routes><trip id=\"t\" type=\"late\" depart=\"1\" from=\"a\" to=\"b\"/></routes>");
  write_text_file(dir / "b.add.xml", "<additional><include href=\"c.add.xml\"/></additional>");
  write_text_file(dir / "c.add.xml", "<additional><vType id=\"late\" length=\"9\"/></additional>");
  auto const in = read_sumo_demand(*s.net, {dir / "a.rou.xml.gz", dir / "b.add.xml"}, s.times);
  REQUIRE(in.travellers.size() == 1);
  CHECK(type_of(in).length_m == 9);
  write_text_file(dir / "c.add.xml", "<additional><include href=\"b.add.xml\"/></additional>");
  CHECK_THROWS_WITH(read_sumo_demand(*s.net, {dir / "b.add.xml"}, s.times), Contains("include each other"));
}

namespace {

constexpr char const* kStops =
    "<busStop id=\"s\" lane=\"a_0\" startPos=\"20\" endPos=\"40\"/><busStop id=\"t\" lane=\"b_0\" startPos=\"20\" "
    "endPos=\"40\"/>";

std::string person(std::string const& plan) {
  return std::string(kStops) + "<person id=\"p\" depart=\"7\">" + plan + "</person>";
}

}  // namespace

TEST_CASE("sumo demand: people who ride from stop to stop are passengers, in order of departure; flows make theirs") {
  sumo_scene const s;
  auto const in =
      s.read(std::string(kStops) +
             "<personFlow id=\"f\" begin=\"5\" end=\"8\" personsPerHour=\"3600\"><stop busStop=\"s\" duration=\"3\" "
             "until=\"60\"/><ride busStop=\"t\" lines=\"L1 v  ANY\"/></personFlow><person id=\"p\" depart=\"5.5\" "
             "color=\"red\"><param "
             "key=\"any\" value=\"thing\"/><stop busStop=\"s\" duration=\"0\"/><ride from=\"a\" busStop=\"t\" "
             "to=\"b\"/><ride busStop=\"s\" "
             "lines=\"L2\"/></person>");
  CHECK(in.unsupported.empty());
  CHECK(in.ignored.empty());
  demand const& d = in.travellers;
  REQUIRE(d.passengers.size() == 4);
  std::vector<std::string> names;
  for (passenger const& p : d.passengers) names.push_back(p.name);
  CHECK(names == std::vector<std::string>{"f.0", "p", "f.1", "f.2"});
  ride const& flow = d.rides[d.passengers[passenger_id(0U)].rides.begin];
  CHECK(flow.from == stop_id(0U));
  CHECK(flow.to == stop_id(1U));
  CHECK(flow.stay_s == 3);
  CHECK(flow.stay_until_s == 60);
  CHECK(d.served_by[flow.served_by] == std::vector<std::string>{"L1", "v", "ANY"});
  range const two = d.passengers[passenger_id(1U)].rides;
  REQUIRE(two.size() == 2);
  CHECK(d.served_by[d.rides[two.begin].served_by] == std::vector<std::string>{"ANY"});
  CHECK(d.rides[two.begin + 1].from == stop_id(1U));
  CHECK(d.rides[two.begin + 1].to == stop_id(0U));
  auto const other = s.read(person("<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\"/>"));
  auto const later = s.read(person("<stop busStop=\"s\" duration=\"1\"/><ride busStop=\"t\"/>"));
  CHECK(other.travellers.hash() != later.travellers.hash());
}

TEST_CASE("sumo demand: plans that SUMO would not carry out are refused, by line and element") {
  sumo_scene const s;
  auto const refused = [&](std::string const& text, char const* why) {
    INFO(text);
    CHECK_THROWS_WITH(s.read(text), Contains(why));
  };
  refused(person(""), "has no plan");
  refused(person("<stop busStop=\"x\" duration=\"0\"/><ride busStop=\"t\"/>"), "unknown stop 'x'");
  refused(person("<stop busStop=\"s\"/><ride busStop=\"t\"/>"), "neither 'duration' nor 'until'");
  refused(person("<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\"/><stop busStop=\"s\" duration=\"0\"/>"),
          "is at 't'");
  refused(person("<stop busStop=\"s\" duration=\"0\"/><ride from=\"b\" busStop=\"t\"/>"), "is on edge 'a'");
  refused(person("<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\" lines=\" \"/>"), "names no line");
  refused(person("<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\"/>") +
              "<personFlow id=\"p\" number=\"2\" end=\"9\"/>",
          "of this id exists already");
  std::string const ride = "<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\"/></person>";
  auto const typed = [&](char const* type) {
    return std::string(kStops) + "<vType id=\"old\"/><person id=\"p\" depart=\"7\" type=\"" + type + "\">" + ride;
  };
  refused(typed("odl"), "names the unknown vehicle type 'odl'");
  for (char const* type : {"old", "DEFAULT_PEDTYPE", "DEFAULT_VEHTYPE"})
    CHECK(s.read(typed(type)).travellers.passengers.size() == 1);
}

TEST_CASE("sumo demand: of people, what only SUMO can do is told by name, and who rides nowhere is passed over") {
  sumo_scene const s;
  auto const told = [&](std::string const& plan, char const* what) {
    INFO(plan);
    auto const in = s.read(person(plan));
    REQUIRE(in.unsupported.size() == 1);
    CHECK_THAT(in.unsupported[0], Contains(what) && Contains("scene.rou.xml:"));
    CHECK(in.travellers.passengers.empty());
  };
  told("<stop busStop=\"s\" duration=\"0\"/><walk busStop=\"t\"/>", "<walk>");
  told("<ride from=\"a\" busStop=\"t\"/>", "does not begin at a bus stop");
  told("<stop busStop=\"s\" duration=\"0\"/><ride to=\"b\"/>", "a <ride> at no bus stop");
  told("<stop busStop=\"s\" duration=\"0\"/><stop busStop=\"s\" until=\"9\"/><ride busStop=\"t\"/>", "two stays");
  told("<stop busStop=\"s\" duration=\"0\"/><ride busStop=\"t\" lines=\"taxi\"/>", "taxi");
  told("<stop busStop=\"s\" duration=\"0\" jump=\"3\"/><ride busStop=\"t\"/>", "'jump'");
  auto const flow = s.read(
      "<person id=\"p\" depart=\"1\" number=\"50\"><stop busStop=\"s\" duration=\"0\"/>"
      "<ride busStop=\"t\"/></person>");
  REQUIRE(flow.unsupported.size() == 1);
  CHECK_THAT(flow.unsupported[0], Contains("number=\"50\""));
  auto const in = s.read(person("<stop busStop=\"s\" duration=\"5\"/>"));
  CHECK(in.unsupported.empty());
  REQUIRE(in.notes.size() == 1);
  CHECK_THAT(in.notes[0], Contains("rides nowhere"));
}
