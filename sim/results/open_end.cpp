#include "sim/results/open_end.h"

#include <algorithm>

#include "sim/results/reader.h"

namespace gemeo {

bool longest_axis::join(edge_series const& axis, bool open) {
  if (!any_) {
    any_ = true;
    begin_s = axis.begin_s;
    end_s = axis.end_s;
    return true;
  }
  std::size_t const mine = begin_s.size(), its = axis.begin_s.size(), both = std::min(mine, its);
  if (mine == its && its == 0) return true;
  if (both == 0 || (!open && mine != its)) return false;
  std::size_t const whole = open ? both - 1 : both;  // intervals that must end alike
  auto const alike = [](std::vector<double> const& a, std::vector<double> const& b, std::size_t n) {
    return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin());
  };
  if (!alike(begin_s, axis.begin_s, both) || !alike(end_s, axis.end_s, whole)) return false;
  if (its < mine || (its == mine && axis.end_s.back() <= end_s.back())) return true;
  begin_s = axis.begin_s;
  end_s = axis.end_s;
  return true;
}

}  // namespace gemeo
