#include "sim/demand/city.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/demand/city_parts.h"
#include "sim/demand/csv.h"
#include "sim/demand/time_zone.h"
#include "sim/demand/toml_input.h"
#include "sim/demand/vtypes.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSlots = 96;

std::uint32_t spaces_in(csv_row const& r) {
  double const n = r.not_negative("park_and_ride_spaces");
  if (n > 1e6 || n != std::floor(n)) r.fail(fmt::format("'park_and_ride_spaces' is no number of spaces: {}", n));
  return static_cast<std::uint32_t>(n);
}

double weight_in(csv_row const& r, char const* column) {
  double const w = r.not_negative(column);
  if (w > 1e9) r.fail(fmt::format("'{}' is beyond all measure: {}", column, w), "weights count against each other");
  return w;
}

void read_zones(city& c, fs::path const& file) {
  std::set<std::string> seen;
  csv_table const table(file, {"zone_id", "name", "parish", "kind", "lat", "lon", "park_and_ride_spaces"});
  table.for_each([&](csv_row const& r) {
    zone z;
    z.name = r.text("zone_id");
    z.label = r.text("name");
    if (r.has("parish")) z.parish = r.text("parish");
    z.kind = r.text("kind");
    if (z.kind != "cell" && z.kind != "gate" && z.kind != "station")
      r.fail(fmt::format("unknown kind '{}'", z.kind), "cell, gate or station");
    z.lat_deg = r.number("lat");
    z.lon_deg = r.number("lon");
    if (std::abs(z.lat_deg) > 90 || std::abs(z.lon_deg) > 180) r.fail("lat and lon are not degrees on the globe");
    if (r.has("park_and_ride_spaces")) z.park_and_ride_spaces = spaces_in(r);
    if (!seen.insert(z.name).second) r.fail(fmt::format("zone '{}' stands there twice", z.name));
    c.zones.push_back(std::move(z));
  });
  if (c.zones.empty()) throw_input(file.string(), "lists no zone");
}

zone_id zone_of(city const& c, csv_row const& r, char const* column) {
  auto const z = c.find_zone(r.text(column));
  if (z) return *z;
  std::vector<std::string> names;
  for (zone const& known : c.zones) names.push_back(known.name);
  r.fail(fmt::format("unknown zone '{}'", r.text(column)), did_you_mean(r.text(column), names));
}

void read_zone_edges(city& c, fs::path const& file) {
  csv_table const table(file, {"zone_id", "edge_id", "weight"}, {"destination_weight"});
  table.for_each([&](csv_row const& r) {
    zone& z = c.zones[zone_of(c, r, "zone_id")];
    auto const e = c.net->find_edge(r.text("edge_id"));
    if (!e || !c.net->is_normal(*e)) r.fail(fmt::format("the network has no edge '{}'", r.text("edge_id")));
    if (std::find(z.edges.begin(), z.edges.end(), *e) != z.edges.end())
      r.fail(fmt::format("edge '{}' stands there twice", r.text("edge_id")));
    z.edges.push_back(*e);
    z.origin_weight.push_back(weight_in(r, "weight"));
    z.destination_weight.push_back(r.has("destination_weight") ? weight_in(r, "destination_weight")
                                                               : z.origin_weight.back());
  });
}

bool can_be(std::vector<double> const& weights) {
  return std::any_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
}

