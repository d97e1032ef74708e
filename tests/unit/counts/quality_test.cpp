// Verdicts: a detector that lives is good at every period; each way of being broken is found, named, and does not spoil
// the other days.
#include "calibration/counts/quality.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

std::int32_t const kTuesday = static_cast<std::int32_t>(days_of({2024, 11, 5}));

quality_report judge(made_week const& w, std::int32_t lanes = 1, quality_options const& o = {},
                     char const* zone = "UTC") {
  return assess(
      w.records, w.catalog, local_clock(zone, "test"), [&](std::uint32_t) { return lanes; }, o);
}

bool on_tuesday(count_record const& r) {
  return r.begin_ms >= kMonday_ms + 86400000 && r.begin_ms < kMonday_ms + 2 * 86400000;
}
double hour_of(count_record const& r) { return static_cast<double>((r.begin_ms - kMonday_ms) % 86400000) / 3.6e6; }

// Breaks Tuesday; checks that it alone is judged so, and for that reason.
void broken(std::function<void(count_record&)> const& how, count_verdict verdict, std::string const& reason,
            double period_s = 900, std::int32_t lanes = 1) {
  made_week w = make_week(7, period_s);
  for (count_record& r : w.records) {
    if (on_tuesday(r)) how(r);
  }
  quality_report const q = judge(w, lanes);
  for (day_verdict const& d : q.days) {
    CAPTURE(to_text(date_of(d.day)), d.reason.en);
    if (d.day != kTuesday) {
      CHECK(d.verdict == count_verdict::kGood);
      continue;
    }
    CHECK(d.verdict == verdict);
    CHECK(d.reason.en.find(reason) != std::string::npos);
  }
  bool any_ok = false;
  for (std::size_t i = 0; i < q.records.size(); ++i) {
    if (q.day[i] == kTuesday) any_ok = any_ok || q.ok[i] != 0;
  }
  CHECK(any_ok == (verdict != count_verdict::kBad));
}

void silence(count_record& r) {
  r.count = r.speed_kmh = r.occ_frac = kAbsent;
  r.flags |= kNull;
}

}  // namespace

TEST_CASE(
    "quality: a detector that lives is good on every day, at 20 s, 1, 5, 15 and 60 minutes, on busy and quiet roads") {
  for (double const period_s : {20.0, 60.0, 300.0, 900.0, 3600.0}) {
    for (double const peak : {1800.0, 300.0, 60.0}) {
      quality_report const q = judge(make_week(14, period_s, peak));
      REQUIRE(q.days.size() == 14);
      for (day_verdict const& d : q.days) {
        CAPTURE(period_s, peak, d.day, d.reason.en);
        CHECK(d.verdict == count_verdict::kGood);
      }
      CHECK(std::count(q.ok.begin(), q.ok.end(), 1) == static_cast<std::ptrdiff_t>(q.records.size()));
    }
  }
}

TEST_CASE("quality: fewer than 60 percent of the periods make a day bad, a gap of some hours makes it doubtful") {
  broken(
      [](count_record& r) {
        if (hour_of(r) < 13) silence(r);
      },
      count_verdict::kBad, "periods have a count");
  broken(
      [](count_record& r) {
        if (hour_of(r) >= 9 && hour_of(r) < 12) silence(r);
      },
      count_verdict::kDoubtful, "nothing from 09:00 to 12:00");
}

TEST_CASE("quality: a day of nulls is not a day of zeros, and both are bad") {
  broken(silence, count_verdict::kBad, "none with a value");
  broken(
      [](count_record& r) {
        r.count = 0;
        r.speed_kmh = kAbsent;
        r.occ_frac = 0;
      },
      count_verdict::kBad, "counts are 0");
}

TEST_CASE("quality: occupancies that are always 0, stuck high, or do not go with the flow") {
  broken(
      [](count_record& r) {
        if (r.count > 0) r.occ_frac = 0;
      },
      count_verdict::kBad, "flow but occupancy 0");
  broken(
      [](count_record& r) {
        if (hour_of(r) > 10 && hour_of(r) < 15) r.occ_frac = 0.9F;
      },
      count_verdict::kBad, "occupancy above 70 %");
  broken(
      [](count_record& r) {
        if (hour_of(r) > 10 && hour_of(r) < 15) {
          r.occ_frac = 0.9F;
          r.speed_kmh = 8;
        }
      },
      count_verdict::kDoubtful, "at low speed");
  broken(
      [](count_record& r) {
        if (hour_of(r) > 10 && hour_of(r) < 11.3) {
          r.count = 0;
          r.speed_kmh = kAbsent;
        }
      },
      count_verdict::kBad, "no flow but occupied");
}

