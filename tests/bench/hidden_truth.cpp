#include "tests/bench/hidden_truth.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <unordered_map>

#include "calibration/loop/city_source.h"
#include "calibration/loop/od_source.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/network/network.h"
#include "sim/run/run_folder.h"
#include "sim/scenario/compile.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;

namespace gemeo::bench {

namespace {

constexpr double kLeastFlow_veh_per_h = 50;  // stations stand where there is traffic

double uniform(std::uint64_t seed, char const* what, std::size_t i) {
  return random_uniform(seed, entity_key(what), i, draw::kDayNoise);
}
double normal(std::uint64_t seed, char const* what, std::size_t i) {
  return random_normal(seed, entity_key(what), i, draw::kDayNoise);
}

std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed, char const* what) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return uniform(seed, what, a) < uniform(seed, what, b); });
  return order;
}

// SUMO takes a minute or more for it: kept beside the build, by the hash of all it depends on.
struct true_traffic {  // [station][slot]
  std::vector<double> flows, occupancies;
};
true_traffic true_flows(hidden_truth const& h, scenario const& s, std::vector<count_station> const& everywhere,
                        drawn_trips trips, std::uint64_t seed) {
  hasher key;
  for (std::uint64_t const part : {trips.who.hash(), s.net->hash, seed, entity_key(fmt::format("{}", s.sumo_options)),
                                   std::uint64_t{everywhere.size()}, std::uint64_t{h.count_slots}})
    key.add_value(part);
  for (double const x : {s.begin_s, s.end_s, h.count_slot_s}) key.add_value(x);
  fs::path const kept =
      fs::path(GEMEO_BINARY_DIR) / "bench" / "hidden" / fmt::format("{}.{:016x}.traffic", h.name, key.value());
  std::size_t const n = everywhere.size() * h.count_slots;
  true_traffic out;
  if (fs::exists(kept)) {
    std::ifstream in(kept);
    std::vector<double> all;
    for (double x = 0; in >> x;) all.push_back(x);
    if (all.size() == 2 * n) {
      auto const half = all.begin() + static_cast<std::ptrdiff_t>(n);
      return {{all.begin(), half}, {half, all.end()}};
    }
  }
  std::size_t const cells = h.demand.size();
  simulated const t =
      simulate_trips(s, everywhere, std::move(trips), cells,
                     {.engine = "sumo", .seed = seed, .times = false, .times_interval_s = h.count_slot_s});
  fmt::print("# {}: true demand: {} trips, {} arrived, {} never entered, {} teleports, mean {:.0f} s, {:.0f} s lost\n",
             h.name, t.trips, t.arrived, t.never_inserted, t.teleports, t.mean_duration_s, t.mean_time_loss_s);
  std::fflush(stdout);
  out.flows = passings_by_slot(t, everywhere.size(), h.base.begin_s, h.count_slot_s, h.count_slots);
  out.occupancies.resize(n);
  for (station_state const& o : t.states) {
    double const at = std::floor((o.begin_s - h.base.begin_s) / h.count_slot_s);
    if (at >= 0 && at < static_cast<double>(h.count_slots))
      out.occupancies[o.station * h.count_slots + static_cast<std::size_t>(at)] = o.occupancy;
  }
  fs::create_directories(kept.parent_path());
  std::string text;
  for (auto const* const part : {&out.flows, &out.occupancies}) {
    for (double const x : *part) text += fmt::format("{}\n", x);
  }
  write_text_file(kept, text);
  return out;
}

class duarouter_routes : public xml_handler {
 public:
  duarouter_routes(demand& d, network const& net) : d_(d), net_(net) {
    for (std::size_t i = 0; i < d.size(); ++i) numbers_.emplace(d.vehicles.name[vehicle_id(i)], vehicle_id(i));
  }
  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "vehicle") who_ = numbers_.at(std::string(a.text("id")));
    if (element != "route") return;
    std::vector<edge_id> edges;
    std::istringstream words{std::string(a.text("edges"))};
    for (std::string word; words >> word;) edges.push_back(net_.find_edge(word).value());
    d_.vehicles.route[who_] = d_.add_route(edges);
    ++found;
  }
  void end(std::string_view) override {}
  std::size_t found = 0;

 private:
  demand& d_;
  network const& net_;
  std::unordered_map<std::string, vehicle_id> numbers_;
  vehicle_id who_;
};

