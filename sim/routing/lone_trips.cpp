#include "sim/routing/lone_trips.h"

#include <algorithm>

#include "sim/core/xml.h"

namespace gemeo {

namespace {

// What a driver of the type does on an empty road.
lone_driver driver_of(vehicle_type const& t, float speed_factor) {
  lone_driver d{t.cls, t.max_speed_mps, speed_factor > 0 ? static_cast<double>(speed_factor) : t.speed_factor};
  if (auto const it = t.other.find("desiredMaxSpeed"); it != t.other.end()) {
    if (auto const wish = parse_number(it->second)) d.max_speed_mps = std::min(d.max_speed_mps, *wish * d.speed_factor);
  }
  return d;
}

}  // namespace

lone_trips::lone_trips(std::shared_ptr<network const> net, demand const& d,
                       std::map<vehicle_id, std::vector<edge_id>> via)
    : net_(std::move(net)), ways_(*net_), via_(std::move(via)) {
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (!d.vehicles.route[vehicle_id(i)].valid()) who_.emplace_back(i);
  }
}

bool lone_trips::contains(vehicle_id v) const { return std::binary_search(who_.begin(), who_.end(), v); }

std::vector<edge_id> lone_trips::way(demand const& d, vehicle_id v, std::span<double const> speeds,
                                     std::span<edge_id const> start) const {
  vehicle_table const& t = d.vehicles;
  lone_driver const driver = driver_of(d.types[t.type[v]], t.speed_factor[v]);
  std::vector<edge_id> out(start.begin(), start.end());
  if (out.empty()) out.push_back(t.from[v]);
  auto const go_on = [&](edge_id next) {
    if (next == out.back()) return true;
    auto const part = ways_.find(out.back(), next, driver, speeds);
    if (part.empty()) return false;
    out.insert(out.end(), part.begin() + 1, part.end());
    return true;
  };
  if (auto const between = via_.find(v); between != via_.end()) {
    if (!std::all_of(between->second.begin(), between->second.end(), go_on)) return {};
  }
  if (!go_on(t.to[v])) return {};
  return out;
}

}  // namespace gemeo
