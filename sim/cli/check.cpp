// gemeo check: what a scenario would touch, exactly, before anything runs. Writes to standard output only; exit 2 when
// the scenario is wrong.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/findings.h"
#include "sim/cli/verbs.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/json_text.h"
#include "sim/core/number_text.h"
#include "sim/demand/factor_members.h"
#include "sim/routing/habits.h"
#include "sim/run/ensemble.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo::cli {

namespace {

struct options {
  std::string scenario, data, begin, end;
  std::vector<std::string> set;
  std::string seed_text = "42";
  std::uint64_t seed = 42;
  std::size_t threads = 0;
  bool json = false, print = false, format = false, all = false, network = false;
};

constexpr std::size_t kWidth = 100;
constexpr std::size_t kShown = 120;  // ids of one list, without --all

std::string count(std::size_t n, char const* one, char const* many) {
  return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

std::string clock(double s) {
  if (!std::isfinite(s)) return "its end";
  auto const t = static_cast<long long>(std::llround(s));
  return t % 60 == 0 ? fmt::format("{:02}:{:02}", t / 3600, t / 60 % 60)
                     : fmt::format("{:02}:{:02}:{:02}", t / 3600, t / 60 % 60, t % 60);
}

// Words behind a label, wrapped and indented.
void print_list(char const* label, std::vector<std::string> const& words, bool all) {
  if (words.empty()) return;
  std::string const indent(11, ' ');
  std::string line = fmt::format("   {:<8}", label);
  std::size_t const shown = all || words.size() <= kShown ? words.size() : kShown;
  bool first = true;
  for (std::size_t i = 0; i < shown; ++i) {
    if (!first && line.size() + words[i].size() + 1 > kWidth) {
      fmt::print("{}\n", line);
      line = indent;
      first = true;
    }
    line += (first ? "" : " ") + words[i];
    first = false;
  }
  if (shown < words.size()) line += fmt::format(" ... and {} more (--all)", grouped(words.size() - shown));
  fmt::print("{}\n", line);
}

std::vector<std::string> edge_names(network const& net, std::vector<edge_id> const& ids) {
  std::vector<std::string> out;
  for (edge_id const e : ids) out.push_back(net.edges.name[e]);
  return out;
}
struct road_part {
  std::string name;
  std::size_t edges = 0;
  double km = 0;
};
// The roads that edges belong to, the longest first: what people know a place by.
std::vector<road_part> roads_of(network const& net, std::vector<edge_id> const& ids) {
  std::vector<road_part> out;
  for (edge_id const e : ids) {
    std::string const& name = net.edges.road_name[e];
    auto it = std::find_if(out.begin(), out.end(), [&](road_part const& r) { return r.name == name; });
    if (it == out.end()) it = out.insert(out.end(), {name, 0, 0});
    ++it->edges;
    it->km += net.length_m(e) / 1000;
  }
  std::stable_sort(out.begin(), out.end(), [](road_part const& a, road_part const& b) { return a.km > b.km; });
  return out;
}
std::vector<std::string> road_words(std::vector<road_part> const& roads) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < roads.size(); ++i) {
    out.push_back(fmt::format("{} ({:.1f} km){}", roads[i].name.empty() ? "roads without a name" : roads[i].name,
                              roads[i].km, i + 1 < roads.size() ? "," : ""));
  }
  return out;
}
std::vector<std::string> lane_names(network const& net, std::vector<lane_id> const& ids) {
  std::vector<std::string> out;
  for (lane_id const l : ids) out.push_back(net.lane_name(l));
  return out;
}
std::vector<std::string> signal_names(network const& net, std::vector<signal_id> const& ids) {
  std::vector<std::string> out;
  for (signal_id const s : ids) out.push_back(net.signals.name[s]);
  return out;
}

void print_item(network const& net, touched const& t, std::size_t number, options const& o) {
  std::string sums;
  auto const add = [&](std::size_t n, char const* one, char const* many) {
    if (n > 0) sums += (sums.empty() ? "" : ", ") + count(n, one, many);
  };
  add(t.edges.size(), "edge", "edges");
  add(t.lanes.size(), "lane", "lanes");
  add(t.signals.size(), "signal", "signals");
  sums += (sums.empty() ? "" : ", ") + count(t.trips, "trip", "trips");
  fmt::print("\n{:>2} {}  ({} to {})\n   touches {}\n", number, t.intervention, clock(t.begin_s), clock(t.end_s), sums);
  print_list("roads", road_words(roads_of(net, t.edges)), o.all);
  print_list("edges", edge_names(net, t.edges), o.all);
  print_list("lanes", lane_names(net, t.lanes), o.all);
  print_list("signals", signal_names(net, t.signals), o.all);
  for (std::string const& n : t.notes) fmt::print("   {}\n", n);
}

