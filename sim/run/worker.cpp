#include "sim/run/worker.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/core/process.h"

namespace gemeo {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMessageLines = 12;  // of a dead worker's last words

error_kind kind_of(std::string const& s) {
  return s == "usage" ? error_kind::kUsage : s == "input" ? error_kind::kInput : error_kind::kRun;
}

// SUMO says "Error: ..." and then "Quitting (on error)."; without such a line the last lines must do.
std::string last_words(std::string const& printed) {
  std::vector<std::string> lines, errors;
  std::string line;
  bool in_error = false;
  for (char const c : printed + "\n") {
    if (c != '\n' && c != '\r') {
      line += c;
      continue;
    }
    if (line.find_first_not_of(' ') == std::string::npos) line.clear();
    if (line.empty()) continue;
    bool const warning = line.starts_with("Warning:") || line.starts_with("Quitting");
    in_error = line.starts_with("Error:") || (in_error && line.starts_with(" "));
    if (in_error) errors.push_back(line);
    if (!warning) lines.push_back(line);
    line.clear();
  }
  auto const& from = errors.empty() ? lines : errors;
  std::string all;
  for (std::size_t i = from.size() > kMessageLines ? from.size() - kMessageLines : 0; i < from.size(); ++i) {
    std::size_t const text = from[i].find_first_not_of(' ');
    all += (all.empty() ? "" : " | ") + from[i].substr(text);
  }
  return all;
}

std::string explain_death(process_result const& p) {
  std::string why = "its worker process was ended by " + describe(p);
  if (p.signal == 0) why = "its worker process left with " + describe(p) + " before the run was over";
  if (p.signal == SIGKILL) why += "; the system does this when memory runs out: use fewer workers at a time (-j)";
  if (p.signal == SIGXFSZ) why += "; a file reached the size limit (ulimit -f)";
  std::string const words = last_words(p.error_output + p.output);
  return words.empty() ? why : why + "; its last words: " + words;
}

// Reads the lines of the channel as they come.
class listener {
 public:
  explicit listener(std::function<void(worker_progress const&)> const& progress) : progress_(progress) {}

  void hear(std::string_view line) {
    json j;
    try {
      j = parse_ordered_json(line);
    } catch (json::exception const&) {
    }
    if (!j.is_object()) return;  // cut by the worker's death
    if (j.contains("progress")) tell(j["progress"]);
    if (j.contains("caution")) outcome_.caution = j["caution"].get<std::string>();
    if (j.contains("note")) outcome_.notes.push_back(j["note"].get<std::string>());
    if (j.contains("report")) report_ = j["report"];
    if (j.contains("error")) {
      failed_ = true;
      outcome_.kind = kind_of(j["error"]["kind"].get<std::string>());
      outcome_.message = j["error"]["message"].get<std::string>();
    }
  }

  worker_outcome judge(process_result const& p, bool asked_to_stop) {
    if (!report_.is_null()) {
      bool const complete = report_["complete"].get<bool>();
      outcome_.how = complete ? worker_outcome::state::kDone : worker_outcome::state::kInterrupted;
      report_["cpu_s"] = p.cpu_s;  // the whole worker, start and end included
      report_["peak_rss_bytes"] = p.peak_rss_bytes;
      outcome_.report = print_json(report_, bad_utf8::kThrows);
      if (!p.ok() && complete) outcome_.notes.push_back("the run is complete, but " + explain_death(p));
    } else if (failed_) {
      outcome_.how = worker_outcome::state::kFailed;
    } else if (asked_to_stop) {
      outcome_.how = worker_outcome::state::kInterrupted;
      outcome_.message = stage_ == "simulating" ? "ended at once, in the middle of the simulation: no result"
                         : stage_.starts_with("equilibrium") ? "interrupted while the equilibrium was sought: no result"
                                                             : "interrupted before the simulation began";
    } else {
      outcome_.message = explain_death(p);
    }
    return std::move(outcome_);
  }

