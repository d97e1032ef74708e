// What occupancies say beyond counts: the rules, and demands behind jams that counts alone do not tell.
#include "calibration/loop/presence.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>

#include "sim/core/random.h"
#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::vector<station_count> told(std::vector<double> const& occupancies) {
  std::vector<station_count> out;
  for (double const o : occupancies) out.push_back({static_cast<std::uint32_t>(out.size()), 0, 900, 100, 0, o});
  return out;
}

std::vector<double> times(std::vector<double> x, double factor) {
  for (double& v : x) v *= factor;
  return x;
}

double sum(std::vector<double> const& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

}  // namespace

TEST_CASE("presence: a count is raised where only the road jams, lowered where only the simulation does") {
  auto const counts = told({0.4, 0.02, 0.4, 0.02, -1});
  std::vector<double> const seen{0.03, 0.3, 0.3, 0.03, 0.5};
  wished_counts w(counts);
  w.learn(seen);
  CHECK(w.count(0) == Approx(100 * std::exp(0.3)));  // at most so much at once
  CHECK(w.count(1) == Approx(100 * std::exp(-0.3)));
  CHECK(w.count(2) == 100);
  CHECK(w.count(3) == 100);
  CHECK(w.count(4) == 100);  // its occupancy is not told
  w.learn({0.3, 0.1, 0.3, 0.2, NAN});
  CHECK(w.count(0) == Approx(100 * std::exp(0.3)));    // both jam: as it is
  CHECK(w.count(1) == Approx(100 * std::exp(-0.15)));  // neither: back half of the way
  CHECK(w.count(3) == Approx(100 * std::exp(-0.3)));
  for (int i = 0; i < 9; ++i) w.learn(seen);
  CHECK(w.count(0) == Approx(200));
  CHECK(w.count(1) == Approx(50));
}

TEST_CASE("presence: without a jam on either side occupancies decide nothing") {
  presence const free = compare_presence(told({0.01, 0.02, -1}), {0.05, 0.06, 0.5});
  CHECK(free.ratio() == 1);
  CHECK(free.misfit() == 0);
  presence const jam = compare_presence(told({0.3, 0.02}), {0.02, NAN});
  CHECK(jam.told_jams == 1);
  CHECK(jam.both_jam == 0);
  CHECK(jam.ratio() == Approx(0.02 / 0.3));
  CHECK(jam.misfit() > 10);
  CHECK(compare_presence(told({0.3}), {0.25}).misfit() == 0);  // as two simulations of one demand differ
}

TEST_CASE("presence: jams that loops tell excuse vehicles moved past an obstacle, not those who wait outside") {
  calibration_iterate i;
  i.simulated_trips = 1000;
  i.teleports = 30;
  CHECK(i.jams());
  i.presence_of_vehicles = compare_presence(told({0.4}), {0.4});
  CHECK_FALSE(i.jams());
  i.presence_of_vehicles = compare_presence(told({0.4}), {0.7});  // it jams more than the road
  CHECK(i.jams());
  i.presence_of_vehicles = compare_presence(told({0.4}), {0.4});
  i.never_inserted = 30;
  CHECK(i.jams());
}

TEST_CASE("presence: a step goes up to where no more vehicles stand than loops tell, as far as logarithms tell it") {
  presence const before = compare_presence(told({0.4}), {0.4 * std::exp(-0.25)});
  auto const part = [&](double log_ratio) {
    return compare_presence(told({0.4}), {0.4 * std::exp(log_ratio)}).part_of_step(before);
  };
  CHECK(part(0.2) == 1);
  CHECK(part(0.75) == Approx(0.5));
  CHECK(part(5) == Approx(0.25));  // at least
  presence const jammed = compare_presence(told({0.4}), {0.6});
  CHECK(compare_presence(told({0.4}), {0.9}).part_of_step(jammed) == 1);  // there is nothing to go back to
}

