// What this engine makes of a scenario's vehicle types, and what of a scenario it cannot do: names of parameters that
// it reads, and those that change nothing, stand in one place. Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "sim/demand/demand.h"
#include "sim/engine_tbb/car_following.h"
#include "sim/scenario/scenario.h"

namespace gemeo::micro {

// By name; empty: it can be run.
std::vector<std::string> unsupported(scenario const& s);

// One of each vehicle type, and behind them what blocks a lane. step_s: length of a tick.
std::vector<driver> drivers_of(demand const& of, double step_s);

}  // namespace gemeo::micro
