// gemeo calibrate where a job asks for more than one fit of a city's own matrix: types of day, no matrix, journey
// times.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "sim/core/text_file.h"
#include "sim/results/h5_in.h"
#include "tests/cli/calibration_twin.h"
#include "tests/support/page_words.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

TEST_CASE(
    "calibrate: each type of day is fitted by itself, side by side, and one without counts is left out and named") {
  calibration_twin const t;  // counts of a monday and a tuesday, and of a saturday with half of their vehicles
  process_result const r = t.calibrate({"--set", "counts.day_type=each", "--set", "fit.iterations=2", "--set",
                                        "judge.seeds=1", "--set", "judge.prior_seeds=0"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.error_output, Contains("sunday: no count remains"));
  CHECK_FALSE(fs::exists(t.dir / "out/sunday"));
  auto const trips = [&](char const* type) {
    auto const x = h5::in_file(t.dir / "out" / type / "calibration.h5").read<double>("/calibration/demand/trips");
    double sum = 0;
    for (double const v : x) sum += v;
    return sum;
  };
  CHECK(trips("saturday") < 0.75 * trips("weekday"));
  CHECK_THAT(read_text_file(t.dir / "out/report.html"), Contains("weekday/report.html") && Contains("Sábados") &&
                                                            Contains("Sundays: no count remains") &&
                                                            Contains("Domingos: não resta nenhuma contagem"));
  CHECK(english_in_portuguese(t.dir / "out/report.html", kTwinNames) == "");
  CHECK(english_in_portuguese(t.dir / "out/saturday/report.html", kTwinNames) == "");
  process_result const check = run_gemeo({"check", "out/saturday/calibrated.toml"}, t.dir.path());
  CAPTURE(check.error_output);
  CHECK(check.exit_code == 0);
  process_result const again = t.calibrate({"--set", "fit.iterations=2", "--set", "judge.seeds=1", "--set",
                                            "judge.prior_seeds=0", "--set", "counts.day_type=saturday"});
  CHECK(again.exit_code == 0);  // what is there is a calibration, and may be replaced
  CHECK_FALSE(fs::exists(t.dir / "out/weekday"));
}

TEST_CASE("calibrate: without a matrix one is made from zones, and stations that were never fitted come near") {
  calibration_twin const t;
  std::string const od = read_text_file(t.dir / "data/tiny/od.csv");
  write_text(t.dir / "data/tiny/od.csv", od.substr(0, od.find('\n') + 1));
  write_text(t.dir / "zone_trips.csv",
             "zone_id,from_trips,to_trips\nwest,4000,4000\neast,3000,3000\nsouth,1000,500\nmid,0,1500\n");
  process_result const r = t.calibrate(
      {"--set", "prior.trust=zones", "--set", "prior.zone_trips=zone_trips.csv", "--set", "prior.mean_km=6"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK(fs::is_regular_file(t.dir / "out/city/od.csv"));
  auto const [now_error, before_error] = held_out_errors(t.dir / "out/calibration.h5");
  CAPTURE(now_error, before_error);
  CHECK(now_error < before_error);
  fs::rename(t.dir / "out", t.dir / "moved");  // scenarios start from it wherever it lies
  write_text(t.dir / "heir.toml", "base = \"moved/calibrated\"\n");
  process_result const check = run_gemeo({"check", "heir.toml"}, t.dir.path());
  CAPTURE(check.output, check.error_output);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, !Contains("nobody travels"));

  SECTION("what does not fit is named, and nothing is written") {
    auto const refused = [&](std::vector<std::string> more, std::string const& says) {
      process_result const bad = t.calibrate(std::move(more));
      CAPTURE(bad.error_output);
      CHECK(bad.exit_code == 2);
      CHECK_THAT(bad.error_output, Contains(says));
      CHECK_FALSE(fs::exists(t.dir / "out"));
    };
    refused({"--set", "prior.trust=zones"}, "go together");
    refused({"--set", "prior.trust=routes"}, "is for SUMO scenarios");
    write_text(t.dir / "zone_trips.csv", "zone_id,from_trips,to_trips\nwset,1,1\n");
    refused({"--set", "prior.trust=zones", "--set", "prior.zone_trips=zone_trips.csv"}, "did you mean 'west'?");
    write_text(t.dir / "zone_trips.csv", "zone_id,from_trips,to_trips\nwest,-1,1\n");
    refused({"--set", "prior.trust=zones", "--set", "prior.zone_trips=zone_trips.csv"}, "zone_trips.csv:2");
  }
}

TEST_CASE("calibrate: measured journeys are compared, never fitted, and simulated ones are told without them") {
  calibration_twin const t;
  std::vector<std::string> const quick{"--set", "fit.iterations=2",   "--set", "judge.seeds=2",
                                       "--set", "judge.prior_seeds=1"};
  process_result const plain = t.calibrate(quick);
  REQUIRE(plain.exit_code == 0);
  std::string const factors = read_text_file(t.dir / "out/factors.csv");
  auto const journeys = [&](char const* what) {
    return h5::in_file(t.dir / "out/calibration.h5").read<double>("/calibration/journeys/" + std::string(what));
  };
  CHECK(journeys("simulated").size() == 5);  // of all pairs
  for (double const s : journeys("simulated")) CHECK((s > 10 && s < 3000));
  for (double const s : journeys("measured")) CHECK(std::isnan(s));
  CHECK_THAT(read_text_file(t.dir / "out/report.html"), Contains("Nobody measured them"));

  write_text(
      t.dir / "times.csv",
      "name,begin,end,time_s,edges\nmain street,07:30,08:00,60,EF FG GH\nmain street,07:30,08:00,80,EF FG GH\nat "
      "night,03:00,03:30,40,EF FG GH\n");
  std::vector<std::string> with = quick;
  with.insert(with.end(), {"--set", "journeys.file=times.csv"});
  process_result const r = t.calibrate(with);
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.error_output, Contains("1 measured journeys leave outside"));
  REQUIRE(journeys("measured").size() == 1);
  CHECK(journeys("measured")[0] == Approx(70));
  CHECK(journeys("simulated")[0] > 20);
  CHECK(read_text_file(t.dir / "out/factors.csv") == factors);
  CHECK_THAT(read_text_file(t.dir / "out/report.html"), Contains("Of 1 journeys that were measured"));

  SECTION("a way that nobody can drive is named") {
    write_text(t.dir / "times.csv", "name,begin,end,time_s,edges\nx,07:30,08:00,60,EF GH\n");
    process_result const bad = t.calibrate(with);
    CHECK(bad.exit_code == 2);
    CHECK_THAT(bad.error_output, Contains("times.csv:2") && Contains("nobody can drive from 'EF' to 'GH'"));
    write_text(t.dir / "times.csv", "name,begin,end,time_s,edges\nx,7h30,08:00,60,EF FG\n");
    CHECK_THAT(t.calibrate(with).error_output, Contains("times.csv:2") && Contains("7h30"));
  }
}

TEST_CASE("calibrate: drivers' headways are tried after the fit, and what is taken lies in a city of its own") {
  calibration_twin const t;
  process_result const r = t.calibrate({"--set", "supply.tau=[0.8, 1.4]", "--set", "supply.evaluations=10", "--set",
                                        "fit.iterations=2", "--set", "judge.seeds=1", "--set", "judge.prior_seeds=0"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  bool const taken = r.output.find("supply    taken") != std::string::npos;
  CHECK((taken || r.output.find("supply    not taken") != std::string::npos));
  CHECK(fs::exists(t.dir / "out/city/vtypes.add.xml") == taken);
  auto const tau = h5::in_file(t.dir / "out/calibration.h5").read<double>("/calibration/supply/tau");
  REQUIRE(tau.size() >= 5);
  CHECK(tau[0] == 1);
  for (double const x : tau) CHECK((x >= 0.8 && x <= 1.4));
  process_result const check = run_gemeo({"check", "out/calibrated.toml"}, t.dir.path());
  CAPTURE(check.error_output);
  CHECK(check.exit_code == 0);
  CHECK_THAT(t.calibrate({"--set", "supply.tau=[1.4, 0.8]"}).error_output, Contains("the lower first"));
}
