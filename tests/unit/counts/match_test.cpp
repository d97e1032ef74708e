// Places of detectors: by a file, by the edge in the counts, by coordinates, and what a person confirms.
#include "calibration/counts/match.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "calibration/counts/balance.h"
#include "calibration/counts/series.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/network/projection.h"
#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Two roads that cross, one of them of two lanes.
tiny_network const& town() {
  static tiny_network const kTown("A-B=C\n  |  \n  D  \n");
  return kTown;
}

count_catalog catalog_of(std::vector<count_site> const& sites, std::string const& direction = "") {
  count_catalog c;
  for (count_site s : sites) {
    s.source = "t";
    c.add_site(s);
    c.intern({"t", s.id, "", direction, "", kNoIndex, kAllLanes});
  }
  return c;
}

}  // namespace

TEST_CASE("match: loops of a file place a site on their lanes; a site is a station, the loop itself, or its stem") {
  temp_folder const t;
  write_text(t / "d.csv", "id,station,edge,lane,pos_m\nx0,x,BC,0,10\nx1,x,BC,1,12\nAB_0,,AB,0,-5\n");
  count_site x, ab, stem;
  x.id = "x";
  ab.id = "AB_0";
  stem.id = "AB";
  match_options o;
  o.detectors = read_detectors(t / "d.csv");
  auto const m = match_sites(catalog_of({x, ab, stem}), *town().net, o);
  REQUIRE(m.size() == 3);
  CHECK(m[0].site == "AB");
  CHECK(m[0].edge == town().net->find_edge("AB"));
  CHECK(m[1].site == "AB_0");
  CHECK(m[1].pos_m == Approx(town().net->length_m(*town().net->find_edge("AB")) - 5));
  CHECK(m[2].site == "x");
  CHECK(m[2].edge == town().net->find_edge("BC"));
  CHECK(m[2].lanes == std::vector<std::uint32_t>{0, 1});
  CHECK(m[2].confidence == 1);
  CHECK(m[2].doubt.empty());
}

TEST_CASE("match: SUMO's loops with a pattern for the site; a site on two edges, or with other lanes, is doubtful") {
  temp_folder const t;
  write_text(t / "d.add.xml",
             "<additional><inductionLoop id=\"7_00\" lane=\"BC_0\" pos=\"5\" freq=\"60\" file=\"x\"/>"
             "<e1Detector id=\"7_01\" lane=\"BC_1\" pos=\"5\" freq=\"60\" file=\"x\"/>"
             "<e1Detector id=\"8_00\" lane=\"BC_0\" pos=\"5\" freq=\"60\" file=\"x\"/>"
             "<e1Detector id=\"8_01\" lane=\"AB_0\" pos=\"5\" freq=\"60\" file=\"x\"/></additional>");
  count_site seven, eight;
  seven.id = "7_0";
  seven.lanes = 3;
  eight.id = "8_0";
  match_options o;
  o.detectors = read_detectors(t / "d.add.xml");
  o.detector_pattern = "{site}{*}";
  auto const m = match_sites(catalog_of({seven, eight}), *town().net, o);
  CHECK(m[0].lanes.size() == 2);
  CHECK(m[0].confidence < kSureMatch);
  CHECK(holds(m[0].doubt.en, "it counts 3 lanes, its loops lie on 2"));
  CHECK(m[1].confidence < kSureMatch);
  CHECK(holds(m[1].doubt.en, "its loops lie on 2 edges"));
}

TEST_CASE("match: a detectors file of another network is refused with file, line and edge") {
  temp_folder const t;
  match_options o;
  count_site x;
  x.id = "x";
  write_text(t / "d.csv", "id,edge,lane\nx,ZZ,0\n");
  o.detectors = read_detectors(t / "d.csv");
  CHECK(holds(refusal([&] { match_sites(catalog_of({x}), *town().net, o); }),
              "d.csv:2: detector 'x' lies on edge 'ZZ', which the network lacks"));
  write_text(t / "d.csv", "id,edge,lane\nx,AB,4\n");
  o.detectors = read_detectors(t / "d.csv");
  CHECK(holds(refusal([&] { match_sites(catalog_of({x}), *town().net, o); }), "lane 4 of edge 'AB', which has 1"));
  write_text(t / "d.add.xml", "<additional><e1Detector id=\"a\" lane=\"nolane\" pos=\"1\"/></additional>");
  CHECK(holds(refusal([&] { read_detectors(t / "d.add.xml"); }), "'nolane' is no lane"));
}

