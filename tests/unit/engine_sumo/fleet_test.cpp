// The frames read from SUMO's vehicle objects against those that libsumo's own calls give, in one simulation.
#include "sim/engine_sumo/fleet.h"

#include <catch2/catch.hpp>
#include <set>

#include "sim/core/error.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::tiny_scenario;

namespace {

// Follows the vehicles of the frames given to it, and looks each one up by its name.
class looked_up {
 public:
  explicit looked_up(scenario const& s) : fleet_(*s.net, names_, false) {
    names_.vehicles.reset(static_cast<std::uint32_t>(s.travellers->size()));
  }
  frame const& as_for(frame const& f) {
    std::vector<std::string> came, went;
    for (vehicle_id const v : f.vehicle) {
      if (!fleet_.contains(v)) came.push_back(std::to_string(v.value));
    }
    std::set<vehicle_id> const here(f.vehicle.begin(), f.vehicle.end());
    for (vehicle_id const v : fleet_.vehicles()) {
      if (!here.contains(v)) went.push_back(std::to_string(v.value));
    }
    fleet_.enter(came);
    fleet_.leave(went);
    fleet_.observe(seen_);
    seen_.tick = f.tick;
    seen_.time_s = f.time_s;
    return seen_;
  }

 private:
  sumo_names names_;
  fleet fleet_;
  frame seen_;
};

}  // namespace

TEST_CASE("fleet: SUMO's vehicle objects give every place and speed that libsumo gives, bit for bit, in a jam, too") {
  tiny_scenario t(24000);
  gemeo::test::temp_folder const scratch;
  run_options o;
  o.scratch = scratch.path();
  auto const e = make_engine_sumo();
  e->load(t.ready, o);
  looked_up slow(t.ready);
  frame f;
  std::size_t rows = 0, nowhere = 0;
  std::set<lane_id> lanes;
  bool objects = true;
  while (e->count().time_s < 26600) {
    e->step();
    // Not in every tick: what is remembered of a vehicle must hold for any interval between frames.
    if (e->count().tick % 7 == 3) continue;
    e->observe(f);
    frame const& expected = slow.as_for(f);
    REQUIRE(f.vehicle == expected.vehicle);
    REQUIRE(f.lane == expected.lane);
    REQUIRE(f.pos_m == expected.pos_m);
    REQUIRE(f.speed_mps == expected.speed_mps);
    REQUIRE(hash_frame(f) == hash_frame(expected));
    rows += f.size();
    for (lane_id const l : f.lane) {
      if (!l.valid()) ++nowhere;
      lanes.insert(l);
    }
    if (f.size() > 0) objects = objects && vehicle_object::find(std::to_string(f.vehicle[0].value)).valid();
  }
  CHECK(rows > 100000);
  CHECK(nowhere > 0);  // teleports
  CHECK(lanes.size() > 20);
  CHECK(objects);  // SUMO of Debian 12 exports them; without them trajectories cost three times as much
  e->finish();
}
