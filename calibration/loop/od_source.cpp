#include "calibration/loop/od_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "sim/core/error.h"
#include "sim/core/parallel.h"
#include "sim/core/random.h"
#include "sim/demand/city.h"

namespace gemeo {

namespace {

constexpr double kGoldenRatio = 0.6180339887498949;  // multiples of it, modulo 1, fill [0, 1) evenly

double fraction(double x) { return x - std::floor(x); }

constexpr double kFarthest_slots = 2;  // what drivers of another slot chose says something about those of this one

std::size_t pick_route(std::vector<chosen_route> const& routes, std::size_t slot, double u) {
  for (std::size_t i = 0; i + 1 < routes.size(); ++i) {
    if (u < routes[i].share[slot]) return i;
    u -= routes[i].share[slot];
  }
  return routes.size() - 1;
}

// The same edges are the same route.
chosen_route& route_along(std::vector<chosen_route>& routes, std::vector<edge_id> edges, std::size_t slots) {
  auto const at = std::find_if(routes.begin(), routes.end(), [&](chosen_route const& r) { return r.edges == edges; });
  if (at != routes.end()) return *at;
  routes.push_back({std::move(edges), std::vector<double>(slots, 0.0)});
  return routes.back();
}

void scale_to_one(std::vector<chosen_route>& routes, std::size_t slots) {
  for (std::size_t s = 0; s < slots; ++s) {
    double sum = 0;
    for (chosen_route const& r : routes) sum += r.share[s];
    for (chosen_route& r : routes) r.share[s] /= sum;
  }
}

// An edge's mean over its turns, for those who do not tell one from another.
edge_costs without_turns(edge_costs costs, network const& net) {
  std::size_t const turns = net.edge_successors.size();
  for (std::size_t s = 0; s < costs.slots; ++s) {
    for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
      range const r = net.edges.out[edge_id(e)];
      if (r.size() == 0) continue;
      float sum = 0;
      for (std::uint32_t t = r.begin; t < r.end; ++t) sum += std::exchange(costs.turn_seconds[s * turns + t], 0.0F);
      costs.seconds[s * net.edge_count() + e] += sum / static_cast<float>(r.size());
    }
  }
  return costs;
}

// Adds shares of routes to those known: the same edges are the same route.
void add_share(std::vector<od_route>& to, std::vector<edge_id> edges, double share) {
  auto const at = std::find_if(to.begin(), to.end(), [&](od_route const& r) { return r.edges == edges; });
  if (at != to.end())
    at->share += share;
  else
    to.push_back({std::move(edges), share});
}

void scale_to_one(std::vector<od_route>& routes) {
  double sum = 0;
  for (od_route const& r : routes) sum += r.share;
  for (od_route& r : routes) r.share /= sum;
}

}  // namespace

std::vector<double> trips_of_pairs(trip_source const& s, std::span<double const> trips) {
  std::size_t const slots = s.slots().count;
  std::vector<double> out(s.pairs() * slots);
  for (std::size_t i = 0; i < trips.size(); ++i) out[s.pair_of(i / slots) * slots + i % slots] += trips[i];
  return out;
}

od_source::od_source(std::shared_ptr<network const> net, od_table table, route_choice choice,
                     std::vector<std::pair<edge_id, edge_id>> ends)
    : net_(std::move(net)), table_(std::move(table)), choice_(std::move(choice)), ends_(std::move(ends)) {
  verify(ends_.empty() || ends_.size() == table_.pairs.size(), "ends are given for every pair, or for none");
  verify(table_.trips.size() == table_.pairs.size() * table_.slots.count, "one number of trips a pair and slot");
  verify(table_.fixed.size() == table_.others.size(), "every traveller is fixed or not");
  verify(!choice_.habits.empty(), "drivers choose routes in some way");
  number_places();
  for (std::size_t p = 0; p < pairs(); ++p) check_routes(table_.pairs[p], pair_name(p));
  find_ends();
  share_out();
  edge_costs free = free_flow_costs(*net_);
  free.turn_seconds = free_flow_turns(*net_);
  choose(free, 1, true);
  router const ways(*net_, free);
  for (std::size_t p = 0; p < pairs(); ++p) {
    route_query q;
    q.cls = choice_.cls;
    cost_s_.push_back(ways.cost_s(routes_[p * choice_.habits.size()].front().edges, q, {.taste_sd = 0}));
  }
}

