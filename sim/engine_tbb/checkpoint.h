// The whole state of a world between two ticks as bytes. Left out is what every tick makes anew (plans, approaches,
// passages) and what loading a scenario makes (map, types, chunks). Read by the build that wrote it.
#pragma once

#include "sim/core/bytes.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

void save_world(world const& w, byte_writer& out);
void restore_world(world& w, byte_reader& in);  // into a world of the same scenario, loaded

void save_observations(observations const& o, byte_writer& out);
void restore_observations(observations& o, byte_reader& in);

}  // namespace gemeo::micro
