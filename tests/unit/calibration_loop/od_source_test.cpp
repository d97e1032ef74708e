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
    for (od_route const& r : s.routes(stream))
      if (std::find(r.edges.begin(), r.edges.end(), t.edge(edge)) != r.edges.end()) sum += r.share;
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
