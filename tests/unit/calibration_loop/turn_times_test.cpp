#include <catch2/catch.hpp>

#include "tests/unit/calibration_loop/small_town.h"

using namespace gemeo;
using namespace gemeo::test;

// C turns left across A's stream: it waits, and A does not.
TEST_CASE("turn times: who turns across a stream takes longer than who drives straight on from the same road") {
  tiny_network const map("A------B------C---E\n       |           \n       |           \n       D           \n",
                         {.cell_m = 50});
  scenario base;
  base.name = "t";
  base.net = map.net;
  base.end_s = 1800;
  base.programs.resize(map.net->signals.name.size());
  auto const e = [&](char const* n) { return *map.net->find_edge(n); };
  od_table t;
  t.slots = {0, 900, 1};
  vehicle_type car;
  t.others.types.push_back(car);
  t.type_weight = {1};
  t.pairs = {{"A", "C", {}, {}}, {"C", "A", {}, {}}, {"C", "D", {}, {}}};
  t.trips = {220, 60, 60};
  od_source const s(map.net, t, one_habit(), {{e("AB"), e("CE")}, {e("EC"), e("BA")}, {e("EC"), e("BD")}});
  for (char const* const engine : {"tbb", "sumo"}) {
    simulated const r = simulate_trips(base, {}, s.draw(t.trips, 1), t.trips.size(), {.engine = engine});
    auto const next = map.net->successors(e("CB"));
    std::map<edge_id, float> turn;
    for (std::size_t i = 0; i < next.size(); ++i)
      turn[next[i]] = r.times.turn_seconds[map.net->edges.out[e("CB")].begin + i];
    CAPTURE(engine);
    CHECK(turn.at(e("BD")) > turn.at(e("BA")) + 2);
    edge_costs const free = free_flow_costs(*map.net);
    for (std::uint32_t i = 0; i < map.net->edge_count(); ++i) CHECK(r.times.seconds[i] >= free.seconds[i]);
    for (float const x : r.times.turn_seconds) CHECK(x >= 0);
  }
}
