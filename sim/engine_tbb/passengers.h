// Passengers of buses, by SUMO 1.15's rules: who waits where, who sits in which vehicle, and how boarding and
// alighting, one at a time through one door, prolong stops. Stops keep those who wait in the order in which they came;
// vehicles are served in order of lane and position: nothing depends on the number of threads. Times in ms, as SUMO
// counts them. Thread rule: one thread calls, between the parallel stages.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <type_traits>
#include <vector>

#include "sim/core/bytes.h"
#include "sim/core/observations.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

class passengers {
 public:
  explicit passengers(world& w);
  // Before any of them boards: by lane, foremost first.
  void put_in_order(std::vector<slot>& standing) const;
  void board(slot bus);     // who may, of those who wait for it; the stop lasts until they are in
  void drive_on(slot bus);  // its riders depart
  // When vehicles have moved: who comes to a stop boards, riders alight, passengers come to their stops.
  void after_step(observations& ready);
  void finish(observations& ready);  // tells of who still waits or rides
  void save(byte_writer& out) const;
  void restore(byte_reader& in);

 private:
  enum class state : std::uint8_t { kBefore, kStays, kWaits, kRides, kDone };
  struct person {
    std::uint32_t ride = 0;                       // into demand::rides
    std::uint32_t spot = 0;                       // at its stop, counted from its end
    std::int64_t since_ms = 0, departed_ms = -1;  // of this ride: waiting; riding
    vehicle_id in;
    state is = state::kBefore;
    std::array<std::uint8_t, 3> unused{};  // checkpoints hold every byte
  };
  static_assert(std::has_unique_object_representations_v<person>);
  struct cabin {
    std::vector<passenger_id> riders;  // as they boarded
    std::int64_t next_ms = 0;          // when the door is free again; at each stop from 0 on
    bool served = false;               // at this stop: all are out who want to be
  };
  struct names {  // of lines and vehicles, whoever of them comes
    std::vector<line_id> lines;
    std::vector<vehicle_id> vehicles;
    bool any = false;
  };

  [[nodiscard]] std::int64_t now_ms() const;
  [[nodiscard]] ride const& ride_of(passenger_id p) const { return w_.d->rides[people_[p].ride]; }
  [[nodiscard]] edge_id edge_of(stop_id s) const { return w_.map->net().lanes.edge[w_.d->stops[s].lane]; }
  [[nodiscard]] bool waits_for(passenger_id p, slot bus) const;
  [[nodiscard]] bool within_reach(passenger_id p, bus_stop const& of_bus) const;
  [[nodiscard]] bool may_alight(passenger_id p, bus_stop const& at, double length_m) const;
  void alight(slot bus, cabin& c, observations& ready);
  void prolong(slot bus, std::int64_t until_ms);
  [[nodiscard]] std::int64_t stay_ends_ms(passenger_id p) const;
  void take_spot(passenger_id p);
  void stay(passenger_id p);
  void arrive(passenger_id p, observations& ready);
  void wait(passenger_id p);
  void carry_to_the_end(observations& ready);
  [[nodiscard]] ride_record record_of(passenger_id p) const;

  world& w_;
  std::int64_t step_ms_;
  std::vector<std::uint32_t> capacity_;  // by type
  std::vector<std::int64_t> door_ms_;    // for one passenger, by type
  std::vector<names> served_by_;
  id_vector<passenger_id, person> people_;
  std::size_t due_ = 0;                                           // of them, the first who has not appeared
  std::map<std::int64_t, std::vector<passenger_id>> stay_until_;  // who begins to wait when
  std::map<edge_id, std::vector<passenger_id>> waiting_;          // for a vehicle, first come first
  std::map<stop_id, std::vector<std::uint8_t>> spots_;            // taken ones
  std::map<stop_id, std::size_t> all_taken_before_;               // of them, where to look for a free one
  std::map<vehicle_id, cabin> cabins_;
};

}  // namespace gemeo::micro
