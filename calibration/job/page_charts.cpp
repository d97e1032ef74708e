#include "calibration/job/page_charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "calibration/fit/score.h"
#include "sim/results/report_svg.h"

namespace gemeo {

namespace {

double most_of(std::vector<flow_point> const& points) {
  double most = 1;
  for (flow_point const& p : points) most = std::max({most, p.observed, p.simulated});
  return most;
}

// The simulated flow whose GEH against c is 5, above or below: (m - c)^2 = 12.5 (m + c).
double geh_five(double c, double side) {
  constexpr double kHalf = 6.25;  // 12.5 / 2
  return std::max(0.0, c + kHalf + side * std::sqrt(kHalf * kHalf + 4 * kHalf * c));
}

// Multiples of 1, 2 or 5 times a power of ten, from 0 to most.
std::vector<double> ticks_to(double most, int about) {
  double step = std::pow(10, std::floor(std::log10(most / about)));
  for (double const times : {2.0, 2.5, 2.0}) {
    if (most / step <= about) break;
    step *= times;
  }
  std::vector<double> out;
  for (int i = 0; i * step <= most; ++i) out.push_back(i * step);
  return out;
}

std::string polyline(std::vector<xy> const& line, char const* style) {
  if (line.empty()) return {};
  std::string out = fmt::format("<polyline fill=\"none\" {} points=\"", style);
  for (xy const& p : line) out += fmt::format("{:.1f},{:.1f} ", p.x, p.y);
  return out + "\"/>";
}

char const* colour_of_geh(double geh) {
  return geh < 3 ? "#1a7f4b" : geh < 5 ? "#8db600" : geh < 10 ? "#e08a00" : "#b3202a";
}

}  // namespace

std::string scatter_svg(std::vector<flow_point> const& points, language l) {
  constexpr double kSize = 440, kLeft = 52, kBottom = 40, kTop = 10;
  double const most = most_of(points) * 1.05;
  auto const x = [&](double v) { return kLeft + v / most * (kSize - kLeft - 10); };
  auto const y = [&](double v) { return kSize - kBottom - v / most * (kSize - kBottom - kTop); };
  std::string out = fmt::format("<svg class=\"plot\" viewBox=\"0 0 {0} {0}\" role=\"img\"><title>{1}</title>\n", kSize,
                                phrase{"Counted and simulated flows", "Fluxos contados e simulados"}.in(l));
  for (double const t : ticks_to(most, 5)) {
    if (t > most) continue;
    out += fmt::format(
        "<path d=\"M{0:.1f} {1:.1f}V{2:.1f}M{3:.1f} {4:.1f}H{5:.1f}\" stroke=\"#e3e8ec\"/><text x=\"{0:.1f}\" "
        "y=\"{6:.1f}\" text-anchor=\"middle\">{7:g}</text><text x=\"{8:.1f}\" y=\"{9:.1f}\" "
        "text-anchor=\"end\">{7:g}</text>\n",
        x(t), y(0), y(most), x(0), y(t), x(most), y(0) + 15, t, x(0) - 5, y(t) + 4);
  }
  for (double const side : {-1.0, 0.0, 1.0}) {
    std::vector<xy> line;
    for (int i = 0; i <= 60; ++i) {
      double const c = most * i / 60, m = side == 0 ? c : geh_five(c, side);
      if (m <= most) line.push_back({x(c), y(m)});
    }
    out += polyline(line, side == 0 ? "stroke=\"#7c8894\"" : "stroke=\"#b9c2ca\" stroke-dasharray=\"4 3\"");
  }
  for (flow_point const& p : points) {
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.2\" {}/>", x(p.observed), y(p.simulated),
        p.held_out ? "fill=\"none\" stroke=\"#c9640f\" stroke-width=\"1.5\"" : "fill=\"#3b74b8\" fill-opacity=\".65\"");
  }
  out += fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text><text "
      "transform=\"translate(12 {:.0f}) rotate(-90)\" text-anchor=\"middle\">{}</text></svg>",
      x(most / 2), kSize - 6, phrase{"counted, veh/h", "contado, veíc./h"}.in(l), y(most / 2),
      phrase{"simulated, veh/h", "simulado, veíc./h"}.in(l));
  return out;
}

