// What a scenario's detectors have seen: induction loops (whose passings the move stage notes down in world::loops) and
// lane areas, each in intervals of its own. One thread.
#pragma once

#include "sim/engine_tbb/areas.h"

namespace gemeo::micro {

class detectors {
 public:
  detectors() = default;
  // Puts the scenario's loops into w.loops; those of signals may follow, and then sort().
  detectors(world& w, double interval_s);
  std::vector<std::uint32_t> sort(world& w);  // by lane; the new place of each loop
  void after_moves(world const& w) { areas_.after_moves(w); }
  void after_tick(world& w, observations& out);  // at w.now_s; also closes the intervals that are over
  void close_all(world& w, observations& out);   // those that have begun
  void renumber(std::vector<slot> const& to) { areas_.renumber(to); }
  void save(byte_writer& out) const;
  void restore(byte_reader& in);  // throws error(kInput) on what save() cannot have written

 private:
  struct clock {
    double period_s = 0, began_s = 0;
  };
  void close(world& w, std::size_t i, double end_s, observations& out);
  [[nodiscard]] double next_end() const;

  std::vector<std::uint32_t> place_of_;  // of each detector, in w.loops
  lane_areas areas_;
  std::vector<clock> clocks_;  // of the loops, then of the areas
  double next_end_s_ = 0;      // before that no interval is over
};

}  // namespace gemeo::micro
