// How many trips a fit may ask each road for: no more than its lanes carry, whether or not anybody counts there. Counts
// alone ask a street for 3,000 trips an hour where it is the cheapest way to meet them, and all roads around it then
// jam. Who takes which road is read from the routes of the trips that were drawn, stream by stream: in a jam nobody
// passes, but all still want to. Numbers over the whole estimated time; who is under way at its end is counted where he
// would have come. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/loop/room.h"
#include "calibration/loop/trip_source.h"

namespace gemeo {

struct full_road {  // that the last fit filled; trips over the whole estimated time
  edge_id edge;
  double wanted = 0, carries = 0;
  [[nodiscard]] double over() const { return wanted - carries; }
};

class road_room {
 public:
  // most_veh_per_h: of each edge; 0: nobody knows. Empty: no road limits anything.
  explicit road_room(id_vector<edge_id, double> most_veh_per_h) : most_(std::move(most_veh_per_h)) {}
  [[nodiscard]] bool empty() const { return most_.empty(); }
  // The trips of one simulation; all so far count alike.
  void learn(drawn_trips const& d, trip_source const& trips);
  // Of the roads that some of them took; by edge.
  struct row {
    edge_id edge;
    room_row room;
  };
  [[nodiscard]] std::vector<row> rows(trip_source const& trips) const;

 private:
  struct use {
    edge_id edge;
    double trips = 0;
  };
  id_vector<edge_id, double> most_;
  std::vector<std::vector<use>> of_stream_;  // by edge
  std::vector<double> drawn_;                // by stream
  std::vector<double> others_;               // by edge: whom nobody estimates, as buses
  double draws_ = 0;
};

}  // namespace gemeo
