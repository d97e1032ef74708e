// gemeo counts through the command line: what it prints and writes, and broken inputs (see
// tests/support/gemeo_program.h).
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/core/json_text.h"
#include "sim/core/text_file.h"
#include "tests/support/gemeo_program.h"
#include "tests/support/page_words.h"
#include "tests/support/tiny_city.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

constexpr char const* kMapping =
    "source = \"city\"\ntime_zone = \"Europe/Lisbon\"\nperiod_s = 900\n[columns]\nsite = \"id\"\nbegin = "
    "\"t\"\ncount = \"n\"\nedge = \"e\"\n";

// A weekday of one detector, in quarter-hours, with so many vehicles each.
std::string day_of(std::string const& id, std::string const& date, int vehicles, std::string const& edge = "") {
  std::string out;
  for (int i = 0; i < 96; ++i) {
    int const n = vehicles == 0 ? 0 : vehicles + (i * 7) % 11;
    out += id + "," + date + "T" + (i / 4 < 10 ? "0" : "") + std::to_string(i / 4) + ":" + (i % 4 == 0 ? "0" : "") +
           std::to_string(i % 4 * 15) + "," + std::to_string(n) + "," + edge + "\n";
  }
  return out;
}
std::string const kHead = "id,t,n,e\n";

void write_day(fs::path const& folder) {
  write_text(folder / "m.toml", kMapping);
  write_text(folder / "c.csv", kHead + day_of("good", "2024-11-05", 80, "a") + day_of("dead", "2024-11-05", 0, "gone"));
  write_text(folder / "net.net.xml", tiny_net_text());
}

}  // namespace

TEST_CASE("counts check: a table of verdicts, places, and a page; nothing on standard error") {
  temp_folder const t;
  write_day(t.path());
  auto const r = run_gemeo({"counts", "check", "c.csv", "--mapping", "m.toml", "--network", "net.net.xml", "--html",
                            "page.html", "--matches-out", "places.csv", "--days"},
                           t.path());
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK(r.error_output.empty());
  CHECK(r.output.find("c.csv: csv, 192 records, 2024-11-05T00:00:00Z to 2024-11-06T00:00:00Z") != std::string::npos);
  CHECK(r.output.find("2 detectors, 2 detector days: 1 good, 0 doubtful, 1 bad") != std::string::npos);
  CHECK(r.output.find("2024-11-05  bad       all 68 counts are 0") != std::string::npos);
  CHECK(r.output.find("1 nowhere on the network") != std::string::npos);
  std::string const page = read_text_file(t / "page.html");
  CHECK(page.find("city/good") != std::string::npos);
  CHECK(page.find("all 68 counts are 0") != std::string::npos);
  CHECK(page.find("as 68 contagens são todas 0") != std::string::npos);
  CHECK(page.find("sem lugar na rede: o troço") != std::string::npos);
  CHECK(english_in_portuguese(t / "page.html", {"good", "dead", "gone", "Europe/Lisbon"}) == "");
  CHECK(page.find("<script") == std::string::npos);
  std::string const places = read_text_file(t / "places.csv");
  CHECK(places.find("city,dead,,,,,0.00,,edge 'gone' is not in the network,") != std::string::npos);
}

