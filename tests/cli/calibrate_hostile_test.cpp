// gemeo calibrate and what a stranger gives it: each is refused before anything is computed, with file, line and what
// to do, and nothing is left.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/core/text_file.h"
#include "tests/cli/calibration_twin.h"
#include "tests/support/gemeo_program.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

struct hostile_twin : calibration_twin {
  void refused(std::vector<std::string> more, std::vector<std::string> const& says) const {
    auto const before = contents(dir.path());
    process_result const r = calibrate(std::move(more));
    CAPTURE(r.output, r.error_output);
    CHECK(r.exit_code == 2);
    for (std::string const& text : says) CHECK_THAT(r.error_output, Contains(text));
    CHECK_THAT(r.output, !Contains("stations"));  // told before the split, so before the fit
    CHECK(contents(dir.path()) == before);
  }
  void refused_job(std::string const& counts_keys, std::string const& more,
                   std::vector<std::string> const& says) const {
    write_text(dir / "job.toml", job(counts_keys, more));
    refused({}, says);
  }
};

}  // namespace

TEST_CASE("calibrate: what is wrong with a job is told with its line, or with its file and key") {
  hostile_twin const t;
  SECTION("days and the clock, before anything is read") {
    fs::remove(t.dir / "data/tiny/net.net.xml");  // who read the base first would miss it
    t.refused_job("days = [\"2024-02-30\"]\n", "", {"job.toml:7: [counts] days: '2024-02-30' is no date"});
    t.refused_job("held_out_days = [\"2024-11-05..2024-11-04\"]\n", "",
                  {"job.toml:7: [counts] held_out_days", "ends before it begins", "the earlier day first"});
    t.refused_job("days = [\"1900-01-01..2100-12-31\"]\n", "", {"job.toml:7", "longer than"});
    t.refused_job("time_zone = \"Europe/Lisboa\"\n", "", {"job.toml:7: [counts] time_zone", "Europe/Lisbon"});
    t.refused_job("", "[supply]\ntau = [0.8, 1.2]\n[engine]\nname = \"vissim\"\n", {"job.toml:", "tbb, sumo"});
    write_text(t.dir / "job.toml", t.job());
    t.refused({"--set", "counts.days=[\"2024-02-30\"]"}, {"--set counts.days", "is no date"});
  }
  SECTION("a factor on drivers without a fit") {
    write_text(t.dir / "job.toml",
               "base = \"scenarios/tiny/base.toml\"\n[fit]\niterations = 1\n[supply]\ntau = [0.8, 1.2]\n");
    t.refused({}, {"job.toml:3: [supply] needs a fit of the demand", "iterations = 2 at least"});
  }
  SECTION("slots that are no quarter-hours") {
    t.refused({"--set", "demand.begin=07:10", "--set", "demand.end=08:10"}, {"job.toml: ", "not whole quarter-hours"});
  }
  SECTION("stations that are none, and too few") {
    t.refused({"--set", "split.held_out=[\"nobody at all\"]"},
              {"job.toml: [split] held_out", "there is no station 'nobody at all'", "there are ab"});
    t.refused({"--set", "split.held_out=[\"ab\",\"cd\",\"fg\",\"gf\",\"kj\",\"ij\",\"ba\",\"dh\",\"ef\"]"},
              {"job.toml: [split]", "1 of 10 corridors"});
  }
  SECTION("judges whose seeds the fit has seen") {
    t.refused({"--set", "judge.first_seed=3"},
              {"job.toml: [judge] seeds 3 to 5", "it takes 1 to 3", "judge.first_seed"});
    t.refused({"--set", "fit.seed=1003"}, {"[judge] seeds 1001 to 1003", "it takes 1003 to 1005"});
  }
}

TEST_CASE("calibrate: measured journeys and trips of zones are refused before the fit") {
  hostile_twin const t;
  std::string const head = "name,begin,end,time_s,edges,from_edge,to_edge\n";
  auto const journeys = [&](std::string const& text, std::vector<std::string> const& says) {
    write_text(t.dir / "j.csv", text);
    t.refused({"--set", "journeys.file=j.csv"}, says);
  };
  journeys(head + "a,07:15,07:45,100,AB KJ,,\n", {"j.csv:2", "nobody can drive from 'AB' to 'KJ'", "every edge"});
  journeys(head + "a,07:15,07:45,100,ABB,,\n", {"j.csv:2", "no edge 'ABB'", "did you mean"});
  journeys(head + "a,08:15,07:45,100,AB BC,,\n", {"j.csv:2", "'end' is not after 'begin'"});
  journeys("", {"j.csv", "is empty"});
  journeys(std::string("n\0a\0m\0e\0", 8), {"j.csv:1", "holds a byte 0", "UTF-8"});
  journeys(std::string(100000, 'x'), {"j.csv:1: unknown column 'xxx", "xxx...'"});
  write_text(t.dir / "z.csv", "zone_id,from_trips,to_trips\nwest,1e300,1\neast,1,1e300\n");
  t.refused({"--set", "prior.trust=zones", "--set", "prior.zone_trips=z.csv"}, {"z.csv:2", "zone 'west'"});
}

TEST_CASE("calibrate: a folder where a file should be is called one") {
  hostile_twin const t;
  t.refused({"--set", "counts.files=[\"data\"]"}, {"'files': data is a folder, not a file", "inside it"});
  t.refused({"--set", "counts.detectors=/dev/null"}, {"'detectors': is no plain file: /dev/null"});
}

TEST_CASE(
    "calibrate: where the output is a link, what it points to is filled, and a link to nowhere is refused at once") {
  hostile_twin const t;
  fs::create_symlink("nowhere", t.dir / "out");
  t.refused({}, {"-o out: is a link to nowhere"});
  fs::create_directory(t.dir / "nowhere");
  process_result const r =
      t.calibrate({"--set", "fit.iterations=2", "--set", "judge.prior_seeds=0", "--set", "judge.seeds=1"});
  CAPTURE(r.output, r.error_output);
  CHECK(r.exit_code == 0);
  CHECK(fs::is_symlink(t.dir / "out"));
  CHECK(fs::is_regular_file(t.dir / "nowhere/report.html"));
}
