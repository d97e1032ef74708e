// What a vehicle that thinks about another lane has found out (change.cpp): about the lane beside it, and about what a
// change to that side would mean. Lengths in m from the begin of its edge, speeds in m/s. Made and used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "sim/engine_tbb/surroundings.h"

namespace gemeo::micro {

struct side_view {  // what a vehicle has found out about a lane beside it; looked at only when it matters
  side_view(int to_side, std::size_t to_lane) : side(to_side), to(to_lane) {}
  int side;  // -1 right, 1 left
  std::size_t to;
  bool lead_known = false, follow_known = false, ahead_known = false, behind_known = false;
  neighbour lead, follow;
  std::uint32_t ahead = 0, behind = 0;  // how they block
};

struct prospect {  // of a change to one side
  std::uint32_t towards = 0, help = 0;
  lane_choice const *curr = nullptr, *neigh = nullptr;
  int curr_offset = 0, offset = 0;  // to the best lane; of two that are as good, to the one looked at
  std::size_t best = 0;
  bool to_best = false;  // it is on that side
  double curr_dist = 0, neigh_dist = 0,
         bonus = 0;  // way to go on, from the edge's begin; of it, thanks to a roundabout
  double to_stop = -std::numeric_limits<double>::max(), look = 0, lanes = 0;
  double most = 0, this_limit = 0;  // speed on its own lane; as it takes it
};

}  // namespace gemeo::micro