class sampled_routes : public xml_handler {
 public:
  explicit sampled_routes(network const& net) : net_(net) {}
  void start(std::string_view element, xml_attributes const& a) override {
    if (element == "vehicle") trips.push_back({a.number("depart"), {}});
    if (element != "route" || trips.empty()) return;
    std::istringstream words{std::string(a.text("edges"))};
    for (std::string word; words >> word;) trips.back().second.push_back(net_.find_edge(word).value());
  }
  void end(std::string_view) override {}
  std::vector<std::pair<double, std::vector<edge_id>>> trips;

 private:
  network const& net_;
};

// Whose trips are estimated; all others keep their ways (buses, who may drive where cars may not).
void route_with_duarouter(drawn_trips& drawn, network const& net, std::uint64_t seed) {
  demand& d = drawn.who;
  run_folder const scratch({});
  fs::path const trips = scratch.path() / "true.trips.xml", routes = scratch.path() / "true.rou.xml";
  std::string text = "<routes>\n";
  std::size_t moving = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    if (drawn.cell[v] == kNoCell) continue;
    ++moving;
    text += fmt::format("<trip id=\"{}\" depart=\"{:.1f}\" from=\"{}\" to=\"{}\"/>\n", d.vehicles.name[v],
                        d.vehicles.depart_s[v], net.edges.name[d.vehicles.from[v]], net.edges.name[d.vehicles.to[v]]);
  }
  write_text_file(trips, text + "</routes>\n");
  must({"duarouter", "-n", net.file.string(), "-r", trips.string(), "-o", routes.string(), "--weights.random-factor",
        "2", "--seed", std::to_string(seed), "--no-step-log", "--no-warnings", "--routing-algorithm", "astar"});
  duarouter_routes handler(d, net);
  read_xml(routes, handler);
  if (handler.found != moving) throw_run("duarouter", "has not found a route for everybody");
}

// Stations are drawn among the roads where the true traffic is worth counting; their loops tell what passed, with
// noise.
void count(hidden_truth& h, trip_source const& truth, truth_settings const& set) {
  network const& net = *h.base.net;
  std::vector<count_station> everywhere;
  for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
    edge_id const id(e);
    if (net.is_normal(id) && !net.predecessors(id).empty() && !net.successors(id).empty() && net.length_m(id) > 30)
      everywhere.push_back({.name = net.edges.name[id], .edge = id, .lanes = {}, .corridor = {}});
  }
  scenario s = h.base;
  drawn_trips trips = truth.draw(truth.prior(), set.seed);
  if (set.choice == true_choice::kReactive) {
    s.sumo_options = {"--device.rerouting.probability",         "1",  "--device.rerouting.period",           "0",
                      "--device.rerouting.adaptation-interval", "10", "--device.rerouting.adaptation-steps", "18"};
  } else {
    route_with_duarouter(trips, net, set.seed);
  }
  auto const [flows, occupancies] = true_flows(h, s, everywhere, trips, 1000 + set.seed);
  double const hours = h.count_slot_s * static_cast<double>(h.count_slots) / 3600;
  std::vector<std::size_t> chosen;
  for (std::size_t const i : shuffled(everywhere.size(), set.seed, "station")) {
    double sum = 0;
    for (std::size_t k = 0; k < h.count_slots; ++k) sum += flows[i * h.count_slots + k];
    if (sum / hours >= kLeastFlow_veh_per_h && chosen.size() < set.fitted + set.held_out) chosen.push_back(i);
  }
  h.fitted = chosen.size() * set.fitted / (set.fitted + set.held_out);
  auto const order = shuffled(h.fitted, set.seed, "broken");
  h.broken.assign(chosen.size(), false);
  auto const n_broken = static_cast<std::size_t>(std::lround(set.broken * static_cast<double>(h.fitted)));
  for (std::size_t i = 0; i < n_broken; ++i) h.broken[order[i]] = true;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    h.stations.push_back(everywhere[chosen[i]]);
    for (std::size_t k = 0; k < h.count_slots; ++k) {
      double const q = flows[chosen[i] * h.count_slots + k];
      double const noise = 1 + set.count_noise * normal(set.seed, "noise", i * h.count_slots + k);
      h.true_counts.push_back(q);
      // A loop breaks by losing half of what passes, as one with a bad threshold does: no check of a single loop sees
      // it.
      double const heard = h.broken[i] ? 0.5 : 1.0;
      h.counts.push_back(std::max(0.0, std::round(q * noise * heard)));
      double const other = 1 + set.count_noise * normal(set.seed, "occupancy", i * h.count_slots + k);
      h.occupancies.push_back(std::clamp(occupancies[chosen[i] * h.count_slots + k] * other * heard, 0.0, 1.0));
    }
  }
  h.simulate = [s, stations = h.stations, trips, cells = h.demand.size(), seed = 1000 + set.seed] {
    return simulate_trips(s, stations, trips, cells, {.engine = "sumo", .seed = seed, .times = false});
  };
}

