// The only way to change a running world: small typed commands, applied between two ticks.
// Every command sets an absolute state (never a difference), so that undoing one is setting what was before,
// and a recording is scenario + seed + command log.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/core/ids.h"
#include "sim/core/vclass.h"

namespace gemeo {

struct set_lane_permissions {  // which classes may use the lane from now on
  lane_id lane;
  vclass_mask allowed = kAllClasses;
};

struct set_lane_speed {
  lane_id lane;
  double speed_mps = 0;
};

struct set_signal_program {  // program: index into the scenario's list of programs for that signal
  signal_id signal;
  std::uint32_t program = 0;
};

struct block_lane {  // an obstacle that fills the lane at pos_m until it is removed
  lane_id lane;
  double pos_m = 0;
  std::uint32_t obstacle = 0;  // number of the obstacle, unique in the scenario
};

struct unblock_lane {
  std::uint32_t obstacle = 0;
};

struct reroute {  // vehicles now in the network or waiting to enter, whose remaining route meets one of the edges
  std::vector<edge_id> edges;
  double share = 1.0;  // share of them that reacts, drawn by traveller (draw::kRerouteShare)
  vclass_mask classes = kAllClasses;
};

using command =
    std::variant<set_lane_permissions, set_lane_speed, set_signal_program, block_lane, unblock_lane, reroute>;

struct timed_command {
  double time_s = 0;  // applied before the first tick that starts at or after this time
  command what;
};

std::string describe(command const& c);  // one line for the log, with numeric ids

}  // namespace gemeo