void read_od(city& c, fs::path const& file) {
  csv_table const table(file, {"from_zone", "to_zone", "purpose", "vtype", "trips_per_day"});
  std::set<std::string> seen;
  double total = 0;
  table.for_each([&](csv_row const& r) {
    od_flow f;
    f.from = zone_of(c, r, "from_zone");
    f.to = zone_of(c, r, "to_zone");
    auto const p = parse_purpose(r.text("purpose"));
    if (!p)
      r.fail(fmt::format("unknown purpose '{}'", r.text("purpose")),
             "work school home leisure business through freight event other");
    f.why = *p;
    f.vtype = r.text("vtype");
    if (find_mix(c, f.vtype) == nullptr)
      r.fail(fmt::format("unknown vtype '{}'", f.vtype), "define it in vtypes.add.xml");
    f.trips_per_day = r.not_negative("trips_per_day");
    if (f.trips_per_day > 1e7) r.fail("more than 10 million trips a day between two zones");
    total += f.trips_per_day;
    if (total > 1e8) r.fail("the rows so far sum to more than 100 million trips a day");
    if (!can_be(c.zones[f.from].origin_weight))
      r.fail(fmt::format("zone '{}' has no edge where trips begin", c.zones[f.from].name),
             "give it an edge of some weight in the zone edges");
    if (!can_be(c.zones[f.to].destination_weight))
      r.fail(fmt::format("zone '{}' has no edge where trips end", c.zones[f.to].name),
             "give it an edge of some weight in the zone edges");
    if (c.profile[static_cast<std::size_t>(f.why)].empty())
      r.fail(fmt::format("profiles.csv has no profile for '{}'", r.text("purpose")));
    std::string const key = fmt::format("{}|{}|{}|{}", f.from.value, f.to.value, r.text("purpose"), f.vtype);
    if (!seen.insert(key).second) r.fail("the same pair, purpose and vtype stand there twice");
    c.od.push_back(std::move(f));
  });
}

void read_profiles(city& c, fs::path const& file) {
  c.profile.assign(static_cast<std::size_t>(purpose::kCount), {});
  csv_table const table(file, {"purpose", "begin_s", "share"});
  table.for_each([&](csv_row const& r) {
    auto const p = parse_purpose(r.text("purpose"));
    if (!p) r.fail(fmt::format("unknown purpose '{}'", r.text("purpose")));
    auto& shares = c.profile[static_cast<std::size_t>(*p)];
    double const begin = r.not_negative("begin_s");
    if (begin != static_cast<double>(shares.size()) * 900)
      r.fail(fmt::format("'begin_s' is {}, expected {}", begin, shares.size() * 900), "96 rows a purpose, in order");
    if (shares.size() == kSlots) r.fail("more than 96 rows for one purpose");
    shares.push_back(r.not_negative("share"));
  });
  for (std::size_t p = 0; p < c.profile.size(); ++p) {
    if (c.profile[p].empty()) continue;
    double sum = 0;
    for (double const s : c.profile[p]) sum += s;
    std::string_view const name = name_of(static_cast<purpose>(p));
    if (c.profile[p].size() != kSlots)
      throw_input(file.string(), fmt::format("'{}' has {} rows, not 96", name, c.profile[p].size()));
    if (std::abs(sum - 1) > 1e-3)
      throw_input(file.string(), fmt::format("the shares of '{}' sum to {:.4f}, not to 1", name, sum));
  }
}

// For people to read, on terminals and in pages; line breaks are allowed.
std::string words_or(fs::path const& file, toml::table const& t, char const* key, std::string fallback) {
  std::string words = text_or(file, t, key, std::move(fallback));
  bool plain = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const c = static_cast<unsigned char>(words[i]);
    auto const next = static_cast<unsigned char>(i + 1 < words.size() ? words[i + 1] : ' ');
    bool const c1 = c == 0xC2 && next >= 0x80 && next < 0xA0;
    plain = plain && !c1 && c != 0x7F && (c >= 0x20 || c == '\n' || c == '\r' || c == '\t');
  }
  if (!plain) throw_input(where_in(file, *t.get(key)), fmt::format("'{}' has control characters", key), "plain text");
  return words;
}

struct city_files {
  fs::path toml, network, zones, zone_edges, od, profiles, vtypes, stops, lines, travel_times, detectors, areas, counts;
  [[nodiscard]] std::vector<fs::path> all() const {
    return {toml, network, zones, zone_edges, od, profiles, vtypes, stops, lines, travel_times};
  }
};

