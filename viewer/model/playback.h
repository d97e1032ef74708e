// The clock of the viewer: a time inside [begin, end], standing or running at a rate (simulated seconds a second), and
// what of a series of intervals belongs to it. Times in seconds since midnight of the first day. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gemeo::view {

class playback {
 public:
  void set_range(double begin_s, double end_s);  // keeps the time if it lies inside
  void set_time(double time_s);                  // clamped
  void set_rate(double rate);                    // (0, kMaxRate]
  void play();                                   // from the beginning when it stands at the end
  void pause() { playing_ = false; }
  void toggle() { playing_ ? pause() : play(); }
  void advance(double real_s);  // stops at the end

  [[nodiscard]] double time_s() const { return time_; }
  [[nodiscard]] double begin_s() const { return begin_; }
  [[nodiscard]] double end_s() const { return end_; }
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] bool playing() const { return playing_; }

  static constexpr double kMaxRate = 86400;

 private:
  double begin_ = 0, end_ = 0, time_ = 0, rate_ = 900;
  bool playing_ = false;
};

// Two intervals and the weight of the second; first == second when there is nothing to blend.
struct interval_blend {
  std::size_t first = 0, second = 0;
  double weight = 0;
};

// The interval that holds the time; the nearest one for a time in a gap or outside; nullopt without intervals.
std::optional<std::size_t> interval_at(std::span<double const> begin_s, std::span<double const> end_s, double time_s);
// Between the middles of the two intervals around the time, for a smooth film; standing pictures use interval_at.
std::optional<interval_blend> blend_at(std::span<double const> begin_s, std::span<double const> end_s, double time_s);
// NaN counts as "not measured": then the nearer interval's value is shown.
float blended(float first, float second, double weight);

std::string clock_text(double time_s);                  // "08:15", "25:10" after midnight
std::optional<double> parse_clock(std::string_view s);  // "08:15", "8:15", "08:15:30"

}  // namespace gemeo::view
