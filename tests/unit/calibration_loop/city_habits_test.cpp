#include <algorithm>
#include <catch2/catch.hpp>

#include "calibration/loop/calibrate.h"
#include "calibration/loop/city_source.h"
#include "sim/core/text_file.h"
#include "sim/scenario/compile.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;

namespace {

// A scenario that thinks the main road slow, and counts of drivers of whom some know it for empty.
struct town_with_habits {
  test::temp_folder dir;
  compiled base;
  std::vector<count_station> stations;
  departure_slots slots{25200, 900, 4};

  town_with_habits() {
    test::tiny_city const city(dir / "data/tiny", 4500);
    city.write("travel_times.csv", "begin_s,edge_id,travel_time_s\n0,FG,120\n0,GF,120\n");
    city.write("city.toml",
               read_text_file(city.folder / "city.toml", 1U << 20U) + "travel_times = \"travel_times.csv\"\n");
    std::filesystem::create_directories(dir / "scenarios/tiny");
    test::write_text(dir / "scenarios/tiny/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"08:00\"\n");
    base = compile_scenario(dir / "scenarios/tiny/base.toml", {.set = {}, .seed = 1, .threads = 1, .data = {}});
    for (char const* e : {"AB", "CD", "FG", "GF", "KJ", "IJ", "BA", "DH", "EF", "GH", "BC", "CB", "JK", "HG", "FE"})
      stations.push_back({e, *base.ready.net->find_edge(e), 60, {}, ""});
  }
  [[nodiscard]] city_source source(double share) const {
    return {*base.town, slots, base.ready.ways, base.ready.way_options, share};
  }
  [[nodiscard]] calibration_input counts_of(trip_source const& truth, std::vector<double> const& trips) const {
    simulated const seen = simulate_trips(base.ready, stations, truth.draw(trips, 77), trips.size(),
                                          {.engine = "tbb", .seed = 77, .threads = 1, .times = false});
    calibration_input in;
    in.base = base.ready;
    in.stations = stations;
    for (std::uint32_t i = 0; i < stations.size(); ++i) {
      for (std::size_t k = 0; k < slots.count; ++k)
        in.fitted.push_back({i, slots.begin_of(k), slots.begin_of(k) + slots.length_s, 0});
    }
    std::vector<double> const n = counted_in(seen, in.fitted);
    for (std::size_t i = 0; i < n.size(); ++i) in.fitted[i].count = n[i];
    return in;
  }
  // What a fit finds of counts of whose drivers this share chooses by the empty network.
  [[nodiscard]] double fitted(double true_share) const {
    city_source const truth = source(0.5);
    std::vector<double> trips = trips_of_pairs(truth, truth.prior()), of_habits;
    for (std::size_t c = 0; c < truth.prior().size(); ++c) {
      double const all = trips[truth.pair_of(c / slots.count) * slots.count + c % slots.count];
      of_habits.push_back(all * (truth.habit_of(c / slots.count) == 1 ? true_share : 1 - true_share));
    }
    calibration_input const in = counts_of(truth, of_habits);
    calibration_options o;
    o.iterations = 3;
    o.learn_routes = false;
    o.simulation = {.engine = "tbb", .seed = 1, .threads = 1, .times = false};
    city_source own = source(0.25);
    calibration_result const r = calibrate(own, in, o, {});
    double by_free_flow = 0, all = 0;
    for (std::size_t c = 0; c < r.trips.size(); ++c) {
      all += r.trips[c];
      by_free_flow += own.habit_of(c / slots.count) == 1 ? r.trips[c] : 0;
    }
    return by_free_flow / all;
  }
};

}  // namespace

TEST_CASE("calibrate: a city of which fewer pairs travel than it has zones is fitted as any other") {
  town_with_habits const t;
  city few = *t.base.town;
  auto const last = std::max_element(few.od.begin(), few.od.end(), [](od_flow const& a, od_flow const& b) {
    return std::pair(a.from, a.to) < std::pair(b.from, b.to);
  });
  std::pair const only(last->from, last->to);
  std::erase_if(few.od, [&](od_flow const& f) { return std::pair(f.from, f.to) != only; });
  REQUIRE(only.first.value > 0);
  city_source own(few, t.slots, t.base.ready.ways, t.base.ready.way_options);
  REQUIRE(own.pairs() == 1);
  calibration_options o;
  o.iterations = 2;
  o.learn_routes = false;
  o.simulation = {.engine = "tbb", .seed = 1, .threads = 1, .times = false};
  calibration_result const r = calibrate(own, t.counts_of(own, {own.prior().begin(), own.prior().end()}), o, {});
  CHECK(r.iterates.size() == 2);
  CHECK(r.iterates[1].trips > 0.5 * r.iterates[0].trips);
}

TEST_CASE("city habits: counts tell how many drivers do not choose as the scenario says, and that hardly any does") {
  town_with_habits const t;
  CHECK(t.fitted(0.8) > 0.5);
  CHECK(t.fitted(0) < 0.15);
}

TEST_CASE("city habits: a scenario on the calibrated demand has the fit's travellers and routes, bit by bit") {
  town_with_habits const t;
  city_source const source = t.source(0.25);
  std::vector<double> trips(source.prior().begin(), source.prior().end());
  for (std::size_t c = 0; c < trips.size(); ++c) trips[c] *= 0.6 + 0.03 * static_cast<double>(c);
  source.factors(trips).write(t.dir / "scenarios/tiny/factors.csv", *t.base.town);
  test::write_text(t.dir / "scenarios/tiny/heir.toml", "base = \"base.toml\"\ncalibrated = \"factors.csv\"\n");
  for (std::uint64_t const seed : {1U, 9U}) {
    compiled const heir =
        compile_scenario(t.dir / "scenarios/tiny/heir.toml", {.set = {}, .seed = seed, .threads = 1, .data = {}});
    CHECK(heir.ready.travellers->hash() == source.draw(trips, seed).who.hash());
  }
}
