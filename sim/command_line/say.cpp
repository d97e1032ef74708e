#include "sim/command_line/say.h"

#include <cstdio>

namespace gemeo::cli {

void say(std::string_view text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace gemeo::cli