std::string series_svg(std::string const& title, std::vector<flow_point> const& of_station, bool with_prior) {
  constexpr double kWidth = 230, kHeight = 130, kLeft = 36, kBottom = 18, kTop = 22;
  double most = most_of(of_station), begin = of_station.front().begin_s, end = of_station.front().end_s;
  for (flow_point const& p : of_station) {
    begin = std::min(begin, p.begin_s);
    end = std::max(end, p.end_s);
    if (with_prior) most = std::max(most, p.prior);
    if (!std::isnan(p.high)) most = std::max(most, p.high);
  }
  most *= 1.08;
  auto const x = [&](double s) { return kLeft + (s - begin) / (end - begin) * (kWidth - kLeft - 8); };
  auto const y = [&](double v) { return kHeight - kBottom - v / most * (kHeight - kBottom - kTop); };
  std::string out =
      fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title><text x=\"6\" y=\"14\">{}</text>\n", kWidth,
                  kHeight, escape_html(title), escape_html(title, 36));
  for (double const t : ticks_to(most, 3)) {
    if (t <= most)
      out += fmt::format(
          "<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke=\"#e3e8ec\"/><text x=\"{:.1f}\" y=\"{:.1f}\" "
          "text-anchor=\"end\">{:g}</text>",
          kLeft, y(t), kWidth - 8, kLeft - 3, y(t) + 4, t);
  }
  out += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{}</text><text x=\"{:.1f}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                     kLeft, kHeight - 4, time_of_day(begin), kWidth - 8, kHeight - 4, time_of_day(end));
  auto const steps = [&](double flow_point::*value, std::string const& style) {
    std::vector<xy> line;
    for (flow_point const& p : of_station) {
      line.push_back({x(p.begin_s), y(p.*value)});
      line.push_back({x(p.end_s), y(p.*value)});
    }
    out += polyline(line, style.c_str());
  };
  for (flow_point const& p : of_station) {
    if (!std::isnan(p.high))
      out += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" fill-opacity=\".25\"/>",
          x(p.begin_s), y(p.high), x(p.end_s) - x(p.begin_s), std::max(0.0, y(p.low) - y(p.high)),
          p.held_out ? "#c9640f" : "#3b74b8");
  }
  if (with_prior) steps(&flow_point::prior, "stroke=\"#98a3ad\" stroke-dasharray=\"4 3\" stroke-width=\"1.5\"");
  steps(&flow_point::observed, "stroke=\"#16202b\" stroke-width=\"1.6\"");
  steps(&flow_point::simulated,
        fmt::format("stroke=\"{}\" stroke-width=\"2\"", of_station.front().held_out ? "#c9640f" : "#3b74b8"));
  return out + "</svg>\n";
}

std::vector<double> mean_geh(std::vector<flow_point> const& points, std::size_t stations) {
  std::vector<scored_count> counts;
  for (flow_point const& p : points) {
    double const h = (p.end_s - p.begin_s) / 3600;
    counts.push_back({p.station, p.begin_s, p.end_s - p.begin_s, p.observed * h, p.simulated * h});
  }
  std::vector<double> sum(stations), hours(stations);
  for (scored_hour const& h : hourly_flows(counts, hourly_basis::kSummed)) {
    sum[h.detector] += geh(h.modelled_veh_per_h, h.observed_veh_per_h);
    hours[h.detector] += 1;
  }
  for (std::size_t i = 0; i < stations; ++i) sum[i] = hours[i] > 0 ? sum[i] / hours[i] : std::nan("");
  return sum;
}

std::string station_map_svg(network const& net, std::vector<count_station> const& stations,
                            std::vector<bool> const& held_out, std::vector<double> const& geh, language l) {
  constexpr double kWidth = 1000;
  double low_x = 1e300, low_y = 1e300, high_x = -1e300, high_y = -1e300;
  std::vector<std::vector<xy>> roads;
  std::vector<std::vector<xy>> shape_of(net.edge_count());
  for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
    if (!net.is_normal(edge_id(e))) continue;
    auto const shape = net.shape(lane_id(net.edges.lanes[edge_id(e)].begin));
    for (auto const& p : shape) {
      shape_of[e].push_back({static_cast<double>(p.x), static_cast<double>(p.y)});
      low_x = std::min(low_x, shape_of[e].back().x);
      low_y = std::min(low_y, shape_of[e].back().y);
      high_x = std::max(high_x, shape_of[e].back().x);
      high_y = std::max(high_y, shape_of[e].back().y);
    }
  }
  double const scale = (kWidth - 40) / std::max(1.0, high_x - low_x), height = scale * (high_y - low_y) + 60;
  auto const on_page = [&](xy p) { return xy{20 + scale * (p.x - low_x), 20 + scale * (high_y - p.y)}; };
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\"><title>{}</title><path "
      "fill=\"none\" stroke=\"#c3ccd4\" stroke-width=\"1\" d=\"",
      kWidth, height, phrase{"Stations on the network", "Postos na rede"}.in(l));
  for (auto& line : shape_of) {
    for (xy& p : line) p = on_page(p);
    if (line.size() > 1) out += path_data(simplify(line, 1));
  }
  out += "\"/>\n";
  for (std::size_t i = 0; i < stations.size(); ++i) {
    auto const& line = shape_of[stations[i].edge.index()];
    if (std::isnan(geh[i]) || line.empty()) continue;
    xy const at = line[line.size() / 2];
    std::string const title = fmt::format("<title>{}: GEH {:.1f}</title>", escape_html(stations[i].name), geh[i]);
    out += held_out[i]
               ? fmt::format(
                     "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"13\" height=\"13\" fill=\"{}\" "
                     "stroke=\"#16202b\">{}</rect>",
                     at.x - 6.5, at.y - 6.5, colour_of_geh(geh[i]), title)
               : fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" fill=\"{}\" stroke=\"#fff\">{}</circle>",
                             at.x, at.y, colour_of_geh(geh[i]), title);
  }
  double at = 20;
  for (auto const& [value, words] : {std::pair(0.0, phrase{"GEH below 3", "GEH abaixo de 3"}),
                                     {4.0, phrase{"3 to 5", "3 a 5"}},
                                     {7.0, phrase{"5 to 10", "5 a 10"}},
                                     {20.0, phrase{"above 10", "acima de 10"}}}) {
    out += fmt::format(
        "<circle cx=\"{:.0f}\" cy=\"{:.0f}\" r=\"6\" fill=\"{}\"/><text x=\"{:.0f}\" y=\"{:.0f}\" "
        "style=\"font-size:15px\">{}</text>",
        at, height - 16, colour_of_geh(value), at + 11, height - 11, words.in(l));
    at += 150;
  }
  return out + "</svg>";
}

}  // namespace gemeo
