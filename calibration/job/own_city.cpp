#include "calibration/job/own_city.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "calibration/fit/gravity.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/csv.h"
#include "sim/scenario/document.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostTomlBytes = 1U << 20U;
constexpr double kMostTrips = 1e7;  // a matrix says no more of a pair
constexpr char const* kFileKeys[] = {"network", "zones", "zone_edges",   "od",        "profiles", "vtypes",
                                     "stops",   "lines", "travel_times", "detectors", "areas",    "counts"};

doc_value city_toml(fs::path const& folder) {
  fs::path const file = folder / "city.toml";
  return parse_document(read_text_file(file, kMostTomlBytes), file);
}

double km_between(zone const& a, zone const& b) {
  constexpr double kEarth_km = 6371, kRad = std::numbers::pi / 180;
  double const x = (b.lon_deg - a.lon_deg) * kRad * std::cos((a.lat_deg + b.lat_deg) / 2 * kRad),
               y = (b.lat_deg - a.lat_deg) * kRad;
  return kEarth_km * std::hypot(x, y);
}

struct zone_totals {
  std::vector<double> from, to;
};

zone_totals read_totals(city const& town, fs::path const& file) {
  zone_totals out;
  out.from.assign(town.zones.size(), 0);
  out.to.assign(town.zones.size(), 0);
  std::vector<bool> seen(town.zones.size());
  csv_table const table(file, {"zone_id", "from_trips", "to_trips"});
  table.for_each([&](csv_row const& r) {
    auto const z = town.find_zone(r.text("zone_id"));
    if (!z) {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < town.zones.size(); ++i) names.push_back(town.zones[zone_id(i)].name);
      r.fail(fmt::format("the city has no zone '{}'", r.text("zone_id")), did_you_mean(r.text("zone_id"), names));
    }
    if (seen[z->index()]) r.fail(fmt::format("zone '{}' stands there twice", r.text("zone_id")), "one row a zone");
    seen[z->index()] = true;
    out.from[z->index()] = r.not_negative("from_trips");
    out.to[z->index()] = r.not_negative("to_trips");
    if (std::max(out.from[z->index()], out.to[z->index()]) > kMostTrips)
      r.fail(fmt::format("more than {:.0f} trips a day begin or end in zone '{}'", kMostTrips, town.zones[*z].name),
             "trips of one day, not of a year");
    auto const any = [](std::vector<double> const& w) {
      return std::any_of(w.begin(), w.end(), [](double x) { return x > 0; });
    };
    zone const& at = town.zones[*z];
    if ((out.from[z->index()] > 0 && !any(at.origin_weight)) || (out.to[z->index()] > 0 && !any(at.destination_weight)))
      r.fail(fmt::format("zone '{}' has trips and no edge for them", at.name),
             "zone_edges.csv gives zones their edges");
  });
  if (std::accumulate(out.from.begin(), out.from.end(), 0.0) <= 0 ||
      std::accumulate(out.to.begin(), out.to.end(), 0.0) <= 0)
    throw_input(file.string(), "no trips begin, or none end");
  return out;
}

// Trips within a zone are as long as half the way to the nearest other one.
gravity_zones pairs_of(city const& town, zone_totals const& t) {
  gravity_zones out;
  for (std::uint32_t i = 0; i < t.from.size(); ++i) {
    double nearest = 1e9;
    for (std::uint32_t k = 0; k < t.to.size(); ++k) {
      if (k != i) nearest = std::min(nearest, km_between(town.zones[zone_id(i)], town.zones[zone_id(k)]));
    }
    for (std::uint32_t k = 0; k < t.to.size(); ++k) {
      bool const one_edge = k == i && town.zones[zone_id(i)].edges.size() < 2;
      if (t.from[i] <= 0 || t.to[k] <= 0 || one_edge) continue;
      out.origin.push_back(i);
      out.destination.push_back(k);
      out.cost.push_back(k == i ? nearest / 2 : km_between(town.zones[zone_id(i)], town.zones[zone_id(k)]));
    }
  }
  return out;
}

double mean_km(std::vector<double> const& trips, gravity_zones const& z) {
  double sum = 0, km = 0;
  for (std::size_t p = 0; p < trips.size(); ++p) {
    sum += trips[p];
    km += trips[p] * z.cost[p];
  }
  return km / sum;
}

