// What a fuzz target holds to be true of every input: else it ends as a finding, and says what was not so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sim/core/error.h"

inline void must(bool condition, char const* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

// Inputs whose first byte says what the rest is: use(kind, rest). It ends, or refuses the input as a user's mistake.
template <typename Use>
int refuse_or_use(std::uint8_t const* data, std::size_t size, Use const& use) {
  if (size == 0) return 0;
  try {
    use(static_cast<char>(data[0]), std::string_view{reinterpret_cast<char const*>(data) + 1, size - 1});
  } catch (gemeo::error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
    must(std::string_view(e.what()).find('\n') == std::string_view::npos, "a message of several lines");
  }
  return 0;
}
