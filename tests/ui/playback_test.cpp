#include "viewer/model/playback.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace gemeo::view;

TEST_CASE("playback: runs at its rate, stops at the end, and starts over from there") {
  playback p;
  p.set_range(100, 1000);
  p.set_time(0);
  CHECK(p.time_s() == 100);
  p.set_rate(60);
  p.advance(5);
  CHECK(p.time_s() == 100);  // it stands
  p.play();
  p.advance(5);
  CHECK(p.time_s() == 400);
  p.advance(100);
  CHECK(p.time_s() == 1000);
  CHECK_FALSE(p.playing());
  p.play();
  CHECK(p.time_s() == 100);
}

TEST_CASE("playback: a range that grows keeps the time; one that has shrunk pulls it in") {
  playback p;
  p.set_range(0, 100);
  p.set_time(80);
  p.set_range(0, 500);
  CHECK(p.time_s() == 80);
  p.set_range(0, 50);
  CHECK(p.time_s() == 50);
  p.set_time(std::nan(""));
  CHECK(p.time_s() == 0);
}

TEST_CASE("playback: an empty range does not play") {
  playback p;
  p.set_range(10, 10);
  p.play();
  CHECK_FALSE(p.playing());
}

TEST_CASE(
    "intervals: a time belongs to the interval that begins with it; gaps go to the nearer one; outside to the ends") {
  std::vector<double> const b = {0, 900, 3000}, e = {900, 1800, 3900};
  CHECK(interval_at(b, e, -5) == 0U);
  CHECK(interval_at(b, e, 0) == 0U);
  CHECK(interval_at(b, e, 899.9) == 0U);
  CHECK(interval_at(b, e, 900) == 1U);
  CHECK(interval_at(b, e, 2000) == 1U);
  CHECK(interval_at(b, e, 2900) == 2U);
  CHECK(interval_at(b, e, 99999) == 2U);
  CHECK_FALSE(interval_at({}, {}, 5).has_value());
}

TEST_CASE("intervals: blending passes through each interval's own value at its middle and is continuous") {
  std::vector<double> const b = {0, 900, 1800}, e = {900, 1800, 2700};
  std::vector<float> const v = {10, 30, 20};
  auto const at = [&](double t) {
    auto const k = blend_at(b, e, t);
    return blended(v[k->first], v[k->second], k->weight);
  };
  CHECK(at(450) == Approx(10));
  CHECK(at(1350) == Approx(30));
  CHECK(at(2250) == Approx(20));
  CHECK(at(900) == Approx(20));
  CHECK(at(0) == Approx(10));
  CHECK(at(2700) == Approx(20));
  for (double t = 0; t < 2700; t += 10) CHECK(std::abs(at(t + 10) - at(t)) < 0.3);
}

TEST_CASE("intervals: what was not measured is not mixed into what was") {
  float const none = std::nanf("");
  CHECK(blended(5, none, 0.4) == 5);
  CHECK(std::isnan(blended(5, none, 0.6)));
  CHECK(blended(none, 7, 0.6) == 7);
  CHECK(std::isnan(blended(none, 7, 0.4)));
}

TEST_CASE("clock: written as people write it, also after midnight, and read back") {
  CHECK(clock_text(0) == "00:00");
  CHECK(clock_text(8 * 3600 + 15 * 60 + 59) == "08:15");
  CHECK(clock_text(25 * 3600) == "25:00");
  CHECK(parse_clock("08:15") == 29700.0);
  CHECK(parse_clock("8:15:30") == 29730.0);
  for (char const* bad : {"", "8", "8:", ":15", "08:60", "08:15:61", "08:15:30:1", "-1:00", "8:1x", "9999:00", "8.5"}) {
    INFO(bad);
    CHECK_FALSE(parse_clock(bad).has_value());
  }
}
