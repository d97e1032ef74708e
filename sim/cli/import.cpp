// gemeo import: OpenStreetMap to a city folder. Streets are chosen by us, the network is built by SUMO's netconvert,
// and the rest of the folder is a start that the municipality fills in. Built in a scratch folder beside the target and
// renamed when everything, read back by read_city, is right.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/cli/findings.h"
#include "sim/cli/starter_city.h"
#include "sim/cli/verbs.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/core/process.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/city.h"
#include "sim/demand/time_zone.h"
#include "sim/network/osm_extract.h"
#include "sim/network/validate.h"
#include "sim/run/signals.h"
#include "sim/scenario/area.h"

namespace gemeo::cli {

namespace fs = std::filesystem;

namespace {

using clock = std::chrono::steady_clock;

struct import_options {
  std::string osm, out, box, polygon, name, label, time_zone;
  double zone_m = 0, trips_per_day = 0;
  bool left_hand = false, footways = false, force = false, json = false;
  std::vector<std::string> netconvert;  // further options
};

// What SUMO's own osmWebWizard sets (tools/osmBuild.py), and for cities: speeds of built-up areas where OpenStreetMap
// says nothing, cycle lanes, marked turn lanes, lane permissions. Signals are guessed from the signal nodes around a
// junction and joined; they are fixed-time, so that a plan can be compared with them.
constexpr char const* kTypeMaps = "osmNetconvert.typ.xml,osmNetconvertUrbanDe.typ.xml,osmNetconvertBicycle.typ.xml";

std::vector<std::string> settings_with(import_options const& o) {
  std::vector<std::string> all = {"--type-files",
                                  kTypeMaps,
                                  "--geometry.remove",

                                  "--roundabouts.guess",
                                  "--ramps.guess",
                                  "--junctions.join",
                                  "--junctions.corner-detail",
                                  "5",
                                  "--tls.guess-signals",
                                  "--tls.discard-simple",
                                  "--tls.join",
                                  "--tls.default-type",
                                  "static",
                                  "--osm.turn-lanes",
                                  "--osm.lane-access",
                                  "--osm.bike-access",
                                  "--output.street-names",
                                  "--no-turnarounds.except-deadend",
                                  "--aggregate-warnings",
                                  "5"};
  if (o.left_hand) all.emplace_back("--lefthand");
  for (std::string const& more : o.netconvert) {  // netconvert refuses an option that is set twice: the user's counts
    std::string const name = more.substr(0, more.find('='));
    if (auto const ours = std::find(all.begin(), all.end(), name); ours != all.end()) {
      bool const has_value = ours + 1 != all.end() && !(ours + 1)->starts_with("--");
      all.erase(ours, ours + (has_value ? 2 : 1));
    }
    all.push_back(more);
  }
  return all;
}

std::string absolute_type_maps(std::string const& home) {
  std::string maps, text = kTypeMaps;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find(',', at), text.size());
    maps += (maps.empty() ? "" : ",") + home + "/data/typemap/" + text.substr(at, end - at);
    at = end + 1;
  }
  return maps;
}

double seconds_since(clock::time_point t) { return std::chrono::duration<double>(clock::now() - t).count(); }

// A folder of its own beside the target: on the same disk, so that a rename makes it the target.
class scratch_folder {
 public:
  explicit scratch_folder(fs::path const& target) {
    fs::path const parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
    path_ = parent / fmt::format(".{}.import-{}", target.filename().string(), ::getpid());
    std::error_code ec;
    for (fs::path p = parent; !p.empty() && !fs::exists(p, ec); p = p.parent_path()) made_.push_back(p);
    fs::remove_all(path_, ec);
    if (!fs::create_directories(path_, ec)) {
      throw_input(path_.string(), "cannot make this folder: " + ec.message(),
                  "check the rights of the folder above it");
    }
  }
  ~scratch_folder() {
    std::error_code ec;
    if (path_.empty()) return;
    fs::remove_all(path_, ec);
    for (fs::path const& p : made_) fs::remove(p, ec);  // those still empty
  }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  [[nodiscard]] fs::path const& path() const { return path_; }

  // The old target, if any, is moved aside first and comes back when the rename fails.
  void become(fs::path const& target) {
    std::error_code ec, ignored;
    fs::path aside;
    if (fs::exists(target, ec)) {
      aside = path_;
      aside += "-old";
      fs::rename(target, aside, ec);
      if (ec) throw_input(target.string(), "cannot be replaced: " + ec.message(), "check its rights");
    }
    fs::rename(path_, target, ec);
    if (ec) {
      if (!aside.empty()) fs::rename(aside, target, ignored);
      throw_input(target.string(), "cannot be written: " + ec.message(), "check the rights of the folder above it");
    }
    path_.clear();
    if (!aside.empty()) fs::remove_all(aside, ignored);
  }

