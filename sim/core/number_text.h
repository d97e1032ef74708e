// Numbers as people read them in messages: 12,345.
#pragma once

#include <cstddef>
#include <string>

namespace gemeo {

std::string grouped(double v);  // whole, by thousands; "-" where it is none
inline std::string grouped(std::size_t n) { return grouped(static_cast<double>(n)); }

}  // namespace gemeo
