// How a city's drivers choose their routes: by the travel times that the scenario knows, and the share of them that a
// calibration found in the counts (sim/demand/pair_factors.h) by those of the empty network, as people do who have a
// way and keep to it, or do not know where the others are. Who is one of them is drawn with the traveller
// (draw_demand). Thread rule: as plan_routes.
#pragma once

#include "sim/routing/router.h"

namespace gemeo {

// They err by this much about the time of each edge, in its logarithm.
inline constexpr double kFreeFlowTasteSd = 0.3;
inline routing_options free_flow_routing(routing_options o) {
  o.taste_sd = kFreeFlowTasteSd;
  return o;
}

inline bool chooses_by_free_flow(demand const& d, vehicle_id v) {
  return !d.vehicles.by_free_flow.empty() && d.vehicles.by_free_flow[v] != 0;
}

// Of the empty network, turns included, with the patches of another router.
std::shared_ptr<router const> free_flow_router(network const& net, std::vector<cost_patch> const& patches);

// plan_routes for those alone who choose so. Returns who has no route.
std::vector<vehicle_id> plan_by_free_flow(demand& d, router const& free_flow, routing_options const& o,
                                          std::function<bool(vehicle_id)> const& selected);
// plan_routes, with each traveller's own choice; free_flow may be null. Returns who has no route.
std::vector<vehicle_id> plan_by_habit(demand& d, router const& known, router const* free_flow, routing_options const& o,
                                      std::function<bool(vehicle_id)> const& selected);

}  // namespace gemeo
