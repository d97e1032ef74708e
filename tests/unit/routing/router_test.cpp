#include "sim/routing/router.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "sim/core/text_file.h"
#include "sim/demand/city.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;

namespace {
struct scene {
  test::temp_folder dir;
  city c = read_city(test::tiny_city(dir / "tiny").folder);
  network const& net = *c.net;
  [[nodiscard]] edge_id edge(char const* name) const { return net.find_edge(name).value(); }
};
constexpr routing_options kNoTaste{0.0, 1, 1};

// All-pairs cheapest costs by relaxing until nothing changes (Bellman-Ford): slow and obviously right.
std::vector<double> brute_force(network const& net, edge_costs const& costs, edge_id from) {
  std::vector<double> best(net.edge_count(), std::numeric_limits<double>::infinity());
  best[from.index()] = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      for (edge_id const next : net.successors(edge_id(i))) {
        double const via = best[i] + static_cast<double>(costs.at(0, edge_id(i)));
        if (via < best[next.index()] - 1e-12) {
          best[next.index()] = via;
          changed = true;
        }
      }
    }
  }
  return best;
}
}  // namespace

TEST_CASE("router: every pair's route is as cheap as exhaustive search says, and connected") {
  scene const s;
  edge_costs costs = free_flow_costs(s.net);
  for (std::size_t i = 0; i < costs.seconds.size(); ++i)
    costs.seconds[i] *= 1.0F + static_cast<float>(i * 37 % 11) / 7.0F;
  router const r(s.net, costs);
  std::size_t pairs = 0;
  for (std::size_t a = 0; a < s.net.edge_count(); ++a) {
    if (!s.net.is_normal(edge_id(a))) continue;
    auto const best = brute_force(s.net, costs, edge_id(a));
    for (std::size_t b = 0; b < s.net.edge_count(); ++b) {
      if (!s.net.is_normal(edge_id(b)) || a == b) continue;
      auto const way = r.route({edge_id(a), edge_id(b), 0, vclass::kPassenger, 1}, kNoTaste);
      REQUIRE(way.empty() == std::isinf(best[b]));
      if (way.empty()) continue;
      double cost = 0;
      for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        cost += static_cast<double>(costs.at(0, way[i]));
        auto const next = s.net.successors(way[i]);
        REQUIRE(std::find(next.begin(), next.end(), way[i + 1]) != next.end());
      }
      REQUIRE(cost == Approx(best[b]));
      ++pairs;
    }
  }
  CHECK(pairs > 900);
}

TEST_CASE("router: with taste, nobody's route is dearer to them than the best by exhaustive search") {
  scene const s;
  edge_costs const costs = free_flow_costs(s.net);
  router const r(s.net, costs);
  routing_options const taste{0.4, 3, 1};
  std::size_t pairs = 0;
  std::set<double> factors;
  for (std::uint64_t key = 1; key <= 40; ++key) {
    edge_costs perceived = costs;
    route_query q{edge_id(), edge_id(), 0, vclass::kPassenger, key};
    for (std::size_t i = 0; i < s.net.edge_count(); ++i) {
      auto const next = s.net.successors(edge_id(i));
      if (next.empty()) continue;
      std::vector<edge_id> const step{edge_id(i), next[0]};
      perceived.seconds[i] = static_cast<float>(r.perceived_s(step, q, taste));
      if (key == 1) factors.insert(r.perceived_s(step, q, taste) / static_cast<double>(costs.seconds[i]));
    }
    q.from = s.edge("AB");
    auto const best = brute_force(s.net, perceived, q.from);
    for (std::size_t b = 0; b < s.net.edge_count(); ++b) {
      q.to = edge_id(b);
      if (!s.net.is_normal(q.to) || q.to == q.from || std::isinf(best[b])) continue;
      REQUIRE(r.perceived_s(r.route(q, taste), q, taste) == Approx(best[b]).epsilon(1e-5));
      ++pairs;
    }
  }
  CHECK(pairs > 1000);
  CHECK(factors.size() > 20);  // tastes differ from edge to edge, around 1
  CHECK(*factors.begin() < 0.8);
  CHECK(*factors.rbegin() > 1.25);
}

