#include "calibration/job/job.h"

#include <fmt/core.h>

#include <algorithm>

#include "calibration/counts/local_time.h"
#include "calibration/job/observed.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/document.h"
#include "sim/scenario/key_text.h"
#include "sim/scenario/table_reader.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxJobBytes = 1U << 20U;

void mark(doc_value& v, std::string const& assignment) {
  v.set = assignment;
  v.file = nullptr;
  for (doc_value& e : v.list) mark(e, assignment);
  for (auto& [key, e] : v.table) mark(e, assignment);
}

std::string trimmed(std::string_view s) {
  std::size_t const begin = s.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : std::string(s.substr(begin, s.find_last_not_of(" \t") - begin + 1));
}

// What is no TOML value is a text: --set split.corridors=station.
doc_value value_of(std::string const& raw) {
  try {
    doc_value root = parse_document("v = " + raw, "--set");
    if (root.table.size() == 1) return std::move(root.table[0].value);
  } catch (error const&) {  // a text then
  }
  doc_value v;
  v.what = doc_value::kind::kText;
  v.text = raw;
  return v;
}

void apply_job_set(doc_value& root, std::string const& assignment) {
  std::size_t const equals = assignment.find('=');
  if (equals == std::string::npos)
    throw_usage(fmt::format("--set {}: no '='", assignment), "e.g. --set fit.iterations=3");
  std::string const path = trimmed(std::string_view(assignment).substr(0, equals));
  doc_value v = value_of(trimmed(std::string_view(assignment).substr(equals + 1)));
  mark(v, assignment);
  std::size_t const dot = path.find('.');
  if (dot == std::string::npos) {
    root.put(path, std::move(v));
    return;
  }
  std::string const section = path.substr(0, dot);
  if (root.find(section) == nullptr) {
    doc_value table;
    mark(table, assignment);
    root.put(section, std::move(table));
  }
  doc_value* const t = root.find(section);
  if (t->what != doc_value::kind::kTable) throw_input(t->where(), fmt::format("[{}] must be a table of keys", section));
  t->put(path.substr(dot + 1), std::move(v));
}

fs::path found(doc_value const& from, std::string const& name, char const* key) {
  fs::path const file = from.folder() / name;
  std::error_code ec;
  if (fs::is_regular_file(file, ec)) return file;
  if (!name.empty() && fs::is_directory(file, ec))
    throw_input(from.where(), fmt::format("'{}': {} is a folder, not a file", key, file.string()),
                "name the file inside it");
  bool const other = !name.empty() && fs::exists(file, ec);
  throw_input(from.where(), fmt::format("'{}': {} {}", key, other ? "is no plain file:" : "no file", file.string()),
              from.set.empty() ? "paths start from the job's folder" : "paths of --set start from here");
}

doc_value const& key_of(doc_value const& root, char const* section, char const* key) {
  doc_value const* const t = root.find(section);
  doc_value const* const v = t == nullptr ? nullptr : t->find(key);
  return v != nullptr ? *v : t != nullptr ? *t : root;
}

void find_files(doc_value const& root, calibration_job& j) {
  j.base_file = found(*root.find("base"), j.base, "base");
  doc_value const& files = key_of(root, "counts", "files");
  for (std::string const& f : j.counts.files) j.files.push_back(found(files, f, "files"));
  if (!j.counts.mapping.empty()) j.mapping = found(key_of(root, "counts", "mapping"), j.counts.mapping, "mapping");
  if (!j.counts.detectors.empty())
    j.detectors = found(key_of(root, "counts", "detectors"), j.counts.detectors, "detectors");
  if (!j.prior.zone_trips.empty())
    j.zone_trips = found(key_of(root, "prior", "zone_trips"), j.prior.zone_trips, "zone_trips");
  if ((j.prior.trust == "zones") != !j.prior.zone_trips.empty())
    throw_input(key_of(root, "prior", j.prior.trust == "zones" ? "trust" : "zone_trips").where(),
                "[prior] trust = \"zones\" and zone_trips = \"FILE.csv\" go together");
  if (!j.journeys.file.empty()) j.journeys_file = found(key_of(root, "journeys", "file"), j.journeys.file, "file");
  if (!j.counts.matches.empty()) j.matches = found(key_of(root, "counts", "matches"), j.counts.matches, "matches");
}

