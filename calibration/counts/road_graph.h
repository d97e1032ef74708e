// Roads as a graph of flows: an edge from its begin to its end by its lanes' capacity, from there over each lane's stop
// line, and over each turn to the next edge; a source where trips may begin, a sink where they may end. Units: veh/h.
// Thread rule: one thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calibration/counts/carried.h"
#include "calibration/counts/max_flow.h"

namespace gemeo {

class road_graph {
 public:
  road_graph(road_capacity const& roads, open_ends const& ends);

  static std::uint32_t begin_of(edge_id e) { return 2 * e.value; }
  static std::uint32_t end_of(edge_id e) { return 2 * e.value + 1; }
  [[nodiscard]] std::uint32_t along(edge_id e) const { return along_.at(e.value); }  // its arc
  flow_graph& graph() { return graph_; }
  // An arc that is no road.
  std::uint32_t add_bare(std::uint32_t from, std::uint32_t to, double capacity) { return add(from, to, capacity, {}); }
  // What roads cross a cut, in words; their capacity.
  [[nodiscard]] std::pair<std::vector<bilingual>, double> out_of(std::vector<bool> const& set) const;

  std::uint32_t source = 0, sink = 0;

 private:
  std::uint32_t add(std::uint32_t from, std::uint32_t to, double capacity, bilingual name);
  void add_ends_of_lanes(edge_id e);

  road_capacity const& roads_;
  flow_graph graph_;
  std::map<std::uint32_t, std::uint32_t> along_;  // arcs, by edge
  std::vector<std::uint32_t> tails_, heads_;
  std::vector<bilingual> names_;  // empty: no road
};

}  // namespace gemeo
