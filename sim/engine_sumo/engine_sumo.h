// SUMO (libsumo) behind the seam. Two ways in: a city's own demand, written out for SUMO, and an existing .sumocfg, run
// as it stands. Aggregates, trips, stops and loops are SUMO's own output, read while it is written; vehicles are polled
// only in observe(). libsumo is one instance per process: a second engine loads only after the first one has finished
// or died.
#pragma once

#include <memory>

#include "sim/engine/engine.h"

namespace gemeo {

std::unique_ptr<engine> make_engine_sumo();

}  // namespace gemeo
