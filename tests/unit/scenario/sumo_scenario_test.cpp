#include <algorithm>
#include <set>

#include "sim/core/error.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/sumo_config.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using Catch::Matchers::Contains;

namespace {

// Two ways from G to E, the shorter one by way of B; a signal at D. Nobody turns round at an end.
struct sumo_town {
  test::temp_folder dir;
  explicit sumo_town(std::string const& routes, std::string const& additional = "", std::string const& options = "") {
    test::draw_network(dir.path(),
                       "G--A--B--D--E\n"
                       "   |     |   \n"
                       "   C-----F   \n",
                       {.signals = "D"});
    test::write_text(dir / "t.rou.xml", "<routes>" + routes + "</routes>");
    test::write_text(dir / "t.add.xml", "<additional>" + additional + "</additional>");
    test::write_text(dir / "t.sumocfg",
                     "<configuration><input><net-file value=\"net.net.xml\"/><route-files value=\"t.rou.xml\"/>"
                     "<additional-files value=\"t.add.xml\"/></input><time><begin value=\"100\"/><end value=\"900\"/>"
                     "<step-length value=\"0.5\"/></time><processing><time-to-teleport value=\"120\"/>" +
                         options + "</processing></configuration>");
  }
  [[nodiscard]] compiled open() const {
    compile_options o;
    o.seed = 5;
    return read_sumo_scenario(dir / "t.sumocfg", o);
  }
  [[nodiscard]] std::string message() const {
    try {
      (void)open();
      return "";
    } catch (error const& e) {
      CHECK(e.kind() == error_kind::kInput);
      return e.what();
    }
  }
};

std::string names_of(compiled const& c, std::size_t vehicle) {
  std::string out;
  demand const& d = *c.ready.travellers;
  for (edge_id const e : d.route(d.vehicles.route[vehicle_id(vehicle)]))
    out += (out.empty() ? "" : " ") + c.ready.net->edges.name[e];
  return out;
}

bool connected(network const& net, std::span<edge_id const> route) {
  for (std::size_t i = 0; i + 1 < route.size(); ++i) {
    auto const next = net.successors(route[i]);
    if (std::find(next.begin(), next.end(), route[i + 1]) == next.end()) return false;
  }
  return !route.empty();
}

}  // namespace

TEST_CASE("sumo scenario: a configuration becomes a scenario of our own, with its times, demand, loops and programs") {
  sumo_town const t(
      "<trip id=\"t\" depart=\"110\" from=\"AB\" to=\"DE\"/><vehicle id=\"v\" depart=\"120\"><route edges=\"AB "
      "BD\"/></vehicle>",
      "<e1Detector id=\"loop\" lane=\"AB_0\" pos=\"10\" freq=\"60\" file=\"NUL\"/><edgeData id=\"e\" file=\"x\"/>"
      "<tlLogic id=\"D\" type=\"static\" programID=\"mine\"><phase duration=\"40\" "
      "state=\"GGGGGGGGGGGGGGGGGGGGGGGG\"/></tlLogic>",
      "<ignore-route-errors value=\"false\"/>");
  compiled const c = t.open();
  scenario const& s = c.ready;
  CHECK(s.sumo_config.empty());
  CHECK(s.begin_s == 100);
  CHECK(s.end_s == 900);
  CHECK(s.step_s == 0.5);
  CHECK(s.time_to_teleport_s == 120);
  REQUIRE(s.travellers->size() == 2);
  CHECK(s.travellers->vehicles.name[vehicle_id(0U)] == "t");
  CHECK(names_of(c, 0) == "AB BD DE");
  CHECK(names_of(c, 1) == "AB BD");
  REQUIRE(s.detectors.size() == 1);
  CHECK(s.detectors[0].period_s == 60);
  signal_id const d = s.net->find_signal("D").value();
  REQUIRE(s.programs.contains(d));
  REQUIRE(s.programs[d].size() == 2);
  CHECK(s.programs[d][1].name == "mine");
  REQUIRE(s.commands.size() == 1);
  CHECK(s.commands[0].time_s == 100);
  CHECK(std::get<set_signal_program>(s.commands[0].what).program == 1);
  CHECK(s.ways != nullptr);
  CHECK(s.demand_hash == s.travellers->hash());
  REQUIRE(c.warnings.size() == 1);
  CHECK_THAT(c.warnings[0], Contains("edgeData"));
}

