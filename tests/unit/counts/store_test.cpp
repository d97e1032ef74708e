// The store: nothing twice, corrections with their history, and a file that is always whole.
#include "calibration/counts/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "calibration/counts/series.h"
#include "calibration/counts/site_totals.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/process.h"
#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

import_report put(fs::path const& file, made_week const& w, std::int64_t received = kMonday_ms) {
  count_store_writer s(file, received);
  s.add(w.catalog, w.records);
  return s.finish(w.catalog);
}

std::vector<count_record> all_of(fs::path const& file, count_catalog& catalog, std::int64_t from = 0,
                                 std::int64_t to = INT64_MAX) {
  std::vector<count_record> out;
  read_store(file, from, to, catalog,
             [&](std::span<count_record const> b) { out.insert(out.end(), b.begin(), b.end()); });
  return out;
}

}  // namespace

TEST_CASE("store: what is written is read back, names, sites and absent values included") {
  temp_folder const t;
  made_week w = make_week(2, 900);
  w.catalog.intern({"other", "b", "2", "north", "lorry", 7, 1});
  count_site s;
  s.source = "made";
  s.id = "s1";
  s.name = "Estação";
  s.lat_deg = 38.7;
  s.lanes = 2;
  w.catalog.add_site(s);
  w.records[3].count = w.records[3].speed_kmh = kAbsent;
  w.records[3].flags = kNull;
  w.records[4].received_ms = kMonday_ms + 5;
  auto const r = put(t / "s.h5", w, kMonday_ms + 7);
  CHECK(r.added == w.records.size());
  CHECK(r.known == 0);
  count_catalog c;
  auto const back = all_of(t / "s.h5", c);
  REQUIRE(back.size() == w.records.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    CHECK(back[i].begin_ms == w.records[i].begin_ms);
    CHECK(back[i].period_ms == w.records[i].period_ms);
    CHECK((back[i].count == w.records[i].count || (std::isnan(back[i].count) && std::isnan(w.records[i].count))));
    CHECK((back[i].occ_frac == w.records[i].occ_frac));
  }
  CHECK(back[4].received_ms == kMonday_ms + 5);
  CHECK(back[4].flags == 0);
  CHECK(back[5].received_ms == kMonday_ms + 7);
  CHECK(back[5].flags == kReceivedAtImport);
  CHECK(back[3].flags == (kNull | kReceivedAtImport));
  CHECK(c.key(1) == w.catalog.key(1));
  REQUIRE(c.site("made", "s1") != nullptr);
  CHECK(c.site("made", "s1")->name == "Estação");
  CHECK(c.site("made", "s1")->lat_deg == 38.7);
  CHECK(std::isnan(c.site("made", "s1")->lon_deg));
  CHECK(c.site("made", "s1")->lanes == 2);
  CHECK(is_count_store(t / "s.h5"));
  CHECK_FALSE(fs::exists(t / "s.h5.partial"));
}

TEST_CASE("store: importing again adds nothing; another value is a correction, and the older one stays") {
  temp_folder const t;
  made_week w = make_week(3, 900);
  put(t / "s.h5", w);
  auto const again = put(t / "s.h5", w, kMonday_ms + 1000);
  CHECK(again.added == 0);
  CHECK(again.known == w.records.size());
  made_week corrected = w;
  corrected.records[50].count = 999;
  auto const third = put(t / "s.h5", corrected, kMonday_ms + 2000);
  CHECK(third.added == 1);
  CHECK(third.corrections == 1);
  CHECK(put(t / "s.h5", corrected, kMonday_ms + 3000).added == 0);
  CHECK(put(t / "s.h5", w, kMonday_ms + 4000).added ==
        0);  // the first version comes again: known, no correction of the correction
  count_catalog c;
  auto const back = all_of(t / "s.h5", c);
  REQUIRE(back.size() == w.records.size() + 1);
  std::vector<float> versions;
  for (count_record const& r : back) {
    if (r.begin_ms == w.records[50].begin_ms) versions.push_back(r.count);
  }
  CHECK(versions == std::vector<float>{w.records[50].count, 999});
  CHECK((back.back().flags & kCorrection) != 0);
  quality_report const q = assess(back, c, local_clock("UTC", "t"), [](std::uint32_t) { return 1; });
  auto const held = std::find_if(q.records.begin(), q.records.end(),
                                 [&](count_record const& r) { return r.begin_ms == w.records[50].begin_ms; });
  CHECK(held->count == 999);
}

TEST_CASE("store: the same detector under another version of its site is the same detector") {
  temp_folder const t;
  made_week w = make_week(1, 900);
  put(t / "s.h5", w);
  made_week other;
  detector_key k = w.catalog.key(0);
  k.version = "2";
  other.catalog.intern(k);
  other.records = w.records;
  CHECK(put(t / "s.h5", other).added == 0);
}

