#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/counts/capacity.h"
#include "calibration/fit/score.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"
#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

struct experiment {
  explicit experiment(small_town const& t) {
    route_choice const truth = one_habit();
    od_source const s = t.source(t.table.trips, truth);
    simulated const r = simulate_trips(t.base, t.stations, s.draw(t.table.trips, 1), t.table.trips.size(),
                                       {.engine = "sumo", .seed = 11});
    in.base = t.base;
    in.stations = t.stations;
    in.fitted = t.counts(r, {0, 1, 2, 4, 6, 7, 8, 9});
    held_out = t.counts(r, {3, 5, 10, 11});
    for (std::size_t c = 0; c < t.table.trips.size(); ++c)
      prior.push_back(0.75 * t.table.trips[c] * std::exp(0.5 * random_normal(3, c / 4, 0, draw::kDayNoise)));
    o.iterations = 4;
  }
  calibration_input in;
  std::vector<station_count> held_out;
  std::vector<double> prior;
  calibration_options o;
};

double held_out_rmsn(small_town const& t, experiment const& e, od_source const& s, std::vector<double> const& x) {
  double sum = 0;
  for (std::uint64_t const seed : {901U, 902U, 903U}) {
    simulated const r = simulate_trips(t.base, t.stations, s.draw(x, seed), x.size(), {.engine = "tbb", .seed = seed});
    std::vector<double> const n = counted_in(r, e.held_out);
    std::vector<scored_count> scored;
    for (std::size_t i = 0; i < n.size(); ++i)
      scored.push_back({e.held_out[i].station, e.held_out[i].begin_s, 900, e.held_out[i].count, n[i]});
    sum += score_counts(scored).rmsn;
  }
  return sum / 3;
}

}  // namespace

TEST_CASE("calibrate: trips fitted to SUMO's counts meet stations that no fit has seen, and the demand behind them") {
  small_town const t;
  experiment const e(t);
  od_source s = t.source(e.prior, usual_habits());
  double const before = held_out_rmsn(t, e, s, {s.prior().begin(), s.prior().end()});
  std::vector<calibration_iterate> told;
  calibration_result const r = calibrate(s, e.in, e.o, [&](calibration_iterate const& i) { told.push_back(i); });
  REQUIRE(told.size() == 4);
  CHECK(r.iterates[r.best].misfit < told.front().misfit / 3);
  double const after = held_out_rmsn(t, e, s, r.trips);
  double const oracle = held_out_rmsn(t, e, t.source(t.table.trips, one_habit()), t.table.trips);
  CAPTURE(before, after, oracle);
  CHECK(after < 0.7 * before);
  double total = 0, truth = 0;
  for (double const x : r.trips) total += x;
  for (double const x : t.table.trips) truth += x;
  CHECK(std::abs(total / truth - 1) < 0.05);
  std::vector<double> const pairs = trips_of_pairs(s, r.trips);
  CHECK(score_demand(pairs, t.table.trips).nrmse < 0.8 * score_demand(e.prior, t.table.trips).nrmse);
}

TEST_CASE("calibrate: the same bits on one thread and on three") {
  small_town const t;
  experiment const e(t);
  auto const hash_on = [&](std::size_t threads) {
    od_source s = t.source(e.prior, usual_habits());
    calibration_options o = e.o;
    o.iterations = 3;
    o.simulation.threads = threads;
    calibration_result const r = calibrate(s, e.in, o, {});
    hasher h;
    for (double const x : r.trips) h.add_value(x);
    for (float const x : r.times.seconds) h.add_value(x);
    return h.value();
  };
  CHECK(hash_on(1) == hash_on(3));
}

TEST_CASE("calibrate: without counts it says so, and asked to stop it gives what it has") {
  small_town const t;
  experiment e(t);
  od_source s = t.source(e.prior, one_habit());
  int simulations = 0;
  calibration_result const r = calibrate(
      s, e.in, e.o, [&](calibration_iterate const&) { ++simulations; }, [&] { return simulations == 1; });
  CHECK(r.stopped);
  CHECK(r.iterates.size() == 1);
  CHECK(r.trips.size() == s.prior().size());
  e.in.fitted.clear();
  CHECK_THROWS_WITH(calibrate(s, e.in, e.o, {}), Catch::Contains("there is no count to fit"));
}

TEST_CASE("calibrate: a station on an edge that is too short for its place is named") {
  small_town const t;
  experiment e(t);
  e.in.stations[2].pos_m = 5000;
  od_source s = t.source(e.prior, one_habit());
  CHECK_THROWS_WITH(calibrate(s, e.in, e.o, {}), Catch::Contains("counting station 'BE'") && Catch::Contains("m long"));
}

