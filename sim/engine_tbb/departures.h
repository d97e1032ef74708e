// Trips of SUMO demand that choose their way when they depart, by the speeds of that moment, as SUMO 1.15 has it
// (MSDevice_Routing, MSRoutingEngine): the mean speed of each edge over the last 180 seconds, where an empty lane
// counts as one vehicle at its limit; who then waits for more than a minute chooses anew as he enters. Units: m/s, s.
// Thread rule: one thread calls, between the parallel stages; searches run on the team.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

class departures {
 public:
  departures(world& w, thread_team const& team);  // of a scenario with lone trips
  void choose();                                  // before a tick's travellers may enter: those that depart in it
  // entered: in the tick that has just been made.
  void after_step(std::span<vehicle_id const> entered);
  void save(byte_writer& out) const;
  void restore(byte_reader& in);

 private:
  void measure();
  [[nodiscard]] double mean_speed(edge_id e) const;
  [[nodiscard]] std::vector<edge_id> delayed_way(vehicle_id v) const;
  void find_ways(std::size_t n, std::function<std::vector<edge_id>(std::size_t)> const& find);

  struct samples {  // that the mean speed of an edge is the mean of, round and round
    edge_id edge;
    std::vector<double> all;
  };
  world& w_;
  thread_team const& team_;
  lone_trips const& trips_;
  std::uint64_t next_ = 0;  // of the lone trips, who chooses next
  double next_sample_s_;
  std::uint64_t taken_ = 0;                    // samples
  std::vector<double> speeds_;                 // by edge
  std::vector<samples> past_;                  // of edges on which there has been somebody
  id_vector<edge_id, std::uint32_t> past_of_;  // into past_, or kNone
  std::vector<std::vector<edge_id>> found_;
};

}  // namespace gemeo::micro
