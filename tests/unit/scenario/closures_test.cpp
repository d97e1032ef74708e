// Which roads a scenario closes to cars, and when: what maps mark.
#include "sim/scenario/closures.h"

#include "tests/unit/scenario/scene.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {
time_window closed(scene const& s, std::string const& text, char const* name) {
  compiled const c = s.with(text);
  return closures_to_cars(c.ready)[edge(c, name)];
}
}  // namespace

TEST_CASE("closures: a road closed in a window, and nothing else") {
  scene const s;
  compiled const c = s.with("[[close]]\nedges = [\"FG\"]\nbegin = \"07:30\"\nend = \"08:30\"\n");
  auto const all = closures_to_cars(c.ready);
  REQUIRE(all.size() == c.ready.net->edge_count());
  for (std::size_t i = 0; i < all.size(); ++i) {
    time_window const w = all[edge_id(i)];
    if (edge_id(i) == edge(c, "FG")) {
      CHECK(w.begin_s == 27000);
      CHECK(w.end_s == 30600);
    } else {
      CHECK(std::isnan(w.begin_s));
    }
  }
}

TEST_CASE("closures: one lane of two, or a closure to lorries, closes nothing to cars") {
  scene const s;
  CHECK(std::isnan(
      closed(s, "[[close_lane]]\nedges = [\"FG\"]\nlanes = [0]\nbegin = \"07:30\"\nend = \"08:30\"\n", "FG").begin_s));
  CHECK(std::isnan(closed(s, "[[close]]\nedges = [\"FG\"]\nclasses = [\"truck\"]\n", "FG").begin_s));
}

TEST_CASE("closures: of several, the longest; those that touch are one; what lasts ends with the scenario") {
  scene const s;
  auto const window = [](char const* from, char const* to) {
    return std::string("[[close]]\nedges = [\"FG\"]\nbegin = \"") + from + "\"\nend = \"" + to + "\"\n";
  };
  time_window const two = closed(s, window("07:10", "07:20") + window("07:30", "08:00"), "FG");
  CHECK(two.begin_s == 27000);
  CHECK(two.end_s == 28800);
  time_window const one = closed(s, window("07:10", "07:30") + window("07:30", "08:00"), "FG");
  CHECK(one.begin_s == 25800);
  CHECK(one.end_s == 28800);
  compiled const c = s.with("[[close]]\nedges = [\"FG\"]\n");
  time_window const whole = closures_to_cars(c.ready)[edge(c, "FG")];
  CHECK(whole.begin_s == c.ready.begin_s);
  CHECK(whole.end_s == c.ready.end_s);
}
