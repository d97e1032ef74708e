#include "sim/demand/pair_factors.h"

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <set>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/city.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using Catch::Matchers::Contains;

namespace {
constexpr char const* kHeader = "from_zone,to_zone,begin_s,end_s,factor\n";

std::set<std::uint64_t> keys_of(demand const& d) { return {d.vehicles.key.begin(), d.vehicles.key.end()}; }

std::string refused(city const& c, test::temp_folder const& dir, std::string const& rows) {
  test::write_text(dir / "factors.csv", kHeader + rows);
  try {
    (void)pair_factors::read(dir / "factors.csv", c);
  } catch (error const& e) {
    CHECK(e.kind() == error_kind::kInput);
    return std::string(e.what());
  }
  return "not refused";
}
}  // namespace

TEST_CASE("pair factors: factor 1 everywhere leaves every traveller as it is, bit by bit") {
  test::temp_folder const dir;
  city c = read_city(test::tiny_city(dir / "tiny").folder);
  std::uint64_t const plain = draw_demand(c, 5, 0, 86400).hash();
  test::write_text(dir / "factors.csv", std::string(kHeader) + "west,east,0,86400,1\neast,west,25200,27000,1\n");
  c.factors = std::make_shared<pair_factors const>(pair_factors::read(dir / "factors.csv", c));
  CHECK(draw_demand(c, 5, 0, 86400).hash() == plain);
}

TEST_CASE("pair factors: travellers are added after those that are there, and taken away from the end") {
  test::temp_folder const dir;
  city c = read_city(test::tiny_city(dir / "tiny").folder);
  auto const base = keys_of(draw_demand(c, 5, 0, 86400));
  auto const with = [&](char const* factor) {
    test::write_text(dir / "factors.csv", std::string(kHeader) + "west,east,25200,32400," + factor + "\n");
    c.factors = std::make_shared<pair_factors const>(pair_factors::read(dir / "factors.csv", c));
    return keys_of(draw_demand(c, 5, 0, 86400));
  };
  auto const more = with("1.7"), fewer = with("0.4"), none = with("0");
  CHECK(std::includes(more.begin(), more.end(), base.begin(), base.end()));
  CHECK(std::includes(base.begin(), base.end(), fewer.begin(), fewer.end()));
  CHECK(std::includes(fewer.begin(), fewer.end(), none.begin(), none.end()));
  CHECK(more.size() > base.size() + 300);  // 0.7 of 768
  CHECK(fewer.size() + 300 < base.size());
}

TEST_CASE("pair factors: scales of a scenario come on top of them") {
  test::temp_folder const dir;
  city c = read_city(test::tiny_city(dir / "tiny").folder);
  test::write_text(dir / "factors.csv", std::string(kHeader) + "west,east,0,86400,1.5\n");
  c.factors = std::make_shared<pair_factors const>(pair_factors::read(dir / "factors.csv", c));
  flow_scale all{std::vector<bool>(c.od.size(), true), 0, 86400, 2};
  auto const twice = keys_of(draw_demand(c, 5, 0, 86400, {all}));
  test::write_text(dir / "factors.csv", std::string(kHeader) +
                                            "west,east,0,86400,3\neast,west,0,86400,2\nsouth,west,0,86400,2\n" +
                                            "west,mid,0,86400,2\neast,south,0,86400,2\n");
  c.factors = std::make_shared<pair_factors const>(pair_factors::read(dir / "factors.csv", c));
  CHECK(keys_of(draw_demand(c, 5, 0, 86400)) == twice);
}

TEST_CASE("pair factors: files without shares of drivers by the empty network are read, and nobody is one") {
  test::temp_folder const dir;
  city const c = read_city(test::tiny_city(dir / "tiny").folder);
  test::write_text(dir / "old.csv", std::string(kHeader) + "west,east,25200,32400,1.5\n");
  pair_factors const old = pair_factors::read(dir / "old.csv", c);
  CHECK(!old.some_by_free_flow());
  CHECK(old.free_flow_share(zone_id(0U), zone_id(1U), 30) == 0);
  pair_factors f = old;
  f.set(zone_id(1U), zone_id(0U), 28, 30, 0.5, 1.0 / 3);
  f.write(dir / "new.csv", c);
  pair_factors const back = pair_factors::read(dir / "new.csv", c);
  CHECK(back.some_by_free_flow());
  CHECK(back.free_flow_share(zone_id(1U), zone_id(0U), 29) == 1.0 / 3);
  CHECK(back.free_flow_share(zone_id(1U), zone_id(0U), 30) == 0);
  CHECK(back.at(zone_id(0U), zone_id(1U), 30) == 1.5);
  test::write_text(dir / "bad.csv", "from_zone,to_zone,begin_s,end_s,factor,free_flow_share\nwest,east,0,900,1,1.5\n");
  CHECK_THROWS_WITH(pair_factors::read(dir / "bad.csv", c), Contains("free_flow_share") && Contains("bad.csv:2"));
}

