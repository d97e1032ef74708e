// How many trips can begin at a place, as simulations show it: where more wanted to enter than found room, those who
// entered; where the whole network stands still, and next to nobody enters anywhere, the most that ever did. A fit asks
// for no more there (room.h), and other places must answer for what is left of the counts; asked for all the same, the
// trips that wait outside pass nothing and jam whatever lies around. Places that let everybody in may take a tenth more
// each time, as what kept them may have been elsewhere. Numbers of trips over the whole estimated time. Thread rule:
// one thread.
#pragma once

#include <map>
#include <vector>

#include "calibration/loop/room.h"
#include "calibration/loop/simulate.h"

namespace gemeo {

struct full_entry {         // a place that the last fit filled; trips over the whole estimated time
  std::uint32_t place = 0;  // trip_source::origin_of
  double wanted = 0;        // by the counts, were there room; here, or where others that are full keep trips out
  double lets_in = 0;
  [[nodiscard]] double over() const { return wanted - lets_in; }
};

class entry_room {
 public:
  void learn(simulated const& s, trip_source const& trips);
  // Of the places that were full; by place.
  [[nodiscard]] std::vector<room_row> rows(trip_source const& trips) const;
  [[nodiscard]] std::vector<std::uint32_t> places() const;  // of the rows

 private:
  std::map<std::uint32_t, double> most_, entered_;  // by number of the place: of those that were full; of all, ever
};

}  // namespace gemeo
