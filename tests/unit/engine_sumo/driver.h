// Runs an engine as sim/run does, and keeps everything it said. Also: scenarios without a scenario file, of the tiny
// city and of a drawn map with vehicles given one by one.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/demand/city.h"
#include "sim/engine_sumo/engine_sumo.h"
#include "sim/routing/router.h"
#include "tests/support/tiny_city.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct outcome {
  counters total;
  observations seen;
  std::uint64_t hash = 0;
  std::vector<frame> frames;  // one a tick when asked for
};

struct drive_options {
  run_options run;
  bool frames = false;
  double until_s = 1e18;
  std::unique_ptr<engine> (*make)() = make_engine_sumo;
};

drive_options every(double interval_s);
drive_options with_frames(double interval_s, std::unique_ptr<engine> (*make)());  // and without emissions
void append(observations& to, observations const& from);
std::vector<std::string> lines_of(observations const& o);  // a line for each thing observed, to compare runs by

// Steps a loaded engine; commands of the scenario at their times.
outcome drive_loaded(engine& e, scenario const& s, drive_options const& o, std::size_t next_command = 0);

outcome drive(scenario const& s, drive_options o);

// The tiny city's morning, routed by free-flow times.
struct tiny_scenario {
  explicit tiny_scenario(double trips_per_day = 12000, std::uint64_t seed = 42, double begin_s = 25200,
                         double end_s = 27000);
  [[nodiscard]] edge_id edge(char const* name) const { return *town.net->find_edge(name); }
  [[nodiscard]] lane_id lane(char const* name) const { return *town.net->find_lane(name); }

  temp_folder folder;
  city town;
  scenario ready;
};

// A drawn map and vehicles given one by one; types "car", "bus" and "lorry" without any randomness.
struct drawn_scenario {
  explicit drawn_scenario(std::string_view drawing, double end_s = 600, tiny_options const& options = {});
  // way: "AB BC"
  void add(std::string_view way, double depart_s, std::string_view type = "car");
  void add_each(std::string_view way, double first_s, double every_s, double last_s, std::string_view type = "car");
  // The vehicles given so far, in order of departure; commands of the scenario at their times.
  [[nodiscard]] scenario with(std::vector<timed_command> commands = {});
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  [[nodiscard]] lane_id lane(std::string_view name) const { return *map.net->find_lane(name); }

  tiny_network map;
  demand who;
  scenario ready;
};

// Two lanes from A to B, one from there to C, joined like a zipper. (netconvert leads the second lane nowhere unless it
// is told.)
struct narrowing_road : drawn_scenario {
  explicit narrowing_road(double end_s);
};

// Where a vehicle was, tick by tick.
struct place {
  double time_s = 0;
  lane_id lane;
  float pos_m = 0, speed_mps = 0;
  friend bool operator==(place const&, place const&) = default;
};

std::map<std::uint64_t, std::vector<place>> trajectories(outcome const& o, scenario const& s);

}  // namespace gemeo::test
