// Means over the trips of a run, as SUMO's own trip statistics define them: over arrived vehicles, insertion to
// arrival. Distance and speed are over all that entered the network, unfinished ones up to the end.
#pragma once

#include <cstdint>
#include <span>

#include "sim/run/run.h"

namespace gemeo {

class trip_totals {
 public:
  void add(std::span<trip_record const> trips) {
    for (trip_record const& t : trips) {
      if (t.state == trip_state::kNeverInserted) continue;
      distance_m_ += t.route_length_m;
      driven_s_ += t.duration_s;
      if (t.state != trip_state::kArrived) continue;
      ++arrived_;
      duration_s_ += t.duration_s;
      time_loss_s_ += t.time_loss_s;
    }
  }
  void report(run_report& r) const {
    r.mean_duration_s = arrived_ > 0 ? duration_s_ / static_cast<double>(arrived_) : 0;
    r.mean_time_loss_s = arrived_ > 0 ? time_loss_s_ / static_cast<double>(arrived_) : 0;
    r.mean_speed_mps = driven_s_ > 0 ? distance_m_ / driven_s_ : 0;
    r.total_distance_m = distance_m_;
  }

 private:
  std::int64_t arrived_ = 0;
  double duration_s_ = 0, time_loss_s_ = 0, distance_m_ = 0, driven_s_ = 0;
};

}  // namespace gemeo
