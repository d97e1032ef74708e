#include "calibration/loop/warm_up.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// The town an hour and a half later, so that there is time before.
struct later_town : small_town {
  later_town() {
    table.slots.begin_s = 5400;
    base.begin_s = 5400 - kWarm_s;
    base.end_s += 5400;
  }
  [[nodiscard]] od_source quiet() const { return source(table.trips, one_habit()); }
  static constexpr double kWarm_s = 1200;  // a slot and a third of the next one
};

std::vector<double> all_trips(od_source const& s) { return {s.prior().begin(), s.prior().end()}; }

simulated simulate(later_town const& t, od_source const& s, double warm_up_s, scenario const& base) {
  return simulate_trips(base, t.stations, s.draw(all_trips(s), 3), s.prior().size(),
                        {.engine = "tbb", .seed = 3, .threads = 1, .times = false, .warm_up_s = warm_up_s});
}

}  // namespace

TEST_CASE("warm-up: who departs in its first minutes departs once more before them as he is, and nobody else") {
  later_town const t;
  od_source const s = t.quiet();
  drawn_trips const drawn = s.draw(all_trips(s), 3);
  drawn_trips warm = drawn;
  warm.who.vehicles.depart_s[vehicle_id(0U)] = 5399;  // a base may have such travellers
  add_warm_up(warm, 5400, later_town::kWarm_s);
  std::map<double, std::vector<vehicle_id>> by_departure;
  std::size_t before = 0, early = 0;
  vehicle_table const &w = warm.who.vehicles, &d = drawn.who.vehicles;
  REQUIRE(w.key.size() == warm.cell.size());
  for (std::size_t i = 0; i < warm.who.size(); ++i) by_departure[w.depart_s[vehicle_id(i)]].push_back(vehicle_id(i));
  for (std::size_t i = 1; i < drawn.who.size(); ++i) {
    vehicle_id const v(i);
    if (d.depart_s[v] >= 5400 + later_town::kWarm_s) continue;
    ++early;
    auto const& then = by_departure[d.depart_s[v] - later_town::kWarm_s];
    CHECK(std::count_if(then.begin(), then.end(), [&](vehicle_id o) {
            return w.name[o] == "before." + d.name[v] && warm.cell[o] == drawn.cell[v] && w.route[o] == d.route[v] &&
                   w.type[o] == d.type[v] && w.speed_factor[o] == d.speed_factor[v] && w.key[o] != d.key[v];
          }) == 1);
  }
  for (std::size_t i = 0; i < warm.who.size(); ++i) before += w.depart_s[vehicle_id(i)] < 5400;
  CHECK(early > 100);
  CHECK(before == early);
  CHECK(warm.who.size() == drawn.who.size() - 1 + early);
  CHECK(std::is_sorted(w.depart_s.raw().begin(), w.depart_s.raw().end()));
}

TEST_CASE("warm-up: timetables of those who depart once more are as much earlier, those of the others stay") {
  drawn_trips t;
  vehicle_table& v = t.who.vehicles;
  t.who.stop_calls = {{stop_id(0U), 20, 1000}, {stop_id(1U), 20, -1}};
  v.key.push_back(7);
  v.name.push_back("bus");
  v.depart_s.push_back(950);
  v.type.push_back(vtype_id(0U));
  v.speed_factor.push_back(1);
  v.from.push_back(edge_id());
  v.to.push_back(edge_id());
  v.route.push_back(route_id());
  v.from_zone.push_back(zone_id());
  v.to_zone.push_back(zone_id());
  v.why.push_back(purpose::kOther);
  v.line.push_back(line_id());
  v.stops.push_back({0, 2});
  t.cell.push_back(kNoCell);
  add_warm_up(t, 900, 300);
  REQUIRE(t.who.size() == 2);
  CHECK(v.depart_s[vehicle_id(0U)] == 650);
  auto const until = [&](std::size_t i, std::uint32_t k) {
    return t.who.stop_calls[v.stops[vehicle_id(i)].begin + k].until_s;
  };
  CHECK(until(0, 0) == 700);
  CHECK(until(0, 1) == -1);
  CHECK(until(1, 0) == 1000);
  move_in_time(t.who, 500);
  CHECK(v.depart_s[vehicle_id(1U)] == 1450);
  CHECK(until(0, 0) == 1200);
  CHECK(until(1, 1) == -1);
}