TEST_CASE("router: with a limit the same way is found, or none where the best is dearer") {
  scene const s;
  router const r(s.net, free_flow_costs(s.net));
  routing_options const taste{0.4, 3, 1};
  std::size_t found = 0, refused = 0;
  for (std::uint64_t key = 1; key <= 20; ++key) {
    for (std::size_t b = 0; b < s.net.edge_count(); ++b) {
      route_query q{s.edge("AB"), edge_id(b), 0, vclass::kPassenger, key};
      if (!s.net.is_normal(q.to) || q.to == q.from) continue;
      auto const best = r.route(q, taste);
      if (best.empty()) continue;
      double const cost = r.perceived_s(best, q, taste);
      for (double const share : {0.5, 0.999, 1.001, 3.0, 0.2}) {  // wide after narrow, too: searches are remembered
        q.at_most_s = cost * share;
        auto const way = r.route(q, taste);
        if (share > 1) {
          REQUIRE(way == best);
          ++found;
        } else {
          REQUIRE(way.empty());
          ++refused;
        }
      }
    }
  }
  CHECK(found > 500);
  CHECK(refused > 500);
}

TEST_CASE("router: with bounds that many routers share the same ways are found, whatever the costs are") {
  scene const s;
  edge_costs const free = free_flow_costs(s.net);
  auto const bounds = std::make_shared<least_times const>(s.net, free.seconds);
  routing_options const taste{0.4, 3, 1};
  std::size_t found = 0;
  // dearer, up to a half cheaper, and so cheap that the bounds are of no use
  for (float const least : {1.0F, 0.5F, 0.1F}) {
    edge_costs costs = free;
    for (std::size_t i = 0; i < costs.seconds.size(); ++i)
      costs.seconds[i] *= least + static_cast<float>(i * 37 % 11) / 7.0F;
    cost_patch cheaper;  // as a raised limit has it
    cheaper.edges = {s.edge("FG")};
    cheaper.end_s = 1e9;
    cheaper.extra_s = -2;
    router const own(s.net, costs, {cheaper}), shared(s.net, costs, {cheaper}, bounds);
    for (std::uint64_t key = 1; key <= 20; ++key) {
      for (std::size_t b = 0; b < s.net.edge_count(); ++b) {
        route_query q{s.edge("AB"), edge_id(b), 0, vclass::kPassenger, key};
        if (!s.net.is_normal(q.to) || q.to == q.from) continue;
        auto const way = own.route(q, taste);
        REQUIRE(shared.route(q, taste) == way);
        if (way.empty()) continue;
        ++found;
        double const cost = own.perceived_s(way, q, taste);
        q.at_most_s = cost * 1.001;
        REQUIRE(shared.route(q, taste) == way);
        q.at_most_s = cost * 0.999;
        REQUIRE(shared.route(q, taste).empty());
      }
    }
  }
  CHECK(found > 1000);
}

TEST_CASE("router: a closed edge is avoided in its window, by its classes, and only then") {
  scene const s;
  edge_costs costs = free_flow_costs(s.net);
  costs.seconds[s.edge("FG").index()] = 1;  // the attractive way
  cost_patch closed;
  closed.edges = {s.edge("FG")};
  closed.classes = mask_of(vclass::kPassenger);
  closed.begin_s = 1000;
  closed.end_s = 2000;
  closed.closed = true;
  router const r(s.net, costs, {closed});
  auto const uses = [&](double depart, vclass cls) {
    auto const way = r.route({s.edge("EF"), s.edge("GH"), depart, cls, 1}, kNoTaste);
    REQUIRE_FALSE(way.empty());
    return std::find(way.begin(), way.end(), s.edge("FG")) != way.end();
  };
  CHECK(uses(0, vclass::kPassenger));
  CHECK_FALSE(uses(1200, vclass::kPassenger));
  CHECK(uses(1200, vclass::kBus));
  CHECK(uses(2000, vclass::kPassenger));
  // Departing before the window but reaching the edge inside it.
  CHECK_FALSE(uses(995, vclass::kPassenger));
  CHECK(r.route({s.edge("EF"), s.edge("FG"), 1200, vclass::kPassenger, 1}, kNoTaste).empty());
}

TEST_CASE("router: a toll diverts only when the way round costs less") {
  scene const s;
  auto const crosses = [&](double toll_s) {
    cost_patch p;
    p.edges = {s.edge("FG")};
    p.end_s = 1e9;
    p.extra_s = toll_s;
    router const r(s.net, free_flow_costs(s.net), {p});
    auto const way = r.route({s.edge("EF"), s.edge("GH"), 0, vclass::kPassenger, 1}, kNoTaste);
    return std::find(way.begin(), way.end(), s.edge("FG")) != way.end();
  };
  CHECK(crosses(5));
  CHECK_FALSE(crosses(600));
}