 private:
  fs::path path_;
  std::vector<fs::path> made_;
};

fs::path without_slash(std::string const& text) {
  fs::path p = fs::path(text).lexically_normal();
  return p.has_filename() ? p : p.parent_path();
}

void check_target(fs::path const& out, bool force) {
  std::error_code ec;
  if (out.filename().empty() || out == "." || out == "..")
    throw_usage(fmt::format("'{}' names no folder to make", out.string()), "-o data/CITY");
  if (!fs::exists(fs::symlink_status(out, ec))) return;
  if (!fs::is_directory(out, ec)) throw_input(out.string(), "is a file, not a folder", "name a folder with -o");
  if (!force) throw_input(out.string(), "exists already", "--force replaces it; or name another folder with -o");
  bool const empty = fs::is_empty(out, ec) && !ec;
  if (!empty && !fs::exists(out / "city.toml", ec)) {
    throw_input(out.string(), "is no city folder (it has no city.toml), so --force does not replace it",
                "name another folder with -o");
  }
}

std::array<double, 4> parse_box(std::string const& text) {
  std::array<double, 4> b{};
  std::size_t at = 0, n = 0;
  for (; n < b.size() && at <= text.size(); ++n) {
    std::size_t const comma = std::min(text.find(',', at), text.size());
    auto const v = parse_number(std::string_view(text).substr(at, comma - at));
    if (!v)
      throw_usage(fmt::format("--box: '{}' is not a number", text.substr(at, comma - at)), "--box W,S,E,N in degrees");
    b[n] = *v;
    at = comma + 1;
  }
  if (n != 4 || at <= text.size())
    throw_usage(fmt::format("--box '{}' has not four numbers", text), "--box W,S,E,N in degrees");
  bool const fits = std::abs(b[0]) <= 180 && std::abs(b[2]) <= 180 && std::abs(b[1]) <= 90 && std::abs(b[3]) <= 90;
  if (!fits) throw_usage(fmt::format("--box '{}' is not on the globe", text), "--box W,S,E,N in degrees");
  if (b[0] >= b[2] || b[1] >= b[3])
    throw_usage(fmt::format("--box '{}' is empty", text), "west before east, south before north: W,S,E,N");
  return b;
}

// Whether two lines share a point, ends included.
bool meet(lon_lat a, lon_lat b, lon_lat c, lon_lat d) {
  auto const apart = [](double a1, double a2, double b1, double b2) {
    return std::max(a1, a2) < std::min(b1, b2) || std::max(b1, b2) < std::min(a1, a2);
  };
  if (apart(a.lon_deg, b.lon_deg, c.lon_deg, d.lon_deg) || apart(a.lat_deg, b.lat_deg, c.lat_deg, d.lat_deg))
    return false;
  auto const side = [](lon_lat from, lon_lat to, lon_lat p) {  // above 0: left of the line
    return (to.lon_deg - from.lon_deg) * (p.lat_deg - from.lat_deg) -
           (to.lat_deg - from.lat_deg) * (p.lon_deg - from.lon_deg);
  };
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}

// Whether a line meets the boundary of an area.
class boundary {
 public:
  explicit boundary(std::vector<area_polygon> polygons) : polygons_(std::move(polygons)) {
    for (area_polygon const& polygon : polygons_) {
      for (lon_lat const p : polygon.front()) {
        west_ = std::min(west_, p.lon_deg);
        east_ = std::max(east_, p.lon_deg);
        south_ = std::min(south_, p.lat_deg);
        north_ = std::max(north_, p.lat_deg);
      }
    }
  }
  [[nodiscard]] bool crossed(lon_lat a, lon_lat b) const {
    if (std::max(a.lon_deg, b.lon_deg) < west_ || std::min(a.lon_deg, b.lon_deg) > east_) return false;
    if (std::max(a.lat_deg, b.lat_deg) < south_ || std::min(a.lat_deg, b.lat_deg) > north_) return false;
    if (std::abs(a.lon_deg - b.lon_deg) > 180) return false;  // over the date line, not around the globe
    for (area_polygon const& polygon : polygons_) {
      for (ring const& r : polygon) {
        for (std::size_t i = 0; i < r.size(); ++i) {
          if (meet(a, b, r[i], r[(i + 1) % r.size()])) return true;
        }
      }
    }
    return false;
  }

