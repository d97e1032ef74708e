// Travel times by turn, as one simulation shows them: who waits to turn left waits longer than who drives straight on,
// and of two ways that cross the same streets drivers take the one with fewer such turns. A loop at the beginning of
// every lane tells when each vehicle came; from one edge's beginning to the next one's is the time of edge and turn
// together. Delays are those beyond free flow; a turn that few took in an interval is thought to be as slow as its
// edge's others,
//   d = (sum of delays + k mean delay of the edge) / (n + k),  k = 2.
// A trip's first edge is left out where an engine does not see a vehicle that enters upon a loop (SUMO).
// Thread rule: one thread.
#pragma once

#include <vector>

#include "sim/core/observations.h"
#include "sim/routing/router.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

class turn_times {
 public:
  // Adds its loops to the detectors that s has. slots of slot_s from time 0 on.
  turn_times(scenario& s, double slot_s, std::size_t slots);
  void passed(crossing_record const& c);  // in order of time; of other detectors: nothing happens
  [[nodiscard]] edge_costs take() const;

 private:
  struct came {
    edge_id edge;
    double time_s = 0;
  };
  struct seen {
    float delay_s = 0, vehicles = 0;
  };
  [[nodiscard]] std::size_t turn_of(edge_id from, edge_id to) const;  // turns when there is none

  network const& net_;
  double slot_s_;
  std::size_t slots_, first_detector_ = 0;
  std::vector<edge_id> edge_of_;  // by detector, from the first of ours on
  id_vector<vehicle_id, came> last_;
  std::vector<float> free_s_, free_turn_s_;  // by edge; by turn
  std::vector<seen> seen_;                   // [slot][turn]
};

}  // namespace gemeo
