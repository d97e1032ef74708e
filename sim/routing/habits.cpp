#include "sim/routing/habits.h"

#include <algorithm>

namespace gemeo {

std::shared_ptr<router const> free_flow_router(network const& net, std::vector<cost_patch> const& patches) {
  edge_costs costs = free_flow_costs(net);
  costs.turn_seconds = free_flow_turns(net);
  return std::make_shared<router const>(net, std::move(costs), patches);
}

std::vector<vehicle_id> plan_by_free_flow(demand& d, router const& free_flow, routing_options const& o,
                                          std::function<bool(vehicle_id)> const& selected) {
  return plan_routes(d, free_flow, free_flow_routing(o),
                     [&](vehicle_id v) { return chooses_by_free_flow(d, v) && selected(v); });
}

std::vector<vehicle_id> plan_by_habit(demand& d, router const& known, router const* free_flow, routing_options const& o,
                                      std::function<bool(vehicle_id)> const& selected) {
  if (free_flow == nullptr) return plan_routes(d, known, o, selected);
  std::vector<vehicle_id> without =
      plan_routes(d, known, o, [&](vehicle_id v) { return !chooses_by_free_flow(d, v) && selected(v); });
  std::vector<vehicle_id> const others = plan_by_free_flow(d, *free_flow, o, selected);
  without.insert(without.end(), others.begin(), others.end());
  std::sort(without.begin(), without.end());
  return without;
}

}  // namespace gemeo
