// Informed drivers, on either engine: who looks is drawn by traveller, they see a jam that nobody announced, they take
// another way where it saves enough and one that they may use, and everybody else drives as planned.
#include <catch2/catch.hpp>
#include <set>

#include "sim/core/random.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drawn_scenario;
using gemeo::test::drive;
using gemeo::test::drive_options;
using gemeo::test::outcome;

namespace {

// Everybody is sent along XA AB BC CF FG; a lorry stands on BC from 100 s on, and no patch tells of it.
struct blocked_road : drawn_scenario {
  blocked_road()
      : drawn_scenario(
            "X------A------B------C       \n"
            "       |      |      |       \n"
            "       |      |      |       \n"
            "       D------E------F------G\n",
            1500) {
    add_each("XA AB BC CF FG", 0, 10, 900);
    ready.ways = std::make_shared<router const>(*map.net, free_flow_costs(*map.net));
    ready.informed.gain_s = 30;
  }
  [[nodiscard]] scenario informed(double share, std::vector<cost_patch> patches = {}) {
    scenario s = with({{100, block_lane{lane("BC_0"), 300, 1}}});
    s.informed.share = share;
    if (!patches.empty())
      s.ways = std::make_shared<router const>(*map.net, free_flow_costs(*map.net), std::move(patches));
    return s;
  }
  // Travellers seen on the lane.
  [[nodiscard]] std::set<vehicle_id> on(char const* name, outcome const& o) const {
    std::set<vehicle_id> out;
    for (frame const& f : o.frames) {
      for (std::size_t i = 0; i < f.size(); ++i) {
        if (f.lane[i] == lane(name)) out.insert(f.vehicle[i]);
      }
    }
    return out;
  }
};

using maker = std::unique_ptr<engine> (*)();

drive_options with_frames(maker make, std::uint64_t seed = 42) {
  drive_options o = test::every(300);
  o.frames = true;
  o.run.seed = seed;
  o.run.emissions = false;
  o.make = make;
  return o;
}

#define EITHER_ENGINE GENERATE(maker(make_engine_sumo), maker(make_engine_tbb))

std::string told(outcome const& o) {
  for (message const& m : o.seen.messages) {
    if (m.text.find("informed drivers") != std::string::npos) return m.text;
  }
  return {};
}

}  // namespace

TEST_CASE("informed drivers: those drawn drive around a jam that nobody announced, the others stand in it") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  scenario const nobody = t.informed(0);
  outcome const base = drive(nobody, with_frames(make));
  CHECK(t.on("BE_0", base).empty());
  CHECK(t.on("DE_0", base).empty());
  CHECK(told(base).empty());

  double const share = GENERATE(0.5, 1.0);
  std::uint64_t const seed = 7;
  scenario const s = t.informed(share);
  outcome const o = drive(s, with_frames(make, seed));
  std::set<vehicle_id> around = t.on("BE_0", o);
  around.merge(t.on("DE_0", o));
  std::size_t drawn = 0, late = 0;
  for (std::size_t i = 0; i < s.travellers->size(); ++i) {
    vehicle_id const v(i);
    bool const informed = random_uniform(seed, s.travellers->vehicles.key[v], 0, draw::kInformed) < share;
    drawn += informed ? 1 : 0;
    INFO("leaves at " << s.travellers->vehicles.depart_s[v]);
    if (!informed) CHECK(around.count(v) == 0);
    // By then the queue has been seen for some minutes. Who entered while it still moved looks again 300 s later.
    if (informed && s.travellers->vehicles.depart_s[v] >= 400) {
      ++late;
      CHECK(around.count(v) == 1);
    }
  }
  CHECK(late > 15);
  CHECK(told(o).find(std::to_string(drawn) + " informed drivers looked") == 0);
  CHECK(o.total.arrived > base.total.arrived + 20);
  CHECK(drive(s, with_frames(make, seed)).hash == o.hash);
}

TEST_CASE("informed drivers: nobody changes where nothing is gained, or less than the band of indifference") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  outcome const base = drive(t.informed(0), with_frames(make));
  scenario s = t.informed(1);
  SECTION("no jam") {
    s.commands.clear();
    scenario free = s;
    free.informed.share = 0;
    CHECK(drive(s, with_frames(make)).hash == drive(free, with_frames(make)).hash);
  }
  SECTION("all of the time left would have to be saved") {
    s.informed.gain = 1;
    CHECK(drive(s, with_frames(make)).hash == base.hash);
  }
  SECTION("a day would have to be saved") {
    s.informed.gain_s = 86400;
    CHECK(drive(s, with_frames(make)).hash == base.hash);
  }
}

TEST_CASE("informed drivers: a closure, a ban of their class and a toll hold for the way they find") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  cost_patch p;
  p.edges = {t.edge("DE"), t.edge("BE")};
  p.end_s = 1e9;
  bool holds = true;
  SECTION("closed to all") { p.closed = true; }
  SECTION("closed to cars") {
    p.closed = true;
    p.classes = mask_of(vclass::kPassenger);
  }
  SECTION("closed to lorries only") {
    p.closed = true;
    p.classes = mask_of(vclass::kTruck);
    holds = false;
  }
  SECTION("a toll that is dearer than the jam") { p.toll_s = 1e6; }
  SECTION("a toll that is cheaper than the jam") {
    p.toll_s = 10;
    holds = false;
  }
  outcome const o = drive(t.informed(1, {p}), with_frames(make));
  CHECK(t.on("BE_0", o).empty() == holds);
  CHECK(t.on("DE_0", o).empty() == holds);
}

