// Whether a network can carry what was counted on it, told before anything is fitted: for each site and hour, by the
// lanes it counts, by the stop lines behind it (where trips may end on its edge: not), and by cuts: the most that can
// come from where traffic may enter, and the most that can go on to where it may leave. Then all sites of an hour
// together: flows that meet every count at once exist unless some cut forbids them (Hoffman's circulation theorem,
// Proc. Symposia in Applied Mathematics 10, 1960), and the sites that ask too much of it are named. Whatever is not in
// the network (right of way, queues, routes, how many want to go where) only lowers what it carries: a verdict here
// holds for every demand, no verdict promises nothing. Units: veh/h; s. Thread rule: one thread.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/counts/capacity.h"

namespace gemeo {

enum class carry_limit : std::uint8_t { kNone, kLanes, kStopLine, kComing, kLeaving, kTogether };
char const* to_text(carry_limit l);

struct counted_place {
  std::string name;
  edge_id edge;
  std::vector<lane_id> lanes;  // counted; empty: all that vehicles with an engine may use
};
struct counted_hour {
  std::uint32_t place = 0;
  double begin_s = 0;
  double flow_veh_per_h = 0;
  double counted_s = 3600;    // of it, as sites may have counted some of its periods only
  std::uint64_t periods = 0;  // a hash of them: what others counted at other times says nothing of this
  [[nodiscard]] std::pair<double, std::uint64_t> when() const { return {begin_s, periods}; }
};

// For counted_hour::periods, of the periods in order of time: FNV-1a of where they begin and end.
struct hashed_periods {
  std::uint64_t value = 0xCBF29CE484222325U;
  void add(double begin_s, double end_s) {
    for (double const at : {begin_s, end_s})
      value = (value ^ static_cast<std::uint64_t>(std::llround(at * 1000))) * 0x100000001B3U;
  }
};

// Edges where traffic may begin and end. Both empty: nothing is known, and only lanes and stop lines are looked at.
struct open_ends {
  std::vector<edge_id> begin, end;
};

struct place_capacity {
  double lanes = 0;                // of the lanes counted
  double stop_line = 0;            // of all lanes of the edge, at its end, by its signals
  double coming = 0, leaving = 0;  // at most, and not beyond what was asked: see known_up_to; infinite: not looked at
  double known_up_to = 0;          // coming and leaving were looked for up to this flow: the most that was counted
  std::vector<bilingual> coming_cut, leaving_cut;  // edges and turns, as people read them; empty where nothing binds
};

struct beyond_capacity {
  std::uint32_t hour = 0;  // of the counted_hours given
  carry_limit limit = carry_limit::kNone;
  double seen = 0, carried = 0;     // of the site; of all sites in `with` and itself, where limit is kTogether
  std::vector<std::uint32_t> with;  // places that ask for the same cut at the same time, itself among them
  std::vector<bilingual> cut;
};

struct carried_report {
  std::vector<place_capacity> places;
  std::vector<beyond_capacity> beyond;                 // by hour, each at most once
  [[nodiscard]] bool holds(std::uint32_t hour) const;  // whether it can be carried, as far as one can tell
};

carried_report check_carried(road_capacity const& roads, open_ends const& ends,
                             std::vector<counted_place> const& places, std::vector<counted_hour> const& counted);

std::string joined(std::vector<bilingual> const& words, language l);  // ", " between

// "cannot be carried: saw 1,420 veh/h, its lanes carry 900"
std::string describe(beyond_capacity const& b, std::vector<counted_place> const& places);

}  // namespace gemeo
