#include "sim/results/report_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/results/report_svg.h"

namespace gemeo {
namespace {

constexpr double kWidth = 420, kLeft = 52, kRight = 400, kTop = 26, kMiddle = 168, kLower = 196, kBottom = 276,
                 kHeight = 298;

struct panel {
  double top, bottom, low, high, begin_s, end_s;

  [[nodiscard]] double x(double s) const {
    return kLeft + (kRight - kLeft) * (s - begin_s) / std::max(1.0, end_s - begin_s);
  }
  [[nodiscard]] double y(double v) const { return bottom - (bottom - top) * (v - low) / std::max(1e-12, high - low); }
};

struct value_of_point {
  double value, half;
};
using reader = std::function<value_of_point(paired_estimate const&)>;

// Where the value is missing the line breaks.
std::string line_path(day_chart const& c, panel const& p, reader const& read) {
  std::string d;
  bool on = false;
  for (series_point const& s : c.points) {
    double const v = read(s.value).value * c.factor;
    if (!std::isfinite(v)) {
      on = false;
      continue;
    }
    d += fmt::format("{}{:.1f} {:.1f}", on ? "L" : "M", p.x((s.begin_s + s.end_s) / 2), p.y(v));
    on = true;
  }
  return d;
}

std::string band_path(day_chart const& c, panel const& p, reader const& read) {
  std::string d;
  std::vector<std::pair<double, std::pair<double, double>>> run;  // x: upper, lower
  auto const close = [&] {
    for (std::size_t i = 0; i < run.size(); ++i)
      d += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", run[i].first, run[i].second.first);
    for (std::size_t i = run.size(); i > 0; --i)
      d += fmt::format("L{:.1f} {:.1f}", run[i - 1].first, run[i - 1].second.second);
    if (!run.empty()) d += "z";
    run.clear();
  };
  for (series_point const& s : c.points) {
    value_of_point const v = read(s.value);
    if (!std::isfinite(v.value) || !std::isfinite(v.half)) {
      close();
      continue;
    }
    double const lower = std::clamp((v.value - v.half) * c.factor, p.low, p.high);
    double const upper = std::clamp((v.value + v.half) * c.factor, p.low, p.high);
    run.push_back({p.x((s.begin_s + s.end_s) / 2), {p.y(upper), p.y(lower)}});
  }
  close();
  return d;
}

std::string grid(panel const& p, std::vector<double> const& ticks, language l, bool with_sign) {
  double const step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
  int const digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 3);
  number_format const f{l};
  std::string out;
  for (double const t : ticks) {
    if (t < p.low - 1e-9 || t > p.high + 1e-9) continue;
    out += fmt::format(
        "<path class=\"{}\" d=\"M{:.0f} {:.1f}H{:.0f}\"/><text class=\"ax\" x=\"{:.0f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>",
        std::abs(t) < step * 1e-6 ? "gz" : "gl", kLeft, p.y(t), kRight, kLeft - 5, p.y(t) + 4,
        with_sign ? f.with_sign(t, digits) : f.plain(t, digits));
  }
  return out;
}

std::string time_axis(panel const& p) {
  double const hours = (p.end_s - p.begin_s) / 3600;
  double step_s = 300;
  for (double const h : {1.0 / 12, 1.0 / 6, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0, 48.0}) {
    step_s = h * 3600;
    if (hours / h <= 8) break;
  }
  std::string out;
  for (double s = std::ceil(p.begin_s / step_s - 1e-9) * step_s; s <= p.end_s + 1; s += step_s) {
    out += fmt::format(
        "<path class=\"gl\" d=\"M{0:.1f} {1:.0f}V{2:.0f}\"/><text class=\"ax\" x=\"{0:.1f}\" y=\"{3:.0f}\" "
        "text-anchor=\"middle\">{4}</text>",
        p.x(s), kBottom, kBottom + 4, kBottom + 17, time_of_day(s));
  }
  return out;
}

std::pair<double, double> extent(day_chart const& c, std::vector<reader> const& readers) {
  double low = 1e300, high = -1e300;
  for (series_point const& s : c.points) {
    for (reader const& r : readers) {
      value_of_point const v = r(s.value);
      if (!std::isfinite(v.value)) continue;
      low = std::min(low, v.value * c.factor);
      high = std::max(high, v.value * c.factor);
    }
  }
  return {low, high};
}

// Bands of very few runs would flatten everything else: they may take up half as much again as the lines do.
std::pair<double, double> with_bands(day_chart const& c, std::vector<reader> const& readers,
                                     std::pair<double, double> lines) {
  double const room = (lines.second - lines.first) * 0.5 + 1e-9;
  auto [low, high] = lines;
  for (series_point const& s : c.points) {
    for (reader const& r : readers) {
      value_of_point const v = r(s.value);
      if (!std::isfinite(v.value) || !std::isfinite(v.half)) continue;
      low = std::max(lines.first - room, std::min(low, (v.value - v.half) * c.factor));
      high = std::min(lines.second + room, std::max(high, (v.value + v.half) * c.factor));
    }
  }
  return {low, high};
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int most) {
  if (!(high > low)) return {low};
  double const raw = (high - low) / std::max(1, most), power = std::pow(10, std::floor(std::log10(raw)));
  double step = power * 10;
  for (double const s : {1.0, 2.0, 5.0}) {
    if (s * power >= raw - 1e-12) {
      step = s * power;
      break;
    }
  }
  std::vector<double> ticks;
  for (double t = std::floor(low / step) * step; t < high + step * (1 - 1e-9); t += step) {
    ticks.push_back(std::abs(t) < step * 1e-9 ? 0 : t);
  }
  return ticks;
}

std::string day_chart_svg(day_chart const& c, language l) {
  bool const english = l == language::kEnglish;
  reader const base = [](paired_estimate const& e) { return value_of_point{e.base, e.base_half}; };
  reader const other = [](paired_estimate const& e) { return value_of_point{e.other, e.other_half}; };
  reader const difference = [](paired_estimate const& e) { return value_of_point{e.difference, (e.high - e.low) / 2}; };
  auto levels = extent(c, {base, other});
  if (c.points.empty() || levels.first > levels.second) return "";
  levels = with_bands(c, {base, other}, levels);
  levels.first = std::min(0.0, levels.first);  // levels are amounts: their axis begins at zero
  auto changes = extent(c, {difference});
  changes = with_bands(c, {difference}, {std::min(0.0, changes.first), std::max(0.0, changes.second)});
  if (changes.second - changes.first < 1e-9) changes = {-1, 1};
  auto const upper_ticks = axis_ticks(levels.first, std::max(levels.second, levels.first + 1e-6), 5);
  auto const lower_ticks = axis_ticks(changes.first, changes.second, 3);
  double const begin_s = c.points.front().begin_s, end_s = c.points.back().end_s;
  panel const upper{kTop, kMiddle, upper_ticks.front(), upper_ticks.back(), begin_s, end_s};
  panel const lower{kLower, kBottom, lower_ticks.front(), lower_ticks.back(), begin_s, end_s};
  std::string const unit = c.unit.empty() ? "" : " (" + c.unit + ")";
  std::string const description =
      english ? fmt::format(
                    "Course over the day of {} and {}, with 95 % bands over the runs; below, the paired difference.",
                    c.base_label, c.other_label)
              : fmt::format(
                    "Evolução ao longo do dia de {} e {}, com faixas a 95 % sobre as simulações; em baixo, a diferença "
                    "emparelhada.",
                    c.base_label, c.other_label);
  std::string out = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-labelledby=\"{}t {}d\"><title "
      "id=\"{}t\">{}</title>"
      "<desc id=\"{}d\">{}</desc>",
      kWidth, kHeight, c.id, c.id, c.id, escape_html(c.title), c.id, escape_html(description, 2000));
  out += fmt::format("<text class=\"ct\" x=\"4\" y=\"14\">{}{}</text>", escape_html(c.title), escape_html(unit));
  out += grid(upper, upper_ticks, l, false);
  out += fmt::format(
      "<path class=\"bb\" d=\"{}\"/><path class=\"bo\" d=\"{}\"/><path class=\"lb0\" d=\"{}\"/><path class=\"lo\" "
      "d=\"{}\"/>",
      band_path(c, upper, base), band_path(c, upper, other), line_path(c, upper, base), line_path(c, upper, other));
  out += fmt::format("<text class=\"cs\" x=\"4\" y=\"{:.0f}\">{}</text>", kLower - 8,
                     english ? "Difference" : "Diferença");
  out += grid(lower, lower_ticks, l, true) + time_axis(lower);
  out += fmt::format("<path class=\"bd\" d=\"{}\"/><path class=\"ld\" d=\"{}\"/></svg>",
                     band_path(c, lower, difference), line_path(c, lower, difference));
  return out;
}