TEST_CASE("pair factors: a row that is half there is refused, whichever of its cells is empty") {
  test::temp_folder const dir;
  city const c = read_city(test::tiny_city(dir / "tiny").folder);
  auto const refusal = [&](std::string const& row) {
    test::write_text(dir / "half.csv",
                     "from_zone,to_zone,begin_s,end_s,factor,free_flow_share\nwest,east,0,900,1,0.5\n" + row);
    try {
      (void)pair_factors::read(dir / "half.csv", c);
    } catch (error const& e) {
      CHECK(e.kind() == error_kind::kInput);
      CHECK(!e.hint().empty());
      return std::string(e.what());
    }
    return std::string("not refused");
  };
  for (auto const& [row, column] : {std::pair("east,west,0,900,1,\n", "free_flow_share"),
                                    {"east,west,0,900,,0.5\n", "factor"},
                                    {"east,west,0,,1,0.5\n", "end_s"},
                                    {"east,west,,900,1,0.5\n", "begin_s"},
                                    {"east,,0,900,1,0.5\n", "to_zone"},
                                    {",west,0,900,1,0.5\n", "from_zone"},
                                    {"east,west,0,900,1,0.5\neast,west,900,1800,1,", "free_flow_share"}}) {
    CAPTURE(row);
    CHECK_THAT(refusal(row), Contains("half.csv:") && Contains(fmt::format("'{}' is empty", column)));
  }
  CHECK_THAT(refusal("east,west,0,900\n"), Contains("half.csv:3") && Contains("4 fields"));
  for (char const* share : {"nan", "inf", "-0.1", "1.01", "25 %", "0,25"}) {
    CAPTURE(share);
    CHECK_THAT(refusal(fmt::format("east,west,0,900,1,{}\n", share)), Contains("half.csv:3"));
  }
  for (char const* factor : {"inf", "-inf", "1e400", "0x1p3", "1 000"}) {
    CAPTURE(factor);
    CHECK_THAT(refusal(fmt::format("east,west,0,900,{},0\n", factor)), Contains("half.csv:3") && Contains("factor"));
  }
}

TEST_CASE(
    "pair factors: what they say of drivers by the empty network is summed up, and pairs without trips are found") {
  test::temp_folder const dir;
  city const c = read_city(test::tiny_city(dir / "tiny").folder);
  zone_id const west(0U), east(1U), south(2U), mid(3U);
  pair_factors f;
  f.set(west, east, 28, 30, 1, 0.25);
  f.set(west, east, 30, 31, 1, 0.75);
  f.set(east, west, 29, 32, 1, 0);
  f.set(mid, south, 29, 30, 2, 0.5);
  free_flow_shares const s = f.free_flow();
  CHECK(f.pairs() == 3);
  CHECK(s.pairs == 2);
  CHECK(s.quarters == 3);
  CHECK(s.least == 0.25);
  CHECK(s.most == 0.75);
  CHECK(f.pairs_without_trips(c) == std::vector{std::pair(mid, south)});
  CHECK(pair_factors().free_flow().quarters == 0);
}

TEST_CASE("pair factors: what is written reads back as the same bits, whatever zones are called") {
  test::temp_folder const dir;
  city c = read_city(test::tiny_city(dir / "tiny").folder);
  c.zones[zone_id(1U)].name = "east, the \"new\" one";
  pair_factors f;
  f.set(zone_id(0U), zone_id(1U), 30, 32, 1.0 / 3);
  f.set(zone_id(0U), zone_id(1U), 28, 30, 0.1);
  f.set(zone_id(2U), zone_id(0U), 191, 192, 0);
  f.write(dir / "out.csv", c);
  pair_factors const back = pair_factors::read(dir / "out.csv", c);
  CHECK(back.at(zone_id(0U), zone_id(1U), 31) == 1.0 / 3);
  CHECK(back.at(zone_id(0U), zone_id(1U), 28) == 0.1);
  CHECK(back.at(zone_id(0U), zone_id(1U), 27) == 1);
  CHECK(back.at(zone_id(2U), zone_id(0U), 191) == 0);
  CHECK(back.begin_s() == 28 * 900);
  CHECK(back.end_s() == 192 * 900);
  back.write(dir / "again.csv", c);
  CHECK(read_text_file(dir / "out.csv") == read_text_file(dir / "again.csv"));
}

TEST_CASE("pair factors: a broken file is refused by file and line") {
  test::temp_folder const dir;
  city const c = read_city(test::tiny_city(dir / "tiny").folder);
  CHECK_THAT(refused(c, dir, ""), Contains("factors.csv") && Contains("no row"));
  CHECK_THAT(refused(c, dir, "west,eats,0,900,1\n"), Contains("factors.csv:2") && Contains("eats") && Contains("east"));
  CHECK_THAT(refused(c, dir, "west,east,0,900,-1\n"), Contains("negative"));
  CHECK_THAT(refused(c, dir, "west,east,0,900,1e9\n"), Contains("more than 1000000"));
  CHECK_THAT(refused(c, dir, "west,east,0,900,nan\n"), Contains("factor"));
  CHECK_THAT(refused(c, dir, "west,east,0,500,1\n"), Contains("quarter-hour"));
  CHECK_THAT(refused(c, dir, "west,east,900,900,1\n"), Contains("not after"));
  CHECK_THAT(refused(c, dir, "west,east,0,1e15,1\n"), Contains("quarter-hour"));
  CHECK_THAT(refused(c, dir, "west,east,0,1800,1\nwest,east,900,2700,2\n"),
             Contains("factors.csv:3") && Contains("two factors"));
}
