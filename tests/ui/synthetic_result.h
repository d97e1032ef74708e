// Result files with traffic of our own making, written through the project's writer: for tests that must know what lies
// on every road, and for looking at large networks without simulating them.
#pragma once

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "sim/network/network.h"
#include "sim/results/writer.h"

namespace gemeo::test {

struct road_state {
  float speed_mps = std::numeric_limits<float>::quiet_NaN(),
        density_veh_per_km = std::numeric_limits<float>::quiet_NaN();
  float time_loss_s = 0;
  bool measured = true;  // false: no row, as on a road without traffic
};

struct synthetic_options {
  std::string title = "Synthetic";
  double begin_s = 7 * 3600, interval_s = 900;
  std::size_t intervals = 8;
  std::uint64_t seed = 42;
  bool emissions = false;
  bool finish = true;                                      // false: leaves FILE.partial, as a killed run does
  std::function<frame(std::size_t step)> trajectory = {};  // one frame a step until it is empty; none when unset
  std::size_t steps = 0;
  traveller_table travellers = {};
};

inline run_description synthetic_description(network const& net, synthetic_options const& o) {
  run_description d;
  d.scenario_name = d.scenario_title = o.title;
  d.engine = "synthetic";
  d.engine_version = "1";
  d.seed = o.seed;
  d.network_hash = net.hash;
  d.begin_s = o.begin_s;
  d.interval_s = o.interval_s;
  d.end_s = o.begin_s + static_cast<double>(o.intervals) * o.interval_s;
  d.emissions = o.emissions;
  d.trajectories = static_cast<bool>(o.trajectory);
  return d;
}

using traffic = std::function<road_state(edge_id, std::size_t interval)>;

inline edge_interval synthetic_interval(network const& net, synthetic_options const& o, traffic const& t,
                                        std::size_t i) {
  edge_interval v;
  v.begin_s = o.begin_s + static_cast<double>(i) * o.interval_s;
  v.end_s = v.begin_s + o.interval_s;
  for (std::size_t k = 0; k < net.edge_count(); ++k) {
    edge_id const e(k);
    if (!net.is_normal(e)) continue;
    road_state const s = t(e, i);
    if (!s.measured) continue;
    auto const length = static_cast<float>(net.length_m(e));
    auto const interval = static_cast<float>(o.interval_s);
    v.edge.push_back(e);
    v.sampled_s.push_back(s.density_veh_per_km * length / 1000 * interval);
    v.travel_time_s.push_back(length / s.speed_mps);
    v.density_veh_per_km.push_back(s.density_veh_per_km);
    v.occupancy_pct.push_back(std::min(100.0F, s.density_veh_per_km * 0.5F));
    v.waiting_s.push_back(s.time_loss_s / 2);
    v.time_loss_s.push_back(s.time_loss_s);
    v.speed_mps.push_back(s.speed_mps);
    float const passed = s.density_veh_per_km * s.speed_mps * 3.6F * interval / 3600;
    v.departed.push_back(0);
    v.arrived.push_back(0);
    v.entered.push_back(passed);
    v.left.push_back(passed);
    if (!o.emissions) continue;
    v.co2_mg.push_back(passed * length * 180);
    v.nox_mg.push_back(0);
    v.pmx_mg.push_back(0);
    v.fuel_mg.push_back(0);
  }
  return v;
}

inline std::filesystem::path write_synthetic(std::filesystem::path const& file, network const& net, traffic const& t,
                                             synthetic_options const& o = {}) {
  result_writer w(file, synthetic_description(net, o), net, o.travellers);
  run_summary s;
  for (std::size_t i = 0; i < o.intervals; ++i) {
    observations seen;
    seen.edges.push_back(synthetic_interval(net, o, t, i));
    w.append(seen);
  }
  for (std::size_t i = 0; o.trajectory && i < o.steps; ++i) w.append_frame(o.trajectory(i));
  if (!o.finish) return file.string() + ".partial";
  s.total.loaded = 1000;
  s.total.departed = 990;
  s.total.arrived = 950;
  s.total.running = 40;
  s.total.backlog = 10;
  s.total.teleports = 3;
  s.complete = true;
  w.finish(s);
  return file;
}

// Two peaks a day, heavier on the large roads and towards the middle: what a city may look like.
inline traffic plausible_traffic(network const& net, synthetic_options const& o, double demand = 1) {
  double const cx = (net.bounds.min_x + net.bounds.max_x) / 2, cy = (net.bounds.min_y + net.bounds.max_y) / 2;
  double const reach = std::max(net.bounds.max_x - net.bounds.min_x, net.bounds.max_y - net.bounds.min_y) / 3;
  return [&net, o, demand, cx, cy, reach](edge_id e, std::size_t i) {
    road_state s;
    double const hour = (o.begin_s + (static_cast<double>(i) + 0.5) * o.interval_s) / 3600;
    auto const peak = [&](double at, double width) { return std::exp(-(hour - at) * (hour - at) / width); };
    double const day = 0.15 + 0.85 * peak(8.5, 1.2) + 0.75 * peak(18, 2.5) + 0.35 * peak(13, 6);
    point const p = net.points[net.lanes.shape[lane_id(net.edges.lanes[e].begin)].begin];
    double const near = std::exp(-((p.x - cx) * (p.x - cx) + (p.y - cy) * (p.y - cy)) / (reach * reach));
    double const whim = 0.5 + 0.5 * std::sin(p.x / 900.0 + 1.3) * std::cos(p.y / 700.0 - 0.4);
    double const limit = net.speed_mps(e);
    auto const lanes = static_cast<double>(net.edges.lanes[e].size());
    if (limit < 3) return road_state{.measured = false};
    double const large = std::clamp((limit - 6) / 14, 0.1, 1.5);
    double const load =
        std::min(0.97, demand * day * (0.25 + 0.75 * near) * (0.35 + 0.65 * whim) * std::min(1.0, 0.4 + large) * 1.1);
    if (load < 0.06) return road_state{.measured = false};
    s.speed_mps = static_cast<float>(limit * (0.98 - 0.92 * std::pow(load, 2.2)));
    s.density_veh_per_km = static_cast<float>(lanes * 110 * load * std::min(1.0, large + 0.2) * 0.8);
    double const veh_s = s.density_veh_per_km * net.length_m(e) / 1000 * o.interval_s;
    s.time_loss_s = static_cast<float>(veh_s * (1 - s.speed_mps / limit));
    return s;
  };
}

}  // namespace gemeo::test
