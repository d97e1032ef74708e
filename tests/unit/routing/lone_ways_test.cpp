#include "sim/routing/lone_ways.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <string>

#include "tests/support/tiny_network.h"

using namespace gemeo;

namespace {

constexpr char const* kDrawing =
    "A--B==C--D\n"
    "|  |  |  |\n"
    "E--F--G--H\n"
    "|  \"  |  |\n"
    "I--J--K--L\n";

// Least costs from an edge to the beginning of all others, by relaxing until nothing changes (Bellman-Ford).
std::map<edge_id, double> least_costs(network const& net, lone_ways const& ways, edge_id from, lone_driver const& d) {
  std::map<edge_id, double> best = {{from, 0}};
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      edge_id const e(i);
      if (best.find(e) == best.end()) continue;
      for (edge_id const next : net.successors(e)) {
        double const cost_s = best[e] + ways.cost_s({e, next}, d);
        auto const it = best.find(next);
        if (it != best.end() && it->second <= cost_s + 1e-9) continue;
        best[next] = cost_s;
        changed = true;
      }
    }
  }
  return best;
}

}  // namespace

TEST_CASE("lone ways: every way found joins up and is as cheap as any") {
  test::tiny_network const t(kDrawing, {.signals = "F"});
  network const& net = *t.net;
  lone_ways const ways(net);
  for (double const factor : {0.8, 1.3}) {
    lone_driver const d{vclass::kPassenger, 20, factor};
    edge_id const from = net.find_edge("AB").value();
    auto const best = least_costs(net, ways, from, d);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      edge_id const to(i);
      if (!net.is_normal(to)) continue;
      auto const way = ways.find(from, to, d);
      REQUIRE(way.empty() == (best.find(to) == best.end()));
      if (way.empty()) continue;
      CHECK(way.front() == from);
      CHECK(way.back() == to);
      CHECK(ways.cost_s(way, d) == Approx(best.at(to)).margin(1e-6));
      ++compared;
    }
    CHECK(compared > 20);
  }
}

TEST_CASE(
    "lone ways: a driver who wishes to go slower needs longer, one who obeys no permission drives as the others do") {
  test::tiny_network const t(kDrawing);
  lone_ways const ways(*t.net);
  edge_id const from = t.net->find_edge("AB").value(), to = t.net->find_edge("KL").value();
  lone_driver const usual, slow{vclass::kPassenger, 5, 1}, any{vclass::kIgnoring, 55, 1};
  CHECK(ways.cost_s(ways.find(from, to, slow), slow) > ways.cost_s(ways.find(from, to, usual), usual));
  CHECK(ways.find(from, to, any) == ways.find(from, to, usual));
  CHECK(ways.find(from, from, usual) == std::vector<edge_id>{from});
}

TEST_CASE("lone ways: where traffic is slow now, drivers go round; a speed above theirs helps nobody") {
  test::tiny_network const t(kDrawing);
  network const& net = *t.net;
  lone_ways const ways(net);
  lone_driver const d;
  edge_id const from = net.find_edge("AB").value(), to = net.find_edge("CD").value(), jam = net.find_edge("BC").value();
  std::vector<double> speeds(net.edge_count(), 13.89);
  std::vector<edge_id> const usual = ways.find(from, to, d);
  REQUIRE(std::find(usual.begin(), usual.end(), jam) != usual.end());
  CHECK(ways.find(from, to, d, speeds) == usual);
  speeds[jam.index()] = 0;
  std::vector<edge_id> const round = ways.find(from, to, d, speeds);
  REQUIRE_FALSE(round.empty());
  CHECK(std::find(round.begin(), round.end(), jam) == round.end());
  speeds[jam.index()] = 1000;
  CHECK(ways.find(from, to, d, speeds) == usual);
}
