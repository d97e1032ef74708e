// Any text as a file of counts: refused with an error(kInput), or its records can be used: periods longer than nothing,
// counts that are absent or not negative, names in the catalog, verdicts for every record. The first byte says what the
// rest is: c a CSV file by a fixed mapping, m a mapping for a fixed CSV file, x XML (DATEX II, SUMO), j JSON (NGSI).
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

#include "calibration/counts/quality.h"
#include "calibration/counts/read.h"
#include "sim/core/error.h"
#include "tests/fuzz/must.h"

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

void use(char kind, std::string_view text) {
  using namespace gemeo;
  static scratch const s;
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
  for (count_record const& c : records) {
    must(c.period_ms > 0 && c.begin_ms != kNoTime, "a record of no time");
    must(std::isnan(c.count) || c.count >= 0, "a negative count");
    must(std::isnan(c.occ_frac) || (c.occ_frac >= 0 && c.occ_frac <= 1), "an occupancy outside 0..1");
    must(c.series < catalog.size(), "a record of nobody");
  }
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
  if (size == 0) return 0;
  try {
    use(static_cast<char>(data[0]), {reinterpret_cast<char const*>(data) + 1, size - 1});
  } catch (gemeo::error const& e) {
    must(e.exit_code() == 2 && e.problem().size() > 3, "an error without a message, or of the wrong kind");
  }
  return 0;
}