TEST_CASE("calibrate: who finds no room is no departure, so that a full road's counts ask for no more than it takes") {
  small_town const t;
  od_source const s = t.source(t.table.trips, one_habit());
  std::vector<double> flood = t.table.trips;
  for (double& x : flood) x *= 12;
  simulated const r = simulate_trips(t.base, t.stations, s.draw(flood, 5), flood.size(),
                                     {.engine = "tbb", .seed = 5, .threads = 2, .times = false});
  REQUIRE(r.never_inserted > 100);
  std::int64_t entered = 0;
  for (std::uint32_t const n : r.departures) entered += n;
  CHECK(entered == r.trips - r.never_inserted);
}

TEST_CASE(
    "calibrate: where the network does not take what counts ask for, steps become shorter, and what is kept flows") {
  small_town const t;
  experiment e(t);
  for (station_count& c : e.in.fitted) c.count *= 4;
  e.o.iterations = 5;
  e.o.simulation.threads = 2;
  od_source s = t.source(e.prior, usual_habits());
  calibration_result const r = calibrate(s, e.in, e.o, {});
  CHECK_FALSE(r.iterates.front().jams());
  CHECK(std::any_of(r.iterates.begin(), r.iterates.end(), [](calibration_iterate const& i) { return i.jams(); }));
  CHECK(r.iterates.back().step < 1);
  CHECK(r.best > 0);
  CHECK_FALSE(r.iterates[r.best].jams());
  for (calibration_iterate const& i : r.iterates) {
    if (!i.jams()) CHECK(r.iterates[r.best].misfit <= i.misfit);
  }
}

TEST_CASE("calibrate: a saturated signal lets through no more than its stop line's capacity, and not much less") {
  small_town const t;
  vehicle_type car;
  car.sigma = 0;
  car.speed_factor_dev = 0;
  std::vector<edge_id> const way{t.edge("BE"), t.edge("EF"), t.edge("FC")};
  od_table only;
  only.slots = t.table.slots;
  only.pairs = {{"B", "C", {{way, 1}}, {}}};
  only.trips.assign(4, 900);
  only.others.types.push_back(car);
  only.type_weight = {1};
  od_source const s(t.map.net, only, {.habits = {{.known = true, .learns = false, .taste_sd = 0}}, .threads = 1});
  std::vector<count_station> const at{{.name = "in", .edge = t.edge("BE"), .lanes = {}, .corridor = {}}};
  simulated const r =
      simulate_trips(t.base, at, s.draw(only.trips, 1), 4, {.engine = "tbb", .seed = 1, .threads = 1, .times = false});
  REQUIRE(r.never_inserted > 100);
  double const measured = passings_by_slot(r, 1, 900, 1800, 1)[0] * 2;  // half an hour in the middle
  road_capacity const roads(t.map.net, {}, {});
  double const line = roads.edge_stop_line(t.edge("BE"));
  CAPTURE(measured, line, roads.edge(t.edge("BE")));
  CHECK(line < 0.8 * roads.edge(t.edge("BE")));
  CHECK(measured < 1.03 * line);
  CHECK(measured > 0.6 * line);
}

TEST_CASE("calibrate: what fills the roads before the first count keeps the prior's course up to it") {
  small_town const t;
  od_source s = t.source(t.table.trips, one_habit());
  calibration_input in = t.counted(s, t.table.trips, {0, 1, 2, 4, 6, 7, 8, 9});
  std::erase_if(in.fitted, [](station_count const& c) { return c.begin_s < 900; });
  for (station_count& c : in.fitted) c.count *= c.begin_s < 1800 ? 1.4 : 1;
  calibration_options o;
  o.iterations = 3;
  o.simulation.threads = 1;
  calibration_result const r = calibrate(s, in, o, {});
  REQUIRE(r.problem->lead_slots == 1);
  std::array<double, 4> fitted{}, prior{};
  for (std::size_t c = 0; c < r.trips.size(); ++c) {
    fitted[c % 4] += r.trips[c];
    prior[c % 4] += r.prior[c];
  }
  CAPTURE(fitted[0] / prior[0], fitted[1] / prior[1], fitted[2] / prior[2]);
  CHECK(fitted[1] / prior[1] > 1.15);
  CHECK(fitted[2] / prior[2] < 1.15);
  CHECK(fitted[0] / prior[0] == Approx(fitted[1] / prior[1]).epsilon(0.05));
}

TEST_CASE("calibrate: a prior of few whole trips keeps all of them, whatever of its cells is taken for chance") {
  small_town const t;
  std::vector<double> few = t.table.trips;  // every third cell holds what is there, the others nothing
  for (std::size_t c = 0; c < few.size(); ++c) few[c] = (c / 4 + c % 4) % 3 == 0 ? std::round(few[c]) : 0;
  od_source s = t.source(few, one_habit());
  calibration_input in = t.counted(s, few, {0, 2, 4});
  calibration_options o;
  o.iterations = 1;
  o.simulation.threads = 1;
  calibration_result const r = calibrate(s, in, o, {});
  REQUIRE(r.steadied > 0.5);
  double before = 0, after = 0;
  for (double const x : s.prior()) before += x;
  for (double const x : r.prior) after += x;
  CHECK(after == Approx(before).epsilon(0.05));
}
