#include "viewer/panels/chart.h"

#include <algorithm>
#include <cmath>

namespace gemeo::view {

double round_top(std::span<float const> values) {
  double most = 0;
  for (float const v : values) {
    if (std::isfinite(v)) most = std::max(most, std::abs(static_cast<double>(v)));
  }
  if (!(most > 0)) return 1;
  double const power = std::pow(10.0, std::floor(std::log10(most)));
  for (double const f : {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0}) {
    if (f * power >= most) return f * power;
  }
  return 10 * power;
}

void draw_line(ui const& u, ImDrawList* d, chart_box const& b, std::span<double const> times, chart_line const& l) {
  std::vector<ImVec2> run;
  float const zero = b.y(std::clamp(0.0, b.low, b.high));
  auto const flush = [&] {
    if (l.filled) {
      for (std::size_t i = 1; i < run.size(); ++i) {
        d->AddQuadFilled({run[i - 1].x, zero}, run[i - 1], run[i], {run[i].x, zero}, paint(with_alpha(l.c, 50)));
      }
    }
    if (run.size() == 1) d->AddCircleFilled(run[0], u.px(l.width), paint(l.c));
    if (run.size() > 1) d->AddPolyline(run.data(), static_cast<int>(run.size()), paint(l.c), 0, u.px(l.width));
    run.clear();
  };
  for (std::size_t i = 0; i < std::min(times.size(), l.values.size()); ++i) {
    if (!std::isfinite(l.values[i])) {
      flush();
      continue;
    }
    run.push_back({b.x(times[i]), std::clamp(b.y(l.values[i]), b.min.y, b.max.y)});
  }
  flush();
}

void draw_time_axis(ui const& u, ImDrawList* d, chart_box const& b) {
  double const span = b.end_s - b.begin_s;
  float const room = size_of(u.fonts.small, "00:00").x + u.px(26);
  double const most = std::max(1.0, static_cast<double>(std::floor((b.max.x - b.min.x) / room)));
  double step = 86400;
  for (double const s : {60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0}) {
    if (span / s <= most) {
      step = s;
      break;
    }
  }
  for (double t = std::ceil(b.begin_s / step) * step; t <= b.end_s + 1e-6; t += step) {
    float const x = std::round(b.x(t));
    d->AddLine({x, b.max.y}, {x, b.max.y + u.px(4)}, paint(u.t.text_soft));
    std::string const s = clock_text(t);
    float const half = size_of(u.fonts.small, s).x / 2;
    draw_text(d, u.fonts.small, {std::clamp(x, b.min.x + half, b.max.x - half + u.px(4)), b.max.y + u.px(5)},
              u.t.text_soft, s, 0.5F);
  }
}

}  // namespace gemeo::view
