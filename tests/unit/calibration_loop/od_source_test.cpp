#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sim/core/error.h"
#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

TEST_CASE("od_source: every stream's travellers are its trips within one, each in its slot, on its way") {
  small_town const t;
  od_source const s = t.source(t.table.trips, {});
  REQUIRE(s.streams() == 12 * route_choice{}.habits.size());
  std::vector<double> const x(s.prior().begin(), s.prior().end());
  for (std::uint64_t const seed : {1U, 2U}) {
    drawn_trips const d = s.draw(x, seed);
    std::vector<double> sums(s.streams()), wanted(s.streams());
    for (std::size_t c = 0; c < x.size(); ++c) wanted[c / 4] += x[c];
    for (std::size_t i = 0; i < d.who.size(); ++i) {
      vehicle_id const v(i);
      std::uint32_t const cell = d.cell[v];
      REQUIRE(cell < x.size());
      sums[cell / 4] += 1;
      CHECK(std::floor(d.who.vehicles.depart_s[v] / 900) == cell % 4);
      auto const way = d.who.route(d.who.vehicles.route[v]);
      CHECK(way.front() == t.ends[s.pair_of(cell / 4)].first);
      CHECK(way.back() == t.ends[s.pair_of(cell / 4)].second);
    }
    for (std::size_t k = 0; k < sums.size(); ++k) CHECK(std::abs(sums[k] - wanted[k]) < 1);
  }
}

TEST_CASE("od_source: another number of trips in one stream leaves the travellers of all others as they are") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  std::vector<double> x(s.prior().begin(), s.prior().end());
  auto const others = [&](drawn_trips const& d) {
    std::map<std::uint64_t, std::pair<double, std::vector<edge_id>>> out;
    for (std::size_t i = 0; i < d.who.size(); ++i) {
      vehicle_id const v(i);
      auto const way = d.who.route(d.who.vehicles.route[v]);
      if (d.cell[v] / 4 != 3) out[d.who.vehicles.key[v]] = {d.who.vehicles.depart_s[v], {way.begin(), way.end()}};
    }
    return out;
  };
  auto const before = others(s.draw(x, 5));
  for (std::size_t c = 12; c < 16; ++c) x[c] *= 2.5;
  CHECK(before.size() > 100);
  CHECK(others(s.draw(x, 5)) == before);
}

TEST_CASE("od_source: drivers who learn leave a way that has become slow, those who do not stay") {
  small_town const t;
  route_choice c;
  c.habits = {{.learns = false, .taste_sd = 0.1}, {.learns = true, .taste_sd = 0.1}};
  od_source s = t.source(t.table.trips, c);
  auto const share_by = [&](std::size_t stream, char const* edge) {
    double sum = 0;
    for (chosen_route const& r : s.routes(stream))
      if (std::find(r.edges.begin(), r.edges.end(), t.edge(edge)) != r.edges.end()) sum += r.share.back();
    return sum;
  };
  std::size_t pair = 0;  // from A to D: by F or by G
  while (s.pair_name(pair) != "AE > HD") ++pair;
  double const stays = share_by(pair * 2, "EF"), learns = share_by(pair * 2 + 1, "EF");
  edge_costs slow = free_flow_costs(*t.map.net);
  slow.seconds[t.edge("EF").index()] += 300;
  s.learn(slow, 1);
  CHECK(share_by(pair * 2, "EF") == stays);
  CHECK(share_by(pair * 2 + 1, "EF") == 0);
  s.learn(free_flow_costs(*t.map.net), 0.25);
  CHECK(share_by(pair * 2 + 1, "EF") == Approx(learns / 4).margin(0.15));
}

TEST_CASE("od_source: a pair twice, one without a way, and trips that cannot be are named") {
  small_town const t;
  auto const message = [&](auto const& change) -> std::string {
    od_table table = t.table;
    auto ends = t.ends;
    change(table, ends);
    try {
      od_source const s(t.map.net, table, one_habit(), ends);
    } catch (error const& e) {
      CHECK(e.exit_code() == 2);
      return e.what();
    }
    return "";
  };
  CHECK_THAT(message([](od_table& d, auto&) { d.pairs[1] = d.pairs[0]; }),
             Catch::Contains("AE > EB: stands there twice"));
  CHECK_THAT(message([](od_table& d, auto&) { d.trips[5] = -1; }), Catch::Contains("-1 trips cannot be"));
  CHECK_THAT(message([](od_table& d, auto&) { d.trips[5] = std::nan(""); }), Catch::Contains("nan trips cannot be"));
  CHECK_THAT(message([&](od_table& d, auto&) {
               d.pairs[2].routes = {{{t.edge("AE"), t.edge("HD")}, 1}};
             }),
             Catch::Contains("'AE' to 'HD', which are not connected"));
  CHECK_THAT(message([&](od_table&, auto& e) {
               e[0] = {t.edge("EA"), t.edge("EB")};
             }),
             Catch::Contains("has no route on the network"));
}

