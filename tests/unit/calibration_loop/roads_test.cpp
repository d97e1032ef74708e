// What a fit may ask of roads: no more than they carry, counted or not.
#include "calibration/loop/roads.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "calibration/loop/room.h"
#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Two cells of 100 trips each, asked to be 300 and 200 by two counts.
map_estimator two_cells() {
  fit_problem p;
  p.pairs = 2;
  p.slots = 1;
  p.prior = {100, 100};
  p.prior_sd = {100, 100};
  p.crossings.columns = 2;
  p.crossings.add_row(std::vector<std::uint32_t>{0, 1}, std::vector<double>{1, 1});
  p.crossings.add_row(std::vector<std::uint32_t>{0}, std::vector<double>{1});
  p.count = {500, 300};
  p.detector = {0, 1};
  return map_estimator(std::move(p));
}

std::vector<double> within(std::vector<room_row> const& rows, std::size_t full) {
  fit_options o;
  o.scale_prior = false;
  map_estimator const e = two_cells();
  fits_within const f = fit_within(e, rows, o, thread_team(1));
  CHECK(f.full.size() == full);
  return f.within.x;
}

road_limits of_all(network const& net, double veh_per_h) {
  return {id_vector<edge_id, double>(net.edge_count(), veh_per_h), {}};
}

}  // namespace

TEST_CASE("room: a bound holds a fit down and never pulls it up, even where another one makes it needless") {
  auto const free = within({}, 0);
  REQUIRE(free[0] > 280);
  CHECK(within({{{0}, {1}, 1000}}, 0) == free);
  auto const held = within({{{0}, {1}, 150}}, 1);
  CHECK(held[0] == Approx(150).epsilon(0.03));
  CHECK(held[1] > 1.3 * free[1]);  // the count of both asks him for what the first may not
  // Both together are held to less than the second asks for once the first is: its own bound must let go.
  auto const both = within({{{0}, {1}, 150}, {{1}, {1}, 250}, {{0, 1}, {1, 1}, 200}}, 2);
  CHECK(both[0] + both[1] == Approx(200).epsilon(0.03));
  CHECK(both[1] < 100);
}

TEST_CASE("roads: a row says how many of the trips drawn take the road, and what it carries in the whole time") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  drawn_trips d = s.draw(s.prior(), 1);
  edge_id const e = d.who.route(d.who.vehicles.route[vehicle_id(0U)])[0];
  auto most = of_all(*t.base.net, 0);
  CHECK(road_room(*t.base.net, most).rows(s).empty());  // nothing drawn, nothing known
  most.of_edge[e] = 120;
  double taken = 0;
  std::vector<double> drawn(s.prior().size());
  for (std::size_t i = 0; i < d.cell.size(); ++i) {
    auto const route = d.who.route(d.who.vehicles.route[vehicle_id(i)]);
    taken += std::find(route.begin(), route.end(), e) != route.end();
    drawn[d.cell[vehicle_id(i)]] += 1;
  }
  REQUIRE(taken > 1);
  road_room room(*t.base.net, most);
  room.learn(d, s);
  auto const rows = room.rows(s);
  REQUIRE(rows.size() == 1);
  double const hours = s.slots().length_s * static_cast<double>(s.slots().count) / 3600;
  CHECK(rows[0].edge == e);
  CHECK(rows[0].room.most == Approx(120 * hours));
  CHECK(rows[0].room.asked(drawn) == Approx(taken));
  room.learn(d, s);  // the same again: shares, not sums
  CHECK(room.rows(s)[0].room.asked(drawn) == Approx(taken));
  // Who travels whatever is estimated takes room from all others, if he comes in that time; who has no way takes none.
  d.cell[vehicle_id(0U)] = kNoCell;
  road_room with_other(*t.base.net, most);
  with_other.learn(d, s);
  CHECK(with_other.rows(s)[0].room.most == Approx(120 * hours - 1));
  d.who.vehicles.depart_s[vehicle_id(0U)] = s.slots().end_s();
  road_room later(*t.base.net, most);
  later.learn(d, s);
  CHECK(later.rows(s)[0].room.most == Approx(120 * hours));
  d.cell[vehicle_id(0U)] = 0;
  d.who.vehicles.route[vehicle_id(0U)] = route_id();
  road_room lost(*t.base.net, most);
  lost.learn(d, s);
  CHECK(lost.rows(s)[0].room.most == Approx(120 * hours));
}

