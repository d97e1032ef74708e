// Trips of a city folder: a pair of zones that has trips in od.csv, its purposes and types of vehicle together; slots
// are whole quarter-hours. Travellers are those of draw_demand (sim/demand/city.h) with a factor on each cell of a
// pair, so a scenario whose key `calibrated` names the factors has the very same: Poisson about the trips asked for,
// keyed by traveller. Buses run as they do. Routes are chosen by the scenario's own travel times and, of the share of
// travellers that learned, by those learned; or, where counts shall say how many do so, by the empty network's
// (sim/routing/habits.h): then each pair has two streams, one of each habit. Thread rule: as trip_source.
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
  // base: what routes are chosen with before anything is learned. free_flow_share: of drivers who choose by the empty
  // network, before any count; 0: no count is asked, and what an earlier calibration found stays. Throws error(kInput)
  // where slots are not of whole quarter-hours from midnight on, nobody travels in them, or an earlier calibration has
  // found a share and another one is given.
  city_source(city town, departure_slots slots, std::shared_ptr<router const> base, routing_options routing,
              double free_flow_share = 0);

  [[nodiscard]] departure_slots slots() const override { return slots_; }
  [[nodiscard]] std::size_t streams() const override { return pairs_.size() * habits(); }
  [[nodiscard]] std::span<double const> prior() const override { return prior_; }
  [[nodiscard]] std::size_t pairs() const override { return pairs_.size(); }
  [[nodiscard]] std::uint32_t pair_of(std::size_t stream) const override {
    return static_cast<std::uint32_t>(stream / habits());
  }
  // 0: the scenario's times, 1: the empty network's.
  [[nodiscard]] std::uint32_t habit_of(std::size_t stream) const override {
    return static_cast<std::uint32_t>(stream % habits());
  }
  [[nodiscard]] double share_of(std::size_t stream) const override {
    return habit_of(stream) == 0 ? 1 - free_flow_share_ : free_flow_share_;
  }
  [[nodiscard]] std::string pair_name(std::size_t pair) const override;
  [[nodiscard]] std::string origin_name(std::size_t pair) const override;
  [[nodiscard]] std::uint32_t origin_of(std::size_t pair) const override { return pairs_[pair].first.value; }
  [[nodiscard]] std::uint32_t destination_of(std::size_t pair) const override { return pairs_[pair].second.value; }
  // Of many edges: no one cost is known.
  [[nodiscard]] double cost_s_of(std::size_t) const override { return std::numeric_limits<double>::quiet_NaN(); }
  [[nodiscard]] drawn_trips draw(std::span<double const> trips, std::uint64_t seed) const override;
  void learn(edge_costs const& times, double step) override;

  // On the city's own demand; cells without prior trips keep 1. Those of a city that is calibrated already multiply,
  // and stay as they are at other times and where nobody travels by them.
  [[nodiscard]] pair_factors factors(std::span<double const> trips) const;
  // The city's own demand with its own drivers, as its scenarios are without this calibration.
  [[nodiscard]] std::vector<double> as_base() const;
  [[nodiscard]] city const& town() const { return town_; }
  [[nodiscard]] std::pair<zone_id, zone_id> zones_of(std::size_t pair) const { return pairs_[pair]; }

 private:
  [[nodiscard]] std::size_t habits() const { return free_flow_share_ > 0 ? 2 : 1; }
  [[nodiscard]] std::size_t quarters() const {
    return static_cast<std::size_t>(slots_.length_s / pair_factors::kSlotS);
  }
  [[nodiscard]] std::size_t first_quarter() const {
    return static_cast<std::size_t>(slots_.begin_s / pair_factors::kSlotS);
  }
  [[nodiscard]] std::uint32_t cell_of(demand const& d, vehicle_id v, bool by_free_flow) const;

  city town_;
  departure_slots slots_;
  routing_options routing_;
  double free_flow_share_;
  std::vector<std::pair<zone_id, zone_id>> pairs_;  // ascending
  std::vector<double> prior_;
  std::vector<double> of_pairs_;  // the prior's by pair and slot
  struct known_times {
    double step = 1;  // share of travellers who chose anew by them
    std::shared_ptr<router const> ways;
  };
  std::vector<known_times> known_;  // the scenario's own first
  std::shared_ptr<router const> free_flow_;
};

}  // namespace gemeo
