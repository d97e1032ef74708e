// The page, the table and the JSON of a comparison: whole in both languages, valid, standing alone, and harmless
// whatever the names in the result files are.
#include "sim/results/report.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "sim/results/kpi.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/made_ensembles.h"
#include "tests/support/made_runs.h"
#include "tests/support/page_words.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::size_t count(std::string const& text, std::string const& what) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
  return n;
}

// Nothing when the page is right; otherwise what is wrong.
std::string faults_of(std::string const& page) {
  temp_folder const dir;
  write_text(dir / "page.html", page);
  process_result const r = run_program(
      {"/usr/bin/python3", GEMEO_SOURCE_DIR "/tests/unit/compare/check_page.py", (dir / "page.html").string()});
  CHECK((r.exit_code == 0 || r.exit_code == 1));
  return r.output + r.error_output;
}

bool valid_utf8(std::string const& text) {
  try {
    (void)quote_json(text, bad_utf8::kThrows);
    return true;
  } catch (json::exception const&) {
    return false;
  }
}

std::vector<std::uint64_t> const kSeeds = {1, 2, 3, 4};

comparison made_comparison(made_run base, made_run other, network const& net) {
  temp_folder const dir;
  make_ensemble(net, dir / "base", kSeeds, std::move(base));
  make_ensemble(net, dir / "other", kSeeds, std::move(other));
  return compare_ensembles(dir / "base", dir / "other");
}

// Names that read the same in both languages.
network named_network(made_city const& c) {
  network n = c.net();
  for (std::size_t e = 0; e < n.edge_count(); ++e) {
    std::string const& name = n.edges.name[edge_id(e)];
    if (n.is_normal(edge_id(e))) n.edges.road_name[edge_id(e)] = "Rua " + std::min(name, std::string{name[1], name[0]});
  }
  return n;
}

made_run named(made_run r, std::string const& title) {
  r.title = title;
  r.vehicles = 400;
  r.end_s = r.begin_s + 3600;
  r.edit = [](made_data& d) {
    made_city const c;
    d.travellers.zone_labels = {"Zona N", "Zona S"};
    d.description.attribution = "Rede: Elenco de Vias, CC BY 4.0";
    d.description.engine = "sumo";
    kpi_collector k(c.net(), d.travellers, d.description);  // every group of indicators
    for (observations const& o : d.intervals) k.add(o);
    counters total = d.summary.total;
    total.time_s = d.description.end_s;
    d.kpis = k.rows(total);
  };
  return r;
}

// Every group of indicators, in a city whose names are neither English nor Portuguese words; made once.
comparison whole_comparison() {
  static temp_folder const dir;
  static bool const made = [] {
    made_city const c;
    network const net = named_network(c);
    make_ensemble(net, dir / "base", kSeeds, named(small_run(), "Cenário A"));
    make_ensemble(net, dir / "other", kSeeds, named(closed_run(), "Cenário B"));
    return true;
  }();
  REQUIRE(made);
  return compare_ensembles(dir / "base", dir / "other");
}

}  // namespace