// The purpose and the vehicles of trips of which nothing is known.
std::pair<purpose, std::string> kind_of_trips(city const& town) {
  std::size_t why = static_cast<std::size_t>(purpose::kOther);
  if (why >= town.profile.size() || town.profile[why].empty()) {
    why = static_cast<std::size_t>(
        std::find_if(town.profile.begin(), town.profile.end(), [](auto const& p) { return !p.empty(); }) -
        town.profile.begin());
    if (why == town.profile.size())
      throw_input(town.folder.string(), "has no profile of the day for any purpose", "look at profiles.csv");
  }
  if (find_mix(town, "car") != nullptr) return {static_cast<purpose>(why), "car"};
  for (type_mix const& m : town.mixes) {
    bool const cars = std::all_of(m.types.begin(), m.types.end(),
                                  [&](vtype_id t) { return town.types[t].cls == vclass::kPassenger; });
    if (cars) return {static_cast<purpose>(why), m.name};
  }
  throw_input(town.folder.string(), "has no type of cars", "add a <vType> of vClass passenger");
}

}  // namespace

void copy_city(fs::path const& from, fs::path const& to) {
  doc_value const toml = city_toml(from);
  std::error_code ec;
  fs::create_directories(to, ec);
  auto const copy = [&](fs::path const& name) {
    if (name.has_parent_path()) fs::create_directories((to / name).parent_path(), ec);
    if (!ec) fs::copy_file(from / name, to / name, fs::copy_options::overwrite_existing, ec);
    if (ec) throw_run((to / name).string(), "cannot be copied from the city's folder: " + ec.message());
  };
  copy("city.toml");
  for (char const* key : kFileKeys) {
    doc_value const* const v = toml.find(key);
    if (v != nullptr && !v->text.empty()) copy(v->text);
  }
}

void replace_in_city(fs::path const& folder, char const* key, std::string const& text) {
  doc_value const toml = city_toml(folder);
  doc_value const* const v = toml.find(key);
  verify(v != nullptr && !v->text.empty(), "a city names the file");
  write_text_file(folder / v->text, text);
}

std::string od_by_gravity(city const& town, calibration_job const& job, std::vector<bilingual>& notes) {
  zone_totals const totals = read_totals(town, job.zone_trips);
  gravity_zones const zones = pairs_of(town, totals);
  double const want = job.prior.mean_km;
  double low = 0, high = 1;
  auto const at = [&](double b) { return gravity_prior(totals.from, totals.to, zones, b); };
  std::vector<double> trips = at(low);
  double const longest = mean_km(trips, zones);
  if (longest <= want) {
    notes.push_back(in_both(
        "[prior] mean_km is {:g}; between these zones trips are {:.1f} km long on average even where distance does not "
        "matter, and it does not",
        "[prior] mean_km é {:g}; entre estas zonas as viagens têm em média {:.1f} km mesmo que a distância não conte, "
        "e "
        "não conta",
        want, longest));
  } else {
    for (int i = 0; i < 8 && mean_km(at(high), zones) > want; ++i) high *= 2;
    for (int i = 0; i < 40; ++i) {
      double const middle = (low + high) / 2;
      (mean_km(at(middle), zones) > want ? low : high) = middle;
    }
    trips = at(high);
    if (double const got = mean_km(trips, zones); std::abs(got / want - 1) > 0.05)
      notes.push_back(in_both("[prior] mean_km is {:g}; the nearest that these zones allow is {:.1f} km",
                              "[prior] mean_km é {:g}; o mais próximo que estas zonas permitem é {:.1f} km", want,
                              got));
  }
  auto const [why, types] = kind_of_trips(town);
  std::string out = "from_zone,to_zone,purpose,vtype,trips_per_day\n";
  for (std::size_t p = 0; p < trips.size(); ++p)
    out += fmt::format("{},{},{},{},{:.6g}\n", town.zones[zone_id(zones.origin[p])].name,
                       town.zones[zone_id(zones.destination[p])].name, name_of(why), types, trips[p]);
  return out;
}

}  // namespace gemeo
