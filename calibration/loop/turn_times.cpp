#include "calibration/loop/turn_times.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace gemeo {

namespace {

constexpr double kFromTheBegin_m = 0.5;
constexpr float kBorrowed_veh = 2;

}  // namespace

turn_times::turn_times(scenario& s, double slot_s, std::size_t slots)
    : net_(*s.net),
      slot_s_(slot_s),
      slots_(slots),
      first_detector_(s.detectors.size()),
      free_s_(free_flow_costs(net_).seconds),
      free_turn_s_(free_flow_turns(net_)),
      seen_(slots * net_.edge_successors.size()) {
  for (std::uint32_t e = 0; e < net_.edge_count(); ++e) {
    if (!net_.is_normal(edge_id(e))) continue;
    range const lanes = net_.edges.lanes[edge_id(e)];
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
      detector_place d;
      d.name = fmt::format("begin.{}", net_.lane_name(lane_id(l)));
      d.lane = lane_id(l);
      d.pos_m = std::min(kFromTheBegin_m, static_cast<double>(net_.lanes.length_m[lane_id(l)]) / 2);
      s.detectors.push_back(std::move(d));
      edge_of_.emplace_back(e);
    }
  }
  last_.resize(s.travellers->size());
}

std::size_t turn_times::turn_of(edge_id from, edge_id to) const {
  auto const next = net_.successors(from);
  auto const at = std::find(next.begin(), next.end(), to);
  if (at == next.end()) return net_.edge_successors.size();
  return net_.edges.out[from].begin + static_cast<std::size_t>(at - next.begin());
}

void turn_times::passed(crossing_record const& c) {
  if (c.detector.index() < first_detector_) return;
  edge_id const edge = edge_of_[c.detector.index() - first_detector_];
  came& before = last_[c.vehicle];
  came const was = before;
  before = {edge, c.time_s};
  if (!was.edge.valid() || was.edge == edge) return;
  std::size_t const turns = net_.edge_successors.size(), turn = turn_of(was.edge, edge);
  if (turn == turns) return;  // moved on by a teleport
  auto const slot = std::min(slots_ - 1, static_cast<std::size_t>(std::max(0.0, was.time_s / slot_s_)));
  float const took = static_cast<float>(c.time_s - was.time_s) - free_s_[was.edge.index()] - free_turn_s_[turn];
  seen& here = seen_[slot * turns + turn];
  here.delay_s += std::max(0.0F, took);
  here.vehicles += 1;
}

edge_costs turn_times::take() const {
  edge_costs out;
  std::size_t const turns = net_.edge_successors.size();
  out.slot_s = slot_s_;
  out.slots = slots_;
  out.turn_seconds.resize(slots_ * turns);
  for (std::size_t s = 0; s < slots_; ++s) {
    out.seconds.insert(out.seconds.end(), free_s_.begin(), free_s_.end());
    for (std::uint32_t e = 0; e < net_.edge_count(); ++e) {
      range const r = net_.edges.out[edge_id(e)];
      if (!net_.is_normal(edge_id(e)) || r.size() == 0) continue;
      float delays = 0, vehicles = 0, least = 0;
      for (std::uint32_t t = r.begin; t < r.end; ++t) {
        delays += seen_[s * turns + t].delay_s;
        vehicles += seen_[s * turns + t].vehicles;
      }
      float const mean = vehicles > 0 ? delays / vehicles : 0;
      std::vector<float> of_turn;
      for (std::uint32_t t = r.begin; t < r.end; ++t) {
        seen const& n = seen_[s * turns + t];
        of_turn.push_back((n.delay_s + kBorrowed_veh * mean) / (n.vehicles + kBorrowed_veh));
      }
      least = *std::min_element(of_turn.begin(), of_turn.end());
      out.seconds[s * net_.edge_count() + e] += least;
      for (std::uint32_t t = r.begin; t < r.end; ++t)
        out.turn_seconds[s * turns + t] = free_turn_s_[t] + of_turn[t - r.begin] - least;
    }
  }
  return out;
}

}  // namespace gemeo
