#include "sim/routing/habits.h"

#include <algorithm>

namespace gemeo {

bool chooses_by_free_flow(city const& c, demand const& d, vehicle_id v, std::uint64_t seed) {
  vehicle_table const& t = d.vehicles;
  if (!c.factors || !c.factors->some_by_free_flow() || t.line[v].valid() || !t.from_zone[v].valid() ||
      !t.to_zone[v].valid())
    return false;
  auto const slot = static_cast<std::size_t>(t.depart_s[v] / pair_factors::kSlotS);
  double const share = c.factors->free_flow_share(t.from_zone[v], t.to_zone[v], slot);
  return random_uniform(seed, t.key[v], 0, draw::kRouteChoice) < share;
}

std::shared_ptr<router const> free_flow_router(network const& net, std::vector<cost_patch> const& patches) {
  edge_costs costs = free_flow_costs(net);
  costs.turn_seconds = free_flow_turns(net);
  return std::make_shared<router const>(net, std::move(costs), patches);
}

std::vector<vehicle_id> plan_by_habit(demand& d, city const& c, router const& known, router const* free_flow,
                                      routing_options const& o, std::function<bool(vehicle_id)> const& selected) {
  if (free_flow == nullptr) return plan_routes(d, known, o, selected);
  std::vector<bool> by_free_flow(d.size());
  for (std::size_t i = 0; i < d.size(); ++i) by_free_flow[i] = chooses_by_free_flow(c, d, vehicle_id(i), o.seed);
  std::vector<vehicle_id> without =
      plan_routes(d, known, o, [&](vehicle_id v) { return !by_free_flow[v.index()] && selected(v); });
  routing_options with = o;
  with.taste_sd = kFreeFlowTasteSd;
  std::vector<vehicle_id> const others =
      plan_routes(d, *free_flow, with, [&](vehicle_id v) { return by_free_flow[v.index()] && selected(v); });
  without.insert(without.end(), others.begin(), others.end());
  std::sort(without.begin(), without.end());
  return without;
}

}  // namespace gemeo
