// Looks at every tick of a run through the seam, and notes what must not happen. Tolerances: overlap 1 cm, speed 1 mm/s
// below zero, way made in a tick 2 cm. Signals are worked out anew from their programs, which must be fixed ones.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/engine/engine.h"

namespace gemeo::test {

class watcher {
 public:
  explicit watcher(scenario const& s);
  void see(frame const& f, counters const& c);
  void end(observations const& all, counters const& c);

  // Must be empty: what was wrong, the first of each kind, with when, where and who.
  [[nodiscard]] std::string wrong() const;
  // What SUMO lets happen now and then, too. Overlaps in pairs of vehicles, once each: how long a pair goes on for is a
  // matter of the queue that it is in. Brakings in vehicles and ticks.
  std::size_t overlaps = 0, hard_brakings = 0;
  double deepest_m = 0, hardest_mps2 = 0;
  std::string first_overlap, first_braking;
  std::size_t put = 0;                            // somewhere else without having driven there
  std::size_t updates = 0, entered_on_green = 0;  // a check of nothing proves nothing

 private:
  void note(char const* kind, std::string const& what);
  void see_moves(frame const& f);
  void see_move(vehicle_id v, std::size_t was, std::size_t is, frame const& f);
  void see_entry(vehicle_id v, lane_id from, lane_id to);
  void see_lanes(frame const& f);
  [[nodiscard]] double longest(lane_id l) const;
  [[nodiscard]] double shortest_between(lane_id from, lane_id to) const;
  [[nodiscard]] char light(connection const& c, double time_s) const;
  [[nodiscard]] std::string who(vehicle_id v, frame const& f, std::size_t at) const;

  scenario const& s_;
  frame before_;
  std::vector<bool> gone_;
  std::set<std::pair<vehicle_id, vehicle_id>> overlapped_;  // behind, ahead
  std::map<std::string, std::pair<std::size_t, std::string>> wrong_;
};

}  // namespace gemeo::test
