#include "tests/unit/engine_sumo/driver.h"

#include <sstream>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/process.h"
#include "sim/core/text_file.h"

namespace gemeo::test {

drive_options every(double interval_s) {
  drive_options o;
  o.run.interval_s = interval_s;
  return o;
}

drive_options with_frames(double interval_s, std::unique_ptr<engine> (*make)()) {
  drive_options o = every(interval_s);
  o.make = make;
  o.frames = true;
  o.run.emissions = false;
  return o;
}

void append(observations& to, observations const& from) {
  auto const all = [](auto& a, auto const& b) { a.insert(a.end(), b.begin(), b.end()); };
  all(to.edges, from.edges);
  all(to.trips, from.trips);
  all(to.stops, from.stops);
  all(to.rides, from.rides);
  all(to.detectors, from.detectors);
  all(to.areas, from.areas);
  all(to.crossings, from.crossings);
  all(to.messages, from.messages);
  all(to.new_vehicle_names, from.new_vehicle_names);
  all(to.new_detector_names, from.new_detector_names);
  all(to.new_area_names, from.new_area_names);
  all(to.new_stop_names, from.new_stop_names);
}

std::vector<std::string> lines_of(observations const& o) {
  std::vector<std::string> out;
  for (trip_record const& t : o.trips) {
    out.push_back("trip " + std::to_string(t.vehicle.value) + " " + std::to_string(t.arrival_s) + " " +
                  std::to_string(t.time_loss_s) + " " + std::to_string(t.reroutes));
  }
  for (edge_interval const& i : o.edges) {
    for (std::size_t k = 0; k < i.size(); ++k) {
      out.push_back("edge " + std::to_string(i.begin_s) + " " + std::to_string(i.edge[k].value) + " " +
                    std::to_string(i.sampled_s[k]) + " " + (i.co2_mg.empty() ? "" : std::to_string(i.co2_mg[k])));
    }
  }
  for (stop_record const& r : o.stops)
    out.push_back("stop " + std::to_string(r.vehicle.value) + " " + std::to_string(r.ended_s));
  for (ride_record const& r : o.rides)
    out.push_back("ride " + std::to_string(r.passenger.value) + " " + std::to_string(r.vehicle.value) + " " +
                  std::to_string(r.departed_s) + " " + std::to_string(r.arrived_s));
  for (detector_record const& d : o.detectors)
    out.push_back("loop " + std::to_string(d.begin_s) + " " + std::to_string(d.count));
  for (area_record const& a : o.areas)
    out.push_back("area " + std::to_string(a.begin_s) + " " + std::to_string(a.seen) + " " +
                  std::to_string(a.time_loss_s) + " " + std::to_string(a.jam_m_sum) + " " +
                  std::to_string(a.halt_sum_s));
  for (crossing_record const& c : o.crossings)
    out.push_back("crossing " + std::to_string(c.time_s) + " " + std::to_string(c.detector.value) + " " +
                  std::to_string(c.vehicle.value));
  for (message const& m : o.messages) out.push_back("told at " + std::to_string(m.time_s) + ": " + m.text);
  return out;
}

outcome drive_loaded(engine& e, scenario const& s, drive_options const& o, std::size_t next_command) {
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

outcome drive(scenario const& s, drive_options o) {
  temp_folder const scratch;
  o.run.scratch = scratch.path();
  auto const e = o.make();
  e->load(s, o.run);
  outcome out = drive_loaded(*e, s, o);
  e->finish();
  observations rest;
  e->drain(rest);
  append(out.seen, rest);
  out.total = e->count();
  return out;
}

tiny_scenario::tiny_scenario(double trips_per_day, std::uint64_t seed, double begin_s, double end_s)
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

drawn_scenario::drawn_scenario(std::string_view drawing, double end_s, tiny_options const& options)
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

void drawn_scenario::add(std::string_view way, double depart_s, std::string_view type) {
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

void drawn_scenario::add_each(std::string_view way, double first_s, double every_s, double last_s,
                              std::string_view type) {
  for (double t = first_s; t <= last_s; t += every_s) add(way, t, type);
}

scenario drawn_scenario::with(std::vector<timed_command> commands) {
  auto d = std::make_shared<demand>(who);
  d->sort();
  scenario s = ready;
  s.travellers = d;
  s.commands = std::move(commands);
  return s;
}

narrowing_road::narrowing_road(double end_s) : drawn_scenario("A---B\n", end_s) {
  temp_folder const& in = map.folder;
  write_text_file(in / "z.nod.xml", R"(<nodes><node id="A" x="0" y="0"/><node id="B" x="300" y="0" type="zipper"/>)"
                                    R"(<node id="C" x="600" y="0"/></nodes>)");
  write_text_file(in / "z.edg.xml", R"(<edges><edge id="AB" from="A" to="B" numLanes="2" speed="13.89"/>)"
                                    R"(<edge id="BC" from="B" to="C" numLanes="1" speed="13.89"/></edges>)");
  write_text_file(in / "z.con.xml", R"(<connections><connection from="AB" to="BC" fromLane="0" toLane="0"/>)"
                                    R"(<connection from="AB" to="BC" fromLane="1" toLane="0"/></connections>)");
  auto const name = [&](char const* file) { return (in / file).string(); };
  process_result const r = run_program({"netconvert", "-n", name("z.nod.xml"), "-e", name("z.edg.xml"), "-x",
                                        name("z.con.xml"), "-o", name("z.net.xml")});
  verify(r.ok(), "netconvert makes a zipper");
  map.net = read_network(in / "z.net.xml");
  ready.net = map.net;
  ready.programs.resize(map.net->signals.name.size());
}

std::map<std::uint64_t, std::vector<place>> trajectories(outcome const& o, scenario const& s) {
  std::map<std::uint64_t, std::vector<place>> out;  // by traveller's key
  for (frame const& f : o.frames) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      out[s.travellers->vehicles.key[f.vehicle[i]]].push_back({f.time_s, f.lane[i], f.pos_m[i], f.speed_mps[i]});
    }
  }
  return out;
}

}  // namespace gemeo::test
