#include "sim/engine_tbb/emissions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "sim/core/error.h"
#include "sim/core/process.h"
#include "sim/core/xml.h"

namespace gemeo::micro {

namespace {

constexpr double kSpeedStep = 0.5, kAccelStep = 0.05, kLeastAccel = -5, kMostSpeed = 60, kMostAccel = 5;
constexpr std::size_t kSpeedSteps = 121, kAccelSteps = 201;
constexpr double kSlope_deg = 4;  // beside 0, to see whether the class counts slopes
constexpr std::array<std::string_view, 4> kPollutants = {"CO2", "NOx", "PMx", "fuel"};

std::string decimal(double x) { return fmt::format("{}", x); }

}  // namespace

emission_table::emission_table(std::string const& emission_class, std::filesystem::path const& scratch, bool slopes) {
  std::filesystem::path const file = scratch / "emissions.csv";
  process_options o;
  if (std::getenv("SUMO_HOME") == nullptr) o.environment = {{"SUMO_HOME", "/usr/share/sumo"}};  // NOLINT: one thread
  process_result const r = run_program({"emissionsMap",
                                        "-e",
                                        emission_class,
                                        "-o",
                                        file.string(),
                                        "--v-min",
                                        "0",
                                        "--v-max",
                                        decimal(kMostSpeed),
                                        "--v-step",
                                        decimal(kSpeedStep),
                                        "--a-min",
                                        decimal(kLeastAccel),
                                        "--a-max",
                                        decimal(kMostAccel),
                                        "--a-step",
                                        decimal(kAccelStep),
                                        "--s-min",
                                        "0",
                                        "--s-max",
                                        decimal(kSlope_deg),
                                        "--s-step",
                                        decimal(kSlope_deg),
                                        "--precision",
                                        "6"},
                                       o);
  if (!r.ok()) {
    throw_input("emission class '" + emission_class + "'", "emissionsMap makes no table of it: " + r.error_output,
                "name a class that SUMO knows, or add --no-emissions");
  }
  read(file, emission_class, slopes);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
}

// Lines "speed;acceleration;slope;pollutant;value".
void emission_table::read(std::filesystem::path const& file, std::string const& emission_class, bool slopes) {
  cells_.assign(kSpeedSteps * kAccelSteps, cell{});
  std::vector<cell> sloped = cells_;
  std::ifstream in(file);
  std::string line;
  std::size_t found = 0;
  while (std::getline(in, line)) {
    std::array<std::string_view, 5> field;
    std::string_view rest = line;
    for (std::size_t i = 0; i < field.size(); ++i) {
      std::size_t const end = std::min(rest.find(';'), rest.size());
      field[i] = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    auto const what = std::find(kPollutants.begin(), kPollutants.end(), field[3]);
    if (what == kPollutants.end()) continue;
    auto const v = parse_number(field[0]), a = parse_number(field[1]), s = parse_number(field[2]),
               x = parse_number(field[4]);
    if (!v || !a || !s || !x) throw_run(file.string(), "emissionsMap wrote an odd line: " + line);
    auto const i = static_cast<std::size_t>(std::lround(*v / kSpeedStep)),
               j = static_cast<std::size_t>(std::lround((*a - kLeastAccel) / kAccelStep));
    if (i >= kSpeedSteps || j >= kAccelSteps) continue;
    auto& to = *s == 0 ? cells_ : sloped;
    to[i * kAccelSteps + j][static_cast<std::size_t>(what - kPollutants.begin())] = static_cast<float>(*x);
    if (*s == 0) ++found;
  }
  if (found != cells_.size() * kPollutants.size())
    throw_run(file.string(),
              fmt::format("emissionsMap wrote {} of {} values", found, cells_.size() * kPollutants.size()));
  if (slopes && sloped != cells_) {
    throw_input("emission class '" + emission_class + "'",
                "counts slopes, which the engine tbb does not, and the network has them",
                "add --no-emissions, or use --engine sumo");
  }
}

emitted emission_table::at(double speed, double acceleration) const {
  double const v = std::clamp(speed / kSpeedStep, 0.0, double(kSpeedSteps - 1)),
               a = std::clamp((acceleration - kLeastAccel) / kAccelStep, 0.0, double(kAccelSteps - 1));
  auto const i = std::min(static_cast<std::size_t>(v), kSpeedSteps - 2),
             j = std::min(static_cast<std::size_t>(a), kAccelSteps - 2);
  double const x = v - static_cast<double>(i), y = a - static_cast<double>(j);
  cell const &p = cells_[i * kAccelSteps + j], &q = cells_[i * kAccelSteps + j + 1],
             &r = cells_[(i + 1) * kAccelSteps + j], &s = cells_[(i + 1) * kAccelSteps + j + 1];
  auto const mix = [&](std::size_t k) {
    return (1 - x) * ((1 - y) * double(p[k]) + y * double(q[k])) + x * ((1 - y) * double(r[k]) + y * double(s[k]));
  };
  return {mix(0), mix(1), mix(2), mix(3)};
}

}  // namespace gemeo::micro
