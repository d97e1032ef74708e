// Colour scales. Every sequential scale is monotone in lightness and every diverging one monotone on either side of its
// middle, so that it can be read without seeing red and green apart; mixed in OKLab (Ottosson 2020).
// On a dark ground what matters is light, on a light ground it is dark. Plain values; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gemeo::view {

struct colour {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  friend bool operator==(colour const&, colour const&) = default;
};

constexpr colour rgb(std::uint32_t hex, std::uint8_t alpha = 255) {
  return {static_cast<std::uint8_t>(hex >> 16U), static_cast<std::uint8_t>(hex >> 8U & 255U),
          static_cast<std::uint8_t>(hex & 255U), alpha};
}
constexpr colour with_alpha(colour c, std::uint8_t alpha) { return {c.r, c.g, c.b, alpha}; }

enum class theme_kind : std::uint8_t { kLight, kDark };
enum class palette_kind : std::uint8_t { kHeat, kFlow, kDiverging };  // troubled last, busy last, better-same-worse

class palette {
 public:
  palette(palette_kind kind, theme_kind theme);
  // position in [0, 1], clamped.
  [[nodiscard]] colour at(double position) const;
  static constexpr std::size_t kSteps = 256;
  [[nodiscard]] std::array<colour, kSteps> const& steps() const { return steps_; }

 private:
  std::array<colour, kSteps> steps_{};
};

colour mix(colour a, colour b, double share_of_b);  // in OKLab
double lightness(colour c);                         // CIE L*, 0..100
double colour_distance(colour a, colour b);         // CIE 1976 delta E
// How a person without green (deuteranopia) or red (protanopia) receptors sees it (Machado et al. 2009, severity 1).
colour as_deuteranope(colour c);
colour as_protanope(colour c);

// The colours of everything that is not data.
struct theme_colours {
  colour ground, casing, road, junction, footway, closed, halo, label, label_road;  // the map
  colour card, card_border, text, text_soft, accent, track, vehicle, vehicle_rim, selection, hover;
};
theme_colours const& colours_of(theme_kind theme);

}  // namespace gemeo::view