TEST_CASE("quality: occupancies rounded to whole percents are not taken for dead") {
  made_week w = make_week(7, 60, 400);
  for (count_record& r : w.records) r.occ_frac = std::round(r.occ_frac * 100) / 100;
  for (day_verdict const& d : judge(w).days) {
    CAPTURE(d.reason.en);
    CHECK(d.verdict == count_verdict::kGood);
  }
}

TEST_CASE("quality: a count that stays the same for hours is stuck, whatever the period; small ones repeat by chance") {
  for (double const period_s : {60.0, 300.0, 900.0, 3600.0}) {
    float const stuck = static_cast<float>(std::round(600 * period_s / 3600));
    broken(
        [&](count_record& r) {
          if (hour_of(r) >= 8 && hour_of(r) < 20) {
            r.count = stuck;
            r.occ_frac = 0.05F;
          }
        },
        count_verdict::kBad, "the same count", period_s);
  }
  made_week quiet = make_week(1, 3600, 20);
  for (std::size_t i = 8; i < 13; ++i) quiet.records[i].count = 2;
  CHECK(judge(quiet).days[0].reason.en.find("the same count") == std::string::npos);
}

TEST_CASE(
    "quality: more than 2,400 vehicles an hour and lane cannot be; such a record never counts, many make the day bad") {
  broken(
      [](count_record& r) {
        if (hour_of(r) >= 8 && hour_of(r) < 10) r.count = 700;
      },
      count_verdict::kBad, "more vehicles than the lanes can carry");
  made_week w = make_week(7, 900);
  w.records[96 + 40].count = 700;
  quality_report const one = judge(w, 1);
  CHECK(one.find(0, kTuesday)->verdict == count_verdict::kDoubtful);
  CHECK(one.ok[96 + 40] == 0);
  CHECK(one.ok[96 + 41] == 1);
  made_week wide = make_week(7, 900, 2100);
  CHECK(judge(wide, 1).find(0, kTuesday)->verdict == count_verdict::kGood);
  for (count_record& r : wide.records) r.count *= 2;
  CHECK(judge(wide, 1).find(0, kTuesday)->verdict == count_verdict::kBad);
  CHECK(judge(wide, 2).find(0, kTuesday)->verdict == count_verdict::kGood);
}

TEST_CASE("quality: impossible, faulty and imputed values never count") {
  broken(
      [](count_record& r) {
        if (hour_of(r) == 10) {
          r.count = kAbsent;
          r.flags |= kOutOfRange;
        }
      },
      count_verdict::kDoubtful, "impossible values in 1 period");
  broken(
      [](count_record& r) {
        if (hour_of(r) == 10) {
          r.count = kAbsent;
          r.flags |= kSupplierError;
        }
      },
      count_verdict::kDoubtful, "marked faulty");
  broken(
      [](count_record& r) {
        if (hour_of(r) == 10) r.flags |= kImputed;
      },
      count_verdict::kDoubtful, "filled in");
  made_week w = make_week(2, 900);
  w.records[40].flags |= kImputed;
  quality_report const q = judge(w);
  CHECK(q.ok[40] == 0);
  CHECK(q.ok[41] == 1);
}

TEST_CASE("quality: duplicates go, of two values for one period the last received holds, in whatever order they come") {
  made_week w = make_week(2, 900);
  std::size_t const n = w.records.size();
  w.records.push_back(w.records[40]);
  count_record later = w.records[41];
  w.records[41].received_ms = kMonday_ms;
  later.received_ms = kMonday_ms + 1;
  later.count = 123;
  w.records.push_back(later);
  quality_report const q = judge(w);
  CHECK(q.records.size() == n);
  CHECK(q.duplicates == 1);
  CHECK(q.conflicts == 1);
  CHECK(q.records[41].count == 123);
  std::reverse(w.records.begin(), w.records.end());
  CHECK(judge(w).records[41].count == 123);
}

TEST_CASE("quality: records that come hours late make a day doubtful, unless the time is that of an import") {
  broken([](count_record& r) { r.received_ms = r.end_ms() + 4 * 3600000; }, count_verdict::kDoubtful, "came late");
  made_week w = make_week(2, 900);
  for (count_record& r : w.records) {
    r.received_ms = r.end_ms() + 100LL * 86400000;
    r.flags |= kReceivedAtImport;
  }
  CHECK(judge(w).days[0].verdict == count_verdict::kGood);
}

