// Any text as a file of counts: refused with an error(kInput), or its records can be used: periods longer than nothing,
// counts that are absent or not negative, names in the catalog, verdicts for every record. The first byte says what the
// rest is: c a CSV file by a fixed mapping, m a mapping for a fixed CSV file, x XML (DATEX II, SUMO), j JSON (NGSI), s
// a store, l a list of detectors, p places that a person confirmed.
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "calibration/counts/match.h"
#include "calibration/counts/quality.h"
#include "calibration/counts/read.h"
#include "calibration/counts/store.h"
#include "sim/core/error.h"
#include "tests/fuzz/must.h"
#include "tests/fuzz/town.h"

namespace {

namespace fs = std::filesystem;

constexpr char const* kMapping = R"(source = "fuzz"
time_zone = "Europe/Lisbon"
delimiter = ";"
decimal = ","
period_s = 900
[columns]
site = "{id}/{dir}"
lane = "lane"
begin = "t"
count = "n"
speed = "v"
occupancy = "o"
lat_lon = "at"
[patterns]
datetime = "%d/%m/%Y %H:%M"
[values.dir]
N = "north"
S = "south"
[units]
occupancy = "%"
)";
constexpr char const* kCsv =
    "id,t,n,01:00-02:00\na,2024-10-27T01:30,5,7\na,2024-10-27T01:30,6,-1\n\"b\",2024-03-31T01:30,,8\n";

class scratch {
 public:
  scratch() : folder_(fs::temp_directory_path() / ("counts_fuzz_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~scratch() {
    std::error_code ec;
    fs::remove_all(folder_, ec);
  }
  scratch(scratch const&) = delete;
  scratch& operator=(scratch const&) = delete;
  [[nodiscard]] fs::path write(char const* name, std::string_view text) const {
    std::ofstream out(folder_ / name, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    must(out.flush().good(), "the scratch folder cannot be written");
    return folder_ / name;
  }

 private:
  fs::path folder_;
};

void check_records(std::vector<gemeo::count_record> const& records, gemeo::count_catalog const& catalog) {
  using namespace gemeo;
  for (count_record const& c : records) {
    must(c.period_ms > 0 && c.begin_ms != kNoTime, "a record of no time");
    must(std::isnan(c.count) || c.count >= 0, "a negative count");
    must(std::isnan(c.occ_frac) || (c.occ_frac >= 0 && c.occ_frac <= 1), "an occupancy outside 0..1");
    must(c.series < catalog.size(), "a record of nobody");
  }
}

void store(fs::path const& file) {
  using namespace gemeo;
  count_catalog catalog;
  std::vector<count_record> records;
  store_summary const told = summarise_store(file);
  must(told.first_ms <= told.last_ms || told.records == 0, "a store that ends before it begins");
  read_store(file, 0, 0, catalog,
             [&](std::span<count_record const> b) { records.insert(records.end(), b.begin(), b.end()); });
  check_records(records, catalog);
}

// A list of detectors, or of confirmed places, for two sites of which the counts say nothing else.
void places(fs::path const& file, bool confirmed, scratch const& s) {
  using namespace gemeo;
  static std::shared_ptr<network const> const read = read_network(s.write("net.net.xml", gemeo::test::kNet));
  network const& net = *read;
  count_catalog catalog;
  for (char const* site : {"d1", "d2"}) {
    detector_key k;
    k.source = "fuzz";
    k.site = site;
    (void)catalog.intern(k);
  }
  match_options o;
  if (!confirmed) o.detectors = read_detectors(file);
  std::vector<site_match> matches = match_sites(catalog, net, o);
  if (confirmed) read_matches(file, net, matches);
  must(matches.size() == 2, "a place of no site");
  for (site_match const& m : matches) {
    must(m.confidence >= 0 && m.confidence <= 1, "a confidence outside 0..1");
    if (!m.edge) continue;
    must(m.edge->index() < net.edge_count(), "a place on no edge");
    must(!m.lanes.empty(), "a place on no lane");
    for (std::uint32_t const lane : m.lanes)
      must(lane < net.edges.lanes[*m.edge].size(), "a lane that the edge has not");
    must(!(m.pos_m > net.length_m(*m.edge)), "a place behind the edge's end");
  }
}

void use(char kind, std::string_view text) {
  using namespace gemeo;
  static scratch const s;
  if (kind == 's') return store(s.write("x.h5", text));
  if (kind == 'l' || kind == 'p') return places(s.write("x.csv", text), kind == 'p', s);
  read_options o;
  o.period_s = 60;
  fs::path file;
  if (kind == 'c') {
    o.mapping = std::make_shared<csv_mapping const>(parse_mapping(kMapping, "m.toml"));
    file = s.write("x.csv", text);
  } else if (kind == 'm') {
    o.mapping = std::make_shared<csv_mapping const>(parse_mapping(text, "m.toml"));
    file = s.write("x.csv", kCsv);
  } else if (kind == 'x' || kind == 'j') {
    file = s.write("x", text);
  } else {
    return;
  }
  count_catalog catalog;
  std::vector<count_record> records;
  read_report const r = read_counts(
      file, o, catalog, [&](std::span<count_record const> b) { records.insert(records.end(), b.begin(), b.end()); });
  must(r.records == records.size(), "records that were not handed over");
  check_records(records, catalog);
  quality_report const q =
      assess(std::move(records), catalog, local_clock("Europe/Lisbon", "fuzz"), [](std::uint32_t) { return 1; });
  must(q.ok.size() == q.records.size(), "a record without a verdict");
  for (std::size_t i = 0; i < q.records.size(); ++i) {
    must(q.find(q.detector[i], q.day[i]) != nullptr, "a day without a verdict");
    must(q.ok[i] == 0 || std::isfinite(q.records[i].count), "a count that is absent and good");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  return refuse_or_use(data, size, use);
}
