// Answers to `reroute`: travellers in the network, or waiting to enter it, whose remaining route meets one of the edges
// get a new route from the scenario's router. Who reacts is drawn by traveller, so the same ones do in every scenario
// of a seed.
#pragma once

#include <cstdint>
#include <span>
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
  std::vector<std::string> refused;  // travellers to whom SUMO would not give their new route, and why

 private:
  [[nodiscard]] std::span<edge_id const> route_of(vehicle_id v) const;
  bool send(vehicle_id v, std::string const& name, bool in_network, std::vector<bool> const& named, double time_s);

  scenario const& scenario_;
  std::uint64_t seed_;
  std::unordered_map<vehicle_id, std::vector<edge_id>> changed_;
};

}  // namespace gemeo