 private:
  std::vector<area_polygon> polygons_;
  double west_ = 180, east_ = -180, south_ = 90, north_ = -90;
};

void set_area(import_options const& o, osm_options& osm) {
  std::vector<area_polygon> polygons;
  if (!o.box.empty()) {
    std::array<double, 4> const b = parse_box(o.box);
    osm.inside = [b](lon_lat p) {
      return p.lon_deg >= b[0] && p.lon_deg <= b[2] && p.lat_deg >= b[1] && p.lat_deg <= b[3];
    };
    ring const corners = {{b[0], b[1]}, {b[2], b[1]}, {b[2], b[3]}, {b[0], b[3]}};
    polygons = {area_polygon{corners}};
  } else if (!o.polygon.empty()) {
    auto const shape = std::make_shared<area const>(read_geojson(o.polygon));
    if (shape->empty())
      throw_input(o.polygon, "holds no polygon", "a Polygon or MultiPolygon in degrees, longitude first");
    osm.inside = [shape](lon_lat p) { return shape->contains(p); };
    polygons = shape->polygons;
  } else {
    return;
  }
  auto const border = std::make_shared<boundary const>(std::move(polygons));
  osm.crossed = [border](lon_lat a, lon_lat b) { return border->crossed(a, b); };
}

std::string sumo_home() {
  char const* const set = std::getenv("SUMO_HOME");  // NOLINT: read before any thread starts
  for (std::string const& home : {std::string(set != nullptr ? set : ""), std::string("/usr/share/sumo")}) {
    std::error_code ec;
    if (!home.empty() && fs::exists(home + "/data/typemap/osmNetconvert.typ.xml", ec)) return home;
  }
  throw_run("/usr/share/sumo/data/typemap", "SUMO's type maps for OpenStreetMap are missing",
            "install sumo (scripts/setup.sh), or set SUMO_HOME");
}

struct conversion {
  std::string version, log;
  std::vector<std::string> options;
  std::size_t warnings = 0;
  double wall_s = 0;
};

std::vector<std::string> lines_with(std::string const& text, std::string const& start) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    if (text.compare(at, start.size(), start) == 0) found.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

void stop_if_asked() {
  if (stop_signals() > 0) throw_run("", "import was interrupted", "nothing was written");
}

// netconvert runs in the scratch folder with names relative to it, so that its output does not depend on where that is.
conversion convert(fs::path const& scratch, import_options const& o) {
  auto const begin = clock::now();
  std::string const home = sumo_home();
  conversion c;
  c.options = settings_with(o);
  std::vector<std::string> arguments{"netconvert", "--osm-files", "streets.osm", "--output-file", "net.net.xml"};
  for (std::string const& option : c.options) {
    arguments.push_back(option == kTypeMaps ? absolute_type_maps(home) : option);
  }
  process_options p;
  p.folder = scratch;
  p.environment = {{"SUMO_HOME", home}, {"LC_ALL", "C"}};
  p.keep_bytes = std::size_t{16} << 20U;
  p.signal_to_send = [] { return stop_signals() > 0 ? SIGTERM : 0; };
  process_result const r = run_program(arguments, p);
  stop_if_asked();
  c.log = r.error_output;
  c.warnings = lines_with(c.log, "Warning:").size();
  c.wall_s = seconds_since(begin);
  std::error_code ec;
  if (!r.ok() || !fs::exists(scratch / "net.net.xml", ec)) {
    auto const errors = lines_with(r.error_output, "Error:");
    std::string message = errors.empty() ? r.error_output.substr(0, 500) : errors.front().substr(7);
    while (!message.empty() && message.back() == '\n') message.pop_back();
    throw_run("netconvert", fmt::format("failed with {}: {}", describe(r), message.empty() ? "no message" : message),
              "is the OpenStreetMap data complete?");
  }
  return c;
}

// netconvert 1.15 escapes road names twice: "Cap D&amp;apos;Ail".
void undo_double_escapes(std::string& text) {
  static constexpr std::array<std::string_view, 5> kEntities = {"apos;", "quot;", "amp;", "lt;", "gt;"};
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++to) {
    text[to] = text[from++];
    if (text[to] != '&' || text.compare(from, 4, "amp;") != 0) continue;
    std::string_view const rest = std::string_view(text).substr(from + 4, 5);
    bool const twice =
        std::any_of(kEntities.begin(), kEntities.end(), [&](std::string_view e) { return rest.starts_with(e); });
    if (twice) from += 4;
  }
  text.resize(to);
}

