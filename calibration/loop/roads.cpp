#include "calibration/loop/roads.h"

#include <algorithm>

namespace gemeo {

void road_room::learn(drawn_trips const& d, trip_source const& trips) {
  if (empty()) return;
  std::size_t const slots = trips.slots().count;
  of_stream_.resize(trips.streams());
  drawn_.resize(trips.streams());
  others_.resize(most_.size());
  draws_ += 1;
  for (std::size_t i = 0; i < d.cell.size(); ++i) {
    vehicle_id const v(i);
    std::uint32_t const cell = d.cell[v];
    if (!d.who.vehicles.route[v].valid()) continue;  // he has no way
    auto const route = d.who.route(d.who.vehicles.route[v]);
    if (cell == kNoCell) {
      double const at_s = d.who.vehicles.depart_s[v];
      if (at_s < trips.slots().begin_s || at_s >= trips.slots().end_s()) continue;
      for (edge_id const e : route) others_[e.index()] += 1;
      continue;
    }
    auto& uses = of_stream_[cell / slots];
    drawn_[cell / slots] += 1;
    for (edge_id const e : route) {
      auto at = std::lower_bound(uses.begin(), uses.end(), e, [](use const& u, edge_id x) { return u.edge < x; });
      if (at == uses.end() || at->edge != e) at = uses.insert(at, {e, 0});
      at->trips += 1;
    }
  }
}

std::vector<road_room::row> road_room::rows(trip_source const& trips) const {
  std::size_t const slots = trips.slots().count;
  double const hours = trips.slots().length_s * static_cast<double>(slots) / 3600;
  std::vector<room_row> of_edge(most_.size());
  for (std::uint32_t s = 0; s < of_stream_.size(); ++s) {
    for (use const& u : of_stream_[s]) {
      if (!(most_[u.edge] > 0)) continue;
      room_row& r = of_edge[u.edge.index()];
      for (std::uint32_t k = 0; k < slots; ++k) {
        r.cells.push_back(s * static_cast<std::uint32_t>(slots) + k);
        r.shares.push_back(u.trips / drawn_[s]);
      }
    }
  }
  std::vector<row> out;
  for (std::uint32_t e = 0; e < of_edge.size(); ++e) {
    if (of_edge[e].cells.empty()) continue;
    of_edge[e].most = std::max(0.0, most_[edge_id(e)] * hours - others_[e] / draws_);
    out.push_back({edge_id(e), std::move(of_edge[e])});
  }
  return out;
}

}  // namespace gemeo
