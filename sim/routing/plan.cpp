#include <algorithm>
#include <numeric>

#include "sim/core/parallel.h"
#include "sim/routing/router.h"

namespace gemeo {

std::vector<vehicle_id> plan_routes(demand& d, router const& r, routing_options const& o,
                                    std::function<bool(vehicle_id)> const& selected) {
  std::vector<vehicle_id> who;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (selected(vehicle_id(i))) who.emplace_back(i);
  }
  std::vector<std::vector<edge_id>> found(who.size());
  // By target: a search's bound depends on its target alone, and a thread remembers its last one.
  std::vector<std::uint32_t> order(who.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return d.vehicles.to[who[a]] < d.vehicles.to[who[b]]; });
  thread_team(o.threads).run(who.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      std::uint32_t const i = order[k];
      vehicle_id const v = who[i];
      route_query const q{d.vehicles.from[v],     d.vehicles.to[v],
                          d.vehicles.depart_s[v], d.types[d.vehicles.type[v]].cls,
                          d.vehicles.key[v],      d.vehicles.type[v]};
      found[i] = r.route(q, o);
    }
  });
  // Routes go into the pool in the order of vehicles, whatever thread found them.
  std::vector<vehicle_id> without;
  for (std::size_t i = 0; i < who.size(); ++i) {
    if (found[i].empty()) {
      without.push_back(who[i]);
    } else {
      d.vehicles.route[who[i]] = d.add_route(found[i]);
    }
  }
  return without;
}

}  // namespace gemeo
