// The real files that must be read, with the mappings in tests/data/counts: figures counted beside gemeo.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "calibration/counts/series.h"
#include "sim/core/text_file.h"
#include "tests/unit/counts/made_counts.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

read_options with(char const* mapping) {
  read_options o;
  o.mapping =
      std::make_shared<csv_mapping const>(read_mapping(fs::path(GEMEO_SOURCE_DIR) / "tests/data/counts" / mapping));
  return o;
}

read_counts_result read_file(fs::path const& file, read_options const& o) {
  read_counts_result out;
  out.report = read_counts(file, o, out.catalog, [&](std::span<count_record const> b) {
    out.records.insert(out.records.end(), b.begin(), b.end());
  });
  return out;
}

double sum_of(read_counts_result const& r) {
  double sum = 0;
  for (count_record const& c : r.records) sum += std::isfinite(c.count) ? static_cast<double>(c.count) : 0;
  return sum;
}

}  // namespace

TEST_CASE("real counts: Cascais, with its own columns or by a mapping, placed by its detectors") {
  fs::path const city = fs::path(GEMEO_SOURCE_DIR) / "data/cascais";
  auto const r = read_file(city / "counts.csv.gz", with("cascais.toml"));
  CHECK(r.records.size() == 80640);
  CHECK(r.records[0].count == 78);
  series_request q;
  q.files = {city / "counts.csv.gz"};
  q.net = read_network(city / "cascais.net.xml.gz");
  q.detectors = city / "detectors.csv";
  q.time_zone = "Europe/Lisbon";
  count_series const s = load_series(q);
  REQUIRE(s.detectors.size() == 60);
  std::size_t ok = 0, all = 0;
  for (detector_series const& d : s.detectors) {
    CHECK(d.match.edge);
    CHECK(d.match.confidence == 1);
    CHECK_FALSE(d.lanes.empty());
    ok += static_cast<std::size_t>(std::count(d.ok.begin(), d.ok.end(), 1));
    all += d.size();
  }
  CHECK(all == 80640);
  // The faults that scripts/cascais/make_counts.py puts in: five loops dead or stuck for some days, one that counts
  // every other vehicle; and nobody else is bad but the one with gaps, on the day with fewer than 60 percent.
  std::map<std::string, int> bad;
  for (detector_series const& d : s.detectors) {
    for (day_verdict const& v : d.verdicts) bad[d.key.site] += v.verdict == count_verdict::kBad ? 1 : 0;
  }
  std::map<std::string, int> const put_in = {{"d20", 14}, {"d28", 4}, {"d31", 14}, {"d43", 4},
                                             {"d50", 2},  {"d54", 1}, {"d57", 4}};
  for (auto const& [site, days] : bad) {
    CAPTURE(site);
    auto const at = put_in.find(site);
    CHECK(days == (at == put_in.end() ? 0 : at->second));
  }
  CHECK(static_cast<double>(ok) > 0.94 * static_cast<double>(all));
}

TEST_CASE("real counts: Bologna, a column an hour, on its network") {
  GEMEO_NEED_SHARED(file, "bologna/counts_2024_jan_mar.csv");
  GEMEO_NEED_SHARED(net, "bologna/joined/joined_buslanes.net.xml");
  auto const r = read_file(file, with("bologna.toml"));
  CHECK(r.records.size() == 2692 * 24);
  CHECK(r.catalog.size() == 84);
  CHECK(r.report.nulls == 0);
  std::map<std::string, int> edges;
  for (auto const& [key, s] : r.catalog.sites()) ++edges[s.edge];
  CHECK(edges.size() == 61);
}

