// Patches of lanes in time, composed: at every moment a lane's state is computed from the network's own state and all
// patches active then, so that overlapping interventions compose in any order and undoing one restores what was before
// it. Gives the commands of the engine and the closures, turns and delays that routing has to know.
#pragma once

#include <string>
#include <vector>

#include "sim/core/command.h"
#include "sim/network/network.h"
#include "sim/routing/router.h"

namespace gemeo {

// Nothing is simulated after the scenario's end: what lasts until then lasts as far as planned routes can see.
inline constexpr double kForever = 1e9;

struct lane_patch {
  enum class kind { kClose, kAllow, kLimit, kFactor };
  lane_id lane;
  double begin_s = 0, end_s = 0;
  kind what = kind::kClose;
  vclass_mask classes = 0;  // closed to, or allowed only
  double value = 0;         // m/s, or a factor
};

struct lane_state {
  vclass_mask allowed = 0;
  double speed_mps = 0;
  friend bool operator==(lane_state const&, lane_state const&) = default;
};

struct timeline {
  std::vector<timed_command> commands;  // ascending in time, then by lane
  std::vector<cost_patch> closures;     // edges and turns closed or opened, by class
  std::vector<cost_patch> delays;       // edges that are slower than the network says (free flow against free flow)
  std::vector<lane_id> changed;         // lanes whose state differs at some time, ascending
  std::vector<std::pair<edge_id, edge_id>> lost_turns;  // turns that some class loses while both edges stay open to it
};

// begin_s, end_s: of the scenario. Nothing is undone at or after end_s, as nothing is simulated there.
timeline compose(network const& net, std::vector<lane_patch> const& patches, double begin_s, double end_s);
// The state of one lane at a moment under the patches given (all of that lane).
lane_state state_at(network const& net, lane_id lane, std::vector<lane_patch const*> const& of_lane, double time_s);

}  // namespace gemeo