// Known routes for whom they suffice; prior trips by habit.
void od_source::share_out() {
  double sum = 0;
  for (route_habit const& h : choice_.habits) sum += h.share;
  for (route_habit& h : choice_.habits) h.share /= sum;
  for (std::size_t p = 0; p < pairs(); ++p) {
    for (route_habit const& h : choice_.habits) {
      std::vector<chosen_route>& routes = routes_.emplace_back();
      if (h.known) {
        for (od_route const& r : table_.pairs[p].routes)
          routes.push_back({r.edges, std::vector<double>(table_.slots.count, r.share)});
      }
      for (std::size_t s = 0; s < table_.slots.count; ++s)
        prior_.push_back(h.share * table_.trips[p * table_.slots.count + s]);
    }
  }
  for (std::size_t i = 0; i < table_.trips.size(); ++i) {
    if (!std::isfinite(table_.trips[i]) || table_.trips[i] < 0)
      throw_input(fmt::format("OD pair {}", pair_name(i / table_.slots.count)),
                  fmt::format("{} trips cannot be", table_.trips[i]), "numbers of trips are 0 or more");
  }
}

void od_source::find_ends() {
  if (!ends_.empty()) return;
  for (std::size_t p = 0; p < pairs(); ++p) {
    auto const& routes = table_.pairs[p].routes;
    if (routes.empty() || routes.front().edges.empty())
      throw_input(fmt::format("OD pair {}", pair_name(p)), "has no route and no edges to begin and end at",
                  "give it a route");
    ends_.emplace_back(routes.front().edges.front(), routes.front().edges.back());
  }
}

void od_source::number_places() {
  std::map<std::string, std::uint32_t> numbers;
  auto const number = [&](std::string const& place) {
    return numbers.emplace(place, static_cast<std::uint32_t>(numbers.size())).first->second;
  };
  std::set<std::uint64_t> seen;
  for (od_pair const& p : table_.pairs) {
    origin_.push_back(number(p.from));
    destination_.push_back(number(p.to));
    key_.push_back(entity_key(p.from + "|" + p.to));
    if (!seen.insert(key_.back()).second)
      throw_input(fmt::format("OD pair {} > {}", p.from, p.to), "stands there twice", "add up its trips");
  }
}

std::string od_source::pair_name(std::size_t pair) const {
  return table_.pairs[pair].from + " > " + table_.pairs[pair].to;
}

std::string od_source::origin_name(std::size_t pair) const { return table_.pairs[pair].from; }

void od_source::check_routes(od_pair const& p, std::string const& name) const {
  for (od_route const& r : p.routes) {
    for (std::size_t i = 0; i + 1 < r.edges.size(); ++i) {
      auto const next = net_->successors(r.edges[i]);
      if (std::find(next.begin(), next.end(), r.edges[i + 1]) == next.end())
        throw_input(fmt::format("OD pair {}", name),
                    fmt::format("a route goes from edge '{}' to '{}', which are not connected",
                                net_->edges.name[r.edges[i]], net_->edges.name[r.edges[i + 1]]),
                    "mend the route or the network");
    }
  }
}

// Drivers leave over the whole time, so that the times of every slot have their say. Those who learn tell slots apart;
// each slot hears of the drivers around it, too.
std::vector<chosen_route> od_source::perceived_best(router const& ways, std::size_t stream) const {
  std::vector<chosen_route> out;
  std::size_t const pair = pair_of(stream), slots = table_.slots.count;
  route_habit const& h = choice_.habits[habit_of(stream)];
  routing_options const o{.taste_sd = h.taste_sd, .seed = key_[pair] + habit_of(stream), .threads = 1};
  for (std::size_t i = 0; i < choice_.draws; ++i) {
    route_query q;
    q.from = ends_[pair].first;
    q.to = ends_[pair].second;
    double const at = static_cast<double>(slots) * (static_cast<double>(i) + 0.5) / static_cast<double>(choice_.draws);
    q.depart_s = table_.slots.begin_s + at * table_.slots.length_s;
    q.cls = choice_.cls;
    q.key = entity_key(key_[pair], i);
    std::vector<edge_id> way = ways.route(q, o);
    if (way.empty()) return {};
    chosen_route& r = route_along(out, std::move(way), slots);
    for (std::size_t s = 0; s < slots; ++s)
      r.share[s] += h.learns ? std::max(1e-6, 1 - std::abs(at - static_cast<double>(s) - 0.5) / kFarthest_slots) : 1;
  }
  scale_to_one(out, slots);
  return out;
}

void od_source::learn(edge_costs const& times, double step) { choose(times, step, false); }

