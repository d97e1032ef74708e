// What gemeo makes of a .sumocfg against what plain `sumo -c` writes for it: edge rows, trips, stops, loops, totals.
#pragma once

#include <compare>
#include <map>

#include "sim/core/xml.h"
#include "sim/scenario/compile.h"
#include "tests/unit/engine_sumo/driver.h"

namespace gemeo::test {

namespace fs = std::filesystem;

// What plain `sumo -c` says, with the same aggregates written as XML.
struct plain_run : xml_handler {
  static constexpr double kNoDelay = -1;  // what SUMO writes for a stop without timetable
  struct edge_row {
    double begin_s = 0;
    std::string edge;
    std::map<std::string, float> values;
  };
  struct trip_row {
    double depart_s = 0, arrival_s = 0, duration_s = 0, time_loss_s = 0, length_m = 0;
  };
  struct loop_row {
    std::string id;
    double begin_s = 0;
    float count = 0, flow = 0, occupancy = 0, speed = 0;
  };
  struct stop_row {
    std::string vehicle, place;
    double started_s = 0, ended_s = 0, delay_s = 0;
    auto operator<=>(stop_row const&) const = default;
  };
  std::vector<edge_row> edges, emissions;
  std::map<std::string, trip_row> trips;
  std::vector<loop_row> loops;
  std::vector<stop_row> stops;
  std::vector<std::int64_t> teleports, safety, vehicles;  // of the closing statistics
  double begin_s = 0;
  bool in_emissions = false;

  void start(std::string_view element, xml_attributes const& a) override;
  void end(std::string_view) override {}

  plain_run(fs::path const& config, std::uint64_t seed, double interval_s, std::string const& additional,
            temp_folder const& dir);
};

std::string additional_of(fs::path const& config);

struct compared {
  std::size_t rows = 0, trips = 0, stops = 0, loops = 0;
};

compared check_equal_to_plain_sumo(fs::path const& config, std::uint64_t seed, double interval_s);

}  // namespace gemeo::test