city_files find_files(city& c, fs::path const& folder) {
  std::error_code ec;
  city_files f;
  f.toml = folder / "city.toml";
  if (!fs::is_directory(folder, ec)) throw_input(folder.string(), "no such city folder", "gemeo import makes one");
  toml::table const t = read_toml(f.toml);
  only_keys(
      f.toml, t,
      {"name", "label", "time_zone", "attribution", "attribution_pt", "caution", "caution_pt", "network", "zones",
       "zone_edges", "od", "profiles", "vtypes", "stops", "lines", "travel_times", "detectors", "areas", "counts"});
  c.name = text_or(f.toml, t, "name", folder.filename().string());
  c.label = words_or(f.toml, t, "label", c.name);
  c.time_zone = text_or(f.toml, t, "time_zone", "");
  if (auto const* zone = t.get("time_zone")) check_time_zone(c.time_zone, where_in(f.toml, *zone));
  c.of_data.attribution = words_or(f.toml, t, "attribution", "");
  c.of_data.attribution_pt = words_or(f.toml, t, "attribution_pt", "");
  c.of_data.caution = words_or(f.toml, t, "caution", "");
  c.of_data.caution_pt = words_or(f.toml, t, "caution_pt", "");
  auto const named = [&](char const* key, bool required) -> fs::path {
    std::string const name = required ? text_of(f.toml, t, key) : text_or(f.toml, t, key, "");
    if (name.empty()) return {};
    fs::path const relative(name);
    if (relative.is_absolute() || name.find("..") != std::string::npos) {
      throw_input(where_in(f.toml, *t.get(key)), fmt::format("'{}' must lie in the city's folder", key));
    }
    if (!fs::exists(folder / relative, ec))
      throw_input(where_in(f.toml, *t.get(key)), fmt::format("'{}': no such file: {}", key, name));
    if (fs::is_directory(folder / relative, ec))
      throw_input(where_in(f.toml, *t.get(key)), fmt::format("'{}' is a folder, not a file: {}", key, name));
    return folder / relative;
  };
  f.network = named("network", true);
  f.zones = named("zones", true);
  f.zone_edges = named("zone_edges", true);
  f.od = named("od", true);
  f.profiles = named("profiles", true);
  f.vtypes = named("vtypes", true);
  f.stops = named("stops", false);
  f.lines = named("lines", false);
  f.travel_times = named("travel_times", false);
  f.detectors = named("detectors", false);
  f.areas = named("areas", false);
  f.counts = named("counts", false);
  return f;
}

}  // namespace

type_mix const* find_mix(city const& c, std::string_view name) {
  auto const it = std::find_if(c.mixes.begin(), c.mixes.end(), [&](type_mix const& m) { return m.name == name; });
  return it == c.mixes.end() ? nullptr : &*it;
}

std::optional<zone_id> city::find_zone(std::string_view zone_name) const {
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (zones[zone_id(i)].name == zone_name) return zone_id(i);
  }
  return std::nullopt;
}

city read_city(fs::path const& folder) {
  city c;
  c.folder = folder;
  city_files const f = find_files(c, folder);
  c.net = read_network(f.network);
  read_vtypes(f.vtypes, c.types, c.mixes);
  read_zones(c, f.zones);
  read_zone_edges(c, f.zone_edges);
  read_profiles(c, f.profiles);
  read_od(c, f.od);
  if (!f.stops.empty()) read_stops(c, f.stops);
  if (!f.lines.empty()) read_lines(c, f.lines);
  c.travel_times = f.travel_times;
  c.detectors = f.detectors;
  c.areas = f.areas;
  c.counts = f.counts;
  hasher h;
  for (fs::path const& p : f.all()) {
    if (!p.empty()) h.add_value(hash_file(p));
  }
  c.hash = h.value();
  return c;
}

}  // namespace gemeo
