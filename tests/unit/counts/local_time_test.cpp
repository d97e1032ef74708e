#include "calibration/counts/local_time.h"

#include <catch2/catch.hpp>

#include "calibration/counts/time_text.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
std::int64_t at(int y, int mo, int d, int h, int mi = 0) { return days_of({y, mo, d}) * 86400 + h * 3600 + mi * 60; }
}  // namespace

TEST_CASE("dates: days since 1970 and back, leap years and weekdays") {
  CHECK(days_of({1970, 1, 1}) == 0);
  CHECK(days_of({2000, 3, 1}) == 11017);
  CHECK(days_of({2024, 11, 4}) * 86400000 == kMonday_ms);
  CHECK(weekday_of(days_of({2024, 11, 4})) == 0);
  CHECK(weekday_of(days_of({1969, 12, 28})) == 6);
  CHECK(is_date({2024, 2, 29}));
  CHECK_FALSE(is_date({2023, 2, 29}));
  CHECK_FALSE(is_date({2023, 4, 31}));
  for (std::int64_t d = -20000; d < 60000; d += 37) CHECK(days_of(date_of(d)) == d);
  CHECK(utc_text(kMonday_ms + 26100000) == "2024-11-04T07:15:00Z");
  CHECK(utc_text(-1000) == "1969-12-31T23:59:59Z");
}

TEST_CASE("local clock: Lisbon leaves out 01:00 to 02:00 at the end of March and repeats it at the end of October") {
  local_clock const c("Europe/Lisbon", "test");
  CHECK(c.utc_of(at(2024, 1, 15, 8)).first_s == at(2024, 1, 15, 8));
  CHECK(c.utc_of(at(2024, 7, 15, 8)).first_s == at(2024, 7, 15, 7));
  auto const missing = c.utc_of(at(2024, 3, 31, 1, 30));
  CHECK(missing.missing);
  CHECK(missing.first_s == at(2024, 3, 31, 1, 30));
  CHECK_FALSE(c.utc_of(at(2024, 3, 31, 0, 59)).missing);
  CHECK_FALSE(c.utc_of(at(2024, 3, 31, 2, 0)).missing);
  auto const twice = c.utc_of(at(2024, 10, 27, 1, 30));
  CHECK(twice.repeated);
  CHECK(twice.first_s == at(2024, 10, 27, 0, 30));
  CHECK(twice.second_s == at(2024, 10, 27, 1, 30));
  CHECK_FALSE(c.utc_of(at(2024, 10, 27, 0, 59)).repeated);
  CHECK_FALSE(c.utc_of(at(2024, 10, 27, 2, 0)).repeated);
}

TEST_CASE(
    "local clock: every moment is among those of its own local time, in zones of both hemispheres and beyond the "
    "table") {
  for (char const* zone :
       {"Europe/Lisbon", "Europe/Rome", "America/Los_Angeles", "Australia/Sydney", "Asia/Kolkata", "UTC"}) {
    local_clock const c(zone, "test");
    for (std::int64_t s = at(2023, 1, 1, 0); s < at(2025, 1, 1, 0); s += 1800 * 5) {
      auto const m = c.utc_of(c.local_of(s));
      bool const found = m.first_s == s || (m.repeated && m.second_s == s);
      if (!found || m.missing) FAIL(zone << " " << utc_text(s * 1000));
    }
    for (std::int64_t s = at(2049, 1, 1, 0); s < at(2050, 1, 1, 0); s += 3600 * 7) {
      auto const m = c.utc_of(c.local_of(s));
      if (m.first_s != s && m.second_s != s) FAIL(zone << " " << utc_text(s * 1000));
    }
  }
  local_clock const lisbon("Europe/Lisbon", "test"), sydney("Australia/Sydney", "test");
  CHECK(lisbon.offset_s(at(2050, 7, 1, 12)) == 3600);
  CHECK(lisbon.offset_s(at(2050, 12, 1, 12)) == 0);
  CHECK(sydney.offset_s(at(2050, 1, 1, 12)) == 39600);
  CHECK(sydney.offset_s(at(2050, 7, 1, 12)) == 36000);
}

TEST_CASE("local clock: an unknown zone is refused with the nearest") {
  CHECK(holds(refusal([] { local_clock const c("Europe/Lisboa", "m.toml: time_zone"); }),
              "did you mean 'Europe/Lisbon'?"));
}

TEST_CASE("time texts: patterns and ISO 8601 take what fits whole, and no date that there is not") {
  auto const p = scan("%d/%m/%Y %H:%M", "01/02/2024 7:05");
  REQUIRE(p);
  CHECK(*p->date == civil_date{2024, 2, 1});
  CHECK(*p->time_s == 7 * 3600 + 300);
  CHECK_FALSE(scan("%d/%m/%Y", "31/02/2024"));
  CHECK_FALSE(scan("%d/%m/%Y",
                   "01/02/2024 "
                   "07:00"));
  auto const hours = scan("%H:%M-%H:%M", "23:00-24:00");
  REQUIRE(hours);
  CHECK(*hours->end_time_s == 86400);
  CHECK_FALSE(scan("%H:%M-%H:%M", "24:30-25:00"));
  auto const name = scan("gt_link_data_{*}_%y%m%d_%H-%H.csv", "gt_link_data_3junction_221008_06-07.csv");
  REQUIRE(name);
  CHECK(*name->date == civil_date{2022, 10, 8});
  CHECK(*name->end_time_s - *name->time_s == 3600);
  CHECK(scan("flow_{site}_vph", "flow_a_1_vph")->site == "a_1");
  CHECK(utc_ms_of_iso("2015-04-29T09:38:00.250+01:00") == 1430296680250);
  CHECK(utc_ms_of_iso("2016-12-07T11:10:00Z") == 1481109000000);
  CHECK_FALSE(utc_ms_of_iso("2016-12-07T11:10:00"));
  CHECK_FALSE(scan_iso("2016-13-07"));
  CHECK_FALSE(scan_iso("2016-12-07T11:10:00Zx"));
  CHECK(problem_of_pattern("%d/%q") != "");
  CHECK(problem_of_pattern("{place}") != "");
  CHECK(problem_of_pattern("%H:%M") == "");
}
