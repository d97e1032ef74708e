#include "calibration/job/road_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "calibration/counts/capacity.h"
#include "calibration/job/capacity_check.h"

namespace gemeo {

namespace {

constexpr double kRounded_kmh = 10, kLeast_kmh = 20;

int rounded_kmh(double mps) {
  return static_cast<int>(std::max(kLeast_kmh, kRounded_kmh * std::round(3.6 * mps / kRounded_kmh)));
}

class measured_lanes {
 public:
  measured_lanes(demand const& drivers, double step_s, double most, std::string const& engine,
                 stop_function const& stop_requested, road_bounds& out)
      : drivers_(drivers), step_s_(step_s), most_(most), engine_(engine), stop_(stop_requested), out_(out) {}
  // following: what it lets through by that alone; green: the share of the time.
  double flow(double limit_mps, double following, double green) {
    double const out_of_jam = measured(limit_mps, following, false);
    return green < 1 ? std::min(out_of_jam, green * measured(limit_mps, following, true)) : out_of_jam;
  }

 private:
  double measured(double limit_mps, double following, bool at_signal) {
    int const kmh = rounded_kmh(limit_mps);
    auto const [at, is_new] = (at_signal ? out_.at_signal_veh_per_h : out_.lane_veh_per_h).emplace(kmh, 0);
    if (is_new)
      at->second = lane_flow_veh_per_h(
          drivers_, {.limit_mps = kmh / 3.6, .step_s = step_s_, .at_signal = at_signal, .engine = engine_}, stop_);
    return std::min(most_, at->second > 0 ? at->second : following);
  }

  demand const& drivers_;
  double step_s_, most_;
  std::string const& engine_;
  stop_function const& stop_;
  road_bounds& out_;
};

enum class way { kNone, kOpen, kSignal };
way onto(network const& net, lane_id from, edge_id to) {
  range const out = net.lanes.out[from];
  way best = way::kNone;
  for (std::uint32_t c = out.begin; c < out.end; ++c) {
    if (net.lanes.edge[net.connections[c].to] == to)
      best = std::max(best, net.connections[c].signal.valid() ? way::kSignal : way::kOpen);
  }
  return best;
}

}  // namespace

road_bounds bounds_of_roads(scenario const& base, demand const& drivers, std::optional<double> saturation,
                            std::string const& engine, stop_function const& stop_requested) {
  network const& net = *base.net;
  road_bounds out;
  out.limits.of_edge.resize(net.edge_count(), 0.0);
  out.limits.of_turn.resize(net.edge_successors.size(), 0.0);
  road_capacity const roads(base.net, programs_shown(base), mean_headway(drivers));
  measured_lanes lanes(drivers, base.step_s, saturation.value_or(std::numeric_limits<double>::infinity()), engine,
                       stop_requested, out);
  // Of the lanes that lead there; an edge: of all, by their stop lines.
  auto const sum = [&](edge_id e, auto const& green_of) {
    double all = 0;
    range const r = net.edges.lanes[e];
    for (lane_id l(r.begin); l.value < r.end; l = lane_id(l.value + 1)) {
      if (!roads.for_engines(l) || !(roads.lane(l) > 0)) continue;
      double const green = green_of(l);
      if (green >= 0) all += lanes.flow(static_cast<double>(net.lanes.speed_mps[l]), roads.lane(l), green);
    }
    return all;
  };
  for (edge_id e(0U); e.index() < net.edge_count(); e = edge_id(e.value + 1)) {
    if (net.is_normal(e)) out.limits.of_edge[e] = sum(e, [&](lane_id l) { return roads.stop_line(l) / roads.lane(l); });
  }
  for (edge_id e(0U); e.index() < net.edge_count(); e = edge_id(e.value + 1)) {
    if (!net.is_normal(e)) continue;
    for (std::uint32_t t = net.edges.out[e].begin; t < net.edges.out[e].end; ++t) {
      edge_id const to = net.edge_successors[t];
      bool signal = false;
      double const most = sum(e, [&](lane_id l) {
        way const w = onto(net, l, to);
        signal = signal || w == way::kSignal;
        return w == way::kNone ? -1.0 : 1.0;
      });
      if (!signal && most < std::min(out.limits.of_edge[e], out.limits.of_edge[to])) out.limits.of_turn[t] = most;
    }
  }
  return out;
}

}  // namespace gemeo
