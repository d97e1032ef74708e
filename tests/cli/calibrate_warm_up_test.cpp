// gemeo calibrate with a warm-up: what is simulated before the estimated time, where a base begins too early for it,
// and what the results say of it.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <string>

#include "sim/core/text_file.h"
#include "sim/results/h5_in.h"
#include "tests/cli/calibration_twin.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

// Two roads across each other, half an hour from second 0 on; one station on each way in.
struct crossroads {
  tiny_network town{
      "   A   \n"
      "   |   \n"
      "B--E--C\n"
      "   |   \n"
      "   D   \n",
      {.cell_m = 200}};
  crossroads() {
    std::string routes = "<routes>\n  <vType id=\"car\" vClass=\"passenger\"/>\n";
    for (int i = 0; i < 450; ++i)
      routes +=
          fmt::format("  <vehicle id=\"v{}\" type=\"car\" depart=\"{}\"><route edges=\"{}\"/></vehicle>\n", i, 4 * i,
                      i % 3 == 0   ? "AE ED"
                      : i % 3 == 1 ? "BE EC"
                                   : "CE EB");
    write_text(folder() / "town.rou.xml", routes + "</routes>\n");
    write_text(folder() / "town.sumocfg", config("0", ""));
    write_text(folder() / "detectors.csv",
               "id,station,edge,lane,pos_m\na_0,a,AE,0,-5\nb_0,b,BE,0,-5\nc_0,c,CE,0,-5\n");
    std::string counts = "station,begin,period_s,count\n";
    for (char const* at : {"a", "b", "c"}) {
      counts += fmt::format("{},2024-11-04T08:00,900,90\n{},2024-11-04T08:15,900,90\n", at, at);
    }
    write_text(folder() / "counts.csv", counts);
    write_text(folder() / "job.toml",
               "base = \"town.sumocfg\"\n[counts]\nfiles = [\"counts.csv\"]\ndetectors = \"detectors.csv\"\n"
               "time_zone = \"Europe/Lisbon\"\n[demand]\nstarts_at = \"08:00\"\nwarm_up_min = 10\n[split]\nshare = 0\n"
               "[fit]\niterations = 2\nfolds = 2\n[judge]\nseeds = 1\nprior_seeds = 0\n");
  }
  [[nodiscard]] static std::string config(char const* begin, std::string const& additional) {
    return fmt::format(
        "<configuration><net-file value=\"net.net.xml\"/><route-files value=\"town.rou.xml\"/>{}"
        "<begin value=\"{}\"/><end value=\"1800\"/></configuration>\n",
        additional, begin);
  }
  [[nodiscard]] fs::path folder() const { return town.folder.path(); }
  [[nodiscard]] process_result calibrate(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"calibrate", "job.toml", "-o", "out", "--threads", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_gemeo(arguments, folder());
  }
};

std::size_t times(std::string const& text, std::string const& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

double sum(std::vector<double> const& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

}  // namespace

TEST_CASE("calibrate: a SUMO scenario of second 0 is moved by its warm-up, and SUMO runs the result with full roads") {
  crossroads const t;
  process_result const r = t.calibrate();
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  std::string const config = read_text_file(t.folder() / "out/calibrated.sumocfg"),
                    routes = read_text_file(t.folder() / "out/calibrated.rou.xml");
  CHECK_THAT(config, Contains("<begin value=\"0\"/>") && Contains("<end value=\"2400\"/>") &&
                         Contains("from second 600 on, which is the base's 0"));
  std::size_t const before = times(routes, "id=\"before."), all = times(routes, "<vehicle ");
  CHECK(before > 50);
  CHECK(all > 2 * before);
  h5::in_file const h5(t.folder() / "out/calibration.h5");
  double const trips = sum(h5.read<double>("/calibration/demand/trips"));
  CHECK(static_cast<double>(all - before) == Approx(trips).margin(4));  // the warm-up is no trip of the estimate
  CHECK_THAT(read_text_file(t.folder() / "out/od.csv"), Contains(",600,1500,") && !Contains(",0,900,"));
  auto const observed = h5.read<double>("/calibration/counts/observed"),
             simulated = h5.read<double>("/calibration/counts/simulated");
  REQUIRE(observed.size() == 6);  // of the clock's own 8 o'clock
  for (std::size_t i = 0; i < observed.size(); ++i) CHECK(std::abs(simulated[i] - observed[i]) < 30);
  process_result const sumo = run_gemeo({"run", "out/calibrated.sumocfg", "-o", "run.h5"}, t.folder());
  CAPTURE(sumo.error_output);
  CHECK(sumo.exit_code == 0);
}

TEST_CASE("calibrate: without a warm-up the first quarter's counts ask for trips that only fill the roads") {
  crossroads const t;
  auto const first_quarter = [&](char const* minutes) {
    process_result const r = t.calibrate({"--set", std::string("demand.warm_up_min=") + minutes, "--set",
                                          "demand.slot_min=15", "--set", "fit.iterations=1"});
    CAPTURE(r.output, r.error_output);
    REQUIRE(r.exit_code == 0);
    auto const n = h5::in_file(t.folder() / "out/calibration.h5").read<double>("/calibration/counts/simulated");
    return n[0] + n[2] + n[4];
  };
  // 225 depart in a quarter; who departs in its last half minute is not at the stations by its end.
  double const cold = first_quarter("0"), warm = first_quarter("10");
  CAPTURE(cold, warm);
  CHECK(warm == Approx(225).margin(6));
  CHECK(cold < warm - 3);
}

TEST_CASE("calibrate: a warm-up that has no room is refused by name, and one in a city begins as much earlier") {
  SECTION("more than there is to repeat") {
    crossroads const t;
    process_result const r = t.calibrate({"--set", "demand.warm_up_min=45"});
    CAPTURE(r.output, r.error_output);
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.error_output, Contains("warm-up of 45 min repeats more than the 30 min") && Contains("warm_up_min"));
    CHECK_FALSE(fs::exists(t.folder() / "out"));
  }
  SECTION("a base with time before keeps its own seconds") {
    crossroads const t;
    process_result const r = t.calibrate({"--set", "demand.begin=900", "--set", "counts.begin=08:15"});
    CAPTURE(r.output, r.error_output);
    REQUIRE(r.exit_code == 0);
    std::string const config = read_text_file(t.folder() / "out/calibrated.sumocfg");
    CHECK_THAT(config, Contains("<begin value=\"300\"/>") && Contains("<end value=\"1800\"/>"));
    CHECK_THAT(read_text_file(t.folder() / "out/od.csv"), Contains(",900,1800,"));
  }
  SECTION("a city") {
    calibration_twin const t;
    process_result const r =
        t.calibrate({"--set", "demand.warm_up_min=15", "--set", "fit.iterations=2", "--set", "judge.seeds=1", "--set",
                     "judge.prior_seeds=1", "--set", "counts.begin=07:00"});
    CAPTURE(r.output, r.error_output);
    REQUIRE(r.exit_code == 0);
    h5::in_file const h5(t.dir / "out/calibration.h5");
    CHECK(h5.read<double>("/calibration/demand/slot_begin").front() == 7 * 3600);
    process_result const midnight = t.calibrate({"--set", "demand.warm_up_min=15", "--set", "demand.begin=00:00"});
    CHECK(midnight.exit_code == 2);
    CHECK_THAT(midnight.error_output, Contains("begin before midnight"));
  }
}
