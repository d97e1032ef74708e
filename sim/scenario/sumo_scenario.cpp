// A .sumocfg as a scenario of our own.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/parallel.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/sumo_demand.h"
#include "sim/routing/lone_ways.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

struct sumo_opened {
  sumo_config config;
  std::shared_ptr<network const> net;
  sumo_inputs inputs;
  std::vector<std::string> beyond_us;
};

sumo_opened open_all(sumo_window const& w, sumo_config c, compile_options const& o) {
  sumo_opened out;
  out.config = std::move(c);
  out.beyond_us = options_beyond_us(out.config);
  out.net = read_network(out.config.net);
  std::vector<fs::path> files = out.config.additionals;
  files.insert(files.end(), out.config.routes.begin(), out.config.routes.end());
  out.inputs = read_sumo_demand(*out.net, files, {w.begin_s, w.end_s, out.config.step_s, o.seed});
  out.beyond_us.insert(out.beyond_us.end(), out.inputs.unsupported.begin(), out.inputs.unsupported.end());
  return out;
}

// What a driver of the type does on an empty road.
lone_driver driver_of(vehicle_type const& t, float speed_factor) {
  lone_driver d{t.cls, t.max_speed_mps, speed_factor > 0 ? static_cast<double>(speed_factor) : t.speed_factor};
  if (auto const it = t.other.find("desiredMaxSpeed"); it != t.other.end()) {
    if (auto const wish = parse_number(it->second)) d.max_speed_mps = std::min(d.max_speed_mps, *wish * d.speed_factor);
  }
  return d;
}

// From one end over the edges between to the other; empty when some part of it cannot be done.
std::vector<edge_id> whole_way(lone_ways const& ways, edge_id from, std::vector<edge_id> between, edge_id to,
                               lone_driver const& d) {
  std::vector<edge_id> out = {from};
  between.push_back(to);
  for (edge_id const next : between) {
    if (next == out.back()) continue;
    auto const part = ways.find(out.back(), next, d);
    if (part.empty()) return {};
    out.insert(out.end(), part.begin() + 1, part.end());
  }
  return out;
}

void route_trips(fs::path const& file, network const& net, sumo_inputs& in, std::size_t threads) {
  demand& d = in.travellers;
  std::vector<vehicle_id> who;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (!d.vehicles.route[vehicle_id(i)].valid()) who.emplace_back(i);
  }
  if (who.empty()) return;
  lone_ways const ways(net);
  std::vector<std::vector<edge_id>> found(who.size());
  thread_team(threads).run(who.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      vehicle_id const v = who[i];
      auto const via = in.via.find(v);
      found[i] = whole_way(ways, d.vehicles.from[v], via == in.via.end() ? std::vector<edge_id>() : via->second,
                           d.vehicles.to[v], driver_of(d.types[d.vehicles.type[v]], d.vehicles.speed_factor[v]));
    }
  });
  for (std::size_t i = 0; i < who.size(); ++i) {  // in the order of vehicles, whatever thread found them
    vehicle_id const v = who[i];
    if (found[i].empty()) {
      throw_input(file.string(),
                  fmt::format("trip '{}' has no way from edge '{}' to edge '{}' for class '{}'", d.vehicles.name[v],
                              net.edges.name[d.vehicles.from[v]], net.edges.name[d.vehicles.to[v]],
                              name_of(d.types[d.vehicles.type[v]].cls)),
                  "correct the trip, its 'via' and its stops, or the network");
    }
    d.vehicles.route[v] = d.add_route(found[i]);
  }
}

// As in SUMO the program read last runs; the network's own one stays the first of the list.
void merge_programs(scenario& s, sumo_inputs const& in) {
  for (std::size_t i = 0; i < in.programs.size(); ++i) {
    signal_id const signal(i);
    if (in.programs[signal].empty()) continue;
    s.programs.resize(s.net->signals.name.size());
    auto& list = s.programs[signal];
    auto const& own = s.net->signals.programs[signal];
    if (!own.empty()) list.push_back(own.back());
    list.insert(list.end(), in.programs[signal].begin(), in.programs[signal].end());
    s.commands.push_back({s.begin_s, set_signal_program{signal, static_cast<std::uint32_t>(list.size() - 1)}});
  }
}

void warn(compiled& out, sumo_inputs const& in) {
  out.warnings = in.notes;
  if (in.ignored.empty()) return;
  out.warnings.push_back(
      fmt::format("{} definitions of output only are passed over, e.g. {}", in.ignored.size(), in.ignored.front()));
}

}  // namespace

std::vector<std::string> unsupported_of_sumo(fs::path const& file, compile_options const& o) {
  sumo_config c = read_sumo_config(file);
  sumo_window const w(file, c, o);
  return open_all(w, std::move(c), o).beyond_us;
}

compiled read_sumo_scenario(fs::path const& file, compile_options const& o) {
  sumo_config config = read_sumo_config(file);
  sumo_window const w(file, config, o);
  sumo_opened in = open_all(w, std::move(config), o);
  if (!in.beyond_us.empty()) {
    std::string list;
    for (std::string const& b : in.beyond_us) list += (list.empty() ? "" : "; ") + b;
    throw_input(file.string(), fmt::format("{} things only SUMO can do: {}", in.beyond_us.size(), list),
                "run it on SUMO, or take them out");
  }
  route_trips(file, *in.net, in.inputs, o.threads);
  compiled out;
  scenario& s = out.ready;
  s.name = s.title = file.stem().string();
  s.file = file;
  s.text = read_text_file(file);
  s.net = in.net;
  s.begin_s = w.begin_s;
  s.end_s = w.end_s;
  s.step_s = in.config.step_s;
  s.time_to_teleport_s = in.config.time_to_teleport_s;
  merge_programs(s, in.inputs);
  for (induction_loop const& l : in.inputs.loops) s.detectors.push_back({l.name, l.lane, l.pos_m, l.period_s});
  s.ways = std::make_shared<router const>(*s.net, free_flow_costs(*s.net));
  s.way_options = {0, o.seed, o.threads};
  s.network_hash = s.net->hash;
  s.demand_hash = in.inputs.travellers.hash();
  warn(out, in.inputs);
  s.travellers = std::make_shared<demand const>(std::move(in.inputs.travellers));
  return out;
}

}  // namespace gemeo
