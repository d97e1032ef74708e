#include "sim/scenario/compile.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"
#include "sim/demand/csv.h"
#include "sim/demand/factor_members.h"
#include "sim/routing/habits.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/draft.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

struct loaded {
  scenario_config config;
  std::string text;
  std::vector<fs::path> files;
};

// --set title=... renames the scenario: the file's title in another language is not its name any more.
void drop_stale_title(doc_value& root) {
  doc_value const *const title = root.find("title"), *const translated = root.find("title_pt");
  if (title == nullptr || translated == nullptr || title->set.empty() || !translated->set.empty()) return;
  std::erase_if(root.table, [](auto const& entry) { return entry.key == "title_pt"; });
}

loaded load(fs::path const& file, compile_options const& o) {
  loaded_document doc = load_document(file);
  for (std::string const& s : o.set) apply_set(doc.root, s);
  drop_stale_title(doc.root);
  if (o.begin_s) apply_set(doc.root, fmt::format("time.begin={}", *o.begin_s));
  if (o.end_s) apply_set(doc.root, fmt::format("time.end={}", *o.end_s));
  return {read_config(doc.root, doc.files), std::move(doc.text), std::move(doc.files)};
}

bool is_city(fs::path const& folder) {
  std::error_code ec;
  return fs::exists(folder / "city.toml", ec);
}

// data/<city> beside scenarios/, in the folder given, in $GEMEO_DATA, or in a folder above the working directory.
fs::path city_folder(std::string const& city, fs::path const& scenario_file, compile_options const& o) {
  if (city.find('/') != std::string::npos) return city;
  if (!o.data.empty()) return o.data / city;
  std::vector<fs::path> looked;
  if (char const* const set = std::getenv("GEMEO_DATA")) looked.push_back(fs::path(set) / city);
  std::error_code ec;
  for (fs::path const& start : {fs::absolute(scenario_file, ec).parent_path(), fs::current_path(ec)}) {
    for (fs::path up = start; !up.empty(); up = up.parent_path()) {
      looked.push_back(up / "data" / city);
      if (up == up.parent_path()) break;
    }
  }
  for (fs::path const& p : looked) {
    if (is_city(p)) return p;
  }
  throw_input(scenario_file.string(),
              fmt::format("no folder data/{} with a city.toml beside the scenario or above", city),
              "gemeo import makes one; --data or $GEMEO_DATA names another place");
}

std::string text_of_programs(std::size_t n) { return fmt::format("gemeo_{}", n); }

// For each signal the network's own program (SUMO runs the last one of the file) and the new ones, and the commands
// that switch between them.
void switch_programs(draft& d) {
  scenario& s = d.out.ready;
  std::map<signal_id, std::vector<program_change*>> of_signal;
  std::stable_sort(d.programs.begin(), d.programs.end(),
                   [](program_change const& a, program_change const& b) { return a.begin_s < b.begin_s; });
  for (program_change& p : d.programs) of_signal[p.signal].push_back(&p);
  if (of_signal.empty()) return;
  s.programs.resize(d.net().signals.name.size());
  double const begin = d.config.time.begin.s, end = d.config.time.end.s;
  for (auto& [signal, changes] : of_signal) {
    auto& list = s.programs[signal];
    list.push_back(d.net().signals.programs[signal].back());
    for (std::size_t i = 0; i < changes.size(); ++i) {
      program_change& c = *changes[i];
      if (i > 0 && c.begin_s < changes[i - 1]->end_s) {
        throw_input(c.where,
                    fmt::format("traffic light '{}' would have two programs at once (the other: {})",
                                d.net().signals.name[signal], changes[i - 1]->where),
                    "let one window end where the other begins");
      }
      c.program.name = text_of_programs(i + 1);
      list.push_back(c.program);
      if (c.begin_s >= end || c.end_s <= begin) continue;
      s.commands.push_back({std::max(c.begin_s, begin), set_signal_program{signal, static_cast<std::uint32_t>(i + 1)}});
      bool const another = i + 1 < changes.size() && changes[i + 1]->begin_s == c.end_s;
      if (c.end_s < end && !another) s.commands.push_back({c.end_s, set_signal_program{signal, 0}});
    }
  }
}

