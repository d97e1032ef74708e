// Our own parallel microscopic engine behind the seam: SUMO's models on flat arrays. The result is the same, bit by
// bit, on any number of threads. What it cannot simulate is named by unsupported() and refused.
#pragma once

#include <memory>

#include "sim/engine/engine.h"

namespace gemeo {

std::unique_ptr<engine> make_engine_tbb();

}  // namespace gemeo