char const* name_of_response(route_response r) {
  switch (r) {
    case route_response::kFixed:
      return "fixed: nobody changes the route";
    case route_response::kRerouteAffected:
      return "reroute_affected: drivers whose route is affected choose anew";
    case route_response::kRerouteShare:
      return "reroute_share: a share of affected drivers knows before leaving";
    case route_response::kEquilibrium:
      return "equilibrium: repeated until nobody gains";
  }
  return "";
}

std::pair<std::size_t, std::size_t> trips_and_buses(scenario const& s) {
  std::size_t buses = 0;
  for (line_id const l : s.travellers->vehicles.line) buses += l.valid();
  return {s.travellers->size() - buses, buses};
}

// Of a calibrated demand: who chooses routes by the empty network's times.
std::size_t trips_by_free_flow(scenario const& s) {
  vehicle_table const& v = s.travellers->vehicles;
  std::size_t n = 0;
  for (std::size_t i = 0; i < s.travellers->size(); ++i)
    n += chooses_by_free_flow(*s.travellers, vehicle_id(i)) && !v.line[vehicle_id(i)].valid() ? 1U : 0U;
  return n;
}

void print_calibrated(compiled const& c) {
  if (c.calibrated.file.empty()) return;
  pair_factors const& f = *c.town->factors;
  fmt::print("   base      calibrated from {} to {}, {}: {}\n", clock(c.calibrated.begin_s), clock(c.calibrated.end_s),
             count(f.pairs(), "pair of zones", "pairs of zones"), c.calibrated.file.string());
  if (c.calibrated.members > 0) {
    trips_of_members const t =
        expected_of_members(c.calibrated.file.parent_path(), *c.town, c.ready.begin_s, c.ready.end_s);
    fmt::print(
        "   members   that file is one of {}, taken by seed: run {} seeds to take each once; {} to {} "
        "trips, before any scale of the scenario\n",
        c.calibrated.members, c.calibrated.members, grouped(t.fewest), grouped(t.most));
  }
  if (!f.some_by_free_flow()) return;
  free_flow_shares const s = f.free_flow();
  std::size_t const trips = trips_and_buses(c.ready).first, by = trips_by_free_flow(c.ready);
  fmt::print("   drivers   {} ({:.0f} %) choose routes by the empty network's times{}\n", count(by, "trip", "trips"),
             trips > 0 ? 100.0 * static_cast<double>(by) / static_cast<double>(trips) : 0.0,
             c.response == route_response::kEquilibrium ? ", until the equilibrium chooses for all" : "");
  fmt::print("             as the calibration found: {:.0f} to {:.0f} % in {} and {}\n", 100 * s.least, 100 * s.most,
             count(s.pairs, "pair of zones", "pairs of zones"), count(s.quarters, "quarter-hour", "quarter-hours"));
}

// With --network the findings have a list of their own.
void print_network(network const& net, options const& o) {
  network_summary const of = summarise(net);  // of streets: what lies inside junctions is left out
  fmt::print("   network   {}, {}, {}\n", count(of.edges, "edge", "edges"), count(of.lanes, "lane", "lanes"),
             count(of.signals, "signal", "signals"));
  std::string const problems = o.network ? "" : errors_in_short(validate(net));
  if (!problems.empty()) fmt::print("   findings  in the network: {} (--network lists them)\n", problems);
}

void print_network_findings(network const& net, options const& o) {
  std::vector<network_finding> const found = validate(net);
  if (found.empty()) fmt::print("\nnothing to look at in the network\n");
  print_findings(found, o.all ? std::numeric_limits<std::size_t>::max() : 3);
}

void print_items(compiled const& c, options const& o) {
  for (std::size_t i = 0; i < c.report.size(); ++i) print_item(*c.ready.net, c.report[i], i + 1, o);
  fmt::print(
      "\nIn all: {} added, {} removed, {} otherwise changed, {} on another route, {} with another end, {} without a "
      "route; {}.\n",
      grouped(c.trips_added), grouped(c.trips_removed), grouped(c.trips_changed), grouped(c.trips_rerouted),
      grouped(c.trips_moved), grouped(c.trips_without_route),
      count(c.ready.commands.size(), "command while it runs", "commands while it runs"));
}

