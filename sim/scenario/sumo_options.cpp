// Which options of a SUMO configuration a scenario of our own may pass over: those that write, log or draw, and those
// that ask for what is so anyway (SUMO 1.15's defaults). All others change traffic, or may.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/core/xml.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace {

// Parts of names of options that only write, log or draw.
constexpr std::array<std::string_view, 20> kWriters = {
    "output", "log",           "gui",     "osg",       "statistic", "tripinfo",      "vehroute",
    "fcd",    "emissions",     "summary", "precision", "warning",   "print",         "xml-validation",
    "window", "netstate-dump", "save-",   "schema",    "viewport",  "human-readable"};
// Whole names of those, and of what decides how SUMO does its work but not what comes out.
constexpr std::array<std::string_view, 26> kHarmless = {"verbose",
                                                        "v",
                                                        "version",
                                                        "help",
                                                        "language",
                                                        "threads",
                                                        "route-steps",
                                                        "start",
                                                        "quit-on-end",
                                                        "delay",
                                                        "demo",
                                                        "breakpoints",
                                                        "phemlight-path",
                                                        "thread-rngs",
                                                        "game",
                                                        "game.mode",
                                                        "alternative-net-view",
                                                        "selection-file",
                                                        "edgedata-files",
                                                        "data-files",
                                                        "tracker-interval",
                                                        "gui-testing",
                                                        "check-accidents",
                                                        "W",
                                                        "save-configuration",
                                                        "device.tripinfo.probability"};

struct usual_value {
  std::string_view name, value;
};
constexpr std::array<usual_value, 59> kUsual = {{
    {"lateral-resolution", "-1"},
    {"lateral-resolution", "0"},
    {"ignore-route-errors", "false"},
    {"ignore-accidents", "false"},
    {"collision.action", "teleport"},
    {"collision.stoptime", "0"},
    {"collision.check-junctions", "false"},
    {"collision.mingap-factor", "-1"},
    {"time-to-teleport.highways", "0"},
    {"time-to-teleport.disconnected", "-1"},
    {"time-to-teleport.remove", "false"},
    {"time-to-teleport.ride", "-1"},
    {"max-depart-delay", "-1"},
    {"max-num-vehicles", "-1"},
    {"max-num-teleports", "-1"},
    {"scale", "1"},
    {"scale-suffix", "."},
    {"sloppy-insert", "false"},
    {"eager-insert", "false"},
    {"random-depart-offset", "0"},
    {"emergency-insert", "false"},
    {"extrapolate-departpos", "false"},
    {"no-internal-links", "false"},
    {"ignore-junction-blocker", "-1"},
    {"step-method.ballistic", "false"},
    {"default.action-step-length", "0"},
    {"default.carfollowmodel", "Krauss"},
    {"default.speeddev", "-1"},
    {"default.emergencydecel", "default"},
    {"overhead-wire.solver", "true"},
    {"overhead-wire.recuperation", "true"},
    {"overhead-wire.substation-current-limits", "true"},
    {"tls.all-off", "false"},
    {"tls.actuated.show-detectors", "false"},
    {"tls.delay_based.detector-range", "100"},
    {"tls.yellow.min-decel", "3"},
    {"time-to-impatience", "180"},
    {"pedestrian.model", "striping"},
    {"pedestrian.model", "nonInteracting"},
    {"pedestrian.striping.jamtime", "300"},
    {"ride.stop-tolerance", "10"},
    {"persontrip.transfer.car-walk", "parkingAreas"},
    {"parking.maneuver", "false"},
    {"use-stop-ended", "false"},
    {"waiting-time-memory", "100"},
    {"lanechange.duration", "0"},
    {"lanechange.overtake-right", "false"},
    {"mesosim", "false"},
    {"railsignal-moving-block", "false"},
    {"railway.max-train-length", "1000"},
    {"weights.random-factor", "1"},
    {"weights.minor-penalty", "1.5"},
    {"weights.tls-penalty", "0"},
    {"weights.priority-factor", "0"},
    {"routing-algorithm", "dijkstra"},
    {"routing-algorithm", "astar"},
    {"astar.landmark-distances", ""},
    {"device.rerouting.probability", "0"},
    {"phemlight-year", "0"},
}};

bool is_number_equal(std::string_view a, std::string_view b) {
  auto const x = parse_number(a), y = parse_number(b);
  return x && y && *x == *y;
}

bool is_off(std::string_view v) { return v == "false" || v == "0" || v == "no" || v == "off"; }

bool harmless(sumo_option const& o) {
  auto const holds = [&](std::string_view part) { return o.name.find(part) != std::string::npos; };
  if (std::any_of(kWriters.begin(), kWriters.end(), holds)) return true;
  if (std::find(kHarmless.begin(), kHarmless.end(), o.name) != kHarmless.end()) return true;
  if (std::any_of(kUsual.begin(), kUsual.end(), [&](usual_value const& u) {
        bool const off = u.value == "false" && is_off(o.value);
        return u.name == o.name && (u.value == o.value || off || is_number_equal(u.value, o.value));
      }))
    return true;
  bool const no_device = o.name.starts_with("device.") && o.name.ends_with(".probability");
  if (no_device && is_number_equal(o.value, "0")) return true;
  // How a device works matters where vehicles have it; who has it is asked for by other options.
  bool const gives =
      o.name.ends_with(".probability") || o.name.ends_with(".explicit") || o.name.ends_with(".deterministic");
  return o.name.starts_with("device.") && !gives;
}

}  // namespace

std::vector<std::string> options_beyond_us(sumo_config const& c) {
  std::vector<std::string> out;
  for (sumo_option const& o : c.rest) {
    if (!harmless(o)) out.push_back(fmt::format("{}: option '{}' is '{}'", o.where, o.name, o.value));
  }
  return out;
}

}  // namespace gemeo
