// gemeo run while whoever reads its output goes away: a pipe's other end, a terminal that is closed, a full disk.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/process.h"
#include "sim/results/reader.h"
#include "tests/support/background.h"
#include "tests/support/tiny_sumo.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

std::string const kProgram = GEMEO_BINARY_DIR "/bin/gemeo";

std::vector<std::string> shell(std::string const& script, std::vector<std::string> arguments) {
  std::vector<std::string> all{"/bin/bash", "-c", script, kProgram, "run"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

// Any program opens it: no marks of a writer, nothing missing.
bool sound(fs::path const& file) {
  try {
    result_file const r(file);
    return !r.growing() && r.validate().empty();
  } catch (error const&) {
    return false;
  }
}

}  // namespace

TEST_CASE("gemeo run: with nobody at the end of its pipe every run is written, and the exit code says what was lost") {
  for (std::string const extra : {"", "--json"}) {
    temp_folder t;
    auto const config = make_tiny_sumo(t / "in");
    std::vector<std::string> arguments{config.string(), "--seeds", "3", "-j", "1", "-o", (t / "out").string()};
    if (!extra.empty()) arguments.push_back(extra);
    auto const r = run_program(shell("\"$0\" \"$@\" 2>&1 | true; exit ${PIPESTATUS[0]}", arguments));
    CHECK(r.exit_code == 1);
    for (char const* seed : {"seed_0001.h5", "seed_0002.h5", "seed_0003.h5", "ensemble.h5"}) {
      CAPTURE(extra, seed);
      CHECK(fs::exists(t / "out/tiny" / seed));
    }
    CHECK(sound(t / "out/tiny/seed_0003.h5"));
  }
}

TEST_CASE("gemeo run: /dev/full as standard output is told on the other stream, after all runs") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in");
  auto const r = run_program(
      shell("exec \"$0\" \"$@\" > /dev/full", {config.string(), "--seeds", "2", "-o", (t / "out").string()}));
  CHECK(r.exit_code == 1);
  CHECK_THAT(r.error_output, Catch::Contains("standard output") && Catch::Contains((t / "out/tiny").string()));
  CHECK(sound(t / "out/tiny/seed_0002.h5"));
}

TEST_CASE("gemeo run: a signal to the group, pipe and all, leaves files that any program opens") {
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) {
    temp_folder t;
    auto const config = make_tiny_sumo(t / "in", {.end_s = 1e6, .veh_per_h = 300});
    fs::path const folder = t / "out/tiny";
    background b(t.path(), shell("\"$0\" \"$@\" 2>&1 | cat",
                                 {config.string(), "--seeds", "2", "-j", "2", "-o", (t / "out").string()}));
    fs::path const one = folder / "seed_0001.h5.partial", two = folder / "seed_0002.h5.partial";
    REQUIRE(wait_until([&] { return fs::exists(one) && fs::exists(two); }));
    b.send_to_group(signal);
    CAPTURE(signal);
    CHECK(wait_until([&] { return sound(one) && sound(two); }));
    CHECK_FALSE(fs::exists(folder / "seed_0001.h5"));
  }
}

TEST_CASE("gemeo run: a terminal that is closed ends the run in files that any program opens") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 30000, .veh_per_h = 300});
  std::string const command =
      "'" + kProgram + "' run '" + config.string() + "' --seed 1 -o '" + (t / "out").string() + "'";
  if (find_program("script").empty() ||
      !run_program({find_program("script").string(), "-qfc", "true", "/dev/null"}).ok()) {
    WARN("skipped: no terminal can be made here (program 'script', /dev/pts)");
    return;
  }
  background b(t.path(), {find_program("script").string(), "-qfc", command, "/dev/null"});
  fs::path const partial = t / "out/tiny/seed_0001.h5.partial";
  REQUIRE(wait_until([&] { return fs::exists(partial); }));
  b.send(SIGKILL);
  CHECK(b.wait() == 128 + SIGKILL);
  CHECK(wait_until([&] { return sound(partial); }));
}

TEST_CASE("gemeo run: a run that fails before it writes leaves alone what an earlier one left") {
  temp_folder t;
  auto const config = make_tiny_sumo(t / "in", {.end_s = 1e6, .veh_per_h = 300});
  std::vector<std::string> const arguments{kProgram, "run", config.string(), "--seed", "1", "-o", (t / "out").string()};
  fs::path const partial = t / "out/tiny/seed_0001.h5.partial";
  background first(t.path(), arguments);
  REQUIRE(wait_until([&] { return fs::exists(partial); }));
  fs::create_directories(t / "second");
  std::vector<std::string> broken = arguments;
  broken.insert(broken.end(), {"--begin", "-5"});
  background second(t / "second", broken);
  CHECK(second.wait() == 2);
  CHECK(result_file(partial).growing());  // the first is still at it
  first.send(SIGTERM);
  CHECK(first.wait() == 1);
  CHECK(sound(partial));
  background third(t / "second", arguments);  // ended while its worker starts
  REQUIRE(wait_until([&] { return !third.children().empty(); }));
  third.send(SIGTERM);
  CHECK(third.wait() == 1);
  CHECK(sound(partial));
}
