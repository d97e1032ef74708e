// Charts of a comparison as SVG: a day's course of both sides with bands and of their paired difference below; and how
// many travellers gain or lose how much. Readable at the width of a phone. Thread rule: plain functions.
#pragma once

#include <string>
#include <vector>

#include "sim/results/compare.h"
#include "sim/results/report_words.h"

namespace gemeo {

struct day_chart {
  std::string id, title, unit;       // title and unit are text, not markup
  double factor = 1;                 // from the series' unit to `unit`
  std::vector<series_point> points;  // ascending in time
  std::string base_label, other_label;
};

// Upper panel: base (dashed) and other with their own 95 % bands; lower: the paired difference with its band.
std::string day_chart_svg(day_chart const& c, language l);

// Shares of travellers by change of travel time; the middle (less than a minute) is said in the text, not drawn.
std::string change_chart_svg(std::string const& id, traveller_values const& v, language l);

// Ticks of an axis: round steps that cover [low, high], at most about `most` of them.
std::vector<double> axis_ticks(double low, double high, int most);

}  // namespace gemeo
