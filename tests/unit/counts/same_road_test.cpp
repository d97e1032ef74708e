// Sites of one road held against each other: renamed loops, loops side by side, parts of a road, and what nothing
// tells.
#include "calibration/counts/same_road.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// AB and BC follow each other without an exit; at C one may go three ways.
tiny_network const& road() {
  static tiny_network const kRoad("A==B==C==D\n      |   \n      E   \n");
  return kRoad;
}

constexpr int kDays = 10;

// count: of (day, hour from 7 on); NaN: not counted.
void add_site(count_series& s, std::string const& site, char const* edge, double pos_m,
              std::function<double(int, int)> const& count) {
  network const& net = *road().net;
  detector_series d;
  d.key.source = "t";
  d.key.site = site;
  d.match.site = site;
  d.match.edge = *net.find_edge(edge);
  d.match.pos_m = pos_m;
  d.match.confidence = 1;
  d.match.how = "coordinates";
  for (std::uint32_t l = 0; l < net.edges.lanes[*d.match.edge].size(); ++l) d.lanes.push_back(l);
  d.match.lanes = d.lanes;
  for (int day = 0; day < kDays; ++day) {
    day_verdict v;
    v.day = day;
    d.verdicts.push_back(v);
    for (int hour = 7; hour < 10; ++hour) {
      double const n = count(day, hour);
      if (std::isnan(n)) continue;
      d.day.push_back(day);
      d.begin_s.push_back(hour * 3600);
      d.end_s.push_back(hour * 3600 + 3600);
      d.count.push_back(static_cast<float>(n));
      d.speed_kmh.push_back(kAbsent);
      d.occ_frac.push_back(kAbsent);
      d.ok.push_back(1);
    }
  }
  s.detectors.push_back(std::move(d));
}

double usual(int day, int hour) { return 1000 + 10 * day + 50 * hour; }
auto times(double f) {
  return [f](int day, int hour) { return std::round(f * usual(day, hour)); };
}

detector_series const& site(count_series const& s, std::string const& name) {
  for (detector_series const& d : s.detectors) {
    if (d.key.site == name) return d;
  }
  FAIL("no site " << name);
  return s.detectors.front();
}

}  // namespace

TEST_CASE("same road: edges without another way in or out are one road, a junction with exits ends it") {
  network const& net = *road().net;
  auto const number = roads_without_exits(net);
  auto const of = [&](char const* e) { return number[net.find_edge(e)->index()]; };
  CHECK(of("AB") == of("BC"));
  CHECK(of("CB") == of("BA"));
  CHECK(of("AB") != of("BA"));
  CHECK(of("BC") != of("CD"));
  CHECK(of("BC") != of("CE"));
}

TEST_CASE(
    "same road: a loop that sees a part of a road is doubtful, on its edge and on one that follows; its road is not") {
  count_series s;
  add_site(s, "whole", "AB", 20, times(1));
  add_site(s, "part", "BC", 60, times(0.25));
  add_site(s, "other", "CD", 20, times(0.25));  // beyond exits
  auto const found = settle_same_roads(s, *road().net);
  REQUIRE(found.size() == 1);
  CHECK(holds(found[0].en, "part counts 25 % of what whole counts on the same road: a part of its lanes"));
  CHECK(site(s, "part").match.confidence < kSureMatch);
  CHECK(site(s, "part").match.part_of_road);
  CHECK_FALSE(site(s, "whole").match.part_of_road);
  CHECK(site(s, "whole").match.confidence == 1);
  CHECK(site(s, "other").match.confidence == 1);
}

TEST_CASE(
    "same road: a quarter of an hour is not held against an hour, and loops without vehicles are no loop renamed") {
  count_series s;
  add_site(s, "hours", "AB", 20, times(1));
  add_site(s, "quarters", "BC", 60, times(0.25));
  for (double& e : s.detectors[1].end_s) e -= 2700;
  add_site(s, "dead", "CD", 20, [](int day, int) { return day < 4 ? 0.0 : std::nan(""); });
  add_site(s, "dead too", "CD", 20, [](int day, int) { return day < 4 ? std::nan("") : 0.0; });
  CHECK(settle_same_roads(s, *road().net).empty());
  CHECK(s.detectors.size() == 4);
  CHECK_FALSE(site(s, "quarters").match.part_of_road);
}

TEST_CASE("same road: a doubtful place may turn out a part of its road, but bears no witness against a sure one") {
  count_series s;
  add_site(s, "sure", "AB", 20, times(1));
  add_site(s, "less", "BC", 60, times(0.3));
  add_site(s, "more", "BC", 10, times(3));
  s.detectors[1].match.confidence = s.detectors[2].match.confidence = 0.5;
  auto const found = settle_same_roads(s, *road().net);
  REQUIRE(found.size() == 1);
  CHECK(holds(found[0].en, "less counts 30 % of what sure counts on the same road, if it lies there"));
  CHECK(site(s, "less").match.part_of_road);
  CHECK_FALSE(site(s, "more").match.part_of_road);
  CHECK(site(s, "sure").match.confidence == 1);
}

