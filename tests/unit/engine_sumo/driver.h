// Runs an engine as sim/run does, and keeps everything it said. Also: scenarios without a scenario file, of the tiny
// city and of a drawn map with vehicles given one by one.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/hash.h"
#include "sim/demand/city.h"
#include "sim/engine_sumo/engine_sumo.h"
#include "sim/routing/router.h"
#include "tests/support/tiny_city.h"
#include "tests/support/tiny_network.h"

namespace gemeo::test {

struct outcome {
  counters total;
  observations seen;
  std::uint64_t hash = 0;
  std::vector<frame> frames;  // one a tick when asked for
};

struct drive_options {
  run_options run;
  bool frames = false;
  double until_s = 1e18;
};

inline drive_options every(double interval_s) {
  drive_options o;
  o.run.interval_s = interval_s;
  return o;
}

inline void append(observations& to, observations const& from) {
  auto const all = [](auto& a, auto const& b) { a.insert(a.end(), b.begin(), b.end()); };
  all(to.edges, from.edges);
  all(to.trips, from.trips);
  all(to.stops, from.stops);
  all(to.detectors, from.detectors);
  all(to.messages, from.messages);
  all(to.new_vehicle_names, from.new_vehicle_names);
  all(to.new_detector_names, from.new_detector_names);
  all(to.new_stop_names, from.new_stop_names);
}

// Steps a loaded engine; commands of the scenario at their times.
inline outcome drive_loaded(engine& e, scenario const& s, drive_options const& o, std::size_t next_command = 0) {
  outcome out;
  hasher h;
  frame f;
  double next_drain = e.count().time_s + o.run.interval_s;
  while (!e.done() && e.count().time_s < o.until_s) {
    std::vector<command> due;
    while (next_command < s.commands.size() && s.commands[next_command].time_s <= e.count().time_s) {
      due.push_back(s.commands[next_command++].what);
    }
    if (!due.empty()) e.apply(due);
    e.step();
    e.observe(f);
    h.add_value(hash_frame(f));
    if (o.frames) out.frames.push_back(f);
    if (e.count().time_s >= next_drain) {
      observations some;
      e.drain(some);
      append(out.seen, some);
      next_drain += o.run.interval_s;
    }
  }
  out.hash = h.value();
  return out;
}

inline outcome drive(scenario const& s, drive_options o) {
  temp_folder const scratch;
  o.run.scratch = scratch.path();
  auto const e = make_engine_sumo();
  e->load(s, o.run);
  outcome out = drive_loaded(*e, s, o);
  e->finish();
  observations rest;
  e->drain(rest);
  append(out.seen, rest);
  out.total = e->count();
  return out;
}

// The tiny city's morning, routed by free-flow times.
struct tiny_scenario {
  explicit tiny_scenario(double trips_per_day = 12000, std::uint64_t seed = 42, double begin_s = 25200,
                         double end_s = 27000)
      : town(read_city(tiny_city(folder / "city", trips_per_day).folder)) {
    auto d = std::make_shared<demand>(draw_demand(town, seed, begin_s, end_s));
    ready.ways = std::make_shared<router const>(*town.net, free_flow_costs(*town.net));
    ready.way_options.seed = seed;
    plan_routes(*d, *ready.ways, ready.way_options, [&](vehicle_id v) { return !d->vehicles.route[v].valid(); });
    ready.name = "tiny";
    ready.file = folder / "tiny.toml";
    ready.net = town.net;
    ready.travellers = d;
    ready.begin_s = begin_s;
    ready.end_s = end_s;
    ready.programs.resize(town.net->signals.name.size());
  }
  [[nodiscard]] edge_id edge(char const* name) const { return *town.net->find_edge(name); }
  [[nodiscard]] lane_id lane(char const* name) const { return *town.net->find_lane(name); }

  temp_folder folder;
  city town;
  scenario ready;
};

// A drawn map and vehicles given one by one; types "car", "bus" and "lorry" without any randomness.
struct drawn_scenario {
  explicit drawn_scenario(std::string_view drawing, double end_s = 600, tiny_options const& options = {})
      : map(drawing, options) {
    for (auto const& [name, cls] :
         {std::pair{"car", vclass::kPassenger}, {"bus", vclass::kBus}, {"lorry", vclass::kTruck}}) {
      vehicle_type t;
      t.name = name;
      t.cls = cls;
      t.sigma = t.speed_factor_dev = 0;
      who.types.push_back(t);
    }
    ready.name = "drawn";
    ready.file = map.folder / "drawn.toml";
    ready.net = map.net;
    ready.end_s = end_s;
    ready.programs.resize(map.net->signals.name.size());
  }
  // way: "AB BC"
  void add(std::string_view way, double depart_s, std::string_view type = "car") {
    std::vector<edge_id> edges;
    std::istringstream words{std::string(way)};
    for (std::string word; words >> word;) edges.push_back(edge(word));
    vehicle_table& v = who.vehicles;
    std::size_t const n = who.size();
    v.key.push_back(1000 + n);
    v.name.push_back(std::string(type) + std::to_string(n));
    v.depart_s.push_back(depart_s);
    v.type.push_back(vtype_id(type == "car" ? 0U : type == "bus" ? 1U : 2U));
    v.speed_factor.push_back(1);
    v.from.push_back(edges.front());
    v.to.push_back(edges.back());
    v.route.push_back(who.add_route(edges));
    v.from_zone.push_back({});
    v.to_zone.push_back({});
    v.why.push_back(purpose::kOther);
    v.line.push_back({});
    v.stops.push_back({});
  }
  void add_each(std::string_view way, double first_s, double every_s, double last_s, std::string_view type = "car") {
    for (double t = first_s; t <= last_s; t += every_s) add(way, t, type);
  }
  // The vehicles given so far, in order of departure; commands of the scenario at their times.
  [[nodiscard]] scenario with(std::vector<timed_command> commands = {}) {
    auto d = std::make_shared<demand>(who);
    d->sort();
    scenario s = ready;
    s.travellers = d;
    s.commands = std::move(commands);
    return s;
  }
  [[nodiscard]] edge_id edge(std::string_view name) const { return *map.net->find_edge(name); }
  [[nodiscard]] lane_id lane(std::string_view name) const { return *map.net->find_lane(name); }

  tiny_network map;
  demand who;
  scenario ready;
};

// Where a vehicle was, tick by tick.
struct place {
  double time_s = 0;
  lane_id lane;
  float pos_m = 0, speed_mps = 0;
  friend bool operator==(place const&, place const&) = default;
};

inline std::map<std::uint64_t, std::vector<place>> trajectories(outcome const& o, scenario const& s) {
  std::map<std::uint64_t, std::vector<place>> out;  // by traveller's key
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      out[s.travellers->vehicles.key[f.vehicle[i]]].push_back({f.time_s, f.lane[i], f.pos_m[i], f.speed_mps[i]});
    }
  }
  return out;
}

}  // namespace gemeo::test