// netconvert's comment carries the date and the path: without it the same input gives the same bytes.
std::string pack_network(fs::path const& scratch) {
  std::string text = read_text_file(scratch / "net.net.xml", kMaxTextBytes);
  std::size_t const begin = text.find("<!-- generated on"), end = text.find("-->", begin);
  std::string version;
  if (begin != std::string::npos && end != std::string::npos && begin < 4096) {
    std::size_t const by = text.find(" by ", begin), line = text.find('\n', begin);
    if (by < line && line < end) version = text.substr(by + 4, line - by - 4);
    text.erase(begin, end + 3 - begin);
  }
  undo_double_escapes(text);
  while (!version.empty() && (version.back() == '\r' || version.back() == ' ')) version.pop_back();
  write_text_file(scratch / "net.net.xml.gz", text);
  fs::remove(scratch / "net.net.xml");
  fs::remove(scratch / "streets.osm");
  return version;
}

std::string date_of(fs::path const& file) {
  std::time_t t = 0;
  char const* const epoch = std::getenv("SOURCE_DATE_EPOCH");  // NOLINT
  if (auto const given = epoch != nullptr ? parse_integer(epoch) : std::nullopt) {
    t = static_cast<std::time_t>(*given);
  } else {
    auto const age = fs::file_time_type::clock::now() - fs::last_write_time(file);
    t = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() -
                                             std::chrono::duration_cast<std::chrono::seconds>(age));
  }
  std::tm utc{};
  ::gmtime_r(&t, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

constexpr char const* kLicence = "ODbL-1.0 (https://opendatacommons.org/licenses/odbl/)";
constexpr char const* kAttribution = "Streets: © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)";

std::string text_value(std::string const& s) { return quote_json(s, bad_utf8::kThrows); }  // JSON's escapes are TOML's

std::string manifest(import_options const& o, conversion const& c) {
  std::string options;
  for (std::string const& w : c.options) options += (options.empty() ? "" : ", ") + text_value(w);
  std::string const area = !o.box.empty()       ? "box " + o.box
                           : !o.polygon.empty() ? "polygon " + fs::path(o.polygon).filename().string()
                                                : "the whole file";
  return fmt::format(
      "# What this city is made of. Keep it with the folder: the licence asks for the attribution.\n"
      "[network]\nfile = \"net.net.xml.gz\"\nsource = {}\nsource_xxh64 = \"{}\"\nsource_date = \"{}\"\narea = {}\n"
      "footways = {}\nlicence = {}\nattribution = {}\nmade_by = {}\nnetconvert = {}\nnetconvert_options = [{}]\n"
      "\n[zones]\nfiles = [\"zones.csv\", \"zone_edges.csv\"]\nsource = \"a grid over the network; gates where main "
      "roads leave it\"\n"
      "status = \"approximate: replace by statistical zones\"\n"
      "\n[demand]\nfiles = [\"od.csv\"]\nsource = {}\nstatus = {}\n"
      "\n[profiles]\nfiles = [\"profiles.csv\", \"vtypes.add.xml\"]\nsource = \"generic shapes of gemeo\"\n"
      "status = \"assumption: replace by local counts or a survey\"\n",
      text_value(fs::path(o.osm).filename().string()), to_hex(hash_file(o.osm)), date_of(o.osm), text_value(area),
      o.footways, text_value(kLicence), text_value(kAttribution),
      text_value(std::string("gemeo import ") + GEMEO_VERSION), text_value(c.version), options,
      text_value(o.trips_per_day > 0 ? fmt::format("placeholder: {:.0f} trips a day spread evenly", o.trips_per_day)
                                     : "none"),
      text_value(o.trips_per_day > 0 ? "NOT REAL: replace before drawing any conclusion"
                                     : "empty: fill in trips between zones"));
}

std::string readme(import_options const& o, starter_counts const& s) {
  return fmt::format(
      "# {}\n\nMade by `gemeo import` from OpenStreetMap (see MANIFEST.toml). The streets are real; the rest is a "
      "start:\n\n"
      "| file | what it holds now | what to put there |\n|---|---|---|\n"
      "| zones.csv, zone_edges.csv | a grid of {} zones of {:.0f} m, {} gates where main roads leave the area | "
      "statistical zones; weights by residents and jobs |\n"
      "| od.csv | {} | trips a day between zones, by purpose, from a survey or a model |\n"
      "| profiles.csv | generic shapes of a day for 9 purposes | shares per quarter-hour from counts or a survey |\n"
      "| vtypes.add.xml | generic European cars, vans, lorries, buses | the local fleet |\n"
      "| (stops.csv, lines.toml) | not there | bus stops and lines, named in city.toml |\n"
      "| (detectors, counts) | not there | where loops lie and what they counted |\n\n"
      "{}netconvert.log holds what netconvert found odd in the streets. Columns: see the header line of each file.\n\n"
      "## A first run\n\nA scenario names the city and the time. As `scenarios/{}/morning.toml`, beside `data/`:\n\n"
      "    city  = \"{}\"\n    title = \"A weekday morning\"\n\n    [time]\n    begin = \"07:00\"\n    end = "
      "\"09:00\"\n"
      "    warm_up_s = 1800\n\nThen:\n\n"
      "    gemeo check scenarios/{}/morning.toml                 # what would run; warns where there are no trips\n"
      "    gemeo run scenarios/{}/morning.toml --seeds 10 -j 2   # results in out/morning\n",
      o.label, s.zones, s.zone_m, s.gates,
      o.trips_per_day > 0 ? fmt::format("PLACEHOLDER: {:.0f} trips spread evenly, not real", o.trips_per_day)
                          : "its header only: no trips",
      o.trips_per_day > 0
          ? "Once od.csv holds real trips, take `caution` and `caution_pt` out of city.toml: every run and "
            "every comparison says until then that the trips are placeholders.\n\n"
          : "",
      o.name, o.name, o.name, o.name);
}

nlohmann::ordered_json as_json(import_options const& o, osm_counts const& osm, network_summary const& n,
                               std::vector<network_finding> const& findings, starter_counts const& s,
                               conversion const& c, double wall_s) {
  nlohmann::ordered_json j;
  j["city"] = o.name;
  j["folder"] = without_slash(o.out).string();
  j["osm"] = {{"nodes", osm.nodes},
              {"ways", osm.ways},
              {"restrictions", osm.restrictions},
              {"signal_nodes", osm.signals},
              {"outside", osm.outside},
              {"incomplete", osm.incomplete},
              {"kept", osm.kept},
              {"left_out", osm.left_out}};
  j["network"] = {{"edges", n.edges},
                  {"lanes", n.lanes},
                  {"junctions", n.junctions},
                  {"signals", n.signals},
                  {"roundabouts", n.roundabouts},
                  {"connections", n.connections},
                  {"named_roads", n.named_roads},
                  {"edge_km", n.edge_km},
                  {"lane_km", n.lane_km}};
  j["zones"] = {{"cells", s.zones}, {"gates", s.gates}, {"width_m", s.zone_m}, {"edges", s.zone_edges}};
  j["findings"] = findings_json(findings);
  j["netconvert"] = {{"version", c.version}, {"warnings", c.warnings}, {"wall_s", c.wall_s}};
  j["wall_s"] = wall_s;
  return j;
}

void print_report(import_options const& o, osm_counts const& osm, network_summary const& n,
                  std::vector<network_finding> const& findings, starter_counts const& s, conversion const& c,
                  double wall_s) {
  fmt::print(
      "\nnetwork       {} edges ({:.0f} km, {:.0f} lane-km), {} junctions, {} signals, {} roundabouts, {} named "
      "roads\n",
      n.edges, n.edge_km, n.lane_km, n.junctions, n.signals, n.roundabouts, n.named_roads);
  fmt::print("zones         {} of {:.0f} m, {} gates on the boundary\n", s.zones, s.zone_m, s.gates);
  std::size_t left_out = 0;
  std::vector<std::pair<std::size_t, std::string>> reasons;
  for (auto const& [reason, count] : osm.left_out) {
    left_out += count;
    reasons.emplace_back(count, reason);
  }
  std::sort(reasons.rbegin(), reasons.rend());
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(reasons.size(), 5); ++i)
    list += fmt::format("{}{} {}", i > 0 ? ", " : "", reasons[i].first, reasons[i].second);
  if (left_out > 0) fmt::print("left out      {} ways: {}{}\n", left_out, list, reasons.size() > 5 ? ", ..." : "");
  if (osm.incomplete > 0)
    fmt::print("incomplete    {} ways lack nodes in the file and are drawn without them\n", osm.incomplete);
  if (c.warnings > 0) fmt::print("netconvert    {} warnings, in netconvert.log\n", c.warnings);
  print_findings(findings);
  fmt::print("\n{}: made in {:.0f} s. {}\n", without_slash(o.out).string(), wall_s,
             o.trips_per_day > 0
                 ? "Its demand is a PLACEHOLDER, spread evenly: README.md there says what to put in, and how to run it."
                 : "It has no trips yet: README.md there says what to put in, and how to run it.");
}

