// SUMO's mesoscopic model, which BO4Mob's own evaluation runs (its queues hold what microscopic lanes at one-second
// ticks do not take): drawn trips on their routes, as a calibration wants to see them. A vehicle passes a station when
// it leaves its edge, at a junction or because it arrives, which is what the benchmark counts.
// Thread rule: one at a time in a process (its files have one name).
#pragma once

#include "calibration/loop/simulate.h"

namespace gemeo::bench {

// Types are written with SUMO's own attributes, as text of <vType .../> elements; every trip is of the first.
simulated simulate_mesoscopic(scenario const& base, std::vector<count_station> const& stations,
                              drawn_trips const& trips, std::size_t cells, std::uint64_t seed,
                              std::string const& vtypes, std::string const& type);

}  // namespace gemeo::bench
