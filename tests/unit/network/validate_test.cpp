// What validate finds: each kind on a network where exactly that is wrong, and nothing of it where all is right.
#include "sim/network/validate.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/core/text_file.h"
#include "sim/network/components.h"
#include "tests/support/replaced.h"
#include "tests/support/tiny_network.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

network_finding of_kind(network const& net, std::string const& kind) {
  for (network_finding const& f : validate(net)) {
    if (f.kind == kind) return f;
  }
  return {severity::kNote, "none", 0, {}, ""};
}

std::shared_ptr<network const> edited(std::string const& what, std::string const& with) {
  return read_network_text(replaced(tiny_net_text(), what, with), "t.net.xml");
}

// A ring that cars can drive around both ways, with turnarounds nowhere and a signal at B.
tiny_network const& ring() {
  static tiny_network const t("A--B--C\n|  |  |\nD--E--F\n", {.signals = "B"});
  return t;
}

}  // namespace

TEST_CASE("validate: a sound network has no errors and no warnings") {
  for (network_finding const& f : validate(*ring().net)) {
    INFO(f.kind << " " << (f.examples.empty() ? "" : f.examples[0]));
    CHECK(f.level == severity::kNote);
  }
}

TEST_CASE("validate: a road that ends where others go on is a dead end; one that just ends is an exit") {
  // From A and D the only way on would be a U-turn, and there are none.
  tiny_network const t("A--B--C\n   |   \n   D   \n");
  network_finding const dead = of_kind(*t.net, "dead_end");
  CHECK(dead.level == severity::kWarning);
  CHECK(dead.count == 3);
  CHECK(dead.examples == std::vector<std::string>{"BA", "BC", "BD"});
  CHECK(of_kind(*t.net, "no_way_in").examples == std::vector<std::string>{"AB", "CB", "DB"});
  tiny_network const one_way("A>>B>>C\n");
  CHECK(of_kind(*one_way.net, "dead_end").count == 0);
  CHECK(of_kind(*one_way.net, "exit").examples == std::vector<std::string>{"BC"});
  CHECK(of_kind(*one_way.net, "entrance").examples == std::vector<std::string>{"AB"});
}

TEST_CASE("validate: parts that cars cannot reach, cannot leave, or neither, are told apart") {
  tiny_network const t(
      "A--B--C>>G>>H\n"
      "|  |  |      \n"
      "D--E--F<<I<<J\n"
      "             \n"
      "K--L--M      \n");
  CHECK(of_kind(*t.net, "isolated").count == 4);
  CHECK(of_kind(*t.net, "no_return").examples == std::vector<std::string>{"CG", "GH"});
  CHECK(of_kind(*t.net, "unreachable").examples == std::vector<std::string>{"IF", "JI"});
  component_map const m = find_components(*t.net, vclass::kPassenger);
  CHECK(m.main_size == 14);
  CHECK(m.edges[*t.net->find_edge("CG")] == reach::kLeadsOut);
  CHECK(m.edges[*t.net->find_edge("AB")] == reach::kMain);
  // Three pieces of four edges (K-L-M has two one-way chains: no U-turns) beside the main one.
  CHECK(m.components == 1 + 2 + 2 + 4);
}

TEST_CASE("validate: reachability is that of the class, lane by lane") {
  auto const net = read_network_text(tiny_net_text(), "t.net.xml");  // b is for buses and taxis only
  component_map const cars = find_components(*net, vclass::kPassenger), taxis = find_components(*net, vclass::kTaxi);
  CHECK(cars.edges[*net->find_edge("b")] == reach::kNotForClass);
  CHECK(cars.components == 1);
  CHECK(taxis.components == 2);
  CHECK(find_components(*net, vclass::kShip).components == 1);  // a only forbids trams and trains
}

