// When a scenario closes which edges to cars: what maps of its results mark. Thread rule: a plain function.
#pragma once

#include <limits>

#include "sim/scenario/scenario.h"

namespace gemeo {

struct time_window {  // NaN: none
  double begin_s = std::numeric_limits<double>::quiet_NaN(), end_s = begin_s;
};

// By edge: the longest time in which none of its lanes admits passenger cars, though the network lets them in. From
// the commands alone: a lane blocked by an incident is not closed. Windows lie within the scenario's time.
id_vector<edge_id, time_window> closures_to_cars(scenario const& s);

}  // namespace gemeo
