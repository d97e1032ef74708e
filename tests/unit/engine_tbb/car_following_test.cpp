// Krauss' model against what it promises, and against figures worked out by hand.
#include "sim/engine_tbb/car_following.h"

#include <catch2/catch.hpp>

using gemeo::micro::driver;

TEST_CASE("car-following: the way to stop is the sum of the ticks' ways") {
  driver const d;
  CHECK(d.brake_gap(0, 4.5, 0) == 0);
  CHECK(d.brake_gap(4.4, 4.5, 0) == 0);  // stands in the next tick
  CHECK(d.brake_gap(13.5, 4.5, 0) == Approx(9 + 4.5));
  CHECK(d.brake_gap(13.5, 4.5, 1) == Approx(9 + 4.5 + 13.5));
}

TEST_CASE("car-following: who drives at the safe speed and then brakes never passes the place to stop at") {
  for (double const dt : {0.1, 0.5, 1.0}) {
    driver d;
    d.dt = dt;
    for (double gap = 0.5; gap < 200; gap += 0.7) {
      double way = gap, v = 0;
      for (int i = 0; i < 10000; ++i) {
        v = d.stop_speed(v, way, 0);
        way -= v * dt;
        if (v == 0) break;
      }
      INFO("gap " << gap << " m, tick " << dt << " s");
      CHECK(way >= -1e-9);
    }
  }
}

TEST_CASE("car-following: behind a leader who brakes at once and hard nobody collides or brakes harder than he likes") {
  driver const d;
  for (double v0 = 1; v0 < 35; v0 += 1.3) {
    double lead = v0, lead_pos = d.secure_gap(v0, v0, d.decel) + v0 * d.dt, v = v0, pos = 0;
    for (int i = 0; i < 100; ++i) {
      double const next = d.follow_speed(v, lead_pos - pos, lead, d.decel, 0);
      INFO("from " << v0 << " m/s, tick " << i);
      CHECK(next >= v - d.decel * d.dt - 0.01);
      v = next;
      pos += v * d.dt;
      lead = std::max(0.0, lead - d.decel * d.dt);
      lead_pos += lead * d.dt;
      CHECK(pos <= lead_pos + 1e-9);
    }
  }
}

TEST_CASE("car-following: where a lower limit begins it can be kept in the next tick, after comfortable braking only") {
  driver const d;
  double way = 120, v = 25;
  while (way > 0) {
    double const next = std::min(d.max_next(v), d.free_speed(v, way, 8.33, 0));
    CHECK(next >= v - d.decel - 0.01);
    v = next;
    way -= v;
  }
  CHECK(v < 8.33 + d.decel * d.dt);
}

TEST_CASE("car-following: dawdling takes at most sigma times the acceleration, and never makes a speed negative") {
  driver const d;
  CHECK(d.dawdle(10, 0) == 10);
  CHECK(d.dawdle(10, 1) == Approx(10 - 0.5 * 2.6));
  CHECK(d.dawdle(1, 1) == Approx(0.5));
}

TEST_CASE(
    "car-following: IDM drivers come to the equilibrium gap of Treiber et al. (2000), eq. 4, and to their speed") {
  driver d;
  d.idm = true;
  d.accel = 1.0;
  d.decel = 1.5;
  d.tau_s = 1.6;
  d.min_gap_m = 2;
  double const wished = 33.3, leader = GENERATE(5.0, 15.0, 25.0);
  double gap = 60, v = 20;
  for (int t = 0; t < 2000; ++t) {
    v = d.follow_speed(v, gap - d.min_gap_m, leader, d.decel, wished);
    gap += leader - v;
  }
  double const expected = (d.min_gap_m + leader * d.tau_s) / std::sqrt(1 - std::pow(leader / wished, 4));
  CHECK(v == Approx(leader).margin(0.01));
  CHECK(gap == Approx(expected).epsilon(0.02));
  v = 0;
  for (int t = 0; t < 300; ++t) v = d.follow_speed(v, 1e6, wished, d.decel, wished);
  CHECK(v == Approx(wished).epsilon(0.001));
}

TEST_CASE("car-following: an IDM driver stops at a line, within the half metre that SUMO lets its IDM err") {
  for (double const dt : {0.1, 0.25, 0.5, 1.0}) {
    driver d;
    d.idm = true;
    d.dt = dt;
    double way = 80, v = 13.9;
    for (int t = 0; t * dt < 200; ++t) {
      v = d.stop_speed(v, way, 13.9);
      way -= v * dt;
      REQUIRE(way > -0.5);
    }
    CHECK(v < 0.1);
    CHECK(way < 2);
  }
}