// Whatever is wrong with a date or the clock is told with its line, and before networks and counts are read.
void check_days(doc_value const& root, calibration_job const& j) {
  (void)parse_days(j.counts.days, key_of(root, "counts", "days").where() + ": [counts] days");
  (void)parse_days(j.counts.held_out_days,
                   key_of(root, "counts", "held_out_days").where() + ": [counts] held_out_days");
  if (!j.counts.time_zone.empty())
    local_clock const check(j.counts.time_zone, key_of(root, "counts", "time_zone").where() + ": [counts] time_zone");
}

void check_windows(doc_value const& root, calibration_job const& j) {
  auto const after = [&](char const* section, std::optional<clock_time> b, std::optional<clock_time> e) {
    if (b && e && e->s <= b->s)
      throw_input(key_of(root, section, "end").where(), fmt::format("[{}] 'end' is not after 'begin'", section));
  };
  after("counts", j.counts.begin, j.counts.end);
  after("demand", j.demand.begin, j.demand.end);
}

void check_supply(doc_value const& root, calibration_job const& j) {
  if (j.supply.wanted() && j.fit.iterations < 2)
    throw_input(key_of(root, "fit", "iterations").where(),
                "[supply] needs a fit of the demand, and [fit] 'iterations' is 1", "iterations = 2 at least");
  for (auto const& [key, bounds] : {std::pair("tau", j.supply.tau),
                                    {"speed_factor", j.supply.speed_factor},
                                    {"min_gap", j.supply.min_gap},
                                    {"sigma", j.supply.sigma}}) {
    if (!bounds.empty() && (bounds.size() != 2 || !(bounds[0] < bounds[1])))
      throw_input(key_of(root, "supply", key).where(),
                  fmt::format("[supply] '{}' must be two numbers, the lower first", key),
                  fmt::format("{} = [0.8, 1.3]", key));
  }
}

void check_members(doc_value const& root, calibration_job const& j) {
  if (j.fit.refits == 0) return;
  if (j.fit.refits == 1)
    throw_input(key_of(root, "fit", "refits").where(), "[fit] 'refits' is 1", "0: none; else 2 at least, better 30");
  if (j.fit.iterations < 2)
    throw_input(key_of(root, "fit", "refits").where(), "[fit] 'refits' needs a fit, and 'iterations' is 1",
                "2 at least: the first simulation has the prior");
}

}  // namespace

calibration_job read_job(fs::path const& file, std::vector<std::string> const& set) {
  calibration_job j;
  j.file = file;
  j.text = read_text_file(file, kMaxJobBytes);
  doc_value root = parse_document(j.text, file);
  for (std::string const& s : set) apply_job_set(root, s);
  table_reader top(root, "the calibration");
  j.visit(top);
  j.each_section([&](char const* name, auto& section) { top.section(name, section); });
  top.finish();
  find_files(root, j);
  check_days(root, j);
  check_windows(root, j);
  check_members(root, j);
  check_supply(root, j);
  return j;
}

std::string print_job(calibration_job const& job) {
  calibration_job j = job;
  key_printer p;
  j.visit(p);
  j.each_section([&](char const* name, auto& section) {
    p.out += fmt::format("\n[{}]\n", name);
    section.visit(p);
  });
  return std::move(p.out);
}

std::string job_reference() {
  calibration_job j;
  std::string out =
      "# Calibrations\n\nGenerated from the code by `gemeo calibrate --format`; a test fails when this page and the "
      "code differ.\n\n"
      "A calibration is one TOML file: `gemeo calibrate FILE -o FOLDER [--set SECTION.KEY=VALUE]`. Paths start from "
      "the file's folder.\n\n## The file itself\n\n";
  key_documenter top;
  j.visit(top);
  out += top.out;
  j.each_section([&](char const* name, auto& section) {
    key_documenter d;
    section.visit(d);
    out += fmt::format("\n## [{}]\n\n{}", name, d.out);
  });
  return out;
}

}  // namespace gemeo
