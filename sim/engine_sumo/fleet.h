// The vehicles in the network, kept up to date from SUMO's lists of departures and arrivals, and the frame read from
// them: from SUMO's vehicle objects, found once a vehicle, or by three look-ups a vehicle through libsumo. Both give
// the same bits. Nothing is read between frames.
// Invariant: a vehicle's object lives until SUMO lists the vehicle as arrived, which is when it leaves the fleet.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/frame.h"
#include "sim/engine_sumo/names.h"
#include "sim/engine_sumo/vehicle_objects.h"
#include "sim/network/network.h"

namespace gemeo {

class fleet {
 public:
  // objects: read SUMO's vehicle objects where the build can; the simulation must then be microscopic.
  fleet(network const& net, sumo_names& names, bool objects) : net_(net), names_(names), objects_(objects) {}

  void enter(std::vector<std::string> const& vehicles);
  // Number of vehicles that were in the network and no longer are.
  std::size_t leave(std::vector<std::string> const& vehicles);
  [[nodiscard]] std::size_t size() const { return running_.size(); }
  [[nodiscard]] bool contains(vehicle_id v) const;
  [[nodiscard]] std::vector<vehicle_id> vehicles() const;  // ascending
  void observe(frame& f);                                  // arrays only

  // SUMO's name of a vehicle; valid until the next call.
  [[nodiscard]] std::string const& name(vehicle_id v);

 private:
  struct member {
    vehicle_id id;
    lane_id lane;  // where it was last seen
    vehicle_object object;
    void const* lane_object = nullptr;  // of lane
  };
  struct place {
    lane_id lane;  // invalid: nowhere
    double pos_m = 0, speed_mps = 0;
  };
  lane_id find_lane(std::string const& name);
  place look_up(member& m);
  place look_at(member& m);
  [[nodiscard]] bool find_object(member& m);

  network const& net_;
  sumo_names& names_;
  std::vector<member> running_;  // ascending by id
  std::vector<member> arriving_;
  std::vector<vehicle_id> leaving_;
  std::string digits_;
  std::unordered_map<std::string, lane_id> lanes_;     // those seen so far
  id_vector<lane_id, std::string const*> lane_names_;  // keys of lanes_
  bool objects_;
  std::unordered_map<void const*, lane_id> lane_objects_;  // those seen so far
};

}  // namespace gemeo
