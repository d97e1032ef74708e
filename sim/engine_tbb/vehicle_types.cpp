#include "sim/engine_tbb/vehicle_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/engine_tbb/rerouting.h"
#include "sim/engine_tbb/signals.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

namespace {

constexpr std::size_t kMostLanes = 16;

}  // namespace

std::vector<std::string> unsupported(scenario const& s) {
  std::vector<std::string> out;
  if (!s.net || !s.travellers) return {"a scenario without network or demand"};
  if (!s.sumo_config.empty()) return {"a .sumocfg as it stands"};
  for (std::string const& o : s.sumo_options) out.push_back("engine.sumo_options: " + o);
  if (s.step_s > 1 + kTimeTolerance_s) out.push_back(fmt::format("a tick of {} s (at most 1)", s.step_s));
  if (double const ms = s.step_s * 1000; ms < 1 - 1e-6 || std::abs(ms - std::round(ms)) > 1e-6)
    out.push_back(fmt::format("a tick of {} s (a whole number of milliseconds)", s.step_s));
  std::vector<std::string> const ways = rerouting::unsupported(s);
  out.insert(out.end(), ways.begin(), ways.end());
  for (std::size_t i = 0; i < s.net->edge_count(); ++i) {
    if (s.net->edges.lanes[edge_id(i)].size() > kMostLanes)
      out.push_back(fmt::format("edge '{}' with more than {} lanes", s.net->edges.name[edge_id(i)], kMostLanes));
  }
  for (junction_type const t : s.net->junctions.type) {
    if (t != junction_type::kRailSignal && t != junction_type::kRailCrossing) continue;
    out.emplace_back("rail signals and level crossings");
    break;
  }
  std::vector<bool> used(s.travellers->types.size(), false);
  for (vtype_id const t : s.travellers->vehicles.type) used[t.index()] = true;
  for (std::size_t i = 0; i < used.size(); ++i) {
    vehicle_type const& t = s.travellers->types[vtype_id(i)];
    if (!used[i]) continue;
    for (auto const& [name, value] : t.other) {
      static constexpr std::array<std::string_view, 17> kKnown = {
          "impatience",     "color",          "guiShape",        "imgFile",     "height",          "delta",
          "personCapacity", "carFollowModel", "laneChangeModel", "lcStrategic", "lcCooperative",   "stepping",
          "lcSpeedGain",    "lcKeepRight",    "lcAssertive",     "sourceID",    "boardingDuration"};
      bool const harmless = std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
      if (!harmless || (name == "carFollowModel" && value != "Krauss" && value != "IDM") ||
          (name == "laneChangeModel" && value != "LC2013" && value != "default"))
        out.push_back(fmt::format("{}=\"{}\" of vehicle type '{}'", name, value, t.name));
    }
  }
  for (range const r : s.travellers->routes) {
    if (r.size() <= kMostEdges) continue;
    out.push_back(fmt::format("a route of {} edges (at most {})", r.size(), kMostEdges));
    break;
  }
  auto signals = signal_control::unsupported(s);
  out.insert(out.end(), signals.begin(), signals.end());
  return out;
}

std::vector<driver> drivers_of(demand const& of, double step_s) {
  std::vector<driver> out;
  for (vehicle_type const& t : of.types) {
    driver d;
    d.length_m = t.length_m;
    d.min_gap_m = t.min_gap_m;
    d.accel = t.accel_mps2;
    d.decel = t.decel_mps2;
    d.emergency = std::max(t.emergency_decel_mps2, t.decel_mps2);
    d.sigma = t.sigma;
    d.tau_s = t.tau_s;
    d.max_speed = t.max_speed_mps;
    d.cls = t.cls;
    d.dt = step_s;
    auto const read = [&](char const* name, double& to) {
      auto const i = t.other.find(name);
      if (i == t.other.end()) return;
      auto const x = parse_number(i->second);
      if (!x) throw_input("vehicle type '" + t.name + "'", fmt::format("{}=\"{}\" is not a number", name, i->second));
      to = *x;
    };
    auto const model = t.other.find("carFollowModel");
    if (model != t.other.end() && model->second == "IDM") {
      d.idm = true;
      d.sigma = 0;  // IDM drivers do not dawdle
      read("delta", d.idm_delta);
      read("stepping", d.idm_step_s);
      if (!(d.idm_step_s > 0)) throw_input("vehicle type '" + t.name + "'", "stepping is not above 0");
    }
    read("impatience", d.impatience);
    read("lcStrategic", d.strategic);
    read("lcCooperative", d.cooperative);
    read("lcSpeedGain", d.speed_gain);
    read("lcKeepRight", d.keep_right);
    read("lcAssertive", d.assertive);
    if (!(d.assertive > 0)) throw_input("vehicle type '" + t.name + "'", "lcAssertive is not above 0");
    out.push_back(d);
  }
  driver obstacle;
  obstacle.length_m = 5;
  obstacle.min_gap_m = 0.5;
  obstacle.sigma = 0;
  obstacle.dt = step_s;
  out.push_back(obstacle);
  return out;
}

}  // namespace gemeo::micro
