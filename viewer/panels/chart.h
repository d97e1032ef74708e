// A small time chart: lines with gaps where nothing was measured, a mark at the present, hours below.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "viewer/panels/style.h"

namespace gemeo::view {

struct chart_line {
  std::span<float const> values;
  colour c;
  float width = 2;
  bool filled = false;
};
struct chart_box {
  ImVec2 min, max;  // of the plot itself
  double begin_s = 0, end_s = 1;
  double low = 0, high = 1;
  [[nodiscard]] float x(double time_s) const {
    return min.x + static_cast<float>((time_s - begin_s) / (end_s - begin_s)) * (max.x - min.x);
  }
  [[nodiscard]] float y(double value) const {
    return max.y - static_cast<float>((value - low) / (high - low)) * (max.y - min.y);
  }
  [[nodiscard]] double time_at(float px) const { return begin_s + (px - min.x) / (max.x - min.x) * (end_s - begin_s); }
};

void draw_line(ui const& u, ImDrawList* d, chart_box const& b, std::span<double const> times_s, chart_line const& l);
void draw_time_axis(ui const& u, ImDrawList* d, chart_box const& b);  // ticks and "07:00" below
// Largest finite value, rounded up to a round one; 1 when there is none.
double round_top(std::span<float const> values);

}  // namespace gemeo::view
