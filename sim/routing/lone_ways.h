// The way SUMO 1.15 gives a <trip>: Dijkstra's algorithm over edges, where an edge costs its length at the driver's own
// speed (at most the limit's) or at the mean speed on it, whichever is slower; a turn costs the same on the junction's
// internal lanes, and one that must yield, no signal being there, 1.5 s more (option weights.minor-penalty). Ties by
// edge id. Unlike `router`, which plans by measured times of whole edges, it knows turns and each driver's speed.
// Thread rule: const access from any number of threads.
#pragma once

#include <span>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct lone_driver {
  vclass cls = vclass::kPassenger;
  double max_speed_mps = 55.56, speed_factor = 1;
};

class lone_ways {
 public:
  explicit lone_ways(network const& net);
  // Edges from one to the other inclusive; empty when there is no way. speeds: means now, m/s, by edge, those inside
  // junctions too; empty: nobody is on the road.
  [[nodiscard]] std::vector<edge_id> find(edge_id from, edge_id to, lone_driver const& d,
                                          std::span<double const> speeds = {}) const;
  [[nodiscard]] double cost_s(std::vector<edge_id> const& way, lone_driver const& d) const;  // up to its last edge

 private:
  struct stretch {
    float length_m = 0, first_mps = 0;
    double mean_mps = 0;
  };
  struct passed {  // an edge inside a junction, on a turn
    edge_id edge;
    float penalty_s = 0;
  };
  struct turn {
    edge_id to;
    vclass_mask allowed = 0;  // who can make it
    range inside;             // into inside_
  };
  [[nodiscard]] stretch stretch_of(edge_id e) const;
  void add_turns(edge_id e);
  void follow(lane_id via, bool waits);
  [[nodiscard]] double time_s(passed p, lone_driver const& d, std::span<double const> speeds) const;
  [[nodiscard]] double time_s(turn const& t, lone_driver const& d, std::span<double const> speeds) const;

  network const& net_;
  id_vector<edge_id, stretch> edges_;
  id_vector<edge_id, range> out_;  // into turns_
  std::vector<turn> turns_;
  std::vector<passed> inside_;
};

}  // namespace gemeo
