// Counts that cannot all be true: told with no count too many, and never where flows exist that make them.
#include "calibration/counts/contradictions.h"

#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <set>

#include "tests/support/tiny_network.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

struct counted_roads {
  explicit counted_roads(std::string_view text, tiny_options const& o = {}) : map(text, o), roads(map.net, {}, {}) {}
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  void set_ends(std::vector<std::string> const& begin, std::vector<std::string> const& end) {
    ends = {};
    for (std::string const& e : begin) ends.begin.push_back(edge(e));
    for (std::string const& e : end) ends.end.push_back(edge(e));
  }
  void count(std::string const& name, double flow, double begin_s = 28800) {
    auto const at = std::find_if(places.begin(), places.end(), [&](counted_place const& p) { return p.name == name; });
    hours.push_back({static_cast<std::uint32_t>(at - places.begin()), begin_s, flow});
    if (at == places.end()) places.push_back({name, edge(name.substr(0, 2)), {}});
  }
  [[nodiscard]] std::vector<contradiction> find(std::vector<counted_hour> const& of,
                                                count_band (*band)(counted_hour const&) = counting_band) const {
    return find_contradictions(roads, ends, places, of, check_carried(roads, ends, places, of), band);
  }
  [[nodiscard]] std::vector<contradiction> find() const { return find(hours); }

  tiny_network map;
  road_capacity roads;
  open_ends ends;
  std::vector<counted_place> places;
  std::vector<counted_hour> hours;
};

using numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("contradictions: more behind a road than passed it, or less: both are named with what stands against what") {
  counted_roads t("A==B==C\n   |   \n   D   \n");
  t.set_ends({"AB"}, {"BC", "BD"});
  auto const count = [&](double ab, double bc) {
    t.hours.clear();
    t.count("AB", ab);
    t.count("BC", bc);
    t.count("BD", 300);
  };
  count(1000, 1600);
  auto const r = t.find();
  REQUIRE(r.size() == 1);
  CHECK(r[0].more == numbers{1});
  CHECK(r[0].less == numbers{0});
  CHECK(r[0].cut.empty());
  CHECK(r[0].begin_s == 28800);
  CHECK(r[0].least == Approx(1600 - 2 * 40));
  CHECK(r[0].most == Approx(1100 + 2 * std::sqrt(1000)));
  CHECK(holds(describe(r[0], t.places, t.hours),
              "BC (1,600) against AB (1,000): whoever passes it passes the other, too, but 1,520 veh/h at least stand "
              "against 1,163 at most"));
  t.set_ends({"AB", "DB"}, {"BC", "BD"});  // the others come from D
  CHECK(t.find().empty());

  t.set_ends({"AB"}, {"BC", "BD"});
  count(1600, 500);
  auto const on = t.find();
  REQUIRE(on.size() == 1);
  CHECK(on[0].more == numbers{0});
  CHECK(on[0].less == numbers{1, 2});
  CHECK(holds(describe(on[0], t.places, t.hours), "passes one of the others, too"));
  t.set_ends({"AB"}, {"AB", "BC", "BD"});  // the others stay
  CHECK(t.find().empty());
}

TEST_CASE("contradictions: places that are too many only together, and a place that nobody contradicts is not named") {
  counted_roads t("A--B--C--E\n   |     |\n   D     F\n");
  t.set_ends({"AB", "DB"}, {"CE", "EF"});
  t.count("CE", 400);
  t.count("AB", 300);
  t.count("DB", 300);
  t.count("EF", 390);
  auto const r = t.find();
  REQUIRE(r.size() == 1);
  CHECK(r[0].more == numbers{1, 2});
  CHECK(r[0].less.size() == 1);  // one of two that say the same
  CHECK(holds(describe(r[0], t.places, t.hours), "AB (300), DB (300) against "));
  for (auto const& without : {numbers{0, 1, 3}, numbers{0, 2, 3}}) {  // 300 alone are none too many
    std::vector<counted_hour> some;
    for (std::uint32_t const h : without) some.push_back(t.hours[h]);
    CHECK(t.find(some).empty());
  }
}

TEST_CASE("contradictions: two that count one edge whole, and every hour by itself") {
  counted_roads t("A==B==C\n");
  t.set_ends({"AB"}, {"BC"});
  t.count("AB", 1000);
  t.count("AB again", 500);
  CHECK(t.find().size() == 1);
  t.places[1].lanes = {*t.map.net->find_lane("AB_0")};  // it sees one lane: the others took the other
  CHECK(t.find().empty());
  t.places[1].lanes.clear();
  t.hours.clear();
  t.count("AB", 1000, 0);
  t.count("BC", 990, 0);
  t.count("AB", 300, 3600);  // not the busiest of its place
  t.count("BC", 600, 3600);
  auto const r = t.find();
  REQUIRE(r.size() == 1);
  CHECK(r[0].begin_s == 3600);
  CHECK(r[0].more == numbers{3});
  t.count("AB", 300, 7200);
  t.count("BC", 900, 7200);
  t.count("AB", 900, 10800);
  t.count("BC", 300, 10800);
  auto const all = t.find();
  REQUIRE(all.size() == 3);
  auto const places = by_places(all, t.hours);
  REQUIRE(places.size() == 2);
  CHECK(places[0].hours == 2);
  CHECK(all[places[0].worst].begin_s == 7200);
  CHECK(places[1].hours == 1);
  CHECK(all[places[1].worst].more == numbers{6});  // the other way round
  t.set_ends({}, {});                              // nobody knows where trips begin
  CHECK(t.find().empty());
}

