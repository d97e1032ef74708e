#include "sim/engine/informed.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/random.h"

namespace gemeo {

namespace {
constexpr double kSample_s = 10;
// A sample counts for 1/e of a new one after so long: about a cycle and a half of a signal, so that a queue at red is
// not taken for a jam.
constexpr double kMemory_s = 120;
// The usual time of an edge counts like one vehicle seen in one sample.
constexpr double kUsualVehicles = 1;
constexpr double kMost_s = 3600;  // of standing: nobody expects more on one edge
}  // namespace

informed::informed(scenario const& s, std::uint64_t seed, road_traffic& traffic, reroutes& ways)
    : scenario_(s),
      seed_(seed),
      traffic_(traffic),
      ways_(ways),
      patches_(s.ways->patches()),
      limit_mps_(s.net->lanes.speed_mps),
      next_sample_s_(s.begin_s) {
  for (cost_patch& p : patches_) {
    // Lower limits show in what is driven; the delay of an incident is news, to those who have it.
    if (p.share_draw != draw::kRerouteShare) p.extra_s = 0;
  }
  edges_.resize(s.net->edge_count());
  bounds_ = std::make_shared<least_times const>(*s.net, free_flow_costs(*s.net).seconds);
  turn_.resize(static_cast<std::size_t>(std::max(1.0, std::round(s.informed.interval_s / s.step_s))));
}

// Buses keep their line's way, and whoever stops on the way the one that leads there.
bool informed::takes_part(vehicle_id v) const {
  vehicle_table const& t = scenario_.travellers->vehicles;
  return t.stops[v].size() == 0 && !t.line[v].valid() &&
         random_uniform(seed_, t.key[v], 0, draw::kInformed) < scenario_.informed.share;
}

void informed::after_step(std::span<vehicle_id const> entered, double time_s) {
  if (time_s >= next_sample_s_ - kTimeTolerance_s) {
    measure(time_s);
    next_sample_s_ += kSample_s;
  }
  std::vector<vehicle_id>& here = turn_[tick_++ % turn_.size()];
  std::erase_if(here, [&](vehicle_id v) {
    bool const left = !traffic_.contains(v);
    if (left) traffic_.forget(v);
    return left;
  });
  for (vehicle_id const v : entered) {
    if (!takes_part(v)) continue;
    ++drivers_;
    if (traffic_.contains(v)) here.push_back(v);
  }
  if (here.empty()) return;
  looks_ += here.size();
  informed_drivers const& i = scenario_.informed;
  changes_ += ways_.offer(here, ways_now(time_s), i.gain, i.gain_s, time_s);
}

// Vehicles that stop on their way say nothing of the others' speed.
void informed::measure(double time_s) {
  double const fade = std::exp(-kSample_s / kMemory_s);
  for (seen& s : edges_) {
    s.vehicles *= fade;
    s.speeds_mps *= fade;
  }
  traffic_.see(frame_);
  vehicle_table const& t = scenario_.travellers->vehicles;
  for (std::size_t i = 0; i < frame_.size(); ++i) {
    if (!frame_.lane[i].valid() || t.stops[frame_.vehicle[i]].size() != 0) continue;
    seen& s = edges_[scenario_.net->lanes.edge[frame_.lane[i]]];
    s.vehicles += 1;
    s.speeds_mps += static_cast<double>(frame_.speed_mps[i]);
  }
  follow_limits(time_s);
  now_.reset();
}

void informed::follow_limits(double time_s) {
  auto const& commands = scenario_.commands;
  for (; next_command_ < commands.size() && commands[next_command_].time_s < time_s; ++next_command_) {
    if (auto const* const c = std::get_if<set_lane_speed>(&commands[next_command_].what))
      limit_mps_[c->lane] = static_cast<float>(c->speed_mps);
  }
}

router const& informed::ways_now(double time_s) {
  if (!now_) {
    now_ = std::make_unique<router const>(*scenario_.net, costs(time_s), patches_, bounds_);
    now_made_s_ = time_s;
  }
  return *now_;
}

// Mean speed after Edie (1963), the distance driven over the time spent, where the usual speed stands for one vehicle
// more. Usual: the city's travel times at this hour, and what limits that hold now add to them.
edge_costs informed::costs(double time_s) const {
  network const& net = *scenario_.net;
  edge_costs const& usual = scenario_.ways->costs();
  edge_costs c;
  c.seconds.resize(net.edge_count());
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    if (!net.is_normal(e)) continue;
    double usual_s = 0, limit_mps = 0;
    for (std::size_t view = 0; view < usual.views; ++view) usual_s += static_cast<double>(usual.at(time_s, e, view));
    usual_s /= static_cast<double>(usual.views);
    for (std::uint32_t l = net.edges.lanes[e].begin; l < net.edges.lanes[e].end; ++l)
      limit_mps = std::max(limit_mps, static_cast<double>(limit_mps_[lane_id(l)]));
    double const length_m = net.length_m(e), own_mps = net.speed_mps(e);
    if (limit_mps > 0 && own_mps > 0)
      usual_s = std::max(length_m / limit_mps, usual_s + length_m / limit_mps - length_m / own_mps);
    seen const& s = edges_[e];
    double const distance = s.speeds_mps + kUsualVehicles * length_m / std::max(usual_s, 0.01);
    c.seconds[i] =
        static_cast<float>(std::min(std::max(kMost_s, usual_s), length_m * (s.vehicles + kUsualVehicles) / distance));
  }
  return c;
}

void informed::save(byte_writer& out) const {
  out.put(limit_mps_);
  out.put(next_command_);
  out.put(edges_);
  out.put(next_sample_s_);
  out.put(std::uint64_t{turn_.size()});
  for (std::vector<vehicle_id> const& who : turn_) out.put(who);
  for (std::uint64_t const n : {tick_, drivers_, looks_, changes_}) out.put(n);
  out.put(now_ != nullptr);
  out.put(now_made_s_);
}

void informed::restore(byte_reader& in) {
  std::size_t const lanes = limit_mps_.size(), edges = edges_.size(), turns = turn_.size();
  in.get(limit_mps_);
  in.get(next_command_);
  in.get(edges_);
  in.get(next_sample_s_);
  bool const same = in.count(1) == turns;
  if (!same || limit_mps_.size() != lanes || edges_.size() != edges || next_command_ > scenario_.commands.size())
    throw_input("checkpoint", "belongs to another scenario", "restore it with the scenario it was made with");
  for (std::vector<vehicle_id>& who : turn_) in.get(who);
  for (std::uint64_t* const n : {&tick_, &drivers_, &looks_, &changes_}) in.get(*n);
  now_.reset();
  bool const made = in.get<bool>();
  in.get(now_made_s_);
  if (made) static_cast<void>(ways_now(now_made_s_));  // by what had been seen then, which is what has been seen now
}

std::string informed::summary() const {
  return fmt::format("{} informed drivers looked {} times for a better way and took {}", drivers_, looks_, changes_);
}

}  // namespace gemeo