TEST_CASE("informed drivers: whoever learns of a closure ahead takes any way that is open, however little is asked") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  cost_patch p;
  p.edges = {t.edge("BC")};
  p.end_s = 1e9;
  p.closed = true;
  scenario s = t.informed(1, {p});
  s.informed.gain = GENERATE(0.0, 1.0);
  outcome const o = drive(s, with_frames(make));
  CHECK(t.on("BC_0", o).empty());
  CHECK(t.on("BE_0", o).size() + t.on("DE_0", o).size() == s.travellers->size());
}

TEST_CASE("informed drivers: limits are measured on the road, and those that nobody has driven yet count as well") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  scenario s = t.informed(1);
  double const limit_mps = GENERATE(0.05, 13.0);  // 350 m: nearly two hours, or as ever
  for (char const* name : {"DE_0", "BE_0"}) s.commands.push_back({0, set_lane_speed{t.lane(name), limit_mps}});
  std::stable_sort(s.commands.begin(), s.commands.end(),
                   [](timed_command const& a, timed_command const& b) { return a.time_s < b.time_s; });
  outcome const o = drive(s, with_frames(make));
  CHECK(t.on("BE_0", o).empty() == (limit_mps < 1));
  CHECK(t.on("DE_0", o).empty() == (limit_mps < 1));
}

TEST_CASE("informed drivers: a delay that the planner expects is not added to what is seen") {
  maker const make = EITHER_ENGINE;
  blocked_road t;
  cost_patch p;
  p.edges = {t.edge("DE"), t.edge("BE")};
  p.end_s = 1e9;
  p.extra_s = 1e6;
  outcome const o = drive(t.informed(1, {p}), with_frames(make));
  CHECK(t.on("BE_0", o).size() + t.on("DE_0", o).size() > 30);
}

TEST_CASE("informed drivers: a queue on one of two lanes is a queue, though the other lane is empty") {
  maker const make = EITHER_ENGINE;
  // The left lane of AB leads straight on only, where nobody gets on; the right lane is free for whoever turns right.
  drawn_scenario t(
      "X======A======B------D       \n"
      "       |      |      |       \n"
      "       |      |      |       \n"
      "       E------F------G------H\n",
      1800);
  t.add_each("XA AB BD DG GH", 0, 8, 1200);
  t.ready.ways = std::make_shared<router const>(*t.map.net, free_flow_costs(*t.map.net));
  scenario s = t.with({{60, block_lane{t.lane("BD_0"), 300, 1}}});
  s.informed.share = 1;
  outcome const o = drive(s, with_frames(make));
  std::set<vehicle_id> around;
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      if (f.lane[i] == t.lane("EF_0") || f.lane[i] == t.lane("BF_0")) around.insert(f.vehicle[i]);
    }
  }
  for (std::size_t i = 0; i < s.travellers->size(); ++i) {
    vehicle_id const v(i);
    if (s.travellers->vehicles.depart_s[v] >= 420) CHECK(around.count(v) == 1);
  }
  CHECK(o.total.arrived >= static_cast<std::int64_t>(around.size()) - 10);
}

TEST_CASE("informed drivers: who entered before the jam looks again, and buses keep their way") {
  maker const make = EITHER_ENGINE;
  drawn_scenario t(
      "X------Y------A------B------C       \n"
      "              |      |      |       \n"
      "              |      |      |       \n"
      "              D------E------F------G\n",
      1200);
  t.add_each("XY YA AB BC CF FG", 0, 4, 400);
  t.add_each("XY YA AB BC CF FG", 2, 100, 400, "bus");
  for (std::size_t i = 0; i < t.who.size(); ++i) {
    vehicle_id const v(i);
    if (t.who.types[t.who.vehicles.type[v]].cls == vclass::kBus) t.who.vehicles.line[v] = line_id(0U);
  }
  t.who.lines.resize(1);
  t.who.lines[line_id(0U)].name = "1";
  t.ready.ways = std::make_shared<router const>(*t.map.net, free_flow_costs(*t.map.net));
  t.ready.informed = {1, 30, 0.2, 30};
  scenario const s = t.with({{20, block_lane{t.lane("BC_0"), 300, 1}}});
  outcome const o = drive(s, with_frames(make));
  std::size_t early = 0;
  for (trip_record const& trip : o.seen.trips) {
    bool const bus = s.travellers->types[s.travellers->vehicles.type[trip.vehicle]].cls == vclass::kBus;
    if (bus) CHECK(trip.reroutes == 0);
    // The first to stand in the queue do so from about 100 s on.
    if (!bus && trip.depart_s > 0 && trip.depart_s < 100 && trip.reroutes > 0) ++early;
  }
  CHECK(early >= 3);
}

TEST_CASE("informed drivers: what has no router is refused, as is SUMO's own rerouting beside them") {
  blocked_road t;
  scenario s = t.informed(0.5);
  auto const e = make_engine_sumo();
  CHECK(e->unsupported(s).empty());
  s.sumo_options = {"--device.rerouting.probability", "0.5"};
  REQUIRE(e->unsupported(s).size() == 1);
  CHECK(e->unsupported(s)[0].find("--device.rerouting.probability") != std::string::npos);
  s.sumo_options.clear();
  s.ways = nullptr;
  for (maker const make : {maker(make_engine_sumo), maker(make_engine_tbb)}) {
    REQUIRE(make()->unsupported(s).size() == 1);
    CHECK(make()->unsupported(s)[0].find("without a router") != std::string::npos);
  }
}
