#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/engine_sumo/config_facts.h"
#include "sim/engine_sumo/engine_impl.h"
#include "sim/engine_sumo/input_files.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;

// SUMO's seed is a 32-bit number; larger ones are folded into it.
std::string sumo_seed(std::uint64_t seed) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int32_t>::max();
  return std::to_string(seed <= kLargest ? seed : hash_bytes(&seed, sizeof seed) & kLargest);
}

std::string joined(std::vector<fs::path> const& files) {
  std::string out;
  for (fs::path const& f : files) out += (out.empty() ? "" : ",") + f.string();
  return out;
}

// What gemeo reads while SUMO runs, and silence otherwise.
void add_outputs(std::vector<std::string>& a, run_options const& o) {
  if (o.trips) {
    a.insert(a.end(), {"--tripinfo-output", "stdout", "--tripinfo-output.write-unfinished", "true",
                       "--tripinfo-output.write-undeparted", "true"});
  }
  a.insert(a.end(), {"--stop-output", "stdout", "--statistic-output", "stdout", "--verbose", "false", "--no-step-log",
                     "true", "--no-warnings", "false", "--error-log", (o.scratch / "sumo_errors.log").string()});
}

// Trips get emissions from a device of each vehicle. Assigned deterministically, it takes nothing from the random
// numbers that other devices are assigned with.
void add_emission_devices(std::vector<std::string>& a) {
  a.insert(a.end(), {"--device.emissions.probability", "1", "--device.emissions.deterministic", "true"});
}

// Options that scenario files may not set: gemeo's own, and those under which a run is no longer gemeo's.
constexpr std::string_view kReserved =
    " -n -r -a -c -b -e --net-file --net --route-files --routes --additional-files --additional --configuration-file "
    "--configuration --begin --end --seed --srand --step-length --time-to-teleport --verbose --no-step-log --error-log "
    "--random --abs-rand --remote-port --mesosim --output-prefix --load-state --ignore-route-errors ";
// With all that begins so: every traveller has one trip record only as long as SUMO writes them all.
constexpr std::array<std::string_view, 5> kReservedBeginnings = {"--tripinfo", "--stop-output", "--statistic",
                                                                 "--device.tripinfo", "--xml-validation"};

bool is_reserved(std::string const& option) {
  return kReserved.find(" " + option + " ") != std::string_view::npos ||
         std::any_of(kReservedBeginnings.begin(), kReservedBeginnings.end(),
                     [&](std::string_view b) { return option.starts_with(b); });
}

}  // namespace

std::vector<std::string> engine_sumo::own_arguments(fs::path const& routes, fs::path const& additional) const {
  scenario const& s = scenario_;
  std::vector<std::string> a = {
      "sumo", "--net-file", s.net->file.string(), "--route-files", routes.string(), "--additional-files",
      additional.string(), "--begin", fmt::format("{}", s.begin_s), "--step-length", fmt::format("{}", s.step_s),
      "--seed", sumo_seed(options_.seed), "--time-to-teleport", fmt::format("{}", s.time_to_teleport_s),
      // gemeo has checked the files it wrote
      "--xml-validation", "never", "--xml-validation.net", "never", "--xml-validation.routes", "never",
      // an edge may be closed when its traveller is loaded and open when he gets there
      "--ignore-route-errors", "true"};
  if (std::isfinite(s.end_s)) a.insert(a.end(), {"--end", fmt::format("{}", s.end_s)});
  add_outputs(a, options_);
  if (options_.emissions && options_.trips) add_emission_devices(a);
  a.insert(a.end(), s.sumo_options.begin(), s.sumo_options.end());
  return a;
}

std::vector<std::string> engine_sumo::config_arguments() {
  scenario const& s = scenario_;
  config_facts const facts = read_config_facts(s.sumo_config);
  fs::path const additional = options_.scratch / "gemeo.add.xml", outputs = options_.scratch / "outputs";
  write_text_file(additional, "<additional>\n" + mean_data_elements(options_, {}) + "</additional>\n");
  fs::create_directories(outputs);
  for (std::string const& name : facts.loop_files) loops_->add(outputs / name);
  std::vector<fs::path> files = facts.additionals;
  files.push_back(additional);
  // SUMO puts the prefix before a file's own name, whatever folder it is in: up to the root and down into scratch
  // again.
  std::string prefix;
  for (int i = 0; i < 64; ++i) prefix += "../";
  prefix += fs::absolute(outputs).relative_path().string() + "/";
  std::vector<std::string> a = {"sumo",
                                "--configuration-file",
                                s.sumo_config.string(),
                                "--additional-files",
                                joined(files),
                                "--begin",
                                fmt::format("{}", s.begin_s),
                                "--seed",
                                sumo_seed(options_.seed),
                                "--output-prefix",
                                prefix,
                                "--gui-settings-file",
                                ""};
  if (std::isfinite(s.end_s)) a.insert(a.end(), {"--end", fmt::format("{}", s.end_s)});
  add_outputs(a, options_);
  if (options_.emissions && options_.trips && !facts.has("device.emissions.probability")) add_emission_devices(a);
  return a;
}

std::vector<std::string> engine_sumo::unsupported(scenario const& s) const {
  std::vector<std::string> out;
  bool const config = !s.sumo_config.empty();
  if (!s.net || !s.travellers) return {"a scenario without network or demand"};
  if (config) {
    config_facts const facts = read_config_facts(s.sumo_config);
    auto const refuse_flag = [&](char const* option, char const* why) {
      if (facts.flag(option)) out.push_back(fmt::format("<{}>: {}", option, why));
    };
    refuse_flag("mesosim", "the mesoscopic model has no lanes to observe vehicles on");
    refuse_flag("random", "a seed from the clock cannot be repeated");
    if (facts.has("remote-port")) out.emplace_back("<remote-port>: the run waits for a TraCI client of its own");
    if (s.travellers->size() > 0) out.emplace_back("a .sumocfg together with a city's demand");
  }
  if (!s.travellers->vehicles.start.empty())
    out.emplace_back("departures chosen one by one (a .sumocfg runs here as it stands)");
  for (std::string const& option : s.sumo_options) {
    std::string const name = option.substr(0, option.find('='));
    if (is_reserved(name)) out.push_back(fmt::format("sumo_options may not set '{}', which gemeo sets itself", name));
  }
  if (s.informed.share > 0) {
    if (config || !s.ways) out.emplace_back("informed drivers without a router of the scenario");
    for (std::string const& option : s.sumo_options) {
      if (option.find("device.rerouting") != std::string::npos)
        out.push_back(
            fmt::format("informed drivers beside SUMO's own ('{}' in engine.sumo_options): use one of them", option));
    }
  }
  for (timed_command const& c : s.commands) {
    if (config && std::holds_alternative<block_lane>(c.what)) {
      out.push_back(fmt::format("'{}' in a .sumocfg: its aggregates would count the obstacle", describe(c.what)));
    }
    if (std::holds_alternative<reroute>(c.what) && (config || !s.ways)) {
      out.push_back(fmt::format("'{}' without a router of the scenario", describe(c.what)));
    }
    if (auto const* const p = std::get_if<set_signal_program>(&c.what)) {
      bool const there = s.programs.contains(p->signal) && p->program < s.programs[p->signal].size();
      if (!there) out.push_back(fmt::format("'{}': the scenario has no such program", describe(c.what)));
    }
  }
  return out;
}

}  // namespace gemeo
