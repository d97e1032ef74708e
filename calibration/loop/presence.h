// What the occupancy of loops says beyond their counts. A count tells how many want to pass only where traffic flows;
// in a queue it is what the queue lets through, and a demand that the network serves and a larger one that jams it pass
// the same loops alike. The part of the time that a loop is covered tells an empty road from a jammed one, as it goes
// with the density of the traffic. Thread rule: one thread.
#pragma once

#include <vector>

#include "calibration/loop/assignment.h"

namespace gemeo {

// Simulated against told, over all counts that tell their occupancy.
struct presence {
  double told = 0, simulated = 0;                               // sums
  std::size_t told_jams = 0, simulated_jams = 0, both_jam = 0;  // counts where traffic jams
  // simulated / told; 1 where none is told or nothing jams: there counts say all there is to say.
  [[nodiscard]] double ratio() const;
  // As far as two simulations of one demand differ.
  [[nodiscard]] bool no_more_than_told() const;
  // Of a step from a demand that was no more than told to this one's: up to where it still is, at least a quarter.
  // Beyond it more trips add vehicles that stand, not flow.
  [[nodiscard]] double part_of_step(presence const& from) const;
  // What it adds to an iterate's misfit where the best is chosen: ((|ln ratio| - 0.25) / 0.5)^2 beyond 0.25,
  // by which two simulations of one demand differ where a network jams.
  [[nodiscard]] double misfit() const;
};
// simulated: as occupancies_in gives them.
presence compare_presence(std::vector<station_count> const& counts, std::vector<double> const& simulated);

// How many want to pass, as far as simulations have shown. A count where the road jams and the simulation does not is
// raised by (told / simulated)^(1/4), where the simulation alone jams lowered by it, at most by e^0.3 a simulation and
// within half and double; where both jam it stays, and where neither does it goes back half of the way. The power is
// that of the volume-delay function of the Bureau of Public Roads (Traffic Assignment Manual, 1964): about capacity
// density grows with the fourth power of the demand.
class wished_counts {
 public:
  explicit wished_counts(std::vector<station_count> const& counts) : counts_(counts), factor_(counts.size(), 1) {}
  explicit wished_counts(std::vector<station_count>&&) = delete;  // it keeps a reference
  void learn(std::vector<double> const& simulated_occupancies);
  [[nodiscard]] double count(std::size_t i) const { return counts_[i].count * factor_[i]; }

 private:
  std::vector<station_count> const& counts_;
  std::vector<double> factor_;
};

}  // namespace gemeo
