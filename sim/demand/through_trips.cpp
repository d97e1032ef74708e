#include "sim/demand/through_trips.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>

#include "sim/core/error.h"
#include "sim/core/xml.h"

namespace gemeo {

namespace {

constexpr auto kCar = vclass::kPassenger;
constexpr double kOfRamp = 0.25;

struct class_of_road {
  char const* name;
  double veh_per_day, speed_mps;  // speed: from which on a road without a type is taken for it
};
constexpr std::array kClasses{class_of_road{"motorway", 67200, 27},  class_of_road{"trunk", 26700, 22},
                              class_of_road{"primary", 13700, 16.5}, class_of_road{"secondary", 6500, 13.8},
                              class_of_road{"tertiary", 2600, 11},   class_of_road{"residential", 240, 0}};

// OpenStreetMap's other classes for cars. Types of other makers say nothing here: their roads go by their limit.
std::set<std::string> const kStreets{"unclassified", "living_street", "service", "track", "road", "unsurfaced"};

std::vector<std::vector<edge_id>> ways_for_cars(network const& net) {
  std::vector<std::vector<edge_id>> next(net.edge_count());
  for (connection const& c : net.connections) {
    edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
    if (!net.is_normal(from) || !net.is_normal(to)) continue;
    if (!permits(net.lanes.allowed[c.from] & net.lanes.allowed[c.to], kCar)) continue;
    auto& n = next[from.index()];
    if (std::find(n.begin(), n.end(), to) == n.end()) n.push_back(to);
  }
  return next;
}

std::vector<bool> reached(std::vector<std::vector<edge_id>> const& next, edge_id from) {
  std::vector<bool> seen(next.size());
  std::vector<edge_id> open{from};
  seen[from.index()] = true;
  while (!open.empty()) {
    edge_id const e = open.back();
    open.pop_back();
    for (edge_id const n : next[e.index()]) {
      if (seen[n.index()]) continue;
      seen[n.index()] = true;
      open.push_back(n);
    }
  }
  return seen;
}

}  // namespace

double usual_veh_per_day(network const& net, edge_id e) {
  std::string type = net.edges.type[e];
  if (type.starts_with("highway.")) type.erase(0, 8);
  bool const ramp = type.ends_with("_link");
  if (ramp) type.erase(type.size() - 5);
  for (class_of_road const& c : kClasses) {
    if (type == c.name) return c.veh_per_day * (ramp ? kOfRamp : 1);
  }
  if (kStreets.contains(type)) return kClasses.back().veh_per_day;
  for (class_of_road const& c : kClasses) {
    if (net.speed_mps(e) >= c.speed_mps) return c.veh_per_day;
  }
  return kClasses.back().veh_per_day;
}

open_ends_of_roads find_open_ends(network const& net) {
  auto const next = ways_for_cars(net);
  std::vector<bool> led_to(net.edge_count());
  for (auto const& n : next) {
    for (edge_id const e : n) led_to[e.index()] = true;
  }
  open_ends_of_roads out;
  for (std::uint32_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e) || !permits(net.allowed(e), kCar)) continue;
    if (!led_to[i] && !next[i].empty()) out.in.push_back(e);
    if (led_to[i] && next[i].empty()) out.out.push_back(e);
  }
  return out;
}

std::vector<through_pair> through_pairs(network const& net, std::map<std::string, double> const& weights) {
  auto const next = ways_for_cars(net);
  open_ends_of_roads const ends = find_open_ends(net);
  auto const weight = [&](edge_id e) {
    auto const own = weights.find(net.edges.type[e]);
    return own != weights.end() ? own->second : usual_veh_per_day(net, e);
  };
  std::vector<through_pair> out;
  double sum = 0;
  for (edge_id const a : ends.in) {
    std::vector<bool> const seen = reached(next, a);
    for (edge_id const b : ends.out) {
      if (!seen[b.index()] || net.edges.from[a] == net.edges.to[b]) continue;
      out.push_back({a, b, weight(a) * weight(b)});
      sum += out.back().weight;
    }
  }
  if (!(sum > 0))
    throw_input(net.file.string(), "no open end leads to another", "is it a network whose roads leave it somewhere?");
  for (through_pair& p : out) p.weight /= sum;
  return out;
}

std::string through_trips(network const& net, std::vector<through_pair> const& pairs, double trips_per_hour,
                          double begin_s, double end_s) {
  constexpr double kGolden = 0.6180339887498949;  // pairs begin at different moments
  std::vector<std::tuple<double, std::size_t>> all;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    double const every_s = 3600 / (trips_per_hour * pairs[i].weight);
    double const first = std::fmod(static_cast<double>(i + 1) * kGolden, 1.0);
    for (double k = first; begin_s + k * every_s < end_s; k += 1) all.emplace_back(begin_s + k * every_s, i);
  }
  std::sort(all.begin(), all.end());
  std::string text = "<routes>\n";
  for (std::size_t n = 0; n < all.size(); ++n) {
    auto const& [t, i] = all[n];
    text += fmt::format(
        "  <trip id=\"{}\" depart=\"{:.1f}\" from=\"{}\" to=\"{}\" departLane=\"best\" departSpeed=\"max\"/>\n", n, t,
        xml_escape(net.edges.name[pairs[i].from]), xml_escape(net.edges.name[pairs[i].to]));
  }
  return text + "</routes>\n";
}

}  // namespace gemeo