TEST_CASE("real counts: Porto, both files, placed by the loops of its network") {
  GEMEO_NEED_SHARED(folder, "porto");
  auto const hourly = read_file(folder / "counts_hourly_2015_jan_feb.csv", with("porto_hourly.toml"));
  CHECK(hourly.records.size() == 73558);
  CHECK(hourly.records[0].count == 650);
  auto const fine = read_file(folder / "counts_5min_morning_mean.csv", with("porto_5min.toml"));
  CHECK(fine.records.size() == 1581);
  CHECK(fine.records[0].count == 198);
  CHECK(fine.records[0].occ_frac == Approx(0.1202478));
  CHECK((fine.records[0].flags & kMeanOfDays) != 0);
  series_request q;
  q.files = {folder / "counts_5min_morning_mean.csv"};
  q.reading = with("porto_5min.toml");
  q.net = read_network(folder / "porto_vci.net.xml");
  q.detectors = folder / "detectors.add.xml";
  count_series const s = load_series(q);
  CHECK(s.detectors.size() == 51);
  auto const placed = std::count_if(s.detectors.begin(), s.detectors.end(),
                                    [](detector_series const& d) { return d.match.edge.has_value(); });
  CHECK(placed >= 25);
  for (detector_series const& d : s.detectors) {
    if (d.key.site != "121726_0") continue;
    CHECK(q.net->edges.name[*d.match.edge] == "460986039");
    CHECK(d.lanes == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(d.match.pos_m == Approx(111.09));
  }
}

TEST_CASE("real counts: BO4Mob, an hour a file") {
  GEMEO_NEED_SHARED(folder, "bo4mob");
  std::size_t files = 0;
  for (auto const& f : fs::recursive_directory_iterator(folder / "sensor_data")) {
    if (!f.is_regular_file()) continue;
    ++files;
    auto const r = read_file(f.path(), with("bo4mob.toml"));
    CHECK_FALSE(r.records.empty());
    for (count_record const& c : r.records) CHECK(c.period_ms == 3600000);
  }
  CHECK(files == 63);
  auto const one = read_file(folder / "sensor_data/221008/gt_link_data_1ramp_221008_06-07.csv", with("bo4mob.toml"));
  CHECK(sum_of(one) == 465 + 840 + 816);
  CHECK(one.records[0].begin_ms == 1665234000000);
}

TEST_CASE("real counts: MIDAS loops, ASFINAG's pair and the examples of TrafficFlowObserved") {
  GEMEO_NEED_SHARED(folder, "formats");
  read_options o;
  o.period_s = 60;
  auto const midas = read_file(folder / "datex2_v2_midas/MIDAS_Loop_Traffic_Data_3793828281116175.xml", o);
  CHECK(midas.records.size() == 1752);  // 1,168 flows, 292 speeds, 292 occupancies; headways are not counts
  CHECK(midas.report.skipped == 292);
  CHECK(midas.report.supplier_errors > 0);
  CHECK(midas.key(0).source == "NTIS");
  count_catalog catalog;
  std::vector<count_record> records;
  auto const keep = [&](std::span<count_record const> b) { records.insert(records.end(), b.begin(), b.end()); };
  CHECK(read_counts(folder / "datex2_v2_asfinag/TrafficDataStaticExample.xml", {}, catalog, keep).sites == 1);
  read_counts(folder / "datex2_v2_asfinag/TrafficDataDynamicExample.xml", {}, catalog, keep);
  REQUIRE(records.size() == 3);
  std::map<std::string, count_record> by_class;
  for (count_record const& r : records) by_class[catalog.key(r.series).vclass] = r;
  CHECK(by_class[""].count == 180);
  CHECK(by_class[""].speed_kmh == 154);
  CHECK(by_class[""].occ_frac == 0.01F);
  CHECK(by_class["lorry"].count == 40);
  CHECK(by_class["car"].count == 140);
  CHECK(catalog.site("ASFINAG", "326290386")->lat_deg == Approx(46.4876175));
  for (char const* name : {"example.json", "example-normalized.json", "example.jsonld", "example-normalized.jsonld"}) {
    auto const r = read_file(folder / "ngsi/TrafficFlowObserved" / name, {});
    REQUIRE(r.records.size() == 1);
    CHECK(r.records[0].count == 197);
    CHECK(r.records[0].period_ms == 300000);
    CHECK(r.records[0].occ_frac == 0.76F);
  }
}
