// CSV files by a mapping: what rows mean, and what is refused in which words.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr char const* kLong = R"(source = "city"
time_zone = "Europe/Lisbon"
[columns]
site = "station"
begin = "begin"
period = "period_s"
count = "count"
speed = "speed_kmh"
occupancy = "occ"
[units]
occupancy = "%"
)";
constexpr char const* kHead = "station,begin,period_s,count,speed_kmh,occ\n";

std::string plus(std::string const& mapping, std::string const& more) { return more + mapping; }

}  // namespace

TEST_CASE("csv: a row is a record, with its period, units converted, and absent values absent") {
  auto const r = read_csv_text(std::string(kHead) +
                                   "a,2024-07-01T08:00,900,120,54.5,12.5\n"
                                   "\"b \"\"x\"\"\",2024-07-01 08:00:00,900,,NA,-1\n",
                               kLong);
  REQUIRE(r.records.size() == 2);
  CHECK(r.records[0].begin_ms == 1719817200000);  // 07:00 UTC
  CHECK(r.records[0].period_ms == 900000);
  CHECK(r.records[0].count == 120);
  CHECK(r.records[0].speed_kmh == 54.5F);
  CHECK(r.records[0].occ_frac == Approx(0.125));
  CHECK(r.records[0].flags == 0);
  CHECK(r.records[0].flow_veh_per_h() == Approx(480));
  CHECK(r.key(1).site == "b \"x\"");
  CHECK(std::isnan(r.records[1].count));
  CHECK(std::isnan(r.records[1].speed_kmh));
  CHECK(std::isnan(r.records[1].occ_frac));
  CHECK(r.records[1].flags == kNull);
  CHECK(r.report.nulls == 1);
}

TEST_CASE("csv: a rate is turned into a number of vehicles, in the unit that the mapping says") {
  std::string const m =
      "source = \"s\"\nperiod_s = 300\n[columns]\nsite = \"id\"\nbegin = \"t\"\nflow = \"q\"\nspeed = "
      "\"v\"\n[units]\nflow = \"veh/h\"\nspeed = \"m/s\"\n";
  auto const r = read_csv_text("id,t,q,v\na,2024-01-01T00:00Z,600,10\n", m);
  CHECK(r.records[0].count == 50);
  CHECK(r.records[0].flags == kFromRate);
  CHECK(r.records[0].speed_kmh == 36);
}

TEST_CASE("csv: a column an hour, Italian dates, decimal commas and a place in one column") {
  std::string const m = R"(source = "it"
time_zone = "Europe/Rome"
delimiter = ";"
decimal = ","
[columns]
site = "spira"
date = "data"
heading = "angolo"
lat_lon = "punto"
[patterns]
date = "%d/%m/%Y"
[wide]
header = "%H:%M-%H:%M"
[units]
heading = "counter-clockwise"
)";
  auto const r =
      read_csv_text("spira;data;00:00-01:00;23:00-24:00;angolo;punto\n7;01/02/2024;10,5;3;90;44.5, 11.25\n", m);
  REQUIRE(r.records.size() == 2);
  CHECK(r.records[0].begin_ms == 1706742000000);  // 2024-01-31T23:00Z
  CHECK(r.records[0].count == 10.5F);
  CHECK(r.records[1].begin_ms - r.records[0].begin_ms == 23 * 3600000);
  CHECK(r.records[1].period_ms == 3600000);
  count_site const* const s = r.catalog.site("it", "7");
  REQUIRE(s != nullptr);
  CHECK(s->heading_deg == 270);
  CHECK(s->lat_deg == 44.5);
  CHECK(s->lon_deg == 11.25);
}

TEST_CASE("csv: a column a site") {
  std::string const m =
      "source = \"s\"\nperiod_s = 60\n[columns]\nbegin = \"t\"\n[wide]\nheader = \"flow_{site}\"\nholds = \"flow\"\n";
  auto const r = read_csv_text("t,flow_a,flow_b 2\n2024-01-01T00:00Z,60,120\n", m);
  REQUIRE(r.records.size() == 2);
  CHECK(r.key(1).site == "b 2");
  CHECK(r.records[1].count == 2);
}

