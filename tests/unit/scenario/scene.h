// A tiny city with scenario files beside it, compiled for tests; and what differs between two compiled scenarios.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/network/projection.h"
#include "sim/scenario/compile.h"
#include "tests/support/tiny_city.h"

namespace gemeo::test {

struct scene {
  temp_folder dir;
  tiny_city city{dir / "data/tiny"};
  explicit scene(bool projected = false) {
    std::filesystem::create_directories(dir / "scenarios/tiny");
    write_text(dir / "scenarios/tiny/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"09:00\"\n");
    if (projected) project();
  }
  // Gives the drawn network real coordinates near Cascais.
  void project() const {
    std::string net = read_text_file(city.folder / "net.net.xml");
    auto const replace = [&](std::string const& key, std::string const& value) {
      std::size_t const at = net.find(key + "=\"") + key.size() + 2;
      net.replace(at, net.find('"', at) - at, value);
    };
    replace("netOffset", "-460000.00,-4283000.00");
    replace("projParameter", "+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs");
    city.write("net.net.xml", net);
  }
  [[nodiscard]] std::filesystem::path file(std::string const& name) const {
    return dir / ("scenarios/tiny/" + name + ".toml");
  }
  void write(std::string const& name, std::string const& text) const { write_text(file(name), text); }
  [[nodiscard]] compiled base(std::uint64_t seed = 1) const {
    return compile_scenario(file("base"), {.set = {}, .seed = seed, .threads = 2, .data = {}});
  }
  // The text on top of base.toml.
  [[nodiscard]] compiled with(std::string const& text, std::vector<std::string> set = {},
                              std::uint64_t seed = 1) const {
    write("other", "base = \"base\"\n" + text);
    return compile_scenario(file("other"), {.set = std::move(set), .seed = seed, .threads = 2, .data = {}});
  }
  // The message of what is wrong with it; empty when nothing is.
  [[nodiscard]] std::string message(std::string const& text, std::vector<std::string> set = {}) const {
    try {
      static_cast<void>(with(text, std::move(set)));
    } catch (error const& e) {
      CHECK(e.exit_code() == 2);
      return e.what();
    }
    return "";
  }
  [[nodiscard]] std::string polygon(double x0, double y0, double x1, double y1) const {
    auto const net = read_network(city.folder / "net.net.xml");
    projection const p(*net);
    std::string out;
    for (auto const& [x, y] : {std::pair(x0, y0), std::pair(x1, y0), std::pair(x1, y1), std::pair(x0, y1)}) {
      lon_lat const l = p.to_lon_lat(x, y);
      out += (out.empty() ? "[" : ", ") + ("[" + std::to_string(l.lon_deg) + ", " + std::to_string(l.lat_deg) + "]");
    }
    return out + "]";
  }
};

struct traveller {
  std::uint64_t key;
  double depart_s;
  vtype_id type;
  float speed_factor;
  edge_id from, to;
  std::vector<edge_id> route;
  std::vector<std::pair<std::uint32_t, double>> stops;
  bool operator==(traveller const&) const = default;
};

inline std::map<std::string, traveller> by_name(compiled const& c) {
  std::map<std::string, traveller> out;
  demand const& d = *c.ready.travellers;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    vehicle_table const& t = d.vehicles;
    traveller one{t.key[v], t.depart_s[v], t.type[v], t.speed_factor[v], t.from[v], t.to[v], {}, {}};
    if (t.route[v].valid()) {
      auto const way = d.route(t.route[v]);
      one.route.assign(way.begin(), way.end());
    }
    for (std::uint32_t k = t.stops[v].begin; k < t.stops[v].end; ++k)
      one.stops.emplace_back(d.stop_calls[k].stop.value, d.stop_calls[k].until_s);
    out.emplace(t.name[v], std::move(one));
  }
  return out;
}

struct difference {
  std::set<std::string> gone, added, changed;
};
inline difference differ(compiled const& a, compiled const& b) {
  auto const x = by_name(a), y = by_name(b);
  difference d;
  for (auto const& [name, t] : x) {
    auto const it = y.find(name);
    if (it == y.end()) {
      d.gone.insert(name);
    } else if (!(it->second == t)) {
      d.changed.insert(name);
    }
  }
  for (auto const& [name, t] : y) {
    if (x.count(name) == 0) d.added.insert(name);
  }
  return d;
}

inline edge_id edge(compiled const& c, char const* name) { return c.ready.net->find_edge(name).value(); }
inline lane_id lane(compiled const& c, char const* name) { return c.ready.net->find_lane(name).value(); }

// The commands of one kind.
template <typename Command>
std::vector<std::pair<double, Command>> commands(compiled const& c) {
  std::vector<std::pair<double, Command>> out;
  for (timed_command const& t : c.ready.commands) {
    if (auto const* const k = std::get_if<Command>(&t.what)) out.emplace_back(t.time_s, *k);
  }
  return out;
}

}  // namespace gemeo::test
