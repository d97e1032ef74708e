#include "sim/cli/starter_city.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/network/components.h"
#include "sim/network/projection.h"

namespace gemeo::cli {

namespace {

constexpr double kZonesWanted = 60;
constexpr double kMinZone_m = 300, kMaxZone_m = 5000;
constexpr double kMinStreets_m = 500;  // a cell with less joins its neighbour
constexpr double kGateReach_m = 250;   // the two carriageways of one road leave the area this close together
constexpr auto kCar = vclass::kPassenger;

// How much traffic begins and ends per metre of street, relative to a residential street: nobody lives on a motorway.
double attraction(std::string const& type) {
  struct entry {
    std::string_view name;
    double weight;
  };
  static constexpr std::array<entry, 6> kTable = {
      {{"motorway", 0}, {"trunk", 0}, {"_link", 0}, {"primary", 0.4}, {"secondary", 0.7}, {"service", 0.3}}};
  for (entry const& e : kTable) {
    if (type.find(e.name) != std::string::npos) return e.weight;
  }
  return 1;
}

bool is_main_road(std::string const& type) {
  for (std::string_view const name : {"motorway", "trunk", "primary", "secondary"}) {
    if (type.find(name) != std::string::npos) return true;
  }
  return false;
}

std::string quoted(std::string const& s) {
  if (s.find_first_of(",\"\n\r") == std::string::npos) return s;
  std::string out = "\"";
  for (char const c : s) out += c == '"' ? "\"\"" : c == '\n' || c == '\r' ? " " : std::string(1, c);
  return out + "\"";
}

std::string toml_text(std::string const& s) {
  std::string out = "\"";
  for (char const c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

struct weighted_edge {
  edge_id edge;
  double origin = 0, destination = 0;
};

struct starter_zone {
  std::string id, label, kind;
  double x = 0, y = 0, length_m = 0;  // x, y: sums until the zone is complete
  std::map<std::string, double> road_m;
  std::vector<weighted_edge> edges;
};

class starter {
 public:
  starter(network const& net, starter_options const& o) : net_(net), o_(o), cars_(find_components(net, kCar)) {}

  std::vector<starter_zone> zones() {
    std::vector<starter_zone> all = cells();
    if (all.empty())
      throw_input(net_.file.string(), "no street is left where car trips could begin", "choose a larger area");
    double x = 0, y = 0;
    for (starter_zone const& z : all) {
      x += z.x / static_cast<double>(all.size());
      y += z.y / static_cast<double>(all.size());
    }
    for (starter_zone& g : gates(x, y)) all.push_back(std::move(g));
    return all;
  }
  double zone_m() const { return zone_m_; }
  std::size_t gate_count() const { return gates_; }

 private:
  [[nodiscard]] point middle(edge_id e) const {
    auto const s = net_.shape(lane_id(net_.edges.lanes[e].begin));
    return {(s.front().x + s.back().x) / 2, (s.front().y + s.back().y) / 2, 0};
  }

  std::vector<starter_zone> cells() {
    std::vector<weighted_edge> streets;
    for (std::uint32_t i = 0; i < net_.edge_count(); ++i) {
      edge_id const e(i);
      double const weight = cars_.edges[e] == reach::kMain ? net_.length_m(e) * attraction(net_.edges.type[e]) : 0;
      if (weight > 0) streets.push_back({e, weight, weight});
    }
    zone_m_ = o_.zone_m > 0 ? o_.zone_m : chosen_width(streets);
    std::map<std::pair<std::int64_t, std::int64_t>, starter_zone> grid;
    for (weighted_edge const& s : streets) {
      point const p = middle(s.edge);
      starter_zone& z = grid[{static_cast<std::int64_t>(std::floor((p.y - net_.bounds.min_y) / zone_m_)),
                              static_cast<std::int64_t>(std::floor((p.x - net_.bounds.min_x) / zone_m_))}];
      add(z, s);
    }
    std::vector<starter_zone> all;
    for (auto& [place, z] : grid) {
      z.id = fmt::format("z{:02}_{:02}", place.first, place.second);
      z.kind = "cell";
      all.push_back(std::move(z));
    }
    join_small(all);
    for (starter_zone& z : all) complete(z);
    return all;
  }

  // The width whose squares, as far as they hold streets, number about kZonesWanted.
  [[nodiscard]] double chosen_width(std::vector<weighted_edge> const& streets) const {
    double width = kMinZone_m;
    for (; width < kMaxZone_m; width *= 1.1) {
      std::set<std::pair<double, double>> cells;
      for (weighted_edge const& s : streets) {
        point const p = middle(s.edge);
        cells.emplace(std::floor((p.x - net_.bounds.min_x) / width), std::floor((p.y - net_.bounds.min_y) / width));
        if (static_cast<double>(cells.size()) > kZonesWanted) break;
      }
      if (static_cast<double>(cells.size()) <= kZonesWanted) break;
    }
    return std::ceil(width / 10) * 10;
  }

  void add(starter_zone& z, weighted_edge const& s) const {
    point const p = middle(s.edge);
    double const length = net_.length_m(s.edge);
    z.x += length * static_cast<double>(p.x);
    z.y += length * static_cast<double>(p.y);
    z.length_m += length;
    if (!net_.edges.road_name[s.edge].empty()) z.road_m[net_.edges.road_name[s.edge]] += length;
    z.edges.push_back(s);
  }

  // A sliver of a square, with a street or two, belongs to the nearest square that is none.
  void join_small(std::vector<starter_zone>& all) const {
    std::vector<starter_zone> large, small;
    for (starter_zone& z : all) (z.length_m >= kMinStreets_m ? large : small).push_back(std::move(z));
    if (large.empty()) {
      all = std::move(small);
      return;
    }
    for (starter_zone const& s : small) {
      auto const distance = [&](starter_zone const& z) {
        return std::hypot(z.x / z.length_m - s.x / s.length_m, z.y / z.length_m - s.y / s.length_m);
      };
      auto const nearest =
          std::min_element(large.begin(), large.end(),
                           [&](starter_zone const& a, starter_zone const& b) { return distance(a) < distance(b); });
      for (weighted_edge const& e : s.edges) add(*nearest, e);
    }
    all = std::move(large);
  }

  static void complete(starter_zone& z) {
    z.x /= z.length_m;
    z.y /= z.length_m;
    auto const longest = std::max_element(z.road_m.begin(), z.road_m.end(),
                                          [](auto const& a, auto const& b) { return a.second < b.second; });
    z.label = longest == z.road_m.end() ? "Zone " + z.id : longest->first;
  }

  // --- gates: main roads that begin or end where nothing else is -------------------------------------------------

  std::vector<starter_zone> gates(double centre_x, double centre_y) {
    id_vector<junction_id, std::set<junction_id>> beside(net_.junctions.name.size());
    for (std::uint32_t i = 0; i < net_.edge_count(); ++i) {
      edge_id const e(i);
      if (cars_.edges[e] == reach::kNotForClass) continue;
      beside[net_.edges.from[e]].insert(net_.edges.to[e]);
      beside[net_.edges.to[e]].insert(net_.edges.from[e]);
    }
    std::vector<starter_zone> found;
    for (std::uint32_t i = 0; i < net_.edge_count(); ++i) {
      edge_id const e(i);
      if (!is_main_road(net_.edges.type[e])) continue;
      reach const r = cars_.edges[e];
      bool const in = (r == reach::kMain || r == reach::kLeadsIn) && beside[net_.edges.from[e]].size() == 1;
      bool const out = (r == reach::kMain || r == reach::kLeadsOut) && beside[net_.edges.to[e]].size() == 1;
      if (in == out) continue;  // a road of one edge leads nowhere
      add_gate(found, e, in);
    }
    std::size_t n = 0;
    for (starter_zone& g : found) {
      complete(g);
      g.id = fmt::format("gate{:02}", ++n);
      std::string const road = g.road_m.empty() ? "road" : g.label;
      g.label = fmt::format("{} ({})", road, direction(g.x - centre_x, g.y - centre_y));
      g.kind = "gate";
    }
    gates_ = found.size();
    return found;
  }

  void add_gate(std::vector<starter_zone>& found, edge_id e, bool in) const {
    auto const shape = net_.shape(lane_id(net_.edges.lanes[e].begin));
    point const p = in ? shape.front() : shape.back();
    auto const same = std::find_if(found.begin(), found.end(), [&](starter_zone const& g) {
      return std::hypot(g.x / g.length_m - static_cast<double>(p.x), g.y / g.length_m - static_cast<double>(p.y)) <
             kGateReach_m;
    });
    starter_zone& g = same == found.end() ? found.emplace_back() : *same;
    double const lanes = net_.edges.lanes[e].size();
    double const capacity = lanes * net_.speed_mps(e);  // wider and faster roads carry more
    g.edges.push_back({e, in ? capacity : 0, in ? 0 : capacity});
    g.x += static_cast<double>(p.x);
    g.y += static_cast<double>(p.y);
    g.length_m += 1;
    if (!net_.edges.road_name[e].empty()) g.road_m[net_.edges.road_name[e]] += lanes;
  }

  static char const* direction(double dx, double dy) {
    static constexpr std::array<char const*, 8> kNames = {"east", "north-east", "north", "north-west",
                                                          "west", "south-west", "south", "south-east"};
    double const eighth = std::atan2(dy, dx) / (std::numbers::pi / 4);
    return kNames[static_cast<std::size_t>(std::lround(eighth) + 8) % 8];
  }

  network const& net_;
  starter_options const& o_;
  component_map const cars_;
  double zone_m_ = 0;
  std::size_t gates_ = 0;
};

std::string zones_csv(network const& net, std::vector<starter_zone> const& zones) {
  std::string s = "zone_id,name,parish,kind,lat,lon,park_and_ride_spaces\n";
  projection const map(net);
  for (starter_zone const& z : zones) {
    lon_lat const p = map.to_lon_lat(z.x, z.y);
    s += fmt::format("{},{},,{},{:.6f},{:.6f},\n", z.id, quoted(z.label), z.kind, p.lat_deg, p.lon_deg);
  }
  return s;
}

std::string zone_edges_csv(network const& net, std::vector<starter_zone> const& zones) {
  std::string s = "zone_id,edge_id,weight,destination_weight\n";
  for (starter_zone const& z : zones) {
    for (weighted_edge const& e : z.edges) {
      s += fmt::format("{},{},{:.1f},{:.1f}\n", z.id, quoted(net.edges.name[e.edge]), e.origin, e.destination);
    }
  }
  return s;
}

// Placeholder demand: trips from each zone to each other in proportion to what begins and ends there, no distance in
// it. Half of it to work, half of it home; between gates it is through traffic. A gate weighs as much as an average
// cell.
std::string od_csv(std::vector<starter_zone> const& zones, double trips_per_day) {
  std::string s = "from_zone,to_zone,purpose,vtype,trips_per_day\n";
  if (trips_per_day <= 0) return s;
  double cells = 0, streets = 0;
  for (starter_zone const& z : zones) {
    if (z.kind != "cell") continue;
    ++cells;
    for (weighted_edge const& e : z.edges) streets += e.origin;
  }
  auto const weight = [&](starter_zone const& z, bool origin) {
    double sum = 0;
    for (weighted_edge const& e : z.edges) sum += origin ? e.origin : e.destination;
    return z.kind == "gate" ? (sum > 0 ? 1 / cells : 0) : sum / streets;
  };
  double total = 0;
  auto const each_pair = [&](auto const& visit) {
    for (starter_zone const& a : zones) {
      for (starter_zone const& b : zones) {
        if (double const w = weight(a, true) * weight(b, false); &a != &b && w > 0) visit(a, b, w);
      }
    }
  };
  each_pair([&](auto const&, auto const&, double w) { total += w; });
  each_pair([&](starter_zone const& a, starter_zone const& b, double w) {
    double const trips = trips_per_day * w / total;
    if (a.kind == "gate" && b.kind == "gate") {
      s += fmt::format("{},{},through,car,{:.3f}\n", a.id, b.id, trips);
    } else {
      s += fmt::format("{0},{1},work,car,{2:.3f}\n{0},{1},home,car,{2:.3f}\n", a.id, b.id, trips / 2);
    }
  });
  return s;
}

// Generic shapes of a day: bells around the hours when people set out, over a floor of trips at any time of the day.
std::string profiles_csv() {
  struct bell {
    double hour, width_h, weight;
  };
  struct shape {
    char const* purpose;
    double floor;
    std::vector<bell> bells;
  };
  std::vector<shape> const shapes = {{"work", 0.10, {{8, 0.9, 0.80}, {14, 1.5, 0.20}}},
                                     {"school", 0.02, {{8.2, 0.5, 0.85}, {13.5, 0.8, 0.15}}},
                                     {"home", 0.10, {{18, 1.5, 0.65}, {13, 1.2, 0.2}, {21.5, 1.5, 0.15}}},
                                     {"leisure", 0.15, {{11, 2, 0.3}, {17.5, 2, 0.5}, {21, 1.2, 0.2}}},
                                     {"business", 0.10, {{10.5, 1.8, 0.5}, {15, 2, 0.5}}},
                                     {"through", 0.30, {{8.2, 1.2, 0.45}, {17.8, 1.5, 0.55}}},
                                     {"freight", 0.20, {{10, 2.5, 0.6}, {15, 2, 0.4}}},
                                     {"event", 0.05, {{20, 0.8, 1}}},
                                     {"other", 0.25, {{11, 2.5, 0.5}, {17, 2, 0.5}}}};
  std::string s = "purpose,begin_s,share\n";
  for (shape const& p : shapes) {
    std::array<double, 96> share{};
    double sum = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      double const h = (static_cast<double>(i) + 0.5) / 4;
      double bells = 0;
      for (bell const& b : p.bells)
        bells += b.weight / b.width_h * std::exp(-(h - b.hour) * (h - b.hour) / (2 * b.width_h * b.width_h));
      share[i] = bells + (h > 5.5 && h < 23 ? p.floor : p.floor / 10);
      sum += share[i];
    }
    for (std::size_t i = 0; i < share.size(); ++i)
      s += fmt::format("{},{},{:.6f}\n", p.purpose, i * 900, share[i] / sum);
  }
  return s;
}

// No tau below 1 s, the usual tick: SUMO's vehicles would collide.
// sigma = 0: drivers differ by drawn type and speed factor, so that a base run and an intervention can be paired.
constexpr char const* kTypes = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- Generic European vehicle types, to be adapted. sigma = 0: what drivers differ in is drawn once per traveller (type,
     speed factor), so that a base run and an intervention can be compared traveller by traveller.
     Emission classes: HBEFA 3.1 as SUMO carries it. -->
<additional>
    <vType id="car_brisk" vClass="passenger" length="4.3" minGap="2.2" accel="2.9" decel="4.5" emergencyDecel="9.0" sigma="0" tau="1.0" maxSpeed="50" speedFactor="1.05" speedDev="0.08" emissionClass="HBEFA3/PC_G_EU4"/>
    <vType id="car_usual" vClass="passenger" length="4.4" minGap="2.5" accel="2.6" decel="4.5" emergencyDecel="9.0" sigma="0" tau="1.1" maxSpeed="50" speedFactor="1.00" speedDev="0.08" emissionClass="HBEFA3/PC_D_EU4"/>
    <vType id="car_calm" vClass="passenger" length="4.2" minGap="2.7" accel="2.2" decel="4.0" emergencyDecel="9.0" sigma="0" tau="1.4" maxSpeed="45" speedFactor="0.94" speedDev="0.07" emissionClass="HBEFA3/PC_G_EU4"/>
    <vType id="van" vClass="delivery" length="5.8" minGap="2.5" accel="2.2" decel="4.0" emergencyDecel="8.0" sigma="0" tau="1.2" maxSpeed="42" speedFactor="0.97" speedDev="0.07" emissionClass="HBEFA3/LDV_D_EU4"/>
    <vType id="lorry" vClass="truck" length="9.5" minGap="2.8" accel="1.3" decel="3.8" emergencyDecel="7.0" sigma="0" tau="1.5" maxSpeed="25" speedFactor="0.92" speedDev="0.05" emissionClass="HBEFA3/HDV_D_EU4"/>
    <vType id="bus" vClass="bus" length="12" minGap="2.8" accel="1.2" decel="3.6" emergencyDecel="7.0" sigma="0" tau="1.3" maxSpeed="24" speedFactor="0.95" speedDev="0.03" emissionClass="HBEFA3/Bus"/>
    <vTypeDistribution id="car" vTypes="car_brisk car_usual car_calm van" probabilities="0.25 0.45 0.20 0.10"/>
    <vTypeDistribution id="truck" vTypes="lorry" probabilities="1"/>
</additional>
)";

// Said by every run and before every comparison, until whoever fills in od.csv takes it away.
std::string caution_toml(starter_options const& o) {
  if (o.trips_per_day <= 0) return "";
  auto const line = [&](char const* key, char const* sentence) {
    return fmt::format("{} = {}\n", key, toml_text(fmt::format(fmt::runtime(sentence), o.label, o.trips_per_day)));
  };
  return line("caution",
              "The trips of {} are placeholders, {:.0f} a day spread evenly: no conclusion about the city follows.") +
         line("caution_pt",
              "As viagens de {} são fictícias, {:.0f} por dia distribuídas por igual: nada se conclui sobre a cidade.");
}

std::string city_toml(starter_options const& o) {
  return fmt::format(
             "name = {}\nlabel = {}\n{}attribution = {}\nnetwork = \"net.net.xml.gz\"\nzones = "
             "\"zones.csv\"\n"
             "zone_edges = \"zone_edges.csv\"\nod = \"od.csv\"\nprofiles = \"profiles.csv\"\nvtypes = "
             "\"vtypes.add.xml\"\n",
             toml_text(o.name), toml_text(o.label),
             o.time_zone.empty() ? "" : "time_zone = " + toml_text(o.time_zone) + "\n", toml_text(o.attribution)) +
         caution_toml(o);
}

}  // namespace

starter_counts write_starter_city(network const& net, std::filesystem::path const& folder, starter_options const& o) {
  starter s(net, o);
  std::vector<starter_zone> const zones = s.zones();
  write_text_file(folder / "zones.csv", zones_csv(net, zones));
  write_text_file(folder / "zone_edges.csv", zone_edges_csv(net, zones));
  write_text_file(folder / "od.csv", od_csv(zones, o.trips_per_day));
  write_text_file(folder / "profiles.csv", profiles_csv());
  write_text_file(folder / "vtypes.add.xml", kTypes);
  write_text_file(folder / "city.toml", city_toml(o));
  starter_counts c;
  c.gates = s.gate_count();
  c.zones = zones.size() - c.gates;
  for (starter_zone const& z : zones) c.zone_edges += z.edges.size();
  c.zone_m = s.zone_m();
  return c;
}

}  // namespace gemeo::cli