// Pairs of edges whose trips the table holds.
void set_pairs(hidden_truth& h, od_table const& t, std::vector<std::pair<edge_id, edge_id>> const& ends) {
  h.slots = t.slots;
  h.demand = t.trips;
  h.source = [net = h.base.net, t, ends](std::vector<double> const& trips, std::size_t threads) {
    od_table with = t;
    with.trips = trips;
    route_choice choice;
    choice.threads = threads;
    return std::make_unique<od_source>(net, std::move(with), choice, ends);
  };
}

// Of those who choose by the empty network alone: whom the truth's own choice of routes is given to.
od_source truth_of(hidden_truth const& h, od_table const& t, std::vector<std::pair<edge_id, edge_id>> const& ends) {
  return {h.base.net, t, {.habits = {{.learns = false}}, .draws = 1, .threads = 1}, ends};
}

vehicle_type car() {
  vehicle_type t;
  t.name = "car";
  return t;
}

}  // namespace

std::vector<station_count> hidden_truth::counts_of(bool held_out, bool as_told) const {
  std::vector<station_count> out;
  for (std::size_t i = held_out ? fitted : 0; i < (held_out ? stations.size() : fitted); ++i) {
    for (std::size_t k = 0; k < count_slots; ++k) {
      double const begin = base.begin_s + static_cast<double>(k) * count_slot_s;
      double const n = (as_told ? counts : true_counts)[i * count_slots + k];
      out.push_back(
          {static_cast<std::uint32_t>(i), begin, begin + count_slot_s, n, 0, occupancies[i * count_slots + k]});
    }
  }
  return out;
}

hidden_truth grid_truth(fs::path const& folder, truth_settings const& set) {
  fs::create_directories(folder);
  fs::path const file = folder / "grid.net.xml";
  if (!fs::exists(file)) {  // its bytes hold the date
    must({"netgenerate",
          "--grid",
          "--grid.number",
          "8",
          "--grid.length",
          "200",
          "--grid.attach-length",
          "200",
          "--default.lanenumber",
          "3",
          "--default.speed",
          "13.89",
          "--default-junction-type",
          "traffic_light",
          "--tls.layout",
          "opposites",
          "--no-turnarounds",
          "true",
          "--seed",
          "42",
          "-o",
          file.string()});
  }
  hidden_truth h;
  h.name = "grid";
  h.base.name = "grid";
  h.base.file = folder / "grid.toml";
  h.base.net = read_network(file);
  network const& net = *h.base.net;
  h.base.programs.resize(net.signals.name.size());
  h.base.end_s = 8 * 900 + 600;
  h.count_slots = 8;
  std::vector<edge_id> in, out;  // of the ends of streets
  for (std::uint32_t j = 0; j < net.junctions.name.size(); ++j) {
    if (net.junctions.type[junction_id(j)] != junction_type::kDeadEnd) continue;
    for (std::uint32_t e = 0; e < net.edge_count(); ++e) {
      if (!net.is_normal(edge_id(e))) continue;
      if (net.edges.from[edge_id(e)] == junction_id(j)) in.emplace_back(e);
      if (net.edges.to[edge_id(e)] == junction_id(j)) out.emplace_back(e);
    }
  }
  verify(in.size() == out.size() && in.size() >= 24, "a grid's streets end outside");
  auto const order = shuffled(in.size(), set.seed, "ends");
  od_table t;
  std::vector<std::pair<edge_id, edge_id>> ends;
  t.slots = {0, 900, 8};
  t.others.types.push_back(car());
  t.type_weight = {1};
  constexpr std::array<double, 8> kProfile{0.7, 0.85, 1.0, 1.2, 1.25, 1.1, 1.0, 0.9};
  double total = 0;
  for (std::size_t a = 0; a < 24; ++a) {
    for (std::size_t b = 0; b < 24; ++b) {
      if (a == b) continue;
      edge_id const from = in[order[a]], to = out[order[b]];
      point const p = net.junctions.position[net.edges.from[from]], q = net.junctions.position[net.edges.to[to]];
      double const far_m = std::hypot(static_cast<double>(p.x - q.x), static_cast<double>(p.y - q.y));
      double const pull = std::exp(0.5 * normal(set.seed, "out", a) + 0.5 * normal(set.seed, "in", b) - far_m / 3000 +
                                   0.7 * normal(set.seed, "pair", a * 24 + b));
      t.pairs.push_back({net.edges.name[from], net.edges.name[to], {}, {}});
      ends.emplace_back(from, to);
      for (std::size_t k = 0; k < 8; ++k) {
        t.trips.push_back(pull * kProfile[k] * std::exp(0.1 * normal(set.seed, "cell", t.trips.size())));
        total += t.trips.back();
      }
    }
  }
  for (double& x : t.trips) x *= set.grid_trips / total;
  set_pairs(h, t, ends);
  count(h, truth_of(h, t, ends), set);
  return h;
}