void od_source::choose(edge_costs const& times, double step, bool at_first) {
  router const ways(*net_, times);
  std::optional<router> edges_only;
  if (std::any_of(choice_.habits.begin(), choice_.habits.end(), [](route_habit const& h) { return !h.sees_turns; }))
    edges_only.emplace(*net_, without_turns(times, *net_));
  thread_team const team(choice_.threads);
  std::size_t const slots = table_.slots.count;
  std::vector<std::vector<chosen_route>> best(streams());
  team.run(streams(), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t s = begin; s < end; ++s) {
      route_habit const& h = choice_.habits[habit_of(s)];
      if (!h.known && (at_first || h.learns)) best[s] = perceived_best(h.sees_turns ? ways : *edges_only, s);
    }
  });
  for (std::size_t s = 0; s < streams(); ++s) {
    std::vector<chosen_route>& routes = routes_[s];
    if (best[s].empty() && routes.empty())
      throw_input(fmt::format("OD pair {}", pair_name(pair_of(s))), "has no route on the network",
                  "leave the pair out, or mend the network");
    if (best[s].empty()) continue;
    double const kept = routes.empty() ? 0 : 1 - step;
    for (chosen_route& r : routes) {
      for (double& x : r.share) x *= kept;
    }
    for (chosen_route& r : best[s]) {
      chosen_route& known = route_along(routes, std::move(r.edges), slots);
      for (std::size_t k = 0; k < slots; ++k) known.share[k] += r.share[k] * (1 - kept);
    }
    std::erase_if(routes, [](chosen_route const& r) { return std::ranges::max(r.share) < 1e-9; });
    scale_to_one(routes, slots);
  }
}

void od_source::add_traveller(demand& d, std::size_t pair, double depart_s, std::uint64_t key, std::uint64_t seed,
                              route_id route) const {
  od_pair const& p = table_.pairs[pair];
  vehicle_table& v = d.vehicles;
  double const u = random_uniform(seed, key, 0, draw::kVehicleType);
  vehicle_id sample;
  if (!p.samples.empty())
    sample =
        p.samples[std::min(p.samples.size() - 1, static_cast<std::size_t>(u * static_cast<double>(p.samples.size())))];
  vtype_id const type =
      sample.valid() ? table_.others.vehicles.type[sample] : vtype_id(pick_weighted(table_.type_weight, u));
  v.key.push_back(key);
  v.name.push_back(fmt::format("{:016x}", key));
  v.depart_s.push_back(std::floor(depart_s * 10) / 10);
  v.type.push_back(type);
  v.speed_factor.push_back(draw_speed_factor(d.types[type], seed, key));
  auto const edges = d.route(route);
  v.from.push_back(edges.front());
  v.to.push_back(edges.back());
  v.route.push_back(route);
  v.from_zone.push_back(zone_id());
  v.to_zone.push_back(zone_id());
  v.why.push_back(purpose::kOther);
  v.line.push_back(line_id());
  v.stops.push_back({});
  if (table_.others.vehicles.start.size() > 0)
    v.start.push_back(sample.valid() ? table_.others.vehicles.start[sample] : departure{});
}

drawn_trips od_source::draw(std::span<double const> trips, std::uint64_t seed) const {
  verify(trips.size() == prior_.size(), "one number of trips a cell");
  drawn_trips out;
  out.who = table_.others;
  out.who.filter(table_.fixed);
  std::unordered_map<std::uint64_t, std::uint32_t> cell_of;
  departure_slots const& slots = table_.slots;
  for (std::size_t stream = 0; stream < streams(); ++stream) {
    std::vector<route_id> routes;
    std::size_t const p = pair_of(stream);
    std::uint64_t const stream_key = entity_key(key_[p], habit_of(stream));
    double const rounding = random_uniform(seed, stream_key, 0, draw::kTripCount);
    double const first = random_uniform(seed, stream_key, 0, draw::kRouteChoice);
    double sum = 0;
    std::size_t nth = 0;
    for (std::size_t s = 0; s < slots.count; ++s) {
      std::size_t const cell = stream * slots.count + s;
      double const before = std::floor(sum + rounding);
      sum += trips[cell];
      auto const n = static_cast<std::size_t>(std::floor(sum + rounding) - before);
      for (std::size_t k = 0; k < n; ++k, ++nth) {
        if (routes.empty()) {
          for (chosen_route const& r : routes_[stream]) routes.push_back(out.who.add_route(r.edges));
        }
        std::uint64_t const key = entity_key(entity_key(stream_key, s), k);
        double const at =
            (static_cast<double>(k) + random_uniform(seed, key, 0, draw::kDepartTime)) / static_cast<double>(n);
        double const u = fraction(first + static_cast<double>(nth) * kGoldenRatio);
        add_traveller(out.who, p, slots.begin_of(s) + at * slots.length_s, key, seed,
                      routes[pick_route(routes_[stream], s, u)]);
        cell_of.emplace(key, static_cast<std::uint32_t>(cell));
      }
    }
  }
  out.who.sort();
  for (std::uint64_t const key : out.who.vehicles.key) {
    auto const at = cell_of.find(key);
    out.cell.push_back(at == cell_of.end() ? kNoCell : at->second);
  }
  return out;
}