TEST_CASE("roads: a calibration asks no road for more than it carries, but for what was counted there") {
  small_town const t;
  od_source s = t.source(t.table.trips, one_habit());
  calibration_input in = t.counted(s, t.table.trips, {0, 2, 4, 6, 8, 10});
  calibration_options o;
  o.iterations = 2;
  o.simulation.threads = 1;
  o.learn_routes = false;
  od_source again = t.source(t.table.trips, one_habit());
  in.roads = of_all(*t.base.net, 1e6);
  calibration_result const wide = calibrate(again, in, o, {});
  CHECK(wide.full_roads.empty());
  std::map<edge_id, double> asked;
  auto most = of_all(*t.base.net, 1);
  road_room probe(*t.base.net, most);
  probe.learn(s.draw(s.prior(), 1), s);
  double const hours = s.slots().length_s * static_cast<double>(s.slots().count) / 3600;
  for (auto const& r : probe.rows(s)) asked[r.edge] = r.room.asked(wide.wished) / hours;
  auto const counted = [&](edge_id e) {
    return std::any_of(in.fitted.begin(), in.fitted.end(),
                       [&](station_count const& c) { return in.stations[c.station].edge == e; });
  };
  // A road that nobody counts, and one that somebody does: both shall carry half of what is asked.
  edge_id free, watched;
  for (auto const& [e, n] : asked) (counted(e) ? watched : free) = e;
  REQUIRE(free.valid());
  REQUIRE(watched.valid());
  for (edge_id const e : {free, watched}) {
    in.roads = of_all(*t.base.net, 1e6);
    in.roads.of_edge[e] = asked[e] / 2;
    od_source fresh = t.source(t.table.trips, one_habit());
    calibration_result const r = calibrate(fresh, in, o, {});
    if (e == watched) {
      CHECK(r.full_roads.empty());
      continue;
    }
    REQUIRE(r.full_roads.size() == 1);
    CHECK(r.full_roads[0].edge == e);
    CHECK(r.full_roads[0].carries == Approx(asked[e] / 2 * hours));
    CHECK(r.full_roads[0].wanted > 1.5 * r.full_roads[0].carries);
    CHECK(r.iterates[0].full_roads == 1);
  }
}

TEST_CASE("roads: a turn has a row of its own, of those who take it") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  drawn_trips const d = s.draw(s.prior(), 1);
  auto const way = d.who.route(d.who.vehicles.route[vehicle_id(0U)]);
  REQUIRE(way.size() > 1);
  network const& net = *t.base.net;
  range const out = net.edges.out[way[0]];
  std::uint32_t turn = out.begin;
  while (net.edge_successors[turn] != way[1]) ++turn;
  road_limits limits = of_all(net, 0);
  limits.of_turn.assign(net.edge_successors.size(), 0);
  limits.of_turn[turn] = 90;
  road_room room(net, limits);
  room.learn(d, s);
  auto const rows = room.rows(s);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].edge == way[0]);
  CHECK(rows[0].to == way[1]);
  std::vector<double> drawn(s.prior().size());
  double taken = 0;
  for (std::size_t i = 0; i < d.cell.size(); ++i) {
    auto const route = d.who.route(d.who.vehicles.route[vehicle_id(i)]);
    auto const at = std::find(route.begin(), route.end(), way[0]);
    taken += at != route.end() && at + 1 != route.end() && *(at + 1) == way[1];
    drawn[d.cell[vehicle_id(i)]] += 1;
  }
  CHECK(rows[0].room.asked(drawn) == Approx(taken));
}

TEST_CASE("roads: as many as were counted may pass, on the road and by the turns that lead there and on") {
  tiny_network const t("A--B--C--D\n");
  network const& net = *t.net;
  edge_id const bc = *net.find_edge("BC");
  road_limits l = of_all(net, 500);
  l.of_turn.assign(net.edge_successors.size(), 400);
  std::vector<count_station> const stations{{.name = "bc", .edge = bc, .lanes = {}, .corridor = {}}};
  auto const sum = [&](bool coming) {
    double out = 0;
    for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
      range const r = net.edges.out[edge_id(e)];
      for (std::uint32_t i = r.begin; i < r.end; ++i)
        out += (coming ? net.edge_successors[i] == bc : edge_id(e) == bc) ? l.of_turn[i] : 0;
    }
    return out;
  };
  double const before = sum(true);
  allow_counted(l, net, stations, {{0, 0, 900, 300}});
  CHECK(l.of_edge[bc] == Approx(1200));
  CHECK(sum(true) == Approx(std::max(before, 1200.0)));
  CHECK(sum(false) >= 1199);
  CHECK(l.of_edge[*net.find_edge("CB")] == 500);
  allow_counted(l, net, stations, {{0, 0, 900, 100}});  // fewer: nothing is taken back
  CHECK(l.of_edge[bc] == Approx(1200));
  road_limits none;
  allow_counted(none, net, stations, {{0, 0, 900, 300}});
  CHECK(none.empty());
}
