// Shortest paths on the network's edges with time-dependent costs; deterministic (ties by edge id), parallel over
// trips. A* over edges with turn successors; cost in s. Thread rule: plan_routes uses a TBB arena of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/random.h"
#include "sim/demand/demand.h"

namespace gemeo {

// Travel time per edge and time slot. slot_s: length of a slot; slots beyond the last repeat it. views: sets of times;
// each traveller plans by one of them, all by as many. One set sends everybody the same way; an equilibrium's flows are
// those of several loadings (method of successive averages), and the times of each are a view.
struct edge_costs {
  double slot_s = 3600;
  std::size_t slots = 1, views = 1;
  std::vector<float> seconds;  // [view][slot][edge]
  // Of turns, beside the edges' times: [slot][turn], or one slot for all times; turns as network::edge_successors lists
  // them; empty: none.
  std::vector<float> turn_seconds;
  [[nodiscard]] float at(double time_s, edge_id e, std::size_t view = 0) const;
};
edge_costs free_flow_costs(network const& net);
std::vector<float> free_flow_turns(network const& net);                        // on the lanes inside junctions
edge_costs read_costs(std::filesystem::path const& file, network const& net);  // travel_times.csv[.gz]
void write_costs(std::filesystem::path const& file, edge_costs const& costs, network const& net);

// What closes, opens or prices edges, or closes turns, for some classes in a time window.
struct cost_patch {
  std::vector<edge_id> edges;
  vclass_mask classes = kAllClasses;
  double begin_s = 0, end_s = 0;
  bool closed = false;
  double extra_s = 0;                              // delay: takes this time and costs as much
  double toll_s = 0;                               // costs as much as this time, but takes none
  bool opened = false;                             // the classes may use the edges although the network says otherwise
  std::vector<std::pair<edge_id, edge_id>> turns;  // closed turns from an edge to the next, whatever `closed` says
  std::vector<vtype_id> types;                     // it holds for these types only; empty: all
  double share = 1;  // of travellers for whom it holds, drawn by (seed, key, salt, share_draw)
  draw share_draw = draw::kCompliance;
  std::uint64_t salt = 0;
  std::shared_ptr<std::vector<std::uint64_t> const>
      exempt_keys;  // ascending; travellers for whom it does not hold; may be null
  double known_from_s = std::numeric_limits<double>::lowest();  // holds for those who choose at this time or later
};

struct route_query {
  edge_id from, to;
  double depart_s = 0;
  vclass cls = vclass::kPassenger;
  std::uint64_t key = 0;                                       // the traveller's, for taste variation
  vtype_id type = vtype_id();                                  // for patches that hold for some types only
  double at_most_s = std::numeric_limits<double>::infinity();  // route(): dearer ways, as perceived, are not looked for
};

struct routing_options {
  double taste_sd =
      0.1;  // log-normal spread of perceived edge costs by traveller and edge (draw::kRouteCost); 0 = none
  std::uint64_t seed = 0;
  std::size_t threads = 0;  // 0: all
};

// Least times to targets that serve many routers of one network, whose costs change: found once a target, by the times
// given, and kept as long as there is room (256 MB). Thread rule: any number of threads may ask.
class least_times {
 public:
  least_times(network const& net, std::vector<float> seconds);
  ~least_times();
  // By edge from first() on: the least time from its start to the target's; infinite where there is no way. Null where
  // there is no room for another target.
  [[nodiscard]] float const* left_s(edge_id to) const;
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::vector<float> const& seconds() const { return seconds_; }

 private:
  struct targets;
  network const* net_;
  std::vector<float> seconds_;  // by edge
  std::size_t first_ = 0;       // SUMO lists edges inside junctions first: they are no part of a route
  std::unique_ptr<targets> targets_;
};

class router {
 public:
  // bounds: for routers that are asked little before there is a new one, else each finds its own. Ways are the same.
  router(network const& net, edge_costs costs, std::vector<cost_patch> patches = {},
         std::shared_ptr<least_times const> bounds = nullptr);
  // Edges from q.from to q.to inclusive; empty when there is no way, or none of at most q.at_most_s.
  [[nodiscard]] std::vector<edge_id> route(route_query const& q, routing_options const& o) const;
  // Travel time of a whole route as the traveller expects it, tolls in seconds included; infinite when it meets a
  // closed edge.
  [[nodiscard]] double cost_s(std::span<edge_id const> route, route_query const& q, routing_options const& o) const;
  // Cost as the traveller perceives it, up to the beginning of the last edge: what route() makes as small as can be.
  [[nodiscard]] double perceived_s(std::span<edge_id const> route, route_query const& q,
                                   routing_options const& o) const;
  // The moments at which the traveller expects to enter the edges of a route. Where it meets something closed, the base
  // time is taken.
  void times_s(std::span<edge_id const> route, route_query const& q, routing_options const& o,
               std::vector<double>& entered_s) const;
  // Whether the edge may be entered at that time.
  [[nodiscard]] bool open(edge_id e, double time_s, route_query const& q, routing_options const& o) const;
  // Whether a patch holds for the traveller on one of the edges or turns, when entered at these times.
  [[nodiscard]] bool meets_patch(std::span<edge_id const> route, std::span<double const> entered_s,
                                 route_query const& q, routing_options const& o) const;
  [[nodiscard]] network const& net() const { return *net_; }
  [[nodiscard]] edge_costs const& costs() const { return costs_; }
  [[nodiscard]] std::vector<cost_patch> const& patches() const { return patches_; }

 private:
  [[nodiscard]] bool holds(cost_patch const& p, double time_s, route_query const& q, std::uint64_t seed) const;
  struct price {
    double seconds = -1, toll_s = 0;  // seconds < 0: closed
  };
  [[nodiscard]] price edge_price(edge_id e, double time_s, route_query const& q, std::uint64_t seed) const;
  [[nodiscard]] std::size_t view_of(route_query const& q, std::uint64_t seed) const;
  [[nodiscard]] double turn_s(std::size_t turn, double time_s) const;  // of network::edge_successors
  [[nodiscard]] double turn_s(edge_id from, edge_id to, double time_s) const;
  [[nodiscard]] bool turn_open(edge_id from, edge_id to, double time_s, route_query const& q, std::uint64_t seed) const;

  void find_least_costs();
  void fit_bounds();
  struct bound {  // left_s[edge - first] * scale
    float const* left_s = nullptr;
    std::size_t first = 0;
    double scale = 1;
    [[nodiscard]] double operator[](edge_id e) const { return scale * static_cast<double>(left_s[e.index() - first]); }
  };
  [[nodiscard]] bound bound_to(edge_id to, double within_s) const;
  [[nodiscard]] std::vector<float> const& least_left_s(edge_id to, double within_s) const;

  network const* net_;
  edge_costs costs_;
  std::vector<cost_patch> patches_;
  id_vector<edge_id, std::vector<std::uint32_t>> patches_of_, turn_patches_of_;  // by edge; turns by the edge left
  id_vector<edge_id, vclass_mask> allowed_;
  std::vector<float> least_s_;  // by edge
  std::shared_ptr<least_times const> bounds_;
  double bounds_scale_ = 0;   // no edge ever costs less than so many times what bounds_ has
  std::uint64_t serial_ = 0;  // tells routers apart in what threads remember
};

// Gives every vehicle selected a route. Returns the vehicles that have none (they keep what they had).
std::vector<vehicle_id> plan_routes(demand& d, router const& r, routing_options const& o,
                                    std::function<bool(vehicle_id)> const& selected);

}  // namespace gemeo
