#include "sim/engine_sumo/fleet.h"

#include <libsumo/libsumo.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/core/error.h"

namespace gemeo {

void fleet::enter(std::vector<std::string> const& vehicles) {
  arriving_.clear();
  for (std::string const& name : vehicles) {
    vehicle_id const v = names_.vehicle(name);
    if (v.valid()) arriving_.push_back({v, lane_id()});
  }
  if (arriving_.empty()) return;
  auto const by_id = [](member const& a, member const& b) { return a.id < b.id; };
  std::sort(arriving_.begin(), arriving_.end(), by_id);
  auto const middle = static_cast<std::ptrdiff_t>(running_.size());
  running_.insert(running_.end(), arriving_.begin(), arriving_.end());
  std::inplace_merge(running_.begin(), running_.begin() + middle, running_.end(), by_id);
}

std::size_t fleet::leave(std::vector<std::string> const& vehicles) {
  leaving_.clear();
  for (std::string const& name : vehicles) {
    vehicle_id const v = names_.vehicle(name);
    if (v.valid()) leaving_.push_back(v);
  }
  if (leaving_.empty()) return 0;
  std::sort(leaving_.begin(), leaving_.end());
  auto const gone = std::remove_if(running_.begin(), running_.end(), [&](member const& m) {
    return std::binary_search(leaving_.begin(), leaving_.end(), m.id);
  });
  auto const n = static_cast<std::size_t>(running_.end() - gone);
  running_.erase(gone, running_.end());
  return n;
}

bool fleet::contains(vehicle_id v) const {
  auto const it =
      std::lower_bound(running_.begin(), running_.end(), v, [](member const& m, vehicle_id id) { return m.id < id; });
  return it != running_.end() && it->id == v;
}

std::vector<vehicle_id> fleet::vehicles() const {
  std::vector<vehicle_id> out;
  out.reserve(running_.size());
  for (member const& m : running_) out.push_back(m.id);
  return out;
}

std::string const& fleet::name(vehicle_id v) {
  if (!names_.numbered) return names_.vehicles.name(v.value);
  std::array<char, 12> text{};
  auto const end = std::to_chars(text.data(), text.data() + text.size(), v.value).ptr;
  digits_.assign(text.data(), end);
  return digits_;
}

lane_id fleet::find_lane(std::string const& name) {
  auto const it = lanes_.find(name);
  if (it != lanes_.end()) return it->second;
  auto const lane = net_.find_lane(name);
  verify(lane.has_value(), "SUMO and gemeo read the same network");
  if (lane_names_.empty()) lane_names_.resize(net_.lane_count(), nullptr);
  auto const kept = lanes_.emplace(name, *lane).first;
  lane_names_[*lane] = &kept->first;
  return *lane;
}

void fleet::observe(frame& f) {
  std::size_t const n = running_.size();
  f.vehicle.resize(n);
  f.lane.resize(n);
  f.pos_m.resize(n);
  f.speed_mps.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    member& m = running_[i];
    std::string const& key = name(m.id);
    std::string const lane = libsumo::Vehicle::getLaneID(key);
    f.vehicle[i] = m.id;
    if (lane.empty()) {  // on its way past a jam (teleport), or parked beside the road
      f.lane[i] = lane_id();
      f.pos_m[i] = f.speed_mps[i] = 0;
      continue;
    }
    if (!m.lane.valid() || *lane_names_[m.lane] != lane) m.lane = find_lane(lane);
    f.lane[i] = m.lane;
    f.pos_m[i] = static_cast<float>(libsumo::Vehicle::getLanePosition(key));
    f.speed_mps[i] = static_cast<float>(libsumo::Vehicle::getSpeed(key));
  }
}

}  // namespace gemeo
