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
    if (v.valid()) arriving_.push_back({v, {}, {}});
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

fleet::place fleet::look_up(member& m) {
  std::string const& key = name(m.id);
  std::string const lane = libsumo::Vehicle::getLaneID(key);
  if (lane.empty()) return {};
  if (!m.lane.valid() || *lane_names_[m.lane] != lane) m.lane = find_lane(lane);
  return {m.lane, libsumo::Vehicle::getLanePosition(key), libsumo::Vehicle::getSpeed(key)};
}

// SUMO's object must say what libsumo says of the vehicle, or none is used again: a library of another version might
// export the same names for something else.
bool fleet::find_object(member& m) {
  m.object = vehicle_object::find(name(m.id));
  objects_ = m.object.valid();
  if (!objects_) return false;
  place const p = look_up(m);
  m.lane_object = m.object.lane();
  objects_ = (m.lane_object != nullptr) == p.lane.valid();
  if (!objects_ || m.lane_object == nullptr) return objects_;
  auto const known = lane_objects_.emplace(m.lane_object, p.lane).first;
  objects_ = known->second == p.lane && m.object.position_m() == p.pos_m && m.object.speed_mps() == p.speed_mps;
  return objects_;
}

fleet::place fleet::look_at(member& m) {
  if (!m.object.valid() && !find_object(m)) return look_up(m);
  void const* const lane = m.object.lane();
  if (lane == nullptr) return {};
  if (lane != m.lane_object) {
    auto const known = lane_objects_.find(lane);
    m.lane = known != lane_objects_.end() ? known->second : find_lane(libsumo::Vehicle::getLaneID(name(m.id)));
    m.lane_object = lane;
    if (known == lane_objects_.end()) lane_objects_.emplace(lane, m.lane);
  }
  return {m.lane, m.object.position_m(), m.object.speed_mps()};
}

void fleet::observe(frame& f) {
  std::size_t const n = running_.size();
  f.vehicle.resize(n);
  f.lane.resize(n);
  f.pos_m.resize(n);
  f.speed_mps.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    member& m = running_[i];
    place const p = objects_ ? look_at(m) : look_up(m);
    f.vehicle[i] = m.id;
    f.lane[i] = p.lane;  // none: on its way past a jam (teleport), or parked beside the road
    f.pos_m[i] = static_cast<float>(p.pos_m);
    f.speed_mps[i] = static_cast<float>(p.speed_mps);
  }
}

}  // namespace gemeo