TEST_CASE("counts check: counts of an hour that cannot all be true are told on the terminal, the page and in JSON") {
  temp_folder const t;
  tiny_city const city(t / "data/tiny");
  // 800 an hour go from E to F, where 144 each come to E on the two roads that lead there; on a sunday all is well.
  std::string csv = "station,begin,period_s,count\n";
  for (auto const& [site, n] : {std::pair{"ef", 200}, {"ae", 36}, {"ie", 36}}) {
    for (char const* date : {"2024-11-04", "2024-11-05", "2024-11-03"}) {
      for (int i = 0; i < 12; ++i)
        csv += fmt::format("{},{}T{:02}:{:02},900,{}\n", site, date, 7 + i / 4, i % 4 * 15,
                           (std::string(date) == "2024-11-03" ? 36 : n) + i % 2);
    }
  }
  write_text(t / "c.csv", csv);
  write_text(t / "d.csv", "id,station,edge,lane,pos_m\nef_0,ef,EF,0,60\nae_0,ae,AE,0,60\nie_0,ie,IE,0,60\n");
  std::vector<std::string> check{"counts", "check",      "c.csv", "--time-zone", "Europe/Lisbon", "--detectors",
                                 "d.csv",  "--language", "pt",    "--html",      "p.html",        "--network"};
  auto const with_network = [&](char const* net) {
    auto arguments = check;
    arguments.emplace_back(net);
    return arguments;
  };
  auto const r = run_gemeo(with_network("data/tiny/net.net.xml"), t.path());
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  CHECK(r.error_output.empty());  // no line of progress into a pipe
  CHECK_THAT(r.output, Contains("contradiction: 3 sets of counts of an hour cannot all be true, where trips begin and "
                                "end as in the city's zones\n") &&
                           Contains("contradiction: 07:00 and 2 other hours: ef (802) against ae (146), ie (146): "));
  std::string const page = read_text_file(t / "p.html");
  CHECK_THAT(page, Contains("<html lang=\"pt\">") && Contains("Contagens que se contradizem") &&
                       Contains("Counts that contradict each other") && Contains("ae (146), ie (146)") &&
                       Contains("se as viagens começarem e acabarem como nas zonas da cidade"));
  CHECK(english_in_portuguese(t / "p.html") == "");
  auto json = with_network("data/tiny/net.net.xml");
  json.emplace_back("--json");
  auto const told = parse_json(run_gemeo(json, t.path()).output).at("contradictions");
  REQUIRE(told.size() == 3);
  CHECK(told.at(0).at("begin_s") == 25200);
  CHECK(told.at(0).at("more").at(0).at("site") == "ef");
  CHECK(told.at(0).at("fewer").size() == 2);
  CHECK(told.at(0).at("least_veh_per_h") > told.at(0).at("most_veh_per_h"));

  SECTION("where nobody says where trips begin and end, it is on roads that nobody counts") {
    fs::copy_file(t / "data/tiny/net.net.xml", t / "net.net.xml");
    auto const alone = run_gemeo(with_network("net.net.xml"), t.path());
    CAPTURE(alone.output, alone.error_output);
    CHECK_THAT(alone.output, Contains("contradiction: 3 sets") &&
                                 Contains("unless trips begin or end on counted roads") &&
                                 Contains("ef (802) against ae (146), ie (146)"));
    write_text(t / "d.csv", "id,station,edge,lane,pos_m\nef_0,ef,EF,0,60\nae_0,ae,AE,0,60\n");
    CHECK_THAT(run_gemeo(with_network("net.net.xml"), t.path()).output,
               !Contains("contradiction"));  // they may come by IE
  }
  SECTION("a page in English first, and no other language") {
    check[8] = "en";
    CHECK(run_gemeo(with_network("data/tiny/net.net.xml"), t.path()).exit_code == 0);
    CHECK_THAT(read_text_file(t / "p.html"), Contains("<html lang=\"en\">"));
    check[8] = "fr";
    auto const french = run_gemeo(with_network("data/tiny/net.net.xml"), t.path());
    CHECK(french.exit_code == 2);
    CHECK_THAT(french.error_output, Contains("--language fr") && Contains("en or pt"));
  }
}