hidden_truth sumo_truth(std::string const& name, fs::path const& config, truth_settings const& set) {
  hidden_truth h;
  h.name = name;
  h.base = read_sumo_scenario(config).ready;
  demand const all = *h.base.travellers;
  double const end = std::min(h.base.end_s, h.base.begin_s + 3600);
  departure_slots const slots{h.base.begin_s, 900, static_cast<std::size_t>((end - h.base.begin_s) / 900)};
  od_table t = cars_alone(table_of_travellers(all, slots, *h.base.net), *h.base.net);
  t.others.vehicles.start = {};  // behind the seam SUMO lets everybody in alike; so then must engine_tbb
  std::vector<std::pair<edge_id, edge_id>> ends;
  for (od_pair const& p : t.pairs) ends.emplace_back(p.routes.front().edges.front(), p.routes.front().edges.back());
  h.base.end_s = end;
  h.count_slots = t.slots.count;
  set_pairs(h, t, ends);
  count(h, truth_of(h, t, ends), set);
  return h;
}

hidden_truth city_truth(std::string const& name, fs::path const& scenario_file, double begin_s, double end_s,
                        truth_settings const& set) {
  compile_options o;
  o.begin_s = begin_s;
  o.end_s = end_s;
  compiled c = compile_scenario(scenario_file, o);
  hidden_truth h;
  h.name = name;
  h.base = std::move(c.ready);
  h.slots = {begin_s, 900, static_cast<std::size_t>((end_s - begin_s) / 900)};
  h.count_slots = h.slots.count;
  auto const own = std::make_shared<city_source const>(*c.town, h.slots, h.base.ways, h.base.way_options);
  h.demand.assign(own->prior().begin(), own->prior().end());
  h.source = [own, ways = h.base.ways, options = h.base.way_options, share = set.free_flow_share](
                 std::vector<double> const& trips, std::size_t) {
    city with = own->town();
    with.factors = std::make_shared<pair_factors const>(own->factors(trips));
    return std::make_unique<city_source>(std::move(with), own->slots(), ways, options, share);
  };
  count(h, *own, set);
  return h;
}