TEST_CASE("page: valid, standing alone, and whole in both languages, decimal commas in Portuguese") {
  comparison const c = whole_comparison();
  std::string const page = report_html(c);
  CHECK(faults_of(page) == "");
  temp_folder const dir;
  write_text(dir / "page.html", page);
  CHECK(english_in_portuguese(dir / "page.html", {"Rua", "Zona", "Rede: Elenco de Vias", "Cenário", "Eclipse",
                                                  "Benjamini", "Hochberg", "base / closed", "(none)"}) == "");
  CHECK(page.size() < kMaxPageBytes);
  CHECK(valid_utf8(page));
  for (char const* const text : {"Key figures",
                                 "Principais valores",
                                 "Where traffic changes",
                                 "Onde muda o tráfego",
                                 "Who gains, who loses",
                                 "Quem ganha, quem perde",
                                 "Over time",
                                 "Ao longo do tempo",
                                 "All indicators",
                                 "Todos os indicadores",
                                 "By purpose of the trip",
                                 "Por motivo da viagem",
                                 "By bus line",
                                 "Por carreira",
                                 "Zona N",
                                 "Rua FG",
                                 "Elenco de Vias, CC BY 4.0",
                                 "Eclipse SUMO",
                                 "ISO 37120",
                                 "modelled",
                                 "modelados",
                                 "veh/h",
                                 "veíc/h"}) {
    INFO(text);
    CHECK((page.find(text) != std::string::npos));
  }
  report_options portuguese;
  portuguese.first = language::kPortuguese;
  std::string const other = report_html(c, portuguese);
  CHECK(faults_of(other) == "");
  CHECK_THAT(other, Catch::Contains("<html lang=\"pt\">") && Catch::Contains("id=\"lang-pt\" value=\"pt\""));
  CHECK(other.find("<main lang=\"pt\">") < other.find("<main lang=\"en\">"));
}

TEST_CASE("page: the same comparison gives the same bytes") {
  comparison const one = whole_comparison(), two = whole_comparison();
  CHECK((report_html(one) == report_html(two)));  // the brackets keep a failure readable
  CHECK((report_json(one) == report_json(two)));
  CHECK((report_terminal(one) == report_terminal(two)));
}

TEST_CASE("page: names from files are text, whatever they hold") {
  std::string const script = "<script>alert(1)</script>", quotes = "\"' onload='alert(2)' x=\"<b>&amp;",
                    turned = "abc\u202e\u2066evil\u200f", broken = "\xff\xfe\xc3(\xed\xa0\x80\x01\x1b[31m";
  std::string const endless = "</title></style></main>" + std::string(60000, 'x') + "</svg>";
  made_city const city;
  network net = city.net();
  std::vector<std::string> const names = {script, quotes, turned, broken, endless, "]]>", "-->", "${x}`"};
  for (std::size_t e = 0; e < net.edge_count(); ++e) net.edges.road_name[edge_id(e)] = names[e / 2 % names.size()];
  made_run b = small_run(), o = closed_run();
  b.title = script + quotes;
  o.title = endless + turned + broken;
  b.edit = o.edit = [&](made_data& d) {
    d.description.scenario_name = d.description.scenario_name + quotes;
    d.description.effective_config += "</pre><script>" + broken;
    d.description.attribution = script + "\n" + quotes;
    d.description.engine = script;
    d.description.software_version = quotes + script;
    d.description.commit = "</footer>";
    d.travellers.zone_labels = {script, endless};
    for (std::size_t v = 0; v < d.travellers.mode.size(); ++v) {
      d.travellers.purpose[v] = names[v % names.size()];
      d.travellers.mode[v] = quotes;
    }
    d.kpis.push_back({script, "s", "all", "", 1.0 + static_cast<double>(d.description.seed % 2)});
    d.kpis.push_back({"mean_delay", script, "zone", "north", 3});
    d.kpis.push_back({"mean_delay", "s", "purpose", quotes, 3});
    d.kpis.push_back({"mean_delay", "s", script, endless, 3});
    d.kpis.push_back({"bus_mean_delay", "s", "line", turned, 3});
    d.kpis.push_back({"mean_queue", "m", "approach", "FG", 3});
    d.kpis.push_back({"mean_travel_time", "s", "hour", "99999999999999999999", 3});
    d.kpis.push_back({"mean_travel_time", "s", "hour", "-1", 3});
    d.kpis.push_back({"mean_travel_time", "s", "hour", "99", 3});
  };
  comparison const c = made_comparison(b, o, net);
  std::string const page = report_html(c);
  std::string const faults = faults_of(page);
  // The words of these names are English: only that may be said of them.
  for (std::size_t at = 0, end = 0; at < faults.size(); at = end + 1) {
    end = std::min(faults.find('\n', at), faults.size());
    std::string const line = faults.substr(at, end - at);
    INFO(line);
    CHECK((line.starts_with("English in") || line.starts_with("Portuguese in")));
  }
  CHECK(count(page, "<script") == 1);
  CHECK(page.find("<b>&amp;") == std::string::npos);
  CHECK(page.find("\u202e") == std::string::npos);
  CHECK(page.find('\x1b') == std::string::npos);
  CHECK(valid_utf8(page));
  CHECK(page.size() < kMaxPageBytes);
  std::string seen = page;
  for (std::size_t at = 0; (at = seen.find("<pre>", at)) != std::string::npos;)
    seen.erase(at, seen.find("</pre>", at) - at);
  CHECK((seen.find(std::string(1000, 'x')) == std::string::npos));  // long names are cut, settings are not

  std::string const text = report_terminal(c);
  CHECK(valid_utf8(text));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x01') == std::string::npos);
  CHECK(text.find("\u202e") == std::string::npos);

  std::string const line = report_json(c);
  CHECK(count(line, "\n") == 1);
  json const j = parse_json(line);
  CHECK(j["base"]["label"] == script + quotes);
}

