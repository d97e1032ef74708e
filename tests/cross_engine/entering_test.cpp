// Entering the road on both engines.
#include <catch2/catch.hpp>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

TEST_CASE("both engines: a lane that nobody could enter does not keep others from the lane beside it") {
  drawn_scenario t(
      "       D    \n"
      "       |    \n"
      "B======C===F\n"
      "       |    \n"
      "       E    \n",
      200);
  for (int i = 0; i < 4; ++i) {
    t.add("BC CE", 0);
    t.add("BC CE", 0);
    t.add("BC CD", 0);
  }
  check_exact(t.with());
}
