// How many times the trips of od.csv are made, by pair of zones and quarter-hour of departure: what a calibration
// finds. 1 where nothing is said. A file:
//   from_zone,to_zone,begin_s,end_s,factor,free_flow_share
// begin_s, end_s: whole quarter-hours of the scenario's time, at most 48 h. free_flow_share: of these travellers, who
// choose routes by the empty network's times and not by the scenario's (sim/routing/habits.h); without the
// column, as in files of before 2026-11-30, nobody does. No cell is empty, and rows of one pair may not overlap: a file
// that is half there is refused. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "sim/core/ids.h"

namespace gemeo {

struct city;

// How much a file says of drivers who choose routes by the empty network; all 0 where it says nothing.
struct free_flow_shares {
  std::size_t pairs = 0, quarters = 0;  // pairs of zones, and quarter-hours, with some
  double least = 0, most = 0;           // of those rows
};

class pair_factors {
 public:
  static constexpr double kSlotS = 900;
  static constexpr std::size_t kSlots = 192;  // from midnight on

  // Throws error(kInput) naming file and line.
  static pair_factors read(std::filesystem::path const& file, city const& c);
  // Complete or not at all. Factors are written so that they read back as the same numbers.
  void write(std::filesystem::path const& file, city const& c) const;

  // [begin, end): quarter-hours.
  void set(zone_id from, zone_id to, std::size_t begin, std::size_t end, double factor, double free_flow_share = 0);
  // Adds those rows of this, by quarter-hours, of which the other one says nothing.
  void copy_missing(pair_factors& to) const;
  [[nodiscard]] double at(zone_id from, zone_id to, std::size_t slot) const;
  [[nodiscard]] double free_flow_share(zone_id from, zone_id to, std::size_t slot) const;
  [[nodiscard]] bool some_by_free_flow() const { return some_by_free_flow_; }
  [[nodiscard]] bool says_nothing() const { return rows_.empty(); }
  [[nodiscard]] std::size_t pairs() const { return rows_.size(); }
  [[nodiscard]] free_flow_shares free_flow() const;
  // Pairs of which od.csv has no trips, so that no factor makes any; by zones.
  [[nodiscard]] std::vector<std::pair<zone_id, zone_id>> pairs_without_trips(city const& c) const;
  // The time that rows speak of.
  [[nodiscard]] double begin_s() const { return kSlotS * static_cast<double>(first_); }
  [[nodiscard]] double end_s() const { return kSlotS * static_cast<double>(last_); }

 private:
  struct span {
    std::uint32_t begin = 0, end = 0;
    double factor = 1, free_flow_share = 0;
  };
  [[nodiscard]] span const* find(zone_id from, zone_id to, std::size_t slot) const;

  std::map<std::pair<zone_id, zone_id>, std::vector<span>> rows_;  // spans ascending
  std::size_t first_ = kSlots, last_ = 0;
  bool some_by_free_flow_ = false;
};

}  // namespace gemeo
