#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/results/reader.h"
#include "sim/run/run.h"
#include "sim/run/trip_totals.h"

namespace gemeo {

namespace {
// JSON knows no NaN; null says "no value".
nlohmann::ordered_json number(double v) {
  return std::isfinite(v) ? nlohmann::ordered_json(v) : nlohmann::ordered_json(nullptr);
}
}  // namespace

std::string to_json(run_report const& r) {
  run_summary const& s = r.summary;
  nlohmann::ordered_json j;
  j["scenario"] = r.description.scenario_name;
  j["engine"] = r.description.engine;
  j["seed"] = r.description.seed;
  j["threads"] = r.description.threads;
  j["wall_s"] = number(s.wall_s);
  j["cpu_s"] = number(s.cpu_s);
  j["peak_rss_bytes"] = s.peak_rss_bytes;
  j["ticks"] = s.total.tick;
  j["vehicle_updates"] = s.total.vehicle_updates;
  j["departed"] = s.total.departed;
  j["arrived"] = s.total.arrived;
  j["running"] = s.total.running;
  j["backlog"] = s.total.backlog;
  j["teleports"] = s.total.teleports;
  j["mean_duration_s"] = number(r.mean_duration_s);
  j["mean_time_loss_s"] = number(r.mean_time_loss_s);
  j["mean_speed_mps"] = number(r.mean_speed_mps);
  j["total_distance_m"] = number(r.total_distance_m);
  j["frame_hash"] = to_hex(s.frame_hash);
  j["complete"] = s.complete;
  for (kpi_row const& k :
       r.kpis) {  // what qualifies every figure: shares of trips teleported, never inserted, unfinished
    if (k.group == "all" && k.name.starts_with("share_")) j[k.name] = number(k.value);
  }
  j["result_file"] = r.result_file.string();
  // Text of a scenario may hold bytes that are no UTF-8; they must not end a finished run.
  return print_json(j);
}

run_report report_of(std::filesystem::path const& file) {
  result_file const f(file);
  run_report r;
  r.description = f.description();
  r.summary = f.summary();
  r.kpis = f.kpis();
  r.result_file = file;
  trip_totals totals;
  totals.add(f.trips());
  totals.report(r);
  return r;
}

}  // namespace gemeo
