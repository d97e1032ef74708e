#include "calibration/loop/roads.h"

#include <algorithm>
#include <limits>

namespace gemeo {

namespace {

constexpr std::uint32_t kNoTurn = std::numeric_limits<std::uint32_t>::max();

std::uint32_t turn_between(network const& net, edge_id from, edge_id to) {
  range const r = net.edges.out[from];
  for (std::uint32_t t = r.begin; t < r.end; ++t) {
    if (net.edge_successors[t] == to) return t;
  }
  return kNoTurn;
}

// The turns together let at least so many pass; where one of them has no limit they do.
void allow_together(std::vector<double>& of_turn, std::vector<std::uint32_t> const& turns, double flow) {
  double sum = 0;
  for (std::uint32_t const t : turns) {
    if (!(of_turn[t] > 0)) return;
    sum += of_turn[t];
  }
  if (sum >= flow) return;
  for (std::uint32_t const t : turns) of_turn[t] *= flow / sum;
}

}  // namespace

void allow_counted(road_limits& l, network const& net, std::vector<count_station> const& stations,
                   std::vector<station_count> const& counts) {
  if (l.empty()) return;
  for (station_count const& c : counts) {
    edge_id const e = stations[c.station].edge;
    double const flow = c.count * 3600 / (c.end_s - c.begin_s);
    if (l.of_edge[e] > 0) l.of_edge[e] = std::max(l.of_edge[e], flow);
    if (l.of_turn.empty()) continue;
    std::vector<std::uint32_t> coming, leaving;
    for (edge_id const before : net.predecessors(e)) coming.push_back(turn_between(net, before, e));
    for (std::uint32_t t = net.edges.out[e].begin; t < net.edges.out[e].end; ++t) leaving.push_back(t);
    allow_together(l.of_turn, coming, flow);
    allow_together(l.of_turn, leaving, flow);
  }
}

road_room::road_room(network const& net, road_limits limits) : net_(net) {
  if (limits.empty()) return;
  for (double const x : limits.of_edge) most_.push_back(x);
  most_.insert(most_.end(), limits.of_turn.begin(), limits.of_turn.end());
  from_.resize(net.edge_successors.size());
  for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
    range const r = net.edges.out[edge_id(e)];
    for (std::uint32_t t = r.begin; t < r.end; ++t) from_[t] = edge_id(e);
  }
}

template <typename Body>
void road_room::each_limited(std::span<edge_id const> route, Body const& body) const {
  std::size_t const edges = net_.edge_count();
  bool const turns = most_.size() > edges;
  for (std::size_t i = 0; i < route.size(); ++i) {
    if (most_[route[i].index()] > 0) body(static_cast<place>(route[i].index()));
    if (!turns || i + 1 == route.size()) continue;
    std::uint32_t const t = turn_between(net_, route[i], route[i + 1]);
    if (t != kNoTurn && most_[edges + t] > 0) body(static_cast<place>(edges + t));
  }
}

void road_room::learn(drawn_trips const& d, trip_source const& trips) {
  if (most_.empty()) return;
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
      each_limited(route, [&](place p) { others_[p] += 1; });
      continue;
    }
    auto& uses = of_stream_[cell / slots];
    drawn_[cell / slots] += 1;
    each_limited(route, [&](place p) {
      auto at = std::lower_bound(uses.begin(), uses.end(), p, [](use const& u, place x) { return u.at < x; });
      if (at == uses.end() || at->at != p) at = uses.insert(at, {p, 0});
      at->trips += 1;
    });
  }
}

road_room::row road_room::named(place at) const {
  std::size_t const edges = net_.edge_count();
  if (at < edges) return {edge_id(at), edge_id(), {}};
  return {from_[at - edges], net_.edge_successors[at - edges], {}};
}

std::vector<road_room::row> road_room::rows(trip_source const& trips) const {
  std::size_t const slots = trips.slots().count;
  double const hours = trips.slots().length_s * static_cast<double>(slots) / 3600;
  std::vector<room_row> of_place(most_.size());
  for (std::uint32_t s = 0; s < of_stream_.size(); ++s) {
    for (use const& u : of_stream_[s]) {
      room_row& r = of_place[u.at];
      for (std::uint32_t k = 0; k < slots; ++k) {
        r.cells.push_back(s * static_cast<std::uint32_t>(slots) + k);
        r.shares.push_back(u.trips / drawn_[s]);
      }
    }
  }
  std::vector<row> out;
  for (place p = 0; p < of_place.size(); ++p) {
    if (of_place[p].cells.empty()) continue;
    row& r = out.emplace_back(named(p));
    r.room = std::move(of_place[p]);
    r.room.most = std::max(0.0, most_[p] * hours - others_[p] / draws_);
  }
  return out;
}

}  // namespace gemeo
