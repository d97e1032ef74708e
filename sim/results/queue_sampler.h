// Queues on approaches, sampled from frames: from the stop line back to the last vehicle slower than 5 km/h that stands
// within 30 m of the one before it (the first: of the stop line); the longest of the edge's lanes. Metres from the
// lane's end. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/frame.h"
#include "sim/core/observations.h"
#include "sim/network/network.h"

namespace gemeo {

class queue_sampler {
 public:
  explicit queue_sampler(network const& net);
  void add(frame const& f);
  // Mean and maximum over the samples since the last call, of every approach; empty without samples.
  std::vector<queue_record> take(double begin_s, double end_s);

 private:
  network const& net_;
  std::vector<edge_id> approaches_;
  struct standing {
    lane_id lane;
    float from_end_m;
    friend auto operator<=>(standing const&, standing const&) = default;
  };
  std::vector<standing> slow_;    // scratch
  std::vector<float> now_;        // scratch, per edge
  std::vector<edge_id> touched_;  // edges with now_ > 0
  std::vector<double> sum_m_;     // per edge
  std::vector<float> max_m_;
  std::size_t samples_ = 0;
};

}  // namespace gemeo