TEST_CASE("counts check: hours that the network cannot carry are on the page, too, in both languages") {
  temp_folder const t;
  tiny_city const city(t / "data/tiny");
  std::string csv =
      "station,begin,period_s,count\n";  // some 1,800 an hour on the one lane from E to F, which ends at a signal
  for (char const* date : {"2024-11-04", "2024-11-05"}) {
    for (int i = 0; i < 12; ++i)
      csv += fmt::format("ef,{}T{:02}:{:02},900,{}\n", date, 7 + i / 4, i % 4 * 15, 450 + i % 2);
  }
  write_text(t / "c.csv", csv);
  write_text(t / "d.csv", "id,station,edge,lane,pos_m\nef_0,ef,EF,0,60\n");
  auto const r = run_gemeo({"counts", "check", "c.csv", "--time-zone", "Europe/Lisbon", "--detectors", "d.csv",
                            "--html", "p.html", "--network", "data/tiny/net.net.xml"},
                           t.path());
  CAPTURE(r.output, r.error_output);
  REQUIRE(r.exit_code == 0);
  std::string const told =
      "capacity: ef from 07:00: cannot be carried: saw 1,802 veh/h, the stop line behind it carries ";
  std::size_t const at = r.output.find(told);
  REQUIRE(at != std::string::npos);
  std::string const carried =
      r.output.substr(at + told.size(), r.output.find_first_of(" \n", at + told.size()) - at - told.size());
  CHECK_THAT(read_text_file(t / "p.html"), Contains("Hours that the network cannot carry") &&
                                               Contains("Horas que a rede não suporta") &&
                                               Contains("In 3 of 3 hours more was counted") &&
                                               Contains("<tr><th>ef</th><td>07:00</td><td>1,802</td><td>" + carried +
                                                        "</td><td>the stop line behind it</td></tr>") &&
                                               Contains("a linha de paragem a seguir</td></tr>"));
  CHECK(english_in_portuguese(t / "p.html") == "");
}

TEST_CASE("counts check: a terminal sees what takes long, and Ctrl-C leaves nothing behind") {
  temp_folder const t;
  std::string csv = "station,begin,period_s,count\n";  // noise, which contradicts itself everywhere
  for (int station = 1; station <= 60; ++station) {
    for (int q = 24; q < 88; ++q)
      csv += fmt::format("d{:02},2024-11-04T{:02}:{:02},900,{}\n", station, q / 4, q % 4 * 15,
                         (station * 7919 + q * 104729) % 2 * 190 + 60 + (station * 31 + q * 17) % 40);
  }
  write_text(t / "c.csv", csv);
  write_text(t / "terminal.py", R"(import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, asked = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:  # the other end is closed
        break
    seen += more
    if not more:
        break
    if not asked and b"holding counts against the network, " in seen:
        asked = True
        os.write(terminal, b"\x03")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen.decode())
)");
  std::string const city = GEMEO_SOURCE_DIR "/data/cascais/";
  process_options there;
  there.folder = t.path();
  process_result const r =
      run_program({"/usr/bin/python3", "terminal.py", GEMEO_BINARY_DIR "/bin/gemeo", "counts", "check", "c.csv",
                   "--time-zone", "Europe/Lisbon", "--network", city + "cascais.net.xml.gz", "--detectors",
                   city + "detectors.csv", "--html", "p.html", "--matches-out", "m.csv"},
                  there);
  CAPTURE(r.output, r.error_output);
  CHECK(r.output.starts_with("1 "));
  CHECK_THAT(r.output, Contains("holding counts against the network, ") &&
                           Contains("gemeo: interrupted; nothing was written") && !Contains("detector days"));
  CHECK_FALSE(fs::exists(t / "p.html"));
  CHECK_FALSE(fs::exists(t / "m.csv"));
}

TEST_CASE("counts check: a page holds hostile names as text") {
  temp_folder const t;
  write_text(t / "m.toml", kMapping);
  write_text(t / "c.csv", kHead + day_of("<script>alert(1)</script>", "2024-11-05", 80));
  REQUIRE(run_gemeo({"counts", "check", "c.csv", "--mapping", "m.toml", "--html", "p.html"}, t.path()).exit_code == 0);
  std::string const page = read_text_file(t / "p.html");
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("&lt;script&gt;") != std::string::npos);
}

