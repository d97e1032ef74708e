// What a job keeps from its fit because no network could carry it: decided by what may be fitted, and by nothing else.
#include "calibration/job/capacity_check.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kLane = 3600 / (1 + 7.5 / 13.89);  // SUMO's default drivers at 13.89 m/s: 2,338 veh/h

// One road feeds two.
struct forked_road {
  forked_road() : map("A--B--C\n   |   \n   D   \n") {
    base.net = map.net;
    base.programs.resize(map.net->signals.name.size());
    ends = {{edge("AB")}, {edge("BC"), edge("BD")}};
    for (char const* const name : {"BC", "BD"})
      counts.stations.push_back({.name = name, .edge = edge(name), .lanes = {}, .corridor = name});
    counts.days = {20000};
    counts.held_out_days = {20001};
  }
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  // Vehicles in the hour from 8:00 on; NaN: not counted that day.
  void count(std::uint32_t station, double fitted_day, double held_out_day) {
    counts.periods.push_back({station, 28800, 32400, {fitted_day}, {held_out_day}});
  }
  [[nodiscard]] capacity_findings check(std::vector<bool> const& held_out) const {
    return find_beyond_capacity(base, ends, counts, held_out, std::nullopt);
  }
  tiny_network map;
  scenario base;
  open_ends ends;
  observed_counts counts;
};

}  // namespace

TEST_CASE("capacity: stations that ask too much together are told, but those held out keep no other from the fit") {
  forked_road f;
  f.count(0, 0.6 * kLane, NAN);
  f.count(1, 0.7 * kLane, NAN);
  auto const both = f.check({false, false});
  CHECK(both.beyond == std::vector<bool>{true, true});
  CHECK(both.not_fitted == std::vector<bool>{true, true});
  auto const one = f.check({false, true});
  CHECK(one.beyond == std::vector<bool>{true, true});  // told all the same
  CHECK(one.not_fitted == std::vector<bool>{false, false});
}

TEST_CASE("capacity: a held-out day keeps no count from the fit") {
  forked_road f;
  f.count(0, 0.6 * kLane, NAN);
  f.count(1, NAN, 0.7 * kLane);
  auto const r = f.check({false, false});
  CHECK(r.beyond == std::vector<bool>{true, true});
  CHECK(r.not_fitted == std::vector<bool>{false, false});
}

TEST_CASE("capacity: hours are held against each other where they were counted at the same times alone") {
  forked_road f;
  f.counts.stations.push_back({.name = "AB", .edge = f.edge("AB"), .lanes = {}, .corridor = "AB"});
  auto const quarter = [&](std::uint32_t station, int i, double vehicles) {
    f.counts.periods.push_back({station, 28800 + 900.0 * i, 29700 + 900.0 * i, {vehicles}, {NAN}});
  };
  quarter(0, 1, 200);
  quarter(2, 0, 50);
  auto const unlike = f.check({false, false, false});
  CHECK(unlike.contradicted.empty());
  CHECK(unlike.never_below_geh5 == 0);
  CHECK(unlike.contradicts == std::vector<bool>{false, false});
  f.counts.periods.clear();
  quarter(0, 1, 200);
  quarter(2, 1, 50);
  auto const alike = f.check({false, false, false});
  CHECK(alike.contradicted.size() == 1);
  CHECK(alike.never_below_geh5 == 1);
  CHECK(alike.contradicts == std::vector<bool>{true, true});
  CHECK(alike.contradicts_on_other_days == std::vector<bool>{false, false});  // nothing was counted then

  f.counts.periods.clear();
  for (auto const& [station, vehicles, later] : {std::tuple{0U, 200.0, 50.0}, {2U, 50.0, 200.0}})
    f.counts.periods.push_back({station, 29700, 30600, {vehicles}, {later}});
  auto const mended = f.check({false, false, false});
  CHECK(mended.contradicts == std::vector<bool>{true, true});
  CHECK(mended.contradicts_on_other_days == std::vector<bool>{false, false});

  f.counts.periods.clear();
  for (auto const& [station, vehicles, later] : {std::tuple{0U, 50.0, 200.0}, {2U, 200.0, 50.0}})
    f.counts.periods.push_back({station, 29700, 30600, {vehicles}, {later}});
  auto const broken_later = f.check({false, false, false});
  CHECK(broken_later.contradicts == std::vector<bool>{false, false});
  CHECK(broken_later.contradicts_on_other_days == std::vector<bool>{true, true});
  f.counts.periods.clear();
  quarter(0, 0, 0.6 * kLane / 4);
  quarter(1, 1, 0.7 * kLane / 4);
  CHECK(f.check({false, false, false}).beyond == std::vector<bool>{false, false});
}

TEST_CASE("capacity: drivers who wish to drive faster than the limit are carried faster") {
  demand d;
  vehicle_type fast;
  fast.name = "fast";
  fast.speed_factor = 1.2;
  d.types.push_back(fast);
  CHECK(mean_headway(d).speed_factor == 1);  // nobody drives it
  CHECK(saturation_veh_per_h({.speed_factor = 1.2}, 13.89) == Approx(3600 / (1 + 7.5 / (1.2 * 13.89))));
}