void block_lanes(draft& d) {
  std::stable_sort(d.blocks.begin(), d.blocks.end(), [](incident_block const& a, incident_block const& b) {
    return std::tie(a.begin_s, a.lane, a.pos_m) < std::tie(b.begin_s, b.lane, b.pos_m);
  });
  double const begin = d.config.time.begin.s, end = d.config.time.end.s;
  std::uint32_t number = 0;
  for (incident_block const& b : d.blocks) {
    if (b.begin_s >= end || b.end_s <= begin) continue;
    d.out.ready.commands.push_back({std::max(b.begin_s, begin), block_lane{b.lane, b.pos_m, number}});
    if (b.end_s < end) d.out.ready.commands.push_back({b.end_s, unblock_lane{number}});
    ++number;
  }
}

// One total order, so that the list never depends on the order of interventions: by time, then by kind, then by what is
// named.
std::vector<std::uint64_t> order_key(command const& c) {
  struct keys {
    std::vector<std::uint64_t> operator()(set_lane_permissions const& k) const { return {k.lane.value, k.allowed}; }
    std::vector<std::uint64_t> operator()(set_lane_speed const& k) const { return {k.lane.value}; }
    std::vector<std::uint64_t> operator()(set_signal_program const& k) const { return {k.signal.value, k.program}; }
    std::vector<std::uint64_t> operator()(block_lane const& k) const { return {k.obstacle, k.lane.value}; }
    std::vector<std::uint64_t> operator()(unblock_lane const& k) const { return {k.obstacle}; }
    std::vector<std::uint64_t> operator()(reroute const& k) const {
      std::vector<std::uint64_t> out = {k.classes, static_cast<std::uint64_t>(k.share * 1e9)};
      for (edge_id const e : k.edges) out.push_back(e.value);
      return out;
    }
  };
  auto out = std::visit(keys{}, c);
  out.insert(out.begin(), c.index());
  return out;
}

void sort_commands(std::vector<timed_command>& commands) {
  std::vector<std::pair<std::vector<std::uint64_t>, timed_command>> keyed;
  for (timed_command& c : commands) keyed.emplace_back(order_key(c.what), std::move(c));
  std::stable_sort(keyed.begin(), keyed.end(), [](auto const& a, auto const& b) {
    return a.second.time_s != b.second.time_s ? a.second.time_s < b.second.time_s : a.first < b.first;
  });
  commands.clear();
  for (auto& [key, c] : keyed) commands.push_back(std::move(c));
}

void read_detectors(city const& c, scenario& s) {
  if (c.detectors.empty()) return;
  std::set<std::string> seen;
  csv_table const table(c.detectors, {"id", "edge", "lane", "pos_m"}, {"station", "road_name"});
  table.for_each([&](csv_row const& r) {
    auto const e = c.net->find_edge(r.text("edge"));
    if (!e)
      r.fail(fmt::format("the network has no edge '{}'", r.text("edge")),
             did_you_mean(r.text("edge"), c.net->edges.name));
    std::int64_t const lane = r.integer("lane");
    if (lane < 0 || lane >= c.net->edges.lanes[*e].size())
      r.fail(fmt::format("edge '{}' has no lane {}", r.text("edge"), lane));
    detector_place d{r.text("id"), lane_id(c.net->edges.lanes[*e].begin + static_cast<std::uint32_t>(lane)),
                     r.not_negative("pos_m")};
    if (d.pos_m > static_cast<double>(c.net->lanes.length_m[d.lane]))
      r.fail("the detector lies beyond the end of its lane");
    if (!seen.insert(d.name).second) r.fail(fmt::format("detector '{}' stands there twice", d.name));
    s.detectors.push_back(std::move(d));
  });
}

void read_areas(city const& c, scenario& s) {
  if (c.areas.empty()) return;
  std::set<std::string> seen;
  csv_table const table(c.areas, {"id", "lanes", "begin_m", "end_m"}, {"label"});
  table.for_each([&](csv_row const& r) {
    lane_area d;
    d.name = r.text("id");
    std::istringstream names(r.text("lanes"));
    std::vector<lane_id> lanes;
    for (std::string name; names >> name;) {
      auto const l = c.net->find_lane(name);
      if (!l)
        r.fail(fmt::format("the network has no lane '{}'", name),
               did_you_mean(name.substr(0, name.rfind('_')), c.net->edges.name));
      lanes.push_back(*l);
    }
    if (lanes.empty()) r.fail("'lanes' names no lane");
    d.lanes = with_internal_lanes(*c.net, lanes);
    if (d.lanes.empty()) r.fail("its lanes do not follow each other", "name each once, in the order of driving");
    d.begin_m = r.not_negative("begin_m");
    d.end_m = r.not_negative("end_m");
    if (d.begin_m > static_cast<double>(c.net->lanes.length_m[d.lanes.front()]) ||
        d.end_m > static_cast<double>(c.net->lanes.length_m[d.lanes.back()]))
      r.fail("the area reaches beyond the end of a lane");
    if (d.length_m(*c.net) < 1) r.fail("the area is shorter than 1 m", "begin_m must lie before end_m");
    if (!seen.insert(d.name).second) r.fail(fmt::format("area '{}' stands there twice", d.name));
    s.areas.push_back(std::move(d));
  });
}

