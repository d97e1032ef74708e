// Made-up trips between open ends: who goes where, how many, and when.
#include "sim/demand/through_trips.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "sim/core/xml.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

struct trip_reader : xml_handler {
  void start(std::string_view element, xml_attributes const& a) override {
    if (element != "trip") return;
    departs.push_back(a.number("depart"));
    pairs.emplace_back(std::string(a.text("from")) + " " + std::string(a.text("to")));
  }
  void end(std::string_view) override {}
  std::vector<double> departs;
  std::vector<std::string> pairs;
};

std::set<std::string> names(network const& net, std::vector<through_pair> const& pairs) {
  std::set<std::string> out;
  for (through_pair const& p : pairs) out.insert(net.edges.name[p.from] + " " + net.edges.name[p.to]);
  return out;
}

}  // namespace

TEST_CASE("through trips: from each way in to each way out that it leads to, but not back where one came from") {
  tiny_network const t("A>>B--C\n   v   \n   D   \n");
  open_ends_of_roads const ends = find_open_ends(*t.net);
  CHECK(ends.in.size() == 2);   // AB, CB
  CHECK(ends.out.size() == 2);  // BC, BD
  CHECK(names(*t.net, through_pairs(*t.net)) == std::set<std::string>{"AB BC", "AB BD", "CB BD"});
  CHECK_THROWS(through_pairs(*tiny_network("A--B\n").net));
}

TEST_CASE("through trips: pairs share all trips by the weights of their ends, evenly through the time") {
  tiny_network const t("A>>B>>C\n   v   \n   D   \n", {.netconvert = "--ignore-errors.edge-type"});
  auto const even = through_pairs(*t.net);
  REQUIRE(even.size() == 2);
  CHECK(even[0].weight == Approx(0.5));
  CHECK(usual_veh_per_day(*t.net, even[0].from) > 0);
  std::vector<through_pair> pairs = even;
  pairs[0].weight = 0.9;
  pairs[1].weight = 0.1;
  trip_reader r;
  parse_xml(through_trips(*t.net, pairs, 100, 3600, 3 * 3600), "trips", r);
  auto const of_first = std::count(r.pairs.begin(), r.pairs.end(), "AB BC");
  CHECK(of_first == 180);
  CHECK(r.pairs.size() == 200);
  CHECK(std::is_sorted(r.departs.begin(), r.departs.end()));
  CHECK(r.departs.front() >= 3600);
  CHECK(r.departs.back() < 3 * 3600);
  CHECK(std::count_if(r.departs.begin(), r.departs.end(), [](double x) { return x < 2 * 3600; }) ==
        Approx(100).margin(1));
  // An edge's own type decides; here none has one, so that a weight given for "" is all edges'.
  CHECK(through_pairs(*t.net, {{"", 5.0}})[0].weight == Approx(0.5));
}

TEST_CASE(
    "through trips: a motorway weighs more than a street, a ramp a quarter of its road, and limits tell where no type "
    "does") {
  network net;
  for (char const* const type :
       {"highway.motorway", "highway.motorway_link", "highway.residential", "", "", "Autobahn", "highway.service"}) {
    edge_id const e = net.edges.type.push_back(type);
    std::uint32_t const l = static_cast<std::uint32_t>(net.lanes.edge.size());
    net.lanes.edge.push_back(e);
    net.lanes.speed_mps.push_back(e.index() == 3 || e.index() == 5 ? 33.3F : 8.3F);
    net.edges.lanes.push_back({l, l + 1});
  }
  auto const veh = [&](unsigned i) { return usual_veh_per_day(net, edge_id(i)); };
  CHECK(veh(1U) == veh(0U) / 4);
  CHECK(veh(2U) < veh(1U) / 10);
  CHECK(veh(3U) == veh(0U));
  CHECK(veh(4U) == veh(2U));
  CHECK(veh(5U) == veh(0U));  // a type that nobody knows says nothing
  CHECK(veh(6U) == veh(2U));
  CHECK(veh(0U) == Approx(std::sqrt(35000.0 * 129000)).epsilon(0.01));  // FHWA 2013, table 3-5
  CHECK(veh(2U) == Approx(std::sqrt(80.0 * 700)).epsilon(0.02));        // and 3-6
}
