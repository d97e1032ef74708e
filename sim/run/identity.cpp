#include "sim/run/identity.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/xml.h"
#include "sim/scenario/config_io.h"

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
    auto const value = a.find("value");
    if (!value) value_of_short_form(a);
    if (!value) return;
    if (element == "seed") found.seed = static_cast<std::uint64_t>(a.integer("value"));
    bool const input = element == "net-file" || element == "n" || element == "route-files" || element == "r" ||
                       element == "additional-files" || element == "a" || element == "weight-files";
    if (input) add(*value);
  }
  void end(std::string_view) override {}

 private:
  void value_of_short_form(xml_attributes const& a) {
    if (auto const v = a.find("v")) add(*v);
  }
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

// The folder of a city named in a scenario: a path from the file, or data/NAME in a folder above the scenario.
fs::path city_folder(scenario_config const& c, fs::path const& scenario_file) {
  std::error_code ec;
  if (fs::path const direct = c.city_from / c.city; fs::is_directory(direct, ec)) return direct;
  for (fs::path at = fs::weakly_canonical(scenario_file, ec).parent_path(); !at.empty(); at = at.parent_path()) {
    if (fs::path const f = at / "data" / c.city; fs::is_directory(f, ec)) return f;
    if (at == at.root_path()) break;
  }
  return {};
}

outline outline_of_scenario(fs::path const& file, std::vector<std::string> const& set) {
  loaded_document document = load_document(file);
  for (std::string const& s : set) apply_set(document.root, s);
  scenario_config const c = read_config(document.root, document.files);
  outline o{.text = print_config(c), .files = {}, .seed = {}};
  fs::path const city = city_folder(c, file);
  std::error_code ec;
  if (!city.empty()) {
    for (fs::directory_entry const& e : fs::directory_iterator(city, ec)) {
      if (e.is_regular_file(ec)) o.files.push_back(e.path());
    }
  }
  std::sort(o.files.begin(), o.files.end());
  return o;
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
  outline const o =
      scenario.extension() == ".sumocfg" ? outline_of_sumo_config(scenario) : outline_of_scenario(scenario, set);
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
