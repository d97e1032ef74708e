// gemeo: finds the verb, parses its options, runs it. Exit codes: 0 done, 1 the run failed, 2 bad usage or input.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/core/error.h"

namespace {

// CLI11 alone would say that a subcommand is missing, not that this word is none.
void refuse_unknown_verb(std::string const& word) {
  if (word.empty() || word.front() == '-') return;
  std::vector<std::string> names;
  for (gemeo::cli::verb const& v : gemeo::cli::verbs()) names.emplace_back(v.name);
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  std::string const near = gemeo::did_you_mean(word, names);
  gemeo::throw_usage(fmt::format("there is no verb '{}'", word),
                     near.empty() ? "'gemeo --help' lists the verbs" : near);
}

int run_main(int argc, char** argv) {
  using namespace gemeo::cli;
  if (argc > 1) refuse_unknown_verb(argv[1]);
  CLI::App app{"gemeo: a digital twin of a city's traffic"};
  app.name("gemeo");
  app.set_version_flag("--version", std::string("gemeo ") + GEMEO_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  std::vector<std::pair<CLI::App*, action>> actions;
  for (verb const& v : verbs()) {
    CLI::App* const sub = app.add_subcommand(v.name, v.summary);
    actions.emplace_back(sub, v.setup(*sub));
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    fmt::print(stderr, "gemeo: {}\nRun 'gemeo --help' or 'gemeo VERB --help'.\n", e.what());
    return 2;
  }
  for (auto const& [sub, act] : actions) {
    if (sub->parsed()) return act();
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (gemeo::error const& e) {
    fmt::print(stderr, "gemeo: {}\n", e.what());
    return e.exit_code();
  } catch (std::bad_alloc const&) {
    fmt::print(stderr, "gemeo: out of memory\n");
    return 1;
  } catch (std::exception const& e) {
    fmt::print(stderr, "gemeo: {}\n", e.what());
    return 1;
  }
}
