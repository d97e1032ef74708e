// Who is ahead of and behind a vehicle beyond its own lane: looked for along its way and upstream of a lane.
// Reads the state only. Gaps in m, net of the follower's minimum gap.
#pragma once

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

struct neighbour {
  slot who = kNone;
  double gap = -1;
  explicit operator bool() const { return who != kNone; }
};

// Ahead of k, were it at its place on lane `from` of its edge: on the lanes beyond that one, at most `dist` away.
neighbour leader_beyond(world const& w, slot k, lane_id from, double dist);
// The one among all of them who slows it down most: others may come between (SUMO's getCriticalLeader).
neighbour critical_leader(world const& w, slot k, lane_id from, double dist);
// The most pressing vehicle upstream of a lane, for k, whose rear is at back_m on it, or would be. changing: k is on
// the road, and who comes by a minor link does not press.
neighbour follower_before(world const& w, lane_id l, double back_m, slot k, bool changing);

}  // namespace gemeo::micro
