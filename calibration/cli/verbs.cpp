#include "calibration/cli/verbs.h"

#include <array>

namespace gemeo::cli {

action setup_calibrate(option_set const& app);
action setup_counts(option_set const& app);

// clang-format off
std::span<verb const> calibration_verbs() {
  static auto const kVerbs = std::to_array<verb>({
      {"calibrate", "fit a base scenario's demand to counts, and judge it by others", setup_calibrate},
      {"counts", "check traffic counts and keep them in a store", setup_counts},
  });
  return kVerbs;
}
// clang-format on

}  // namespace gemeo::cli
