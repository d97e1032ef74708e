#include "sim/engine_sumo/traffic.h"

#include <libsumo/libsumo.h>

#include <algorithm>

namespace gemeo {

std::span<edge_id const> sumo_traffic::route_of(vehicle_id v) const {
  if (auto const it = changed_.find(v); it != changed_.end()) return it->second;
  return scenario_.travellers->route(scenario_.travellers->vehicles.route[v]);
}

std::size_t sumo_traffic::index_of(vehicle_id v, bool in_network) const {
  if (!in_network) return 0;
  return static_cast<std::size_t>(std::max(0, libsumo::Vehicle::getRouteIndex(vehicles_.name(v))));
}

std::span<edge_id const> sumo_traffic::route_left(vehicle_id v, bool in_network) const {
  auto const whole = route_of(v);
  return whole.subspan(std::min(index_of(v, in_network), whole.size()));
}

whereabouts sumo_traffic::find(vehicle_id v) const {
  std::string const& name = vehicles_.name(v);
  std::string const lane = libsumo::Vehicle::getLaneID(name);
  if (lane.empty() || lane.front() == ':') return {};
  return {scenario_.net->find_lane(lane).value_or(lane_id()), libsumo::Vehicle::getLanePosition(name),
          libsumo::Vehicle::getSpeed(name)};
}

std::string sumo_traffic::send(vehicle_id v, bool in_network, std::span<edge_id const> way) {
  std::string const& name = vehicles_.name(v);
  std::size_t const at = index_of(v, in_network);
  std::vector<std::string> names;
  for (edge_id const e : way) names.push_back(scenario_.net->edges.name[e]);
  try {
    libsumo::Vehicle::setRoute(name, names);
  } catch (libsumo::TraCIException const& e) {
    return e.what();
  }
  auto const before = route_of(v);
  // SUMO may keep the edges driven so far in the new route, or begin it here.
  std::size_t const kept = std::min(at, index_of(v, in_network));
  auto const driven = before.subspan(at - kept, kept);
  std::vector<edge_id> whole(driven.begin(), driven.end());
  whole.insert(whole.end(), way.begin(), way.end());
  changed_[v] = std::move(whole);
  return {};
}

}  // namespace gemeo
