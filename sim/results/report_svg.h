// Text and numbers for HTML and SVG, and the geometry that both need: hostile names made harmless, lines simplified and
// moved aside, boxes that may not overlap.
// Units: map units of an SVG user space. Thread rule: plain functions.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

// Valid UTF-8 without control characters or those that turn the direction of text; at most max_bytes, ended by "…".
std::string clean_text(std::string_view text, std::size_t max_bytes = 400);
// clean_text, then & < > " ' as references: safe between tags and in quoted attributes.
std::string escape_html(std::string_view text, std::size_t max_bytes = 400);
std::string escape_long(std::string_view text);  // keeps line ends; for <pre>

struct xy {
  double x = 0, y = 0;
};

// Douglas-Peucker; keeps both ends.
std::vector<xy> simplify(std::vector<xy> const& line, double tolerance);
// The line moved to its right (y grows downwards) by distance, with mitred corners.
std::vector<xy> move_right(std::vector<xy> const& line, double distance);
// "M12 34l5 -6 7 8": whole units, relative, as short as it gets.
std::string path_data(std::vector<xy> const& line);

struct turned_box {  // a rectangle around (x, y), turned by angle_rad
  double x = 0, y = 0, width = 0, height = 0, angle_rad = 0;

  [[nodiscard]] std::array<xy, 4> corners() const;
  [[nodiscard]] bool overlaps(turned_box const& other) const;  // separating axes
};

// The width of text in a plain sans-serif face, in units of the font's size.
double text_width(std::string_view text);

}  // namespace gemeo
