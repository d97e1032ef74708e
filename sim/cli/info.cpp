// gemeo info: what a result file holds and how its run went; for a folder, its runs and their means. --validate looks
// for damage.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/results/ensemble.h"
#include "sim/results/reader.h"
#include "sim/results/settle.h"

namespace gemeo::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct info_arguments {
  std::string path;
  bool as_json = false, validate = false, unlock = false, all_kpis = false, settings = false;
};

// "07:00", "25:30:05" after midnight; "-" without an end.
std::string clock(double s) {
  if (!std::isfinite(s)) return "-";
  auto const t = static_cast<long>(std::lround(s));
  std::string out = fmt::format("{:02}:{:02}", t / 3600, t / 60 % 60);
  if (t % 60 != 0) out += fmt::format(":{:02}", t % 60);
  return out;
}

std::string number(double v) {
  if (!std::isfinite(v)) return "-";
  if (v == std::floor(v) && std::abs(v) < 1e15) return fmt::format("{:.0f}", v);
  return std::abs(v) >= 1000 ? fmt::format("{:.0f}", v) : fmt::format("{:.4g}", v);
}

json finite(double v) { return std::isfinite(v) ? json(v) : json(nullptr); }

std::string share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole)) : "-";
}

char const* state_of(result_file const& r, run_summary const& s) {
  if (s.complete) return "complete";
  return r.growing() ? "still running, or killed" : "ended early";
}

json describe(result_file const& r, std::vector<std::string> const* problems) {
  run_description const d = r.description();
  run_summary const s = r.summary();
  json kpis = json::array();
  for (kpi_row const& k : r.kpis()) {
    kpis.push_back(
        {{"name", k.name}, {"unit", k.unit}, {"group", k.group}, {"key", k.key}, {"value", finite(k.value)}});
  }
  edge_series const axis = r.edge_intervals();
  json j = {{"file", r.path().string()},
            {"scenario", d.scenario_name},
            {"title", d.scenario_title},
            {"engine", d.engine},
            {"engine_version", d.engine_version},
            {"software_version", d.software_version},
            {"commit", d.commit},
            {"attribution", d.attribution},
            {"caution", d.caution},
            {"time_zone", d.time_zone},
            {"seed", d.seed},
            {"threads", d.threads},
            {"begin_s", finite(d.begin_s)},
            {"end_s", finite(d.end_s)},
            {"step_s", finite(d.step_s)},
            {"interval_s", finite(d.interval_s)},
            {"warm_up_s", finite(d.warm_up_s)},
            {"network_hash", to_hex(d.network_hash)},
            {"demand_hash", to_hex(d.demand_hash)},
            {"input_hash", to_hex(d.input_hash)},
            {"settings", d.effective_config},
            {"complete", s.complete},
            {"growing", r.growing()},
            {"time_s", finite(s.total.time_s)},
            {"wall_s", finite(s.wall_s)},
            {"cpu_s", finite(s.cpu_s)},
            {"peak_rss_bytes", s.peak_rss_bytes},
            {"ticks", s.total.tick},
            {"vehicle_updates", s.total.vehicle_updates},
            {"loaded", s.total.loaded},
            {"departed", s.total.departed},
            {"arrived", s.total.arrived},
            {"running", s.total.running},
            {"backlog", s.total.backlog},
            {"teleports", s.total.teleports},
            {"frame_hash", to_hex(s.frame_hash)},
            {"edges", axis.edges},
            {"intervals", axis.begin_s.size()},
            {"edge_quantities", r.edge_quantities()},
            {"trips", r.trips().size()},
            {"trajectory_steps", r.trajectory_steps()},
            {"file_bytes", fs::file_size(r.path())},
            {"kpis", kpis}};
  if (problems != nullptr) j["problems"] = *problems;
  return j;
}

