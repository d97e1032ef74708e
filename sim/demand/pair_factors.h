// How many times the trips of od.csv are made, by pair of zones and quarter-hour of departure: what a calibration
// finds. 1 where nothing is said. A file:
//   from_zone,to_zone,begin_s,end_s,factor     begin_s, end_s: whole quarter-hours of the scenario's time, at most 48 h
// Rows of one pair may not overlap. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "sim/core/ids.h"

namespace gemeo {

struct city;

class pair_factors {
 public:
  static constexpr double kSlotS = 900;
  static constexpr std::size_t kSlots = 192;  // from midnight on

  // Throws error(kInput) naming file and line.
  static pair_factors read(std::filesystem::path const& file, city const& c);
  // Complete or not at all. Factors are written so that they read back as the same numbers.
  void write(std::filesystem::path const& file, city const& c) const;

  // [begin, end): quarter-hours.
  void set(zone_id from, zone_id to, std::size_t begin, std::size_t end, double factor);
  [[nodiscard]] double at(zone_id from, zone_id to, std::size_t slot) const;
  [[nodiscard]] bool says_nothing() const { return rows_.empty(); }
  // The time that rows speak of.
  [[nodiscard]] double begin_s() const { return kSlotS * static_cast<double>(first_); }
  [[nodiscard]] double end_s() const { return kSlotS * static_cast<double>(last_); }

 private:
  struct span {
    std::uint32_t begin = 0, end = 0;
    double factor = 1;
  };
  std::map<std::pair<zone_id, zone_id>, std::vector<span>> rows_;  // spans ascending
  std::size_t first_ = kSlots, last_ = 0;
};

}  // namespace gemeo