TEST_CASE("csv: day and hour may stand in the file's name, and values of several columns may make the site") {
  std::string const m =
      "source = \"pems\"\ntime_zone = \"America/Los_Angeles\"\n[columns]\nsite = \"{link}/{dir}\"\ncount = "
      "\"n\"\n[file_name]\npattern = \"{*}_%y%m%d_%H-%H.csv\"\n[values.dir]\nC = \"0\"\nD = \"1\"\n";
  auto const r = read_csv_text("link,dir,n\nx,D,5\n", m, "gt_1_221008_06-07.csv");
  CHECK(r.records[0].begin_ms == 1665234000000);  // 13:00 UTC
  CHECK(r.records[0].period_ms == 3600000);
  CHECK(r.key(0).site == "x/1");
  std::string const why = refusal([&] { read_csv_text("link,dir,n\nx,E,5\n", m, "gt_1_221008_06-07.csv"); });
  CHECK(holds(why, "counts") == false);
  CHECK(holds(why, ":2: column 'dir': 'E' is not among its values"));
  CHECK(holds(why, "[values.dir]"));
  CHECK(holds(refusal([&] { read_csv_text("link,dir,n\nx,D,5\n", m, "other.csv"); }),
              "its name does not fit the pattern"));
}

TEST_CASE("csv: the repeated hour is taken first in summer time, then in winter time, and marked") {
  std::string rows = kHead;
  for (char const* t : {"00:45", "01:00", "01:30", "01:00", "01:30", "02:00"})
    rows += std::string("a,2024-10-27T") + t + ",1800,1,50,1\n";
  auto const r = read_csv_text(rows, kLong);
  REQUIRE(r.records.size() == 6);
  std::int64_t const first = r.records[1].begin_ms;
  CHECK(first == 1729987200000);  // 00:00 UTC
  CHECK(r.records[2].begin_ms == first + 1800000);
  CHECK(r.records[3].begin_ms == first + 3600000);
  CHECK(r.records[4].begin_ms == first + 5400000);
  CHECK(r.records[5].begin_ms == first + 7200000);
  for (std::size_t i : {1U, 2U, 3U, 4U}) CHECK(r.records[i].flags == kClockRepeated);
  CHECK(r.records[5].flags == 0);
  CHECK(r.report.clock_repeated == 4);
}

TEST_CASE("csv: an hour that the clock passes over is no record, and a value that cannot be is marked") {
  auto const r =
      read_csv_text(std::string(kHead) + "a,2024-03-31T01:15,900,5,50,1\na,2024-04-01T01:15,900,-7,999,250\n", kLong);
  REQUIRE(r.records.size() == 1);  // the first would have stood for 02:15, which is the same moment
  CHECK(r.report.clock_missing == 1);
  CHECK(r.records[0].flags == kOutOfRange);
  CHECK(std::isnan(r.records[0].count));
  CHECK(std::isnan(r.records[0].speed_kmh));
  CHECK(std::isnan(r.records[0].occ_frac));
}

TEST_CASE("csv: a mean over days, an imputed value and one without inputs are told apart") {
  std::string const m =
      "source = \"s\"\nperiod_s = 60\nmean_of_days = true\n[columns]\nsite = \"id\"\nbegin = \"t\"\ncount = "
      "\"n\"\nn_inputs = \"k\"\nimputed = \"i\"\n";
  auto const r = read_csv_text("id,t,n,k,i\na,2024-01-01T00:00Z,4,4,1\na,2024-01-01T00:01Z,4,0,0\n", m);
  CHECK(r.records[0].flags == (kMeanOfDays | kImputed));
  CHECK(r.records[0].n_inputs == 4);
  CHECK(r.records[1].flags == (kMeanOfDays | kNull));
  CHECK(std::isnan(r.records[1].count));
}

