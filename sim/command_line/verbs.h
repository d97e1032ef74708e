// The verbs of a program: each describes its options on an option_set and gives back what to do once they are parsed: a
// function that returns the exit code. Errors are thrown and told by run_program.
#pragma once

#include <functional>
#include <span>

#include "sim/command_line/options.h"

namespace gemeo::cli {

using action = std::function<int()>;

struct verb {
  char const* name;
  char const* summary;
  action (*setup)(option_set const& app);  // options are held by the action itself (shared_ptr)
};

struct program {
  char const* name;     // as people call it
  char const* summary;  // "gemeo: a digital twin of a city's traffic"
  char const* version;
  std::span<verb const> verbs;
};

// Parses the command line, runs the verb it names and tells errors on standard error. Exit codes: 0 done, 1 the run
// failed, 2 bad usage or input.
int run_program(program const& p, int argc, char** argv);

// A verb that is a verb, or the whole, of another program beside this one (as git finds its commands) or in PATH: all
// words, --help included, go to it as they are, and this process becomes it. words: what goes before them.
action pass_to(option_set const& app, char const* other, std::vector<std::string> words, char const* how_to_get_it);

}  // namespace gemeo::cli
