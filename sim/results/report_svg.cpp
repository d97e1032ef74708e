#include "sim/results/report_svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gemeo {
namespace {

struct decoded {
  std::uint32_t code = 0xfffd;
  std::size_t bytes = 1;
  bool valid = false;
};

decoded decode(std::string_view s) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  std::uint8_t const first = byte(0);
  if (first < 0x80) return {first, 1, true};
  std::size_t const n = first >= 0xf0 && first < 0xf5   ? 4
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xc2 && first < 0xe0 ? 2
                                                        : 0;
  if (n == 0 || s.size() < n) return {};
  std::uint32_t code = first & (0xffU >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  bool const overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, n, true};
}

bool is_harmful(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe0fff) || (c & 0xfffeU) == 0xfffeU;
}

std::string clean(std::string_view text, std::size_t max_bytes, bool keep_line_ends) {
  std::string out;
  while (!text.empty()) {
    decoded const d = decode(text);
    bool const line_end = keep_line_ends && (d.code == '\n' || d.code == '\t');
    std::string_view const piece = text.substr(0, d.bytes);
    text.remove_prefix(d.bytes);
    if (out.size() + piece.size() > max_bytes) {
      out += "\xe2\x80\xa6";
      break;
    }
    if (!d.valid) {
      out += "\xef\xbf\xbd";
    } else if (line_end || !is_harmful(d.code)) {
      out += piece;
    } else if (d.code < 0x20) {
      out += ' ';
    }
  }
  return out;
}

std::string escape(std::string const& text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

double distance_to(xy p, xy a, xy b) {
  double const dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  double const t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t max_bytes) { return clean(text, max_bytes, false); }
std::string escape_html(std::string_view text, std::size_t max_bytes) { return escape(clean(text, max_bytes, false)); }
std::string escape_long(std::string_view text) { return escape(clean(text, 200000, true)); }

std::vector<xy> simplify(std::vector<xy> const& line, double tolerance) {
  if (line.size() < 3) return line;
  std::vector<bool> keep(line.size(), false);
  keep.front() = keep.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> open{{0, line.size() - 1}};
  while (!open.empty()) {
    auto const [a, b] = open.back();
    open.pop_back();
    double worst = tolerance;
    std::size_t at = 0;
    for (std::size_t i = a + 1; i < b; ++i) {
      if (double const d = distance_to(line[i], line[a], line[b]); d > worst) {
        worst = d;
        at = i;
      }
    }
    if (at == 0) continue;
    keep[at] = true;
    open.emplace_back(a, at);
    open.emplace_back(at, b);
  }
  std::vector<xy> out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (keep[i]) out.push_back(line[i]);
  }
  return out;
}

std::vector<xy> move_right(std::vector<xy> const& line, double distance) {
  std::vector<xy> distinct;
  for (xy const p : line) {
    if (distinct.empty() || std::hypot(p.x - distinct.back().x, p.y - distinct.back().y) > 1e-6) distinct.push_back(p);
  }
  if (distinct.size() < 2) return distinct;
  auto const normal = [&](std::size_t i) {  // of the segment that begins at i, to its right with y downwards
    double const dx = distinct[i + 1].x - distinct[i].x, dy = distinct[i + 1].y - distinct[i].y, n = std::hypot(dx, dy);
    return xy{-dy / n, dx / n};
  };
  std::vector<xy> out;
  for (std::size_t i = 0; i < distinct.size(); ++i) {
    xy const before = normal(i > 0 ? i - 1 : 0), after = normal(std::min(i, distinct.size() - 2));
    xy sum{before.x + after.x, before.y + after.y};
    double const size2 = sum.x * sum.x + sum.y * sum.y;  // 4 when straight, near 0 at a hairpin
    double const mitre = size2 > 1 ? 2 / size2 : 0.5;
    out.push_back({distinct[i].x + distance * mitre * sum.x, distinct[i].y + distance * mitre * sum.y});
  }
  return out;
}

std::string path_data(std::vector<xy> const& line) {
  std::string out;
  long x = 0, y = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    long const nx = std::lround(line[i].x), ny = std::lround(line[i].y);
    if (i == 0) {
      out += fmt::format("M{} {}", nx, ny);
    } else if (nx != x || ny != y || (i + 1 == line.size() && out.find('l') == std::string::npos)) {
      bool const first = out.find('l') == std::string::npos;
      out += fmt::format("{}{}{}{}", first ? "l" : (nx - x < 0 ? "" : " "), nx - x, ny - y < 0 ? "" : " ", ny - y);
    }
    x = nx;
    y = ny;
  }
  return out;
}

std::array<xy, 4> turned_box::corners() const {
  double const c = std::cos(angle_rad), s = std::sin(angle_rad), w = width / 2, h = height / 2;
  auto const at = [&](double u, double v) { return xy{x + u * c - v * s, y + u * s + v * c}; };
  return {at(-w, -h), at(w, -h), at(w, h), at(-w, h)};
}

bool turned_box::overlaps(turned_box const& other) const {
  std::array<xy, 4> const a = corners(), b = other.corners();
  for (double const angle : {angle_rad, angle_rad + M_PI / 2, other.angle_rad, other.angle_rad + M_PI / 2}) {
    double const c = std::cos(angle), s = std::sin(angle);
    auto const span = [&](std::array<xy, 4> const& box) {
      double low = 1e300, high = -1e300;
      for (xy const p : box) {
        double const v = p.x * c + p.y * s;
        low = std::min(low, v);
        high = std::max(high, v);
      }
      return std::pair(low, high);
    };
    auto const [a_low, a_high] = span(a);
    auto const [b_low, b_high] = span(b);
    if (a_high < b_low || b_high < a_low) return false;
  }
  return true;
}

double text_width(std::string_view text) {
  double width = 0;
  while (!text.empty()) {
    decoded const d = decode(text);
    text.remove_prefix(d.bytes);
    bool const narrow = d.code < 0x80 && std::string_view("iljtfrI.,:;'|!()[] ").find(static_cast<char>(d.code)) !=
                                             std::string_view::npos;
    bool const wide =
        d.code < 0x80 && std::string_view("mwMWQOGDCHNU@%").find(static_cast<char>(d.code)) != std::string_view::npos;
    width += narrow ? 0.33 : wide ? 0.78 : d.code >= 0x1100 ? 1.0 : 0.56;
  }
  return width;
}

}  // namespace gemeo
