#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "sim/demand/city.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;

namespace {
struct traveller {
  double depart;
  edge_id from, to;
  vtype_id type;
  float factor;
  bool operator==(traveller const&) const = default;
};
std::map<std::string, traveller> by_name(demand const& d) {
  std::map<std::string, traveller> out;
  vehicle_table const& v = d.vehicles;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const id(i);
    out[v.name[id]] = {v.depart_s[id], v.from[id], v.to[id], v.type[id], v.speed_factor[id]};
  }
  return out;
}
city tiny(test::temp_folder const& dir, double trips = 4000) {
  return read_city(test::tiny_city(dir / ("tiny" + std::to_string(trips)), trips).folder);
}
}  // namespace

TEST_CASE("demand: one seed gives the same travellers, sorted by departure, and another seed others") {
  test::temp_folder const dir;
  city const c = tiny(dir);
  demand const a = draw_demand(c, 1, 0, 86400), b = draw_demand(c, 1, 0, 86400), other = draw_demand(c, 2, 0, 86400);
  CHECK(a.hash() == b.hash());
  CHECK(a.hash() != other.hash());
  CHECK(std::is_sorted(a.vehicles.depart_s.begin(), a.vehicles.depart_s.end()));
  std::set<std::string> names(a.vehicles.name.begin(), a.vehicles.name.end());
  CHECK(names.size() == a.size());
}

TEST_CASE("demand: a window holds exactly the travellers of the day that depart inside it") {
  test::temp_folder const dir;
  city const c = tiny(dir);
  auto const day = by_name(draw_demand(c, 5, 0, 86400));
  auto const part = by_name(draw_demand(c, 5, 25000, 32000));
  std::size_t inside = 0;
  for (auto const& [name, t] : day) {
    auto const it = part.find(name);
    bool const in_window = it != part.end();
    inside += in_window;
    if (in_window) CHECK(it->second == t);
    if (!in_window) CHECK((t.depart < 25000 || t.depart >= 31999.9));
  }
  CHECK(inside == part.size());
}

TEST_CASE("demand: totals are Poisson around the matrix and follow the profile") {
  test::temp_folder const dir;
  city const c = tiny(dir);
  double sum = 0, sum2 = 0, peak = 0;
  constexpr int kSeeds = 60;
  for (int s = 0; s < kSeeds; ++s) {
    demand const d = draw_demand(c, static_cast<std::uint64_t>(s), 0, 86400);
    double n = 0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      if (d.vehicles.line[vehicle_id(i)].valid()) continue;
      ++n;
      double const t = d.vehicles.depart_s[vehicle_id(i)];
      peak += t >= 28 * 900 && t < 36 * 900;
    }
    sum += n;
    sum2 += n * n;
  }
  double const mean = sum / kSeeds, variance = sum2 / kSeeds - mean * mean;
  CHECK(mean == Approx(4000).margin(4 * std::sqrt(4000.0 / kSeeds)));
  CHECK(variance / mean == Approx(1).margin(4 * std::sqrt(2.0 / kSeeds)));
  CHECK(peak / sum == Approx(0.48).margin(0.01));
}

TEST_CASE("demand: scaling one pair adds or removes its travellers and leaves every other as it was") {
  test::temp_folder const dir;
  city c = tiny(dir);
  auto const base = by_name(draw_demand(c, 3, 0, 86400));
  c.od[0].trips_per_day *= 1.5;
  auto const more = by_name(draw_demand(c, 3, 0, 86400));
  for (auto const& [name, t] : base) {
    REQUIRE(more.count(name) == 1);
    REQUIRE(more.at(name) == t);
  }
  double const added = static_cast<double>(more.size() - base.size());
  CHECK(added == Approx(800).margin(120));
  c.od[0].trips_per_day = 0;
  auto const less = by_name(draw_demand(c, 3, 0, 86400));
  for (auto const& [name, t] : less) REQUIRE(base.at(name) == t);
  CHECK(base.size() - less.size() == Approx(1600).margin(160));
}

TEST_CASE("demand: types and speed factors follow their mix") {
  test::temp_folder const dir;
  demand const d = draw_demand(tiny(dir, 40000), 9, 0, 86400);
  double brisk = 0, cars = 0, factor = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (d.vehicles.type[v].value > 1) continue;
    ++cars;
    if (d.vehicles.type[v].value == 0) {
      ++brisk;
      factor += static_cast<double>(d.vehicles.speed_factor[v]);
    }
    REQUIRE(d.vehicles.from[v] != d.vehicles.to[v]);
  }
  CHECK(brisk / cars == Approx(0.75).margin(0.01));
  CHECK(factor / brisk == Approx(1).margin(0.005));
}

TEST_CASE("demand: buses leave by their timetable and call at their stops in order") {
  test::temp_folder const dir;
  demand const d = draw_demand(tiny(dir), 1, 0, 86400);
  std::size_t buses = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (!d.vehicles.line[v].valid()) continue;
    ++buses;
    range const calls = d.vehicles.stops[v];
    REQUIRE(calls.size() == 2);
    CHECK(d.stop_calls[calls.begin].until_s == d.vehicles.depart_s[v] + 40);
    CHECK(d.stop_calls[calls.begin + 1].until_s == d.vehicles.depart_s[v] + 120);
    CHECK(std::fmod(d.vehicles.depart_s[v], 1200) == 0);
  }
  CHECK(buses == 14 * 3);
}
