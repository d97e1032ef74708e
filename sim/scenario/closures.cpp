#include "sim/scenario/closures.h"

#include <algorithm>
#include <map>

namespace gemeo {

namespace {

struct change {
  double time_s = 0;
  lane_id lane;
  bool open = false;  // to passenger cars
};

bool admits(vclass_mask m) { return permits(m, vclass::kPassenger); }

// Times without an open lane; changes are in order of time.
void add_closures(network const& net, edge_id e, std::vector<change> const& changes, double end_s,
                  std::vector<edge_closure>& out) {
  range const lanes = net.edges.lanes[e];
  std::vector<char> open(lanes.size());
  for (std::size_t k = 0; k < open.size(); ++k)
    open[k] = admits(net.lanes.allowed[lane_id(lanes.begin + static_cast<std::uint32_t>(k))]);
  auto const any_open = [&] { return std::find(open.begin(), open.end(), 1) != open.end(); };
  if (!any_open()) return;  // never was a road for cars
  bool shut = false;
  double since = 0;
  auto const open_at = [&](double t) {
    if (shut && since < t) out.push_back({e, since, t});
    shut = false;
  };
  for (std::size_t i = 0; i < changes.size();) {
    double const t = changes[i].time_s;
    for (; i < changes.size() && changes[i].time_s == t; ++i)
      open[changes[i].lane.index() - lanes.begin] = changes[i].open;
    if (any_open()) {
      open_at(t);
    } else if (!shut) {
      shut = true;
      since = t;
    }
  }
  open_at(end_s);
}

}  // namespace

std::vector<edge_closure> closures_to_cars(scenario const& s) {
  network const& net = *s.net;
  std::map<std::uint32_t, std::vector<change>> by_edge;
  for (timed_command const& c : s.commands) {
    auto const* const k = std::get_if<set_lane_permissions>(&c.what);
    if (k == nullptr || c.time_s >= s.end_s) continue;
    by_edge[net.lanes.edge[k->lane].value].push_back({std::max(c.time_s, s.begin_s), k->lane, admits(k->allowed)});
  }
  std::vector<edge_closure> out;
  for (auto const& [e, changes] : by_edge) add_closures(net, edge_id(e), changes, s.end_s, out);
  return out;
}

}  // namespace gemeo
