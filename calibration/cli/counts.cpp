// gemeo counts check|import|info: what files of counts hold and whether it may be believed; a store of them.
#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "calibration/cli/verbs.h"
#include "calibration/counts/read.h"
#include "calibration/counts/time_text.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"

namespace gemeo::cli {
namespace {

namespace fs = std::filesystem;

struct counts_arguments {
  std::vector<std::string> files;
  std::string mapping, source, day, time_zone = "UTC";
  double period_s = 0;
};

read_options options_of(counts_arguments const& a) {
  read_options o;
  if (!a.mapping.empty()) o.mapping = std::make_shared<csv_mapping const>(read_mapping(a.mapping));
  o.source = a.source;
  o.period_s = a.period_s;
  o.time_zone = a.time_zone;
  if (!a.day.empty()) {
    auto const d = scan_iso(a.day);
    if (!d || !d->date || d->time_s) throw_usage(fmt::format("--day {}: not a date", a.day), "2024-11-04");
    o.day = d->date;
  }
  return o;
}

void add_reading(option_set const& app, counts_arguments& a) {
  app.add("files", a.files, "CSV, DATEX II, NGSI TrafficFlowObserved, SUMO's loop output or edge data")
      .required()
      .type("FILE...");
  app.add("--mapping", a.mapping, "what the columns of CSV files are (calibration/counts/FORMAT.md)").type("M.toml");
  app.add("--source", a.source, "the feed's name, instead of what file or mapping say").type("NAME");
  app.add("--period", a.period_s, "seconds of a value where the file says none").type("S");
  app.add("--day", a.day, "the day of SUMO's outputs").type("YYYY-MM-DD");
  app.add("--time-zone", a.time_zone, "of SUMO's outputs, and of times without one").type("ZONE");
}

int run_check(counts_arguments const& a) {
  read_options const o = options_of(a);
  count_catalog catalog;
  for (std::string const& f : a.files) {
    read_report const r = read_counts(f, o, catalog, [](std::span<count_record const>) {});
    fmt::print("{}: {}, {} records, {} to {}\n", f, r.kind, r.records, r.records > 0 ? utc_text(r.first_ms) : "-",
               r.records > 0 ? utc_text(r.last_ms) : "-");
  }
  return 0;
}

}  // namespace

action setup_counts(option_set const& app) {
  auto a = std::make_shared<counts_arguments>();
  option_set const check = app.add_verb("check", "say of each detector and day whether its counts may be believed");
  add_reading(check, *a);
  return [a]() -> int { return run_check(*a); };
}

}  // namespace gemeo::cli