void print_run(result_file const& r, bool all_kpis) {
  run_description const d = r.description();
  run_summary const s = r.summary();
  counters const& c = s.total;
  auto const line = [](char const* what, std::string const& value) { fmt::print("  {:<12} {}\n", what, value); };
  fmt::print("{}\n", r.path().string());
  line("scenario", d.scenario_title.empty() ? d.scenario_name : d.scenario_name + ": " + d.scenario_title);
  if (!d.caution.empty()) line("caution", d.caution);
  line("state", state_of(r, s));
  line("seed", std::to_string(d.seed));
  line("engine", fmt::format("{} {}; gemeo {} ({})", d.engine, d.engine_version, d.software_version, d.commit));
  edge_series const axis = r.edge_intervals();
  line("window", fmt::format("{} to {}, {} intervals of {} s, warm-up {} s", clock(d.begin_s), clock(d.end_s),
                             axis.begin_s.size(), number(d.interval_s), number(d.warm_up_s)));
  line("network",
       fmt::format("{} edges, those inside junctions included; hash {}", axis.edges, to_hex(d.network_hash)));
  line("vehicles", fmt::format("{} departed, {} arrived, {} still driving, {} never inserted ({})", c.departed,
                               c.arrived, c.running, c.backlog, share(c.backlog, c.departed + c.backlog)));
  line("teleports", fmt::format("{} ({}); jam {}, no gap {}, wrong lane {}; {} collisions", c.teleports,
                                share(c.teleports, c.departed), c.teleports_jam, c.teleports_yield,
                                c.teleports_wrong_lane, c.collisions));
  line("holds", fmt::format("{} trips, {} detector intervals, {} trajectory steps, {} bytes", r.trips().size(),
                            r.detectors().size(), r.trajectory_steps(), fs::file_size(r.path())));
  line("cost", fmt::format("{} s wall, {} s CPU, {} MB", number(s.wall_s), number(s.cpu_s), s.peak_rss_bytes >> 20U));
  line("frame hash", to_hex(s.frame_hash));
  auto const kpis = r.kpis();
  if (kpis.empty()) return;
  fmt::print("indicators (modelled)\n");
  for (kpi_row const& k : kpis) {
    if (!all_kpis && k.group != "all") continue;
    std::string const of = k.group == "all" ? "" : k.group + " " + k.key;
    fmt::print("  {:<28} {:>12} {:<8} {}\n", k.name, number(k.value), k.unit == "1" ? "" : k.unit, of);
  }
}

void print_ensemble(fs::path const& file, ensemble_summary const& e, bool all_kpis) {
  fmt::print("{}\n  {:<12} {}\n  {:<12} {}\n", file.string(), "scenario",
             e.scenario_title.empty() ? e.scenario_name : e.scenario_name + ": " + e.scenario_title, "runs",
             e.seeds.size());
  fmt::print("indicators (modelled), mean over runs and half the width of its 95 % interval\n");
  for (ensemble_kpi const& k : e.kpis) {
    if (!all_kpis && k.group != "all") continue;
    std::string const of = k.group == "all" ? "" : k.group + " " + k.key;
    fmt::print("  {:<28} {:>12} +- {:<10} {:<8} {}\n", k.name, number(k.mean), number(k.ci95_half_width),
               k.unit == "1" ? "" : k.unit, of);
  }
}

json describe(fs::path const& file, ensemble_summary const& e) {
  json kpis = json::array();
  for (ensemble_kpi const& k : e.kpis) {
    kpis.push_back({{"name", k.name},
                    {"unit", k.unit},
                    {"group", k.group},
                    {"key", k.key},
                    {"runs", k.runs},
                    {"mean", finite(k.mean)},
                    {"sd", finite(k.sd)},
                    {"ci95_half_width", finite(k.ci95_half_width)}});
  }
  return {{"file", file.string()},     {"scenario", e.scenario_name},
          {"title", e.scenario_title}, {"seeds", e.seeds},
          {"files", e.files},          {"kpis", kpis}};
}