TEST_CASE("quality: a day far from the detector's usual is bad, a holiday of all detectors is not") {
  made_week w = make_week(14, 900);
  for (int i = 2; i < 9; ++i) add_week(w, 14, 900, "s" + std::to_string(i));
  for (count_record& r : w.records) {
    if (r.series == 0 && on_tuesday(r)) r.count = std::round(r.count * 0.3F);
    bool const holiday = r.begin_ms >= kMonday_ms + 3LL * 86400000 && r.begin_ms < kMonday_ms + 4LL * 86400000;
    if (holiday) r.count = std::round(r.count * 0.5F);
  }
  quality_report const q = judge(w);
  CHECK(q.find(0, kTuesday)->verdict == count_verdict::kBad);
  CHECK(q.find(0, kTuesday)->reason.en.find("% of its usual total") != std::string::npos);
  CHECK(q.find(1, kTuesday)->verdict == count_verdict::kGood);
  for (std::uint32_t d = 0; d < 8; ++d) CHECK(q.find(d, kTuesday + 2)->verdict == count_verdict::kGood);
}

TEST_CASE(
    "quality: a feed of which every detector says 0 or nothing for a while raises an alarm, a quiet one does not") {
  made_week w = make_week(2, 300);
  for (int i = 2; i < 7; ++i) add_week(w, 2, 900, "s" + std::to_string(i));
  CHECK(judge(w).alarms.empty());
  for (count_record& r : w.records) {
    if (on_tuesday(r) && hour_of(r) >= 9 && hour_of(r) < 10) (r.series % 2 == 0 ? silence(r) : void(r.count = 0));
  }
  quality_report const q = judge(w);
  REQUIRE(q.alarms.size() == 1);
  CHECK(q.alarms[0].en ==
        "made: hollow from 2024-11-05T09:00:00Z to 2024-11-05T10:00:00Z: every detector says 0 or nothing");
}

TEST_CASE("quality: a feed of a few hours is judged in those hours, and a single count can be good") {
  made_week w = make_week(5, 300);
  std::erase_if(w.records, [](count_record const& r) { return hour_of(r) < 8 || hour_of(r) >= 10.5; });
  for (day_verdict const& d : judge(w).days) {
    CHECK(d.verdict == count_verdict::kGood);
    CHECK(d.expected == 30);
  }
  made_week one = make_week(1, 3600);
  std::erase_if(one.records, [](count_record const& r) { return hour_of(r) != 6; });
  CHECK(judge(one).days.at(0).verdict == count_verdict::kGood);
}

TEST_CASE("quality: in one publication of a feed those that say something of now are good, one that lags is not") {
  made_week w;
  w.period_s = 60;
  for (int i = 0; i < 12; ++i) {
    count_record r;
    r.series = w.catalog.intern({"made", "s" + std::to_string(i), "", "", "", kNoIndex, kAllLanes});
    r.begin_ms = kMonday_ms + 9 * 3600000 + (i == 11 ? 0 : 38 * 60000);
    r.period_ms = 60000;
    r.count = 12;
    w.records.push_back(r);
  }
  quality_report const q = judge(w);
  for (std::uint32_t d = 0; d < 11; ++d) CHECK(q.days[d].verdict == count_verdict::kGood);
  CHECK(q.days[11].verdict == count_verdict::kBad);
}

TEST_CASE("quality: records of the repeated and of the left-out hour are not used, the day's others are") {
  made_week w = make_week(1, 900);
  for (count_record& r : w.records)
    r.begin_ms += 1729983600000 - kMonday_ms;  // from 2024-10-26T23:00Z: midnight in Lisbon's summer
  quality_report const q = judge(w, 1, {}, "Europe/Lisbon");
  std::size_t out = 0;
  for (std::size_t i = 0; i < q.records.size(); ++i) out += q.ok[i] == 0 ? 1U : 0U;
  CHECK(out == 8);  // 00:00 to 02:00 UTC: both passes of 01:00 to 02:00
  CHECK(q.days[0].verdict == count_verdict::kGood);
}

TEST_CASE("quality: verdicts do not depend on the order of records") {
  made_week w = make_week(7, 900);
  quality_report const a = judge(w);
  std::reverse(w.records.begin(), w.records.end());
  std::swap(w.records[5], w.records[500]);
  quality_report const b = judge(w);
  REQUIRE(a.days.size() == b.days.size());
  for (std::size_t i = 0; i < a.days.size(); ++i) {
    CHECK(a.days[i].reason == b.days[i].reason);
    CHECK(a.days[i].total == b.days[i].total);
  }
  CHECK(a.ok == b.ok);
}
