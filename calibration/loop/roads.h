// How many trips a fit may ask each road and each turn for: no more than their lanes carry, whether or not anybody
// counts there. Counts alone ask a street for 3,000 trips an hour where it is the cheapest way to meet them, and all
// roads around it then jam. Who takes which road is read from the routes of the trips that were drawn, stream by
// stream: in a jam nobody passes, but all still want to. Numbers over the whole estimated time; who is under way at its
// end is counted where he would have come. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/loop/assignment.h"
#include "calibration/loop/room.h"
#include "calibration/loop/station.h"
#include "calibration/loop/trip_source.h"

namespace gemeo {

struct road_limits {  // veh/h; 0: nobody knows. Both empty: no road limits anything
  id_vector<edge_id, double> of_edge;
  std::vector<double> of_turn;  // by network::edge_successors; those that say no more than their edges may be 0
  [[nodiscard]] bool empty() const { return of_edge.empty(); }
};

// Where more was counted than a road is thought to carry, it carries that, and so do the turns that lead there and on.
void allow_counted(road_limits& l, network const& net, std::vector<count_station> const& stations,
                   std::vector<station_count> const& counts);

struct full_road {   // that the last fit filled; trips over the whole estimated time
  edge_id edge, to;  // to: of a turn; else invalid
  double wanted = 0, carries = 0;
  [[nodiscard]] double over() const { return wanted - carries; }
};

class road_room {
 public:
  road_room(network const& net, road_limits limits);
  // The trips of one simulation; all so far count alike.
  void learn(drawn_trips const& d, trip_source const& trips);
  // Of the roads and turns that some of them took.
  struct row {
    edge_id edge, to;  // to: of a turn; else invalid
    room_row room;
  };
  [[nodiscard]] std::vector<row> rows(trip_source const& trips) const;

 private:
  // Edges first, then turns.
  using place = std::uint32_t;
  struct use {
    place at = 0;
    double trips = 0;
  };
  template <typename Body>
  void each_limited(std::span<edge_id const> route, Body const& body) const;  // body(place)
  [[nodiscard]] row named(place at) const;

  network const& net_;
  std::vector<double> most_;                 // veh/h, by place; empty: no road limits anything
  std::vector<edge_id> from_;                // by turn
  std::vector<std::vector<use>> of_stream_;  // by place
  std::vector<double> drawn_;                // by stream
  std::vector<double> others_;               // by place: whom nobody estimates, as buses
  double draws_ = 0;
};

}  // namespace gemeo
