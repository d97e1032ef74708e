#include "viewer/model/search.h"

#include <catch2/catch.hpp>

#include "tests/ui/drawn_network.h"

using namespace gemeo;
using namespace gemeo::view;
using test::drawn_network;

namespace {
std::vector<std::string> names(road_search const& s, std::string_view q, std::size_t most = 10) {
  std::vector<std::string> n;
  for (search_hit const* h : s.find(q, most)) n.push_back(h->name);
  return n;
}
}  // namespace

TEST_CASE("search: case and accents do not matter, and other letters are kept") {
  CHECK(folded("Avenida de São João") == "avenida de sao joao");
  CHECK(folded("PRAÇA da República, n.º 1") == "praca da republica, n.o 1");
  CHECK(folded("3.ª Circular") == "3.a circular");
  CHECK(folded("Łódź Žižkov Ångström") == "lodz zizkov angstrom");
  CHECK(folded("Straße 東京") == "straße 東京");
  CHECK(folded("\xC3") == "\xC3");  // cut in the middle of a letter
}

TEST_CASE("search: every word must occur; beginnings come first, then longer roads") {
  drawn_network d;
  d.road("m1", {{0, 0, 0}, {900, 0, 0}}, "Avenida Marginal");
  d.road("m2", {{900, 0, 0}, {2000, 0, 0}}, "Avenida Marginal");
  d.road("x", {{0, 50, 0}, {100, 50, 0}}, "Marginal Norte");
  d.road("j", {{0, 90, 0}, {400, 90, 0}}, "Avenida de São João");
  d.road("nameless", {{0, 120, 0}, {40, 120, 0}});
  road_search const s(d.net);
  CHECK(names(s, "marginal") == std::vector<std::string>{"Marginal Norte", "Avenida Marginal"});
  CHECK(names(s, "avenida") == std::vector<std::string>{"Avenida Marginal", "Avenida de São João"});
  CHECK(names(s, "sao avenida") == std::vector<std::string>{"Avenida de São João"});
  CHECK(names(s, "marginal sul").empty());
  CHECK(names(s, "  ").empty());
  CHECK(names(s, "a", 1).size() == 1);
  auto const hits = s.find("avenida marginal", 1);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0]->edges == std::vector<edge_id>{edge_id(0U), edge_id(1U)});
  CHECK(hits[0]->length_m == Approx(2000));
}

TEST_CASE("search: an edge is found by its id, and an exact id comes before roads that contain it") {
  drawn_network d;
  d.road("a5", {{0, 0, 0}, {900, 0, 0}}, "Other road");
  d.road("k", {{0, 0, 0}, {900, 0, 0}}, "A5 Autoestrada");
  road_search const s(d.net);
  CHECK(names(s, "a5") == std::vector<std::string>{"a5", "A5 Autoestrada"});
}