TEST_CASE("warm-up: the first minutes count as many as they would in a long run, not those of an empty town") {
  later_town t;
  std::fill(t.table.trips.begin(), t.table.trips.end(), 30);  // the same all the time: any later minutes are the truth
  od_source const s = t.quiet();
  scenario cold = t.base;
  cold.begin_s = 5400;
  auto const in_first = [&](simulated const& r, double from, double until) {
    return std::count_if(r.passings.begin(), r.passings.end(), [&](passing const& p) {
      return static_cast<double>(p.time_s) >= from && static_cast<double>(p.time_s) < until;
    });
  };
  simulated const warm = simulate(t, s, later_town::kWarm_s, t.base), empty = simulate(t, s, 0, cold);
  auto const usual = in_first(empty, 7200, 7320);
  CAPTURE(usual, in_first(empty, 5400, 5520), in_first(warm, 5400, 5520));
  CHECK(in_first(empty, 5400, 5520) < 8 * usual / 10);
  CHECK(in_first(warm, 5400, 5520) > 9 * usual / 10);
  CHECK(in_first(warm, 5400, 5520) < 11 * usual / 10);
  CHECK(warm.departures == empty.departures);  // its travellers are no departures
  CHECK(warm.trips == empty.trips);            // nor told of
}

TEST_CASE("warm-up: whoever passes in it passes for the trips that he repeats, and nothing is left unexplained") {
  later_town const t;
  od_source const s = t.quiet();
  std::vector<station_count> counts;
  for (std::uint32_t k = 0; k < 12; ++k) counts.push_back({k, 5400, 6300, 1, 0});
  simulated const r = simulate(t, s, later_town::kWarm_s, t.base);
  assignment log(s.slots(), s.streams(), {.borrowed = 0, .warm_up_s = later_town::kWarm_s});
  log.add(r);
  sparse_rows const a = log.rows(counts, 1);
  for (double const b : log.offsets(a, counts)) CHECK(std::abs(b) < 1e-9);
}

TEST_CASE("warm-up: a slot without travellers is lent the second departures, too") {
  assignment log({900, 900, 2}, 1, {.borrowed = 3, .near_slots = 1, .warm_up_s = 900});
  simulated r;
  r.departures = {0, 2};
  r.complete = true;
  r.passings = {{1, 0, 1800, 2250}, {1, 0, 2250, 2700}};  // 450 s to the station
  log.add(std::move(r));
  sparse_rows const a = log.rows({{0, 900, 1800, 1, 0}}, 1);
  REQUIRE(a.entries() == 1);
  // Half of who departs from 900 on comes until 1800, and half of who departs from 0 on after 900.
  CHECK(a.column[0] == 0);
  CHECK(a.value[0] == Approx(1));
}

TEST_CASE("a base whose travellers choose their ways when they depart leaves the drawn ones theirs") {
  small_town t;
  od_source const s = t.source(t.table.trips, one_habit());
  auto const passings = [&] {
    return simulate_trips(t.base, t.stations, s.draw(all_trips(s), 3), s.prior().size(),
                          {.engine = "tbb", .seed = 3, .threads = 1, .times = false})
        .passings;
  };
  auto const before = passings();
  REQUIRE(before.size() > 100);
  demand others;  // as many as are drawn, none with a route, all by way of a road where most of those would not go
  std::map<vehicle_id, std::vector<edge_id>> via;
  others.vehicles.key.resize(s.draw(all_trips(s), 3).who.size());
  others.vehicles.route.resize(others.size());
  for (std::size_t i = 0; i < others.size(); ++i) via[vehicle_id(i)] = {t.edge("GH")};
  t.base.trips = std::make_shared<lone_trips const>(t.base.net, others, via);
  auto const after = passings();
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].time_s != before[i].time_s || after[i].station != before[i].station) FAIL("passing " << i);
  }
}