// Two roads into the town let through `most_` in a slot; who comes beyond that stands before the loop, and passes
// never.
class full_roads {
 public:
  explicit full_roads(double most) : most_(most) {}
  simulated operator()(drawn_trips const& trips, std::size_t cells) const {
    simulated s;
    s.complete = true;
    s.departures.assign(cells, 0);
    s.kept_out.assign(cells, 0);
    std::array<std::array<double, 4>, 2> came{};
    for (std::size_t i = 0; i < trips.cell.size(); ++i) {
      std::uint32_t const cell = trips.cell[vehicle_id(i)], road = cell / 4 / 3, slot = cell % 4;
      ++s.trips;
      ++s.departures[cell];
      if (road >= 2 || ++came[road][slot] > most_) continue;
      auto const departed = static_cast<float>(trips.who.vehicles.depart_s[vehicle_id(i)]);
      s.passings.push_back({cell, 2 * road, departed, departed});
    }
    for (std::uint32_t k = 0; k < 8; ++k) {
      double const begin = 900.0 * (k / 2);
      s.states.push_back({2 * (k % 2), begin, begin + 900, 0.12 * std::pow(came[k % 2][k / 2] / most_, 4)});
    }
    return s;
  }

 private:
  double most_;
};

TEST_CASE("presence: where more trips stand about and bring little of what they should, a step ends before that") {
  small_town const t;
  double const most = 80;
  calibration_input in;
  in.base = t.base;
  in.stations = t.stations;
  calibration_options o;
  o.iterations = 3;
  o.learn_routes = false;
  o.simulate = [&](scenario const&, std::vector<count_station> const&, drawn_trips trips, std::size_t cells,
                   simulation_request const&, stop_function const&) { return full_roads(most)(trips, cells); };
  std::vector<double> prior = t.table.trips;
  for (std::size_t c = 0; c < prior.size(); ++c) prior[c] = 25;  // 75 on each road
  auto const fit = [&](double occupancy) {
    in.fitted.clear();
    for (std::uint32_t const at : {0U, 2U}) {
      for (double begin = 0; begin < 3600; begin += 900)
        in.fitted.push_back({at, begin, begin + 900, 120, 0, occupancy});
    }
    od_source trips = t.source(prior, one_habit());
    return calibrate(trips, in, o, {});
  };
  calibration_result const blind = fit(-1), told_so = fit(0.16);
  CHECK(blind.iterates.back().step == 1);
  CHECK(blind.iterates.back().trips > 1.4 * sum(prior));
  REQUIRE_FALSE(told_so.iterates[1].jams());
  CHECK(told_so.iterates[1].kept_promise < kEnoughKept);
  CHECK(told_so.iterates[1].presence_of_vehicles.ratio() > 1.5);
  CHECK(told_so.iterates[2].step < 0.5);
  CHECK(told_so.iterates[2].presence_of_vehicles.ratio() < 0.7 * told_so.iterates[1].presence_of_vehicles.ratio());
  CHECK(told_so.iterates[2].trips < 0.8 * blind.iterates[2].trips);
}

// Full roads whose simulations are changed, each by its number from 1 on; the prior is 75 on each road and slot.
calibration_result stepped(double most, std::array<double, 2> counts, double occupancy, std::size_t iterations,
                           std::function<void(std::size_t, simulated&)> const& change) {
  small_town const t;
  calibration_input in;
  in.base = t.base;
  in.stations = t.stations;
  for (std::uint32_t const at : {0U, 2U}) {
    for (double begin = 0; begin < 3600; begin += 900)
      in.fitted.push_back({at, begin, begin + 900, counts[at / 2], 0, occupancy});
  }
  calibration_options o;
  o.iterations = iterations;
  o.learn_routes = false;
  std::size_t number = 0;
  o.simulate = [&](scenario const&, std::vector<count_station> const&, drawn_trips trips, std::size_t cells,
                   simulation_request const&, stop_function const&) {
    simulated s = full_roads(most)(trips, cells);
    change(++number, s);
    return s;
  };
  od_source trips = t.source(std::vector<double>(t.table.trips.size(), 25), one_habit());
  return calibrate(trips, in, o, {});
}

void jam(simulated& s) { s.never_inserted = s.trips / 10; }
void stand(simulated& s, std::uint32_t station, double occupancy) {
  for (station_state& state : s.states) {
    if (state.station == station) state.occupancy = occupancy;
  }
}

