// Runs without a planned end stop when nothing is left on the road, each when its own is empty: their last intervals
// differ, and they have more or fewer of them. The intervals that hold for all of them are those of the longest.
#pragma once

#include <vector>

namespace gemeo {

struct edge_series;

class longest_axis {
 public:
  std::vector<double> begin_s, end_s;
  // Takes in one more run's intervals. open: neither it nor those before have a planned end. False, and nothing is
  // taken in, when they are not of the same division of time.
  bool join(edge_series const& axis, bool open);

 private:
  bool any_ = false;
};

}  // namespace gemeo