TEST_CASE("contradictions: who counts the bus lane alone counts no cars") {
  counted_roads t("A==B==C\n");
  auto net = std::make_shared<network>(*t.map.net);
  net->lanes.allowed[*net->find_lane("AB_0")] = mask_of(vclass::kBus);
  t.roads = road_capacity(net, {}, {});
  t.set_ends({"AB"}, {"BC"});
  t.count("AB", 20);
  t.count("BC", 700);
  CHECK(t.find().size() == 1);
  t.places[0].lanes = {*net->find_lane("AB_0")};
  CHECK(t.find().empty());
  t.places[0].lanes = {*net->find_lane("AB_0"), *net->find_lane("AB_1")};
  CHECK(t.find().size() == 1);
}

TEST_CASE("contradictions: chance is of the vehicles counted, and only hours of the same periods are compared") {
  counted_roads t("A==B==C\n");
  t.set_ends({"AB"}, {"BC"});
  t.count("AB", 400);
  t.count("BC", 600);
  CHECK(t.find().size() == 1);
  t.hours[0].periods = 1;
  CHECK(t.find().empty());
  t.hours[1].periods = 1;
  CHECK(t.find().size() == 1);
  for (counted_hour& h : t.hours) h.counted_s = 900;  // 100 vehicles against 150
  CHECK(t.find().empty());
  t.hours.clear();
  t.count("AB", 0);
  t.count("BC", 6);
  CHECK(t.find().empty());
}

TEST_CASE("contradictions: a road that nobody counts is named with what it carries") {
  counted_roads t("A==B==C\n   |   \n   D   \n");
  t.set_ends({"AB", "DB"}, {"BC", "BD", "BA"});
  t.count("AB", 100);
  t.count("BC", 3500);
  auto const r = t.find();
  REQUIRE(r.size() == 1);
  CHECK(r[0].less == numbers{0});
  REQUIRE(r[0].cut.size() == 1);
  CHECK(holds(r[0].cut[0].en, "DB"));
  CHECK(r[0].most == Approx(110 + 20 + t.roads.edge(t.edge("DB"))));
}

TEST_CASE("contradictions: the band of GEH 5 ends where GEH is 5") {
  for (double const c : {0.0, 4.0, 100.0, 1000.0, 4000.0}) {
    auto const [least, most] = geh_band(c);
    for (double const m : {least, most}) {
      if (m + c > 0) CHECK(std::sqrt(2 * (m - c) * (m - c) / (m + c)) == Approx(5));
    }
    CHECK(least <= c);
    CHECK(most > c);
  }
}

TEST_CASE("contradictions: flows that exist never contradict; others do without a count too many, and share none") {
  counted_roads t("A--B--C--D\n|  |  |  |\nE--F--G--H\n|  |  |  |\nI--J--K--L\n");
  t.set_ends({"AB", "DC", "IE", "LK"}, {"BA", "CD", "EI", "KL"});
  network const& net = *t.map.net;
  std::mt19937 engine(3);
  auto const random = [&](std::uint32_t n) { return static_cast<std::uint32_t>(engine()) % n; };
  std::size_t found = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<double> flow(net.edge_count());
    for (int trip = 0; trip < 40; ++trip) {  // vehicles that wander until they are at an end
      double const n = 5 + random(40);
      edge_id e = t.ends.begin[random(4)];
      for (;;) {
        flow[e.index()] += n;
        if (std::find(t.ends.end.begin(), t.ends.end.end(), e) != t.ends.end.end()) break;
        auto const next = net.successors(e);
        e = next[random(static_cast<std::uint32_t>(next.size()))];
      }
    }
    t.places.clear();
    t.hours.clear();
    for (std::size_t i = 0; i < net.edge_count(); ++i) {
      if (net.is_normal(edge_id(i)) && random(5) != 0) t.count(net.edges.name[edge_id(i)], flow[i] / 4);
    }
    REQUIRE(t.find().empty());
    for (counted_hour& h : t.hours) {
      if (random(4) == 0) h.flow_veh_per_h *= 0.2 + 0.2 * random(10);
    }
    std::set<std::uint32_t> told;
    for (contradiction const& c : t.find()) {
      ++found;
      CHECK(c.least > c.most);
      std::vector<counted_hour> all;
      for (auto const* const side : {&c.more, &c.less}) {
        for (std::uint32_t const h : *side) {
          REQUIRE(told.insert(h).second);
          all.push_back(t.hours[h]);
        }
      }
      REQUIRE(t.find(all).size() == 1);
      for (std::size_t i = 0; i < all.size(); ++i) {
        auto some = all;
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(i));
        REQUIRE(t.find(some).empty());
      }
    }
  }
  CHECK(found >= 10);
}
