// The verbs of gemeo-calibrate, one file each (calibration/cli/<verb>.cpp).
#pragma once

#include <span>

#include "sim/command_line/verbs.h"

namespace gemeo::cli {

std::span<verb const> calibration_verbs();

}  // namespace gemeo::cli