std::string change_chart_svg(std::string const& id, traveller_values const& v, language l) {
  bool const english = l == language::kEnglish;
  constexpr std::size_t kMid = kChangeBinCount / 2;
  number_format const f{l};
  double top = 0;
  for (std::size_t i = 0; i < kChangeBinCount; ++i) {
    if (i != kMid) top = std::max(top, v.bins[i].mean);
  }
  if (!(top > 0)) return "";
  double const bar = (kRight - 8) / kChangeBinCount, floor_y = 158;
  std::string const title = english ? "Travellers who gain or lose time" : "Quem ganha e quem perde tempo";
  std::string const description = english ? "Share of travellers by change of travel time, in minutes; those who gain "
                                            "on the left, those who lose on the right."
                                          : "Proporção de viajantes por variação do tempo de viagem, em minutos; à "
                                            "esquerda quem ganha, à direita quem perde.";
  std::string out = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} 208\" role=\"img\" aria-labelledby=\"{}t {}d\"><title "
      "id=\"{}t\">{}</title>"
      "<desc id=\"{}d\">{}</desc>",
      kWidth, id, id, id, title, id, description);
  for (std::size_t i = 0; i < kChangeBinCount; ++i) {
    std::size_t const steps = i < kMid ? kMid - i : i - kMid;
    double const x = 8 + bar * static_cast<double>(i), share = v.bins[i].mean,
                 height = i == kMid ? 0 : 118 * share / top;
    std::string label = fmt::format("< {:.0f}", kChangeBounds_s[0] / 60);
    if (steps == std::size(kChangeBounds_s)) {
      label = fmt::format("> {:.0f}", kChangeBounds_s[steps - 1] / 60);
    } else if (steps > 0) {
      label = fmt::format("{:.0f}\xe2\x80\x93{:.0f}", kChangeBounds_s[steps - 1] / 60, kChangeBounds_s[steps] / 60);
    }
    out += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                       i < kMid ? "hg" : "hl", x + 2, floor_y - height, bar - 4, height);
    double const pct = 100 * share;
    out += fmt::format(
        "<text class=\"ax\" x=\"{0:.1f}\" y=\"{1:.1f}\" text-anchor=\"middle\">{2}%</text>"
        "<text class=\"ax\" x=\"{0:.1f}\" y=\"{3:.0f}\" text-anchor=\"middle\">{4}</text>",
        x + bar / 2, floor_y - height - 4,
        f.plain(pct, pct < 0.995 && pct > 0 ? 2
                     : pct < 10             ? 1
                                            : 0),
        floor_y + 16, escape_html(label));
  }
  out += fmt::format(
      "<path class=\"gz\" d=\"M4 {0:.0f}H416\"/><text class=\"cs\" x=\"8\" y=\"{1:.0f}\">\xe2\x86\x90 {2}</text>"
      "<text class=\"cs\" x=\"412\" y=\"{1:.0f}\" text-anchor=\"end\">{3} \xe2\x86\x92</text></svg>",
      floor_y, floor_y + 40, english ? "minutes gained" : "minutos ganhos",
      english ? "minutes lost" : "minutos perdidos");
  return out;
}

}  // namespace gemeo
