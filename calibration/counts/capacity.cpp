#include "calibration/counts/capacity.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace gemeo {

namespace {

constexpr vclass_mask kOnFootOrBicycle = mask_of(vclass::kPedestrian) | mask_of(vclass::kBicycle);

bool shows_green(signal_phase const& p, std::vector<std::int32_t> const& links) {
  return std::any_of(links.begin(), links.end(), [&](std::int32_t l) {
    if (l < 0 || static_cast<std::size_t>(l) >= p.state.size()) return true;  // of no link: nothing holds it up
    return std::string_view("gGsoO").find(p.state[static_cast<std::size_t>(l)]) != std::string_view::npos;
  });
}

}  // namespace

double saturation_veh_per_h(driver_headway const& d, double speed_mps) {
  double const v = std::min(speed_mps * d.speed_factor, d.max_speed_mps);
  verify(d.tau_s > 0 && d.length_m > 0 && d.min_gap_m >= 0, "drivers keep a distance");
  return v > 0 ? 3600 / (d.tau_s + (d.length_m + d.min_gap_m) / v) : 0;
}

double green_share(signal_program const& p, std::vector<std::int32_t> const& links) {
  bool const follows = p.type != "static" && !p.type.empty();
  double green = 0, rest = 0;
  for (signal_phase const& phase : p.phases) {
    bool const g = shows_green(phase, links);
    double length = phase.duration_s;
    if (follows && g) length = std::max(length, phase.max_s);
    if (follows && !g && phase.min_s > 0) length = std::min(length, phase.min_s);
    (g ? green : rest) += length;
  }
  return green + rest > 0 ? green / (green + rest) : 1;
}

road_capacity::road_capacity(std::shared_ptr<network const> net, shown_programs programs, driver_headway const& drivers,
                             double saturation)
    : net_(std::move(net)), programs_(std::move(programs)) {
  network const& n = *net_;
  programs_.resize(n.signals.name.size());
  for (std::size_t s = 0; s < programs_.size(); ++s) {
    auto const& own = n.signals.programs[signal_id(s)];
    if (programs_[signal_id(s)].empty() && !own.empty()) programs_[signal_id(s)] = {own.back()};
  }
  for (std::size_t l = 0; l < n.lane_count(); ++l)
    lane_.push_back(saturation_veh_per_h(drivers, static_cast<double>(n.lanes.speed_mps[lane_id(l)])));
  for (connection const& c : n.connections) {
    // Inside a junction the way may be slower than the lanes it joins; but what waits there has room to gather speed.
    double const open = std::min(lane_[c.from.index()], lane_[c.to.index()]);
    turn_.push_back(c.signal.valid() ? std::min(open, saturation) * share(c.signal, {c.link}) : open);
  }
  stop_line_ = lane_;
  for (std::size_t l = 0; l < n.lane_count(); ++l) {
    range const out = n.lanes.out[lane_id(l)];
    if (out.size() == 0) continue;
    double sum = 0;
    std::vector<std::int32_t> links;
    signal_id signal = n.connections[out.begin].signal;
    bool one = signal.valid();
    for (std::uint32_t c = out.begin; c < out.end; ++c) {
      sum += turn_[c];
      links.push_back(n.connections[c].link);
      one = one && n.connections[c].signal == signal;
    }
    stop_line_[l] = std::min(lane_[l], sum);  // turns that are green together share the lane
    if (one) stop_line_[l] = std::min(stop_line_[l], std::min(lane_[l], saturation) * share(signal, links));
  }
}

double road_capacity::share(signal_id s, std::vector<std::int32_t> const& links) const {
  double most = 0;
  for (signal_program const& p : programs_[s]) most = std::max(most, green_share(p, links));
  return programs_[s].empty() ? 1 : most;
}

bool road_capacity::for_engines(lane_id l) const { return (net_->lanes.allowed[l] & ~kOnFootOrBicycle) != 0; }

double road_capacity::edge(edge_id e) const {
  double sum = 0;
  range const r = net_->edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) sum += for_engines(lane_id(l)) ? lane_[l] : 0;
  return sum;
}

double road_capacity::edge_stop_line(edge_id e) const {
  double sum = 0;
  range const r = net_->edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) sum += for_engines(lane_id(l)) ? stop_line_[l] : 0;
  return sum;
}

bool road_capacity::has_signal(edge_id e) const {
  range const r = net_->edges.lanes[e];
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    range const out = net_->lanes.out[lane_id(l)];
    for (std::uint32_t c = out.begin; c < out.end; ++c) {
      if (net_->connections[c].signal.valid()) return true;
    }
  }
  return false;
}

}  // namespace gemeo
