// Random traffic gives the frames that it gave before, in Debug as in Release.
#include "tests/determinism/golden.h"

#include <catch2/catch.hpp>

#include "tests/property/random_traffic.h"
#include "tests/property/tick_hashes.h"

using namespace gemeo::test;

TEST_CASE("determinism: random traffic gives the frames whose hashes are checked in") {
  for (std::uint64_t const number : {4, 7, 8, 10, 19}) {
    random_traffic const t(number);
    INFO(t.told);
    check_golden("random" + std::to_string(number), t.ready, tick_hashes(t.ready, {.seed = number, .threads = 2}));
  }
}