TEST_CASE("same road: loops side by side that together count what another counts are one series, their sum") {
  count_series s;
  add_site(s, "left", "BC", 60, times(0.6));
  add_site(s, "right", "BC", 63, [](int day, int hour) { return day == 3 ? std::nan("") : times(0.38)(day, hour); });
  add_site(s, "whole", "AB", 20, times(1));
  auto const found = settle_same_roads(s, *road().net);
  REQUIRE(found.size() == 1);
  CHECK(holds(found[0].en, "left + right lie side by side"));
  REQUIRE(s.detectors.size() == 2);
  detector_series const& sum = site(s, "left + right");
  CHECK(sum.match.confidence == 1);
  CHECK(sum.size() == 3 * (kDays - 1));  // a day on which one is silent has no sum
  CHECK(static_cast<double>(sum.count[0]) == times(0.6)(0, 7) + times(0.38)(0, 7));
  CHECK(sum.verdicts.size() == kDays - 1);
  SECTION("without a witness nobody knows") {
    count_series two;
    add_site(two, "left", "BC", 60, times(0.6));
    add_site(two, "right", "BC", 63, times(0.4));
    settle_same_roads(two, *road().net);
    REQUIRE(two.detectors.size() == 2);
    for (detector_series const& d : two.detectors) CHECK(d.match.confidence < kSureMatch);
  }
  SECTION("a sum that no other site counts is none") {
    count_series off;
    add_site(off, "left", "BC", 60, times(0.3));
    add_site(off, "right", "BC", 63, times(0.2));
    add_site(off, "whole", "AB", 20, times(1));
    settle_same_roads(off, *road().net);
    CHECK(off.detectors.size() == 3);
    CHECK(site(off, "left").match.confidence < kSureMatch);
    CHECK(site(off, "whole").match.confidence == 1);
  }
}

TEST_CASE("same road: one loop under two names is one series, two loops at one place that differ are not") {
  count_series s;
  add_site(s, "old", "AB", 20, [](int day, int hour) { return day < 4 ? usual(day, hour) : std::nan(""); });
  add_site(s, "new", "AB", 20, [](int day, int hour) { return day < 4 ? std::nan("") : usual(day, hour); });
  for (float& v : s.detectors[0].speed_kmh) v = 50;
  for (float& o : s.detectors[1].occ_frac) o = 0.25F;
  auto const found = settle_same_roads(s, *road().net);
  REQUIRE(s.detectors.size() == 1);
  CHECK(holds(found.at(0).en, "old and new are one loop under two names"));
  CHECK(site(s, "old = new").speed_kmh.front() == 50);  // as the loop told it
  CHECK(site(s, "old = new").occ_frac.back() == 0.25F);
  CHECK(site(s, "old = new").size() == 3 * kDays);
  CHECK(site(s, "old = new").day.front() == 0);
  CHECK(site(s, "old = new").day.back() == kDays - 1);
  count_series two;
  add_site(two, "a", "AB", 20, times(1));
  add_site(two, "b", "AB", 20, times(0.97));
  CHECK(settle_same_roads(two, *road().net).empty());  // both count the whole road, within what counts differ by
  CHECK(two.detectors.size() == 2);
}

TEST_CASE("same road: two that differ by a quarter are both doubtful; a third tells which is right") {
  count_series s;
  add_site(s, "a", "AB", 20, times(1));
  add_site(s, "b", "BC", 60, times(0.75));
  settle_same_roads(s, *road().net);
  CHECK(site(s, "a").match.confidence < kSureMatch);
  CHECK(site(s, "b").match.confidence < kSureMatch);
  count_series three;
  add_site(three, "a", "AB", 20, times(1));
  add_site(three, "b", "BC", 60, times(0.75));
  add_site(three, "c", "BC", 10, times(0.96));
  settle_same_roads(three, *road().net);
  CHECK(site(three, "a").match.confidence == 1);
  CHECK(site(three, "c").match.confidence == 1);
  CHECK(site(three, "b").match.confidence < kSureMatch);
}

TEST_CASE("same road: what a person confirmed, one lane, one class, and few vehicles are left alone") {
  count_series s;
  add_site(s, "whole", "AB", 20, times(1));
  for (char const* name : {"confirmed", "lane", "class", "few"}) add_site(s, name, "BC", 60, times(0.2));
  s.detectors[1].match.how = "confirmed";
  s.detectors[2].lanes = {0};
  s.detectors[3].key.vclass = "lorry";
  s.detectors[4].ok.assign(s.detectors[4].ok.size(), 0);
  CHECK(settle_same_roads(s, *road().net).empty());
  for (detector_series const& d : s.detectors) CHECK(d.match.confidence == 1);
}
