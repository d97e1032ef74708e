// The arguments of a benchmark: read by CLI11, so that --help says what there is and nothing unknown is ignored.
#pragma once

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace gemeo::bench {

// Ends the program after --help (0) and with arguments that make no sense (2).
inline void read_arguments(int argc, char** argv, std::string const& what,
                           std::function<void(CLI::App&)> const& options) {
  CLI::App app(what);
  options(app);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    int const code = app.exit(e);
    std::exit(code == 0 ? 0 : 2);
  }
}

}  // namespace gemeo::bench
