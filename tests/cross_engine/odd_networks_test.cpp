// Networks that nobody draws but somebody has: a circle without an end.
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/core/text_file.h"
#include "sim/engine_tbb/engine_tbb.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// One edge that leads back to itself; the lane inside the junction is two metres long.
struct circle : drawn_scenario {
  explicit circle(double length_m, double end_s) : drawn_scenario("A---B\n", end_s) {
    double const side_m = length_m / 4;
    std::filesystem::path const file = map.folder / "circle.net.xml";
    write_text_file(file, fmt::format(
                              R"(<net version="1.9">
<location netOffset="0.00,0.00" convBoundary="0.00,0.00,500.00,500.00" origBoundary="0,0,500,500" projParameter="!"/>
<edge id=":R_0" function="internal">
<lane id=":R_0_0" index="0" speed="13.89" length="2.00" shape="0.00,0.00 2.00,0.00"/>
</edge>
<edge id="o" from="R" to="R" priority="1">
<lane id="o_0" index="0" speed="13.89" length="{0:.2f}" shape="2.00,0.00 {1:.2f},0.00 {1:.2f},{1:.2f} 0.00,{1:.2f} 0.00,0.00"/>
</edge>
<junction id="R" type="priority" x="0.00" y="0.00" incLanes="o_0" intLanes=":R_0_0" shape="0.00,1.60 0.00,-1.60 2.00,-1.60">
<request index="0" response="0" foes="0" cont="0"/>
</junction>
<connection from="o" to="o" fromLane="0" toLane="0" via=":R_0_0" dir="s" state="M"/>
<connection from=":R_0" to="o" fromLane="0" toLane="0" dir="s" state="M"/>
</net>
)",
                              length_m, side_m));
    map.net = read_network(file);
    ready.net = map.net;
    ready.programs.resize(map.net->signals.name.size());
  }
  static std::string laps(int n) {
    std::string way;
    for (int i = 0; i < n; ++i) way += "o ";
    return way;
  }
};

}  // namespace

TEST_CASE("both engines: a network that is one circle is driven round, on roads of any length") {
  double const length_m = GENERATE(30.0, 60.0, 400.0);
  INFO(length_m << " m");
  circle t(length_m, 400);
  t.add(circle::laps(12), 0);
  scenario const s = t.with();
  both const b(s);
  CHECK(different_ticks(b, s) == 0);
  CHECK(b.tbb.total.arrived == 1);
  CHECK(b.tbb.total.vehicle_updates > 20);
}

// SUMO 1.15 sees a collision with whoever has come round, and teleports both.
TEST_CASE("engine_tbb: several drive round one circle, and nobody drives through another or is moved") {
  double const length_m = GENERATE(30.0, 60.0, 400.0);
  INFO(length_m << " m");
  circle t(length_m, 900);
  for (int i = 0; i < 4; ++i) t.add(circle::laps(12), 8.0 * i);
  scenario const s = t.with();
  outcome const out = drive(s, with_frames(100, make_engine_tbb));
  CHECK(out.total.arrived == 4);
  CHECK(out.total.teleports == 0);
  CHECK(out.total.emergency_stops == 0);
  double closest_m = 1e9;
  for (frame const& f : out.frames) {
    std::vector<double> round;  // where each front is, from the edge's begin
    for (std::size_t i = 0; i < f.size(); ++i)
      round.push_back(static_cast<double>(f.pos_m[i]) + (f.lane[i] == t.lane("o_0") ? 0 : length_m));
    std::sort(round.begin(), round.end());
    for (std::size_t i = 0; round.size() > 1 && i < round.size(); ++i) {
      bool const last = i + 1 == round.size();
      double const ahead = last ? round[0] + length_m + 2 : round[i + 1];
      closest_m = std::min(closest_m, ahead - round[i]);
    }
  }
  CHECK(closest_m >= 5);
}