TEST_CASE("json: every value of the comparison, null where there is none") {
  comparison const c = whole_comparison();
  json const j = parse_json(report_json(c));
  CHECK(j["seeds"] == json(kSeeds));
  CHECK(j["kpis"].size() == c.kpis.size());
  for (json const& k : j["kpis"]) {
    auto const* const found = c.find(k["name"], k["group"], k["key"]);
    REQUIRE(found != nullptr);
    CHECK(k["unit"] == found->unit);
    for (auto const& [key, value] : {std::pair("base", found->value.base),
                                     {"low_95", found->value.low},
                                     {"difference", found->value.difference},
                                     {"p", found->value.p}}) {
      INFO(k["name"] << " " << key);
      CHECK(k[key].is_null() != std::isfinite(value));
      if (std::isfinite(value)) CHECK(k[key].get<double>() == value);
    }
    if (k["group"] == "zone") CHECK((k["label"] == "Zona N" || k["label"] == "Zona S"));
  }
  CHECK(j["trustworthy"].is_boolean());
  CHECK(j["edges"].size() > 10);
  CHECK(j["streets"].size() == c.roads.size());
  CHECK_FALSE(j["finding"].get<std::string>().empty());
}

TEST_CASE("table: as wide as the terminal that reads it, never wider, with the interval and the verdict in each") {
  comparison const c = whole_comparison();
  for (std::size_t const width : {80, 100, 120, 160}) {
    report_options o;
    o.width = width;
    std::string const table = report_terminal(c, o);
    std::istringstream lines(table);
    for (std::string l; std::getline(lines, l);) {
      auto const columns = static_cast<std::size_t>(
          std::count_if(l.begin(), l.end(), [](char x) { return (static_cast<unsigned char>(x) & 0xc0U) != 0x80U; }));
      INFO(width << ": " << l);
      CHECK(columns <= width);
      CHECK(l.find('\t') == std::string::npos);
    }
    INFO(table);
    for (char const* const text : {"Whole network", "verdict: clear =", "All figures are modelled", "95 % interval",
                                   "difference", "Travel time, mean", "clear\n", "Rua FG"}) {
      CHECK_THAT(table, Catch::Contains(text));
    }
  }
}

TEST_CASE("page: a whole city of 24 hours stays small enough to send by mail, and quick to make") {
  made_city const city;
  temp_folder const dir;
  fs::path const file = make_result(city.net(), dir / "run.h5", small_run());
  comparison const c = compare_made(made_runs(result_file(file).read_network(), {}), 6);
  std::string const page = report_html(c);
  CHECK(faults_of(page).find("loads") == std::string::npos);
  CHECK(page.size() < 1000000);
  for (char const* const hour : {"00:00", "08:00", "23:00"}) CHECK_THAT(page, Catch::Contains(hour));
}