route_response response_of(std::string const& s) {
  if (s == "fixed") return route_response::kFixed;
  if (s == "reroute_share") return route_response::kRerouteShare;
  return s == "equilibrium" ? route_response::kEquilibrium : route_response::kRerouteAffected;
}

void describe(draft& d, loaded const& l, fs::path const& file) {
  scenario& s = d.out.ready;
  s.name = file.stem().string();
  s.title = d.config.title.empty() ? s.name : d.config.title;
  s.file = file;
  s.text = l.text;
  s.title_pt = d.config.title_pt;
  s.of_data = d.town.of_data;
  s.time_zone = d.town.time_zone;
  s.effective_config = print_config(d.config);
  s.net = d.town.net;
  s.begin_s = d.config.time.begin.s;
  s.end_s = d.config.time.end.s;
  s.step_s = d.config.time.step_s;
  s.warm_up_s = d.config.time.warm_up_s;
  s.time_to_teleport_s = d.config.engine.time_to_teleport_s;
  s.sumo_options = d.config.engine.sumo_options;
  routes_config const& r = d.config.routes;
  s.informed = {r.informed_share, r.informed_interval_s, r.informed_gain, r.informed_gain_s};
  d.out.response = response_of(d.config.routes.response);
  d.out.equilibrium = {d.config.equilibrium.relative_gap,
                       static_cast<std::size_t>(d.config.equilibrium.max_iterations)};
}

// SUMO's vehicles look once a tick: who follows closer than that runs into the one ahead, and is teleported.
void warn_hasty(draft& d) {
  for (vehicle_type const& t : d.town.types) {
    if (t.tau_s >= d.config.time.step_s) continue;
    d.out.warnings.push_back(
        fmt::format("vehicle type '{}' follows at {:g} s, less than the tick of {:g} s: its vehicles will "
                    "collide and be teleported (tau in the vehicle types, or time.step_s)",
                    t.name, t.tau_s, d.config.time.step_s));
  }
}

void build_routers(draft& d) {
  edge_costs costs = free_flow_costs(d.net());
  if (d.config.routes.travel_times == "city" && !d.town.travel_times.empty())
    costs = read_costs(d.town.travel_times, d.net());
  d.base = std::make_shared<router const>(d.net(), std::move(costs));
  if (d.town.factors && d.town.factors->some_by_free_flow()) d.free_flow_base = free_flow_router(d.net(), {});
}

// After bans know who is exempt: the router that every answer of this scenario comes from.
void patch_router(draft& d) {
  std::vector<cost_patch> lasting = d.states.closures;
  lasting.insert(lasting.end(), d.bans.begin(), d.bans.end());
  lasting.insert(lasting.end(), d.tolls.begin(), d.tolls.end());
  std::vector<cost_patch> all = lasting;
  all.insert(all.end(), d.states.delays.begin(), d.states.delays.end());
  for (cost_patch const& p : d.news) {
    if (p.closed) lasting.push_back(p);
    all.push_back(p);
  }
  d.out.lasting = std::move(lasting);
  d.ways = std::make_shared<router const>(d.net(), d.base->costs(), std::move(all));
  if (d.free_flow_base) d.free_flow_ways = free_flow_router(d.net(), d.ways->patches());
}

void warn_lost_turns(draft& d) {
  if (d.states.lost_turns.empty()) return;
  std::string list;
  for (std::size_t i = 0; i < d.states.lost_turns.size() && i < 4; ++i) {
    auto const& [from, to] = d.states.lost_turns[i];
    list += fmt::format("{}{} -> {}", i == 0 ? "" : ", ", d.net().edges.name[from], d.net().edges.name[to]);
  }
  d.out.warnings.push_back(
      fmt::format("{} turns are lost to some classes because no lane that leads there is left to them: {}{}",
                  d.states.lost_turns.size(), list, d.states.lost_turns.size() > 4 ? ", ..." : ""));
}