TEST_CASE("counts check --json: one object, the same verdicts") {
  temp_folder const t;
  write_day(t.path());
  auto const r = run_gemeo({"counts", "check", "c.csv", "--mapping", "m.toml", "--json"}, t.path());
  REQUIRE(r.exit_code == 0);
  auto const j = parse_json(r.output);
  REQUIRE(j["days"].size() == 2);
  CHECK(j["days"][0]["verdict"] == "good");
  CHECK(j["days"][1]["verdict"] == "bad");
  CHECK(j["time_zone"] == "Europe/Lisbon");
}

TEST_CASE("counts import and info: nothing twice, corrections kept, and check reads the store") {
  temp_folder const t;
  write_day(t.path());
  std::vector<std::string> const import = {"counts", "import", "c.csv", "--mapping", "m.toml", "-o", "s.h5"};
  auto const first = run_gemeo(import, t.path());
  CAPTURE(first.output, first.error_output);
  REQUIRE(first.exit_code == 0);
  CHECK(first.output.find("s.h5: 192 records added, 0 of them corrections; 0 were there already") != std::string::npos);
  CHECK(run_gemeo(import, t.path()).output.find("0 records added, 0 of them corrections; 192 were there already") !=
        std::string::npos);
  write_text(t / "c.csv", kHead + "good,2024-11-05T08:00,99,a\n");
  CHECK(run_gemeo(import, t.path()).output.find("1 records added, 1 of them corrections") != std::string::npos);
  auto const info = run_gemeo({"counts", "info", "s.h5"}, t.path());
  CHECK(info.output.find("193 in ") != std::string::npos);
  CHECK(info.output.find("city: 2 sites") != std::string::npos);
  auto const check = run_gemeo({"counts", "check", "s.h5", "--time-zone", "Europe/Lisbon"}, t.path());
  CAPTURE(check.output, check.error_output);
  CHECK(check.output.find("1 good, 0 doubtful, 1 bad") != std::string::npos);
  CHECK(check.output.find("1 with another value") != std::string::npos);
}

