#include "sim/run/identity.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/xml.h"
#include "sim/scenario/compile.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kSumoSeed = 23423;  // SUMO's own default, "SUMO manual, Randomness"

struct outline {
  std::string text;             // the effective configuration
  std::vector<fs::path> files;  // whose bytes the result depends on
  std::optional<std::uint64_t> seed;
};

// The files a SUMO configuration names; what those name in turn is not followed.
class sumo_config_reader : public xml_handler {
 public:
  explicit sumo_config_reader(fs::path const& file) : file_(file) { found.files.push_back(file); }
  outline found;

  void start(std::string_view element, xml_attributes const& a) override {
    auto const value = a.find("value") ? a.find("value") : a.find("v");  // SUMO reads both
    if (!value) return;
    if (element == "seed") found.seed = static_cast<std::uint64_t>(parse_integer(*value).value_or(0));
    bool const written =
        element.find("output") != std::string_view::npos || element.find("log") != std::string_view::npos;
    if (!written) add(*value);
  }
  void end(std::string_view) override {}

 private:
  // Whatever value is the name of a file beside the configuration is an input.
  void add(std::string_view names) {
    while (!names.empty()) {
      std::size_t const end = std::min(names.find_first_of(", "), names.size());
      fs::path const file = file_.parent_path() / fs::path(names.substr(0, end));
      std::error_code ec;
      // A missing one is left to whoever reads it: the message there is better.
      if (end > 0 && fs::is_regular_file(file, ec)) found.files.push_back(file);
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }
  fs::path file_;
};

outline outline_of_sumo_config(fs::path const& file) {
  sumo_config_reader reader(file);
  read_xml(file, reader);
  if (!reader.found.seed) reader.found.seed = kSumoSeed;
  return reader.found;
}

// The scenario's own name; most published SUMO scenarios are called run.sumocfg, and their folder is what tells them
// apart.
std::string folder_name(fs::path const& scenario) {
  std::error_code ec;
  bool const nameless = scenario.extension() == ".sumocfg" && scenario.stem() == "run";
  std::string const parent = nameless ? fs::weakly_canonical(scenario, ec).parent_path().filename().string() : "";
  return parent.empty() ? scenario.stem().string() : parent;
}

}  // namespace

input_identity identify(fs::path const& scenario, std::vector<std::string> const& set, std::optional<double> begin_s,
                        std::optional<double> end_s) {
  outline o;
  if (scenario.extension() == ".sumocfg") {
    o = outline_of_sumo_config(scenario);
  } else {
    compile_options c;
    c.set = set;
    scenario_outline const read = read_outline(scenario, c);
    o.text = read.effective_config;
    o.files = read.inputs;
  }
  hasher h;
  h.add_value(hash_bytes(o.text.data(), o.text.size()));
  for (fs::path const& f : o.files) {
    std::string const name = f.filename().string();
    h.add_value(hash_bytes(name.data(), name.size()));
    h.add_value(hash_file(f));
  }
  h.add_value(begin_s.value_or(-1));
  h.add_value(end_s.value_or(-1));
  return {folder_name(scenario), h.value(), o.seed};
}

std::string difference(run_description const& have, run_request const& want) {
  if (have.engine != want.engine) return fmt::format("engine {}, not {}", have.engine, want.engine);
  if (have.seed != want.seed) return fmt::format("seed {}, not {}", have.seed, want.seed);
  if (have.interval_s != want.interval_s) {
    return fmt::format("intervals of {} s, not {} s", have.interval_s, want.interval_s);
  }
  if (have.emissions != want.emissions) return have.emissions ? "with emissions" : "without emissions";
  if (have.trajectories != want.trajectories) return have.trajectories ? "with trajectories" : "without trajectories";
  if (have.input_hash != want.input_hash) {
    return fmt::format("the scenario or one of its input files has changed since (input hash {}, now {})",
                       to_hex(have.input_hash), to_hex(want.input_hash));
  }
  return {};
}

}  // namespace gemeo
