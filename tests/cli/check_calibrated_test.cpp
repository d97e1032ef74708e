// gemeo check on a calibrated demand: what it tells of pairs, of drivers by the empty network, and of members.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/core/json_text.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

constexpr char const* kHeader = "from_zone,to_zone,begin_s,end_s,factor,free_flow_share\n";

struct calibrated_town {
  temp_folder dir;
  calibrated_town() {
    tiny_city const city(dir / "data/tiny", 2000);
    fs::create_directories(dir / "scenarios/tiny");
    fs::create_directories(dir / "fit/members");
    write_text(dir / "scenarios/tiny/x.toml",
               "city = \"tiny\"\ncalibrated = \"../../fit/factors.csv\"\n[time]\nbegin = \"07:00\"\nend = \"08:00\"\n");
  }
  void factors(std::string const& file, std::string const& rows) const {
    write_text(dir / "fit" / file, std::string(kHeader) + rows);
  }
  [[nodiscard]] process_result check(std::vector<std::string> const& more = {}) const {
    std::vector<std::string> arguments{"check", "scenarios/tiny/x.toml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_gemeo(arguments, dir.path());
  }
};

}  // namespace

TEST_CASE("check: who chooses routes by the empty network is told, with pairs, times and trips") {
  calibrated_town const t;
  t.factors("factors.csv", "west,east,25200,27000,1,0.25\nwest,east,27000,28800,1,0.5\neast,west,25200,28800,1,0\n");
  process_result const r = t.check();
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("calibrated from 07:00 to 08:00, 2 pairs of zones: ") &&
                           Contains("choose routes by the empty network's times\n") &&
                           Contains("as the calibration found: 25 to 50 % in 1 pair of zones and 4 quarter-hours"));
  auto const told = parse_json(t.check({"--json"}).output);
  CHECK(told.at("calibrated_pairs") == 2);
  auto const& by = told.at("by_free_flow");
  CHECK(by.at("pairs") == 1);
  CHECK(by.at("quarter_hours") == 4);
  CHECK(by.at("share") == nlohmann::json({0.25, 0.5}));
  double const of_pair = 2000 * 0.4 * 0.06 * 4;  // trips from west to east in that hour
  CHECK(by.at("trips").get<double>() == Approx(0.375 * of_pair).epsilon(0.2));

  SECTION("in an equilibrium everybody's routes are found anew, and it is said") {
    process_result const e = t.check({"--set", "routes.response=equilibrium"});
    CAPTURE(e.error_output);
    CHECK_THAT(e.output, Contains("empty network's times, until the equilibrium chooses for all\n"));
  }
  SECTION("nothing is said where nobody does") {
    t.factors("factors.csv", "west,east,25200,28800,1,0\n");
    process_result const none = t.check();
    CHECK(none.exit_code == 0);
    CHECK_THAT(none.output, !Contains("empty network"));
    CHECK(!parse_json(t.check({"--json"}).output).contains("by_free_flow"));
  }
}

TEST_CASE("check: factors of pairs without trips are told, as they make none") {
  calibrated_town const t;
  t.factors("factors.csv", "west,east,25200,28800,2,0\nmid,south,25200,28800,2,0\n");
  process_result const r = t.check();
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.output,
             Contains("factors.csv: of 1 of its pairs of zones od.csv has no trips") && Contains("'mid' to 'south'"));
}

TEST_CASE("check: members are all read, and told with the trips that they make") {
  calibrated_town const t;
  std::vector<std::string> const with_members{"--set", "members=fit/members"};
  t.factors("members/member_001.csv", "west,east,25200,28800,1,0\n");
  t.factors("members/member_002.csv", "west,east,25200,28800,2,0\n");
  t.factors("factors.csv", "west,east,25200,28800,1.5,0\n");
  process_result const r = t.check(with_members);
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("one of 2, taken by seed: run 2 seeds to take each once; 480 to 672 trips"));
  auto with_json = with_members;
  with_json.emplace_back("--json");
  CHECK(parse_json(t.check(with_json).output).at("members_trips").at(0).get<double>() == Approx(480));
  // Of seed 42, which takes the second one, nothing would tell of the first.
  t.factors("members/member_001.csv", "west,east,25200,28800,,0\n");
  process_result const broken = t.check(with_members);
  CHECK(broken.exit_code == 2);
  CHECK_THAT(broken.error_output, Contains("member_001.csv:2") && Contains("'factor' is empty"));
}
