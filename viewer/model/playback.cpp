#include "viewer/model/playback.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace gemeo::view {

void playback::set_range(double begin_s, double end_s) {
  begin_ = begin_s;
  end_ = std::max(begin_s, end_s);
  set_time(time_);
}
void playback::set_time(double time_s) { time_ = std::clamp(std::isfinite(time_s) ? time_s : begin_, begin_, end_); }
void playback::set_rate(double rate) { rate_ = std::clamp(rate, 1.0, kMaxRate); }
void playback::play() {
  if (time_ >= end_) time_ = begin_;
  playing_ = end_ > begin_;
}
void playback::advance(double real_s) {
  if (!playing_) return;
  set_time(time_ + real_s * rate_);
  if (time_ >= end_) playing_ = false;
}

std::optional<std::size_t> interval_at(std::span<double const> begin_s, std::span<double const> end_s, double time_s) {
  std::size_t const n = std::min(begin_s.size(), end_s.size());
  if (n == 0) return std::nullopt;
  auto const after = std::upper_bound(begin_s.begin(), begin_s.begin() + static_cast<std::ptrdiff_t>(n), time_s);
  if (after == begin_s.begin()) return 0;
  std::size_t const i = static_cast<std::size_t>(after - begin_s.begin()) - 1;
  if (time_s < end_s[i] || i + 1 == n) return i;
  return time_s - end_s[i] <= begin_s[i + 1] - time_s ? i : i + 1;
}

std::optional<interval_blend> blend_at(std::span<double const> begin_s, std::span<double const> end_s, double time_s) {
  auto const here = interval_at(begin_s, end_s, time_s);
  if (!here) return std::nullopt;
  auto const middle = [&](std::size_t i) { return (begin_s[i] + end_s[i]) / 2; };
  std::size_t const n = std::min(begin_s.size(), end_s.size());
  std::size_t first = *here, second = *here;
  if (time_s < middle(*here)) {
    if (first > 0) --first;
  } else if (second + 1 < n) {
    ++second;
  }
  if (first == second) return interval_blend{first, second, 0};
  double const w = (time_s - middle(first)) / (middle(second) - middle(first));
  return interval_blend{first, second, std::clamp(w, 0.0, 1.0)};
}

float blended(float first, float second, double weight) {
  if (std::isnan(first)) return weight >= 0.5 ? second : first;
  if (std::isnan(second)) return weight >= 0.5 ? second : first;
  return static_cast<float>(first + (second - first) * weight);
}

std::string clock_text(double time_s) {
  auto const minutes = static_cast<long long>(std::floor(time_s / 60 + 1e-9));
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

std::optional<double> parse_clock(std::string_view s) {
  int parts[3] = {0, 0, 0};
  int count = 0, digits = 0;
  for (char const c : s) {
    if (c == ':') {
      if (digits == 0 || ++count > 2) return std::nullopt;
      digits = 0;
    } else if (c >= '0' && c <= '9' && digits < 3) {
      parts[count] = parts[count] * 10 + (c - '0');
      ++digits;
    } else {
      return std::nullopt;
    }
  }
  if (count == 0 || digits == 0 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return parts[0] * 3600.0 + parts[1] * 60.0 + parts[2];
}

}  // namespace gemeo::view
