// SUMO's travellers as drivers who change their way need them (sim/engine/reroutes.h): where each one is at the moment,
// and how SUMO is told of another way. Calls libsumo: inside engine_sumo::call only.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/engine/reroutes.h"
#include "sim/engine_sumo/fleet.h"

namespace gemeo {

class sumo_traffic final : public road_traffic {
 public:
  sumo_traffic(scenario const& s, fleet& vehicles) : scenario_(s), vehicles_(vehicles) {}
  [[nodiscard]] bool contains(vehicle_id v) const override { return vehicles_.contains(v); }
  [[nodiscard]] std::vector<vehicle_id> vehicles() const override { return vehicles_.vehicles(); }
  void see(frame& f) override { vehicles_.observe(f); }
  [[nodiscard]] std::span<edge_id const> route_left(vehicle_id v, bool in_network) const override;
  [[nodiscard]] whereabouts find(vehicle_id v) const override;
  std::string send(vehicle_id v, bool in_network, std::span<edge_id const> way) override;
  void forget(vehicle_id v) override { changed_.erase(v); }

 private:
  [[nodiscard]] std::span<edge_id const> route_of(vehicle_id v) const;
  [[nodiscard]] std::size_t index_of(vehicle_id v, bool in_network) const;

  scenario const& scenario_;
  fleet& vehicles_;
  std::unordered_map<vehicle_id, std::vector<edge_id>> changed_;  // whole routes, as SUMO counts their edges
};

}  // namespace gemeo
