#include "sim/cli/verbs.h"

#include <array>

namespace gemeo::cli {

action setup_import(CLI::App& app);

// clang-format off
// One line a verb, in the order a newcomer meets them.

std::span<verb const> verbs() {
  static auto const kVerbs = std::to_array<verb>({
      {"import", "make a city folder of OpenStreetMap data", setup_import},
  });
  return kVerbs;
}
// clang-format on

}  // namespace gemeo::cli