TEST_CASE("match: what lies beyond its edge or stands there twice is refused by file and line, not moved in silence") {
  temp_folder const t;
  count_site x;
  x.id = "x";
  double const length = town().net->length_m(*town().net->find_edge("AB"));
  auto const placed = [&](char const* file, std::string const& text) {
    write_text(t / file, text);
    match_options o;
    o.detectors = read_detectors(t / file);
    return match_sites(catalog_of({x}), *town().net, o)[0].pos_m;
  };
  auto const csv = [&](char const* pos) {
    return placed("d.csv", fmt::format("id,edge,lane,pos_m\nx,AB,0,{}\n", pos));
  };
  auto const xml = [&](char const* more) {
    return placed("d.add.xml", fmt::format("<additional>\n<e1Detector id=\"x\" lane=\"AB_0\" {}/></additional>", more));
  };
  CHECK(csv("-5") == Approx(length - 5));
  CHECK(xml("pos=\"-5\"") == Approx(length - 5));
  CHECK(xml("pos=\"9999\" friendlyPos=\"true\"") == Approx(length));
  CHECK(holds(refusal([&] { csv("9999"); }), "d.csv:2: detector 'x' lies at 9999 m of edge 'AB', which is "));
  CHECK(holds(refusal([&] { csv("-9999"); }), "detector 'x' lies at -9999 m"));
  CHECK(holds(refusal([&] { xml("pos=\"9999\""); }), "d.add.xml:2"));
  CHECK(holds(refusal([&] { placed("d.csv", "id,edge,lane\nx,AB,0\nx,AB,0\n"); }),
              "d.csv:3: detector 'x' stands there twice"));
  CHECK(holds(refusal([&] {
                placed("d.add.xml",
                       "<additional><e1Detector id=\"x\" lane=\"AB_0\" pos=\"1\"/>\n<e1Detector id=\"x\" lane=\"AB_0\" "
                       "pos=\"1\"/></additional>");
              }),
              "d.add.xml:2: "));
  // Of the counts' own places it is a doubt: their source may know another network.
  x.edge = "AB";
  x.pos_m = 9999;
  auto const m = match_sites(catalog_of({x}), *town().net, {});
  REQUIRE(m[0].edge);
  CHECK(m[0].confidence < kSureMatch);
  CHECK(holds(m[0].doubt.en, "it lies at 9999 m of edge AB"));
}

TEST_CASE("match: the edge in the counts is taken; one that the network lacks is a doubt, not an error") {
  count_site there, gone, on_lane;
  on_lane.id = "3";
  on_lane.edge = "BC_1";
  there.id = "1";
  there.edge = "BC";
  there.pos_m = 20;
  gone.id = "2";
  gone.edge = "old_road";
  auto const m = match_sites(catalog_of({there, gone, on_lane}), *town().net, {});
  CHECK(m[2].edge == town().net->find_edge("BC"));
  CHECK(m[2].lanes == std::vector<std::uint32_t>{1});
  CHECK(m[0].edge == town().net->find_edge("BC"));
  CHECK(m[0].lanes.size() == 2);
  CHECK(m[0].pos_m == 20);
  CHECK(m[0].confidence == 1);
  CHECK_FALSE(m[1].edge);
  CHECK(m[1].doubt.en == "edge 'old_road' is not in the network");
}

