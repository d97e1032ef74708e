// What indicators, groups and numbers are called in English and in Portuguese (Portugal).
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include "sim/core/text_file.h"
#include "sim/core/vclass.h"
#include "sim/demand/demand.h"
#include "sim/results/kpi.h"
#include "sim/results/report_words.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

// Every indicator that a run with buses, commuters, zones, emissions and queues yields.
std::vector<kpi_row> all_rows() {
  made_city const c;
  made_data const m = make_data(c.net(), {});
  kpi_collector k(c.net(), m.travellers, m.description);
  for (observations const& o : m.intervals) k.add(o);
  counters total = m.summary.total;
  total.time_s = m.description.end_s;
  return k.rows(total);
}

// Names and units as kpi.cpp spells them, whether or not the run above has them.
std::set<std::pair<std::string, std::string>> spelled_in_source() {
  std::string const source = read_text_file(std::string(GEMEO_SOURCE_DIR) + "/sim/results/kpi.cpp");
  std::regex const pattern(R"re((?:put\(|push_back\(\{)"([a-z0-9_]+)", "([^"]+)")re");
  std::set<std::pair<std::string, std::string>> all;
  for (std::sregex_iterator i(source.begin(), source.end(), pattern), end; i != end; ++i)
    all.emplace((*i)[1].str(), (*i)[2].str());
  return all;
}

bool says_something(std::string const& s) { return s.find_first_not_of(" _") != std::string::npos; }

}  // namespace

TEST_CASE("words: every indicator that a run writes has a label in both languages, and a unit that is shown") {
  auto const spelled = spelled_in_source();
  std::set<std::pair<std::string, std::string>> written;
  for (kpi_row const& r : all_rows()) written.emplace(r.name, r.unit);
  CHECK(written.size() > 20);
  for (auto const& row : written) {
    INFO(row.first << " [" << row.second << "]: written, but not found in kpi.cpp; mend the pattern of this test");
    CHECK(spelled.count(row) == 1);
  }
  static std::set<std::string> const kUnits = {
      "s", "min", "veh\xc2\xb7h",  "veh\xc2\xb7km", "km/h", "g", "kg", "t", "m", "km",
      "%", "",    "veíc\xc2\xb7h", "veíc\xc2\xb7km"};
  for (auto const& [name, unit] : spelled) {
    INFO(name << " [" << unit << "]");
    CHECK(has_words(name));
    for (double const size : {0.0, 0.02, 40.0, 3e4, 1e7}) {
      indicator const en = indicator_of(name, unit, size, language::kEnglish);
      indicator const pt = indicator_of(name, unit, size, language::kPortuguese);
      CHECK(says_something(en.label));
      CHECK(says_something(pt.label));
      bool const formula = name == "co2";  // the same in every language
      CHECK((en.label == pt.label) == formula);
      CHECK(en.better == pt.better);
      CHECK(en.factor == pt.factor);
      CHECK(kUnits.count(en.unit) == 1);
      CHECK(kUnits.count(pt.unit) == 1);
    }
  }
}

TEST_CASE("words: an indicator's direction is that of its meaning") {
  auto const better = [](char const* name) { return indicator_of(name, "s", 1, language::kEnglish).better; };
  for (char const* const less :
       {"mean_travel_time", "p95_travel_time", "mean_delay", "total_delay", "mean_stops", "co2", "nox", "pmx", "fuel",
        "share_teleported", "share_never_inserted", "share_unfinished", "mean_queue", "max_queue", "bus_mean_delay",
        "bus_passengers_left_waiting", "bus_passengers_mean_wait", "iso37120_19_7_commute_time"}) {
    INFO(less);
    CHECK(better(less) == -1);
  }
  for (char const* const more : {"mean_speed", "bus_on_time_share", "bus_stops_served", "bus_passengers_carried"}) {
    INFO(more);
    CHECK(better(more) == 1);
  }
  for (char const* const neither : {"trips", "vehicle_km"}) {
    INFO(neither);
    CHECK(better(neither) == 0);
  }
}

TEST_CASE("words: an indicator unknown to the report is shown by its name, without direction") {
  CHECK_FALSE(has_words("mean_gap"));
  indicator const i = indicator_of("mean_gap", "m", 3, language::kPortuguese);
  CHECK(i.label == "Mean gap");
  CHECK(i.better == 0);
}

TEST_CASE("words: every purpose, every class of vehicle and every group has words in both languages") {
  comparison const none;
  auto const check = [&](std::string const& group, std::string const& key) {
    INFO(group << " " << key);
    CHECK(key_has_words(key));
    CHECK(says_something(key_label(none, group, key, language::kEnglish)));
    CHECK(key_label(none, group, key, language::kPortuguese) != key_label(none, group, key, language::kEnglish));
  };
  for (std::size_t p = 0; p < static_cast<std::size_t>(purpose::kCount); ++p)
    check("purpose", std::string(name_of(static_cast<purpose>(p))));
  for (char const* const mode : {"car", "bus", "truck", "motorcycle", "bicycle", "pedestrian", "emergency", "authority",
                                 "army", "tram", "ship"}) {
    check("mode", mode);
  }
  std::set<std::string> groups;
  for (kpi_row const& r : all_rows()) groups.insert(r.group);
  CHECK(groups.size() >= 6);
  for (std::string const& g : groups) {
    INFO(g);
    CHECK(group_title(g, language::kEnglish) != group_title(g, language::kPortuguese));
    CHECK(group_title(g, language::kPortuguese) != "Por " + g);
  }
  for (verdict const v :
       {verdict::kNoData, verdict::kTooFew, verdict::kUnchanged, verdict::kNotShown, verdict::kWeak, verdict::kClear}) {
    CHECK(std::string(verdict_phrase(v).en) != verdict_phrase(v).pt);
  }
}

TEST_CASE("words: zones and approaches go by the names that people know, hours by the clock") {
  comparison c;
  c.zone_label = {{"cascais_centro", "Cascais (centro)"}};
  c.net.name.push_back("marginal_e03");
  c.net.road_name.push_back("Avenida Marginal");
  CHECK(key_label(c, "zone", "cascais_centro", language::kPortuguese) == "Cascais (centro)");
  CHECK(key_label(c, "zone", "elsewhere", language::kPortuguese) == "elsewhere");
  CHECK(key_label(c, "approach", "marginal_e03", language::kEnglish) == "Avenida Marginal (marginal_e03)");
  CHECK(key_label(c, "approach", "x", language::kEnglish) == "x");
  CHECK(key_label(c, "hour", "07", language::kEnglish) ==
        "07:00\xe2\x80\x93"
        "08:00");
  CHECK(key_label(c, "hour", "soon", language::kEnglish) == "soon");
  CHECK(key_label(c, "line", "work", language::kEnglish) == "work");
}

TEST_CASE("numbers: decimal comma and spaces in Portuguese, point and commas in English, minus signs in both") {
  number_format const en{language::kEnglish}, pt{language::kPortuguese}, terminal{language::kEnglish, true};
  CHECK(en.plain(1234567.891, 2) == "1,234,567.89");
  CHECK(pt.plain(1234567.891, 2) == "1\u202f234\u202f567,89");
  CHECK(pt.plain(1234.5, 1) == "1234,5");  // four digits stay together
  CHECK(en.plain(1234.5, 1) == "1,234.5");
  CHECK(en.plain(-3.5, 1) == "\u22123.5");
  CHECK(terminal.plain(-3.5, 1) == "-3.5");
  CHECK(en.plain(-0.04, 1) == "0.0");  // no minus before nothing
  CHECK(en.with_sign(0.04, 1) == "0.0");
  CHECK(pt.with_sign(0.25, 2) == "+0,25");
  CHECK(pt.range(-0.5, 1.5, 1) == "\u22120,5 a +1,5");
  CHECK(en.range(-0.5, 1.5, 1) == "\u22120.5 to +1.5");
  CHECK(pt.percent(0.083, 1) == "+8,3\u202f%");
  double const nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  for (double const none : {nan, inf, -inf}) {
    CHECK(en.plain(none, 1) == "\u2013");
    CHECK(terminal.with_sign(none, 1) == "-");
    CHECK(en.range(none, 1, 0) == "\u2013");
    CHECK(en.percent(none, 0) == "\u2013");
  }
}

TEST_CASE("numbers: as many decimals as the uncertainty deserves") {
  CHECK(digits_for(0.28, 5) == 2);
  CHECK(digits_for(0.3, 5) == 1);
  CHECK(digits_for(30, 5000) == 0);
  CHECK(digits_for(std::nan(""), 1.234) == 2);
  CHECK(digits_for(std::nan(""), 123.4) == 0);
  CHECK(digits_for(1e-9, 1) == 3);
  CHECK(digits_for(std::nan(""), 0) == 0);
}

TEST_CASE("units: seconds become minutes, milligrams tonnes, metres a second kilometres an hour, shares per cent") {
  auto const shown = [](char const* name, char const* unit, double size) {
    return indicator_of(name, unit, size, language::kPortuguese);
  };
  CHECK(shown("mean_travel_time", "s", 812).unit == "min");
  CHECK(shown("mean_travel_time", "s", 812).factor == Approx(1.0 / 60));
  CHECK(shown("mean_delay", "s", 40).unit == "s");
  CHECK(shown("co2", "mg", 6e11).unit == "t");
  CHECK(6e11 * shown("co2", "mg", 6e11).factor == Approx(600));
  CHECK(shown("co2", "kg", 5e5).unit == "t");
  CHECK(shown("nox", "kg", 12).unit == "kg");
  CHECK(shown("pmx", "kg", 0.2).unit == "g");
  CHECK(shown("mean_speed", "m/s", 10).factor == Approx(3.6));
  CHECK(shown("share_unfinished", "1", 0.1).unit == "%");
  CHECK(shown("share_unfinished", "1", 0.1).share);
}

TEST_CASE("words: a difference of too few pairs is shown only where no indicator has more") {
  comparison two, four;
  two.seeds = {1, 2};
  four.seeds = {1, 2, 3, 4};
  paired_moments m;
  m.add(1, 2);
  m.add(1, 3);
  paired_estimate const e = estimate(m);
  CHECK(worth_showing(two, e));
  CHECK_FALSE(worth_showing(four, e));  // an edge that only two of four runs used
  paired_estimate weak = e, none = e;
  weak.says = verdict::kWeak;
  none.says = verdict::kNotShown;
  CHECK(worth_showing(four, weak));
  CHECK_FALSE(worth_showing(four, none));
}
