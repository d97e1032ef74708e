// Each command on a map of its own: what it does to vehicles while it holds, that it touches nothing else, and that
// undoing it leaves the world as if it had never been: vehicles that come later drive bit for bit as without it.
#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drawn_scenario;
using gemeo::test::drive;
using gemeo::test::drive_options;
using gemeo::test::outcome;
using gemeo::test::place;
using gemeo::test::trajectories;

namespace {

outcome drive_with_frames(scenario const& s) {
  drive_options o = test::every(100);
  o.frames = true;
  return drive(s, o);
}

vtype_id type_of(scenario const& s, vehicle_id v) { return s.travellers->vehicles.type[v]; }

// How often a vehicle of the type comes onto the lane in (from_s, to_s].
std::size_t comes_onto(outcome const& o, scenario const& s, lane_id lane, vtype_id type, double from_s, double to_s) {
  std::size_t n = 0;
  std::map<vehicle_id, lane_id> before;
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      bool const counts = f.time_s > from_s && f.time_s <= to_s && type_of(s, f.vehicle[i]) == type;
      if (counts && f.lane[i] == lane && before[f.vehicle[i]] != lane) ++n;
      before[f.vehicle[i]] = f.lane[i];
    }
  }
  return n;
}

// Travellers who depart from then on drive in both runs alike; n: how many there must be.
void check_same_from(double depart_s, outcome const& a, outcome const& b, scenario const& s, std::size_t n) {
  auto const one = trajectories(a, s), other = trajectories(b, s);
  auto const& v = s.travellers->vehicles;
  std::size_t compared = 0, different = 0;
  for (std::size_t i = 0; i < s.travellers->size(); ++i) {
    if (v.depart_s[vehicle_id(i)] < depart_s) continue;
    auto const key = v.key[vehicle_id(i)];
    REQUIRE(one.count(key) == 1);
    REQUIRE(other.count(key) == 1);
    ++compared;
    if (one.at(key) != other.at(key)) ++different;
  }
  CHECK(different == 0);
  CHECK(compared >= n);
}

constexpr vclass_mask kNobody = 0;

}  // namespace