od_table table_of_travellers(demand const& d, departure_slots slots, network const& net) {
  od_table out;
  out.slots = slots;
  out.others = d;
  out.fixed.assign(d.size(), true);
  std::map<std::pair<edge_id, edge_id>, std::size_t> numbers;
  std::vector<std::vector<std::uint32_t>> counts;  // by pair and slot
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    double const at = (d.vehicles.depart_s[v] - slots.begin_s) / slots.length_s;
    if (!d.vehicles.route[v].valid() || d.vehicles.stops[v].size() > 0 || d.vehicles.line[v].valid() || at < 0 ||
        at >= static_cast<double>(slots.count))
      continue;
    out.fixed[i] = false;
    auto const route = d.route(d.vehicles.route[v]);
    auto const [found, fresh] = numbers.emplace(std::pair(route.front(), route.back()), out.pairs.size());
    if (fresh) {
      out.pairs.push_back({net.edges.name[route.front()], net.edges.name[route.back()], {}, {}});
      counts.emplace_back(slots.count);
    }
    od_pair& p = out.pairs[found->second];
    add_share(p.routes, {route.begin(), route.end()}, 1);
    p.samples.push_back(v);
    ++counts[found->second][static_cast<std::size_t>(at)];
  }
  for (od_pair& p : out.pairs) scale_to_one(p.routes);
  for (auto const& of_pair : counts) out.trips.insert(out.trips.end(), of_pair.begin(), of_pair.end());
  return out;
}

namespace {

// Those of a pair who are no cars are fixed; its trips and routes are those of the others.
void keep_cars(od_table& t, std::size_t pair) {
  od_pair& p = t.pairs[pair];
  demand const& d = t.others;
  std::vector<vehicle_id> cars;
  for (vehicle_id const v : p.samples) {
    if (d.types[d.vehicles.type[v]].cls == vclass::kPassenger)
      cars.push_back(v);
    else
      t.fixed[v.index()] = true;
  }
  if (cars.size() == p.samples.size() || cars.empty()) return;
  p.samples = std::move(cars);
  p.routes.clear();
  double* const trips = t.trips.data() + pair * t.slots.count;
  std::fill(trips, trips + t.slots.count, 0.0);
  for (vehicle_id const v : p.samples) {
    auto const route = d.route(d.vehicles.route[v]);
    add_share(p.routes, {route.begin(), route.end()}, 1);
    trips[static_cast<std::size_t>((d.vehicles.depart_s[v] - t.slots.begin_s) / t.slots.length_s)] += 1;
  }
  scale_to_one(p.routes);
}

}  // namespace

od_table cars_alone(od_table t, network const& net) {
  for (std::size_t p = 0; p < t.pairs.size(); ++p) keep_cars(t, p);
  router const ways(net, free_flow_costs(net));
  od_table kept = t;
  kept.pairs.clear();
  kept.trips.clear();
  for (std::size_t p = 0; p < t.pairs.size(); ++p) {
    od_pair& pair = t.pairs[p];
    route_query q;
    q.from = pair.routes.front().edges.front();
    q.to = pair.routes.front().edges.back();
    bool const cars = std::all_of(pair.samples.begin(), pair.samples.end(), [&](vehicle_id v) {
      return t.others.types[t.others.vehicles.type[v]].cls == vclass::kPassenger;
    });
    if (cars && !ways.route(q, {.taste_sd = 0}).empty()) {
      kept.pairs.push_back(std::move(pair));
      auto const first = t.trips.begin() + static_cast<std::ptrdiff_t>(p * t.slots.count);
      kept.trips.insert(kept.trips.end(), first, first + static_cast<std::ptrdiff_t>(t.slots.count));
      continue;
    }
    for (vehicle_id const v : pair.samples) kept.fixed[v.index()] = true;
  }
  return kept;
}

}  // namespace gemeo
