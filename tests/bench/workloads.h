// What benchmarks run: SUMO's programs, the shared data, and the synthetic grids S, M and L made of it.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/process.h"
#include "tests/bench/arguments.h"

namespace gemeo::bench {

inline std::filesystem::path shared() {
  char const* const set = std::getenv("GEMEO_SHARED_DATA");  // NOLINT: one thread
  return set != nullptr ? std::filesystem::path(set) : std::filesystem::path(GEMEO_SOURCE_DIR) / ".." / "shared";
}

// Runs a program with SUMO's home set; throws error(kRun) with what it said when it fails.
inline process_result must(std::vector<std::string> const& arguments) {
  process_options o;
  o.environment = {{"SUMO_HOME", "/usr/share/sumo"}};
  process_result r = run_program(arguments, o);
  if (!r.ok()) throw_run(arguments[0], "failed with " + describe(r) + ": " + r.error_output + r.output);
  return r;
}

// The configuration of grid 'S', 'M' or 'L', made once in the build's folder.
inline std::filesystem::path make_grid(char size) {
  std::filesystem::path const in = std::filesystem::path(GEMEO_BINARY_DIR) / "bench" / "grids";
  std::filesystem::path const folder = in / std::string(1, size);
  std::filesystem::create_directories(in);
  if (!std::filesystem::exists(folder / "run.sumocfg"))
    must({(shared() / "synthetic/make_grids.sh").string(), std::string(1, size), in.string()});
  return folder / "run.sumocfg";
}

// A benchmark's main: usage NAME [--rounds N] [--only ONE OF only]; 2 for anything else, 1 when it failed.
inline int bench_main(int argc, char** argv, std::string const& what, int rounds, std::vector<std::string> const& only,
                      int (*run)(int rounds, std::string const& only)) {
  std::string chosen;
  read_arguments(argc, argv, what, [&](CLI::App& a) {
    a.add_option("--rounds", rounds, "of each, the medians of which count")->check(CLI::PositiveNumber);
    a.add_option("--only", chosen)->check(CLI::IsMember(only));
  });
  try {
    return run(rounds, chosen);
  } catch (std::exception const& e) {
    fmt::print(stderr, "{}: {}\n", argv[0], e.what());
    return 1;
  }
}

}  // namespace gemeo::bench
