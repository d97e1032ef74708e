// A drawn town with four ways in and out and a signal in its middle, trips between all of them, and stations on its
// roads.
//
//      A         pairs: each way in to each other way out (12)
//      "
//   B==E==F==C   signal at E; two lanes a direction everywhere; two ways from B and A to D: by F and by G
//      "  "
//      G==H==D
#pragma once

#include "calibration/loop/calibrate.h"
#include "calibration/loop/od_source.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct small_town {
  small_town();
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  [[nodiscard]] od_source source(std::vector<double> trips, route_choice choice) const;
  [[nodiscard]] std::vector<station_count> counts(simulated const& s, std::vector<std::uint32_t> const& stations) const;
  // To fit what stations count when these trips drive.
  [[nodiscard]] calibration_input counted(od_source& s, std::vector<double> const& trips,
                                          std::vector<std::uint32_t> const& at) const;

  tiny_network map;
  scenario base;
  od_table table;  // of the true trips
  std::vector<std::pair<edge_id, edge_id>> ends;
  std::vector<count_station> stations;
};

inline route_choice one_habit() {
  route_choice c;
  c.habits = {{.learns = false, .taste_sd = 0.1}};
  c.draws = 100;
  c.threads = 1;
  return c;
}
inline route_choice usual_habits() {
  route_choice c;
  c.draws = 100;
  c.threads = 1;
  return c;
}

}  // namespace gemeo::test
