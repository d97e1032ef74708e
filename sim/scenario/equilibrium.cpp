// Repeated simulation and route choice (method of successive averages; Sheffi, Urban Transportation Networks, 1985, ch.
// 12): a keyed share of travellers takes the route that is best by measured times; how far from equilibrium the others
// are is the relative gap. Both by each traveller's own perception, so that the gap of a perfect assignment is 0.
#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/scenario/compile.h"

namespace gemeo {

namespace {

route_query query_of(demand const& d, vehicle_id v) {
  vehicle_table const& t = d.vehicles;
  return {t.from[v], t.to[v], t.depart_s[v], d.types[t.type[v]].cls, t.key[v], t.type[v]};
}

bool chooses(demand const& d, vehicle_id v) { return !d.vehicles.line[v].valid() && d.vehicles.route[v].valid(); }

}  // namespace

void reroute_scenario(compiled& c, edge_costs const& measured, double share, std::uint64_t iteration) {
  verify(c.ready.travellers != nullptr && c.ready.ways != nullptr, "an equilibrium needs a compiled scenario");
  auto const ways = std::make_shared<router const>(*c.ready.net, measured, c.lasting);
  auto moved = std::make_shared<demand>(*c.ready.travellers);
  routing_options const& o = c.ready.way_options;
  plan_routes(*moved, *ways, o, [&](vehicle_id v) {
    return chooses(*moved, v) &&
           random_uniform(o.seed, moved->vehicles.key[v], iteration + 1, draw::kRerouteShare) < share;
  });
  c.ready.demand_hash = moved->hash();
  c.ready.travellers = std::move(moved);
  c.ready.ways = ways;
}

double relative_gap(compiled const& c, edge_costs const& measured) {
  router const ways(*c.ready.net, measured, c.lasting);
  demand best = *c.ready.travellers;
  plan_routes(best, ways, c.ready.way_options, [&](vehicle_id v) { return chooses(best, v); });
  double excess = 0, total = 0;
  for (std::size_t i = 0; i < best.size(); ++i) {
    vehicle_id const v(i);
    if (!chooses(best, v)) continue;
    route_query const q = query_of(best, v);
    double const taken =
        ways.perceived_s(c.ready.travellers->route(c.ready.travellers->vehicles.route[v]), q, c.ready.way_options);
    double const least = ways.perceived_s(best.route(best.vehicles.route[v]), q, c.ready.way_options);
    if (!std::isfinite(taken) || !std::isfinite(least)) continue;  // waits before a closure; counted by the run
    excess += taken - least;
    total += taken;
  }
  return total > 0 ? excess / total : 0;
}

}  // namespace gemeo
