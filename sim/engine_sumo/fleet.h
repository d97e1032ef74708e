// The vehicles in the network, kept up to date from SUMO's lists of departures and arrivals, and the frame read from
// them. A frame costs three look-ups a vehicle; nothing is read between frames.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/frame.h"
#include "sim/engine_sumo/names.h"
#include "sim/network/network.h"

namespace gemeo {

class fleet {
 public:
  fleet(network const& net, sumo_names& names) : net_(net), names_(names) {}

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
  };
  lane_id find_lane(std::string const& name);

  network const& net_;
  sumo_names& names_;
  std::vector<member> running_;  // ascending by id
  std::vector<member> arriving_;
  std::vector<vehicle_id> leaving_;
  std::string digits_;
  std::unordered_map<std::string, lane_id> lanes_;     // those seen so far
  id_vector<lane_id, std::string const*> lane_names_;  // keys of lanes_
};

}  // namespace gemeo
