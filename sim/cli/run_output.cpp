#include "sim/cli/run_output.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/command_line/say.h"
#include "sim/core/json_text.h"
#include "sim/core/number_text.h"

namespace gemeo::cli {

using json = nlohmann::ordered_json;

namespace {

constexpr std::chrono::milliseconds kRedraw{200};

double value(json const& j, char const* key) {
  auto const v = j.find(key);
  return v != j.end() && v->is_number() ? v->get<double>() : NAN;
}

std::string cell(double v, char const* format) { return std::isfinite(v) ? fmt::format(fmt::runtime(format), v) : "-"; }
// A mean over the trips that arrived: 0 says nothing where none did.
std::string of_arrived(json const& j, char const* key) {
  return value(j, "arrived") > 0 ? cell(value(j, key), "{:.1f} s") : "-";
}
std::string percent(double share) { return cell(100 * share, "{:.2f} %"); }

char const* state_text(seed_result::state s) {
  switch (s) {
    case seed_result::state::kDone:
      return "done";
    case seed_result::state::kKept:
      return "kept";
    case seed_result::state::kInterrupted:
      return "interrupted";
    case seed_result::state::kFailed:
      return "failed";
    case seed_result::state::kNotStarted:
      return "not started";
  }
  return "";
}

struct column {
  char const* title;
  std::string (*text)(json const&);
};

// clang-format off
constexpr column kColumns[] = {
    {"departed", [](json const& j) { return grouped(value(j, "departed")); }},
    {"arrived", [](json const& j) { return grouped(value(j, "arrived")); }},
    {"time", [](json const& j) { return of_arrived(j, "mean_duration_s"); }},
    {"time loss", [](json const& j) { return of_arrived(j, "mean_time_loss_s"); }},
    {"speed", [](json const& j) { return cell(3.6 * value(j, "mean_speed_mps"), "{:.1f} km/h"); }},
    {"teleported", [](json const& j) { return percent(value(j, "share_teleported")); }},
    {"never inserted", [](json const& j) { return percent(value(j, "share_never_inserted")); }},
    {"unfinished", [](json const& j) { return percent(value(j, "share_unfinished")); }},
    {"wall", [](json const& j) { return cell(value(j, "wall_s"), "{:.1f} s"); }},
    {"cpu", [](json const& j) { return cell(value(j, "cpu_s"), "{:.1f} s"); }},
};
// clang-format on

using row = std::vector<std::string>;

std::string aligned(std::vector<row> const& rows) {
  std::vector<std::size_t> width;
  for (row const& r : rows) {
    width.resize(std::max(width.size(), r.size()));
    for (std::size_t i = 0; i < r.size(); ++i) width[i] = std::max(width[i], r[i].size());
  }
  std::string all;
  for (row const& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.size(); ++i) {
      line += i < 2 ? fmt::format("{:<{}}  ", r[i], width[i]) : fmt::format("{:>{}}  ", r[i], width[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

// The mean of every number that all runs have.
json mean_of(std::vector<json> const& runs) {
  json mean;
  for (auto const& [key, first] : runs.front().items()) {
    if (!first.is_number()) continue;
    double sum = 0;
    for (json const& r : runs) sum += value(r, key.c_str());
    if (std::isfinite(sum)) mean[key] = sum / static_cast<double>(runs.size());
  }
  return mean;
}

}  // namespace

std::string duration_text(double seconds) {
  auto const s = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string progress_text(ensemble_progress const& p, double elapsed_s) {
  std::string line = fmt::format("{:>3.0f} %  {} of {} runs", 100 * p.fraction, p.done, p.seeds);
  if (p.failed > 0) line += fmt::format(", {} failed", p.failed);
  if (p.running > 0)
    line += fmt::format(", {} {}", p.running, p.stage == "preparing" && p.running == 1 ? "preparing" : "at work");
  if (p.stage.starts_with("equilibrium")) line += fmt::format(" ({})", p.stage);
  line += "  " + duration_text(elapsed_s);
  if (p.fraction > 0.01 && p.fraction < 1)
    line += ", " + duration_text(elapsed_s * (1 - p.fraction) / p.fraction) + " to go";
  // A run that jams for good shows here long before it ends.
  if (p.on_road > 0)
    line += fmt::format("  {} teleported, {} on the road, {} waiting", p.teleports, p.on_road, p.waiting);
  if (elapsed_s > 0 && p.vehicle_updates > 0) {
    line += fmt::format("  {:.2f} M vehicle updates/s  {:.0f} x real time",
                        static_cast<double>(p.vehicle_updates) / elapsed_s / 1e6, p.simulated_s / elapsed_s);
  }
  return line;
}

progress_line::progress_line() : terminal_(::isatty(STDERR_FILENO) != 0), started_(std::chrono::steady_clock::now()) {}
progress_line::~progress_line() { clear(); }

void progress_line::show(ensemble_progress const& p) {
  auto const now = std::chrono::steady_clock::now();
  if (!terminal_ || now - told_ < kRedraw) return;
  told_ = now;
  shown_ = true;
  std::string text = progress_text(p, std::chrono::duration<double>(now - started_).count());
  winsize window{};  // a line that wraps could not be overwritten
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 && text.size() >= window.ws_col)
    text.resize(window.ws_col - 1U);
  say(fmt::format("\r{}\033[K", text));
}

void progress_line::clear() {
  if (!shown_) return;
  shown_ = false;
  say("\r\033[K");
}

std::string json_line(seed_result const& s, std::string const& scenario, std::string const& engine) {
  if (!s.report.empty()) return s.report;
  json j;
  j["scenario"] = scenario;
  j["engine"] = engine;
  j["seed"] = s.seed;
  char const* const kind = s.how == seed_result::state::kFailed ? name_of(s.kind) : state_text(s.how);
  j["error"] = {{"kind", kind}, {"message", s.message}};
  return print_json(j);
}

std::string summary_table(ensemble_report const& r) {
  std::vector<row> rows{{"seed", ""}};
  for (column const& c : kColumns) rows.front().emplace_back(c.title);
  std::vector<json> runs;
  for (seed_result const& s : r.seeds) {
    json const j = s.report.empty() ? json::object() : parse_ordered_json(s.report);
    rows.push_back({std::to_string(s.seed), state_text(s.how)});
    if (s.report.empty()) continue;
    for (column const& c : kColumns) rows.back().push_back(c.text(j));
    if (s.how == seed_result::state::kDone || s.how == seed_result::state::kKept) runs.push_back(j);
  }
  if (runs.size() > 1) {
    json const mean = mean_of(runs);
    rows.push_back({"mean", ""});
    for (column const& c : kColumns) rows.back().push_back(c.text(mean));
  }
  std::string text = aligned(rows);
  text +=
      fmt::format("results: {}\n", r.seeds.size() == 1 && !runs.empty() ? runs.front()["result_file"].get<std::string>()
                                                                        : r.folder.string() + "/");
  if (!r.ensemble_file.empty()) text += fmt::format("ensemble: {}\n", r.ensemble_file.string());
  return text;
}

}  // namespace gemeo::cli
