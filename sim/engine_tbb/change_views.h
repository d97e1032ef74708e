// What a vehicle that thinks about another lane has found out (change.cpp): about the lane beside it, and about what a
// change to that side would mean. Lengths in m from the begin of its edge, speeds in m/s. Made and used by one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "sim/engine_tbb/surroundings.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

// The lanes of an edge, each with the way that it leads a vehicle. Lanes go by their index on the edge.
class lane_ways {
 protected:
  lane_ways(world& w, changing_edge const& e) : w_(w), lanes_(e.lanes), n_(lanes_.size()), inside_(e.internal) {
    for (std::size_t i = 0; i < n_; ++i) {
      ahead_[i] = inside_ ? w.map->onto[w.lanes[lane(i)].first_link].lane : lane(i);
      choice_at_[i] = inside_ ? w.lanes[ahead_[i]].index : static_cast<std::uint32_t>(i);
    }
  }

  [[nodiscard]] lane_id lane(std::size_t i) const { return lane_id(lanes_.begin + static_cast<std::uint32_t>(i)); }
  [[nodiscard]] vehicle& me() const { return *me_; }
  [[nodiscard]] driver const& type() const { return *type_; }
  // A lane as the route sees it; inside a junction, the lane of the next edge that it leads to.
  [[nodiscard]] lane_choice const& choice(std::size_t i) const { return choices_[choice_at_[i]]; }
  [[nodiscard]] int offset_of(lane_choice const& q, std::size_t i) const {
    if (!inside_) return q.offset();
    int const at = static_cast<int>(i);
    return std::clamp(at + q.offset(), 0, static_cast<int>(n_) - 1) - at;
  }
  [[nodiscard]] lane_id ahead_of(std::size_t i) const { return ahead_[i]; }  // itself, or where it leads inside one
  // Does the neighbour's way end where others go on?
  [[nodiscard]] bool leads_on(lane_choice const& q, std::size_t i) const {
    lane_id end = ahead_of(i);
    if (q.known > 0) {
      edge_id const e = w_.route_edges[me().best_at() + q.known];
      end = lane_id(w_.map->net().edges.lanes[e].begin + w_.next_lane(q, q.known - 1U));
    }
    return w_.map->lanes[end].first_link < w_.map->lanes[end].last_link;
  }

  // The n-th lane of the way from lane i on; inside a junction the way begins with the lane the vehicle is on.
  [[nodiscard]] lane_id on_way(std::size_t i, std::size_t n) const {
    if (inside_ && n-- == 0) return lane(mine_);
    if (n == 0) return ahead_of(i);
    range const lanes = w_.map->net().edges.lanes[w_.route_edges[me().best_at() + n]];
    return lane_id(lanes.begin + w_.next_lane(choice(i), n - 1));
  }
  [[nodiscard]] std::size_t lanes_on_way(std::size_t i) const { return choice(i).known + (inside_ ? 2U : 1U); }
  // change_roundabouts.cpp: the inner lane of a roundabout is longer than it looks for the cooperative who do not take
  // the next exit.
  [[nodiscard]] double roundabout_bonus(std::size_t to, std::size_t best) const;

  world& w_;
  range lanes_;
  std::size_t n_;
  bool inside_;  // an edge inside a junction
  std::size_t mine_ = 0;
  slot k_ = kNone;
  vehicle* me_ = nullptr;
  driver const* type_ = nullptr;
  lane_choice const* choices_ = nullptr;

 private:
  std::array<lane_id, 16> ahead_;            // as many as the edge has lanes, as below
  std::array<std::uint32_t, 16> choice_at_;  // of choices_

  [[nodiscard]] lane_id via(lane_id from, lane_id to) const;
  [[nodiscard]] int roundabout_edges(std::size_t inner, std::size_t best) const;
};

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
