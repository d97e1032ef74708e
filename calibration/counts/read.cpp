#include "calibration/counts/read.h"

#include <algorithm>
#include <array>

#include "calibration/counts/batch.h"
#include "calibration/counts/csv_stream.h"
#include "calibration/counts/store.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"

namespace gemeo {
namespace {

enum class file_kind { kCsv, kJson, kDatex, kSumo, kHdf5, kOtherXml };

// From the first letters; XML by its root's name.
file_kind kind_of(std::filesystem::path const& file) {
  std::array<char, 8192> head{};
  std::size_t n = 0;
  {
    text_source in(file);
    while (n < head.size()) {
      std::size_t const more = in.read(head.data() + n, head.size() - n);
      if (more == 0) break;
      n += more;
    }
  }
  std::string_view text(head.data(), n);
  if (text.substr(0, 4) == "\x89HDF") return file_kind::kHdf5;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::size_t const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) throw_input(file.string(), "is empty", "fetch it again");
  text.remove_prefix(first);
  if (text[0] == '{' || text[0] == '[') return file_kind::kJson;
  if (text[0] != '<') return file_kind::kCsv;
  while (!text.empty()) {
    std::size_t const open = text.find('<');
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 1);
    if (text.substr(0, 3) == "!--") {
      std::size_t const close = text.find("-->");
      text.remove_prefix(close == std::string_view::npos ? text.size() : close);
      continue;
    }
    if (text.empty() || text[0] == '?' || text[0] == '!') continue;
    std::string_view root = text.substr(0, text.find_first_of(" \t\r\n/>"));
    if (std::size_t const colon = root.find(':'); colon != std::string_view::npos) root.remove_prefix(colon + 1);
    if (root == "detector" || root == "meandata") return file_kind::kSumo;
    constexpr std::array<std::string_view, 6> kDatex = {"d2LogicalModel",     "messageContainer", "payload",
                                                        "payloadPublication", "d2Payload",        "Envelope"};
    return std::find(kDatex.begin(), kDatex.end(), root) != kDatex.end() ? file_kind::kDatex : file_kind::kOtherXml;
  }
  return file_kind::kOtherXml;
}

// A table with gemeo's own columns (data/cascais/counts.csv.gz) needs no mapping.
csv_mapping own_mapping(std::filesystem::path const& file, std::string const& time_zone) {
  csv_stream in(file, ',');
  std::vector<std::string> header;
  if (in.next()) header.assign(in.fields().begin(), in.fields().begin() + static_cast<std::ptrdiff_t>(in.count()));
  auto const has = [&](char const* name) { return std::find(header.begin(), header.end(), name) != header.end(); };
  if (!has("station") || !has("begin") || !has("period_s") || !has("count")) {
    throw_input(file.string(), "is a table whose columns are unknown",
                "--mapping M.toml says what they are (calibration/counts/FORMAT.md)");
  }
  std::string text =
      "source = \"counts\"\n[columns]\nsite = \"station\"\nbegin = \"begin\"\nperiod = \"period_s\"\n"
      "count = \"count\"\n";
  if (has("speed_kmh")) text += "speed = \"speed_kmh\"\n";
  if (has("occupancy_pct")) text += "occupancy = \"occupancy_pct\"\n[units]\noccupancy = \"%\"\n";
  csv_mapping m = parse_mapping(text, file);
  m.file = "a mapping (calibration/counts/FORMAT.md)";  // for remedies: the table itself has no keys
  m.time_zone = time_zone;
  return m;
}

}  // namespace

read_report read_counts(std::filesystem::path const& file, read_options const& o, count_catalog& catalog,
                        batch_sink const& sink) {
  read_report report;
  report.file = file;
  record_batch out(report, sink);
  switch (kind_of(file)) {
    case file_kind::kCsv:
      if (o.mapping) {
        read_csv_counts(file, o, catalog, out, report);
      } else {
        read_options own = o;
        own.mapping = std::make_shared<csv_mapping const>(own_mapping(file, o.time_zone));
        read_csv_counts(file, own, catalog, out, report);
      }
      break;
    case file_kind::kJson:
      read_ngsi_counts(file, o, catalog, out, report);
      break;
    case file_kind::kDatex:
      read_datex_counts(file, o, catalog, out, report);
      break;
    case file_kind::kSumo:
      read_sumo_counts(file, o, catalog, out, report);
      break;
    case file_kind::kHdf5:
      if (is_count_store(file))
        throw_input(file.string(), "is a store of counts, not a file from a detector",
                    "gemeo counts check and calibrations read it as it is");
      throw_input(file.string(), "is HDF5, but no store of counts",
                  "gemeo counts info says what is wrong with a store; results of gemeo run hold no counts");
    case file_kind::kOtherXml:
      throw_input(file.string(), "is XML, but neither DATEX II nor SUMO's detector output or edge data",
                  "files of counts begin with <d2LogicalModel>, <detector> or <meandata>");
  }
  out.flush();
  return report;
}

}  // namespace gemeo
