#include "sim/engine_sumo/names.h"

#include <charconv>

#include "sim/core/error.h"

namespace gemeo {

std::uint32_t name_numbers::find_or_add(std::string_view name) {
  if (auto const it = numbers_.find(name); it != numbers_.end()) return it->second;
  auto const number = static_cast<std::uint32_t>(first_ + names_.size());
  names_.emplace_back(name);
  numbers_.emplace(names_.back(), number);
  return number;
}

void name_numbers::take_new(std::vector<std::string>& out) {
  out.insert(out.end(), names_.begin() + static_cast<std::ptrdiff_t>(taken_), names_.end());
  taken_ = names_.size();
}

vehicle_id sumo_names::vehicle(std::string_view name) {
  if (!numbered) return vehicle_id(vehicles.find_or_add(name));
  if (is_obstacle(name)) return {};
  std::uint32_t number = 0;
  auto const [end, ec] = std::from_chars(name.data(), name.data() + name.size(), number);
  verify(ec == std::errc() && end == name.data() + name.size(), "SUMO names a vehicle that gemeo gave it");
  return vehicle_id(number);
}

std::string obstacle_name(std::uint32_t obstacle) { return std::string(kObstaclePrefix) + std::to_string(obstacle); }

}  // namespace gemeo