drawn_trips sample_routes(hidden_truth const& h, trip_source const& source, drawn_trips const& prior, bool weighted,
                          std::uint64_t seed) {
  network const& net = *h.base.net;
  run_folder const scratch({});
  fs::path const in = scratch.path();
  fs::path const routes = in / "sampler.rou.xml", counts = in / "sampler.counts.xml", out = in / "sampler.out.rou.xml";
  demand const& d = prior.who;
  std::string text = "<routes>\n";
  std::map<std::pair<edge_id, edge_id>, std::pair<std::uint32_t, vtype_id>> known;  // pair and type of who travels so
  std::vector<bool> others(d.size(), false);                                        // of whom nothing is estimated
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    others[i] = prior.cell[v] == kNoCell;
    if (others[i] || !d.vehicles.route[v].valid()) continue;
    auto const way = d.route(d.vehicles.route[v]);
    known.try_emplace({way.front(), way.back()}, source.pair_of(prior.cell[v] / h.slots.count), d.vehicles.type[v]);
    std::string edges;
    for (edge_id const e : d.route(d.vehicles.route[v])) edges += (edges.empty() ? "" : " ") + net.edges.name[e];
    text += fmt::format("<vehicle id=\"{}\" depart=\"{:.1f}\"><route edges=\"{}\"/></vehicle>\n", i,
                        d.vehicles.depart_s[v], edges);
  }
  write_text_file(routes, text + "</routes>\n");
  text = "<data>\n";
  for (std::size_t k = 0; k < h.count_slots; ++k) {
    double const begin = h.base.begin_s + static_cast<double>(k) * h.count_slot_s;
    text += fmt::format("<interval id=\"c\" begin=\"{}\" end=\"{}\">\n", begin, begin + h.count_slot_s);
    for (std::size_t i = 0; i < h.fitted; ++i)
      text +=
          fmt::format("<edge id=\"{}\" entered=\"{:.0f}\"/>\n", h.stations[i].name, h.counts[i * h.count_slots + k]);
    text += "</interval>\n";
  }
  write_text_file(counts, text + "</data>\n");
  std::vector<std::string> command = {"/usr/bin/python3",
                                      "/usr/share/sumo/tools/routeSampler.py",
                                      "-r",
                                      routes.string(),
                                      "--edgedata-files",
                                      counts.string(),
                                      "-o",
                                      out.string(),
                                      "-s",
                                      std::to_string(seed)};
  if (weighted) command.emplace_back("--weighted");
  must(command);
  sampled_routes read(net);
  read_xml(out, read);
  drawn_trips result;
  result.who = d;
  result.who.filter(others);
  std::unordered_map<std::uint64_t, std::uint32_t> cell_of;
  departure_slots const& slots = h.slots;
  for (std::size_t i = 0; i < read.trips.size(); ++i) {
    auto const& [depart_s, edges] = read.trips[i];
    auto const found = known.find({edges.front(), edges.back()});
    auto const slot = static_cast<std::size_t>(std::max(0.0, (depart_s - slots.begin_s) / slots.length_s));
    if (found == known.end() || slot >= slots.count) continue;
    std::uint64_t const key = entity_key(entity_key("sampled"), i);
    vehicle_table& v = result.who.vehicles;
    v.key.push_back(key);
    v.name.push_back(fmt::format("s{}", i));
    v.depart_s.push_back(depart_s);
    v.type.push_back(found->second.second);
    v.speed_factor.push_back(draw_speed_factor(result.who.types[found->second.second], seed, key));
    v.from.push_back(edges.front());
    v.to.push_back(edges.back());
    v.route.push_back(result.who.add_route(edges));
    v.from_zone.push_back(zone_id());
    v.to_zone.push_back(zone_id());
    v.why.push_back(purpose::kOther);
    v.line.push_back(line_id());
    v.stops.push_back({});
    if (d.vehicles.start.size() > 0) v.start.push_back({});
    cell_of.emplace(key, static_cast<std::uint32_t>(found->second.first * slots.count + slot));
  }
  result.who.sort();
  for (std::uint64_t const key : result.who.vehicles.key) {
    auto const at = cell_of.find(key);
    result.cell.push_back(at == cell_of.end() ? kNoCell : at->second);
  }
  return result;
}

trips_in_sight in_sight(hidden_truth const& h, simulated const& s) {
  std::set<std::pair<std::uint32_t, float>> seen;  // a cell's travellers have departures of their own
  double const end = h.base.begin_s + h.count_slot_s * static_cast<double>(h.count_slots);
  for (passing const& p : s.passings) {
    if (p.cell != kNoCell && p.station < h.fitted && static_cast<double>(p.time_s) < end)
      seen.emplace(p.cell, p.departed_s);
  }
  trips_in_sight out;
  out.seen = static_cast<double>(seen.size());
  out.unseen = std::accumulate(s.departures.begin(), s.departures.end(), 0.0) - out.seen;
  out.never_entered = std::accumulate(s.kept_out.begin(), s.kept_out.end(), 0.0);
  return out;
}

std::vector<double> wrong_prior(hidden_truth const& h, prior_error const& e, std::uint64_t seed) {
  std::vector<double> out;
  std::size_t const slots = h.slots.count;
  for (std::size_t i = 0; i < h.demand.size(); ++i) {
    double const f = e.lognormal
                         ? e.factor * std::exp(e.spread * normal(seed, "prior", i / slots) - e.spread * e.spread / 2)
                         : std::max(0.0, e.factor + e.spread * normal(seed, "prior", i) / std::sqrt(3.0));
    out.push_back(h.demand[i] * f);
  }
  return out;
}

}  // namespace gemeo::bench