TEST_CASE(
    "store: a part of the time is read without the rest, and imports of one file hold what comes twice within them "
    "once") {
  temp_folder const t;
  made_week w = make_week(10, 60);
  std::size_t const n = w.records.size();
  w.records.insert(w.records.end(), w.records.begin(), w.records.begin() + 500);
  w.records.push_back(w.records[7]);
  w.records.back().count += 1;
  auto const r = put(t / "s.h5", w);
  CHECK(r.added == n + 1);
  CHECK(r.known == 500);
  CHECK(r.corrections == 1);
  count_catalog c;
  auto const day = all_of(t / "s.h5", c, kMonday_ms + 86400000, kMonday_ms + 2 * 86400000);
  CHECK(day.size() == 1440);
  store_summary const s = summarise_store(t / "s.h5");
  CHECK(s.records == n + 1);
  CHECK(s.first_ms == kMonday_ms);
}

TEST_CASE("store: an import that ends early, by an error or by a kill, leaves the store as it was") {
  temp_folder const t;
  made_week const w = make_week(2, 900);
  put(t / "s.h5", w);
  std::uint64_t const before = hash_file(t / "s.h5");
  made_week const more = make_week(9, 900);
  {
    count_store_writer s(t / "s.h5", kMonday_ms);
    s.add(more.catalog, more.records);
  }
  CHECK(hash_file(t / "s.h5") == before);
  CHECK_FALSE(fs::exists(t / "s.h5.partial"));
  pid_t const child = ::fork();
  if (child == 0) {  // killed with the copy half written
    count_store_writer s(t / "s.h5", kMonday_ms);
    s.add(more.catalog, more.records);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CHECK(fs::exists(t / "s.h5.partial"));
  CHECK(hash_file(t / "s.h5") == before);
  CHECK(put(t / "s.h5", more).added == more.records.size() - w.records.size());
  CHECK_FALSE(fs::exists(t / "s.h5.partial"));
}

TEST_CASE("store: two imports at a time are refused, and so is a file of another kind, which stays as it is") {
  temp_folder const t;
  made_week const w = make_week(1, 900);
  {
    count_store_writer first(t / "s.h5", kMonday_ms);
    CHECK_THROWS_WITH(count_store_writer(t / "s.h5", kMonday_ms), Catch::Contains("another import is writing it"));
    first.add(w.catalog, w.records);
    first.finish(w.catalog);
  }
  write_text(t / "x.h5", "not a store");
  CHECK(holds(refusal([&] { put(t / "x.h5", w); }), "not an HDF5 file"));
  CHECK_FALSE(fs::exists(t / "x.h5.partial"));
}

TEST_CASE("store: a damaged store is refused with the dataset, wherever it is cut or changed") {
  temp_folder const t;
  put(t / "s.h5", make_week(2, 900));
  std::ifstream in(t / "s.h5", std::ios::binary);
  std::string const bytes{std::istreambuf_iterator<char>(in), {}};
  std::size_t refused = 0, tried = 0;
  for (std::size_t i = 1; i < 60; ++i) {
    std::string cut = bytes;
    if (i % 2 == 0)
      cut.resize(bytes.size() * i / 60);
    else
      for (std::size_t k = 0; k < 16; ++k) cut[(bytes.size() * i / 60 + k) % bytes.size()] ^= 0x5a;
    write_text(t / "cut.h5", cut);
    ++tried;
    try {
      count_catalog c;
      all_of(t / "cut.h5", c);
    } catch (error const& e) {
      ++refused;
      CHECK(holds(e.what(), "cut.h5"));
    }
  }
  CHECK(refused >= tried / 2);  // bytes that nothing uses may be changed; a cut never goes unnoticed
}

TEST_CASE("store: xarray and h5py open it with units") {
  temp_folder const t;
  put(t / "s.h5", make_week(2, 900));
  auto const r = run_program({"/usr/bin/python3", "-c",
                              "import xarray, sys\n"
                              "d = xarray.open_dataset(sys.argv[1], group='records', engine='h5netcdf')\n"
                              "assert d.sizes['record'] == 192, d.sizes\n"
                              "assert str(d.begin.values[0]).startswith('2024-11-04T00:00'), d.begin.values[0]\n"
                              "assert d['count'].attrs['unit'] == 'veh'\n",
                              (t / "s.h5").string()});
  CAPTURE(r.error_output);
  CHECK(r.ok());
}

TEST_CASE("series: records of some days and hours, by the local clock, sorted, with verdicts of whole days") {
  temp_folder const t;
  made_week w = make_week(3, 900, 900, "b");
  add_week(w, 3, 900, "a");
  for (count_record& r : w.records) {
    if (r.series == 0 && r.begin_ms >= kMonday_ms + 86400000 && r.begin_ms < kMonday_ms + 2 * 86400000) r.count = 0;
  }
  put(t / "s.h5", w);
  series_request q;
  q.files = {t / "s.h5"};
  q.time_zone = "Europe/Rome";
  q.begin_s = 8 * 3600;
  q.end_s = 9 * 3600;
  q.days = {{2024, 11, 4}, {2024, 11, 5}};
  count_series const s = load_series(q);
  REQUIRE(s.detectors.size() == 2);
  CHECK(s.detectors[0].key.site == "a");
  detector_series const& b = s.detectors[1];
  REQUIRE(b.size() == 8);
  CHECK(b.begin_s[0] == 28800);
  CHECK(b.end_s[0] == 29700);
  CHECK(b.day[0] == days_of({2024, 11, 4}));
  CHECK(b.count[0] == w.records[28].count);  // 07:00 UTC
  CHECK(b.ok[0] == 1);
  CHECK(b.day[4] == days_of({2024, 11, 5}));
  CHECK(b.ok[4] == 0);
  REQUIRE(b.verdicts.size() == 2);
  CHECK(b.verdicts[1].verdict == count_verdict::kBad);
  q.sites = {"a"};
  CHECK(load_series(q).detectors.size() == 1);
  q.sites = {"aa"};
  CHECK_THROWS_WITH(load_series(q), Catch::Contains("no detector is called 'aa'"));
}

TEST_CASE("site totals: lanes are added up, classes only where they are all lengths, and never a part for the whole") {
  count_series s;
  auto const series = [&](char const* site, std::int32_t lane, char const* vclass, std::int32_t index,
                          std::vector<float> counts) {
    detector_series d;
    d.key = {"t", site, "", "", vclass, index, lane};
    d.lanes = {static_cast<std::uint32_t>(std::max(0, lane - 1))};
    for (std::size_t i = 0; i < counts.size(); ++i) {
      d.day.push_back(100);
      d.begin_s.push_back(static_cast<double>(i) * 60);
      d.end_s.push_back(static_cast<double>(i) * 60 + 60);
      d.count.push_back(counts[i]);
      d.speed_kmh.push_back(lane == 1 ? 90 : 60);
      d.occ_frac.push_back(lane == 1 ? 0.1F : 0.3F);
      d.ok.push_back(std::isfinite(counts[i]) ? 1 : 0);
    }
    d.verdicts.push_back({});
    d.verdicts.back().day = 100;
    s.detectors.push_back(d);
  };
  series("lanes", 1, "", 1, {4, 5});
  series("lanes", 2, "", 3, {8, kAbsent});
  series("lengths", 1, "lessThan 5.2", 3, {1, 2});
  series("lengths", 1, "greaterThanOrEqualTo 5.2", 4, {3, 4});
  series("lorries", 1, "lorry", 3, {1, 2});
  series("lorries", 1, "car", 4, {1, 2});
  series("both", kAllLanes, "", 0, {10, 11});
  series("both", kAllLanes, "lorry", 1, {2, 3});
  series("unsaid", kAllLanes, "", 0, {10, 11});
  series("unsaid", kAllLanes, "", 1, {2, 3});
  std::vector<std::string> left_out;
  count_series const t = site_totals(s, &left_out);
  REQUIRE(t.detectors.size() == 3);
  CHECK(t.detectors[0].key.site == "both");
  CHECK(t.detectors[0].count == std::vector<float>{10, 11});
  detector_series const& lanes = t.detectors[1];
  CHECK(lanes.count[0] == 12);
  CHECK(lanes.speed_kmh[0] == Approx((4 * 90 + 8 * 60) / 12.0));
  CHECK(lanes.occ_frac[0] == Approx(0.2));
  CHECK(lanes.ok == std::vector<std::uint8_t>{1, 0});
  CHECK(std::isnan(lanes.count[1]));
  CHECK(lanes.lanes == std::vector<std::uint32_t>{0, 1});
  CHECK(lanes.key.lane == kAllLanes);
  CHECK(t.detectors[2].count == std::vector<float>{4, 6});
  CHECK(left_out == std::vector<std::string>{"t/lorries", "t/unsaid"});
  CHECK(cover_all_lengths({"lessThanOrEqualTo 5.2", "greaterThan 5.2 lessThanOrEqualTo 6.6", "greaterThan 6.6"}));
  CHECK_FALSE(cover_all_lengths({"lessThan 5.2", "greaterThan 6.6"}));
  CHECK_FALSE(cover_all_lengths({"lessThan 5.2"}));
  CHECK_FALSE(cover_all_lengths({"car", "lorry"}));
  CHECK_FALSE(cover_all_lengths({}));
}
