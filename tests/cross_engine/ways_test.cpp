// Drivers who change their way on the road do so alike on both engines: who, when, and onto which one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Everybody is sent along AB BC CF FG; there is a way through E and one through D.
struct ladder : drawn_scenario {
  explicit ladder(double end_s)
      : drawn_scenario(
            "X------A------B------C       \n"
            "       |      |      |       \n"
            "       |      |      |       \n"
            "       D------E------F------G\n",
            end_s, {.signals = "F"}) {
    ready.ways = std::make_shared<router const>(*map.net, free_flow_costs(*map.net));
  }
  void close(char const* name, double from_s) {
    cost_patch closed;
    closed.edges = {edge(name)};
    closed.closed = true;
    closed.begin_s = from_s;
    closed.end_s = 1e9;
    ready.ways = std::make_shared<router const>(*map.net, free_flow_costs(*map.net), std::vector{closed});
  }
};

std::vector<std::string> told(outcome const& o, char const* what) {
  std::vector<std::string> out;
  for (message const& m : o.seen.messages) {
    if (m.text.find(what) != std::string::npos) out.push_back(std::to_string(m.time_s) + " " + m.text);
  }
  return out;
}

// By traveller, the times a trip's route changed; both engines say the same.
std::map<std::uint32_t, std::uint32_t> same_reroutes(both const& b) {
  std::map<std::uint32_t, std::uint32_t> sumo, tbb;
  for (trip_record const& t : b.sumo.seen.trips) sumo[t.vehicle.value] = t.reroutes;
  for (trip_record const& t : b.tbb.seen.trips) tbb[t.vehicle.value] = t.reroutes;
  CHECK(sumo == tbb);
  return tbb;
}

std::size_t at_least_once(std::map<std::uint32_t, std::uint32_t> const& reroutes) {
  return static_cast<std::size_t>(
      std::count_if(reroutes.begin(), reroutes.end(), [](auto const& r) { return r.second > 0; }));
}

}  // namespace

TEST_CASE("both engines: those on the road before a closed edge take the same other way, to the centimetre") {
  ladder t(700);
  t.add_each("XA AB BC CF FG", 0, 5, 400);
  t.add_each("XA AB BC CF FG", 2, 50, 400, "lorry");
  t.close("BC", 150);
  double const share = GENERATE(1.0, 0.5);
  scenario const s =
      t.with({{150, reroute{{t.edge("BC")}, share, kAllClasses}}, {300, reroute{{t.edge("BC")}, share, kAllClasses}}});
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(at_least_once(same_reroutes(b)) > 5);
  CHECK(told(b.sumo, "took another way").size() == 2);
  CHECK(told(b.tbb, "took another way") == told(b.sumo, "took another way"));
}

TEST_CASE("both engines: those who wait to enter take the same other way") {
  ladder t(900);
  t.add_each("AB BC CF FG", 0, 1, 150);  // more than can enter
  t.close("BC", 100);
  scenario const s = t.with({{100, reroute{{t.edge("BC")}, 1.0, kAllClasses}}});
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  auto const reroutes = same_reroutes(b);
  std::size_t waited = 0;
  for (trip_record const& r : b.tbb.seen.trips) {
    if (r.depart_s > 100 && s.travellers->vehicles.depart_s[r.vehicle] < 100) waited += reroutes.at(r.vehicle.value);
  }
  CHECK(waited > 20);
  CHECK(told(b.tbb, "took another way") == told(b.sumo, "took another way"));
}

TEST_CASE("both engines: informed drivers see the same crawl, and the same ones leave it, to the centimetre") {
  ladder t(1500);
  t.add_each("XA AB BC CF FG", 0, 10, 900);
  t.add_each("XA AB BC CF FG", 3, 70, 900, "lorry");
  scenario s = t.with({{100, set_lane_speed{t.lane("BC_0"), 1}}, {700, set_lane_speed{t.lane("BC_0"), 13.89}}});
  s.informed.share = GENERATE(1.0, 0.4);
  s.informed.interval_s = 60;
  s.informed.gain_s = 10;
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(at_least_once(same_reroutes(b)) > 10);
  CHECK(told(b.sumo, "informed drivers").size() == 1);
  CHECK(told(b.tbb, "informed drivers") == told(b.sumo, "informed drivers"));
}

TEST_CASE("both engines: in a small city with informed drivers as many change, and trips take as long within 1 %") {
  tiny_scenario t(6000);
  t.ready.informed = {0.6, 60, 0.02, 5};
  t.ready.commands = {{25500, set_lane_speed{t.lane("FG_0"), 5}}, {25500, set_lane_speed{t.lane("FG_1"), 5}}};
  both const b(t.ready);
  check_alike(b, 0.01);
  auto const changed = [](outcome const& o) {
    return static_cast<double>(
        std::count_if(o.seen.trips.begin(), o.seen.trips.end(), [](trip_record const& r) { return r.reroutes > 0; }));
  };
  CHECK(changed(b.sumo) > 50);
  CHECK(changed(b.tbb) == Approx(changed(b.sumo)).epsilon(0.03));
}
