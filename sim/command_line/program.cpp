#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "sim/command_line/say.h"
#include "sim/command_line/verbs.h"
#include "sim/core/error.h"
#include "sim/core/process.h"

namespace gemeo::cli {

int parse_and_run(program const& p, int argc, char** argv);  // options.cpp, which alone sees CLI11

namespace {

// CLI11 alone would say that a subcommand is missing, not that this word is none.
void refuse_unknown_verb(program const& p, std::string const& word) {
  if (word.empty() || word.front() == '-') return;
  std::vector<std::string> names;
  for (verb const& v : p.verbs) names.emplace_back(v.name);
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  std::string const near = did_you_mean(word, names);
  throw_usage(fmt::format("there is no verb '{}'", word),
              near.empty() ? fmt::format("'{} --help' lists the verbs", p.name) : near);
}

}  // namespace

int run_program(program const& p, int argc, char** argv) {
  try {
    if (argc > 1) refuse_unknown_verb(p, argv[1]);
    return parse_and_run(p, argc, argv);
  } catch (error const& e) {
    say(fmt::format("{}: {}\n", p.name, e.what()));
    return e.exit_code();
  } catch (std::bad_alloc const&) {
    say(fmt::format("{}: out of memory\n", p.name));
    return 1;
  } catch (std::exception const& e) {
    say(fmt::format("{}: {}\n", p.name, e.what()));
    return 1;
  }
}

action pass_to(option_set const& app, char const* other, std::vector<std::string> words, char const* how_to_get_it) {
  return [app, other, words = std::move(words), how_to_get_it]() -> int {
    std::filesystem::path const found = find_program(other);
    if (found.empty()) throw_usage(std::string(other) + " is not here", how_to_get_it);
    std::vector<std::string> all = {found.string()};
    all.insert(all.end(), words.begin(), words.end());
    for (std::string const& w : app.rest()) all.push_back(w);
    std::vector<char*> arguments;
    for (std::string& w : all) arguments.push_back(w.data());
    arguments.push_back(nullptr);
    ::execv(found.c_str(), arguments.data());
    throw_run(found.string(), std::string("cannot be started: ") + std::strerror(errno));
  };
}

}  // namespace gemeo::cli
