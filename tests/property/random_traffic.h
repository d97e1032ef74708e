// A road network made by netgenerate and traffic on it, all drawn from one number: grids, spiders and random networks
// with any kind of junction, signals fixed or following the traffic, one to three lanes; cars, lorries, buses with
// stops, and motorcycles, with or without dawdling; more kinds on demand. The same number gives the same traffic
// everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "sim/scenario/scenario.h"
#include "tests/support/shared_data.h"

namespace gemeo::test {

struct random_options {
  double length_s = 400;       // of the run
  std::size_t vehicles = 500;  // that want to enter in the first two thirds of it
  bool static_signals_only = false;
  // Also left-hand traffic, roundabouts, joined junctions, those without lanes inside or without a rule to keep them
  // clear, zippers, drawn priorities, IDM drivers, and ticks of half a second.
  bool more_kinds = false;
};

struct random_traffic {
  explicit random_traffic(std::uint64_t number, random_options const& options = {});
  temp_folder folder;
  std::string told;  // what was drawn, for a failing test's message
  scenario ready;
};

}  // namespace gemeo::test