TEST_CASE("csv: what cannot be understood is refused with file, line, column and remedy") {
  struct row {
    char const* name;
    std::string text, mapping;
    std::vector<std::string> says;
  };
  std::string const head = kHead, m = kLong;
  std::string full = head;
  for (int i = 0; i < 30; ++i) full += "a,2024-07-01T08:00,900,1,50,250\n";
  row const rows[] = {
      {"empty", "", m, {"is empty"}},
      {"a column missing",
       "station,begin,period_s,cuont,speed_kmh,occ\n",
       m,
       {":1", "no column 'count'", "did you mean 'cuont'?"}},
      {"another delimiter", "station;begin;period_s;count;speed_kmh;occ\n", m, {"no column 'station'", "delimiter"}},
      {"too many fields", head + "a,2024-07-01T08:00,900,1,5,1,7\n", m, {":2", "7 fields where the header has 6"}},
      {"too few fields", head + "a,2024-07-01T08:00,900,1\n", m, {":2", "4 fields"}},
      {"no number",
       head + "a,2024-07-01T08:00,900,many,50,1\n",
       m,
       {":2", "column 'count'", "'many' is no number", "missing"}},
      {"a decimal comma", head + "a,2024-07-01T08:00,900,\"1,5\",50,1\n", m, {"'1,5' is no number", "decimal = \",\""}},
      {"a decimal point",
       head + "a,2024-07-01T08:00,900,1.5,50,1\n",
       plus(m, "delimiter = \",\"\nthousands = \"'\"\n"),
       {}},
      {"no date", head + "a,2024-02-30T08:00,900,1,50,1\n", m, {":2", "column 'begin'", "no time or date"}},
      {"no time", head + "a,2024-02-20,900,1,50,1\n", m, {"lacks its time"}},
      {"a period of nothing", head + "a,2024-07-01T08:00,0,1,50,1\n", m, {"column 'period_s'", "is no period"}},
      {"a quote never closed", head + "\"a,2024-07-01T08:00,900,1,50,1\n", m, {":2", "quote is never closed"}},
      {"a byte 0", head + std::string("a\0b", 3) + ",2024-07-01T08:00,900,1,50,1\n", m, {"byte 0"}},
      {"no site", head + ",2024-07-01T08:00,900,1,50,1\n", m, {":2", "names no site"}},
      {"percent taken for a share", full, m.substr(0, m.find("[units]")), {"occupancies are above 100 %", "unit"}},
      {"an unknown unit", head, m + "speed = \"knots\"\n", {"m.toml:", "units.speed: 'knots' is no unit", "mph"}},
      {"an unknown key", head, m + "sped = \"km/h\"\n", {"m.toml:", "unknown key 'sped'", "did you mean 'speed'?"}},
      {"an unknown zone", head, "source = \"s\"\ntime_zone = \"Europe/Lisbo\"\n", {"Europe/Lisbon"}},
      {"no source", head, "[columns]\nsite = \"station\"\n", {"says no source"}},
      {"no values", head, "source = \"s\"\n[columns]\nsite = \"station\"\nbegin = \"begin\"\n", {"holds values"}},
      {"no period",
       head,
       "source = \"s\"\n[columns]\nsite = \"station\"\nbegin = \"begin\"\ncount = \"count\"\n",
       {"how long the periods are"}},
      {"a pattern of nothing", head, m + "[patterns]\ndate = \"%Q\"\n", {"patterns.date", "'%Q' is not known"}},
      {"no TOML", head, "source = \n", {"m.toml:1"}},
  };
  for (row const& r : rows) {
    DYNAMIC_SECTION(r.name) {
      if (r.says.empty()) {
        CHECK_NOTHROW(read_csv_text(r.text, r.mapping));
        continue;
      }
      std::string const why = refusal([&] { read_csv_text(r.text, r.mapping); });
      for (std::string const& s : r.says) CHECK(holds(why, s));
    }
  }
}

TEST_CASE("csv: a table without a mapping is refused, unless it has gemeo's own columns") {
  CHECK(holds(refusal([] { read_text_counts("a,b\n1,2\n", "x.csv"); }), "--mapping"));
  auto const r = read_text_counts(
      "station,begin,period_s,count,speed_kmh,occupancy_pct\nd01,2024-11-04T00:00,900,61,115.6,0.41\n", "x.csv");
  REQUIRE(r.records.size() == 1);
  CHECK(r.records[0].occ_frac == Approx(0.0041));
}

TEST_CASE("csv: more identifiers than any feed has are refused") {
  count_catalog c;
  CHECK(c.intern({"s", "a", "1", "", "", kNoIndex, kAllLanes}) == 0);
  CHECK(c.intern({"s", "a", "2", "", "", kNoIndex, kAllLanes}) == 1);
  CHECK(c.same_detector(1) == 0);
  CHECK(c.intern({"s", "a", "1", "", "", 3, kAllLanes}) == 2);
  CHECK(c.same_detector(2) == 2);
}
