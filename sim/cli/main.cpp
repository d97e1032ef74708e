// gemeo: finds the verb, parses its options, runs it. Exit codes: 0 done, 1 the run failed, 2 bad usage or input.
#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "sim/cli/say.h"
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

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc > 1) refuse_unknown_verb(argv[1]);
    return gemeo::cli::run_verb(argc, argv);
  } catch (gemeo::error const& e) {
    gemeo::cli::say(fmt::format("gemeo: {}\n", e.what()));
    return e.exit_code();
  } catch (std::bad_alloc const&) {
    gemeo::cli::say("gemeo: out of memory\n");
    return 1;
  } catch (std::exception const& e) {
    gemeo::cli::say(fmt::format("gemeo: {}\n", e.what()));
    return 1;
  }
}