TEST_CASE("steps: where the prior stands about more than told, a better demand is the one to go back to") {
  calibration_result const r = stepped(1000, {90, 90}, 0.16, 4, [](std::size_t n, simulated& s) {
    for (std::uint32_t const at : {0U, 2U}) stand(s, at, n == 1 ? 0.3 : 0.25);
    if (n == 3) jam(s);
  });
  REQUIRE_FALSE(r.iterates[1].jams());
  REQUIRE_FALSE(r.iterates[1].presence_of_vehicles.no_more_than_told());
  REQUIRE(r.iterates[1].trips > 1.1 * r.iterates[0].trips);
  CHECK(r.iterates[3].step == 0.5);  // half of the way from it to what was fitted
  CHECK(2 * r.iterates[3].trips - sum(r.wished) == Approx(r.iterates[1].trips).epsilon(0.01));
}

TEST_CASE("steps: a count raised for a jam breaks no promise when the jam lets no more through") {
  calibration_result const r = stepped(80, {80, 50}, 0.4, 3, [](std::size_t n, simulated& s) {
    stand(s, 0, n == 2 ? 0.05 : 0.4);
    stand(s, 2, 0.4);
    if (n == 2) jam(s);
  });
  REQUIRE(r.iterates[2].step == 0.5);
  CHECK(r.iterates[2].kept_promise == Approx(1).epsilon(0.05));
}

TEST_CASE("presence: both engines tell the same occupancies, and a count's time takes the mean of what lies in it") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  std::vector<station_count> whole;
  for (std::uint32_t i = 0; i < t.stations.size(); ++i) whole.push_back({i, 0, 3600, 0, 0});
  auto const of = [&](char const* engine) {
    return simulate_trips(t.base, t.stations, s.draw(t.table.trips, 1), t.table.trips.size(),
                          {.engine = engine, .seed = 5});
  };
  simulated const sumo = of("sumo"), ours = of("tbb");
  auto const a = occupancies_in(sumo, whole), b = occupancies_in(ours, whole);
  double apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) apart += std::abs(a[i] - b[i]);
  CHECK(sum(a) > 0.05);
  CHECK(apart < 0.15 * sum(a));
  auto const first = occupancies_in(sumo, {{0, 0, 900, 0, 0}}), second = occupancies_in(sumo, {{0, 900, 1800, 0, 0}});
  CHECK(occupancies_in(sumo, {{0, 0, 1800, 0, 0}})[0] == Approx((first[0] + second[0]) / 2));
  CHECK(std::isnan(occupancies_in(sumo, {{0, 90000, 90900, 0, 0}})[0]));
}

// What waits outside the network no loop sees; here, almost everybody gets in, into queues.
TEST_CASE("presence: of a town with a queue, the demand behind it is found, where counts are met as well without it") {
  small_town const t;
  std::vector<double> const truth = times(t.table.trips, 1.6);
  od_source const s = t.source(truth, one_habit());
  simulated const seen =
      simulate_trips(t.base, t.stations, s.draw(truth, 1), truth.size(), {.engine = "sumo", .seed = 11});
  std::vector<double> prior;
  for (std::size_t c = 0; c < truth.size(); ++c)
    prior.push_back(0.6 * truth[c] * std::exp(0.3 * random_normal(3, c / 4, 0, draw::kDayNoise)));
  auto const fit = [&](bool occupancies) {
    calibration_input in;
    in.base = t.base;
    in.stations = t.stations;
    in.fitted = t.counts(seen, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    auto const o = occupancies_in(seen, in.fitted);
    for (std::size_t i = 0; occupancies && i < o.size(); ++i) in.fitted[i].occupancy = o[i];
    od_source trips = t.source(prior, one_habit());
    return calibrate(trips, in, {}, {});
  };
  calibration_result const alone = fit(false), with = fit(true);
  auto const kept = [](calibration_result const& r) { return r.iterates[r.best]; };
  CHECK(kept(alone).misfit < 0.1);  // counts alone are met, and wrongly
  CHECK(sum(alone.trips) / sum(truth) < 0.95);
  CHECK(sum(with.trips) / sum(truth) == Approx(1).margin(0.03));
  CHECK(kept(with).misfit < 1);
  CHECK(kept(with).presence_of_vehicles.told_jams > 0);
  CHECK(kept(with).presence_of_vehicles.both_jam == kept(with).presence_of_vehicles.told_jams);
}
