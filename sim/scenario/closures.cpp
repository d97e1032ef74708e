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

// The longest time without an open lane; changes are in order of time.
time_window longest_closure(network const& net, edge_id e, std::vector<change> const& changes, double end_s) {
  range const lanes = net.edges.lanes[e];
  std::vector<char> open(lanes.size());
  for (std::size_t k = 0; k < open.size(); ++k)
    open[k] = admits(net.lanes.allowed[lane_id(lanes.begin + static_cast<std::uint32_t>(k))]);
  auto const any_open = [&] { return std::find(open.begin(), open.end(), 1) != open.end(); };
  time_window longest, now;
  if (!any_open()) return longest;  // never was a road for cars
  auto const close_at = [&](double t) {
    now.end_s = t;
    if (!(longest.end_s - longest.begin_s >= now.end_s - now.begin_s) && now.end_s > now.begin_s) longest = now;
    now = {};
  };
  for (std::size_t i = 0; i < changes.size();) {
    double const t = changes[i].time_s;
    for (; i < changes.size() && changes[i].time_s == t; ++i)
      open[changes[i].lane.index() - lanes.begin] = changes[i].open;
    bool const closed = !any_open(), was_closed = now.begin_s == now.begin_s;
    if (closed && !was_closed) now.begin_s = t;
    if (!closed && was_closed) close_at(t);
  }
  if (now.begin_s == now.begin_s) close_at(end_s);
  return longest;
}

}  // namespace

id_vector<edge_id, time_window> closures_to_cars(scenario const& s) {
  network const& net = *s.net;
  id_vector<edge_id, time_window> out;
  out.raw().resize(net.edge_count());
  std::map<std::uint32_t, std::vector<change>> by_edge;
  for (timed_command const& c : s.commands) {
    auto const* const k = std::get_if<set_lane_permissions>(&c.what);
    if (k == nullptr || c.time_s >= s.end_s) continue;
    by_edge[net.lanes.edge[k->lane].value].push_back({std::max(c.time_s, s.begin_s), k->lane, admits(k->allowed)});
  }
  for (auto const& [e, changes] : by_edge) out[edge_id(e)] = longest_closure(net, edge_id(e), changes, s.end_s);
  return out;
}

}  // namespace gemeo