// Of the scenario, and of the way it would be run.
std::vector<std::string> warnings_of(compiled const& c) {
  std::vector<std::string> all = c.warnings;
  if (std::string const& caution = c.ready.of_data.caution; !caution.empty()) all.push_back(caution);
  run_request const usual;
  if (!divides_warm_up(c.ready.warm_up_s, usual.interval_s)) {
    all.push_back(
        fmt::format("the warm-up of {:g} s ends within an interval of {:g} s: run it with an --interval that "
                    "divides it",
                    c.ready.warm_up_s, usual.interval_s));
  }
  return all;
}

void print_text(compiled const& c, options const& o) {
  scenario const& s = c.ready;
  network const& net = *s.net;
  auto const [trips, buses] = trips_and_buses(s);
  fmt::print("{}\n{}\n", s.title, s.file.string());
  fmt::print("   time      {} to {}, ticks of {} s{}\n", clock(s.begin_s), clock(s.end_s), s.step_s,
             s.warm_up_s > 0 ? fmt::format(", the first {:.0f} min to fill the network", s.warm_up_s / 60) : "");
  print_network(net, o);
  fmt::print("   demand    {}, {} (seed {})\n", count(trips, "trip", "trips"), count(buses, "bus", "buses"), o.seed);
  print_calibrated(c);
  fmt::print("   response  {}\n", name_of_response(c.response));
  if (informed_drivers const& i = s.informed; i.share > 0) {
    fmt::print("   informed  {:.0f} % of drivers follow live travel times, looking every {:.0f} s\n", 100 * i.share,
               i.interval_s);
  }
  auto const warnings = warnings_of(c);
  if (!warnings.empty()) fmt::print("\n{}:\n", count(warnings.size(), "warning", "warnings"));
  for (std::string const& w : warnings) fmt::print(" ! {}\n", w);
  if (o.network) {
    print_network_findings(net, o);
  } else {
    print_items(c, o);
  }
}

void print_json(compiled const& c, options const& o) {
  scenario const& s = c.ready;
  auto const [trips, buses] = trips_and_buses(s);
  nlohmann::ordered_json j;
  j["scenario"] = s.name;
  j["title"] = s.title;
  j["file"] = s.file.string();
  j["seed"] = o.seed;
  j["begin_s"] = s.begin_s;
  j["end_s"] = s.end_s;
  j["trips"] = trips;
  j["buses"] = buses;
  j["informed_share"] = s.informed.share;
  if (!c.calibrated.file.empty()) {
    j["calibrated"] = c.calibrated.file.string();
    j["calibrated_pairs"] = c.town->factors->pairs();
  }
  if (c.calibrated.members > 0) {
    trips_of_members const t = expected_of_members(c.calibrated.file.parent_path(), *c.town, s.begin_s, s.end_s);
    j["members"] = c.calibrated.members;
    j["members_trips"] = {t.fewest, t.most};
  }
  if (!c.calibrated.file.empty() && c.town->factors->some_by_free_flow()) {
    free_flow_shares const f = c.town->factors->free_flow();
    j["by_free_flow"] = {{"trips", trips_by_free_flow(s)},
                         {"pairs", f.pairs},
                         {"quarter_hours", f.quarters},
                         {"share", {f.least, f.most}}};
  }
  j["commands"] = s.commands.size();
  j["interventions"] = nlohmann::ordered_json::array();
  for (touched const& t : c.report) {
    nlohmann::ordered_json one;
    one["intervention"] = t.intervention;
    one["where"] = t.where;
    one["begin_s"] = t.begin_s;
    one["end_s"] = t.end_s;
    one["roads"] = nlohmann::ordered_json::array();
    for (road_part const& r : roads_of(*s.net, t.edges))
      one["roads"].push_back({{"name", r.name}, {"edges", r.edges}, {"km", r.km}});
    one["edges"] = edge_names(*s.net, t.edges);
    one["lanes"] = lane_names(*s.net, t.lanes);
    one["signals"] = signal_names(*s.net, t.signals);
    one["trips"] = t.trips;
    one["notes"] = t.notes;
    j["interventions"].push_back(std::move(one));
  }
  j["trips_added"] = c.trips_added;
  j["trips_removed"] = c.trips_removed;
  j["trips_changed"] = c.trips_changed;
  j["trips_rerouted"] = c.trips_rerouted;
  j["trips_moved"] = c.trips_moved;
  j["trips_without_route"] = c.trips_without_route;
  j["warnings"] = warnings_of(c);
  if (o.network) j["network_findings"] = findings_json(validate(*s.net));
  j["network_hash"] = to_hex(s.network_hash);
  j["demand_hash"] = to_hex(s.demand_hash);
  j["scenario_hash"] = to_hex(scenario_hash(s));
  // File names are bytes; what is not UTF-8 in them must not make the report fail.
  fmt::print("{}\n", gemeo::print_json(j));
}