TEST_CASE(
    "match: coordinates and heading tell the two directions of a road apart; without a heading both are possible") {
  network net = *town().net;
  net.projection = "+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs";
  net.offset_x = -460000;
  net.offset_y = -4283000;
  edge_id const ab = *net.find_edge("AB"), ba = *net.find_edge("BA");
  net.edges.road_name[ab] = "Rua das Flores";
  net.edges.road_name[ba] = "Rua das Flores";
  auto const shape = net.shape(lane_id(net.edges.lanes[ab].begin));
  projection const p(net);
  lon_lat const at =
      p.to_lon_lat(static_cast<double>(shape[0].x + shape[1].x) / 2, static_cast<double>(shape[0].y + shape[1].y) / 2);
  count_site s;
  s.id = "1";
  s.lon_deg = at.lon_deg;
  s.lat_deg = at.lat_deg;
  s.road_name = "R. DAS FLORES";
  s.heading_deg = 90;
  auto m = match_sites(catalog_of({s}), net, {});
  REQUIRE(m[0].edge);
  CHECK(*m[0].edge == ab);
  CHECK(m[0].confidence >= kSureMatch);
  CHECK(m[0].pos_m == Approx(net.length_m(ab) / 2).epsilon(0.1));
  s.heading_deg = 270;
  m = match_sites(catalog_of({s}), net, {});
  CHECK(*m[0].edge == ba);
  s.heading_deg = std::nan("");
  m = match_sites(catalog_of({s}), net, {});
  CHECK(m[0].confidence < kSureMatch);
  CHECK(holds(m[0].doubt.en, "BA"));
  SECTION("an edge in the counts that leads the other way gives way to the opposite one, and is a doubt") {
    s.heading_deg = 270;
    s.edge = "AB";
    m = match_sites(catalog_of({s}), net, {});
    CHECK(*m[0].edge == ba);
    CHECK(m[0].confidence < kSureMatch);
    CHECK(holds(m[0].doubt.en, "the counts name edge AB, which leads 90 degrees where vehicles head 270"));
  }
  SECTION(
      "where sites of both directions name one edge, edges name roads: coordinates and heading decide, and are sure") {
    count_site other = s;
    other.id = "2";
    other.edge = s.edge = "AB";
    other.heading_deg = 90;
    s.heading_deg = 270;
    m = match_sites(catalog_of({s, other}), net, {});
    CHECK(*m[0].edge == ba);
    CHECK(m[0].confidence >= kSureMatch);
    CHECK(m[0].doubt.empty());
    CHECK(*m[1].edge == ab);
    s.heading_deg = 225;  // the heading fits neither well: a doubt all the same
    m = match_sites(catalog_of({s, other}), net, {});
    CHECK(*m[0].edge == ba);
    CHECK(m[0].confidence < kSureMatch);
  }
  SECTION(
      "an edge that leads the other way is no place where no other road leads there, however doubtful a place may be") {
    s.heading_deg = 270;
    s.edge = "AB";
    net.lanes.allowed[lane_id(net.edges.lanes[ba].begin)] = mask_of(vclass::kPedestrian);
    m = match_sites(catalog_of({s}), net, {});
    CHECK_FALSE(m[0].edge);
    CHECK(holds(m[0].doubt.en, "edge AB leads 90 degrees where vehicles head 270, and no road around leads there"));
  }
  SECTION("a list of coordinates beside the counts does the same") {
    temp_folder const t;
    write_text(t / "d.csv",
               fmt::format("id,lat,lon,heading_deg,road_name\n1,{},{},270,Rua das Flores\n", s.lat_deg, s.lon_deg));
    match_options o;
    o.detectors = read_detectors(t / "d.csv");
    count_site bare;
    bare.id = "1";
    m = match_sites(catalog_of({bare}), net, o);
    REQUIRE(m[0].edge);
    CHECK(*m[0].edge == ba);
    CHECK(m[0].confidence >= kSureMatch);
    write_text(t / "d.csv", "id,lat,lon\n1,438.7,-9.4\n");
    CHECK(holds(refusal([&] { read_detectors(t / "d.csv"); }), "no place on earth"));
    write_text(t / "d.csv", "id,lane\n1,0\n");
    CHECK(holds(refusal([&] { read_detectors(t / "d.csv"); }), "neither edge nor lat and lon"));
  }
  SECTION("a place far from all roads is nowhere") {
    s.lat_deg += 0.1;
    m = match_sites(catalog_of({s}), net, {});
    CHECK_FALSE(m[0].edge);
    CHECK(holds(m[0].doubt.en, "no road for cars within 60 m"));
  }
}

