#include "sim/network/merges.h"

#include <algorithm>
#include <map>

namespace gemeo {

namespace {

constexpr auto kCar = vclass::kPassenger;
constexpr double kFast_mps = 22.2;  // netconvert's ramps.min-highway-speed

bool all_lanes_for_cars(network const& net, edge_id e) {
  for (std::uint32_t l = net.edges.lanes[e].begin; l < net.edges.lanes[e].end; ++l) {
    if (!permits(net.lanes.allowed[lane_id(l)], kCar)) return false;
  }
  return true;
}

struct way_in {
  edge_id from;
  double sum = 0, connections = 0;  // of the lanes that it leads to
  [[nodiscard]] double mean() const { return sum / connections; }
};
struct at_junction {
  std::vector<way_in> ways;
  std::vector<edge_id> on;
  std::vector<connection> links;
  bool signals = false;

  void add(network const& net, connection const& c) {
    edge_id const from = net.lanes.edge[c.from], to = net.lanes.edge[c.to];
    auto w = std::find_if(ways.begin(), ways.end(), [&](way_in const& x) { return x.from == from; });
    if (w == ways.end()) w = ways.insert(ways.end(), {from});
    w->sum += c.to.value - net.edges.lanes[to].begin;
    w->connections += 1;
    if (std::find(on.begin(), on.end(), to) == on.end()) on.push_back(to);
    links.push_back(c);
    signals = signals || c.signal.valid();
  }
  // Whether a link leads to a lane to which no other way leads.
  [[nodiscard]] bool is_alone(network const& net, connection const& c) const {
    return std::none_of(links.begin(), links.end(), [&](connection const& o) {
      return o.to == c.to && net.lanes.edge[o.from] != net.lanes.edge[c.from];
    });
  }
  void tell(network const& net, merge& m) const {
    for (way_in const& w : ways) {
      bool yields = false, alone = false;
      for (connection const& c : links) {
        if (net.lanes.edge[c.from] != w.from || c.state == 'M') continue;
        yields = true;
        alone = alone || is_alone(net, c);
      }
      m.gives_way = m.gives_way || (yields && alone);
      m.joins = m.joins || (yields && !alone);
    }
  }
};

}  // namespace

bool is_fast(network const& net, edge_id e) {
  std::string const& type = net.edges.type[e];
  if (type.empty()) return net.speed_mps(e) >= kFast_mps;
  return type.find("motorway") != std::string::npos || type.find("trunk") != std::string::npos;
}

std::vector<merge> find_merges(network const& net) {
  std::map<junction_id, at_junction> at;
  for (connection const& c : net.connections) {
    edge_id const from = net.lanes.edge[c.from];
    if (net.is_normal(from) && net.is_normal(net.lanes.edge[c.to])) at[net.edges.to[from]].add(net, c);
  }
  std::vector<merge> out;
  for (auto& [j, a] : at) {
    if (a.signals || a.on.size() != 1 || a.ways.size() < 2 || !all_lanes_for_cars(net, a.on[0])) continue;
    std::stable_sort(a.ways.begin(), a.ways.end(), [](auto const& x, auto const& y) { return x.mean() < y.mean(); });
    merge m;
    m.at = j;
    m.on = a.on[0];
    m.fast = is_fast(net, m.on);
    a.tell(net, m);
    m.lanes_on = net.edges.lanes[m.on].size();
    bool cars = true;
    for (std::size_t i = 0; i < a.ways.size(); ++i) {
      m.ways.push_back(a.ways[i].from);
      m.lanes_in += net.edges.lanes[a.ways[i].from].size();
      cars = cars && all_lanes_for_cars(net, a.ways[i].from);
      if (i > 0 && a.ways[i].mean() == a.ways[i - 1].mean()) m.ordered = false;
    }
    if (cars) out.push_back(std::move(m));
  }
  return out;
}

std::vector<lane_id> find_lost_lanes(network const& net) {
  std::vector<lane_id> out;
  for (std::uint32_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e) || net.successors(e).empty()) continue;
    std::size_t behind = 0;
    for (edge_id const s : net.successors(e)) behind += all_lanes_for_cars(net, s) ? net.edges.lanes[s].size() : 0;
    if (behind < net.edges.lanes[e].size()) continue;
    for (std::uint32_t l = net.edges.lanes[e].begin; l < net.edges.lanes[e].end; ++l) {
      bool const ends = net.lanes.out[lane_id(l)].size() == 0 && net.lanes.acceleration[lane_id(l)] == 0;
      if (ends && permits(net.lanes.allowed[lane_id(l)], kCar)) out.emplace_back(l);
    }
  }
  return out;
}

}  // namespace gemeo