TEST_CASE("od_source: who learns takes a road that is slow for a while before and after, not meanwhile") {
  small_town const t;
  route_choice c;
  c.habits = {{.learns = false, .taste_sd = 0.1}, {.learns = true, .taste_sd = 0.1}};
  c.draws = 80;
  od_table table = t.table;
  table.slots = {0, 900, 8};
  table.trips.assign(table.pairs.size() * 8, 10);
  od_source s(t.map.net, table, c, t.ends);
  std::size_t pair = 0;  // from A to D: by F or by G
  while (s.pair_name(pair) != "AE > HD") ++pair;
  auto const share_of = [&](std::size_t stream, std::size_t slot) {
    double by_f = 0, all = 0;
    for (chosen_route const& r : s.routes(stream)) {
      all += r.share[slot];
      if (std::find(r.edges.begin(), r.edges.end(), t.edge("EF")) != r.edges.end()) by_f += r.share[slot];
    }
    CHECK(all == Approx(1));
    return by_f;
  };
  double const usual = share_of(pair * 2 + 1, 0);
  edge_costs slow = free_flow_costs(*t.map.net);
  std::vector<float> const free = slow.seconds;
  slow.slot_s = 3600;
  slow.slots = 2;
  slow.seconds.insert(slow.seconds.end(), free.begin(), free.end());
  slow.seconds[free.size() + t.edge("EF").index()] += 300;  // in the second hour
  s.learn(slow, 1);
  CHECK(usual > 0.1);
  CHECK(share_of(pair * 2 + 1, 0) == Approx(usual).margin(0.2));
  CHECK(share_of(pair * 2 + 1, 7) == Approx(0).margin(1e-3));
  CHECK(share_of(pair * 2, 7) == share_of(pair * 2, 0));
}

TEST_CASE("od_source: who does not see turns meets a slow turn as a little of the whole edge") {
  small_town const t;
  route_choice c;
  c.habits = {{.learns = true, .taste_sd = 0.1}, {.learns = true, .sees_turns = false, .taste_sd = 0.1}};
  c.draws = 80;
  od_source s = t.source(t.table.trips, c);
  std::size_t pair = 0;
  while (s.pair_name(pair) != "AE > HD") ++pair;
  edge_costs slow = free_flow_costs(*t.map.net);
  slow.turn_seconds = free_flow_turns(*t.map.net);
  auto const next = t.map.net->successors(t.edge("AE"));
  std::size_t const turn = t.map.net->edges.out[t.edge("AE")].begin +
                           static_cast<std::size_t>(std::find(next.begin(), next.end(), t.edge("EF")) - next.begin());
  slow.turn_seconds[turn] += 300;
  s.learn(slow, 1);
  auto const by_f = [&](std::size_t stream) {
    double sum = 0;
    for (chosen_route const& r : s.routes(stream))
      if (std::find(r.edges.begin(), r.edges.end(), t.edge("EF")) != r.edges.end()) sum += r.share[0];
    return sum;
  };
  CHECK(by_f(pair * 2) == Approx(0).margin(1e-3));
  CHECK(by_f(pair * 2 + 1) > 0.1);
}

TEST_CASE("od table: of a pair of cars and others the cars are estimated, and only the others travel as they are") {
  small_town const t;
  demand d = t.source(t.table.trips, one_habit()).draw(t.table.trips, 3).who;
  vehicle_type other;
  other.name = "ignoring";
  other.cls = vclass::kIgnoring;
  d.types.push_back(other);
  std::ptrdiff_t others = 0;
  for (std::size_t i = 0; i < d.size(); i += 5, ++others) d.vehicles.type[vehicle_id(i)] = vtype_id(d.types.size() - 1);
  od_table const all = table_of_travellers(d, t.table.slots, *t.map.net), cars = cars_alone(all, *t.map.net);
  CHECK(cars.pairs.size() == all.pairs.size());
  CHECK(std::count(cars.fixed.begin(), cars.fixed.end(), true) - std::count(all.fixed.begin(), all.fixed.end(), true) ==
        others);
  for (std::size_t p = 0; p < cars.pairs.size(); ++p) {
    double trips = 0, share = 0;
    for (std::size_t s = 0; s < 4; ++s) trips += cars.trips[p * 4 + s];
    for (od_route const& r : cars.pairs[p].routes) share += r.share;
    CHECK(trips == static_cast<double>(cars.pairs[p].samples.size()));
    CHECK(share == Approx(1));
    for (vehicle_id const v : cars.pairs[p].samples) {
      CHECK(d.types[d.vehicles.type[v]].cls == vclass::kPassenger);
      CHECK_FALSE(cars.fixed[v.index()]);
    }
  }
}