TEST_CASE("match: what a person confirms holds, what he denies is nowhere, and mistakes of his are named") {
  temp_folder const t;
  count_site a, b, c;
  a.id = "a, \"1\"";
  b.id = "b";
  c.id = "c";
  b.edge = c.edge = "AB";
  auto matches = match_sites(catalog_of({a, b, c}), *town().net, {});
  write_matches(t / "m.csv", matches, *town().net);
  std::string text = read_text_file(t / "m.csv");
  auto again = matches;
  read_matches(t / "m.csv", *town().net, again);
  CHECK(again[1].how == matches[1].how);  // nothing is confirmed yet
  write_text(t / "m.csv",
             "source,site,direction,edge,lanes,pos_m,confirm\nt,\"a, "
             "\"\"1\"\"\",,BC,1,5,yes\nt,b,,AB,,,no\nother,z,,AB,,,yes\n");
  read_matches(t / "m.csv", *town().net, again);
  CHECK(again[0].edge == town().net->find_edge("BC"));
  CHECK(again[0].lanes == std::vector<std::uint32_t>{1});
  CHECK(again[0].confidence == 1);
  CHECK(again[0].how == "confirmed");
  CHECK_FALSE(again[1].edge);
  CHECK(again[2].edge == town().net->find_edge("AB"));
  for (auto const& [row, says] : {std::pair("t,b,,XX,,,yes", "edge 'XX' is not in the network"),
                                  {"t,b,,AB,7,,yes", "has lanes 0 to 0"},
                                  {"t,b,,AB,,,perhaps", "yes, no, or empty"}}) {
    write_text(t / "m.csv", std::string("source,site,direction,edge,lanes,pos_m,confirm\n") + row + "\n");
    std::string const why = refusal([&] { read_matches(t / "m.csv", *town().net, again); });
    CHECK(holds(why, "m.csv:2"));
    CHECK(holds(why, says));
  }
}

TEST_CASE("match: lanes of a source that counts from the left, or from 1, are those of the network") {
  site_match m;
  m.edge = town().net->find_edge("BC");
  m.lanes = {0, 1};
  count_site s;
  s.first_lane = 1;
  detector_key k;
  k.lane = 1;
  CHECK(lanes_of(m, k, &s, *town().net) == std::vector<std::uint32_t>{0});
  s.lanes_from_left = true;
  CHECK(lanes_of(m, k, &s, *town().net) == std::vector<std::uint32_t>{1});
  k.lane = 5;
  CHECK(lanes_of(m, k, &s, *town().net).empty());
  k.lane = kAllLanes;
  CHECK(lanes_of(m, k, &s, *town().net).size() == 2);
}

TEST_CASE("match: names are alike by their words, not by accents, case or what streets are called everywhere") {
  CHECK(name_likeness("Avenida Marginal", "AV. MARGINAL") == 1);
  CHECK(name_likeness("Rua S\xC3\xA3o Jo\xC3\xA3o", "R SAO JOAO") == 1);
  CHECK(name_likeness("Rua das Flores", "Rua do Sol") == 0);
  CHECK(name_likeness("", "Rua do Sol") == 0);
}

TEST_CASE(
    "balance: what goes into a closed piece of road must come out; where it does not, its detectors are doubtful") {
  tiny_network const line("A>B>C>D\n");
  made_week w = make_week(3, 900, 900, "AB");
  add_week(w, 3, 900, "CD");
  for (std::size_t i = 0; i < w.records.size() / 2; ++i) w.records[w.records.size() / 2 + i].count = w.records[i].count;
  for (char const* id : {"AB", "CD"}) {
    count_site s;
    s.source = "made";
    s.id = s.edge = id;
    w.catalog.add_site(s);
  }
  auto const matches = match_sites(w.catalog, *line.net, {});
  auto const areas = balance_areas(w.catalog, matches, *line.net);
  REQUIRE(areas.size() == 1);
  CHECK(areas[0].in == std::vector<std::uint32_t>{0});
  CHECK(areas[0].out == std::vector<std::uint32_t>{1});
  local_clock const clock("UTC", "test");
  auto const judged = [&] {
    quality_report q = assess(w.records, w.catalog, clock, [](std::uint32_t) { return 1; });
    auto const found = check_balance(q, clock, areas, [](std::uint32_t) { return 1; });
    return std::pair(std::move(q), found);
  };
  CHECK(judged().second.empty());
  for (count_record& r : w.records) {
    if (r.series == 1 && r.begin_ms < kMonday_ms + 86400000) r.count = std::round(r.count * 0.7F);
  }
  auto const [q, found] = judged();
  REQUIRE(found.size() == 1);
  CHECK(holds(found[0].en, "2024-11-04: made/AB = made/CD: out of balance"));
  for (day_verdict const& d : q.days)
    CHECK((d.verdict == count_verdict::kDoubtful) == (d.day == days_of({2024, 11, 4})));
}

