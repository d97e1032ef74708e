#include "viewer/model/view_state.h"

#include <catch2/catch.hpp>

#include "tests/support/tiny_network.h"
#include "tests/ui/synthetic_result.h"
#include "viewer/model/actions.h"

using namespace gemeo;
using namespace gemeo::view;

namespace {

struct fixture {
  test::tiny_network t{"A--B==C\n"};
  std::filesystem::path before, after;
  edge_id ab, ba, bc;
  fixture() {
    ab = *t.net->find_edge("AB");
    ba = *t.net->find_edge("BA");
    bc = *t.net->find_edge("BC");
    before = write("before.h5", 0);
    after = write("after.h5", 4);
  }
  std::filesystem::path write(char const* name, float less) const {
    auto const traffic = [=, this](edge_id e, std::size_t i) {
      if (e == ba) return test::road_state{.measured = false};
      float const speed = e == ab ? 12 - less : 6;
      return test::road_state{.speed_mps = speed, .density_veh_per_km = 10 + static_cast<float>(i)};
    };
    return test::write_synthetic(t.folder / name, *t.net, traffic, {.title = name});
  }
  traveller_table closing(edge_id e, double from_s, double to_s) const {
    traveller_table people;
    people.closures = {{e, from_s, to_s}};
    return people;
  }
  view_state open(bool two) const {
    view_state v;
    std::vector<quantity> const all = {quantity::kSpeed, quantity::kFlow, quantity::kDelay};
    v.set_documents(load_document(before, all), two ? load_document(after, all) : nullptr);
    v.camera.resize(1600, 1000);
    return v;
  }
};

}  // namespace

TEST_CASE_METHOD(fixture, "view: each road has the colour of its value, roads without traffic none") {
  view_state v = open(false);
  v.set_quantity(quantity::kSpeed);
  REQUIRE(v.shown());
  auto const c = v.edge_colours();
  palette const p(palette_kind::kHeat, theme_kind::kLight);
  double const top = v.shown()->scale.high;
  CHECK(colour_distance(c[ab.index()], p.at(1 - 12 * 3.6 / top)) < 2);
  CHECK(colour_distance(c[bc.index()], p.at(1 - 6 * 3.6 / top)) < 2);
  CHECK(c[ba.index()].a == 0);
}

TEST_CASE_METHOD(fixture, "view: with two files the map shows the change, and the first file alone on demand") {
  view_state v = open(true);
  v.set_quantity(quantity::kSpeed);
  REQUIRE(v.difference_shown());
  auto const c = v.edge_colours();
  palette const p(palette_kind::kDiverging, theme_kind::kLight);
  CHECK(lightness(c[ab.index()]) < lightness(p.at(0.5)) - 20);
  CHECK(c[ab.index()].r > c[ab.index()].b);  // slower: orange, as in the report
  CHECK(colour_distance(c[bc.index()], p.at(0.5)) < 2);
  apply(v, action::kDifference);
  CHECK_FALSE(v.difference_shown());
  CHECK(v.palette_in_use() == palette_kind::kHeat);
}

TEST_CASE_METHOD(fixture,
                 "view: a road closed to cars is barred while it is closed, in a difference only where it is new") {
  auto const slow = [](edge_id, std::size_t) { return test::road_state{.speed_mps = 3, .density_veh_per_km = 1}; };
  after = test::write_synthetic(t.folder / "closed.h5", *t.net, slow,
                                {.title = "closed", .travellers = closing(bc, 7.5 * 3600, 8 * 3600)});
  std::swap(before, after);
  view_state alone = open(false);
  alone.set_quantity(quantity::kSpeed);
  CHECK(alone.any_closed());
  auto const barred = [](view_state& v, double hour, edge_id e) {
    v.clock.set_time(hour * 3600);
    return v.edge_colours()[e.index()].a == view_state::kClosedAlpha;
  };
  CHECK_FALSE(barred(alone, 7.4, bc));
  CHECK(barred(alone, 7.6, bc));
  CHECK_FALSE(barred(alone, 8.1, bc));
  CHECK_FALSE(barred(alone, 7.6, ab));
  alone.clock.set_time(8.1 * 3600);  // open again: its traffic's colour
  CHECK(with_alpha(alone.edge_colours()[bc.index()], 255) != colours_of(theme_kind::kLight).road);
  alone.clock.set_time(7.6 * 3600);  // the few buses' speed is not shown
  CHECK(with_alpha(alone.edge_colours()[bc.index()], 255) == colours_of(theme_kind::kLight).road);
  std::swap(before, after);
  view_state both = open(true);
  both.set_quantity(quantity::kFlow);
  REQUIRE(both.difference_shown());
  CHECK(barred(both, 7.6, bc));
  REQUIRE(both.closures_of(bc).size() == 1);
  CHECK(both.closures_of(bc)[0] == edge_closure{bc, 7.5 * 3600, 8.0 * 3600});
  before = after;
  view_state same = open(true);
  same.set_quantity(quantity::kFlow);
  CHECK_FALSE(barred(same, 7.6, bc));
  same.set_quantity(quantity::kSpeed);  // buses on a road that both close are not compared
  same.clock.set_time(7.6 * 3600);
  CHECK(same.edge_colours()[bc.index()].a == 0);
  CHECK(same.edge_colours()[ab.index()].a == 255);
  same.clock.set_time(8.1 * 3600);
  CHECK(same.edge_colours()[bc.index()].a == 255);
  after = test::write_synthetic(t.folder / "longer.h5", *t.net, slow,
                                {.title = "longer", .travellers = closing(bc, 7.5 * 3600, 9 * 3600)});
  view_state longer = open(true);
  longer.set_quantity(quantity::kFlow);
  CHECK_FALSE(barred(longer, 7.6, bc));
  CHECK(barred(longer, 8.6, bc));
  REQUIRE(longer.closures_of(bc).size() == 1);
  CHECK(longer.closures_of(bc)[0].end_s == 9.0 * 3600);
}

