#include "sim/results/report_map.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_map>

namespace gemeo {
namespace {

constexpr double kMargin = 250, kMaxHeight = 11000, kMinHeight = 4500;
constexpr double kThinnest = 9, kWidest = 75;
constexpr std::size_t kWidthClasses = 6;
constexpr double kFirstTolerance = 7;

struct frame_of_map {
  double min_x = 0, max_y = 0, scale = 1, shift_x = 0, shift_y = 0;
  [[nodiscard]] xy at(point const& p) const {
    return {(static_cast<double>(p.x) - min_x) * scale + shift_x, (max_y - static_cast<double>(p.y)) * scale + shift_y};
  }
};

bool usable(point const& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

double flow_of(comparison const& c, edge_id e) {
  if (c.edges.empty()) return 0;
  paired_estimate const& f = c.edges[e.index()].flow_veh_per_h;
  double const most = std::max(f.base, f.other);
  return std::isfinite(most) ? most : 0;
}

// Where the roads with traffic lie, with a border; all roads when nothing has traffic.
frame_of_map fit(comparison const& c, std::vector<edge_id> const& drawn, double& height) {
  double min_x = 1e300, max_x = -1e300, min_y = 1e300, max_y = -1e300;
  for (edge_id const e : drawn) {
    for (std::uint32_t i = c.net.shape[e].begin; i < c.net.shape[e].end; ++i) {
      point const& p = c.net.points[i];
      min_x = std::min<double>(min_x, p.x);
      max_x = std::max<double>(max_x, p.x);
      min_y = std::min<double>(min_y, p.y);
      max_y = std::max<double>(max_y, p.y);
    }
  }
  double const w = std::max(1.0, max_x - min_x), h = std::max(1.0, max_y - min_y);
  frame_of_map f;
  f.min_x = min_x;
  f.max_y = max_y;
  f.scale = std::min((kMapWidth - 2 * kMargin) / w, (kMaxHeight - 2 * kMargin) / h);
  height = std::max(kMinHeight, h * f.scale + 2 * kMargin);
  f.shift_x = (kMapWidth - w * f.scale) / 2;
  f.shift_y = (height - h * f.scale) / 2;
  return f;
}

std::vector<xy> line_of(comparison const& c, frame_of_map const& f, edge_id e) {
  std::vector<xy> line;
  for (std::uint32_t i = c.net.shape[e].begin; i < c.net.shape[e].end; ++i) line.push_back(f.at(c.net.points[i]));
  return line;
}

std::size_t width_class(double flow, double top) {
  if (!(flow > 0) || !(top > 0)) return 0;
  double const share = std::min(1.0, std::sqrt(flow / top));
  return 1 + std::min(kWidthClasses - 2, static_cast<std::size_t>(share * (kWidthClasses - 1)));
}

void draw_roads(comparison const& c, frame_of_map const& f, std::vector<edge_id> const& drawn, double tolerance,
                network_map& m) {
  double const top = m.width_flows.back();
  m.roads.clear();
  for (edge_id const e : drawn) {
    std::size_t const w = width_class(flow_of(c, e), top);
    double const side = c.net.left_hand ? -1 : 1;
    auto const line = move_right(simplify(line_of(c, f, e), tolerance), side * (m.widths[w] / 2 + 2));
    if (line.size() >= 2) m.roads.push_back({e, path_data(line), static_cast<std::uint8_t>(w)});
  }
  std::stable_sort(m.roads.begin(), m.roads.end(),
                   [](map_road const& a, map_road const& b) { return a.width_class < b.width_class; });
}

std::size_t bytes_of(network_map const& m) {
  std::size_t sum = 0;
  for (map_road const& r : m.roads) sum += r.path.size() + 8;
  return sum;
}

// ---- names
// ---------------------------------------------------------------------------------------------------------------

struct named_road {
  std::string name;
  std::vector<xy> points;  // along its edges, a point every few units
  double weight = 0;
};

std::vector<named_road> roads_with_names(comparison const& c, frame_of_map const& f,
                                         std::vector<edge_id> const& drawn) {
  std::unordered_map<std::string, std::size_t> index;
  std::vector<named_road> roads;
  for (edge_id const e : drawn) {
    std::string const& name = c.net.road_name[e];
    if (name.empty()) continue;
    auto const [at, fresh] = index.emplace(name, roads.size());
    if (fresh) roads.push_back({clean_text(name, 60), {}, 0});
    named_road& r = roads[at->second];
    double const length = c.net.length_m[e];
    r.weight += (flow_of(c, e) + 1) * length;
    auto const line = line_of(c, f, e);
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      double const d = std::hypot(line[i + 1].x - line[i].x, line[i + 1].y - line[i].y);
      int const steps = std::max(1, static_cast<int>(d / 60));
      for (int k = 0; k < steps; ++k) {
        double const t = static_cast<double>(k) / steps;
        r.points.push_back({line[i].x + t * (line[i + 1].x - line[i].x), line[i].y + t * (line[i + 1].y - line[i].y)});
      }
    }
  }
  std::sort(roads.begin(), roads.end(), [](named_road const& a, named_road const& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.name < b.name;
  });
  return roads;
}

struct placement {
  turned_box box;
  double badness = 1e300;
};

// A label beside the road around one of its points: along the main direction of what of the road lies under the label.
placement place_at(named_road const& road, xy centre, double size, double width) {
  double sx = 0, sy = 0, n = 0;
  std::vector<xy> near;
  for (xy const p : road.points) {
    if (std::hypot(p.x - centre.x, p.y - centre.y) > width * 0.55) continue;
    near.push_back(p);
    sx += p.x;
    sy += p.y;
    ++n;
  }
  if (near.size() < 3) return {};
  xy const mean{sx / n, sy / n};
  double xx = 0, xy_ = 0, yy = 0;
  for (xy const p : near) {
    xx += (p.x - mean.x) * (p.x - mean.x);
    xy_ += (p.x - mean.x) * (p.y - mean.y);
    yy += (p.y - mean.y) * (p.y - mean.y);
  }
  double angle = 0.5 * std::atan2(2 * xy_, xx - yy);
  if (angle > M_PI / 2) angle -= M_PI;
  if (angle < -M_PI / 2) angle += M_PI;
  double const c = std::cos(angle), s = std::sin(angle);
  double low = 0, high = 0, bend = 0, top = 0;
  for (xy const p : near) {
    double const along = (p.x - mean.x) * c + (p.y - mean.y) * s, across = -(p.x - mean.x) * s + (p.y - mean.y) * c;
    low = std::min(low, along);
    high = std::max(high, along);
    bend += across * across;
    top = std::min(top, across);
  }
  bend = std::sqrt(bend / n);
  double const lift = size * 0.75 - std::max(top, -size * 1.5);  // clear of the line, on its upper side
  placement out;
  out.box = {mean.x + lift * s, mean.y - lift * c, width, size * 1.1, angle};
  double const uncovered = std::max(0.0, width - (high - low));
  out.badness = bend / size * 2 + uncovered / width * 3 + std::abs(angle) * 0.3;
  return out;
}

bool inside(turned_box const& b, double height) {
  auto const all = b.corners();
  return std::all_of(all.begin(), all.end(),
                     [&](xy p) { return p.x > 60 && p.x < kMapWidth - 60 && p.y > 60 && p.y < height - 60; });
}

std::vector<map_label> place_labels(std::vector<named_road> const& roads, double size, std::size_t most, double height,
                                    std::vector<turned_box> taken) {
  std::vector<map_label> labels;
  constexpr std::size_t kCandidates = 40, kRoadsTried = 80;
  for (std::size_t r = 0; r < std::min(roads.size(), kRoadsTried) && labels.size() < most; ++r) {
    named_road const& road = roads[r];
    double const width = text_width(road.name) * size + size * 0.4;
    if (road.points.empty() || width > kMapWidth * 0.6) continue;
    placement best;
    std::size_t const step = std::max<std::size_t>(1, road.points.size() / kCandidates);
    for (std::size_t i = 0; i < road.points.size(); i += step) {
      placement const p = place_at(road, road.points[i], size, width);
      if (p.badness >= best.badness || !inside(p.box, height)) continue;
      turned_box wider = p.box;
      wider.width += size;
      wider.height += size * 0.3;
      if (std::none_of(taken.begin(), taken.end(), [&](turned_box const& t) { return t.overlaps(wider); })) best = p;
    }
    if (best.badness > 4) continue;
    taken.push_back(best.box);
    labels.push_back({road.name, best.box, size});
  }
  return labels;
}

// ---- scale bar and north arrow
// ---------------------------------------------------------------------------------------------

struct corner {
  double x = 0, y = 0;  // centre of the furniture's box
};

corner emptiest_corner(comparison const& c, frame_of_map const& f, std::vector<edge_id> const& drawn, double w,
                       double h, double height) {
  corner const corners[] = {{kMapWidth - w / 2 - 100, height - h / 2 - 100},
                            {w / 2 + 100, height - h / 2 - 100},
                            {w / 2 + 100, h / 2 + 100},
                            {kMapWidth - w / 2 - 100, h / 2 + 100}};
  std::size_t inside_[4] = {0, 0, 0, 0};
  for (edge_id const e : drawn) {
    for (xy const p : line_of(c, f, e)) {
      for (std::size_t k = 0; k < 4; ++k) {
        if (std::abs(p.x - corners[k].x) < w / 2 && std::abs(p.y - corners[k].y) < h / 2) ++inside_[k];
      }
    }
  }
  return corners[std::min_element(std::begin(inside_), std::end(inside_)) - std::begin(inside_)];
}

std::string furniture(double units_per_m, corner at, double w, double h, double size) {
  double const metres = round_number((w - 2.2 * size) / units_per_m), bar = metres * units_per_m;
  std::string const text = metres >= 1000 ? fmt::format("{:g} km", metres / 1000) : fmt::format("{:g} m", metres);
  double const left = at.x - w / 2, bottom = at.y + h / 2 - size * 0.4, n = at.x + w / 2 - size * 0.8;
  return fmt::format(
      "<g class=\"fu\"><path d=\"M{:.0f} {:.0f}v{:.0f}h{:.0f}v{:.0f}\"/><text x=\"{:.0f}\" y=\"{:.0f}\" "
      "font-size=\"{:.0f}\" "
      "text-anchor=\"middle\">{}</text><path class=\"na\" d=\"M{:.0f} {:.0f}l{:.0f} {:.0f}l{:.0f} {:.0f}l{:.0f} "
      "{:.0f}z\"/>"
      "<text x=\"{:.0f}\" y=\"{:.0f}\" font-size=\"{:.0f}\" text-anchor=\"middle\">N</text></g>",
      left, bottom - size * 0.4, size * 0.4, bar, -size * 0.4, left + bar / 2, bottom - size * 0.7, size, text, n,
      at.y - h / 2 + size * 1.1, size * 0.5, size * 1.5, -size * 0.5, -size * 0.4, -size * 0.5, size * 0.4, n,
      at.y - h / 2 + size * 0.9, size);
}

void add_letters(comparison const& c, frame_of_map const& f, std::vector<edge_id> const& drawn, network_map& m) {
  auto const roads = roads_with_names(c, f, drawn);
  struct set {
    double size;
    std::size_t most;
    std::vector<map_label> network_map::*labels;
    std::string network_map::*text;
  };
  for (set const& s : {set{135, 26, &network_map::wide, &network_map::furniture_wide},
                       set{340, 8, &network_map::narrow, &network_map::furniture_narrow}}) {
    double const w = s.size * 12, h = s.size * 3.2;
    corner const at = emptiest_corner(c, f, drawn, w, h, m.height);
    m.*s.text = furniture(f.scale, at, w, h, s.size);
    m.*s.labels = place_labels(roads, s.size, s.most, m.height, {{at.x, at.y, w, h, 0}});
  }
}

}  // namespace

double round_number(double v) {
  if (!(v > 0)) return 0;
  double const power = std::pow(10, std::floor(std::log10(v) + 1e-9)), lead = v / power;
  return power * (lead >= 5 - 1e-9 ? 5 : lead >= 2.5 - 1e-9 ? 2.5 : lead >= 2 - 1e-9 ? 2 : 1);
}

std::vector<double> diverging_steps(std::vector<double> magnitudes) {
  magnitudes.erase(std::remove_if(magnitudes.begin(), magnitudes.end(), [](double v) { return !(v > 0); }),
                   magnitudes.end());
  if (magnitudes.empty()) return {};
  std::sort(magnitudes.begin(), magnitudes.end());
  double const top = magnitudes[(magnitudes.size() - 1) * 98 / 100];
  double const high = round_number(top * 0.6);
  return {round_number(high / 8), round_number(high / 2.6), high};
}

network_map make_map(comparison const& c, map_limits const& limits) {
  network_map m;
  std::vector<edge_id> drawn;
  std::vector<double> flows;
  for (std::size_t i = 0; i < c.net.name.size(); ++i) {
    edge_id const e(i);
    range const s = c.net.shape[e];
    if (c.net.function[e] != 0 || s.size() < 2) continue;
    if (!std::all_of(c.net.points.begin() + s.begin, c.net.points.begin() + s.end, usable)) continue;
    drawn.push_back(e);
    flows.push_back(flow_of(c, e));
  }
  if (drawn.empty()) return m;
  frame_of_map const f = fit(c, drawn, m.height);
  m.units_per_m = f.scale;
  std::sort(flows.begin(), flows.end());
  double const top = std::max(flows[(flows.size() - 1) * 99 / 100], 1.0);
  for (std::size_t k = 0; k < kWidthClasses; ++k) {
    double const share = static_cast<double>(k) / (kWidthClasses - 1);
    m.widths.push_back(kThinnest + (kWidest - kThinnest) * share);
    m.width_flows.push_back(top * share * share);
  }
  // A page that loads on a phone: coarser lines first, then the roads with least traffic go.
  double tolerance = kFirstTolerance;
  draw_roads(c, f, drawn, tolerance, m);
  while (bytes_of(m) > limits.max_bytes && tolerance < 60) draw_roads(c, f, drawn, tolerance *= 2, m);
  if (bytes_of(m) > limits.max_bytes) {
    auto const weight = [&](edge_id e) { return std::pair(flow_of(c, e), static_cast<double>(c.net.length_m[e])); };
    std::stable_sort(drawn.begin(), drawn.end(), [&](edge_id a, edge_id b) { return weight(a) > weight(b); });
    while (bytes_of(m) > limits.max_bytes && drawn.size() > 100) {
      drawn.resize(drawn.size() * 3 / 4);
      draw_roads(c, f, drawn, tolerance, m);
    }
  }
  add_letters(c, f, drawn, m);
  return m;
}

namespace {

std::string label_svg(map_label const& l) {
  double const degrees = l.box.angle_rad * 180 / M_PI;
  return fmt::format(
      "<text transform=\"translate({:.0f} {:.0f})rotate({:.1f})\" y=\"{:.0f}\" font-size=\"{:.0f}\">{}</text>", l.box.x,
      l.box.y, degrees, l.size * 0.35, l.size, escape_html(l.text));
}

std::string labels_svg(std::vector<map_label> const& labels, std::string const& furniture, char const* cls) {
  std::string out = fmt::format("<g class=\"lb {}\" aria-hidden=\"true\">", cls);
  for (map_label const& l : labels) out += label_svg(l);
  return out + furniture + "</g>";
}

}  // namespace

std::string map_symbol(network_map const& m, std::string const& id, painter const& paint,
                       std::function<std::string(edge_id)> const& tooltip, std::function<bool(edge_id)> const& marked) {
  // Pale colours (20 and more) lie over grey and under full ones.
  std::map<std::tuple<int, int, int>, std::vector<map_road const*>> groups;  // by layer, colour, width
  for (map_road const& r : m.roads) {
    int const colour = paint(r.edge);
    groups[{colour >= 20 ? 0 : colour, colour, r.width_class}].push_back(&r);
  }
  std::string out = fmt::format("<symbol id=\"{}\" viewBox=\"0 0 {:.0f} {:.0f}\">", id, kMapWidth, m.height);
  for (auto const& [key, roads] : groups) {
    out += fmt::format("<g class=\"rd k{}\" stroke-width=\"{:.0f}\">", std::get<1>(key),
                       m.widths[static_cast<std::size_t>(std::get<2>(key))]);
    std::string quiet;  // those without a tooltip share one path
    for (map_road const* r : roads) {
      std::string const tip = tooltip == nullptr ? "" : tooltip(r->edge);
      if (tip.empty()) {
        quiet += r->path;
      } else {
        out += "<path d=\"" + r->path + "\"><title>" + escape_html(tip) + "</title></path>";
      }
    }
    if (!quiet.empty()) out += "<path d=\"" + quiet + "\"/>";
    out += "</g>";
  }
  std::string dots;
  for (map_road const& r : m.roads) dots += marked(r.edge) ? r.path : "";
  if (!dots.empty()) out += "<path class=\"rd k8\" d=\"" + dots + "\"/>";
  return out + "</symbol>\n";
}

std::string letters_symbol(network_map const& m, std::string const& id) {
  return fmt::format("<symbol id=\"{}\" viewBox=\"0 0 {:.0f} {:.0f}\">", id, kMapWidth, m.height) +
         labels_svg(m.wide, m.furniture_wide, "wide") + labels_svg(m.narrow, m.furniture_narrow, "narrow") +
         "</symbol>\n";
}

std::string map_svg(network_map const& m, std::string const& id, std::string const& roads_symbol,
                    std::string const& letters, std::string const& title, std::string const& description) {
  return fmt::format(
      "<svg class=\"map\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-labelledby=\"{}t {}d\"><title "
      "id=\"{}t\">{}</title>"
      "<desc id=\"{}d\">{}</desc><use href=\"#{}\"/><use href=\"#{}\"/></svg>\n",
      kMapWidth, m.height, id, id, id, escape_html(title), id, escape_html(description, 2000), roads_symbol, letters);
}

}  // namespace gemeo