TEST_CASE("balance: occupancy and speed tell which of two detectors has miscounted") {
  tiny_network const line("A>B>C>D\n");
  made_week w = make_week(2, 900, 900, "AB");
  for (char const* id : {"CD", "x", "y"}) add_week(w, 2, 900, id);
  std::size_t const n = w.records.size() / 4;
  for (std::size_t i = 0; i < n; ++i) {
    w.records[n + i].count =
        std::round(w.records[i].count / 2);  // every other vehicle, though the loop was as occupied
    w.records[n + i].occ_frac = w.records[i].occ_frac;
  }
  for (char const* id : {"AB", "CD"}) {
    count_site s;
    s.source = "made";
    s.id = s.edge = id;
    w.catalog.add_site(s);
  }
  auto const matches = match_sites(w.catalog, *line.net, {});
  local_clock const clock("UTC", "test");
  auto const lanes = [](std::uint32_t) { return 1; };
  quality_report q = assess(w.records, w.catalog, clock, lanes);
  CHECK(implied_length_m(q, 0, q.days[0].day, 1) == Approx(6).epsilon(0.05));
  CHECK(implied_length_m(q, 1, q.days[0].day, 1) == Approx(12).epsilon(0.05));
  auto const found = check_balance(q, clock, balance_areas(w.catalog, matches, *line.net), lanes);
  REQUIRE(found.size() == 2);
  for (day_verdict const& d : q.days) {
    CHECK(d.verdict == (d.detector == 1 ? count_verdict::kBad : count_verdict::kGood));
    if (d.detector == 1) CHECK(holds(d.reason.en, "by its occupancy vehicles would be 1"));
  }
}

TEST_CASE("balance: a road with an entry that nobody counts closes nothing off") {
  tiny_network const joined("A>B>C>D\n  ^    \n  E    \n");
  made_week w = make_week(1, 900, 900, "AB");
  add_week(w, 1, 900, "CD");
  for (char const* id : {"AB", "CD"}) {
    count_site s;
    s.source = "made";
    s.id = s.edge = id;
    w.catalog.add_site(s);
  }
  CHECK(balance_areas(w.catalog, match_sites(w.catalog, *joined.net, {}), *joined.net).empty());
}

TEST_CASE("balance: two detectors of one edge that count it whole must agree, or both are doubtful") {
  tiny_network const line("A>B>C>D\n");
  made_week w = make_week(2, 900, 900, "east");
  add_week(w, 2, 900, "one lane of it");
  std::size_t const n = w.records.size() / 2;
  auto const judged = [&](float share) {
    for (std::size_t i = 0; i < n; ++i) w.records[n + i].count = std::round(w.records[i].count * share);
    count_catalog catalog = w.catalog;
    for (char const* id : {"east", "one lane of it"}) {
      count_site s;
      s.source = "made";
      s.id = id;
      s.edge = "BC";
      catalog.add_site(s);
    }
    local_clock const clock("UTC", "test");
    auto const lanes = [](std::uint32_t) { return 1; };
    quality_report q = assess(w.records, catalog, clock, lanes);
    check_balance(q, clock, balance_areas(catalog, match_sites(catalog, *line.net, {}), *line.net), lanes);
    return q;
  };
  for (day_verdict const& d : judged(0.98F).days) CHECK(d.verdict == count_verdict::kGood);
  for (day_verdict const& d : judged(0.4F).days) CHECK(d.verdict == count_verdict::kDoubtful);
}
