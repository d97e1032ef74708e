// What a reader must see before the figures: roads that are closed, what the city says of its data, titles in their
// language, route choice that had not settled.
#include <catch2/catch.hpp>

#include "sim/results/compare.h"
#include "sim/results/report.h"
#include "tests/support/made_ensembles.h"

using namespace gemeo;
using namespace gemeo::test;
using Catch::Contains;

namespace {

struct two_sides {
  temp_folder dir;
  [[nodiscard]] comparison compare(made_run const& b, made_run const& o) const {
    make_ensemble(drawn_city().net(), dir / "base", {1, 2, 3}, b);
    make_ensemble(drawn_city().net(), dir / "other", {1, 2, 3}, o);
    return compare_ensembles(dir / "base", dir / "other", {});
  }
};

made_run closing(made_run r, char const* edge, double from_s, double to_s) {
  r.edit = [=](made_data& d) {
    network const& net = drawn_city().net();
    d.travellers.closures = {{*net.find_edge(edge), from_s, to_s}};
  };
  return r;
}

std::size_t count_of(std::string const& text, std::string const& what) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

}  // namespace

TEST_CASE("maps: a road that the scenario closes to cars is marked, and its buses' speed is no comparison") {
  two_sides const f;
  comparison const c = f.compare(small_run(), closing(closed_run(), "FG", 7 * 3600, 9 * 3600));
  edge_id const fg = *drawn_city().net().find_edge("FG");
  CHECK(c.edges[fg.index()].other_closed);
  CHECK_FALSE(c.edges[fg.index()].base_closed);
  for (std::size_t e = 0; e < c.edges.size(); ++e) CHECK(c.edges[e].other_closed == (edge_id(e) == fg));
  std::string const page = report_html(c);
  CHECK(count_of(page, "<path class=\"rd k8\" d=\"") == 3);  // two maps of change, and the map of the scenario's speeds
  CHECK_THAT(page, Contains("closed to cars by the scenario") && Contains("cortada a automóveis"));
}

TEST_CASE("maps: the speed on a closed road is not among what is judged") {
  two_sides const open;
  comparison const all = open.compare(small_run(), closed_run());
  auto const tested = std::find_if(all.edges.begin(), all.edges.end(),
                                   [](edge_values const& v) { return std::isfinite(v.speed_mps.p); });
  REQUIRE(tested != all.edges.end());
  edge_id const e(static_cast<std::size_t>(tested - all.edges.begin()));
  for (bool const in_base : {false, true}) {
    two_sides const f;
    auto const close = [&](made_run r, bool here) {
      return here ? closing(r, all.net.name[e].c_str(), 7 * 3600, 9 * 3600) : r;
    };
    comparison const c = f.compare(close(small_run(), in_base), close(closed_run(), !in_base));
    CHECK(c.edges[e.index()].base_closed == in_base);
    CHECK(c.edges[e.index()].other_closed == !in_base);
    CHECK(c.edges[e.index()].speed_mps.says == verdict::kNoData);
    CHECK(c.edges[e.index()].flow_veh_per_h.pairs == all.edges[e.index()].flow_veh_per_h.pairs);
    CHECK(c.speed_family.tested == all.speed_family.tested - 1);
  }
}

TEST_CASE("maps: nothing is marked that is closed for a short time, or that no run closes") {
  two_sides const f;
  double const begin = small_run().begin_s;
  comparison const c = f.compare(small_run(), closing(closed_run(), "FG", begin, begin + 60));
  CHECK_FALSE(c.edges[drawn_city().net().find_edge("FG")->index()].other_closed);
  two_sides const g;
  comparison const unsaid = g.compare(small_run(), closed_run());  // as files of earlier versions
  for (comparison const* const x : {&c, &unsaid})
    CHECK_THAT(report_html(*x), !Contains("rd k8\" d=") && !Contains("cortada a automóveis"));
}

TEST_CASE("maps: what both sides close is marked on their own maps alone") {
  two_sides const f;
  comparison const c = f.compare(closing(small_run(), "FG", 0, 90000), closing(closed_run(), "FG", 0, 90000));
  CHECK(count_of(report_html(c), "<path class=\"rd k8\" d=\"") == 2);
}

TEST_CASE("report: what the city says of its data comes before the figures, once, in the page's language") {
  auto const careful = [](made_run r, std::string en, std::string pt) {
    r.edit = [=](made_data& d) {
      d.description.caution = en;
      d.description.caution_pt = pt;
      d.description.scenario_title_pt = "Título " + d.description.scenario_name;
    };
    return r;
  };
  two_sides const f;
  comparison const c = f.compare(careful(small_run(), "Trips are placeholders.", "As viagens são fictícias."),
                                 careful(closed_run(), "Trips are placeholders.", "As viagens são fictícias."));
  std::string const page = report_html(c);
  CHECK(count_of(page, "Trips are placeholders.") == 1);
  CHECK(count_of(page, "As viagens são fictícias.") == 1);
  CHECK(page.find("Trips are placeholders.") < page.find("Key figures"));
  CHECK_THAT(page, Contains("<h1>Título "));
  std::string const terminal = report_terminal(c, {});
  CHECK(terminal.find("Trips are placeholders.") < terminal.find("Whole network"));
  CHECK_THAT(report_json(c), Contains("\"cautions\":[\"Trips are placeholders.\"]"));
}

TEST_CASE("report: says so where route choice had not settled") {
  auto const with_gap = [](made_run r, double reached, double gap) {
    r.edit = [=](made_data& d) {
      d.kpis.push_back({"equilibrium_relative_gap", "1", "all", "", gap});
      d.kpis.push_back({"equilibrium_reached", "1", "all", "", reached});
    };
    return r;
  };
  two_sides const f, g;
  comparison const open = f.compare(small_run(), with_gap(closed_run(), 0, 0.16));
  std::string const page = report_html(open);
  CHECK_THAT(page, Contains("Route choice had not settled") && Contains("não tinha estabilizado"));
  CHECK_THAT(page, Contains(": " + open.other.label + " 16.0\xe2\x80\xaf%."));
  comparison const settled = g.compare(small_run(), with_gap(closed_run(), 1, 0.04));
  CHECK_THAT(report_html(settled), !Contains("Route choice had not settled"));
}
