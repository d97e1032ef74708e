// Shortest paths on the network's edges with time-dependent costs; deterministic (ties by edge id), parallel over trips.
// Dijkstra over edges with turn successors; cost in s. Thread rule: plan_routes uses a TBB arena of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/demand/demand.h"

namespace gemeo {

// Travel time per edge and time slot. slot_s: length of a slot; slots beyond the last repeat it.
struct edge_costs {
  double slot_s = 3600;
  std::size_t slots = 1;
  std::vector<float> seconds;  // [slot][edge]
  [[nodiscard]] float at(double time_s, edge_id e) const;
};
edge_costs free_flow_costs(network const& net);
edge_costs read_costs(std::filesystem::path const& file, network const& net);   // travel_times.csv[.gz]
void write_costs(std::filesystem::path const& file, edge_costs const& costs, network const& net);

// What closes or prices edges for some classes in a time window.
struct cost_patch {
  std::vector<edge_id> edges;
  vclass_mask classes = kAllClasses;
  double begin_s = 0, end_s = 0;
  bool closed = false;
  double extra_s = 0;        // added to the cost of entering (a toll in seconds)
};

struct route_query {
  edge_id from, to;
  double depart_s = 0;
  vclass cls = vclass::kPassenger;
  std::uint64_t key = 0;     // the traveller's, for taste variation
};

struct routing_options {
  double taste_sd = 0.1;     // log-normal spread of perceived edge costs by traveller and edge (draw::kRouteCost); 0 = none
  std::uint64_t seed = 0;
  std::size_t threads = 0;   // 0: all
};

class router {
 public:
  router(network const& net, edge_costs costs, std::vector<cost_patch> patches = {});
  // Edges from q.from to q.to inclusive; empty when there is no way.
  [[nodiscard]] std::vector<edge_id> route(route_query const& q, routing_options const& o) const;
  // Travel time of a whole route, tolls in seconds included; infinite when it meets a closed edge.
  [[nodiscard]] double cost_s(std::span<edge_id const> route, double depart_s, vclass cls) const;
  [[nodiscard]] network const& net() const { return *net_; }

 private:
  network const* net_;
  edge_costs costs_;
  [[nodiscard]] double edge_cost(edge_id e, double time_s, vclass cls) const;

  std::vector<cost_patch> patches_;
  id_vector<edge_id, std::vector<std::uint32_t>> patches_of_;
  id_vector<edge_id, vclass_mask> allowed_;
};

// Gives every vehicle selected a route. Returns the vehicles that have none (they keep what they had).
std::vector<vehicle_id> plan_routes(demand& d, router const& r, routing_options const& o,
                                    std::function<bool(vehicle_id)> const& selected);

}  // namespace gemeo