void warn_unrouted(draft& d) {
  if (d.unrouted.empty()) return;
  vehicle_id const v = d.unrouted.front();
  d.out.trips_without_route += d.unrouted.size();
  d.out.warnings.push_back(
      fmt::format("{} trips have no route even without interventions, e.g. {} from '{}' to '{}'; they never enter and "
                  "are counted so",
                  d.unrouted.size(), d.travellers.vehicles.name[v], d.net().edges.name[d.travellers.vehicles.from[v]],
                  d.net().edges.name[d.travellers.vehicles.to[v]]));
}

void finish(draft& d) {
  scenario& s = d.out.ready;
  s.commands.insert(s.commands.end(), d.states.commands.begin(), d.states.commands.end());
  switch_programs(d);
  block_lanes(d);
  sort_commands(s.commands);
  s.ways = d.ways;
  s.way_options = d.routing();
  read_detectors(d.town, s);
  read_areas(d.town, s);
  s.network_hash = d.net().hash;
  s.demand_hash = d.travellers.hash();
  s.travellers = std::make_shared<demand const>(std::move(d.travellers));
  for (item& i : d.items) {
    i.report.begin_s = i.begin_s;
    i.report.end_s = i.end_s;
    std::sort(i.report.lanes.begin(), i.report.lanes.end());
    i.report.lanes.erase(std::unique(i.report.lanes.begin(), i.report.lanes.end()), i.report.lanes.end());
    d.out.report.push_back(std::move(i.report));
  }
}

