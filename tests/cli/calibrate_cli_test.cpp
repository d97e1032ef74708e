// gemeo calibrate through the command line, on a tiny city whose counts come from a demand that the fit does not know.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/results/h5_in.h"
#include "tests/cli/calibration_twin.h"
#include "tests/support/background.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/page_words.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

struct csv_factors {  // a file of factors: all of a row but its factor, and that
  std::map<std::string, double> by_cell;
  explicit csv_factors(fs::path const& file) {
    std::istringstream in(read_text_file(file));
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::size_t const comma = line.rfind(',');
      by_cell[line.substr(0, comma)] = std::stod(line.substr(comma + 1));
    }
  }
};

}  // namespace

TEST_CASE("calibrate: stations that were never fitted come nearer, and scenarios start from the result") {
  calibration_twin const t;
  process_result const r = t.calibrate();
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("10, of which 3 held out") && Contains("held out  cd fg kj") && Contains("split "));
  CHECK_THAT(r.error_output, !Contains("\r"));  // no progress into a pipe
  for (char const* f : {"calibrated.toml", "factors.csv", "od.csv", "calibration.h5", "report.html", "job.toml"})
    CHECK(fs::is_regular_file(t.dir / "out" / f));

  auto const [now_error, before_error] = held_out_errors(t.dir / "out/calibration.h5");
  CHECK(now_error < 0.5 * before_error);

  write_text(t.dir / "heir.toml", "base = \"out/calibrated\"\n");
  process_result const check = run_gemeo({"check", "heir.toml"}, t.dir.path());
  CAPTURE(check.output, check.error_output);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, Contains("calibrated from 07:00 to 08:30"));

  std::string const page = read_text_file(t.dir / "out/report.html");
  CHECK_THAT(page, Contains("At stations that the fit never saw") && Contains("TAG M3.1") && Contains("</html>") &&
                       Contains("Nos postos que o ajuste nunca viu"));
  CHECK_THAT(page, !Contains("<script") && !Contains("http"));

  SECTION("how many drivers choose by the empty network is told where the job asks, and lies in the factors") {
    CHECK_THAT(r.output, !Contains("drivers "));
    CHECK_THAT(read_text_file(t.dir / "out/factors.csv"), !Contains("free_flow_share"));
    process_result const asked = t.calibrate({"--set", "prior.free_flow_share=0.25"});
    CAPTURE(asked.error_output);
    CHECK(asked.exit_code == 0);
    CHECK_THAT(asked.output, Contains("by the empty network's times (25 % before any count)"));
    CHECK_THAT(read_text_file(t.dir / "out/factors.csv"), Contains("factor,free_flow_share\n"));
    CHECK_THAT(read_text_file(t.dir / "out/report.html"), Contains("by the times of empty roads"));
    CHECK(run_gemeo({"check", "heir.toml"}, t.dir.path()).exit_code == 0);
  }
  SECTION("the same again is the same, and replaces the older one") {
    std::string const factors = read_text_file(t.dir / "out/factors.csv");
    process_result const again = run_gemeo({"calibrate", "job.toml", "-o", "out", "--threads", "1"}, t.dir.path());
    CHECK(again.exit_code == 0);
    CHECK(read_text_file(t.dir / "out/factors.csv") == factors);
  }
}

