// New routes for travellers on the road: where each one is going at the moment, and how SUMO is told of another way.
// Answers to `reroute`: travellers in the network, or waiting to enter it, whose remaining route meets one of the edges
// get a new route from the scenario's router. Who reacts is drawn by traveller, so the same ones do in every scenario
// of a seed. Informed drivers (informed.h) ask for a better way by the travel times of the moment.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/command.h"
#include "sim/engine_sumo/fleet.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

class reroutes {
 public:
  reroutes(scenario const& s, std::uint64_t seed) : scenario_(s), seed_(seed) {}
  // waiting: due to depart but not in the network. Returns the number of travellers whose route changed.
  std::size_t answer(reroute const& r, fleet& vehicles, std::span<vehicle_id const> waiting, double time_s);
  // Gives a traveller in the network the way that costs least by these costs, where it saves at least the share gain
  // and gain_s of what is left of the present one. True where the route changed.
  bool offer(vehicle_id v, std::string const& name, router const& ways, double gain, double gain_s, double time_s);
  void forget(vehicle_id v) { changed_.erase(v); }  // it has left the network
  std::vector<std::string> refused;                 // travellers to whom SUMO would not give their new route, and why

 private:
  using edge_test = std::function<bool(edge_id)>;
  // Where a traveller is on the route: at, the edge now driven (SUMO counts the edge before a junction as current until
  // the next one is reached); from, the first edge after which another way can still be chosen.
  struct place {
    std::span<edge_id const> route;
    std::size_t at = 0, from = 0;
    bool in_network = true;
    lane_id lane;       // invalid: on a junction, moved past a jam, or not in the network
    double rest_m = 0;  // of the lane
    double speed_mps = 0;
  };
  [[nodiscard]] std::span<edge_id const> route_of(vehicle_id v) const;
  [[nodiscard]] place find(vehicle_id v, std::string const& name, bool in_network) const;
  void look_closer(place& p, std::string const& name, edge_test const& avoids) const;
  [[nodiscard]] bool can_turn(place const& p, edge_id next) const;
  [[nodiscard]] route_query query(vehicle_id v, place const& p, double time_s) const;
  bool avoid(vehicle_id v, std::string const& name, bool in_network, edge_test const& avoids, double time_s);
  bool send(vehicle_id v, std::string const& name, place const& p, std::span<edge_id const> way);

  scenario const& scenario_;
  std::uint64_t seed_;
  std::unordered_map<vehicle_id, std::vector<edge_id>> changed_;
};

}  // namespace gemeo
