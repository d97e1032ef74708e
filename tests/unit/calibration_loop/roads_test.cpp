// What a fit may ask of roads: no more than they carry, counted or not.
#include "calibration/loop/roads.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "calibration/loop/entries.h"
#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

double of_road(room_row const& r, std::vector<double> const& x) {
  double sum = 0;
  for (std::size_t i = 0; i < r.cells.size(); ++i) sum += r.shares[i] * x[r.cells[i]];
  return sum;
}

// All trips together are asked to be three times as many.
fit_problem asked_three_times(od_source const& s) {
  fit_problem p;
  p.pairs = s.streams();
  p.slots = s.slots().count;
  std::vector<std::uint32_t> cells;
  double sum = 0;
  for (std::uint32_t c = 0; c < s.prior().size(); ++c) {
    p.prior.push_back(s.prior()[c]);
    p.prior_sd.push_back(0.5 * s.prior()[c]);
    sum += s.prior()[c];
    cells.push_back(c);
  }
  p.crossings.columns = p.cells();
  p.crossings.add_row(cells, std::vector<double>(cells.size(), 1.0));
  p.count = {3 * sum};
  p.detector = {0};
  return p;
}

}  // namespace

TEST_CASE("roads: a row says how many of the trips drawn take the road, and what it carries in the whole time") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  drawn_trips const d = s.draw(s.prior(), 1);
  edge_id const e = d.who.route(d.who.vehicles.route[vehicle_id(0U)])[0];
  id_vector<edge_id, double> most(t.base.net->edge_count(), 0.0);
  CHECK(road_room(most).rows(s).empty());  // nothing drawn, nothing known
  most[e] = 120;
  road_room room(most);
  room.learn(d, s);
  auto const rows = room.rows(s);
  REQUIRE(rows.size() == 1);
  double const hours = s.slots().length_s * static_cast<double>(s.slots().count) / 3600;
  CHECK(rows[0].most == Approx(120 * hours));
  double taken = 0;
  std::vector<double> drawn(s.prior().size());
  for (std::size_t i = 0; i < d.cell.size(); ++i) {
    auto const route = d.who.route(d.who.vehicles.route[vehicle_id(i)]);
    taken += std::find(route.begin(), route.end(), e) != route.end();
    drawn[d.cell[vehicle_id(i)]] += 1;
  }
  REQUIRE(taken > 0);
  CHECK(of_road(rows[0], drawn) == Approx(taken));
  room.learn(d, s);  // the same again: shares, not sums
  CHECK(of_road(room.rows(s)[0], drawn) == Approx(taken));
}

TEST_CASE("roads: a fit asks no road for more than it carries, and other trips answer for what is left") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  drawn_trips const d = s.draw(s.prior(), 1);
  edge_id const e = d.who.route(d.who.vehicles.route[vehicle_id(0U)])[0];
  map_estimator const fit(asked_three_times(s));
  thread_team const team(1);
  fit_options o;
  o.scale_prior = false;
  entry_room places;
  id_vector<edge_id, double> most(t.base.net->edge_count(), 1e9);
  road_room wide(most);
  wide.learn(d, s);
  auto const free = places.fit_within(fit, s, o, team, wide.rows(s));
  CHECK(free.full_roads == 0);
  CHECK(free.within.x == free.free.x);
  auto const all = wide.rows(s);
  double const hours = s.slots().length_s * static_cast<double>(s.slots().count) / 3600;
  for (edge_id i(0U); i.index() < most.size(); i = edge_id(i.index() + 1)) most[i] = 0;
  most[e] = 1;
  road_room probe(most);
  probe.learn(d, s);
  double const wanted = of_road(probe.rows(s)[0], free.free.x);
  REQUIRE(wanted > 0);
  most[e] = 0.6 * wanted / hours;
  road_room narrow(most);
  narrow.learn(d, s);
  auto const held = places.fit_within(fit, s, o, team, narrow.rows(s));
  CHECK(held.full_roads == 1);
  CHECK(of_road(narrow.rows(s)[0], held.within.x) == Approx(0.6 * wanted).epsilon(0.03));
  double before = 0, after = 0;
  for (std::size_t c = 0; c < held.within.x.size(); ++c) {
    before += free.free.x[c];
    after += held.within.x[c];
  }
  CHECK(after > before - 0.4 * wanted);  // more of those who pass elsewhere
}