int check_sumo(std::filesystem::path const& file, compile_options const& how, options const& o) {
  scenario const s = open_sumo_config(file, how);
  refuse_unsupported(*make_engine(run_request().engine), s);
  auto const inputs = outline_of_sumo(file, how).inputs;
  if (o.json) {
    nlohmann::ordered_json j;
    j["scenario"] = s.name;
    j["file"] = file.string();
    j["begin_s"] = s.begin_s;
    if (std::isfinite(s.end_s)) j["end_s"] = s.end_s;
    j["edges"] = summarise(*s.net).edges;
    j["signals"] = s.net->signals.name.size();
    for (auto const& f : inputs) j["inputs"].push_back(f.string());
    if (o.network) j["network_findings"] = findings_json(validate(*s.net));
    j["network_hash"] = to_hex(s.network_hash);
    j["demand_hash"] = to_hex(s.demand_hash);
    fmt::print("{}\n", gemeo::print_json(j));
    return 0;
  }
  fmt::print("{}: a SUMO scenario, run as it stands\n   time      {} to {}, ticks of {} s\n", file.string(),
             clock(s.begin_s), clock(s.end_s), s.step_s);
  print_network(*s.net, o);
  for (auto const& f : inputs) fmt::print("   reads     {}\n", f.string());
  if (o.network) print_network_findings(*s.net, o);
  return 0;
}

int check(options const& o) {
  if (o.format) {
    fmt::print("{}", format_reference());
    return 0;
  }
  std::filesystem::path const file = find_scenario(o.scenario);
  compile_options how{o.set, o.seed, o.threads, o.data};
  bool const of_sumo = is_sumo_config(file);
  if (!o.begin.empty()) how.begin_s = parse_run_time("--begin", o.begin, of_sumo);
  if (!o.end.empty()) how.end_s = parse_run_time("--end", o.end, of_sumo);
  if (of_sumo) return check_sumo(file, how, o);
  if (o.print) {
    fmt::print("{}", read_outline(file, how).effective_config);
    return 0;
  }
  compiled const c = compile_scenario(file, how);
  refuse_unsupported(*make_engine(run_request().engine), c.ready);
  if (o.json) {
    print_json(c, o);
  } else {
    print_text(c, o);
  }
  return 0;
}

}  // namespace

action setup_check(option_set const& app) {
  auto const o = std::make_shared<options>();
  auto const scenario =
      app.add("scenario", o->scenario, "a scenario file (.toml, .sumocfg), or its name: cascais/weekday");
  app.add("--set", o->set, "change one key: routes.share=0.3, close.0.begin=08:00").type("KEY=VALUE").one_value_each();
  app.add("--begin", o->begin, "begin of the run (07:00 or seconds), instead of the scenario's");
  app.add("--end", o->end, "end of the run, instead of the scenario's");
  app.add("--seed", o->seed_text, "draws the travellers").show_default();
  app.add("--data", o->data, "the folder that holds the cities; default: data/ beside scenarios/");
  app.add("--threads", o->threads, "threads for route choice; 0: all").between(0, 1024);
  app.add_flag("--network", o->network, "what looks wrong in the network, instead of what the scenario touches");
  app.add_flag("--all", o->all, "list every edge and lane, however many");
  app.add_flag("--json", o->json, "one JSON object on standard output");
  app.add_flag("--print", o->print, "print the whole configuration in force, and check no further");
  auto const format =
      app.add_flag("--format", o->format, "print the reference of the file format (scenarios/FORMAT.md)");
  scenario.excludes(format);
  return [o, scenario] {
    if (!o->format && !scenario.given()) {
      say("gemeo check: name a scenario, e.g. gemeo check cascais/weekday\n");
      return 2;
    }
    o->seed = parse_seed(o->seed_text);
    return check(*o);
  };
}

}  // namespace gemeo::cli
