// gemeo calibrate through the command line, on a tiny city whose counts come from a demand that the fit does not know.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "calibration/loop/assignment.h"
#include "calibration/loop/city_source.h"
#include "sim/core/text_file.h"
#include "sim/results/h5_in.h"
#include "sim/scenario/compile.h"
#include "tests/support/background.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

constexpr char const* kStations[][2] = {{"ab", "AB"}, {"cd", "CD"}, {"fg", "FG"}, {"gf", "GF"}, {"kj", "KJ"},
                                        {"ij", "IJ"}, {"ba", "BA"}, {"dh", "DH"}, {"ef", "EF"}, {"gh", "GH"}};

// data/tiny, scenarios/tiny/base.toml, and counts of two days of a demand 1.6 times, 0.5 times, ... the city's.
struct twin {
  temp_folder dir;
  twin() {
    tiny_city const city(dir / "data/tiny", 9000);
    fs::create_directories(dir / "scenarios/tiny");
    write_text(dir / "scenarios/tiny/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"08:30\"\n");
    write_text(dir / "detectors.csv", detectors());
    write_text(dir / "counts.csv", counts());
    write_text(dir / "job.toml", job());
  }
  [[nodiscard]] static std::string job(std::string const& counts_keys = "", std::string const& more = "") {
    return "base = \"scenarios/tiny/base.toml\"\n[counts]\nfiles = [\"counts.csv\"]\ndetectors = \"detectors.csv\"\n"
           "begin = \"07:15\"\n" +
           counts_keys +
           "[prior]\nlog_sd = 0.6\n[split]\ncorridors = \"station\"\nheld_out = [\"fg\", \"cd\", \"kj\"]\n"
           "[fit]\niterations = 3\nfolds = 3\n[judge]\nseeds = 3\nprior_seeds = 3\n" +
           more;
  }
  [[nodiscard]] process_result calibrate(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"calibrate", "job.toml", "-o", "out", "--threads", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_gemeo(arguments, dir.path());
  }

 private:
  static std::string detectors() {
    std::string out = "id,station,edge,lane,pos_m\n";
    for (auto const& [name, edge] : kStations) out += std::string(name) + "_0," + name + "," + edge + ",0,60\n";
    for (char const* edge : {"FG", "GF"}) {  // FG is the main road
      std::string name(edge);
      std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
      out += name + "_1," + name + "," + edge + ",1,60\n";
    }
    return out;
  }
  [[nodiscard]] std::string counts() const {
    compiled const base =
        compile_scenario(dir / "scenarios/tiny/base.toml", {.set = {}, .seed = 1, .threads = 1, .data = {}});
    city_source const source(*base.town, {25200, 900, 6}, base.ready.ways, base.ready.way_options);
    std::vector<double> truth(source.prior().begin(), source.prior().end());
    for (std::size_t c = 0; c < truth.size(); ++c) truth[c] *= c / 6 % 2 == 0 ? 1.6 : 0.5;
    std::vector<count_station> stations;
    std::vector<station_count> wanted;
    for (auto const& [name, edge] : kStations) {
      for (int q = 0; q < 6; ++q)
        wanted.push_back({static_cast<std::uint32_t>(stations.size()), 25200.0 + q * 900, 26100.0 + q * 900, 0, 0});
      stations.push_back({name, *base.ready.net->find_edge(edge), 60, {}, ""});
    }
    std::string out = "station,begin,period_s,count\n";
    for (std::uint64_t day = 0; day < 2; ++day) {
      simulated const s = simulate_trips(base.ready, stations, source.draw(truth, 900 + day), truth.size(),
                                         {.engine = "tbb", .seed = 900 + day, .threads = 1, .times = false});
      auto const n = counted_in(s, wanted);
      for (std::size_t i = 0; i < wanted.size(); ++i)
        out += fmt::format("{},2024-11-0{}T{:02}:{:02},900,{:.0f}\n", stations[wanted[i].station].name, 4 + day,
                           static_cast<int>(wanted[i].begin_s) / 3600, static_cast<int>(wanted[i].begin_s) / 60 % 60,
                           n[i]);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("calibrate: stations that were never fitted come nearer, and scenarios start from the result") {
  twin const t;
  process_result const r = t.calibrate();
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("10, of which 3 held out") && Contains("held out  cd fg kj") && Contains("split "));
  CHECK_THAT(r.error_output, !Contains("\r"));  // no progress into a pipe
  for (char const* f : {"calibrated.toml", "factors.csv", "od.csv", "calibration.h5", "report.html", "job.toml"})
    CHECK(fs::is_regular_file(t.dir / "out" / f));

  h5::in_file const h5(t.dir / "out/calibration.h5");
  auto const held = h5.read<std::uint8_t>("/calibration/counts/held_out");
  auto const observed = h5.read<double>("/calibration/counts/observed");
  auto const now = h5.read<double>("/calibration/counts/simulated");
  auto const before = h5.read<double>("/calibration/counts/simulated_prior");
  double now_error = 0, before_error = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i] == 0) continue;
    now_error += (now[i] - observed[i]) * (now[i] - observed[i]);
    before_error += (before[i] - observed[i]) * (before[i] - observed[i]);
  }
  CHECK(now_error < 0.5 * before_error);

  write_text(t.dir / "heir.toml", "base = \"out/calibrated\"\n");
  process_result const check = run_gemeo({"check", "heir.toml"}, t.dir.path());
  CAPTURE(check.output, check.error_output);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.output, Contains("calibrated from 07:00 to 08:30"));

  std::string const page = read_text_file(t.dir / "out/report.html");
  CHECK_THAT(page, Contains("At stations that the fit never saw") && Contains("TAG M3.1") && Contains("</html>"));
  CHECK_THAT(page, !Contains("<script") && !Contains("http"));

  SECTION("the same again is the same, and replaces the older one") {
    std::string const factors = read_text_file(t.dir / "out/factors.csv");
    process_result const again = run_gemeo({"calibrate", "job.toml", "-o", "out", "--threads", "1"}, t.dir.path());
    CHECK(again.exit_code == 0);
    CHECK(read_text_file(t.dir / "out/factors.csv") == factors);
  }
}

TEST_CASE("calibrate: Ctrl-C leaves no file behind") {
  twin const t;
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

TEST_CASE("calibrate: broken inputs are named, and nothing is written") {
  twin const t;
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
    for (auto const& s : kStations) text += std::string(s[0]) + ",2024-11-04T07:30,900,-7\n";
    write_text(t.dir / "counts.csv", text);
    refused({}, 2, {"no count remains"});
  }
  SECTION("an intervention in the base") {
    write_text(t.dir / "scenarios/tiny/base.toml",
               "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"08:30\"\n[[close]]\nedges = [\"FG\"]\n");
    refused({}, 2, {"base.toml", "has no interventions"});
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