int import_city(import_options o) {
  auto const begin = clock::now();
  fs::path const out = without_slash(o.out);
  check_target(out, o.force);
  if (!o.box.empty() && !o.polygon.empty()) throw_usage("--box and --polygon exclude each other", "give one of them");
  if (o.name.empty()) o.name = out.filename().string();
  if (o.label.empty()) o.label = o.name;
  if (!o.time_zone.empty()) check_time_zone(o.time_zone, "--time-zone");
  osm_options osm;
  set_area(o, osm);
  osm.footways = o.footways;
  osm.interrupted = [] { return stop_signals() > 0; };
  sumo_home();
  if (find_program("netconvert").empty())
    throw_run("netconvert", "this program is not installed", "install sumo (scripts/setup.sh)");

  signal_scope const signals(signal_scope::role::kParent);
  scratch_folder scratch(out);
  auto const say = [&](std::string const& text) {
    if (!o.json) fmt::print("{}\n", text);
    std::fflush(stdout);
  };
  osm_counts const counts = extract_streets(o.osm, scratch.path() / "streets.osm", osm);
  say(fmt::format("streets       {} ways, {} nodes, {} turn restrictions, {} signal nodes", counts.ways, counts.nodes,
                  counts.restrictions, counts.signals));
  conversion c = convert(scratch.path(), o);
  say(fmt::format("netconvert    done in {:.0f} s", c.wall_s));
  c.version = pack_network(scratch.path());
  stop_if_asked();
  auto const net = read_network(scratch.path() / "net.net.xml.gz");
  std::vector<network_finding> const findings = validate(*net);
  starter_options const starter{o.name, o.label, o.time_zone, kAttribution, o.zone_m, o.trips_per_day};
  starter_counts const made = write_starter_city(*net, scratch.path(), starter);
  write_text_file(scratch.path() / "netconvert.log", c.log);
  write_text_file(scratch.path() / "MANIFEST.toml", manifest(o, c));
  write_text_file(scratch.path() / "README.md", readme(o, made));
  stop_if_asked();
  read_city(scratch.path());  // what comes out of here is a city, or nothing comes out
  stop_if_asked();
  scratch.become(out);
  if (o.json) {
    auto const j = as_json(o, counts, summarise(*net), findings, made, c, seconds_since(begin));
    fmt::print("{}\n", print_json(j, bad_utf8::kThrows));
  } else {
    print_report(o, counts, summarise(*net), findings, made, c, seconds_since(begin));
  }
  return 0;
}

}  // namespace

