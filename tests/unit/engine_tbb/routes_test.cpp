// Routes that were changed on the way are kept while somebody drives them, wherever they lie, and dropped afterwards.
#include <catch2/catch.hpp>

#include "sim/engine_tbb/world.h"
#include "tests/unit/engine_sumo/driver.h"

using namespace gemeo;
using gemeo::test::drawn_scenario;

namespace {

// The edges that are left of a vehicle's route, and how far ahead of them its choices of lanes are.
std::vector<edge_id> left_of(micro::world const& w, micro::slot k) {
  return {w.route_edges.begin() + w.cars[k].route_at, w.route_edges.begin() + w.cars[k].route_end()};
}

}  // namespace

TEST_CASE("engine_tbb: changed routes move together when those that nobody drives any more are dropped") {
  drawn_scenario t("A---B---C\n", 100);
  for (int i = 0; i < 40; ++i) t.add("AB BC", i);
  scenario const s = t.with();
  micro::world w;
  w.s = &s;
  w.d = s.travellers.get();
  w.route_edges = w.d->route_edges;
  std::size_t const base = w.route_edges.size();
  w.changes.slot_of.resize(w.d->size(), micro::kNone);
  // Vehicles 0 to 19 drive, the odd ones on routes of their own; 30 waits with one; among them 5,000 edges of nobody.
  std::vector<std::vector<edge_id>> expected;
  for (std::uint32_t k = 0; k < 20; ++k) {
    w.route_edges.resize(w.route_edges.size() + 250, t.edge("BC"));
    micro::vehicle v;
    v.id = vehicle_id(k);
    range const r = w.d->routes[w.d->vehicles.route[v.id]];
    v.take_route(r);
    if (k % 2 == 1) {
      auto const at = static_cast<std::uint32_t>(w.route_edges.size());
      v.ahead = k % 4 == 1 ? 1 : 0;
      for (std::uint32_t i = 0; i < k + 2; ++i) w.route_edges.push_back(edge_id(i + k));
      v.take_route({at, static_cast<std::uint32_t>(w.route_edges.size())});
    }
    w.cars.push_back(v);
    w.changes.slot_of[v.id] = k;
    expected.push_back(left_of(w, k));
  }
  auto const begin = static_cast<std::uint32_t>(w.route_edges.size());
  w.route_edges.push_back(t.edge("AB"));
  w.changes.waiting[vehicle_id(30U)] = {{begin, begin + 1}, 2};
  micro::tidy_routes(w);
  std::size_t own = 1;
  for (std::uint32_t k = 0; k < 20; ++k) {
    INFO("vehicle " << k);
    CHECK(left_of(w, k) == expected[k]);
    CHECK(w.cars[k].best_at() - w.cars[k].route_at == (k % 4 == 1 ? 1 : 0));
    if (k % 2 == 1) own += expected[k].size();
  }
  CHECK(w.route_edges.size() == base + own);
  range const early = micro::entry_route(w, vehicle_id(30U));
  REQUIRE(early.size() == 1);
  CHECK(w.route_edges[early.begin] == t.edge("AB"));
  CHECK(micro::entry_route(w, vehicle_id(31U)).begin == w.d->routes[w.d->vehicles.route[vehicle_id(31U)]].begin);
  micro::tidy_routes(w);  // too little to be worth it
  CHECK(w.route_edges.size() == base + own);
}
