#include "sim/core/number_text.h"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>

namespace gemeo {

std::string grouped(double v) {
  if (!std::isfinite(v)) return "-";
  std::string s = fmt::format("{:.0f}", v);
  std::ptrdiff_t const first = s.front() == '-' ? 1 : 0;
  for (auto i = static_cast<std::ptrdiff_t>(s.size()) - 3; i > first; i -= 3)
    s.insert(static_cast<std::size_t>(i), ",");
  return s;
}

}  // namespace gemeo