TEST_CASE(
    "calibrate: other demands that the counts allow spread around the calibrated one, and scenarios run over them") {
  calibration_twin const t;
  process_result const r =
      t.calibrate({"--set", "fit.refits=6", "--set", "judge.prior_seeds=0", "--set", "language=pt"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("members   6: ") && Contains("members/"));
  csv_factors const kept(t.dir / "out/factors.csv");
  std::map<std::string, double> mean;
  std::set<double> of_one_pair;
  for (int m = 1; m <= 6; ++m) {
    csv_factors const member(t.dir / fmt::format("out/members/member_00{}.csv", m));
    REQUIRE(member.by_cell.size() == kept.by_cell.size());
    for (auto const& [cell, factor] : member.by_cell) mean[cell] += factor / 6;
    of_one_pair.insert(member.by_cell.begin()->second);
  }
  CHECK(of_one_pair.size() == 6);
  for (auto const& [cell, factor] : kept.by_cell) {
    CAPTURE(cell);
    CHECK(mean[cell] == Approx(factor).epsilon(1e-9).margin(1e-12));
  }
  h5::in_file const h5(t.dir / "out/calibration.h5");
  auto const low = h5.read<double>("/calibration/counts/flow_p05");
  auto const high = h5.read<double>("/calibration/counts/flow_p95");
  CHECK(std::equal(low.begin(), low.end(), high.begin(), high.end(), std::less<>()));
  CHECK_THAT(read_text_file(t.dir / "out/od.csv"), Contains("trips,trips_p05,trips_p95\n"));
  std::string const page = read_text_file(t.dir / "out/report.html");
  CHECK_THAT(page, Contains("<html lang=\"pt\">") && Contains("Quão segura é a procura") &&
                       Contains("How sure the demand is"));
  CHECK(english_in_portuguese(t.dir / "out/report.html", kTwinNames) == "");

  write_text(t.dir / "now.toml", "base = \"out/calibrated\"\nmembers = \"out/members\"\n[time]\nend = \"07:30\"\n");
  write_text(t.dir / "closed.toml", "base = \"now.toml\"\n[[close]]\nedges = [\"FG\"]\n");
  for (char const* scenario : {"now.toml", "closed.toml"}) {
    process_result const run =
        run_gemeo({"run", scenario, "--engine", "tbb", "--seeds", "3", "-j", "1", "-o", "runs"}, t.dir.path());
    CAPTURE(run.error_output);
    REQUIRE(run.exit_code == 0);
  }
  process_result const compare = run_gemeo({"compare", "runs/now", "runs/closed"}, t.dir.path());
  CAPTURE(compare.output, compare.error_output);
  CHECK(compare.exit_code == 0);
  CHECK_THAT(compare.output, Contains("one of 3 likely demands") && Contains("Over the 3 likely demands"));

  SECTION("a calibration of a base with members is read by scenarios on it, and not those members") {
    write_text(t.dir / "several.toml", "base = \"out/calibrated\"\nmembers = \"out/members\"\n");
    process_result const again = t.calibrate({"--set", "base=several.toml", "--set", "judge.prior_seeds=0"});
    CAPTURE(again.error_output);
    REQUIRE(again.exit_code == 0);
    CHECK_THAT(read_text_file(t.dir / "out/calibrated.toml"), Contains("factors.csv") && !Contains("members"));
  }
  SECTION("and a run of another member's file is not taken for one of this") {
    fs::copy_file(t.dir / "out/members/member_006.csv", t.dir / "out/members/member_002.csv",
                  fs::copy_options::overwrite_existing);
    process_result const again = run_gemeo(
        {"run", "now.toml", "--engine", "tbb", "--seeds", "3", "-j", "1", "-o", "runs", "--resume"}, t.dir.path());
    CHECK(again.exit_code == 2);
    process_result const anew =
        run_gemeo({"run", "now.toml", "--engine", "tbb", "--seeds", "3", "-j", "1", "-o", "runs"}, t.dir.path());
    CHECK(anew.exit_code == 0);
    process_result const mixed = run_gemeo({"compare", "runs/now", "runs/closed"}, t.dir.path());
    CHECK_THAT(mixed.output, Contains("do not have the same likely demand"));
  }
}

TEST_CASE("calibrate: Ctrl-C leaves no file behind") {
  calibration_twin const t;
  auto const before = contents(t.dir.path());
  fs::create_directories(t.dir / "log");
  {
    background b(t.dir / "log", {GEMEO_BINARY_DIR "/bin/gemeo", "calibrate", (t.dir / "job.toml").string(), "-o",
                                 (t.dir / "out").string(), "--set", "fit.iterations=100"});
    REQUIRE(wait_until([&] { return b.out().find("held out") != std::string::npos; }, 60));
    b.send(SIGINT);
    CHECK(b.wait() == 1);
    CHECK_THAT(b.err(), Contains("interrupted; nothing was written"));
  }
  fs::remove_all(t.dir / "log");
  CHECK(contents(t.dir.path()) == before);
}

TEST_CASE("calibrate: a folder has one calibration at a time, and what a killed one left is removed and told") {
  calibration_twin const t;
  auto const before = contents(t.dir.path());
  fs::create_directories(t.dir / "log");
  {
    background b(t.dir / "log", {GEMEO_BINARY_DIR "/bin/gemeo", "calibrate", (t.dir / "job.toml").string(), "-o",
                                 (t.dir / "out").string(), "--set", "fit.iterations=100", "--threads", "1"});
    REQUIRE(wait_until([&] { return b.out().find("held out") != std::string::npos; }, 60));
    process_result const second = t.calibrate();
    CHECK(second.exit_code == 2);
    CHECK_THAT(second.error_output, Contains("another calibration is at work on it"));
    b.send(SIGKILL);
    b.wait();
  }
  CHECK(fs::exists(t.dir / "out.partial"));
  CHECK_FALSE(fs::exists(t.dir / "out"));
  write_text(t.dir / "out.partial/od.csv", "half a");
  process_result const r =
      t.calibrate({"--set", "fit.iterations=2", "--set", "judge.prior_seeds=0", "--set", "judge.seeds=1"});
  CAPTURE(r.output, r.error_output);
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.error_output, Contains("out.partial, which a calibration that was killed had left, is removed"));
  CHECK(fs::is_regular_file(t.dir / "out/calibration.h5"));
  CHECK(read_text_file(t.dir / "out/od.csv").starts_with("from,to"));
  fs::remove_all(t.dir / "log");
  fs::remove_all(t.dir / "out");
  CHECK(contents(t.dir.path()) == before);

  SECTION("an older one that a killed calibration had moved away comes back") {
    fs::create_directory(t.dir / "out.older");
    write_text(t.dir / "out.older/calibration.h5", "older");
    process_result const back = t.calibrate({"--set", "counts.days=[\"2023-11-04\"]"});
    CHECK(back.exit_code == 2);
    CHECK_THAT(back.error_output, Contains("it is back"));
    CHECK(read_text_file(t.dir / "out/calibration.h5") == "older");
  }
}