// The names of the scenarios in the scenarios/ folders here and above, as find_scenario takes them: cascais/weekday.
std::vector<std::string> ready_scenarios() {
  std::error_code ec;
  std::vector<std::string> names;
  for (fs::path up = fs::current_path(ec); !up.empty(); up = up.parent_path()) {
    fs::path const folder = up / "scenarios";
    for (auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ec);
         !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
      fs::path const p = it->path().lexically_relative(folder);
      if (p.extension() == ".toml") names.push_back((p.parent_path() / p.stem()).string());
    }
    if (up == up.parent_path()) break;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

fs::path find_scenario(fs::path const& named) {
  std::error_code ec;
  if (fs::exists(named, ec) || named.is_absolute()) return named;
  for (fs::path up = fs::current_path(ec); !up.empty(); up = up.parent_path()) {
    for (fs::path p : {up / "scenarios" / named, up / "scenarios" / (named.string() + ".toml")}) {
      if (fs::is_regular_file(p, ec)) return p;
    }
    if (up == up.parent_path()) break;
  }
  std::vector<std::string> const known = ready_scenarios();
  std::string const hint = did_you_mean((named.parent_path() / named.stem()).string(), known);
  if (hint.empty()) return named;  // whoever opens it says that it is not there
  throw_input(named.string(), "no such file, and no scenario of this name", hint);
}

scenario_outline read_outline(fs::path const& file, compile_options const& o) {
  if (is_sumo_config(file)) return outline_of_sumo(file, o);
  loaded const l = load(file, o);
  scenario_outline out;
  out.name = file.stem().string();
  out.title = l.config.title.empty() ? out.name : l.config.title;
  out.effective_config = print_config(l.config);
  out.begin_s = l.config.time.begin.s;
  out.end_s = l.config.time.end.s;
  out.warm_up_s = l.config.time.warm_up_s;
  out.inputs = l.files;
  if (l.config.members) {  // all of them: which one is read hangs on the seed
    for (fs::path const& m : factor_members(*l.config.members)) out.inputs.push_back(m);
  } else if (l.config.calibrated) {
    out.inputs.emplace_back(*l.config.calibrated);
  }
  std::error_code ec;
  std::vector<fs::path> of_city;
  for (auto const& e : fs::directory_iterator(city_folder(l.config.city, file, o), ec)) {
    if (e.is_regular_file(ec) && e.path().filename() != "MANIFEST" && e.path().extension() != ".md")
      of_city.push_back(e.path());
  }
  std::sort(of_city.begin(), of_city.end());
  out.inputs.insert(out.inputs.end(), of_city.begin(), of_city.end());
  return out;
}

namespace {

std::string clock_text(double s) {
  auto const minutes = static_cast<int>(s / 60);
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

void use_calibrated(draft& d) {
  if (!d.config.calibrated && !d.config.members) return;
  fs::path file = d.config.calibrated.value_or("");
  std::size_t members = 0;
  if (d.config.members) {
    if (d.config.calibrated && file.parent_path() != fs::path(*d.config.members).parent_path())
      d.out.warnings.push_back(
          fmt::format("'members' ({}) and 'calibrated' ({}) are of two calibrations; the members are taken",
                      *d.config.members, file.string()));
    std::vector<fs::path> const all = factor_members(*d.config.members);
    members = all.size();
    file = all[member_of_seed(d.seed, members)];
    d.out.ready.demand_member = fmt::format("{} of {}, {}", file.filename().string(), members, to_hex(hash_file(file)));
  }
  auto const f = std::make_shared<pair_factors const>(pair_factors::read(file, d.town));
  d.town.factors = f;
  d.out.calibrated = {file, members, f->begin_s(), f->end_s()};
  if (auto const without = f->pairs_without_trips(d.town); !without.empty())
    d.out.warnings.push_back(
        fmt::format("{}: of {} of its pairs of zones od.csv has no trips, so that no factor makes any: '{}' to '{}'{}",
                    file.string(), without.size(), d.town.zones[without[0].first].name,
                    d.town.zones[without[0].second].name, without.size() > 1 ? " and others" : ""));
  double const begin = d.config.time.begin.s, end = d.config.time.end.s;
  if (begin < f->begin_s() || end > f->end_s())
    d.out.warnings.push_back(
        fmt::format("the calibrated demand is of {} to {}; trips of other times are those of od.csv as it stands",
                    clock_text(f->begin_s()), clock_text(f->end_s())));
}

void warn_empty(draft& d) {
  if (d.travellers.size() > 0) return;
  std::string const w =
      fmt::format("nobody travels: the demand of '{}' has no trip that leaves in the scenario's time", d.config.city);
  d.out.warnings.push_back(w);
  d.out.idle.push_back(w);
}

}  // namespace

compiled compile_scenario(fs::path const& file, compile_options const& o) {
  loaded l = load(file, o);
  draft d;
  d.config = std::move(l.config);
  d.seed = o.seed;
  d.threads = o.threads;
  d.town = read_city(city_folder(d.config.city, file, o));
  use_calibrated(d);
  describe(d, l, file);
  warn_hasty(d);
  d.items = list_items(d.config);
  resolve_interventions(d);
  d.states = compose(d.net(), d.lanes, d.config.time.begin.s, d.config.time.end.s);
  change_timetables(d);
  build_routers(d);
  draw_travellers(d);
  warn_unrouted(d);
  obey_zones(d);
  park_and_ride(d);
  patch_router(d);
  count_users(d);
  respond(d);
  warn_lost_turns(d);
  warn_empty(d);
  finish(d);
  d.out.town = std::make_shared<city const>(std::move(d.town));
  return std::move(d.out);
}

std::uint64_t scenario_hash(scenario const& s) {
  hasher h;
  h.add_value(s.network_hash);
  h.add_value(s.demand_hash);
  for (double const v : {s.begin_s, s.end_s, s.step_s, s.warm_up_s, s.time_to_teleport_s}) h.add_value(v);
  if (informed_drivers const& i = s.informed; i.share > 0) {
    for (double const v : {i.share, i.interval_s, i.gain, i.gain_s}) h.add_value(v);
  }
  for (timed_command const& c : s.commands) {
    h.add_value(c.time_s);
    auto const key = order_key(c.what);
    h.add(std::span<std::uint64_t const>(key));
    if (auto const* const v = std::get_if<set_lane_speed>(&c.what)) h.add_value(v->speed_mps);
    if (auto const* const b = std::get_if<block_lane>(&c.what)) h.add_value(b->pos_m);
  }
  for (auto const& list : s.programs) {
    for (signal_program const& p : list) {
      h.add_value(entity_key(p.type));
      h.add_value(p.offset_s);
      for (signal_phase const& f : p.phases) {
        for (double const v : {f.duration_s, f.min_s, f.max_s}) h.add_value(v);
        h.add_value(entity_key(f.state));
      }
    }
  }
  return h.value();
}

}  // namespace gemeo
