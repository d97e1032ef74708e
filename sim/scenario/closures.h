// When a scenario closes which edges to cars: what maps of its results mark. Thread rule: a plain function.
#pragma once

#include <vector>

#include "sim/core/closure.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

// Every time in which no lane of an edge admits passenger cars, though the network lets them in; by edge, then by
// begin; those that touch are one. From the commands alone: a lane blocked by an incident is not closed. All lie within
// the scenario's time.
std::vector<edge_closure> closures_to_cars(scenario const& s);

}  // namespace gemeo