TEST_CASE("validate: each flaw of an edited file is found, once, with its name") {
  struct flaw {
    char const *what, *with, *kind;
    severity level;
    char const* example;
  };
  constexpr auto e = severity::kError;
  constexpr auto w = severity::kWarning;
  constexpr auto n = severity::kNote;
  // clang-format off
  std::vector<flaw> const table = {
      {"length=\"99.00\" shape=\"0.00", "length=\"0\" shape=\"0.00", "zero_length", w, "a"},
      {"length=\"99.00\" shape=\"0.00", "length=\"3\" shape=\"0.00", "short_edge", n, "a"},
      {"length=\"99.00\" shape=\"0.00", "length=\"250\" shape=\"0.00", "length_not_as_drawn", n, "a"},
      {"disallow=\"tram rail\"", "disallow=\"all\"", "lane_for_nobody", w, "a_0"},
      {"disallow=\"tram rail\"", "allow=\"tram\"", "no_roads_for_cars", e, ""},
      {"disallow=\"tram rail\"", "allow=\"tram\"", "connection_for_nobody", n, "a_0 -> b_0"},
      {"disallow=\"tram rail\" speed=\"13.89\"", "speed=\"0\"", "zero_speed", e, "a_0"},
      {"disallow=\"tram rail\" speed=\"13.89\"", "speed=\"50\"", "odd_speed", n, "a_0"},
      {" name=\"West Street\"", "", "no_name", n, "a"},
      {"<phase duration=\"30\" state=\"G\"/>\n<phase duration=\"5\" state=\"y\"/>", "", "signal_without_phases", e, "J"},
      {"<phase duration=\"30\" state=\"G\"/>\n<phase duration=\"5\" state=\"y\"/>", "<phase duration=\"30\" state=\"GG\"/>",
       "signal_state_length", w, "J (2 letters, 1 links)"},
      {"<phase duration=\"30\" state=\"G\"/>\n<phase duration=\"5\" state=\"y\"/>", "<phase duration=\"0\" state=\"G\"/>",
       "signal_without_cycle", e, "J"},
      {"state=\"G\"", "state=\"r\"", "signal_never_green", w, "J link 0"},
      {" tl=\"J\" linkIndex=\"0\"", "", "signal_without_links", n, "J"},
      {"<request index=\"0\" response=\"0\" foes=\"0\" cont=\"0\"/>",
       "<request index=\"0\" response=\"00\" foes=\"00\"/><request index=\"1\" response=\"00\" foes=\"00\"/>", "right_of_way_incomplete", w, "J"},
      {"<edge id=\"b\" from=\"J\" to=\"E\"", "<edge id=\"b\" from=\"E\" to=\"E\"", "loop", n, "b"},
      {"<edge id=\"b\" from=\"J\" to=\"E\"", "<edge id=\"b\" from=\"W\" to=\"E\"", "connection_apart", e, "a_0 -> b_0"},
      {"</net>", "<roundabout nodes=\"J\" edges=\"a b\"/></net>", "broken_roundabout", w, "a"},
      {"<net ", "<net ", "no_projection", n, ""},
  };
  // clang-format on
  for (flaw const& f : table) {
    INFO(f.kind << ": " << f.what << " -> " << f.with);
    auto const net = edited(f.what, f.with);
    network_finding const found = of_kind(*net, f.kind);
    CHECK(found.count == 1);
    CHECK(found.level == f.level);
    CHECK(found.examples == (*f.example == '\0' ? std::vector<std::string>{} : std::vector<std::string>{f.example}));
    bool const in_sound_file = of_kind(*read_network_text(tiny_net_text(), "t.net.xml"), f.kind).count > 0;
    CHECK((!in_sound_file || std::string(f.kind) == "no_projection" || std::string(f.kind) == "no_name"));
  }
}

TEST_CASE("validate: many of a kind are counted all and named ten, errors come first") {
  tiny_network const t("A--B--C--D\n|  |  |  |\nE--F--G--H\n");
  network_finding const f = of_kind(*t.net, "no_name");
  CHECK(f.count == 20);
  CHECK(f.examples.size() == 10);
  auto const all = validate(*edited("disallow=\"tram rail\" speed=\"13.89\"", "speed=\"0\""));
  CHECK(std::is_sorted(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.level > b.level; }));
  CHECK(all.front().level == severity::kError);
}

TEST_CASE("summary: counts what people call edges, lanes and junctions, not SUMO's inner ones") {
  network_summary const s = summarise(*ring().net);
  CHECK(s.edges == 14);
  CHECK(s.lanes == 14);
  CHECK(s.junctions == 6);
  CHECK(s.signals == 1);
  CHECK(s.named_roads == 0);
  CHECK(s.edge_km == Approx(8 * 0.15 + 6 * 0.10).epsilon(0.1));
  CHECK(s.lane_km == Approx(s.edge_km));
  CHECK(s.connections == 4 * 2 + 2 * 3 * 2);
  CHECK(summarise(*read_network_text(tiny_net_text(), "t")).named_roads == 1);
}

TEST_CASE("validate: real networks that run clean on SUMO have no errors") {
  for (char const* name : {"bologna/acosta/acosta_buslanes.net.xml", "bologna/joined/joined_buslanes.net.xml",
                           "resco/cologne1/cologne1.net.xml", "resco/cologne8/cologne8.net.xml",
                           "resco/ingolstadt7/ingolstadt7.net.xml", "porto/porto_vci.net.xml"}) {
    GEMEO_NEED_SHARED(file, name);
    for (network_finding const& f : validate(*read_network(file))) {
      INFO(name << ": " << f.kind << " " << (f.examples.empty() ? "" : f.examples[0]));
      CHECK(f.level != severity::kError);
      CHECK(f.kind != "right_of_way_incomplete");
    }
  }
}
