#include "sim/engine_sumo/reroutes.h"

#include <libsumo/libsumo.h>

#include <algorithm>

#include "sim/core/random.h"

namespace gemeo {

namespace {
// A driver this close to the junction keeps to the turn already chosen.
constexpr double kReaction_s = 3, kLaneChange_m = 25;
}  // namespace

std::span<edge_id const> reroutes::route_of(vehicle_id v) const {
  if (auto const it = changed_.find(v); it != changed_.end()) return it->second;
  return scenario_.travellers->route(scenario_.travellers->vehicles.route[v]);
}

std::size_t reroutes::answer(reroute const& r, fleet& vehicles, std::span<vehicle_id const> waiting, double time_s) {
  demand const& d = *scenario_.travellers;
  std::vector<bool> named(scenario_.net->edge_count(), false);
  for (edge_id const e : r.edges) named[e.index()] = true;
  std::size_t n = 0;
  auto const ask = [&](vehicle_id v, bool in_network) {
    vehicle_table const& t = d.vehicles;
    if (!permits(r.classes, d.types[t.type[v]].cls) || t.stops[v].size() != 0) return;
    if (random_uniform(seed_, t.key[v], 0, draw::kRerouteShare) >= r.share) return;
    if (send(v, vehicles.name(v), in_network, named, time_s)) ++n;
  };
  for (vehicle_id const v : vehicles.vehicles()) ask(v, true);
  for (vehicle_id const v : waiting) ask(v, false);
  return n;
}

bool reroutes::send(vehicle_id v, std::string const& name, bool in_network, std::vector<bool> const& named,
                    double time_s) {
  demand const& d = *scenario_.travellers;
  network const& net = *scenario_.net;
  std::span<edge_id const> const route = route_of(v);
  // SUMO counts the edge before a junction as current until the next one is reached.
  std::size_t const at = in_network ? static_cast<std::size_t>(std::max(0, libsumo::Vehicle::getRouteIndex(name))) : 0;
  if (at >= route.size()) return false;
  std::size_t const first = in_network ? at + 1 : at;  // who is already on the edge drives off it
  auto const meets = [&](std::size_t i) { return named[route[i].index()]; };
  bool met = false;
  for (std::size_t i = first; i < route.size() && !met; ++i) met = meets(i);
  if (!met) return false;

  std::size_t from = at;
  if (in_network && at + 1 < route.size()) {
    std::string const lane = libsumo::Vehicle::getLaneID(name);
    bool const on_junction = !lane.empty() && lane.front() == ':';
    double const rest_m = net.length_m(route[at]) - libsumo::Vehicle::getLanePosition(name);
    bool const too_late = rest_m < kLaneChange_m + kReaction_s * libsumo::Vehicle::getSpeed(name);
    if (on_junction || lane.empty() || (too_late && !meets(at + 1))) from = at + 1;
  }
  vehicle_table const& t = d.vehicles;
  route_query q;
  q.from = route[from];
  q.to = route.back();
  q.depart_s = time_s;
  q.cls = d.types[t.type[v]].cls;
  q.key = t.key[v];
  q.type = t.type[v];
  std::vector<edge_id> const found = scenario_.ways->route(q, scenario_.way_options);
  if (found.empty() ||
      std::equal(found.begin(), found.end(), route.begin() + static_cast<std::ptrdiff_t>(from), route.end())) {
    return false;
  }
  std::vector<edge_id> whole(route.begin(), route.begin() + static_cast<std::ptrdiff_t>(from));
  whole.insert(whole.end(), found.begin(), found.end());
  std::vector<std::string> names;
  for (std::size_t i = at; i < whole.size(); ++i) names.push_back(net.edges.name[whole[i]]);
  try {
    libsumo::Vehicle::setRoute(name, names);
  } catch (libsumo::TraCIException const& e) {
    refused.push_back(t.name[v] + ": " + e.what());
    return false;
  }
  // SUMO may keep the edges driven so far in the new route, or begin it here.
  std::size_t const kept =
      in_network ? static_cast<std::size_t>(std::max(0, libsumo::Vehicle::getRouteIndex(name))) : 0;
  if (kept < at) whole.erase(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at - kept));
  changed_[v] = std::move(whole);
  return true;
}

}  // namespace gemeo
