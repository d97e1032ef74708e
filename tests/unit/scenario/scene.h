// A tiny city with scenario files beside it, compiled for tests; and what differs between two compiled scenarios.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/compile.h"
#include "tests/support/tiny_city.h"

namespace gemeo::test {

struct scene {
  temp_folder dir;
  tiny_city city{dir / "data/tiny"};
  explicit scene(bool projected = false);
  // Gives the drawn network real coordinates near Cascais.
  void project() const;
  [[nodiscard]] std::filesystem::path file(std::string const& name) const {
    return dir / ("scenarios/tiny/" + name + ".toml");
  }
  void write(std::string const& name, std::string const& text) const { write_text(file(name), text); }
  [[nodiscard]] compiled base(std::uint64_t seed = 1) const;
  // The text on top of base.toml.
  [[nodiscard]] compiled with(std::string const& text, std::vector<std::string> set = {}, std::uint64_t seed = 1) const;
  // The message of what is wrong with it; empty when nothing is.
  [[nodiscard]] std::string message(std::string const& text, std::vector<std::string> set = {}) const;
  [[nodiscard]] std::string polygon(double x0, double y0, double x1, double y1) const;
};

struct traveller {
  std::uint64_t key;
  double depart_s;
  vtype_id type;
  float speed_factor;
  edge_id from, to;
  std::vector<edge_id> route;
  std::vector<std::pair<std::uint32_t, double>> stops;
  bool operator==(traveller const&) const;
};

std::map<std::string, traveller> by_name(compiled const& c);

struct difference {
  std::set<std::string> gone, added, changed;
};
difference differ(compiled const& a, compiled const& b);

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
