// Where two lanes zip into one, each driver goes by what the other has told in float; of two who come at the same time,
// from as far, both must see that it is a tie.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "sim/engine_tbb/engine_tbb.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using namespace gemeo::test;

// All pairs come alike, but for hairs that decide how the way that is left is rounded.
TEST_CASE("engine_tbb: two who come to a zipper side by side are told apart at once, however their way is rounded") {
  constexpr int kPairs = 24;
  constexpr double kEvery_s = 25;
  narrowing_road t(kEvery_s * (kPairs + 2));
  std::size_t rounded_up = 0;
  for (int i = 0; i < kPairs; ++i) {
    for (std::uint32_t const lane : {0U, 1U}) {
      t.add("AB BC", kEvery_s * i);
      departure start;
      start.lane = depart_lane::kGiven;
      start.lane_index = lane;
      start.pos = depart_pos::kGiven;
      start.pos_m = 20.1 + 1.3e-6 * i;
      start.speed = depart_speed::kGiven;
      start.speed_mps = 9.7;
      t.who.vehicles.start.push_back(start);
    }
    double const way_m = static_cast<double>(t.map.net->length_m(t.edge("AB"))) - (20.1 + 1.3e-6 * i);
    rounded_up += double{static_cast<float>(way_m)} > way_m ? 1 : 0;
  }
  CHECK(rounded_up > 4);
  CHECK(rounded_up < kPairs - 4);
  scenario const s = t.with();
  outcome const out = drive(s, with_frames(100, make_engine_tbb));
  CHECK(out.total.arrived == 2 * kPairs);
  CHECK(out.total.emergency_stops == 0);
  std::map<std::uint32_t, double> apart_s;  // by pair: after its departure, with the one on the right ahead
  for (frame const& f : out.frames) {
    for (std::size_t i = 0; i + 1 < f.size(); ++i) {
      std::uint32_t const pair = f.vehicle[i].value / 2;
      if (f.vehicle[i + 1].value / 2 != pair || f.speed_mps[i] == f.speed_mps[i + 1]) continue;
      if (!apart_s.try_emplace(pair, f.time_s - kEvery_s * pair).second) continue;
      CHECK(f.speed_mps[i] > f.speed_mps[i + 1]);
    }
  }
  REQUIRE(apart_s.size() == kPairs);
  std::set<double> when;
  for (auto const& [pair, time_s] : apart_s) when.insert(time_s);
  for (auto const& [pair, time_s] : apart_s) UNSCOPED_INFO("pair " << pair << " at " << time_s);
  CHECK(when.size() == 1);
}
