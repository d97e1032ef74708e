// gemeo calibrate where a station counts what no demand could bring: told, not fitted, and counted, whatever the rule.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>
#include <string>

#include "sim/core/text_file.h"
#include "sim/results/h5_in.h"
#include "tests/cli/calibration_twin.h"
#include "tests/support/page_words.h"

using namespace gemeo;
using namespace gemeo::test;
using Catch::Matchers::Contains;

namespace {

// The road from E to F, one lane before a signal, counts some 1,700 veh/h on all days.
void flood(calibration_twin const& t) {
  std::istringstream in(read_text_file(t.dir / "counts.csv"));
  std::string line, out;
  int n = 0;
  while (std::getline(in, line)) {
    bool const of_ef = line.starts_with("ef,");
    out += (of_ef ? line.substr(0, line.rfind(',')) + fmt::format(",{}", 420 + 3 * (n++ % 7)) : line) + "\n";
  }
  REQUIRE(n > 0);
  write_text(t.dir / "counts.csv", out);
}

struct results {
  explicit results(calibration_twin const& t) : h5(t.dir / "out/calibration.h5") {}
  h5::in_file h5;
  [[nodiscard]] std::vector<std::uint8_t> bytes(std::string const& name) const {
    return h5.read<std::uint8_t>("/calibration/counts/" + name);
  }
  [[nodiscard]] std::vector<double> numbers(std::string const& name) const {
    return h5.read<double>("/calibration/" + name);
  }
};

double attribute(std::filesystem::path const& file, char const* group, char const* name) {
  h5::handle const f(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  h5::handle const a(H5Aopen_by_name(f, group, name, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  double value = -1;
  REQUIRE(H5Aread(a, H5T_NATIVE_DOUBLE, &value) >= 0);
  return value;
}

// Of one judge: the score without counts that contradict others is that of the others, from the file's own columns.
void check_consistent(calibration_twin const& t, std::string const& told) {
  char const* const group = "/calibration/scores/fitted";
  std::filesystem::path const file = t.dir / "out/calibration.h5";
  double const contradicted = attribute(file, group, "contradicted"),
               of_all = attribute(file, group, "calibrated_rmsn"),
               of_others = attribute(file, group, "consistent_calibrated_rmsn");
  results const is(t);
  auto const contradicts = is.bytes("contradicts"), held_out = is.bytes("held_out");
  auto const observed = is.numbers("counts/observed"), simulated = is.numbers("counts/simulated");
  double squares = 0, sum = 0, n = 0, left = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    if (held_out[i] == 1 || std::isnan(observed[i])) continue;
    left += contradicts[i];
    if (contradicts[i] == 1) continue;
    squares += (simulated[i] - observed[i]) * (simulated[i] - observed[i]);
    sum += observed[i];
    ++n;
  }
  CHECK(left == 15);
  CHECK(contradicted == left);
  double const rmsn = std::sqrt(n * squares) / sum;
  CHECK(of_others == Approx(rmsn));
  CHECK(of_others < 0.9 * of_all);
  CHECK_THAT(told, Contains("15 contradict others; without those: hourly GEH < 5 at ") &&
                       Contains(fmt::format("RMSN {:.3f}", rmsn)));
}

}  // namespace

TEST_CASE(
    "calibrate: hours that a signal cannot let through are told with figures, shown, and fitted only where asked") {
  calibration_twin const t;
  flood(t);
  std::string const rule = GENERATE("show", "leave_out", "fit");
  CAPTURE(rule);
  process_result const r = t.calibrate({"--set", "counts.beyond_capacity=" + rule, "--set", "judge.seeds=1", "--set",
                                        "judge.prior_seeds=0", "--set", "fit.iterations=2"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("capacity  2 of 20 station hours cannot be carried by network and signals") &&
                           Contains("ef 07:00: cannot be carried: saw 1,698 veh/h, the stop line behind it carries ") &&
                           Contains("ef 08:00: cannot be carried: saw 1,7"));
  results const out(t);
  auto const beyond = out.bytes("beyond_capacity"), scored = out.bytes("scored");
  auto const fitted = out.numbers("counts/simulated_in_fit");
  auto const station = out.h5.read<std::uint32_t>("/calibration/counts/station");
  auto const line = out.numbers("capacity/stop_line");
  std::size_t of_ef = 0;
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    double const counted = out.numbers("counts/observed")[i];
    bool const is_ef = counted >= 420 && counted <= 438;
    of_ef += is_ef;
    REQUIRE(beyond[i] == (is_ef ? 1 : 0));
    CHECK(scored[i] == (is_ef && rule == "leave_out" ? 0 : 1));
    if (is_ef) {
      CHECK(std::isfinite(fitted[i]) == (rule == "fit"));
      CHECK(line[station[i]] < 4 * 420);
    }
  }
  CHECK(of_ef == 5);  // 07:15 to 08:30
  std::string const page = read_text_file(t.dir / "out/report.html");
  CHECK_THAT(page, Contains("What the network can carry") && Contains("O que a rede pode suportar") &&
                       Contains("2 of 20 hours cannot be carried") &&
                       Contains("2 de 20 horas não podem ser suportadas"));
  CHECK_THAT(r.output,
             Contains(rule == "leave_out" ? "of 35 counts 5 cannot be carried, 0 of which are in this figure"
                                          : "of 35 counts 5 cannot be carried, 5 of which are in this figure"));
}

TEST_CASE("calibrate: a network that carries all that was counted says so") {
  calibration_twin const t;
  process_result const r =
      t.calibrate({"--set", "judge.seeds=1", "--set", "judge.prior_seeds=0", "--set", "fit.iterations=2"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output, Contains("capacity  0 of 20 station hours cannot be carried") && !Contains("contradict"));
  CHECK_THAT(r.output, !Contains("in this figure"));
  process_result const wrong = t.calibrate({"--set", "counts.beyond_capacity=hide"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.error_output, Contains("show") && Contains("leave_out"));
}

TEST_CASE("calibrate: a road into which less fits than its counts ask for is told by name, with both numbers") {
  calibration_twin const t;
  flood(t);
  process_result const r = t.calibrate({"--set", "counts.beyond_capacity=fit", "--set", "judge.seeds=1", "--set",
                                        "judge.prior_seeds=0", "--set", "fit.iterations=3"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  std::size_t const at = r.output.find("entries   ");
  REQUIRE(at != std::string::npos);
  h5::in_file const h5(t.dir / "out/calibration.h5");
  auto const wanted = h5.read<double>("/calibration/entries/wanted"),
             lets_in = h5.read<double>("/calibration/entries/lets_in");
  REQUIRE(!wanted.empty());
  REQUIRE(wanted.size() == lets_in.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(wanted[i] > lets_in[i]);
  CHECK_THAT(r.output.substr(at), Contains(fmt::format("{:.0f} of {:.0f}", lets_in[0], wanted[0])));
  CHECK_THAT(read_text_file(t.dir / "out/report.html"),
             Contains("places fewer trips can begin than counts and prior ask for") &&
                 Contains("podem começar menos viagens"));
  CHECK(english_in_portuguese(t.dir / "out/report.html", kTwinNames) == "");
}

TEST_CASE("calibrate: no road is asked for more than its lanes let through, and roads where that binds are told") {
  calibration_twin const t;
  auto const run = [&](char const* within) {
    process_result const r = t.calibrate({"--set", "counts.saturation_flow=120", "--set", "counts.beyond_capacity=fit",
                                          "--set", "judge.seeds=1", "--set", "judge.prior_seeds=0", "--set",
                                          "fit.iterations=2", "--set", fmt::format("fit.within_roads={}", within)});
    CAPTURE(r.output, r.error_output);
    REQUIRE(r.exit_code == 0);
    return r.output;
  };
  std::string const within = run("true");
  results const out(t);
  for (double const flow : out.numbers("roads/lane_flow")) CHECK((flow > 1000 && flow < 2800));
  auto const wanted = out.numbers("roads/wanted"), carries = out.numbers("roads/carries");
  REQUIRE(!wanted.empty());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(wanted[i] > carries[i]);
  std::size_t const at = within.find("roads     ");
  REQUIRE(at != std::string::npos);
  CHECK_THAT(within.substr(at), Contains(fmt::format("{:.0f} of {:.0f}", carries[0], wanted[0])));
  CHECK_THAT(read_text_file(t.dir / "out/report.html"),
             Contains("counts and prior ask for more than that") && Contains("pedem mais; outros caminhos"));
  CHECK(english_in_portuguese(t.dir / "out/report.html", kTwinNames) == "");
  CHECK_THAT(run("false"), !Contains("roads     "));
}

TEST_CASE("calibrate: counts that cannot all be true are told as such, in words, on the page and in numbers") {
  calibration_twin const t;
  // 800 an hour go from E to F, where 144 each come to E on the two roads that lead there.
  std::istringstream in(read_text_file(t.dir / "counts.csv"));
  std::string line, out, detectors = read_text_file(t.dir / "detectors.csv");
  while (std::getline(in, line)) {
    if (!line.starts_with("ef,")) {
      if (!line.starts_with("ba,")) out += line + "\n";  // it would count the road of AE otherwise
      continue;
    }
    std::string const when = line.substr(2, line.rfind(',') - 2);
    for (auto const& [site, n] : {std::pair{"ef", 200}, {"ae", 36}, {"ie", 36}})
      out += fmt::format("{}{},{}\n", site, when, n);
  }
  for (auto const& [site, edge] : {std::pair{"ae", "AE"}, {"ie", "IE"}})
    detectors += fmt::format("{0}_0,{0},{1},0,60\n", site, edge);
  write_text(t.dir / "counts.csv", out);
  write_text(t.dir / "detectors.csv", detectors);
  process_result const r =
      t.calibrate({"--set", "judge.seeds=1", "--set", "judge.prior_seeds=0", "--set", "fit.iterations=2"});
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.output,
             Contains("capacity  0 of 22 station hours") &&
                 Contains("counts    contradict each other in 2 sets; where an hour's flow is steady and trips "
                          "begin and end as in the base, 2 of 22 station hours at least are beyond GEH 5, whatever the "
                          "demand") &&
                 Contains(":00 and another hour: ef (800) against ae (144), ie (144): whoever passes it passes "
                          "one of the others, too"));
  std::string const page = read_text_file(t.dir / "out/report.html");
  CHECK_THAT(page, Contains("Sets of counts that contradict each other: 2.") &&
                       Contains("Conjuntos de contagens que se contradizem: 2.") && Contains("ae (144), ie (144)"));
  CHECK(english_in_portuguese(t.dir / "out/report.html", kTwinNames) == "");
  check_consistent(t, r.output);
  results const is(t);
  CHECK(is.h5.read<std::uint32_t>("/calibration/contradictions/of") == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1});
  CHECK(is.h5.read<std::uint8_t>("/calibration/contradictions/saw_more") ==
        std::vector<std::uint8_t>{1, 0, 0, 1, 0, 0});
  auto const flow = is.numbers("contradictions/flow"), least = is.numbers("contradictions/least"),
             most = is.numbers("contradictions/most");
  REQUIRE(flow.size() == 6);
  CHECK(flow[0] == 800);
  CHECK(flow[1] == 144);
  CHECK(least[0] == Approx(800 - 2 * std::sqrt(600) / 0.75));  // of three quarter-hours
  CHECK(most[0] == Approx(2 * (1.1 * 144 + 2 * std::sqrt(108) / 0.75)));
  CHECK_THAT(page, Contains("without counts that contradict others (15)") && Contains("sem contagens que contradizem outras (15)"));
  auto const fitted = is.numbers("counts/simulated_in_fit");  // nobody says who is wrong: all are fitted
  CHECK(std::count_if(fitted.begin(), fitted.end(), [](double x) { return std::isfinite(x); }) ==
        static_cast<std::ptrdiff_t>(fitted.size() - 15));
}
