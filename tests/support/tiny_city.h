// A whole city folder for tests: a drawn grid of 4 x 3 junctions, four zones, work and home trips, one bus line.
//
//   A--B--C--D      zones: west (edges at A), east (D), south (K), mid (F, G)
//   |  |  |  |
//   E--F==G--H      F and G have signals; FG is the main road
//   |  |  |  |
//   I--J--K--L
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct tiny_city {
  std::filesystem::path folder;

  explicit tiny_city(std::filesystem::path const& where, double trips_per_day = 4000);
  void write(std::string const& name, std::string const& text) const { write_text(folder / name, text); }
};

}  // namespace gemeo::test
