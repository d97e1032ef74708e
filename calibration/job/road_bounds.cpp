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

}  // namespace

road_bounds bounds_of_roads(scenario const& base, demand const& drivers, std::optional<double> saturation,
                            std::string const& engine, stop_function const& stop_requested) {
  network const& net = *base.net;
  road_bounds out;
  out.most_veh_per_h.resize(net.edge_count(), 0.0);
  road_capacity const roads(base.net, programs_shown(base), mean_headway(drivers));
  double const most = saturation.value_or(std::numeric_limits<double>::infinity());
  auto const measured = [&](lane_id l, bool at_signal) {
    int const kmh = rounded_kmh(static_cast<double>(net.lanes.speed_mps[l]));
    auto const [at, is_new] = (at_signal ? out.at_signal_veh_per_h : out.lane_veh_per_h).emplace(kmh, 0);
    if (is_new)
      at->second = lane_flow_veh_per_h(
          drivers, {.limit_mps = kmh / 3.6, .step_s = base.step_s, .at_signal = at_signal, .engine = engine},
          stop_requested);
    return std::min(most, at->second > 0 ? at->second : roads.lane(l));
  };
  for (std::uint32_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e)) continue;
    range const lanes = net.edges.lanes[e];
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
      lane_id const lane(l);
      if (!roads.for_engines(lane) || !(roads.lane(lane) > 0)) continue;
      double const green = roads.stop_line(lane) / roads.lane(lane), out_of_jam = measured(lane, false);
      out.most_veh_per_h[e] += green < 1 ? std::min(out_of_jam, green * measured(lane, true)) : out_of_jam;
    }
  }
  return out;
}

}  // namespace gemeo
