// Trips of a city folder: a stream is a pair of zones that has trips in od.csv, its purposes and types of vehicle
// together; slots are whole quarter-hours. Travellers are those of draw_demand (sim/demand/city.h) with a factor on
// each cell, so a scenario whose key `calibrated` names the factors has the very same: Poisson about the trips asked
// for, keyed by traveller. Buses run as they do. Routes are chosen by the scenario's own travel times and, of the share
// of travellers that learned, by those learned. Thread rule: as trip_source.
#pragma once

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "calibration/loop/trip_source.h"
#include "sim/demand/city.h"

namespace gemeo {

class city_source final : public trip_source {
 public:
  // base: what routes are chosen with before anything is learned. Throws error(kInput) where slots are not of whole
  // quarter-hours from midnight on, or nobody travels in them.
  city_source(city town, departure_slots slots, std::shared_ptr<router const> base, routing_options routing);

  [[nodiscard]] departure_slots slots() const override { return slots_; }
  [[nodiscard]] std::size_t streams() const override { return pairs_.size(); }
  [[nodiscard]] std::span<double const> prior() const override { return prior_; }
  [[nodiscard]] std::size_t pairs() const override { return pairs_.size(); }
  [[nodiscard]] std::uint32_t pair_of(std::size_t stream) const override { return static_cast<std::uint32_t>(stream); }
  [[nodiscard]] std::uint32_t habit_of(std::size_t) const override { return 0; }
  [[nodiscard]] double share_of(std::size_t) const override { return 1; }
  [[nodiscard]] std::string pair_name(std::size_t pair) const override;
  [[nodiscard]] std::string origin_name(std::size_t pair) const override;
  [[nodiscard]] std::uint32_t origin_of(std::size_t pair) const override { return pairs_[pair].first.value; }
  [[nodiscard]] std::uint32_t destination_of(std::size_t pair) const override { return pairs_[pair].second.value; }
  // Of many edges: no one cost is known.
  [[nodiscard]] double cost_s_of(std::size_t) const override { return std::numeric_limits<double>::quiet_NaN(); }
  [[nodiscard]] drawn_trips draw(std::span<double const> trips, std::uint64_t seed) const override;
  void learn(edge_costs const& times, double step) override;

  // On the city's own demand; cells without prior trips keep 1. Those of a city that is calibrated already multiply.
  [[nodiscard]] pair_factors factors(std::span<double const> trips) const;
  [[nodiscard]] city const& town() const { return town_; }
  [[nodiscard]] std::pair<zone_id, zone_id> zones_of(std::size_t pair) const { return pairs_[pair]; }

 private:
  [[nodiscard]] std::size_t quarters() const {
    return static_cast<std::size_t>(slots_.length_s / pair_factors::kSlotS);
  }
  [[nodiscard]] std::size_t first_quarter() const {
    return static_cast<std::size_t>(slots_.begin_s / pair_factors::kSlotS);
  }
  [[nodiscard]] std::uint32_t cell_of(demand const& d, vehicle_id v) const;

  city town_;
  departure_slots slots_;
  routing_options routing_;
  std::vector<std::pair<zone_id, zone_id>> pairs_;  // ascending
  std::vector<double> prior_;
  struct known_times {
    double step = 1;  // share of travellers who chose anew by them
    std::shared_ptr<router const> ways;
  };
  std::vector<known_times> known_;  // the scenario's own first
};

}  // namespace gemeo
