#include "viewer/model/camera.h"

#include <catch2/catch.hpp>
#include <random>

using namespace gemeo;
using namespace gemeo::view;

TEST_CASE("camera: screen and world are inverse to each other, y turned over") {
  camera c;
  c.resize(1600, 1000);
  c.look_at(5000, -2000, 0.25);
  screen_point const middle = c.to_screen(5000, -2000);
  CHECK(middle.x == Approx(800));
  CHECK(middle.y == Approx(500));
  CHECK(c.to_screen(5000, -1000).y == Approx(250));  // north is up
  point const w = c.to_world(100, 900);
  screen_point const s = c.to_screen(w.x, w.y);
  CHECK(s.x == Approx(100).margin(0.01));
  CHECK(s.y == Approx(900).margin(0.01));
}

TEST_CASE("camera: zooming keeps the point under the pointer where it is, within the limits of scale") {
  camera c;
  c.resize(1200, 700);
  std::mt19937 random(7);
  std::uniform_real_distribution<double> x(0, 1200), y(0, 700), f(0.3, 3);
  for (int i = 0; i < 200; ++i) {
    double const px = x(random), py = y(random);
    point const before = c.to_world(px, py);
    c.zoom_at(px, py, f(random));
    point const after = c.to_world(px, py);
    double const metres_a_px = 1 / c.px_per_m();
    CHECK(std::abs(after.x - before.x) < 0.02 * metres_a_px + 1e-3);
    CHECK(std::abs(after.y - before.y) < 0.02 * metres_a_px + 1e-3);
    CHECK(c.px_per_m() >= camera::kMinPxPerM);
    CHECK(c.px_per_m() <= camera::kMaxPxPerM);
  }
}

TEST_CASE("camera: fitting puts the whole box inside the margins and touches them in one direction") {
  camera c;
  c.resize(1600, 1000);
  box const b{1000, 2000, 9000, 4000};
  margins const m{300, 20, 40, 200};
  c.fit(b, m);
  screen_point const top_left = c.to_screen(b.min_x, b.max_y), bottom_right = c.to_screen(b.max_x, b.min_y);
  CHECK(top_left.x == Approx(300).margin(0.5));
  CHECK(bottom_right.x == Approx(1560).margin(0.5));
  CHECK(top_left.y > 20);
  CHECK(bottom_right.y < 800);
  CHECK((top_left.y - 20) == Approx(800 - bottom_right.y).margin(0.5));
}

TEST_CASE("camera: an empty box leaves it as it was") {
  camera c;
  c.resize(800, 600);
  camera const before = c;
  c.fit(box{}, {});
  CHECK(c == before);
}

TEST_CASE("camera: a flight arrives, and at the goal exactly") {
  camera c;
  c.resize(800, 600);
  camera goal = c;
  goal.look_at(12000, 7000, 2);
  camera_flight f;
  f.to(goal);
  int frames = 0;
  for (; f.under_way() && frames < 600; ++frames) f.advance(c, 1.0 / 60);
  CHECK(frames < 120);
  CHECK(c == goal);
}

TEST_CASE("camera: the scale bar's length is round and fits") {
  for (double px_per_m = 0.001; px_per_m < 50; px_per_m *= 1.37) {
    double const m = round_length_m(px_per_m, 160);
    CHECK(m * px_per_m <= 160);
    CHECK(m * px_per_m > 60);
    double const digit = m / std::pow(10, std::floor(std::log10(m) + 1e-9));
    CHECK((digit == Approx(1) || digit == Approx(2) || digit == Approx(5)));
  }
}