std::vector<fs::path> results_in(fs::path const& folder) {
  std::vector<fs::path> out;
  for (auto const& entry : fs::directory_iterator(folder)) {
    std::string const name = entry.path().filename().string();
    bool const result = name.ends_with(".h5") || name.ends_with(".h5.partial");
    if (entry.is_regular_file() && result) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  if (out.empty())
    throw_input(folder.string(), "holds no result file (NAME.h5)", "name a result file, or a folder of runs");
  return out;
}

int problems_found(fs::path const& file, std::vector<std::string> const& problems) {
  for (std::string const& p : problems) say(fmt::format("gemeo: {}: {}\n", file.string(), p));
  return problems.empty() ? 0 : 2;
}

int info_of_file(info_arguments const& a, fs::path const& file) {
  if (is_ensemble(file)) {
    if (a.validate || a.settings)
      throw_usage(file.string() + " is a summary of runs, without settings or data of its own",
                  "name the file of a run");
    ensemble_summary const e = read_ensemble(file);
    if (a.as_json)
      fmt::print("{}\n", print_json(describe(file, e), bad_utf8::kThrows));
    else
      print_ensemble(file, e, a.all_kpis);
    return 0;
  }
  result_file const r(file);
  if (a.settings) {
    std::string text = r.description().effective_config;
    if (text.empty()) throw_usage(file.string() + " is of a SUMO configuration, which has no settings of its own");
    for (char& c : text) c = static_cast<unsigned char>(c) < ' ' && c != '\n' ? '?' : c;  // of a file from anywhere
    fmt::print("{}", text);
    return 0;
  }
  std::vector<std::string> problems;
  if (a.validate) problems = r.validate();
  if (a.as_json) {
    fmt::print("{}\n", print_json(describe(r, a.validate ? &problems : nullptr), bad_utf8::kThrows));
    return problems.empty() ? 0 : 2;
  }
  if (!problems.empty()) return problems_found(file, problems);
  print_run(r, a.all_kpis);
  if (a.validate) fmt::print("sound: nothing is missing or out of range\n");
  return 0;
}

// One row a run. A file that cannot be read is a row too, and decides the exit code.
int info_of_folder(info_arguments const& a, fs::path const& folder) {
  int code = 0;
  std::vector<fs::path> ensembles;
  std::size_t unfinished = 0;
  if (!a.as_json) {
    fmt::print("{:<28} {:<12} {:>8} {:>10} {:>10} {:>10} {:>10} {:>9}\n", "file", "state", "seed", "departed",
               "arrived", "teleports", "waiting", "wall");
  }
  for (fs::path const& file : results_in(folder)) {
    if (is_ensemble(file)) {
      ensembles.push_back(file);
      continue;
    }
    try {
      if (a.as_json || a.validate) {
        info_arguments quiet = a;
        quiet.as_json = true;
        if (a.as_json) {
          code = std::max(code, info_of_file(quiet, file));
          continue;
        }
        code = std::max(code, problems_found(file, result_file(file).validate()));
      }
      result_file const r(file);
      run_summary const s = r.summary();
      unfinished += s.complete ? 0 : 1;
      fmt::print("{:<28} {:<12} {:>8} {:>10} {:>10} {:>10} {:>10} {:>7} s\n", file.filename().string(),
                 s.complete    ? "complete"
                 : r.growing() ? "growing"
                               : "ended early",
                 r.description().seed, s.total.departed, s.total.arrived, share(s.total.teleports, s.total.departed),
                 share(s.total.backlog, s.total.departed + s.total.backlog), number(s.wall_s));
    } catch (error const& e) {
      say(fmt::format("gemeo: {}\n", e.what()));
      code = std::max(code, e.exit_code());
    }
  }
  info_arguments plain = a;
  plain.validate = false;  // the runs it is a summary of have been read
  for (fs::path const& e : ensembles) code = std::max(code, info_of_file(plain, e));
  if (a.validate && code == 0 && !a.as_json) {
    fmt::print("sound: nothing is missing or out of range{}\n",
               unfinished > 0 ? fmt::format("; {} of the runs did not reach the end", unfinished) : "");
  }
  return code;
}

int run_info(info_arguments const& a) {
  fs::path const path(a.path);
  std::error_code ec;
  if (a.unlock) {
    unlock_result(path);
    if (!a.as_json) fmt::print("{}: opens with any HDF5 program now\n", path.string());
    return 0;
  }
  if (a.settings && fs::is_directory(path, ec))
    throw_usage("--settings: " + path.string() + " is a folder", "name the file of a run");
  return fs::is_directory(path, ec) ? info_of_folder(a, path) : info_of_file(a, path);
}

}  // namespace

action setup_info(option_set const& app) {
  auto a = std::make_shared<info_arguments>();
  app.add("path", a->path, "a result file, the file of an ensemble, or a folder of runs")
      .required()
      .type("FILE|FOLDER");
  auto const as_json = app.add_flag("--json", a->as_json, "one JSON object a file, its settings included");
  auto const validate = app.add_flag(
      "--validate", a->validate, "read everything and report what is missing, damaged or out of range (exit code 2)");
  app.add_flag("--all", a->all_kpis, "indicators by zone, mode, purpose, hour, approach and line too");
  app.add_flag("--settings", a->settings, "the scenario as it was run: every key, after inheritance and --set")
      .excludes(as_json)
      .excludes(validate);
  app.add_flag("--unlock", a->unlock,
               "make the file of a killed run open for programs that do not read growing HDF5 files");
  return [a] { return run_info(*a); };
}

}  // namespace gemeo::cli
