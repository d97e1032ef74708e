// gemeo export: a result file as CSV, GeoJSON or SUMO's edgedata XML.
#include "sim/results/export.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/results/reader.h"

namespace gemeo::cli {
namespace {

struct export_arguments {
  std::string file, output, from, to;
  export_options options;
};

// "07:30", "07:30:00" or seconds since midnight.
double parse_time(std::string const& text, char const* option) {
  auto const colons = std::count(text.begin(), text.end(), ':');
  auto const t = parse_time_s(colons == 1 ? text + ":00" : text);
  if (!t || *t < 0)
    throw_usage(fmt::format("{} {} is no time", option, text), "write a time of day, for example 07:30, or seconds");
  return *t;
}

int run_export(export_arguments a) {
  if (!a.from.empty()) a.options.from_s = parse_time(a.from, "--from");
  if (!a.to.empty()) a.options.to_s = parse_time(a.to, "--to");
  if (a.options.from_s >= 0 && a.options.to_s >= 0 && a.options.to_s <= a.options.from_s)
    throw_usage("--to is not after --from");
  result_file const r(a.file);
  std::size_t const rows = export_result(r, a.options, a.output);
  if (a.output != "-") fmt::print("{}: {} {}\n", a.output, rows, a.options.format == "geojson" ? "features" : "rows");
  return 0;
}

}  // namespace

action setup_export(option_set const& app) {
  auto a = std::make_shared<export_arguments>();
  app.add("file", a->file, "a result file").required().type("FILE");
  app.add("--format", a->options.format, "csv, geojson (WGS 84) or sumo-edgedata").required();
  app.add("--what", a->options.what, "edges, trips, rides, kpi, detectors, areas, stops, network, trajectories or log")
      .show_default();
  app.add("-o,--output", a->output, "file to write, gzip where it ends in .gz; - for standard output").required();
  app.add("--from", a->from, "only what begins at this time of day or later");
  app.add("--to", a->to, "only what begins before this time of day");
  return [a] { return run_export(*a); };
}

}  // namespace gemeo::cli