TEST_CASE("router: routes do not depend on the number of threads, and tastes differ between travellers") {
  scene const s;
  demand const drawn = draw_demand(s.c, 4, 0, 86400);
  auto const routed = [&](std::size_t threads) {
    demand d = drawn;
    router const r(s.net, free_flow_costs(s.net));
    auto const lost = plan_routes(d, r, {0.3, 4, threads}, [&](vehicle_id v) { return !d.vehicles.route[v].valid(); });
    CHECK(lost.empty());
    return d.hash();
  };
  CHECK(routed(1) == routed(2));
  CHECK(routed(1) == routed(5));
  router const r(s.net, free_flow_costs(s.net));
  std::set<std::vector<edge_id>> ways;
  for (std::uint64_t k = 0; k < 40; ++k) {
    ways.insert(r.route({s.edge("AB"), s.edge("KL"), 0, vclass::kPassenger, k}, {0.3, 1, 1}));
  }
  CHECK(ways.size() > 2);
}

TEST_CASE("costs: written times are read back; what is missing is free flow") {
  scene const s;
  edge_costs c = free_flow_costs(s.net);
  c.slots = 2;
  c.seconds.insert(c.seconds.end(), c.seconds.begin(), c.seconds.end());
  c.seconds[s.net.edge_count() + s.edge("FG").index()] = 99.5F;
  write_costs(s.dir / "t.csv.gz", c, s.net);
  edge_costs const back = read_costs(s.dir / "t.csv.gz", s.net);
  CHECK(back.at(3600, s.edge("FG")) == 99.5F);
  CHECK(back.at(0, s.edge("FG")) == free_flow_costs(s.net).at(0, s.edge("FG")));
}

TEST_CASE("costs: each traveller plans by one view of the times, and the views by as many each") {
  scene const s;
  std::string const times =
      "begin_s,edge_id,travel_time_s,view\n"
      "25200,FG,500,0\n25200,FG,600,1\n25200,FG,700,2\n25200,FG,800,3\n"  // four views from seven to eight
      "28800,FG,500,0\n28800,FG,600,1\n"                                  // two from eight to nine, used twice
      "32400,FG,500,0\n";                                                 // one for all from nine on
  write_text_file(s.dir / "t.csv", times);
  edge_costs const costs = read_costs(s.dir / "t.csv", s.net);
  REQUIRE(costs.views == 4);
  REQUIRE(costs.slots == 10);
  float const free = free_flow_costs(s.net).at(0, s.edge("FG"));
  router const r(s.net, costs);
  std::vector<edge_id> const way{s.edge("FG")};
  std::map<double, int> by_time;
  for (std::uint64_t key = 1; key <= 4000; ++key) {
    auto const expects = [&](double depart_s) {
      return r.cost_s(way, {way[0], way[0], depart_s, vclass::kPassenger, key, vtype_id()}, {0, 1, 1});
    };
    double const at_seven = expects(7.5 * 3600);
    ++by_time[at_seven];
    CHECK(expects(8.5 * 3600) == (at_seven == 500 || at_seven == 700 ? 500 : 600));  // the same view all day
    CHECK(expects(9.5 * 3600) == 500);
    CHECK(expects(6 * 3600) == Approx(free));
  }
  REQUIRE(by_time.size() == 4);
  for (auto const& [t, n] : by_time) CHECK(std::abs(n - 1000) < 4 * 27.4);  // 4 standard deviations of a fair draw

  write_costs(s.dir / "back.csv.gz", costs, s.net);
  edge_costs const back = read_costs(s.dir / "back.csv.gz", s.net);
  CHECK(back.views == 4);
  CHECK(back.seconds == costs.seconds);
}

TEST_CASE("routes: drivers who plan by different views take different ways, as many as there are views") {
  scene const s;
  // The way along FG is slow in one view of two: whoever plans by it goes round, the others do not.
  std::vector<edge_id> const straight =
      router(s.net, free_flow_costs(s.net)).route({s.edge("EF"), s.edge("GH"), 0, vclass::kPassenger, 1}, {0, 1, 1});
  REQUIRE(std::find(straight.begin(), straight.end(), s.edge("FG")) != straight.end());
  edge_costs costs = free_flow_costs(s.net);
  costs.views = 2;
  costs.seconds.insert(costs.seconds.end(), costs.seconds.begin(), costs.seconds.end());
  costs.seconds[s.net.edge_count() + s.edge("FG").index()] = 5000;
  router const r(s.net, costs);
  int around = 0;
  for (std::uint64_t key = 1; key <= 1000; ++key) {
    auto const way = r.route({s.edge("EF"), s.edge("GH"), 0, vclass::kPassenger, key}, {0, 1, 1});
    REQUIRE_FALSE(way.empty());
    around += std::find(way.begin(), way.end(), s.edge("FG")) == way.end() ? 1 : 0;
  }
  CHECK(around > 500 - 4 * 16);
  CHECK(around < 500 + 4 * 16);
}