TEST_CASE("lane permissions: a bus lane takes no car while it holds, buses go on, and cars come back afterwards") {
  drawn_scenario t("A=========B=========C\n");
  t.add_each("AB BC", 0, 4, 560);
  t.add_each("AB BC", 2, 40, 560, "bus");
  lane_id const right = t.lane("AB_0"), left = t.lane("AB_1");
  vclass_mask const own = t.map.net->lanes.allowed[right];
  scenario const plain = t.with();
  scenario const s =
      t.with({{200, set_lane_permissions{right, mask_of(vclass::kBus)}}, {400, set_lane_permissions{right, own}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(plain);
  vtype_id const car(0U), bus(1U);
  CHECK(comes_onto(base, s, right, car, 200, 400) > 10);
  CHECK(comes_onto(o, s, right, car, 200, 400) == 0);
  CHECK(comes_onto(o, s, left, car, 200, 400) > 40);
  CHECK(comes_onto(o, s, right, bus, 200, 400) >= 5);
  CHECK(comes_onto(o, s, right, car, 400, 600) > 10);
  CHECK(o.total.arrived == base.total.arrived);
  check_same_from(470, o, base, s, 20);
}

TEST_CASE("lane permissions: nobody enters a closed edge, those on it drive off, and traffic flows when it opens") {
  drawn_scenario t("A------B------C\n", 900);
  t.add_each("AB BC", 0, 15, 840);
  lane_id const closed = t.lane("BC_0");
  vclass_mask const own = t.map.net->lanes.allowed[closed];
  scenario const s = t.with({{100, set_lane_permissions{closed, kNobody}}, {220, set_lane_permissions{closed, own}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  vtype_id const car(0U);
  CHECK(comes_onto(base, s, closed, car, 100, 220) >= 7);
  CHECK(comes_onto(o, s, closed, car, 100, 220) == 0);
  CHECK(comes_onto(o, s, closed, car, 220, 300) > comes_onto(base, s, closed, car, 220, 300));
  for (frame const& f : o.frames) {
    if (f.time_s <= 160 || f.time_s > 220) continue;
    CHECK(std::count(f.lane.begin(), f.lane.end(), closed) == 0);
  }
  CHECK(o.total.teleports == 0);
  CHECK(o.total.arrived == base.total.arrived);
  check_same_from(600, o, base, s, 15);
}

TEST_CASE("lane permissions: whoever would start on a closed edge never does, and is counted and named") {
  drawn_scenario t("A------B------C\n", 900);
  t.add_each("AB BC", 0, 20, 800);
  vclass_mask const own = t.map.net->lanes.allowed[t.lane("AB_0")];
  scenario const s =
      t.with({{100, set_lane_permissions{t.lane("AB_0"), kNobody}}, {200, set_lane_permissions{t.lane("AB_0"), own}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  CHECK(std::count_if(o.seen.messages.begin(), o.seen.messages.end(),
                      [](message const& m) { return m.text.find("not allowed to depart") != std::string::npos; }) == 5);
  std::int64_t waiting = 0;
  for (trip_record const& trip : o.seen.trips) {
    double const wished_s = s.travellers->vehicles.depart_s[trip.vehicle];
    bool const closed = wished_s >= 100 && wished_s < 200;
    CHECK(trip.state == (closed ? trip_state::kNeverInserted : trip_state::kArrived));
    if (closed) ++waiting;
  }
  CHECK(waiting == 5);
  CHECK(o.total.backlog == waiting);
  CHECK(o.total.departed == base.total.departed - waiting);
  check_same_from(500, o, base, s, 12);
}

TEST_CASE("lane speed: a limit slows traffic on its lane alone, to its value, and undone it is gone") {
  drawn_scenario t("A------B------C------D\n", 600);
  t.add_each("AB BC CD", 0, 10, 540);
  lane_id const slow = t.lane("BC_0");
  double const own = static_cast<double>(t.map.net->lanes.speed_mps[slow]);
  scenario const s = t.with({{150, set_lane_speed{slow, 5}}, {300, set_lane_speed{slow, own}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  float fastest = 0, elsewhere = 0, after = 0;
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      bool const holds = f.time_s > 170 && f.time_s <= 300;  // those on it have had time to brake
      if (f.lane[i] == slow && holds) fastest = std::max(fastest, f.speed_mps[i]);
      if (f.lane[i] == t.lane("AB_0") && holds) elsewhere = std::max(elsewhere, f.speed_mps[i]);
      if (f.lane[i] == slow && f.time_s > 330) after = std::max(after, f.speed_mps[i]);
    }
  }
  CHECK(fastest <= 5.0001F);
  CHECK(fastest > 4.9F);
  CHECK(elsewhere > 13.8F);
  CHECK(after > 13.8F);
  check_same_from(360, o, base, s, 15);
}

TEST_CASE(
    "signal program: a fixed plan holds as given, and the network's own cycle goes on afterwards as if never left") {
  drawn_scenario t(
      "      D      \n"
      "      |      \n"
      "      |      \n"
      "A-----B-----C\n"
      "      |      \n"
      "      |      \n"
      "      E      \n",
      1500, {.signals = "B"});
  t.add_each("AB BC", 0, 12, 1400);
  t.add_each("DB BE", 3, 12, 1400);
  signal_id const light = *t.map.net->find_signal("B");
  signal_program const own = t.map.net->signals.programs[light].back();
  signal_program night = own;  // the side road alone has green
  night.name = "gemeo_1";
  night.type = "static";
  std::size_t const n = own.phases.front().state.size();
  std::string state(n, 'r');
  for (connection const& c : t.map.net->connections) {
    if (c.signal == light && t.map.net->lanes.edge[c.from] == t.edge("DB"))
      state[static_cast<std::size_t>(c.link)] = 'G';
  }
  night.phases = {{60, 0, 0, state}};
  t.ready.programs[light] = {own, night};
  scenario const s = t.with({{200, set_signal_program{light, 1}}, {400, set_signal_program{light, 0}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  vtype_id const car(0U);
  CHECK(comes_onto(base, s, t.lane("BC_0"), car, 205, 400) > 10);
  CHECK(comes_onto(o, s, t.lane("BC_0"), car, 205, 400) == 0);  // those past the line at 200 s are through by 205 s
  CHECK(comes_onto(o, s, t.lane("BE_0"), car, 200, 400) >= 15);
  double waited = 0;
  for (frame const& f : o.frames) {
    if (f.time_s <= 250 || f.time_s > 400) continue;
    for (std::size_t i = 0; i < f.size(); ++i) waited += f.lane[i] == t.lane("DB_0") && f.speed_mps[i] < 0.1F ? 1 : 0;
  }
  CHECK(waited == 0);
  check_same_from(1000, o, base, s, 60);
}

TEST_CASE("signal program: an actuated one gives green to the road that has traffic, which a fixed one does not") {
  drawn_scenario t(
      "      D      \n"
      "      |      \n"
      "      |      \n"
      "A-----B-----C\n"
      "      |      \n"
      "      |      \n"
      "      E      \n",
      900, {.signals = "B"});
  t.add_each("AB BC", 0, 5, 800);
  t.add_each("DB BE", 3, 200, 800);
  signal_id const light = *t.map.net->find_signal("B");
  signal_program own = t.map.net->signals.programs[light].back(), actuated = own;
  actuated.name = "gemeo_1";
  actuated.type = "actuated";
  for (signal_phase& p : actuated.phases) {
    bool const green = p.state.find_first_of("Gg") != std::string::npos && p.state.find('y') == std::string::npos;
    if (!green) continue;
    p.min_s = 5;
    p.max_s = 60;
  }
  t.ready.programs[light] = {own, actuated};
  outcome const fixed = drive(t.with(), test::every(900)),
                o = drive(t.with({{0, set_signal_program{light, 1}}}), test::every(900));
  auto const mean_loss = [](outcome const& x) {
    double loss = 0;
    for (trip_record const& trip : x.seen.trips) loss += trip.time_loss_s;
    return loss / static_cast<double>(x.seen.trips.size());
  };
  INFO("fixed " << mean_loss(fixed) << " s, actuated " << mean_loss(o) << " s");
  CHECK(mean_loss(o) < 0.7 * mean_loss(fixed));
  CHECK(o.total.arrived >= fixed.total.arrived);
}

TEST_CASE("incident: an obstacle holds its lane, traffic passes on the other one, and clearing it leaves no trace") {
  drawn_scenario t("A=========B=========C\n", 900);
  t.add_each("AB BC", 0, 5, 840);
  lane_id const blocked = t.lane("AB_0"), free = t.lane("AB_1");
  scenario const s = t.with({{100, block_lane{blocked, 300, 7}}, {400, unblock_lane{7}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  auto const passes = [](outcome const& x, lane_id lane, double from_s, double to_s) {
    std::size_t n = 0;
    std::map<vehicle_id, std::pair<lane_id, float>> before;
    for (frame const& f : x.frames) {
      for (std::size_t i = 0; i < f.size(); ++i) {
        auto& [last_lane, last_pos_m] = before[f.vehicle[i]];
        bool const there = f.lane[i] == lane && last_lane == lane;  // not by way of the other lane
        if (there && last_pos_m < 300 && f.pos_m[i] >= 300 && f.time_s > from_s && f.time_s <= to_s) ++n;
        last_lane = f.lane[i];
        last_pos_m = f.pos_m[i];
      }
    }
    return n;
  };
  CHECK(passes(base, blocked, 120, 400) > 20);
  CHECK(passes(o, blocked, 120, 400) == 0);
  CHECK(passes(o, free, 120, 400) > 40);
  CHECK(passes(o, blocked, 430, 900) > 20);
  CHECK(o.total.collisions == 0);
  check_same_from(600, o, base, s, 40);
}

TEST_CASE("incident: on a road of one lane all traffic waits behind it and goes on afterwards") {
  drawn_scenario t("A---------B---------C\n", 900);
  t.add_each("AB BC", 0, 8, 700);
  scenario const s = t.with({{100, block_lane{t.lane("BC_0"), 250, 1}}, {220, unblock_lane{1}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  for (frame const& f : o.frames) {
    if (f.time_s <= 130 || f.time_s > 220) continue;
    for (std::size_t i = 0; i < f.size(); ++i) {
      if (f.lane[i] == t.lane("BC_0") && f.pos_m[i] < 250) CHECK(f.pos_m[i] <= 245);
    }
  }
  CHECK(o.total.collisions == 0);
  CHECK(o.total.arrived == base.total.arrived);
  CHECK(o.total.departed == base.total.departed);
}

TEST_CASE(
    "incident: in dense traffic the obstacle comes to stand within seconds, without a crash, and nobody passes it") {
  drawn_scenario t("A---------B---------C\n", 600);
  t.add_each("AB BC", 0, 2, 400);  // as dense as SUMO lets them enter
  scenario const s = t.with({{200, block_lane{t.lane("BC_0"), 250, 1}}, {300, unblock_lane{1}}});
  outcome const o = drive_with_frames(s);
  std::map<vehicle_id, float> before;
  double last_pass_s = 0;
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      if (f.lane[i] != t.lane("BC_0")) continue;
      float& last_pos_m = before.try_emplace(f.vehicle[i], 0.F).first->second;
      if (last_pos_m < 250 && f.pos_m[i] >= 250 && f.time_s <= 300) last_pass_s = f.time_s;
      last_pos_m = f.pos_m[i];
    }
  }
  CHECK(last_pass_s > 195);
  CHECK(last_pass_s <= 220);
  CHECK(o.total.collisions == 0);
  CHECK(o.total.emergency_stops == 0);
  CHECK(o.total.teleports == 0);
}

TEST_CASE("incident: an obstacle that nobody meets is in no trip, count, loop or aggregate") {
  drawn_scenario t(
      "A-------B-------C\n"
      "|\n"
      "|\n"
      "D\n",
      600);
  t.add_each("AB BC", 0, 10, 540);
  t.add_each("AD", 5, 60, 60);  // nobody is on AD when the obstacle comes
  t.ready.detectors = {{"beside", t.lane("AD_0"), 80}, {"on the way", t.lane("AB_0"), 100}};
  scenario const s = t.with({{100, block_lane{t.lane("AD_0"), 80, 1}}, {350, unblock_lane{1}}});
  outcome const o = drive_with_frames(s), base = drive_with_frames(t.with());
  CHECK(o.hash == base.hash);
  CHECK(o.total.vehicle_updates == base.total.vehicle_updates);
  CHECK(o.total.loaded == base.total.loaded);
  CHECK(o.total.departed == base.total.departed);
  CHECK(o.total.arrived == base.total.arrived);
  CHECK(o.total.backlog == 0);
  REQUIRE(o.seen.edges.size() == base.seen.edges.size());
  for (std::size_t k = 0; k < o.seen.edges.size(); ++k) {
    edge_interval const &a = o.seen.edges[k], &b = base.seen.edges[k];
    CHECK(a.edge == b.edge);
    CHECK(a.sampled_s == b.sampled_s);
    CHECK(a.entered == b.entered);
    CHECK(a.departed == b.departed);
    CHECK(a.arrived == b.arrived);
    CHECK(a.density_veh_per_km == b.density_veh_per_km);
    CHECK(a.waiting_s == b.waiting_s);
    CHECK(a.co2_mg == b.co2_mg);
  }
  REQUIRE(o.seen.trips.size() == base.seen.trips.size());
  REQUIRE(o.seen.detectors.size() == base.seen.detectors.size());
  for (std::size_t k = 0; k < o.seen.detectors.size(); ++k) {
    CHECK(o.seen.detectors[k].count == base.seen.detectors[k].count);
    CHECK(o.seen.detectors[k].occupancy_pct == base.seen.detectors[k].occupancy_pct);
  }
  CHECK(o.seen.stops.empty());
}

TEST_CASE("reroute: those still before a closed edge take another way, by share and class; the others keep theirs") {
  drawn_scenario t(
      "A------B------C       \n"
      "|      |      |       \n"
      "|      |      |       \n"
      "D------E------F------G\n",
      700);
  t.add_each("AB BC CF FG", 0, 10, 400);
  t.add_each("AB BC CF FG", 5, 50, 400, "lorry");
  cost_patch closed;
  closed.edges = {t.edge("BC")};
  closed.closed = true;
  closed.begin_s = 150;
  closed.end_s = 1e9;
  t.ready.ways = std::make_shared<router const>(*t.map.net, free_flow_costs(*t.map.net), std::vector{closed});
  reroute all{{t.edge("BC")}, 1.0, kAllClasses};
  auto const used = [&](outcome const& o, scenario const& s, char const* lane, vtype_id type, double from_s,
                        double to_s) { return comes_onto(o, s, t.lane(lane), type, from_s, to_s); };
  vtype_id const car(0U), lorry(2U);

  scenario const base_s = t.with();
  outcome const base = drive_with_frames(base_s);
  CHECK(used(base, base_s, "BE_0", car, 0, 700) == 0);

  // Everybody who is on the road or waits at 150 s; SUMO loads later travellers with the route they have.
  scenario const s = t.with({{150, all}});
  outcome const o = drive_with_frames(s);
  std::size_t changed = 0;
  for (trip_record const& trip : o.seen.trips) {
    bool const on_road = trip.depart_s < 150;
    if (!on_road) CHECK(trip.reroutes == 0);
    if (trip.reroutes > 0) ++changed;
    CHECK(trip.state == trip_state::kArrived);
  }
  CHECK(changed >= 2);
  CHECK(used(o, s, "BE_0", car, 150, 200) + used(o, s, "BE_0", lorry, 150, 200) == changed);
  auto const told = std::find_if(o.seen.messages.begin(), o.seen.messages.end(),
                                 [](message const& m) { return m.text.find("took another way") != std::string::npos; });
  REQUIRE(told != o.seen.messages.end());
  CHECK(told->text.find(std::to_string(changed) + " travellers") == 0);
  CHECK(told->time_s == 150);

  scenario const none = t.with({{150, reroute{{t.edge("BC")}, 0.0, kAllClasses}}});
  CHECK(drive_with_frames(none).hash == base.hash);
  scenario const other_class = t.with({{150, reroute{{t.edge("BC")}, 1.0, mask_of(vclass::kBicycle)}}});
  CHECK(drive_with_frames(other_class).hash == base.hash);
  scenario const elsewhere = t.with({{150, reroute{{t.edge("EF")}, 1.0, kAllClasses}}});
  CHECK(drive_with_frames(elsewhere).hash == base.hash);
}
