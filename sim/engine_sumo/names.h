// From SUMO's names to ids. Vehicles of a city's own demand carry their number as name ("1234"), obstacles are called
// "obstacle.7"; vehicles, stops and detectors of a .sumocfg are numbered in the order in which they first appear.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/core/ids.h"

namespace gemeo {

// Names numbered in the order in which they are first seen, after `first` that others know already.
class name_numbers {
 public:
  std::uint32_t find_or_add(std::string_view name);
  void reset(std::uint32_t first) {
    first_ = first;
    names_.clear();
    numbers_.clear();
    taken_ = 0;
  }
  // The names that were added since the last call.
  void take_new(std::vector<std::string>& out);
  [[nodiscard]] std::string const& name(std::uint32_t number) const { return names_[number - first_]; }

 private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::uint32_t first_ = 0;
  std::size_t taken_ = 0;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, text_hash, std::equal_to<>> numbers_;
};

struct sumo_names {
  bool numbered = true;  // vehicles are named by their number
  name_numbers vehicles, stops, detectors, areas;
  struct passenger {
    passenger_id who;
    std::vector<std::pair<stop_id, stop_id>> rides;  // from, to
  };
  std::map<std::string, passenger, std::less<>> passengers;  // by name

  // Invalid for an obstacle.
  [[nodiscard]] vehicle_id vehicle(std::string_view name);
};

inline constexpr std::string_view kObstaclePrefix = "obstacle.";
std::string obstacle_name(std::uint32_t obstacle);
inline bool is_obstacle(std::string_view name) {
  return name.starts_with(kObstaclePrefix);
}  // with a city's own demand

}  // namespace gemeo
