#include "calibration/counts/check_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/results/report_chart.h"
#include "sim/results/report_svg.h"

namespace gemeo {
namespace {

constexpr std::size_t kMostBytes = 8'000'000;  // of the page; charts beyond are left out, and said so
constexpr double kWidth = 980, kLeft = 56, kRight = 970, kTop = 10, kBottom = 118, kHeight = 140;
constexpr std::size_t kBins = 900;  // points of a line: as many as can be told apart

char const* class_of(count_verdict v) {
  return v == count_verdict::kGood ? "g" : v == count_verdict::kDoubtful ? "d" : "b";
}

constexpr char const* kStyle = R"css(
:root{--ink:#16202b;--soft:#4d5b69;--rule:#d5dbe1}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1060px;margin:0 auto;padding:16px 24px 48px}
h1{font-size:1.7rem;margin:.3em 0}h2{font-size:1.2rem;margin:1.8em 0 .4em;border-top:2px solid var(--ink);padding-top:.5em}
h3{font-size:.98rem;margin:1.3em 0 .1em;overflow-wrap:anywhere}
p{margin:.35em 0;max-width:80ch}.s{color:var(--soft);font-size:.88rem}
ul{margin:.3em 0;padding-left:1.2em}
.alarm{border-left:6px solid #7a2a02;background:#fff4e5;padding:10px 16px;margin:1em 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:3px 12px 3px 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n,th.n{text-align:right}
svg{display:block;width:100%;height:auto}
text{font-family:system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-size:11px;fill:#4d5b69}
.gl{stroke:#e2e7eb;fill:none}.fl{fill:none;stroke:#0b3470;stroke-width:1.1}
.vg{fill:#3b74b8}.vd{fill:#e3a35c}.vb{fill:#7a2a02}
.bg{fill:#fff}.bd{fill:#fbe9d3}.bb{fill:#e9cfc3}
.x{stroke:#7a2a02;stroke-width:.8;stroke-opacity:.55}
.key span{display:inline-block;width:12px;height:12px;margin:0 5px 0 16px;vertical-align:-1px}
details{margin:.2em 0}summary{cursor:pointer;color:#0b4f6c}
@media print{h3,figure{break-inside:avoid}}
)css";

struct span_of {
  std::size_t begin = 0, end = 0;
};
span_of records_of(quality_report const& q, std::uint32_t detector) {
  auto const [a, b] = std::equal_range(q.detector.begin(), q.detector.end(), detector);
  return {static_cast<std::size_t>(a - q.detector.begin()), static_cast<std::size_t>(b - q.detector.begin())};
}
std::span<day_verdict const> days_of_detector(quality_report const& q, std::uint32_t detector) {
  auto const low = std::lower_bound(q.days.begin(), q.days.end(), detector,
                                    [](day_verdict const& d, std::uint32_t k) { return d.detector < k; });
  auto const high = std::upper_bound(low, q.days.end(), detector,
                                     [](std::uint32_t k, day_verdict const& d) { return k < d.detector; });
  return {low, high};
}

struct axis_of_time {
  double begin_s = 0, end_s = 1;
  [[nodiscard]] double x(double s) const { return kLeft + (kRight - kLeft) * (s - begin_s) / (end_s - begin_s); }
};

std::string day_bands(std::span<day_verdict const> days, axis_of_time const& t) {
  std::string out;
  for (day_verdict const& d : days) {
    if (d.verdict == count_verdict::kGood) continue;
    double const a = std::max(kLeft, t.x(d.day * 86400.0)), b = std::min(kRight, t.x((d.day + 1) * 86400.0));
    out += fmt::format(
        "<rect class=\"b{}\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"><title>{}: {}</title></rect>",
        class_of(d.verdict), a, kTop, b - a, kBottom - kTop, to_text(date_of(d.day)), escape_html(d.reason));
    if (d.verdict == count_verdict::kBad)
      out += fmt::format("<path class=\"x\" d=\"M{:.1f} {:.0f}L{:.1f} {:.0f}\"/>", a, kBottom, b, kTop);
  }
  return out;
}

std::string time_labels(axis_of_time const& t) {
  double const days = (t.end_s - t.begin_s) / 86400;
  std::string out;
  auto const tick = [&](double s, std::string const& text) {
    if (t.x(s) > kRight - 12) return;  // its text would be cut
    out += fmt::format(
        "<path class=\"gl\" d=\"M{0:.1f} {1:.0f}V{2:.0f}\"/><text x=\"{0:.1f}\" y=\"{3:.0f}\" "
        "text-anchor=\"middle\">{4}</text>",
        t.x(s), kBottom, kBottom + 4, kBottom + 16, text);
  };
  if (days <= 1.01) {
    double step = 3600;
    while ((t.end_s - t.begin_s) / step > 12) step *= 2;
    if ((t.end_s - t.begin_s) / 3600 <= 3) step = 900;
    for (double s = std::ceil(t.begin_s / step) * step; s <= t.end_s; s += step) {
      auto const m = static_cast<long>(std::fmod(s, 86400) / 60);
      tick(s, fmt::format("{:02}:{:02}", m / 60, m % 60));
    }
    return out;
  }
  double const step = 86400 * std::max(1.0, std::ceil(days / 10));
  double const first = std::ceil(t.begin_s / 86400) * 86400;
  for (double s = first; s <= t.end_s; s += step)
    tick(s, to_text(date_of(static_cast<std::int64_t>(s / 86400))).substr(5));
  return out;
}

// Flow by bin of time: the mean of what there is; a bin without a value breaks the line.
std::string flow_line(loaded_counts const& c, local_clock const& clock, span_of r, axis_of_time const& t, double top) {
  quality_report const& q = c.quality;
  double const bin_s = std::max((t.end_s - t.begin_s) / kBins, 1.0);
  std::map<long, std::pair<double, int>> bins;
  double longest_s = 0;
  for (std::size_t i = r.begin; i < r.end; ++i) {
    if (!std::isfinite(q.records[i].count)) continue;
    double const period_s = q.records[i].period_ms / 1000.0;
    double const middle = static_cast<double>(clock.local_of(q.records[i].begin_ms / 1000)) + period_s / 2;
    auto& [sum, n] = bins[static_cast<long>((middle - t.begin_s) / bin_s)];
    sum += q.records[i].flow_veh_per_h();
    ++n;
    longest_s = std::max(longest_s, period_s);
  }
  std::string d;
  long last = -1000000;
  auto const most_apart = static_cast<long>(std::ceil(longest_s / bin_s)) + 1;
  for (auto const& [bin, v] : bins) {
    double const flow = v.first / v.second, y = kBottom - (kBottom - kTop) * std::min(flow / top, 1.0);
    d += fmt::format("{}{:.1f} {:.1f}", bin - last > most_apart ? "M" : "L",
                     t.x(t.begin_s + (static_cast<double>(bin) + 0.5) * bin_s), y);
    if (bin - last > most_apart) d += "h.6";  // a value alone is a dot
    last = bin;
  }
  return d;
}

axis_of_time axis_for(loaded_counts const& c, local_clock const& clock, span_of r) {
  axis_of_time t{1e300, -1e300};
  for (std::size_t i = r.begin; i < r.end; ++i) {
    double const s = static_cast<double>(clock.local_of(c.quality.records[i].begin_ms / 1000));
    t.begin_s = std::min(t.begin_s, s);
    t.end_s = std::max(t.end_s, s + c.quality.records[i].period_ms / 1000.0);
  }
  return t;
}

struct tally {
  std::size_t good = 0, doubtful = 0, bad = 0;
  void add(count_verdict v) { ++(v == count_verdict::kGood ? good : v == count_verdict::kDoubtful ? doubtful : bad); }
};

std::vector<std::uint32_t> detectors_of(loaded_counts const& c) {
  std::vector<std::uint32_t> out;
  for (day_verdict const& d : c.quality.days) {
    if (out.empty() || out.back() != d.detector) out.push_back(d.detector);
  }
  std::sort(out.begin(), out.end(),
            [&](std::uint32_t a, std::uint32_t b) { return c.catalog.key(a) < c.catalog.key(b); });
  return out;
}

// A row a detector, a column a day.
std::string matrix_svg(loaded_counts const& c, std::vector<std::uint32_t> const& detectors) {
  if (detectors.empty()) return "";
  std::int32_t first = c.quality.days.front().day, last = first;
  for (day_verdict const& d : c.quality.days) {
    first = std::min(first, d.day);
    last = std::max(last, d.day);
  }
  double label = 90;
  for (std::uint32_t const detector : detectors)
    label = std::max(label, std::min(260.0, 11 * text_width(describe(c.catalog.key(detector))) + 12));
  double const cell_x = std::clamp((kWidth - label - 10) / (last - first + 1), 0.4, 26.0), cell_y = 13;
  double const height = 22 + cell_y * static_cast<double>(detectors.size());
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Verdict by detector and day\">", kWidth, height);
  std::int32_t const step = std::max(1, static_cast<std::int32_t>(std::ceil(60 / cell_x)));
  for (std::int32_t d = first; d <= last; d += step)
    out += fmt::format("<text x=\"{:.1f}\" y=\"12\">{}</text>", label + (d - first) * cell_x,
                       to_text(date_of(d)).substr(5));
  double y = 20;
  for (std::uint32_t const detector : detectors) {
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", label - 6, y + 9.5,
                       escape_html(describe(c.catalog.key(detector)), 40));
    for (day_verdict const& d : days_of_detector(c.quality, detector)) {
      double const shrink = d.verdict == count_verdict::kBad ? 0 : 1.5;  // told apart without colour, too
      out += fmt::format(
          "<rect class=\"v{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}: "
          "{}{}</title></rect>",
          class_of(d.verdict), label + (d.day - first) * cell_x, y + shrink, std::max(cell_x - 1, cell_x * 0.8),
          cell_y - 2 - 2 * shrink, to_text(date_of(d.day)), to_text(d.verdict),
          d.reason.empty() ? "" : ": " + escape_html(d.reason, 300));
    }
    y += cell_y;
  }
  return out + "</svg>";
}

std::string place_text(loaded_counts const& c, network const* net, detector_key const& k) {
  site_match const* const m = find_match(c.matches, k);
  if (net == nullptr || m == nullptr) return "";
  if (!m->edge) return "nowhere on the network: " + m->doubt;
  std::string out =
      fmt::format("edge {}{}, {} (confidence {:.2f})", net->edges.name[*m->edge],
                  std::isfinite(m->pos_m) ? fmt::format(" at {:.0f} m", m->pos_m) : "", m->how, m->confidence);
  return m->doubt.empty() ? out : out + ": " + m->doubt;
}

std::string reasons(std::span<day_verdict const> days) {
  std::string out;
  std::size_t n = 0;
  for (day_verdict const& d : days) {
    if (d.verdict == count_verdict::kGood) continue;
    if (++n <= 60)
      out += fmt::format("<li>{}: {}: {}</li>", to_text(date_of(d.day)), to_text(d.verdict), escape_html(d.reason));
  }
  if (n == 0) return "";
  if (n > 60) out += fmt::format("<li>and {} days more</li>", n - 60);
  return fmt::format("<details><summary>{} day{} not good</summary><ul>{}</ul></details>", n, n == 1 ? "" : "s", out);
}

}  // namespace

std::string flow_chart_svg(loaded_counts const& c, std::uint32_t detector, std::string const& id) {
  local_clock const clock(c.time_zone, "time zone");
  span_of const r = records_of(c.quality, detector);
  if (r.begin == r.end) return "";
  axis_of_time const t = axis_for(c, clock, r);
  double most = 1;
  for (std::size_t i = r.begin; i < r.end; ++i) {
    if (c.quality.ok[i] != 0) most = std::max(most, c.quality.records[i].flow_veh_per_h());
  }
  if (most == 1) {  // nothing is good: what there is sets the scale
    for (std::size_t i = r.begin; i < r.end; ++i) {
      if (std::isfinite(c.quality.records[i].count)) most = std::max(most, c.quality.records[i].flow_veh_per_h());
    }
  }
  auto const ticks = axis_ticks(0, most, 4);
  double const top = ticks.back();
  std::string out = fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\" id=\"{}\">", kWidth,
                                kHeight, escape_html(describe(c.catalog.key(detector))), id);
  out += day_bands(days_of_detector(c.quality, detector), t);
  for (double const v : ticks) {
    double const y = kBottom - (kBottom - kTop) * v / top;
    out += fmt::format(
        "<path class=\"gl\" d=\"M{:.0f} {:.1f}H{:.0f}\"/><text x=\"{:.0f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:.0f}</text>",
        kLeft, y, kRight, kLeft - 5, y + 4, v);
  }
  out += time_labels(t);
  return out + fmt::format("<path class=\"fl\" d=\"{}\"/></svg>", flow_line(c, clock, r, t, top));
}

std::string check_page_html(loaded_counts const& c, network const* net, check_page_options const& o) {
  std::vector<std::uint32_t> const detectors = detectors_of(c);
  tally all;
  for (day_verdict const& d : c.quality.days) all.add(d.verdict);
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{0}</title><style>{1}</style></head><body><main><h1>{0}</"
      "h1>",
      escape_html(o.title), kStyle);
  out += fmt::format(
      "<p>{} detectors, {} detector days: {} good, {} doubtful, {} bad. Times are those of {}. Bad days enter no "
      "calibration; nothing is filled in.</p><p class=\"s key\">Verdicts:<span class=\"vg\" "
      "style=\"background:#3b74b8\"></span>good"
      "<span style=\"background:#e3a35c\"></span>doubtful<span style=\"background:#7a2a02\"></span>bad</p>",
      detectors.size(), c.quality.days.size(), all.good, all.doubtful, all.bad, escape_html(c.time_zone));
  if (!c.quality.alarms.empty()) {
    out += "<div class=\"alarm\"><b>Of whole feeds and junctions</b><ul>";
    for (std::size_t i = 0; i < std::min<std::size_t>(c.quality.alarms.size(), 40); ++i)
      out += "<li>" + escape_html(c.quality.alarms[i]) + "</li>";
    if (c.quality.alarms.size() > 40) out += fmt::format("<li>and {} more</li>", c.quality.alarms.size() - 40);
    out += "</ul></div>";
  }
  out += "<h2>Detectors and days</h2>" + matrix_svg(c, detectors) +
         "<h2>Flow by detector</h2>"
         "<p class=\"s\">Vehicles an hour over local time; days that are doubtful or bad are shaded, bad ones "
         "crossed.</p>";
  std::size_t drawn = 0;
  for (std::uint32_t const d : detectors) {
    if (drawn >= o.most_charts || out.size() > kMostBytes) {
      out += fmt::format("<p>{} detectors more are not drawn; name fewer files to see them.</p>",
                         detectors.size() - drawn);
      break;
    }
    detector_key const& k = c.catalog.key(d);
    count_site const* const site = c.catalog.site(k.source, k.site);
    std::string const road = site == nullptr ? "" : !site->road_name.empty() ? site->road_name : site->name;
    out += fmt::format("<h3>{}{}</h3>", escape_html(describe(k)), road.empty() ? "" : ": " + escape_html(road));
    if (std::string const place = place_text(c, net, k); !place.empty())
      out += "<p class=\"s\">" + escape_html(place) + "</p>";
    out += flow_chart_svg(c, d, fmt::format("c{}", drawn)) + reasons(days_of_detector(c.quality, d));
    ++drawn;
  }
  return out + "</main></body></html>\n";
}

}  // namespace gemeo
