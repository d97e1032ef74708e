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
constexpr double kSlope_deg = 4;    // beside 0, to see whether the class counts slopes
constexpr double kSteep_deg = 40;   // so steep that nothing coasts which could on a road
constexpr double kMoves_mps = 0.5;  // slower vehicles never coast
constexpr std::array<std::string_view, 4> kPollutants = {"CO2", "NOx", "PMx", "fuel"};

std::string decimal(double x) { return fmt::format("{}", x); }

double speed_at(std::size_t i) { return static_cast<double>(i) * kSpeedStep; }
double accel_at(std::size_t j) { return kLeastAccel + static_cast<double>(j) * kAccelStep; }

bool alike(float x, float y) { return std::abs(x - y) <= 2e-6F + 1e-5F * std::max(std::abs(x), std::abs(y)); }

}  // namespace

// SUMO 1.15's line for every class of HBEFA 3, as emissionsMap shows it to six digits: rolling and air resistance grow
// with speed, and a degree counts as one in a hundred of gravity. Below 10 km/h it falls to 0 with the speed.
double coasting_acceleration(double speed, double slope_deg) {
  constexpr double kRoll = 0.107948, kAir = 0.01297665, kGravity = 9.81, kSlow_mps = 10 / 3.6;
  double const full = -(kRoll + kAir * std::max(speed, kSlow_mps)) - kGravity / 100 * slope_deg;
  return std::min(0.0, full * std::min(1.0, speed / kSlow_mps));
}

emission_table::emission_table(std::string const& emission_class, std::filesystem::path const& scratch, bool slopes) {
  auto const [flat, uphill] = tabulate(emission_class, scratch, {0, kSlope_deg});
  cells_ = flat;
  if (!slopes || uphill == flat) return;
  auto const [downhill, steep] = tabulate(emission_class, scratch, {-kSlope_deg, kSteep_deg});
  cells_ = steep;
  coasts_ = true;
  if (explains(flat, 0) && explains(uphill, kSlope_deg) && explains(downhill, -kSlope_deg)) return;
  throw_input("emission class '" + emission_class + "'",
              "counts slopes otherwise than the engine tbb does (as HBEFA3), and the network has them",
              "add --no-emissions, or use --engine sumo");
}

// Are these SUMO's values on that slope: the steep ones, and 0 where one coasts?
bool emission_table::explains(grid const& at_slope, double slope_deg) const {
  for (std::size_t i = 0; i < kSpeedSteps; ++i) {
    double const from = coasting_acceleration(speed_at(i), slope_deg);
    for (std::size_t j = 0; j < kAccelSteps; ++j) {
      if (std::abs(accel_at(j) - from) < 1e-3) continue;  // on the edge, which is rounded
      bool const coasts = speed_at(i) > kMoves_mps && accel_at(j) < from;
      cell const &is = at_slope[i * kAccelSteps + j], &expected = coasts ? cell{} : cells_[i * kAccelSteps + j];
      if (!std::equal(is.begin(), is.end(), expected.begin(), alike)) return false;
    }
  }
  return true;
}

std::array<emission_table::grid, 2> emission_table::tabulate(std::string const& emission_class,
                                                             std::filesystem::path const& scratch,
                                                             std::array<double, 2> slopes_deg) {
  std::filesystem::path const file = scratch / "emissions.csv";
  process_options o;
  if (std::getenv("SUMO_HOME") == nullptr) o.environment = {{"SUMO_HOME", "/usr/share/sumo"}};  // NOLINT: one thread
  std::vector<std::string> command = {"emissionsMap", "-e", emission_class, "-o", file.string(), "--precision", "6"};
  auto const add = [&](std::string const& what, double least, double most, double step) {
    for (auto const& [end, x] : {std::pair("min", least), {"max", most}, {"step", step}})
      command.insert(command.end(), {"--" + what + "-" + end, decimal(x)});
  };
  add("v", 0, kMostSpeed, kSpeedStep);
  add("a", kLeastAccel, kMostAccel, kAccelStep);
  add("s", slopes_deg[0], slopes_deg[1], slopes_deg[1] - slopes_deg[0]);
  process_result const r = run_program(command, o);
  if (!r.ok()) {
    throw_input("emission class '" + emission_class + "'", "emissionsMap makes no table of it: " + r.error_output,
                "name a class that SUMO knows, or add --no-emissions");
  }
  std::array<grid, 2> found = read(file, slopes_deg);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return found;
}

// Lines "speed;acceleration;slope;pollutant;value".
std::array<emission_table::grid, 2> emission_table::read(std::filesystem::path const& file,
                                                         std::array<double, 2> slopes_deg) {
  std::array<grid, 2> out;
  for (grid& g : out) g.assign(kSpeedSteps * kAccelSteps, cell{});
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
    std::size_t const which = std::abs(*s - slopes_deg[0]) < std::abs(*s - slopes_deg[1]) ? 0 : 1;
    out[which][i * kAccelSteps + j][static_cast<std::size_t>(what - kPollutants.begin())] = static_cast<float>(*x);
    ++found;
  }
  std::size_t const all = out.size() * out[0].size() * kPollutants.size();
  if (found != all) throw_run(file.string(), fmt::format("emissionsMap wrote {} of {} values", found, all));
  return out;
}

emitted emission_table::at(double speed, double acceleration, double slope_deg) const {
  if (coasts_ && speed > kMoves_mps && acceleration < coasting_acceleration(speed, slope_deg)) return {};
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