TEST_CASE("counts: broken inputs are told with file, line and remedy, and nothing is left") {
  std::string const head = kHead, mapping = kMapping;
  auto const files = [&](std::string const& csv, std::string const& m) {
    return std::vector<std::pair<std::string, std::string>>{{"c.csv", csv}, {"m.toml", m}};
  };
  std::vector<std::string> const check = {"counts", "check", "c.csv", "--mapping", "m.toml"};
  std::vector<std::string> const import = {"counts", "import", "c.csv", "--mapping", "m.toml", "-o", "s.h5"};
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\">]><d2LogicalModel>&a;</d2LogicalModel>";
  broken_input const rows[] = {
      {"no verb below", {"counts"}, 2, {"--help"}},
      {"no file", {"counts", "check"}, 2, {"files"}},
      {"a file that is not there", {"counts", "check", "no.csv"}, 2, {"no.csv", "no such file"}},
      {"a folder", {"counts", "check", "."}, 2, {"is a folder"}},
      {"no mapping", {"counts", "check", "c.csv"}, 2, {"c.csv", "--mapping"}, files(head, mapping)},
      {"an unknown unit",
       check,
       2,
       {"m.toml:10", "'furlongs' is no unit", "km/h"},
       files(head, mapping + "[units]\nspeed = \"furlongs\"\n")},
      {"a column that is not there", check, 2, {"c.csv:1", "'n'", "count"}, files("id,t,m,e\n", mapping)},
      {"a letter for a number",
       check,
       2,
       {"c.csv:2", "column 'n'", "'x' is no number"},
       files(head + "a,2024-11-05T08:00,x,\n", mapping)},
      {"a date that there is not",
       check,
       2,
       {"c.csv:2", "column 't'"},
       files(head + "a,2024-02-30T08:00,1,\n", mapping)},
      {"an import that fails",
       import,
       2,
       {"c.csv:3", "'x' is no number"},
       files(head + "a,2024-11-05T08:00,1,\na,2024-11-05T08:15,x,\n", mapping)},
      {"an entity bomb", {"counts", "check", "d.xml"}, 2, {"d.xml:1", "entity"}, {{"d.xml", bomb}}},
      {"deep XML",
       {"counts", "check", "d.xml"},
       2,
       {"d.xml", "nested too deeply"},
       {{"d.xml", "<d2LogicalModel>" +
                      [] {
                        std::string s;
                        for (int i = 0; i < 5000; ++i) s += "<a>";
                        return s;
                      }()}}},
      {"deep JSON",
       {"counts", "check", "d.json"},
       2,
       {"d.json:1", "nests deeper"},
       {{"d.json", std::string(100000, '[')}}},
      {"cut JSON", {"counts", "check", "d.json"}, 2, {"d.json:1"}, {{"d.json", "[{\"id\": \"a"}}},
      {"other XML", {"counts", "check", "d.xml"}, 2, {"d.xml", "neither DATEX II nor SUMO"}, {{"d.xml", "<net/>"}}},
      {"an empty file", {"counts", "check", "c.csv"}, 2, {"c.csv", "is empty"}, {{"c.csv", ""}}},
      {"detectors without a network",
       {"counts", "check", "c.csv", "--mapping", "m.toml", "--detectors", "d.csv"},
       2,
       {"--network"},
       files(head + "a,2024-11-05T08:00,1,\n", mapping)},
      {"detectors on missing edges",
       {"counts", "check", "c.csv", "--mapping", "m.toml", "--network", "net.net.xml", "--detectors", "d.csv"},
       2,
       {"d.csv:2", "edge 'zz'", "the network lacks"},
       {{"c.csv", head + "a,2024-11-05T08:00,1,\n"},
        {"m.toml", mapping},
        {"net.net.xml", tiny_net_text()},
        {"d.csv", "id,edge,lane\na,zz,0\n"}}},
      {"a day of letters", {"counts", "check", "c.csv", "--day", "today"}, 2, {"--day today"}, files(head, mapping)},
      {"a page over the counts",
       {"counts", "check", "c.csv", "--mapping", "m.toml", "--html", "./c.csv"},
       2,
       {"--html ./c.csv", "one of the files that are read", "another"},
       files(head + "a,2024-11-05T08:00,1,\n", mapping)},
      {"places over those that a person confirmed",
       {"counts", "check", "c.csv", "--mapping", "m.toml", "--network", "n.xml", "--matches", "p.csv", "--matches-out",
        "p.csv"},
       2,
       {"--matches-out p.csv", "one of the files that are read"},
       {{"c.csv", head}, {"m.toml", mapping}, {"n.xml", tiny_net_text()}, {"p.csv", "source,site,edge,confirm\n"}}},
      {"page and places in one file",
       {"counts", "check", "c.csv", "--mapping", "m.toml", "--network", "n.xml", "--html", "x", "--matches-out", "./x"},
       2,
       {"--html and --matches-out are both x"},
       {{"c.csv", head}, {"m.toml", mapping}, {"n.xml", tiny_net_text()}}},
      {"a period that is none", {"counts", "check", "c.csv", "--period", "nan"}, 2, {"--period", "nan is no number"}},
      {"a store that was cut off",
       {"counts", "check", "s.h5"},
       2,
       {"s.h5", "no store of counts", "gemeo counts info"},
       {{"s.h5", std::string("\x89HDF\r\n\x1a\n", 8) + std::string(500, 'x')}}},
      {"an unknown zone",
       {"counts", "check", "c.csv", "--time-zone", "Europe/Lisboa"},
       2,
       {"Europe/Lisbon"},
       files(head, mapping)},
      {"a store that is none", {"counts", "info", "c.csv"}, 2, {"c.csv", "HDF5"}, files(head, mapping)},
      {"import into what is no store",
       import,
       2,
       {"s.h5"},
       {{"c.csv", head + "a,2024-11-05T08:00,1,\n"}, {"m.toml", mapping}, {"s.h5", "text"}}},
  };
  for (broken_input const& b : rows) {
    DYNAMIC_SECTION(b.name) { run_broken(b); }
  }
}
