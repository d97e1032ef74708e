#include "tests/ui/picture.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/tiny_network.h"
#include "tests/ui/synthetic_result.h"
#include "viewer/model/view_state.h"

using namespace gemeo;
using view::colour;
using view::colour_distance;

namespace {

// A cross of four roads. East is free, west is slow, north has no traffic, south is jammed.
//        B
//        |
//     D--A--C
//        |
//        E
struct cross {
  test::tiny_network t{"    B\n    |\n    |\n    |\nD---A---C\n    |\n    |\n    |\n    E\n", {.cell_m = 250}};
  std::filesystem::path file;
  cross() { file = write("cross.h5", 1); }
  std::filesystem::path write(char const* name, float factor) const {
    auto const traffic = [this, factor](edge_id e, std::size_t i) {
      std::string const& n = t.net->edges.name[e];
      float const limit = 13.89F * factor;
      if (n.find('B') != std::string::npos) return test::road_state{.measured = false};
      float const share = n.find('C') != std::string::npos ? 1.0F : n.find('D') != std::string::npos ? 0.5F : 0.05F;
      return test::road_state{
          .speed_mps = limit * share, .density_veh_per_km = i == 2 ? 50.0F : 20.0F, .time_loss_s = 1};
    };
    return test::write_synthetic(t.folder / name, *t.net, traffic, {.title = "Cruz de São João"});
  }
  // The picture's pixels around a world point, found through the picture itself: its roads span what the map shows.
  [[nodiscard]] test::picture take(std::vector<std::string> more) const {
    std::vector<std::string> a = {file.string(), "--screenshot", (t.folder / "out.png").string(),
                                  "--size",      "900x700",      "--no-labels"};
    a.insert(a.end(), more.begin(), more.end());
    auto const r = test::view(a);
    INFO(r.error_output);
    REQUIRE(r.exit_code == 0);
    CHECK(r.error_output.empty());
    CHECK(r.output.empty());
    return test::read_png(t.folder / "out.png");
  }
};

struct place {
  double x = 0, y = 0;
  int count = 0;
};

// Where pixels of this colour lie, on the map (not on the legend's palette or the timeline).
place find(test::picture const& p, colour c, double near = 6) {
  place f;
  for (int y = 0; y < p.height - 125; ++y) {
    for (int x = 0; x < p.width; ++x) {
      bool const legend = x < 330 && y > p.height - 270;
      if (legend || colour_distance(p.at(x, y), c) > near) continue;
      f.x += x;
      f.y += y;
      ++f.count;
    }
  }
  if (f.count > 0) {
    f.x /= f.count;
    f.y /= f.count;
  }
  return f;
}

}  // namespace

TEST_CASE_METHOD(cross, "picture: each road is where it belongs, in the colour of its speed, in both themes") {
  for (auto const theme : {view::theme_kind::kLight, view::theme_kind::kDark}) {
    auto const p = take({"--quantity", "ratio", "--theme", theme == view::theme_kind::kLight ? "light" : "dark"});
    REQUIRE(p.width == 900);
    REQUIRE(p.height == 700);
    view::palette const heat(view::palette_kind::kHeat, theme);
    place const east = find(p, heat.at(0)), west = find(p, heat.at(0.5)), south = find(p, heat.at(0.95));
    place const north = find(p, view::colours_of(theme).road, 2);
    INFO("theme " << static_cast<int>(theme));
    // Each is a line of some hundred pixels, on its side of the others.
    CHECK(east.count > 300);
    CHECK(west.count > 300);
    CHECK(south.count > 300);
    CHECK(east.x > west.x + 100);
    CHECK(south.y > east.y + 50);
    CHECK(std::abs(east.y - west.y) < 8);
    CHECK(std::abs(south.x - (east.x + west.x) / 2) < 8);
    if (theme == view::theme_kind::kDark) {  // on light ground, cards are as white as roads
      CHECK(north.count > 300);
      CHECK(north.y < east.y - 50);
    }
    colour const ground = view::colours_of(theme).ground;
    CHECK(colour_distance(p.at(860, 80), ground) < 2);
  }
}

TEST_CASE_METHOD(cross, "picture: another time and another quantity give other colours on the same roads") {
  auto const early = take({"--quantity", "density", "--time", "07:00"});
  auto const late = take({"--quantity", "density", "--time", "07:30"});
  view::palette const heat(view::palette_kind::kHeat, view::theme_kind::kLight);
  CHECK(find(early, heat.at(1)).count < 40);
  CHECK(find(late, heat.at(1)).count > 900);
  CHECK(find(early, heat.at(20.0 / 50)).count > 900);
}

TEST_CASE_METHOD(cross, "picture: the change between two files, worse in one colour and better in the other") {
  auto const slower = write("slower.h5", 0.4F);
  auto const less = take({slower.string(), "--quantity", "speed"});
  view::palette const p(view::palette_kind::kDiverging, view::theme_kind::kLight);
  place const lost = find(less, p.at(1), 8), gained = find(less, p.at(0), 8);
  CHECK(lost.count > 300);
  CHECK(gained.count < 40);
  CHECK(lost.x > 450);  // most was lost where most was driven: in the east
}

TEST_CASE_METHOD(cross, "picture: both directions of a street are drawn, side by side") {
  auto const p = take({"--quantity", "ratio"});
  view::palette const heat(view::palette_kind::kHeat, view::theme_kind::kLight);
  place const east = find(p, heat.at(0));
  auto const x = static_cast<int>(east.x), y = static_cast<int>(std::lround(east.y));
  int runs = 0;
  bool in = false;
  for (int k = y - 14; k <= y + 14; ++k) {
    bool const here = colour_distance(p.at(x, k), heat.at(0)) < 6;
    if (here && !in) ++runs;
    in = here;
  }
  CHECK(runs == 2);
}

TEST_CASE_METHOD(cross, "picture: the same call makes the same picture") {
  auto const a = take({}), b = take({});
  CHECK(a.rgb == b.rgb);
}

TEST_CASE_METHOD(cross, "picture: a selected road is outlined and its values are written beside the map") {
  auto const plain = take({"--quantity", "ratio"}), chosen = take({"--quantity", "ratio", "--road", "AC"});
  colour const outline = view::colours_of(view::theme_kind::kLight).selection;
  CHECK(find(plain, outline, 4).count < 10);
  CHECK(find(chosen, outline, 4).count > 100);
}
