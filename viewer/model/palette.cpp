#include "viewer/model/palette.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace gemeo::view {
namespace {

struct triple {
  double a = 0, b = 0, c = 0;
};

double to_linear(std::uint8_t v) {
  double const s = v / 255.0;
  return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
}
std::uint8_t from_linear(double v) {
  double const c = std::clamp(v, 0.0, 1.0);
  double const s = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(std::clamp(s, 0.0, 1.0) * 255));
}

triple to_oklab(colour c) {
  double const r = to_linear(c.r), g = to_linear(c.g), b = to_linear(c.b);
  double const l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  double const m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  double const s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}
colour from_oklab(triple const& t) {
  double const l = std::pow(t.a + 0.3963377774 * t.b + 0.2158037573 * t.c, 3);
  double const m = std::pow(t.a - 0.1055613458 * t.b - 0.0638541728 * t.c, 3);
  double const s = std::pow(t.a - 0.0894841775 * t.b - 1.2914855480 * t.c, 3);
  return {from_linear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          from_linear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          from_linear(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s), 255};
}

triple to_cielab(colour c) {
  double const r = to_linear(c.r), g = to_linear(c.g), b = to_linear(c.b);
  auto const f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  double const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  double const y = f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
  double const z = f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

colour through(colour c, std::array<double, 9> const& m) {
  double const r = to_linear(c.r), g = to_linear(c.g), b = to_linear(c.b);
  return {from_linear(m[0] * r + m[1] * g + m[2] * b), from_linear(m[3] * r + m[4] * g + m[5] * b),
          from_linear(m[6] * r + m[7] * g + m[8] * b), c.a};
}

// From calm to troubled; from empty to busy; from less to more.
constexpr std::array kHeatLight = {rgb(0xa6dccf), rgb(0xd6b548), rgb(0xee8f3a),
                                   rgb(0xcf3f36), rgb(0x84143f), rgb(0x3d0c38)};
constexpr std::array kHeatDark = {rgb(0x1f4d63), rgb(0x6a5aa0), rgb(0xc24a83),
                                  rgb(0xf0714f), rgb(0xfbb24a), rgb(0xfdf3b4)};
constexpr std::array kFlowLight = {rgb(0xc9dfe6), rgb(0x7dbcd6), rgb(0x3d8fc4),
                                   rgb(0x2a5ca8), rgb(0x26307a), rgb(0x1b1145)};
constexpr std::array kFlowDark = {rgb(0x27435c), rgb(0x2b6f93), rgb(0x2f9fae),
                                  rgb(0x5ecdaa), rgb(0xb2ea9f), rgb(0xf8fcc9)};
constexpr std::array kDivergingLight = {rgb(0x0b3a75), rgb(0x2f79b5), rgb(0x8bbcdb), rgb(0xdcdcd8),
                                        rgb(0xe9a66b), rgb(0xc9602a), rgb(0x7a2a08)};
constexpr std::array kDivergingDark = {rgb(0xa9e4ff), rgb(0x57b3ea), rgb(0x36749f), rgb(0x31383f),
                                       rgb(0xa05f2c), rgb(0xf0943c), rgb(0xffd9a0)};

std::span<colour const> stops(palette_kind kind, theme_kind theme) {
  bool const dark = theme == theme_kind::kDark;
  if (kind == palette_kind::kHeat) return dark ? kHeatDark : kHeatLight;
  if (kind == palette_kind::kFlow) return dark ? kFlowDark : kFlowLight;
  return dark ? std::span<colour const>(kDivergingDark) : std::span<colour const>(kDivergingLight);
}

}  // namespace

colour mix(colour a, colour b, double share_of_b) {
  double const t = std::clamp(share_of_b, 0.0, 1.0);
  triple const p = to_oklab(a), q = to_oklab(b);
  colour c = from_oklab({p.a + (q.a - p.a) * t, p.b + (q.b - p.b) * t, p.c + (q.c - p.c) * t});
  c.a = static_cast<std::uint8_t>(std::lround(a.a + (b.a - a.a) * t));
  return c;
}

double lightness(colour c) { return to_cielab(c).a; }

double colour_distance(colour a, colour b) {
  triple const p = to_cielab(a), q = to_cielab(b);
  return std::sqrt((p.a - q.a) * (p.a - q.a) + (p.b - q.b) * (p.b - q.b) + (p.c - q.c) * (p.c - q.c));
}

colour as_deuteranope(colour c) {
  return through(c, {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881});
}
colour as_protanope(colour c) {
  return through(c, {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998});
}

palette::palette(palette_kind kind, theme_kind theme) {
  auto const s = stops(kind, theme);
  for (std::size_t i = 0; i < kSteps; ++i) {
    double const x = static_cast<double>(i) / (kSteps - 1) * static_cast<double>(s.size() - 1);
    std::size_t const k = std::min(static_cast<std::size_t>(x), s.size() - 2);
    steps_[i] = mix(s[k], s[k + 1], x - static_cast<double>(k));
  }
}

colour palette::at(double position) const {
  double const p = std::clamp(std::isfinite(position) ? position : 0.0, 0.0, 1.0);
  return steps_[static_cast<std::size_t>(std::lround(p * (kSteps - 1)))];
}

theme_colours const& colours_of(theme_kind theme) {
  static theme_colours const kLight = {.ground = rgb(0xf3f1ec),
                                       .casing = rgb(0xbdb6a9),
                                       .road = rgb(0xffffff),
                                       .junction = rgb(0xe9e5dc),
                                       .footway = rgb(0xdfd9ce),
                                       .closed = rgb(0x1f2530),
                                       .halo = rgb(0xf8f6f2),
                                       .label = rgb(0x3a3f47),
                                       .label_road = rgb(0x555b63),
                                       .card = rgb(0xffffff, 242),
                                       .card_border = rgb(0xd9d4ca),
                                       .text = rgb(0x1f2530),
                                       .text_soft = rgb(0x687080),
                                       .accent = rgb(0x1f5fa8),
                                       .track = rgb(0xe6e2da),
                                       .vehicle = rgb(0x1f2530),
                                       .vehicle_rim = rgb(0xffffff),
                                       .selection = rgb(0x1464d2),
                                       .hover = rgb(0x1464d2, 150)};
  static theme_colours const kDark = {.ground = rgb(0x10151c),
                                      .casing = rgb(0x05080c),
                                      .road = rgb(0x2b343f),
                                      .junction = rgb(0x232b35),
                                      .footway = rgb(0x1c232c),
                                      .closed = rgb(0xf5f8fb),
                                      .halo = rgb(0x10151c),
                                      .label = rgb(0xd7dde5),
                                      .label_road = rgb(0xaeb7c2),
                                      .card = rgb(0x19212b, 240),
                                      .card_border = rgb(0x2e3945),
                                      .text = rgb(0xe8edf3),
                                      .text_soft = rgb(0x93a0af),
                                      .accent = rgb(0x5cb3ff),
                                      .track = rgb(0x28323d),
                                      .vehicle = rgb(0xf5f8fb),
                                      .vehicle_rim = rgb(0x0a0e13),
                                      .selection = rgb(0x6fc3ff),
                                      .hover = rgb(0x6fc3ff, 150)};
  return theme == theme_kind::kDark ? kDark : kLight;
}

}  // namespace gemeo::view
