// One scene on both engines, and how far they differ.
#pragma once

#include "tests/unit/engine_sumo/driver.h"

namespace gemeo::test {

struct both {
  explicit both(scenario const& s, bool emissions = false);
  outcome sumo, tbb;
};

// Ticks in which a vehicle's place differs by more than 1 cm or its speed by more than 1 cm/s; the first ones are told.
std::size_t different_ticks(both const& b, scenario const& s);

double mean_duration(outcome const& o);  // of the trips that arrived, in s

// As many arrive, in the same time on average.
void check_alike(both const& b, double share);

}  // namespace gemeo::test
