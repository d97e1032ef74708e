// A .sumocfg as a scenario of our own.
#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/core/parallel.h"
#include "sim/core/text_file.h"
#include "sim/demand/sumo_demand.h"
#include "sim/routing/lone_trips.h"
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

// By the empty network; engines choose anew when each trip departs.
void route_trips(fs::path const& file, lone_trips const& trips, demand& d, std::size_t threads) {
  std::vector<vehicle_id> const& who = trips.who();
  std::vector<std::vector<edge_id>> found(who.size());
  thread_team(threads).run(who.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) found[i] = trips.way(d, who[i]);
  });
  for (std::size_t i = 0; i < who.size(); ++i) {  // in the order of vehicles, whatever thread found them
    vehicle_id const v = who[i];
    if (found[i].empty()) {
      auto const& name = trips.net().edges.name;
      throw_input(
          file.string(),
          fmt::format("trip '{}' has no way from edge '{}' to edge '{}' for class '{}'", d.vehicles.name[v],
                      name[d.vehicles.from[v]], name[d.vehicles.to[v]], name_of(d.types[d.vehicles.type[v]].cls)),
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
  compiled out;
  scenario& s = out.ready;
  auto const& routes = in.inputs.travellers.vehicles.route.raw();
  if (std::any_of(routes.begin(), routes.end(), [](route_id r) { return !r.valid(); })) {
    s.trips = std::make_shared<lone_trips const>(in.net, in.inputs.travellers, std::move(in.inputs.via));
    route_trips(file, *s.trips, in.inputs.travellers, o.threads);
  }
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
  s.areas = std::move(in.inputs.areas);
  s.ways = std::make_shared<router const>(*s.net, free_flow_costs(*s.net));
  s.way_options = {0, o.seed, o.threads};
  s.network_hash = s.net->hash;
  s.demand_hash = in.inputs.travellers.hash();
  warn(out, in.inputs);
  s.travellers = std::make_shared<demand const>(std::move(in.inputs.travellers));
  return out;
}

}  // namespace gemeo
