// /trajectories of a result file: every vehicle's lane, position and speed at each recorded step, quantised, as flat
// columns with one offset per step. Rows are kept until a chunk is full: a chunk is written once, never rewritten.
// Units: position 0.1 m, speed 0.01 m/s (scale_factor). Thread rule: as h5_out.h.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/frame.h"
#include "sim/results/h5_out.h"

namespace gemeo {

class trajectory_store {
 public:
  // longest_lane_m decides between 16 and 32 bits for a position.
  trajectory_store(h5::out_group const& g, double longest_lane_m);
  void append(frame const& f);
  void finish();  // the rows that do not fill a chunk
  template <typename F>
  void each_table(F const& f) {
    for (h5::table* t : {&time_, &row_axis_, &end_row_, &vehicle_, &lane_, &pos_, &speed_}) f(*t);
  }

 private:
  void write_whole_chunks();
  void write_rows(std::size_t n);
  h5::table time_, row_axis_, end_row_, vehicle_, lane_, pos_, speed_;
  bool wide_ = false;
  std::vector<std::uint32_t> vehicles_, positions_;
  std::vector<std::int32_t> lanes_;
  std::vector<std::uint16_t> short_positions_, speeds_;
  std::uint64_t rows_ = 0;         // all, written or waiting
  std::vector<double> step_time_;  // steps whose rows are not all written yet
  std::vector<std::uint64_t> step_end_;
};

}  // namespace gemeo
