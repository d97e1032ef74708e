// Which share of a cell's trips passes which station when, as simulations showed it: crossings per departure, logged in
// the simulation itself. Several simulations are averaged (method of successive averages), as one alone is a sample:
// a cell of few travellers shows little, and borrows from the same pair's trips around its slot,
//   A = (crossings + k pooled) / (departures + k),
// where pooled are the crossings per departure of the pair's near slots, moved to this one, and k is `borrowed`.
// Who left in the warm-up passes for the cell that he repeats, without another departure.
// Thread rule: one thread.
#pragma once

#include <vector>

#include "calibration/fit/problem.h"
#include "calibration/loop/simulate.h"

namespace gemeo {

struct station_count {  // vehicles that passed a station between two times of a day
  std::uint32_t station = 0;
  double begin_s = 0, end_s = 0;
  double count = 0;
  double variance = 0;    // of the count beyond that of one day's counting, as between days; 0: not known
  double occupancy = -1;  // 0..1: part of the time that its loops are covered, mean of its lanes; negative: not told
};

struct assignment_options {
  double borrowed = 3;         // k, in trips
  std::size_t near_slots = 3;  // slots before and after that a cell borrows from
  double warm_up_s = 0;        // of the simulations: who left before the first slot left again in it (warm_up.h)
};

class assignment {
 public:
  assignment(departure_slots slots, std::size_t pairs, assignment_options o = {});
  // keep: what is left of the weight of those before; 1: all count alike.
  void add(simulated s, double keep = 1);
  // counts x cells.
  [[nodiscard]] sparse_rows rows(std::vector<station_count> const& counts, std::size_t threads = 0) const;
  // b = mean of (q - A n) over the simulations: passings q of travellers outside the estimate, and what A alone gets
  // wrong under congestion (Frederix, Viti and Tampere, Transportmetrica A 9(6), 2013).
  [[nodiscard]] std::vector<double> offsets(sparse_rows const& a, std::vector<station_count> const& counts) const;

 private:
  struct share {  // of a traveller's passing
    std::uint32_t slot = 0, station = 0;
    float departed_s = 0, time_s = 0, weight = 0;
  };
  struct times_of_station;
  void add_pair(std::size_t pair, std::vector<times_of_station> const& wanted, std::vector<sparse_entry>& out) const;

  departure_slots slots_;
  std::size_t pairs_;
  assignment_options options_;
  struct logged {
    simulated what;
    double weight = 1;
  };
  std::vector<logged> log_;
  std::vector<std::vector<share>> of_pair_;
  std::vector<double> departures_;  // weighted, by cell
};

// What a simulation counted where and when the counts were taken.
std::vector<double> counted_in(simulated const& s, std::vector<station_count> const& counts);
// The occupancy of a simulation where and when counts were taken; NaN where no interval lies within a count's time.
std::vector<double> occupancies_in(simulated const& s, std::vector<station_count> const& counts);

}  // namespace gemeo
