// The window: GLFW, the event loop, keys to actions. Sleeps while nothing moves. Throws error(kRun) without a display.
#pragma once

#include <filesystem>
#include <vector>

#include "viewer/model/palette.h"
#include "viewer/model/quantity.h"

namespace gemeo::view {

struct window_options {
  std::vector<std::filesystem::path> files;
  quantity what = quantity::kRatio;
  theme_kind theme = theme_kind::kLight;
  int width = 1600, height = 1000;
  double time_s = -1;        // < 0: the busiest
  double quit_after_s = -1;  // for tests: close by itself
};
int run_window(window_options const& o);

}  // namespace gemeo::view
