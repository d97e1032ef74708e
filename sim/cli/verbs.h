// The verbs of gemeo, one file each (sim/cli/<verb>.cpp).
#pragma once

#include <span>
#include <string>

#include "sim/command_line/verbs.h"

namespace gemeo::cli {

std::span<verb const> verbs();

}  // namespace gemeo::cli
