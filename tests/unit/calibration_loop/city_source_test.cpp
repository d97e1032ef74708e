#include "calibration/loop/city_source.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "sim/core/error.h"
#include "sim/routing/habits.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;

namespace {

struct scene {
  test::temp_folder dir;
  city town = read_city(test::tiny_city(dir / "tiny", 6000).folder);
  std::shared_ptr<router const> base = std::make_shared<router const>(*town.net, free_flow_costs(*town.net));
  routing_options routing{.taste_sd = 0.1, .seed = 0, .threads = 1};
  departure_slots slots{28 * 900, 1800, 3};  // 07:00 to 08:30
  [[nodiscard]] city_source source() const { return {town, slots, base, routing}; }
  [[nodiscard]] city written_and_read(pair_factors const& f) const {
    f.write(dir / "factors.csv", town);
    city out = town;
    out.factors = std::make_shared<pair_factors const>(pair_factors::read(dir / "factors.csv", town));
    return out;
  }
};

std::vector<std::uint64_t> keys_of(demand const& d, std::set<std::uint64_t>& buses) {
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (d.vehicles.line[vehicle_id(i)].valid()) buses.insert(d.vehicles.key[vehicle_id(i)]);
  }
  return {d.vehicles.key.begin(), d.vehicles.key.end()};
}

}  // namespace

TEST_CASE("city source: prior trips are what the city draws on the mean of seeds, pair by pair and slot by slot") {
  scene const s;
  city_source const source = s.source();
  REQUIRE(source.pairs() == 5);
  REQUIRE(source.prior().size() == 15);
  std::vector<double> drawn(15);
  constexpr int kSeeds = 80;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    drawn_trips const d = source.draw(source.prior(), static_cast<std::uint64_t>(seed));
    for (std::uint32_t const c : d.cell) {
      if (c != kNoCell) drawn[c] += 1;
    }
  }
  for (std::size_t c = 0; c < 15; ++c) {
    CHECK(source.prior()[c] > 0);
    double const sd = std::sqrt(source.prior()[c] / kSeeds);
    CHECK(drawn[c] / kSeeds == Approx(source.prior()[c]).margin(4.5 * sd));
  }
}

TEST_CASE("city source: with the prior's own trips its travellers are the scenario's, bit by bit") {
  scene const s;
  city_source const source = s.source();
  drawn_trips const d = source.draw(source.prior(), 7);
  demand plain = draw_demand(s.town, 7, s.slots.begin_s, s.slots.end_s());
  routing_options o = s.routing;
  o.seed = 7;
  plan_routes(plain, *s.base, o, [&](vehicle_id v) { return !plain.vehicles.line[v].valid(); });
  CHECK(d.who.hash() == plain.hash());
  CHECK(d.who.size() == d.cell.size());
}

TEST_CASE(
    "city source: more trips in one cell add travellers there and leave all others, and every bus, as they were") {
  scene const s;
  city_source const source = s.source();
  std::vector<double> more(source.prior().begin(), source.prior().end());
  std::size_t const raised = 4;
  more[raised] *= 1.5;
  drawn_trips const a = source.draw(source.prior(), 3), b = source.draw(more, 3);
  std::set<std::uint64_t> buses_a, buses_b;
  auto const before = keys_of(a.who, buses_a), after = keys_of(b.who, buses_b);
  CHECK(buses_a == buses_b);
  CHECK(!buses_a.empty());
  std::set<std::uint64_t> const was(before.begin(), before.end());
  std::size_t added = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (was.count(after[i]) > 0) continue;
    ++added;
    CHECK(b.cell[vehicle_id(i)] == raised);
  }
  CHECK(after.size() == before.size() + added);
  CHECK(static_cast<double>(added) ==
        Approx(0.5 * source.prior()[raised]).margin(4 * std::sqrt(source.prior()[raised])));
}

TEST_CASE("city source: its factors, written and read again, give a scenario the same travellers") {
  scene s;
  city_source const source = s.source();
  std::vector<double> trips(source.prior().begin(), source.prior().end());
  for (std::size_t c = 0; c < trips.size(); ++c) trips[c] *= 0.5 + 0.13 * static_cast<double>(c);
  city const with = s.written_and_read(source.factors(trips));
  demand plain = draw_demand(with, 11, s.slots.begin_s, s.slots.end_s());
  routing_options o = s.routing;
  o.seed = 11;
  plan_routes(plain, *s.base, o, [&](vehicle_id v) { return !plain.vehicles.line[v].valid(); });
  CHECK(plain.hash() == source.draw(trips, 11).who.hash());

  SECTION("and calibrating what is calibrated already multiplies") {
    city_source const again(with, s.slots, s.base, s.routing);
    CHECK(again.prior()[14] == Approx(trips[14]));
    std::vector<double> twice(again.prior().begin(), again.prior().end());
    for (double& t : twice) t *= 2;
    pair_factors const f = again.factors(twice);
    auto const [from, to] = again.zones_of(4);
    CHECK(f.at(from, to, 33) == Approx(2 * trips[14] / source.prior()[14]));
    CHECK(f.at(from, to, 34) == 1);
  }
}

