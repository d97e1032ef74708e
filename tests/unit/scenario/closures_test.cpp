// Which roads a scenario closes to cars, and when: what maps mark.
#include "sim/scenario/closures.h"

#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
std::vector<edge_closure> closed(scene const& s, std::string const& text) {
  return closures_to_cars(s.with(text).ready);
}
}  // namespace

TEST_CASE("closures: a road closed in a window, and nothing else") {
  scene const s;
  compiled const c = s.with("[[close]]\nedges = [\"FG\"]\nbegin = \"07:30\"\nend = \"08:30\"\n");
  auto const all = closures_to_cars(c.ready);
  REQUIRE(all.size() == 1);
  CHECK(all[0] == edge_closure{edge(c, "FG"), 27000, 30600});
}

TEST_CASE("closures: one lane of two, or a closure to lorries, closes nothing to cars") {
  scene const s;
  CHECK(closed(s, "[[close_lane]]\nedges = [\"FG\"]\nlanes = [0]\nbegin = \"07:30\"\nend = \"08:30\"\n").empty());
  CHECK(closed(s, "[[close]]\nedges = [\"FG\"]\nclasses = [\"truck\"]\n").empty());
}

TEST_CASE("closures: of several, each; those that touch are one; what lasts ends with the scenario") {
  scene const s;
  auto const window = [](char const* from, char const* to) {
    return std::string("[[close]]\nedges = [\"FG\"]\nbegin = \"") + from + "\"\nend = \"" + to + "\"\n";
  };
  auto const two = closed(s, window("07:10", "07:20") + window("07:30", "08:00"));
  REQUIRE(two.size() == 2);
  CHECK(two[0].begin_s == 25800);
  CHECK(two[0].end_s == 26400);
  CHECK(two[1].begin_s == 27000);
  CHECK(two[1].end_s == 28800);
  auto const one = closed(s, window("07:10", "07:30") + window("07:30", "08:00"));
  REQUIRE(one.size() == 1);
  CHECK(one[0].begin_s == 25800);
  CHECK(one[0].end_s == 28800);
  compiled const c = s.with("[[close]]\nedges = [\"FG\"]\n");
  auto const whole = closures_to_cars(c.ready);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0] == edge_closure{edge(c, "FG"), c.ready.begin_s, c.ready.end_s});
}
