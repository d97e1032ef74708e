#include "viewer/model/palette.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace gemeo::view;

namespace {
constexpr theme_kind kThemes[] = {theme_kind::kLight, theme_kind::kDark};
}

TEST_CASE(
    "palette: sequential scales change their lightness in one direction only, trouble standing out from the ground") {
  for (theme_kind const theme : kThemes) {
    for (palette_kind const kind : {palette_kind::kHeat, palette_kind::kFlow}) {
      palette const p(kind, theme);
      bool const darker = theme == theme_kind::kLight;
      for (std::size_t i = 1; i < palette::kSteps; ++i) {
        double const change = lightness(p.steps()[i]) - lightness(p.steps()[i - 1]);
        INFO("step " << i << " of palette " << static_cast<int>(kind) << " in theme " << static_cast<int>(theme));
        CHECK((darker ? -change : change) > -0.25);  // 8-bit colours round
      }
      double const range = std::abs(lightness(p.at(1)) - lightness(p.at(0)));
      CHECK(range > 50);
      double const ground = lightness(colours_of(theme).ground);
      CHECK(std::abs(lightness(p.at(1)) - ground) > std::abs(lightness(p.at(0)) - ground) + 40);
    }
  }
}

TEST_CASE("palette: equal steps of value are nearly equal steps of lightness") {
  for (theme_kind const theme : kThemes) {
    for (palette_kind const kind : {palette_kind::kHeat, palette_kind::kFlow}) {
      palette const p(kind, theme);
      double const whole = std::abs(lightness(p.at(1)) - lightness(p.at(0)));
      for (int i = 0; i < 5; ++i) {
        double const step = std::abs(lightness(p.at((i + 1) / 5.0)) - lightness(p.at(i / 5.0))) / whole;
        INFO("fifth " << i << ", palette " << static_cast<int>(kind) << ", theme " << static_cast<int>(theme));
        CHECK(step > 0.06);
        CHECK(step < 0.40);
      }
    }
  }
}

TEST_CASE("palette: a difference of nothing is near the ground, more and less mirror each other in lightness") {
  for (theme_kind const theme : kThemes) {
    palette const p(palette_kind::kDiverging, theme);
    double const ground = lightness(colours_of(theme).ground);
    double before = std::abs(lightness(p.at(0.5)) - ground);
    CHECK(before < 18);
    for (double d = 0.1; d <= 0.5; d += 0.1) {
      double const less = std::abs(lightness(p.at(0.5 - d)) - ground),
                   more = std::abs(lightness(p.at(0.5 + d)) - ground);
      CHECK(less > before);
      CHECK(more > before);
      CHECK(std::abs(less - more) < 16);
      before = std::min(less, more);
    }
  }
}

TEST_CASE("palette: five classes stay apart for people who do not see red or green") {
  for (theme_kind const theme : kThemes) {
    for (palette_kind const kind : {palette_kind::kHeat, palette_kind::kFlow, palette_kind::kDiverging}) {
      palette const p(kind, theme);
      for (auto const sees : {as_deuteranope, as_protanope}) {
        for (int i = 0; i < 5; ++i) {
          for (int j = 0; j < i; ++j) {
            INFO("palette " << static_cast<int>(kind) << ", theme " << static_cast<int>(theme) << ", " << i << " and "
                            << j);
            CHECK(colour_distance(sees(p.at(i / 4.0)), sees(p.at(j / 4.0))) > 12);
          }
        }
      }
    }
  }
}

TEST_CASE("palette: places outside the scale and values that are no numbers take the ends") {
  palette const p(palette_kind::kHeat, theme_kind::kLight);
  CHECK(p.at(-3) == p.at(0));
  CHECK(p.at(7) == p.at(1));
  CHECK(p.at(std::nan("")) == p.at(0));
}

TEST_CASE("palette: text is readable on its card") {
  for (theme_kind const theme : kThemes) {
    theme_colours const& t = colours_of(theme);
    CHECK(std::abs(lightness(t.text) - lightness(t.card)) > 70);
    CHECK(std::abs(lightness(t.text_soft) - lightness(t.card)) > 40);
    CHECK(std::abs(lightness(t.label) - lightness(t.halo)) > 60);
  }
}
