#include "sim/engine_sumo/reroutes.h"

#include <libsumo/libsumo.h>

#include <algorithm>
#include <cmath>

#include "sim/core/random.h"

namespace gemeo {

namespace {
// A driver this close to the junction keeps to the turn already chosen.
constexpr double kReaction_s = 3, kLaneChange_m = 25;
// This close to the junction informed drivers turn only where their lane leads.
constexpr double kQueue_m = 100;
}  // namespace

std::span<edge_id const> reroutes::route_of(vehicle_id v) const {
  if (auto const it = changed_.find(v); it != changed_.end()) return it->second;
  return scenario_.travellers->route(scenario_.travellers->vehicles.route[v]);
}

std::size_t reroutes::answer(reroute const& r, fleet& vehicles, std::span<vehicle_id const> waiting, double time_s) {
  demand const& d = *scenario_.travellers;
  std::vector<bool> named(scenario_.net->edge_count(), false);
  for (edge_id const e : r.edges) named[e.index()] = true;
  edge_test const avoids = [&](edge_id e) { return named[e.index()]; };
  std::size_t n = 0;
  auto const ask = [&](vehicle_id v, bool in_network) {
    vehicle_table const& t = d.vehicles;
    if (!permits(r.classes, d.types[t.type[v]].cls) || t.stops[v].size() != 0) return;
    if (random_uniform(seed_, t.key[v], 0, draw::kRerouteShare) >= r.share) return;
    if (avoid(v, vehicles.name(v), in_network, avoids, time_s)) ++n;
  };
  for (vehicle_id const v : vehicles.vehicles()) ask(v, true);
  for (vehicle_id const v : waiting) ask(v, false);
  return n;
}

reroutes::place reroutes::find(vehicle_id v, std::string const& name, bool in_network) const {
  place p;
  p.route = route_of(v);
  p.in_network = in_network;
  p.at = p.from = in_network ? static_cast<std::size_t>(std::max(0, libsumo::Vehicle::getRouteIndex(name))) : 0;
  return p;
}

void reroutes::look_closer(place& p, std::string const& name, edge_test const& avoids) const {
  if (!p.in_network || p.at + 1 >= p.route.size()) return;
  std::string const lane = libsumo::Vehicle::getLaneID(name);
  if (lane.empty() || lane.front() == ':') {
    p.from = p.at + 1;
    return;
  }
  network const& net = *scenario_.net;
  p.lane = net.find_lane(lane).value_or(lane_id());
  p.rest_m = net.length_m(p.route[p.at]) - libsumo::Vehicle::getLanePosition(name);
  p.speed_mps = libsumo::Vehicle::getSpeed(name);
  bool const too_late = p.rest_m < kLaneChange_m + kReaction_s * p.speed_mps;
  if (too_late && !avoids(p.route[p.at + 1])) p.from = p.at + 1;
}

// From the lane, or with room to change to one from which it can: a queue at a junction lets nobody in.
bool reroutes::can_turn(place const& p, edge_id next) const {
  if (p.from != p.at || !p.lane.valid() || p.rest_m >= kQueue_m) return true;
  network const& net = *scenario_.net;
  range const out = net.lanes.out[p.lane];
  return std::any_of(net.connections.begin() + out.begin, net.connections.begin() + out.end,
                     [&](connection const& c) { return net.lanes.edge[c.to] == next; });
}

route_query reroutes::query(vehicle_id v, place const& p, double time_s) const {
  demand const& d = *scenario_.travellers;
  vehicle_table const& t = d.vehicles;
  return {p.route[p.from], p.route.back(), time_s, d.types[t.type[v]].cls, t.key[v], t.type[v]};
}

bool reroutes::avoid(vehicle_id v, std::string const& name, bool in_network, edge_test const& avoids, double time_s) {
  place p = find(v, name, in_network);
  if (p.at >= p.route.size()) return false;
  // Who is already on an edge drives off it.
  auto const ahead = p.route.subspan(in_network ? p.at + 1 : p.at);
  if (std::none_of(ahead.begin(), ahead.end(), avoids)) return false;
  look_closer(p, name, avoids);
  return send(v, name, p, scenario_.ways->route(query(v, p, time_s), scenario_.way_options));
}

bool reroutes::offer(vehicle_id v, std::string const& name, router const& ways, double gain, double gain_s,
                     double time_s) {
  place p = find(v, name, true);
  if (p.at >= p.route.size()) return false;
  look_closer(p, name, [](edge_id) { return false; });
  routing_options const& o = scenario_.way_options;
  for (; p.from <= p.at + 1 && p.from + 1 < p.route.size(); ++p.from) {
    route_query q = query(v, p, time_s);
    auto const rest = p.route.subspan(p.from);
    double const now_s = ways.perceived_s(rest, q, o);
    if (std::isfinite(now_s)) {
      // Of the edge now driven, what lies behind is no time left.
      double const length_m = scenario_.net->length_m(rest[0]);
      double const behind = p.from == p.at && length_m > 0 ? 1 - std::clamp(p.rest_m / length_m, 0.0, 1.0) : 0;
      double const left_s = now_s - behind * ways.perceived_s(rest.first(2), q, o);
      q.at_most_s = now_s - std::max(gain_s, gain * left_s);
      if (q.at_most_s <= 0) return false;
    }
    std::vector<edge_id> const way = ways.route(q, o);
    if (way.size() > 1 && way[1] != rest[1] && !can_turn(p, way[1])) continue;  // another way from the next edge on
    return send(v, name, p, way);
  }
  return false;
}

// way: from the edge p.from on; empty: there is none, and the traveller keeps to the route.
bool reroutes::send(vehicle_id v, std::string const& name, place const& p, std::span<edge_id const> way) {
  auto const rest = p.route.subspan(p.from);
  if (way.empty() || std::equal(way.begin(), way.end(), rest.begin(), rest.end())) return false;
  std::vector<edge_id> whole(p.route.begin(), p.route.begin() + static_cast<std::ptrdiff_t>(p.from));
  whole.insert(whole.end(), way.begin(), way.end());
  std::vector<std::string> names;
  for (std::size_t i = p.at; i < whole.size(); ++i) names.push_back(scenario_.net->edges.name[whole[i]]);
  try {
    libsumo::Vehicle::setRoute(name, names);
  } catch (libsumo::TraCIException const& e) {
    refused.push_back(scenario_.travellers->vehicles.name[v] + ": " + e.what());
    return false;
  }
  // SUMO may keep the edges driven so far in the new route, or begin it here.
  std::size_t const kept =
      p.in_network ? static_cast<std::size_t>(std::max(0, libsumo::Vehicle::getRouteIndex(name))) : 0;
  if (kept < p.at) whole.erase(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(p.at - kept));
  changed_[v] = std::move(whole);
  return true;
}

}  // namespace gemeo
