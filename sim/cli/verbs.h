// The verbs of gemeo, one file each (sim/cli/<verb>.cpp). A verb describes its options on an option_set and gives
// back what to do once they are parsed: a function that returns the exit code. Errors are thrown, caught in main.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "sim/cli/options.h"

namespace gemeo::cli {

using action = std::function<int()>;

struct verb {
  char const* name;
  char const* summary;
  action (*setup)(option_set const& app);  // options are held by the action itself (shared_ptr)
};

std::span<verb const> verbs();

}  // namespace gemeo::cli