TEST_CASE("sumo scenario: trips pass what they name on the way, and their stops") {
  sumo_town const t(
      "<trip id=\"s\" depart=\"109\" from=\"GA\" to=\"DE\"/><trip id=\"t\" depart=\"110\" from=\"GA\" to=\"DE\" "
      "via=\"CF\"/><trip id=\"u\" depart=\"111\" from=\"GA\" to=\"DE\"><stop lane=\"CF_0\" duration=\"5\"/></trip>");
  compiled const c = t.open();
  CHECK(names_of(c, 0) == "GA AB BD DE");
  CHECK(names_of(c, 1) == "GA AC CF FD DE");
  CHECK(names_of(c, 2) == "GA AC CF FD DE");
}

TEST_CASE("sumo scenario: everything that only SUMO can do is refused in one message, options and elements alike") {
  sumo_town const t("<person id=\"p\" depart=\"0\"><walk edges=\"AB\"/></person>", "<calibrator id=\"c\" edge=\"AB\"/>",
                    "<lateral-resolution value=\"0.8\"/><scale value=\"2\"/><device.rerouting.probability "
                    "value=\"0.5\"/><max-depart-delay value=\"-1\"/>");
  std::string const message = t.message();
  CHECK_THAT(message, Contains("5 things") && Contains("lateral-resolution") && Contains("'scale' is '2'") &&
                          Contains("device.rerouting.probability") && Contains("<person") && Contains("<calibrator"));
  CHECK(unsupported_of_sumo(t.dir / "t.sumocfg").size() == 5);
}

TEST_CASE("sumo scenario: a trip without a way is refused, naming both ends") {
  sumo_town const t("<trip id=\"t\" depart=\"110\" from=\"DE\" to=\"GA\"/>");
  CHECK_THAT(t.message(), Contains("'t'") && Contains("'DE'") && Contains("'GA'"));
}

namespace {

struct real_config {
  char const* name;
  std::size_t vehicles;  // that SUMO 1.15 loads: `sumo -c ... --duration-log.statistics`
};

void check_real(real_config const& r) {
  INFO(r.name);
  GEMEO_NEED_SHARED(file, r.name);
  compiled const c = read_sumo_scenario(file);
  demand const& d = *c.ready.travellers;
  CHECK(d.size() == r.vehicles);
  CHECK(unsupported_of_sumo(file).empty());
  std::size_t broken = 0, outside = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    broken += !d.vehicles.route[v].valid() || !connected(*c.ready.net, d.route(d.vehicles.route[v]));
    outside += d.vehicles.depart_s[v] < c.ready.begin_s || d.vehicles.depart_s[v] >= c.ready.end_s;
  }
  CHECK(broken == 0);
  CHECK(outside == 0);
  CHECK(std::is_sorted(d.vehicles.depart_s.begin(), d.vehicles.depart_s.end()));
  CHECK(read_sumo_scenario(file).ready.demand_hash == c.ready.demand_hash);
}

}  // namespace

TEST_CASE("sumo scenario: RESCO's cities are read whole, with as many vehicles as SUMO loads") {
  check_real({"resco/cologne1/cologne1.sumocfg", 2015});
  check_real({"resco/cologne3/cologne3.sumocfg", 2856});
  check_real({"resco/cologne8/cologne8.sumocfg", 2046});
  check_real({"resco/ingolstadt7/ingolstadt7.sumocfg", 3031});
}

TEST_CASE("sumo scenario: Bologna is read whole, with its buses, stops, loops and signal programs") {
  check_real({"bologna/acosta/run.sumocfg", 8779});
  check_real({"bologna/joined/run.sumocfg", 11176});
  GEMEO_NEED_SHARED(file, "bologna/acosta/run.sumocfg");
  compiled const c = read_sumo_scenario(file);
  demand const& d = *c.ready.travellers;
  CHECK(c.ready.detectors.size() == 58);
  CHECK(d.stops.size() == 35);
  CHECK(d.stop_calls.size() == 542);
  CHECK(c.ready.commands.size() == 7);
  std::size_t best = 0, ignoring = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    best += d.vehicles.start[vehicle_id(i)].lane == depart_lane::kBest;
    ignoring += d.types[d.vehicles.type[vehicle_id(i)]].cls == vclass::kIgnoring;
  }
  CHECK(best == d.size());
  CHECK(ignoring > 0);
}