 private:
  void tell(json const& j) {
    stage_ = j[0].get<std::string>();
    if (!progress_) return;
    auto const value = [](json const& v) { return v.is_number() ? v.get<double>() : HUGE_VAL; };
    progress_({stage_,
               {value(j[1]), value(j[2]), value(j[3]), j[4].get<std::int64_t>(), j[5].get<std::int64_t>(),
                j[6].get<std::int64_t>(), j[7].get<std::int64_t>(), j[8].get<std::int64_t>()}});
  }

  std::function<void(worker_progress const&)> const& progress_;
  worker_outcome outcome_;
  json report_;
  std::string stage_;
  bool failed_ = false;
};

}  // namespace

char const* name_of(error_kind k) {
  return k == error_kind::kUsage ? "usage" : k == error_kind::kInput ? "input" : "run";
}

std::string to_json(worker_request const& r) {
  json j;
  j["scenario"] = r.scenario.string();
  j["set"] = r.set;
  if (r.begin_s) j["begin_s"] = *r.begin_s;
  if (r.end_s) j["end_s"] = *r.end_s;
  j["planning_threads"] = r.planning_threads;
  j["seed"] = r.run.seed;
  j["threads"] = r.run.threads;
  j["engine"] = r.run.engine;
  j["output"] = r.run.output.string();
  j["interval_s"] = r.run.interval_s;
  j["emissions"] = r.run.emissions;
  j["trajectories"] = r.run.trajectories;
  j["trajectory_interval_s"] = r.run.trajectory_interval_s;
  j["hash_interval_s"] = r.run.hash_interval_s;
  j["input_hash"] = r.run.input_hash;
  j["scratch"] = r.run.scratch.string();
  return print_json(j);
}

worker_request parse_worker_request(std::string const& text) {
  try {
    json const j = parse_ordered_json(text);
    worker_request r;
    r.scenario = j.at("scenario").get<std::string>();
    r.set = j.at("set").get<std::vector<std::string>>();
    if (j.contains("begin_s")) r.begin_s = j["begin_s"].get<double>();
    if (j.contains("end_s")) r.end_s = j["end_s"].get<double>();
    r.planning_threads = j.at("planning_threads").get<std::size_t>();
    r.run.seed = j.at("seed").get<std::uint64_t>();
    r.run.threads = j.at("threads").get<std::size_t>();
    r.run.engine = j.at("engine").get<std::string>();
    r.run.output = j.at("output").get<std::string>();
    r.run.interval_s = j.at("interval_s").get<double>();
    r.run.emissions = j.at("emissions").get<bool>();
    r.run.trajectories = j.at("trajectories").get<bool>();
    r.run.trajectory_interval_s = j.at("trajectory_interval_s").get<double>();
    r.run.hash_interval_s = j.at("hash_interval_s").get<double>();
    r.run.input_hash = j.at("input_hash").get<std::uint64_t>();
    r.run.scratch = j.at("scratch").get<std::string>();
    return r;
  } catch (json::exception const& e) {
    throw_usage(std::string("gemeo worker: the request on standard input is not one: ") + e.what(),
                "this verb is started by gemeo run");
  }
}

worker_outcome run_worker(fs::path const& executable, worker_request const& r,
                          std::function<void(worker_progress const&)> const& progress,
                          std::function<int()> const& signal) {
  listener l(progress);
  process_options o;
  o.input = to_json(r);
  o.keep_bytes = std::size_t{1} << 16U;
  o.on_channel_line = [&](std::string_view line) { l.hear(line); };
  bool asked = false;
  o.deaf_to_interrupt = true;  // whether and when a run ends is its parent's decision
  o.signal_to_send = [&] {
    int const s = signal ? signal() : 0;
    asked = asked || s != 0;
    return s;
  };
  try {
    process_result const p = run_program({executable.string(), "worker"}, o);
    // A request that reached the whole group may have ended the worker before it was asked here.
    if (signal && signal() != 0) asked = true;
    return l.judge(p, asked);
  } catch (error const& e) {  // it could not be started
    worker_outcome none;
    none.message = e.what();
    return none;
  }
}

}  // namespace gemeo