action setup_import(option_set const& app) {
  auto const o = std::make_shared<import_options>();
  app.add("osm", o->osm, "OpenStreetMap file: .osm, .osm.gz, .osm.bz2 or .osm.pbf").required();
  app.add("-o,--out", o->out, "city folder to make, e.g. data/oeiras").required();
  app.add("--box", o->box, "only streets that touch or cross W,S,E,N (degrees)");
  app.add("--polygon", o->polygon, "only streets that touch or cross the polygons of a GeoJSON file");
  app.add("--name", o->name, "short name of the city (default: the folder's)");
  app.add("--label", o->label, "its name for people (default: the short name)");
  app.add("--time-zone", o->time_zone, "whose clock its times are of, e.g. Europe/Lisbon");
  app.add("--zone-size", o->zone_m, "width of a zone in metres (default: chosen for about 60 zones)")
      .between(50.0, 100000.0);
  app.add("--placeholder-trips", o->trips_per_day,
          "fill od.csv with this many trips a day, spread evenly: to try things, not to conclude")
      .between(1.0, 1e7);
  app.add_flag("--footways", o->footways, "footways, paths and steps too (about twice the edges)");
  app.add_flag("--left-hand", o->left_hand, "traffic keeps left");
  app.add("--netconvert", o->netconvert,
          "a further option of netconvert, e.g. --netconvert=--tls.default-type=actuated");
  app.add_flag("--force", o->force, "replace the city folder if it exists");
  app.add_flag("--json", o->json, "print one JSON object");
  return [o] { return import_city(*o); };
}

}  // namespace gemeo::cli
