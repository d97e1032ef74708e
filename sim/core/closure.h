// A time in which an edge is closed to cars.
#pragma once

#include "sim/core/ids.h"

namespace gemeo {

struct edge_closure {
  edge_id edge;
  double begin_s = 0, end_s = 0;  // since midnight
  friend bool operator==(edge_closure const&, edge_closure const&) = default;
};

}  // namespace gemeo