TEST_CASE("calibrate: a disk that is full at the end keeps the older calibration, and says so") {
  calibration_twin const t;
  std::vector<std::string> const quick{"--set", "fit.iterations=2", "--set", "judge.prior_seeds=0",
                                       "--set", "judge.seeds=1"};
  REQUIRE(t.calibrate(quick).exit_code == 0);
  auto const before = contents(t.dir.path());
  // 8 blocks of 1 KiB: less than report.html; small files fit.
  process_options there;
  there.folder = t.dir.path();
  process_result const r = run_program(
      {"/bin/bash", "-c",
       "ulimit -f 8; exec " GEMEO_BINARY_DIR "/bin/gemeo calibrate job.toml -o out --set fit.iterations=2 --set "
       "judge.prior_seeds=0 --set judge.seeds=1 --set prior.log_sd=0.5"},
      there);
  CAPTURE(r.output, r.error_output);
  CHECK(r.exit_code == 1);
  CHECK(r.error_output.find("File too large") != std::string::npos);
  CHECK(contents(t.dir.path()) == before);
}

TEST_CASE("calibrate: broken inputs are named, and nothing is written") {
  calibration_twin const t;
  auto const refused = [&](std::vector<std::string> more, int code, std::vector<std::string> const& says) {
    auto const before = contents(t.dir.path());
    process_result const r = t.calibrate(std::move(more));
    CAPTURE(r.output, r.error_output);
    CHECK(r.exit_code == code);
    for (std::string const& text : says) CHECK_THAT(r.error_output, Contains(text));
    CHECK(contents(t.dir.path()) == before);
  };
  SECTION("keys") {
    refused({"--set", "fit.iteration=3"}, 2, {"unknown key 'iteration'", "did you mean 'iterations'?"});
    refused({"--set", "judges.seeds=3"}, 2, {"unknown key 'judges'", "judge"});
    refused({"--set", "fit.iterations"}, 2, {"no '='"});
    refused({"--set", "split.corridors=street"}, 2, {"one of road, station"});
    refused({"--set", "split.held_out=[\"fgg\"]"}, 2, {"no station 'fgg'", "did you mean 'fg'?"});
    refused({"--set", "split.held_out=[\"ab\",\"cd\",\"fg\",\"gf\",\"kj\",\"ij\",\"ba\",\"dh\",\"ef\"]"}, 2,
            {"1 of 10 corridors would be left"});
    refused({"--set", "demand.end=08:20"}, 2, {"whole number of slots"});
    refused({"--set", "demand.end=07:30", "--set", "counts.end=08:00"}, 2, {"which is not simulated"});
    refused({"--set", "base=nowhere.toml"}, 2, {"no file", "nowhere.toml"});
    refused({"--set", "counts.days=[\"2024-13-01\"]"}, 2, {"2024-13-01", "is no date"});
    refused({"--set", "counts.days=[\"2023-11-04\"]"}, 2, {"no count remains"});
  }
  SECTION("a station on an edge that is not there") {
    write_text(t.dir / "detectors.csv", "id,station,edge,lane,pos_m\nab_0,ab,AX,0,60\n");
    refused({}, 2, {"detectors.csv", "AX"});
  }
  SECTION("counts of stations that no detector names") {
    write_text(t.dir / "detectors.csv", "id,station,edge,lane,pos_m\nzz_0,zz,AB,0,60\n");
    refused({}, 2, {"no count remains", "have no place on the network"});
  }
  SECTION("no counts at all") {
    write_text(t.dir / "counts.csv", "station,begin,period_s,count\n");
    refused({}, 2, {"no count"});
  }
  SECTION("negative counts are none") {
    std::string text = "station,begin,period_s,count\n";
    for (auto const& s : kTwinStations) text += std::string(s[0]) + ",2024-11-04T07:30,900,-7\n";
    write_text(t.dir / "counts.csv", text);
    refused({}, 2, {"no count remains"});
  }
  SECTION("an intervention in the base") {
    write_text(t.dir / "scenarios/tiny/base.toml",
               "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"08:30\"\n[[close]]\nedges = [\"FG\"]\n");
    refused({}, 2, {"base.toml", "has no interventions"});
  }
  SECTION("a share of drivers by the empty network where it cannot be asked") {
    write_text(t.dir / "own.sumocfg", "<configuration/>");
    refused({"--set", "base=own.sumocfg", "--set", "prior.free_flow_share=0.2"}, 2,
            {"free_flow_share is for cities", "leave it out"});
    write_text(t.dir / "found.csv",
               "from_zone,to_zone,begin_s,end_s,factor,free_flow_share\nwest,east,25200,28800,1,0.3\n");
    write_text(t.dir / "heir.toml", "base = \"scenarios/tiny/base.toml\"\ncalibrated = \"found.csv\"\n");
    refused({"--set", "base=heir.toml", "--set", "prior.free_flow_share=0.2"}, 2,
            {"an earlier calibration has found", "leave out prior.free_flow_share"});
  }
  SECTION("a folder of something else") {
    fs::create_directory(t.dir / "out");
    write_text(t.dir / "out/thesis.txt", "mine");
    refused({}, 2, {"holds no calibration"});
  }
}

TEST_CASE("calibrate: FORMAT.md says what the code reads") {
  temp_folder const dir;
  process_result const r = run_gemeo({"calibrate", "--format"}, dir.path());
  CHECK(r.exit_code == 0);
  CHECK(r.output == read_text_file(fs::path(GEMEO_SOURCE_DIR) / "calibration/job/FORMAT.md"));
}
