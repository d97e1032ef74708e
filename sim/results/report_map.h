// Maps of a comparison as SVG: roads drawn once (simplified, moved to their side of the road, as wide as their traffic)
// and painted by class; scale bar, north arrow, road names that do not overlap. Two sets of letters: for wide and
// narrow screens. Units: an SVG user space kMapWidth wide. Thread rule: plain values and functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/results/compare.h"
#include "sim/results/report_svg.h"
#include "sim/results/report_words.h"

namespace gemeo {

inline constexpr double kMapWidth = 10000;

struct map_limits {
  std::size_t max_bytes = 600000;  // of one map's paths; simplification grows until they fit
  std::size_t max_titles = 6000;   // more roads than this have no tooltips
};

struct map_road {
  edge_id edge;
  std::string path;
  std::uint8_t width_class = 0;
};

struct map_label {
  std::string text;
  turned_box box;
  double size = 0;
};

struct network_map {
  double height = 0, units_per_m = 1;
  std::vector<map_road> roads;      // thin ones first
  std::vector<double> widths;       // of the classes, in units
  std::vector<double> width_flows;  // veh/h at the classes' upper ends
  std::vector<map_label> wide, narrow;
  std::string furniture_wide, furniture_narrow;  // scale bar and north arrow
  [[nodiscard]] bool empty() const { return roads.empty(); }
};

network_map make_map(comparison const& c, map_limits const& limits = {});

// Colour class of an edge: lower ones are drawn first.
using painter = std::function<int(edge_id)>;
// The roads as a <symbol>, defined once and used by the page of either language: class names are "k" + the painter's
// class. tooltip is text, not markup; it may be null. Roads that are marked get dots on top (class k8).
std::string map_symbol(network_map const& m, std::string const& id, painter const& paint,
                       std::function<std::string(edge_id)> const& tooltip, std::function<bool(edge_id)> const& marked);
// Road names, scale bar and north arrow, as a <symbol>.
std::string letters_symbol(network_map const& m, std::string const& id);
// One <svg> of both symbols; title and description are text.
std::string map_svg(network_map const& m, std::string const& id, std::string const& roads_symbol,
                    std::string const& letters, std::string const& title, std::string const& description);

// Limits of a diverging scale of three steps a side: round numbers, the last near the 98th percentile of |values|.
std::vector<double> diverging_steps(std::vector<double> magnitudes);
double round_number(double v);  // down to 1, 2, 2.5 or 5 times a power of ten

}  // namespace gemeo
