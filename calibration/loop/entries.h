// How many trips can begin at a place, as simulations show it: where more wanted to enter than found room, those who
// entered; where the whole network stands still, and next to nobody enters anywhere, the most that ever did. A fit asks
// for no more there, and other places must answer for what is left of the counts; asked for all the same, the trips
// that wait outside pass nothing and jam whatever lies around. Places that let everybody in may take a tenth more each
// time, as what kept them may have been elsewhere. Numbers of trips over the whole estimated time. Thread rule: one
// thread.
#pragma once

#include <map>
#include <vector>

#include "calibration/fit/estimator.h"
#include "calibration/loop/simulate.h"

namespace gemeo {

struct full_entry {         // a place that the last fit filled; trips over the whole estimated time
  std::uint32_t place = 0;  // trip_source::origin_of
  double wanted = 0;        // by the counts, were there room; here, or where others that are full keep trips out
  double lets_in = 0;
};

class entry_room {
 public:
  void learn(simulated const& s, trip_source const& trips);
  // The fit; where it asks for more than a place lets in, once more with that as what begins there (the constraints
  // that hold are equations: an active set, found in few rounds).
  struct fits {
    fit_result free, within;  // whatever can enter; with what can
  };
  [[nodiscard]] fits fit_within(map_estimator const& e, trip_source const& trips, fit_options const& o,
                                thread_team const& team);
  // Of the last fit, those that kept most out first.
  [[nodiscard]] std::vector<full_entry> const& full() const { return full_; }

 private:
  std::map<std::uint32_t, double> most_, entered_;  // by number of the place: of those that were full; of all, ever
  std::vector<full_entry> full_;
};

}  // namespace gemeo
