#include "tests/unit/scenario/scene.h"

#include <catch2/catch.hpp>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/network/projection.h"

namespace gemeo::test {

scene::scene(bool projected) {
  std::filesystem::create_directories(dir / "scenarios/tiny");
  write_text(dir / "scenarios/tiny/base.toml", "city = \"tiny\"\n[time]\nbegin = \"07:00\"\nend = \"09:00\"\n");
  if (projected) project();
}

void scene::project() const {
  std::string net = read_text_file(city.folder / "net.net.xml");
  auto const replace = [&](std::string const& key, std::string const& value) {
    std::size_t const at = net.find(key + "=\"") + key.size() + 2;
    net.replace(at, net.find('"', at) - at, value);
  };
  replace("netOffset", "-460000.00,-4283000.00");
  replace("projParameter", "+proj=utm +zone=29 +ellps=WGS84 +datum=WGS84 +units=m +no_defs");
  city.write("net.net.xml", net);
}

compiled scene::base(std::uint64_t seed) const {
  return compile_scenario(file("base"), {.set = {}, .seed = seed, .threads = 2, .data = {}});
}

compiled scene::with(std::string const& text, std::vector<std::string> set, std::uint64_t seed) const {
  write("other", "base = \"base\"\n" + text);
  return compile_scenario(file("other"), {.set = std::move(set), .seed = seed, .threads = 2, .data = {}});
}

std::string scene::message(std::string const& text, std::vector<std::string> set) const {
  try {
    static_cast<void>(with(text, std::move(set)));
  } catch (error const& e) {
    CHECK(e.exit_code() == 2);
    return e.what();
  }
  return "";
}

std::string scene::polygon(double x0, double y0, double x1, double y1) const {
  auto const net = read_network(city.folder / "net.net.xml");
  projection const p(*net);
  std::string out;
  for (auto const& [x, y] : {std::pair(x0, y0), std::pair(x1, y0), std::pair(x1, y1), std::pair(x0, y1)}) {
    lon_lat const l = p.to_lon_lat(x, y);
    out += (out.empty() ? "[" : ", ") + ("[" + std::to_string(l.lon_deg) + ", " + std::to_string(l.lat_deg) + "]");
  }
  return out + "]";
}

bool traveller::operator==(traveller const&) const = default;

std::map<std::string, traveller> by_name(compiled const& c) {
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

difference differ(compiled const& a, compiled const& b) {
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

}  // namespace gemeo::test
