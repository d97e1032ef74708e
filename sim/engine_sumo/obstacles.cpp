#include "sim/engine_sumo/obstacles.h"

#include <fmt/core.h>
#include <libsumo/libsumo.h>

#include <algorithm>

#include "sim/engine_sumo/input_files.h"
#include "sim/engine_sumo/names.h"

namespace gemeo {

namespace {

constexpr double kLength_m = 5;
constexpr double kForever_s = 1e7;
constexpr int kPatience_ticks = 2;  // SUMO tries on its own for so long before traffic is held

bool in_network(std::string const& vehicle) { return !libsumo::Vehicle::getLaneID(vehicle).empty(); }

bool known(std::string const& vehicle) {
  try {
    return in_network(vehicle);
  } catch (libsumo::TraCIException const&) {
    return false;  // it has arrived meanwhile
  }
}

}  // namespace

void obstacles::block(block_lane const& b) {
  unblock(b.obstacle);
  state o;
  o.lane = b.lane;
  double const length = static_cast<double>(net_.lanes.length_m[b.lane]);
  o.pos_m = std::clamp(b.pos_m, std::min(kLength_m, length), length);
  edge_id const e = net_.lanes.edge[b.lane];
  std::string const& edge = net_.edges.name[e];
  int const index = static_cast<int>(b.lane.value - net_.edges.lanes[e].begin);
  std::string const name = obstacle_name(b.obstacle), route = name + "." + edge;
  auto const routes = libsumo::Route::getIDList();
  if (std::find(routes.begin(), routes.end(), route) == routes.end()) libsumo::Route::add(route, {edge});
  libsumo::Vehicle::add(name, route, kObstacleType, "now", std::to_string(index), fmt::format("{}", o.pos_m), "0");
  libsumo::Vehicle::setStop(name, edge, o.pos_m, index, kForever_s);
  all_[b.obstacle] = o;
}

void obstacles::unblock(std::uint32_t obstacle) {
  auto const it = all_.find(obstacle);
  if (it == all_.end()) return;
  release(it->second);
  libsumo::Vehicle::remove(obstacle_name(obstacle));
  all_.erase(it);
}

void obstacles::after_step() {
  for (auto& [number, o] : all_) {
    if (o.standing) continue;
    o.standing = in_network(obstacle_name(number));
    if (o.standing) {
      release(o);
    } else if (++o.ticks > kPatience_ticks) {
      hold_traffic(o);
    }
  }
}

void obstacles::hold_traffic(state& o) const {
  std::string last;
  double last_pos_m = -1;
  for (std::string const& v : libsumo::Lane::getLastStepVehicleIDs(net_.lane_name(o.lane))) {
    double const pos_m = libsumo::Vehicle::getLanePosition(v), speed_mps = libsumo::Vehicle::getSpeed(v);
    double const stops_at_m = pos_m + speed_mps * speed_mps / (2 * libsumo::Vehicle::getDecel(v)) + speed_mps;
    bool const can_stop = stops_at_m < o.pos_m - kLength_m - libsumo::Vehicle::getMinGap(v);
    if (can_stop && pos_m > last_pos_m && !is_obstacle(v)) {
      last = v;
      last_pos_m = pos_m;
    }
  }
  if (last == o.held) return;
  release(o);
  if (last.empty()) return;
  libsumo::Vehicle::setSpeed(last, 0);
  o.held = last;
}

void obstacles::release(state& o) {
  if (!o.held.empty() && known(o.held)) libsumo::Vehicle::setSpeed(o.held, -1);
  o.held.clear();
}

}  // namespace gemeo
