#include "sim/network/network.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gemeo {

namespace {

template <typename Id>
std::optional<Id> found(std::uint32_t id) {
  if (id == name_index::kNone) return std::nullopt;
  return Id(id);
}

}  // namespace

link_set::link_set(std::string_view bits) : size_(static_cast<std::uint32_t>(bits.size())) {
  if (bits.size() > 64) more_.resize((bits.size() - 1) / 64);
  for (std::size_t link = 0; link < bits.size(); ++link) {
    if (bits[bits.size() - 1 - link] != '1') continue;
    (link < 64 ? first_ : more_[link / 64 - 1]) |= std::uint64_t{1} << (link % 64);
  }
}

void network::set_name_indexes(name_index edges_by_name, name_index junctions_by_name, name_index signals_by_name) {
  edge_by_name_ = std::move(edges_by_name);
  junction_by_name_ = std::move(junctions_by_name);
  signal_by_name_ = std::move(signals_by_name);
}

std::optional<edge_id> network::find_edge(std::string_view name) const {
  return found<edge_id>(edge_by_name_.find(name, edges.name.raw()));
}

std::optional<junction_id> network::find_junction(std::string_view name) const {
  return found<junction_id>(junction_by_name_.find(name, junctions.name.raw()));
}

std::optional<signal_id> network::find_signal(std::string_view name) const {
  return found<signal_id>(signal_by_name_.find(name, signals.name.raw()));
}

std::optional<lane_id> network::find_lane(std::string_view name) const {
  std::size_t const bar = name.rfind('_');
  if (bar == std::string_view::npos) return std::nullopt;
  std::string_view const digits = name.substr(bar + 1);
  std::uint32_t lane = 0;
  auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), lane);
  if (ec != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;  // "edge_00" names no lane
  auto const edge = find_edge(name.substr(0, bar));
  if (!edge || lane >= edges.lanes[*edge].size()) return std::nullopt;
  return lane_id(edges.lanes[*edge].begin + lane);
}

std::string network::lane_name(lane_id l) const {
  edge_id const e = lanes.edge[l];
  return edges.name[e] + "_" + std::to_string(l.value - edges.lanes[e].begin);
}

std::span<point const> network::shape(lane_id l) const {
  range const r = lanes.shape[l];
  return std::span<point const>(points).subspan(r.begin, r.size());
}

std::span<edge_id const> network::successors(edge_id e) const {
  range const r = edges.out[e];
  return std::span<edge_id const>(edge_successors).subspan(r.begin, r.size());
}

std::span<edge_id const> network::predecessors(edge_id e) const {
  range const r = edges.in[e];
  return std::span<edge_id const>(edge_predecessors).subspan(r.begin, r.size());
}

double network::speed_mps(edge_id e) const {
  float fastest = 0;
  for (std::uint32_t l = edges.lanes[e].begin; l < edges.lanes[e].end; ++l) {
    fastest = std::max(fastest, lanes.speed_mps[lane_id(l)]);
  }
  return fastest;
}

vclass_mask network::allowed(edge_id e) const {
  vclass_mask m = 0;
  for (std::uint32_t l = edges.lanes[e].begin; l < edges.lanes[e].end; ++l) m |= lanes.allowed[lane_id(l)];
  return m;
}

}  // namespace gemeo
