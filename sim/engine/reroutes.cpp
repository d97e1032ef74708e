#include "sim/engine/reroutes.h"

#include <algorithm>
#include <cmath>

#include "sim/core/random.h"

namespace gemeo {

namespace {

// A driver this close to the junction keeps to the turn already chosen.
constexpr double kReaction_s = 3, kLaneChange_m = 25;
// This close to the junction informed drivers turn only where their lane leads.
constexpr double kQueue_m = 100;
constexpr std::size_t kSearchesATask = 1;

// way: from route[from] on. The whole of what is left, or nothing where there is no way or it is the present one.
std::vector<edge_id> joined(std::span<edge_id const> route, std::size_t from, std::span<edge_id const> way) {
  auto const rest = route.subspan(from);
  if (way.empty() || std::equal(way.begin(), way.end(), rest.begin(), rest.end())) return {};
  std::vector<edge_id> whole(route.begin(), route.begin() + static_cast<std::ptrdiff_t>(from));
  whole.insert(whole.end(), way.begin(), way.end());
  return whole;
}

}  // namespace

std::size_t reroutes::answer(reroute const& r, std::span<vehicle_id const> waiting, double time_s) {
  demand const& d = *scenario_.travellers;
  std::vector<bool> named(scenario_.net->edge_count(), false);
  for (edge_id const e : r.edges) named[e.index()] = true;
  edge_test const avoids = [&](edge_id e) { return named[e.index()]; };
  std::vector<place> places;
  auto const ask = [&](vehicle_id v, bool in_network) {
    vehicle_table const& t = d.vehicles;
    if (!permits(r.classes, d.types[t.type[v]].cls) || t.stops[v].size() != 0) return;
    if (random_uniform(seed_, t.key[v], 0, draw::kRerouteShare) >= r.share) return;
    place p;
    p.who = v;
    p.in_network = in_network;
    p.route = traffic_.route_left(v, in_network);
    if (p.route.empty()) return;
    // Who is already on an edge drives off it.
    if (std::none_of(p.route.begin() + (in_network ? 1 : 0), p.route.end(), avoids)) return;
    look_closer(p, avoids);
    places.push_back(p);
  };
  for (vehicle_id const v : traffic_.vehicles()) ask(v, true);
  for (vehicle_id const v : waiting) ask(v, false);
  return send_all(places, [&](place const& p) {
    return joined(p.route, p.from, scenario_.ways->route(query(p, time_s), scenario_.way_options));
  });
}

void reroutes::look_closer(place& p, edge_test const& avoids) const {
  if (!p.in_network || p.route.size() < 2) return;
  whereabouts const now = traffic_.find(p.who);
  if (!now.lane.valid()) {
    p.from = 1;
    return;
  }
  p.lane = now.lane;
  p.rest_m = scenario_.net->length_m(p.route[0]) - now.pos_m;
  p.speed_mps = now.speed_mps;
  bool const too_late = p.rest_m < kLaneChange_m + kReaction_s * p.speed_mps;
  if (too_late && !avoids(p.route[1])) p.from = 1;
}

// From the lane, or with room to change to one from which it can: a queue at a junction lets nobody in.
bool reroutes::can_turn(place const& p, edge_id next) const {
  if (p.from != 0 || !p.lane.valid() || p.rest_m >= kQueue_m) return true;
  network const& net = *scenario_.net;
  range const out = net.lanes.out[p.lane];
  return std::any_of(net.connections.begin() + out.begin, net.connections.begin() + out.end,
                     [&](connection const& c) { return net.lanes.edge[c.to] == next; });
}

route_query reroutes::query(place const& p, double time_s) const {
  demand const& d = *scenario_.travellers;
  vehicle_table const& t = d.vehicles;
  return {p.route[p.from], p.route.back(), time_s, d.types[t.type[p.who]].cls, t.key[p.who], t.type[p.who]};
}

std::size_t reroutes::offer(std::span<vehicle_id const> who, router const& ways, double gain, double gain_s,
                            double time_s) {
  std::vector<place> places;
  for (vehicle_id const v : who) {
    place p;
    p.who = v;
    p.route = traffic_.route_left(v, true);
    if (p.route.size() < 2) continue;  // on the last edge
    look_closer(p, [](edge_id) { return false; });
    places.push_back(p);
  }
  return send_all(places, [&](place const& p) { return better(p, ways, gain, gain_s, time_s); });
}

std::vector<edge_id> reroutes::better(place p, router const& ways, double gain, double gain_s, double time_s) const {
  routing_options const& o = scenario_.way_options;
  for (; p.from <= 1 && p.from + 1 < p.route.size(); ++p.from) {
    route_query q = query(p, time_s);
    auto const rest = p.route.subspan(p.from);
    double const now_s = ways.perceived_s(rest, q, o);
    if (std::isfinite(now_s)) {
      // Of the edge now driven, what lies behind is no time left.
      double const length_m = scenario_.net->length_m(rest[0]);
      double const behind = p.from == 0 && length_m > 0 ? 1 - std::clamp(p.rest_m / length_m, 0.0, 1.0) : 0;
      double const left_s = now_s - behind * ways.perceived_s(rest.first(2), q, o);
      q.at_most_s = now_s - std::max(gain_s, gain * left_s);
      if (q.at_most_s <= 0) return {};
    }
    std::vector<edge_id> const way = ways.route(q, o);
    if (way.size() > 1 && way[1] != rest[1] && !can_turn(p, way[1])) continue;  // another way from the next edge on
    return joined(p.route, p.from, way);
  }
  return {};
}

std::size_t reroutes::send_all(std::vector<place> const& places, search const& find) {
  std::vector<std::vector<edge_id>> found(places.size());
  team_.run(places.size(), kSearchesATask, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) found[i] = find(places[i]);
  });
  std::size_t n = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (found[i].empty()) continue;
    std::string const why = traffic_.send(places[i].who, places[i].in_network, found[i]);
    if (why.empty()) {
      ++n;
    } else {
      refused.push_back(scenario_.travellers->vehicles.name[places[i].who] + ": " + why);
    }
  }
  return n;
}

}  // namespace gemeo