TEST_CASE_METHOD(fixture, "view: says what makes a difference of two files doubtful") {
  CHECK(open(true).mismatch().empty());
  CHECK(open(false).mismatch().empty());
  auto const any = [](edge_id, std::size_t) { return test::road_state{.speed_mps = 3, .density_veh_per_km = 1}; };
  after = test::write_synthetic(t.folder / "seed.h5", *t.net, any, {.seed = 7});
  CHECK_THAT(open(true).mismatch(), Catch::Contains("seeds 42 and 7"));
  after = test::write_synthetic(t.folder / "evening.h5", *t.net, any, {.begin_s = 17 * 3600});
  CHECK_THAT(open(true).mismatch(), Catch::Contains("no time in common"));
}

TEST_CASE_METHOD(fixture, "view: opens at the busiest interval, steps by intervals and stays within the file") {
  view_state v = open(false);
  CHECK(v.interval() == 7U);
  apply(v, action::kBack);
  CHECK(v.interval() == 6U);
  for (int i = 0; i < 5; ++i) apply(v, action::kForward);
  CHECK(v.interval() == 7U);
  apply(v, action::kBegin);
  CHECK(v.clock.time_s() == 7 * 3600);
  apply(v, action::kBack);
  CHECK(v.interval() == 0U);
}

TEST_CASE_METHOD(fixture,
                 "view: only quantities that every file can show are offered; an unread one shows nothing yet") {
  view_state v = open(true);
  auto const can = v.offered();
  CHECK(std::find(can.begin(), can.end(), quantity::kDelay) != can.end());
  CHECK(std::find(can.begin(), can.end(), quantity::kCo2) == can.end());
  v.set_quantity(quantity::kOccupancy);  // offered, not read
  CHECK_FALSE(v.shown());
  CHECK(v.edge_colours().size() == v.base->map->net.name.size());
  CHECK_FALSE(v.interval().has_value());
}

TEST_CASE_METHOD(fixture, "view: the curve of an edge holds its value in every interval of both files") {
  view_state v = open(true);
  v.set_quantity(quantity::kSpeed);
  edge_curve const c = curve_of(*v.shown(), ab);
  REQUIRE(c.base.size() == 8);
  REQUIRE(c.other.size() == 8);
  CHECK(c.base[3] == Approx(43.2).epsilon(1e-3));
  CHECK(c.other[3] == Approx(28.8).epsilon(1e-3));
  CHECK(c.middle_s[0] == 7 * 3600 + 450);
}

TEST_CASE_METHOD(fixture, "view: while playing, colours move smoothly; standing still, they are the interval's own") {
  view_state v = open(false);
  v.set_quantity(quantity::kFlow);
  v.clock.set_time(7 * 3600 + 899);
  auto const still = v.edge_colours()[ab.index()];
  v.clock.set_time(7 * 3600 + 1);
  CHECK(v.edge_colours()[ab.index()] == still);
  v.clock.play();
  double moved = 0;
  for (double into = 0; into < 2700; into += 60) {
    v.clock.set_time(7 * 3600 + into);
    auto const a = v.edge_colours()[ab.index()];
    v.clock.set_time(7 * 3600 + into + 60);
    double const step = colour_distance(a, v.edge_colours()[ab.index()]);
    CHECK(step < 4);
    moved += step;
  }
  CHECK(moved > 5);
}

TEST_CASE_METHOD(fixture, "view: everything fits into what the panels leave") {
  view_state v = open(false);
  v.set_free_space({300, 100, 0, 200});
  class camera const c = fitted(v);
  box const& b = v.base->map->map.bounds();
  screen_point const low = c.to_screen(b.min_x, b.min_y), high = c.to_screen(b.max_x, b.max_y);
  CHECK(low.x >= 20);
  CHECK(high.x <= 1580);
  CHECK(low.y <= 800);
  CHECK(high.y >= 20);
  CHECK((high.x - low.x > 1000 || low.y - high.y > 600));
}

TEST_CASE_METHOD(fixture, "view: Escape lets go of what is selected; the help closes first") {
  view_state v = open(false);
  v.selected = ab;
  v.found = {ab, bc};
  v.show_help = true;
  apply(v, action::kCancel);
  CHECK_FALSE(v.show_help);
  CHECK(v.selected == ab);
  apply(v, action::kCancel);
  CHECK_FALSE(v.selected.valid());
  CHECK(v.found.empty());
}