TEST_CASE("city source: a share of travellers learns, and only they may take another way") {
  scene const s;
  city_source source = s.source();
  drawn_trips const before = source.draw(source.prior(), 5);
  edge_costs slow = free_flow_costs(*s.town.net);
  for (char const* name : {"FG", "EF", "GH"}) slow.seconds[s.town.net->find_edge(name)->index()] *= 6;
  slow.turn_seconds = free_flow_turns(*s.town.net);
  source.learn(slow, 0.4);
  drawn_trips const after = source.draw(source.prior(), 5);
  REQUIRE(before.who.size() == after.who.size());
  std::size_t changed = 0, on_slow = 0, slow_changed = 0;
  edge_id const fg = *s.town.net->find_edge("FG");
  for (std::size_t i = 0; i < before.who.size(); ++i) {
    vehicle_id const v(i);
    auto const x = before.who.route(before.who.vehicles.route[v]), y = after.who.route(after.who.vehicles.route[v]);
    bool const other = !std::equal(x.begin(), x.end(), y.begin(), y.end());
    changed += other;
    if (std::find(x.begin() + 1, x.end() - 1, fg) >= x.end() - 1) continue;
    ++on_slow;
    slow_changed += other;
  }
  REQUIRE(on_slow > 50);
  CHECK(static_cast<double>(slow_changed) / static_cast<double>(on_slow) == Approx(0.4).margin(0.15));
  CHECK(static_cast<double>(changed) < 0.5 * static_cast<double>(before.who.size()));
}

TEST_CASE("city source: drivers by the empty network are those whom a scenario with its factors has, route by route") {
  scene s;
  edge_costs slow = free_flow_costs(*s.town.net);  // as the scenario knows them
  for (char const* name : {"FG", "EF", "GH"}) slow.seconds[s.town.net->find_edge(name)->index()] *= 6;
  s.base = std::make_shared<router const>(*s.town.net, slow);
  city_source const source(s.town, s.slots, s.base, s.routing, 0.4);
  REQUIRE(source.streams() == 2 * source.pairs());
  std::vector<double> trips(source.prior().begin(), source.prior().end());
  for (std::size_t c = 0; c < trips.size(); ++c) trips[c] *= 0.5 + 0.07 * static_cast<double>(c);
  drawn_trips const drawn = source.draw(trips, 11);
  city const with = s.written_and_read(source.factors(trips));
  demand plain = draw_demand(with, 11, s.slots.begin_s, s.slots.end_s());
  routing_options o = s.routing;
  o.seed = 11;
  auto const free_flow = free_flow_router(*s.town.net, {});
  plan_by_habit(plain, *s.base, free_flow.get(), o, [&](vehicle_id v) { return !plain.vehicles.line[v].valid(); });
  CHECK(plain.hash() == drawn.who.hash());

  SECTION("as many of each habit as asked for, on the mean of seeds") {
    double asked = 0, got = 0, all = 0;
    for (std::size_t c = 0; c < trips.size(); ++c) asked += source.habit_of(c / 3) == 1 ? trips[c] : 0;
    constexpr std::uint64_t kSeeds = 20;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      for (std::uint32_t const c : source.draw(trips, seed).cell) {
        if (c == kNoCell) continue;
        got += source.habit_of(c / 3) == 1 ? 1.0 / kSeeds : 0;
        all += 1.0 / kSeeds;
      }
    }
    CHECK(got == Approx(asked).margin(4.5 * std::sqrt(asked / kSeeds)));
    CHECK(all > 1.5 * got);
  }
  SECTION("before any calibration nobody is, and after one as many as it found, slot by slot") {
    CHECK(source.factors(source.as_base()).some_by_free_flow() == false);
    CHECK(source.draw(source.as_base(), 5).who.hash() == s.source().draw(s.source().prior(), 5).who.hash());
    city_source const again(with, s.slots, s.base, s.routing);
    CHECK(again.draw(again.as_base(), 11).who.hash() == drawn.who.hash());
    CHECK_THROWS_WITH(city_source(with, s.slots, s.base, s.routing, 0.4), Catch::Contains("prior.free_flow_share"));
  }
}

TEST_CASE("city source: the same draw has the same bits on any number of threads") {
  scene const s;
  auto const hash_on = [&](std::size_t threads) {
    routing_options o = s.routing;
    o.threads = threads;
    city_source const source(s.town, s.slots, s.base, o);
    return source.draw(source.prior(), 2).who.hash();
  };
  std::uint64_t const one = hash_on(1);
  for (std::size_t const n : {2, 3, 5, 8}) CHECK(hash_on(n) == one);
}

TEST_CASE("city source: what an earlier calibration found of other times, and where it found nobody, stays") {
  scene const s;
  auto earlier = std::make_shared<pair_factors>();
  auto const [from, to] = s.source().zones_of(0);
  auto const [other_from, other_to] = s.source().zones_of(1);
  auto const first = static_cast<std::size_t>(s.slots.begin_s / pair_factors::kSlotS);
  earlier->set(from, to, 0, pair_factors::kSlots, 1.5, 0.25);
  earlier->set(other_from, other_to, first, first + 1, 0);
  city calibrated = s.town;
  calibrated.factors = earlier;
  city_source const source(calibrated, s.slots, s.base, s.routing);
  std::vector<double> trips = source.as_base();
  for (double& x : trips) x *= 2;
  pair_factors const found = source.factors(trips);
  CHECK(found.at(from, to, first) == Approx(3));
  CHECK(found.at(from, to, first - 1) == 1.5);
  CHECK(found.at(from, to, pair_factors::kSlots - 1) == 1.5);
  CHECK(found.free_flow_share(from, to, first) == 0.25);
  CHECK(found.free_flow_share(from, to, first - 1) == 0.25);
  CHECK(found.at(other_from, other_to, first) == 0);
  CHECK(found.at(other_from, other_to, first + 1) == Approx(2));
}

TEST_CASE("city source: slots that are no quarter-hours are refused") {
  scene const s;
  for (departure_slots const bad : {departure_slots{28 * 900, 600, 3}, departure_slots{25100, 900, 3},
                                    departure_slots{25200, 900, 0}, departure_slots{170000, 900, 12}})
    CHECK_THROWS_AS(city_source(s.town, bad, s.base, s.routing), error);
}
