#include "sim/results/trajectory_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/results/schema.h"

namespace gemeo {

namespace {

// Rounds to the nearest step; what cannot be represented (NaN, negative, too large) goes to the nearest end.
template <typename T>
T quantise(float value, float steps_per_unit) {
  constexpr auto kMax = static_cast<float>(std::numeric_limits<T>::max() - (sizeof(T) > 2 ? 255U : 0U));
  float const v = value * steps_per_unit + 0.5F;
  return v > 0 ? static_cast<T>(std::min(v, kMax)) : T{0};
}

constexpr auto kPositionsPerMetre = static_cast<float>(1 / schema::kPositionStep_m);
constexpr auto kSpeedsPerMps = static_cast<float>(1 / schema::kSpeedStep_mps);

template <typename T>
void write_front(h5::table& t, std::vector<T>& values, std::size_t n) {
  t.append(std::span<T const>(values.data(), n));
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n));
}

}  // namespace

trajectory_store::trajectory_store(h5::out_group const& g, double longest_lane_m)
    : wide_(longest_lane_m / schema::kPositionStep_m > std::numeric_limits<std::uint16_t>::max() - 1.0) {
  using namespace schema;
  time_ = g.growing_axis("time", H5T_IEEE_F64LE, {"s", "time of the step, since midnight"});
  row_axis_ = g.axis("row", 0, true);
  end_row_ = g.growing_column("end_row", H5T_STD_U64LE, time_,
                              {"1", "one past the step's last row; its first is the end_row of the step before, or 0"},
                              kRowChunk, false);
  vehicle_ = g.growing_column("vehicle_id", H5T_STD_U32LE, row_axis_,
                              {"1", "row of the vehicle axis of /trips; ascending within a step"}, kTrajectoryChunk);
  lane_ = g.growing_column("lane", H5T_STD_I32LE, row_axis_,
                           {"1", "row of the lane axis of /network; -1 while being teleported"}, kTrajectoryChunk);
  pos_ = g.growing_column("position", wide_ ? H5T_STD_U32LE : H5T_STD_U16LE, row_axis_,
                          {"m", "distance of the front bumper from the lane's start"}, kTrajectoryChunk);
  speed_ = g.growing_column("speed", H5T_STD_U16LE, row_axis_, {"m/s", "speed"}, kTrajectoryChunk);
  g.mark(pos_, "scale_factor", kPositionStep_m);
  g.mark(speed_, "scale_factor", kSpeedStep_mps);
}

void trajectory_store::append(frame const& f) {
  std::size_t const n = f.size(), old = vehicles_.size();
  vehicles_.resize(old + n);
  lanes_.resize(old + n);
  speeds_.resize(old + n);
  (wide_ ? positions_.resize(old + n) : short_positions_.resize(old + n));
  for (std::size_t i = 0; i < n; ++i) vehicles_[old + i] = f.vehicle[i].value;
  for (std::size_t i = 0; i < n; ++i) lanes_[old + i] = static_cast<std::int32_t>(f.lane[i].value);  // none: -1
  for (std::size_t i = 0; i < n; ++i) speeds_[old + i] = quantise<std::uint16_t>(f.speed_mps[i], kSpeedsPerMps);
  if (wide_) {
    for (std::size_t i = 0; i < n; ++i) positions_[old + i] = quantise<std::uint32_t>(f.pos_m[i], kPositionsPerMetre);
  } else {
    for (std::size_t i = 0; i < n; ++i)
      short_positions_[old + i] = quantise<std::uint16_t>(f.pos_m[i], kPositionsPerMetre);
  }
  rows_ += n;
  step_time_.push_back(f.time_s);
  step_end_.push_back(rows_);
  if (vehicles_.size() >= schema::kTrajectoryChunk) write_whole_chunks();
}

void trajectory_store::write_whole_chunks() {
  write_rows(vehicles_.size() - vehicles_.size() % schema::kTrajectoryChunk);
}

void trajectory_store::write_rows(std::size_t n) {
  row_axis_.extend(row_axis_.rows() + n);
  write_front(vehicle_, vehicles_, n);
  write_front(lane_, lanes_, n);
  if (wide_) {
    write_front(pos_, positions_, n);
  } else {
    write_front(pos_, short_positions_, n);
  }
  write_front(speed_, speeds_, n);
  // A step counts once all its rows are in the file.
  std::uint64_t const written = rows_ - vehicles_.size();
  auto const steps =
      static_cast<std::size_t>(std::upper_bound(step_end_.begin(), step_end_.end(), written) - step_end_.begin());
  write_front(end_row_, step_end_, steps);
  write_front(time_, step_time_, steps);
  each_table([](h5::table& t) { t.commit(); });
}

void trajectory_store::finish() { write_rows(vehicles_.size()); }

}  // namespace gemeo
