// What people are told while something runs, on standard error. Whoever listens may go away (a closed terminal, the end
// of a pipe): that must not touch the work, so nothing here throws.
#pragma once

#include <string_view>

namespace gemeo::cli {

void say(std::string_view text) noexcept;

}  // namespace gemeo::cli
