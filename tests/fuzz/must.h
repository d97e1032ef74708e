// What a fuzz target holds to be true of every input: else it ends as a finding, and says what was not so.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void must(bool condition, char const* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}
