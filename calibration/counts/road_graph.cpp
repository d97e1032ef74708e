#include "calibration/counts/road_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace gemeo {

namespace {
constexpr std::size_t kMostShown = 6;  // edges of a cut
}

road_graph::road_graph(road_capacity const& roads, open_ends const& ends)
    : roads_(roads), graph_(static_cast<std::uint32_t>(2 * roads.net().edge_count())) {
  network const& net = roads.net();
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e)) continue;
    along_.emplace(e.value, add(begin_of(e), end_of(e), roads.edge(e), same_in_both(net.edges.name[e])));
  }
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    if (net.is_normal(edge_id(i))) add_ends_of_lanes(edge_id(i));
  }
  source = graph_.add_node();
  sink = graph_.add_node();
  for (edge_id const e : ends.begin) add_bare(source, begin_of(e), kUnlimitedFlow);
  for (edge_id const e : ends.end) add_bare(end_of(e), sink, kUnlimitedFlow);
}

std::pair<std::vector<bilingual>, double> road_graph::out_of(std::vector<bool> const& set) const {
  std::vector<bilingual> words;
  double sum = 0;
  std::size_t more = 0;
  for (std::uint32_t a = 0; a < tails_.size(); ++a) {
    if (!set[tails_[a]] || set[heads_[a]] || names_[a].empty()) continue;
    sum += graph_.capacity(a);
    if (graph_.capacity(a) <= kLeastFlow) continue;
    if (words.size() < kMostShown)
      words.push_back(in_both("{} ({:.0f})", "{} ({:.0f})", names_[a], graph_.capacity(a)));
    else
      ++more;
  }
  if (more > 0) words.push_back(in_both("and {} more", "e mais {}", more));
  return {words, sum};
}

std::uint32_t road_graph::add(std::uint32_t from, std::uint32_t to, double capacity, bilingual name) {
  tails_.push_back(from);
  heads_.push_back(to);
  names_.push_back(std::move(name));
  return graph_.add_arc(from, to, std::min(capacity, kUnlimitedFlow));
}

void road_graph::add_ends_of_lanes(edge_id e) {
  network const& net = roads_.net();
  range const r = net.edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    range const out = net.lanes.out[lane_id(l)];
    if (out.size() == 0 || !roads_.for_engines(lane_id(l))) continue;
    std::uint32_t const line = graph_.add_node();
    add(end_of(e), line, roads_.stop_line(lane_id(l)),
        in_both("end of lane {}", "fim da via {}", net.lane_name(lane_id(l))));
    for (std::uint32_t c = out.begin; c < out.end; ++c) {
      lane_id const to = net.connections[c].to;
      edge_id const next = net.lanes.edge[to];
      if (!roads_.for_engines(to) || !net.is_normal(next)) continue;
      add(line, begin_of(next), roads_.turn(c),
          in_both("{} to {}", "{} para {}", net.lane_name(lane_id(l)), net.edges.name[next]));
    }
  }
}

}  // namespace gemeo
