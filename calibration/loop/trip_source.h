// Whose trips a calibration estimates: streams of travellers (an OD pair, or those of one who choose their routes in
// one way), by slot of departure time; the trips one expects in each before any count is seen (the prior); and
// travellers drawn for given numbers of trips. Cells are numbered stream by stream, cell = stream * slots + slot; slots
// are equally long. Times in s since midnight. Thread rule: one thread; draw() and learn() may use more inside, and
// give the same bits on any number of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/demand/demand.h"
#include "sim/routing/router.h"

namespace gemeo {

inline constexpr std::uint32_t kNoCell = 0xFFFFFFFF;  // of travellers whom nobody estimates, as buses

struct drawn_trips {
  demand who;
  id_vector<vehicle_id, std::uint32_t> cell;
};

struct departure_slots {
  double begin_s = 0, length_s = 900;
  std::size_t count = 0;
  [[nodiscard]] double end_s() const { return begin_s + length_s * static_cast<double>(count); }
  [[nodiscard]] double begin_of(std::size_t slot) const { return begin_s + length_s * static_cast<double>(slot); }
};

class trip_source {
 public:
  virtual ~trip_source() = default;
  [[nodiscard]] virtual departure_slots slots() const = 0;
  [[nodiscard]] virtual std::size_t streams() const = 0;
  [[nodiscard]] virtual std::span<double const> prior() const = 0;  // trips by cell
  // A stream is a part of its pair, by how routes are chosen (its habit); share: of the pair's trips, before any count.
  [[nodiscard]] virtual std::size_t pairs() const = 0;
  [[nodiscard]] virtual std::uint32_t pair_of(std::size_t stream) const = 0;
  [[nodiscard]] virtual std::uint32_t habit_of(std::size_t stream) const = 0;
  [[nodiscard]] virtual double share_of(std::size_t stream) const = 0;
  [[nodiscard]] virtual std::string pair_name(std::size_t pair) const = 0;
  // Numbers of the places where a pair begins and ends: pairs that share one may share its errors.
  [[nodiscard]] virtual std::uint32_t origin_of(std::size_t pair) const = 0;
  [[nodiscard]] virtual std::uint32_t destination_of(std::size_t pair) const = 0;
  [[nodiscard]] virtual std::string origin_name(std::size_t pair) const = 0;
  // What a trip of the pair costs on the empty network, in s; NaN where nobody knows.
  [[nodiscard]] virtual double cost_s_of(std::size_t pair) const = 0;
  // trips by cell, any non-negative numbers: whole travellers, whose sum over the slots of a stream is right within
  // one; of a city, Poisson about them, as its scenarios draw them.
  [[nodiscard]] virtual drawn_trips draw(std::span<double const> trips, std::uint64_t seed) const = 0;
  // Travellers of the next draw know these travel times; step: the share of them who choose anew.
  virtual void learn(edge_costs const& times, double step) = 0;
};

// Trips of each pair and slot: its streams together.
std::vector<double> trips_of_pairs(trip_source const& s, std::span<double const> trips);

}  // namespace gemeo
