// A picture of a result file, drawn without a window or a display.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "viewer/model/palette.h"
#include "viewer/model/quantity.h"

namespace gemeo::view {

struct screenshot_options {
  std::vector<std::filesystem::path> files;
  std::filesystem::path out;
  quantity what = quantity::kRatio;
  theme_kind theme = theme_kind::kLight;
  int width = 1600, height = 1000;
  float scale = 1;
  double time_s = -1;  // < 0: the busiest interval
  std::string road;    // to select: a road's name or an edge's id; empty: none
  bool labels = true;
};
int take_screenshot(screenshot_options const& o);

}  // namespace gemeo::view
