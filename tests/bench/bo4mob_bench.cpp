// BO4Mob (Ryu et al., NeurIPS 2025): OD estimation on freeways of San Jose from real link counts of an hour.
// Simulation, times, bounds and score are the benchmark's: SUMO's mesoscopic model, who left a link (at its end or by
// arriving), NRMSE over the links. Beside ours: SPSA as the benchmark describes it, from the best point of its initial
// search, with ten times as many simulations as ours besides that search. Judged by five draws of travellers that no
// search has seen, also against the counts of the same hour on the other days. With --log a run that was killed goes
// on. usage: bench_bo4mob --help
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "calibration/fit/derivative_free.h"
#include "calibration/fit/score.h"
#include "calibration/loop/calibrate.h"
#include "calibration/loop/od_source.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/csv.h"
#include "sim/demand/vtypes.h"
#include "tests/bench/arguments.h"
#include "tests/bench/bench.h"
#include "tests/bench/mesoscopic.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using namespace gemeo::bench;

namespace {

constexpr double kPrior = 500, kPriorFloor = 10;  // trips of a pair: no prior but that pairs exist

constexpr double kOneLink = 0.01;  // of the mean count: how close a fit is to come

struct settings {
  std::string only, days, hours, micro;
  fs::path log;
  std::size_t iterations = 8, cases = 1000;
  bool spsa = true, told = false;
};

bool wanted(std::string const& list, std::string const& name) {
  return list.empty() || ("," + list + ",").find("," + name + ",") != std::string::npos;
}

settings read_settings(int argc, char** argv) {
  settings s;
  read_arguments(argc, argv, "OD estimation on BO4Mob's freeways, SPSA beside it", [&](CLI::App& a) {
    a.add_option("--only", s.only, "1ramp, 2corridor, 3junction; several with commas");
    a.add_option("--days", s.days, "221012,221014");
    a.add_option("--hours", s.hours, "08-09");
    a.add_option("--iterations", s.iterations, "simulations of a fit");
    a.add_option("--cases", s.cases, "at most so many");
    a.add_option("--spsa", s.spsa, "0: without it");
    a.add_option("--told", s.told, "1: says what each fit finds");
    a.add_option("--log", s.log, "figures of cases, so that a run that was killed goes on");
    a.add_option("--micro", s.micro, "an engine in place of SUMO's mesoscopic model");
  });
  return s;
}

struct instance {
  std::string name;
  scenario base;
  od_table table;
  std::string types;           // elements
  double least = 1, most = 0;  // trips of a pair
  double counted_from_s = 0, counted_to_s = 0;
  std::size_t first_search = 0;  // points that SPSA's start is the best of
};

std::vector<edge_id> edges_of(network const& net, csv_row const& row) {
  std::vector<edge_id> out;
  std::string const& text = row.text("route_edges");
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.size(), text.find(' ', at));
    auto const e = net.find_edge(text.substr(at, end - at));
    if (!e) row.fail("edge '" + text.substr(at, end - at) + "' is not in the network");
    out.push_back(*e);
    at = end + 1;
  }
  return out;
}

// The benchmark's vehicle type, out of a file that asks for SUMO's outputs too.
class type_lines : public xml_handler {
 public:
  void start(std::string_view element, xml_attributes const& a) override {
    if (element != "vType") return;
    text += "<vType";
    for (char const** p = a.pairs(); *p != nullptr; p += 2) text += fmt::format(" {}=\"{}\"", p[0], xml_escape(p[1]));
    text += "/>\n";
  }
  void end(std::string_view) override {}
  std::string text;
};

instance read_instance(std::string const& name) {
  fs::path const in = shared() / "bo4mob", folder = in / ("network_" + name);
  instance o;
  o.name = o.base.name = name;
  o.base.net = read_network(folder / "net.xml");
  o.base.file = folder / "net.xml";
  o.base.programs.resize(o.base.net->signals.name.size());
  std::ifstream setup_file(in / ("sim_setup_network_" + name + ".json"));
  auto const setup = nlohmann::json::parse(setup_file);
  o.base.begin_s = setup.at("sim_start_time").get<double>();
  o.base.end_s = setup.at("sim_end_time").get<double>();
  o.counted_from_s = setup.at("sensor_start_time").get<double>();
  o.counted_to_s = setup.at("sensor_end_time").get<double>();
  o.least = setup.at("od_bound_start").get<double>();
  o.most = setup.at("od_bound_end").get<double>();
  o.first_search = setup.at("n_init_search").get<std::size_t>();
  o.table.slots = {o.base.begin_s, setup.at("od_end_time").get<double>() - o.base.begin_s, 1};
  type_lines lines;
  read_xml(folder / "additional.xml", lines);
  o.types = lines.text;
  fs::path const types = fs::path(GEMEO_BINARY_DIR) / "bench" / "bo4mob.types.xml";
  write_text_file(types, "<additional>\n" + lines.text + "</additional>\n");
  std::vector<type_mix> mixes;
  read_vtypes(types, o.table.others.types, mixes);
  o.table.type_weight.assign(o.table.others.types.size(), 0);
  o.table.type_weight[0] = 1;
  std::map<std::pair<std::string, std::string>, std::size_t> numbers;
  csv_table(folder / "routes_multiple.csv", {"fromTaz", "toTaz", "ratio", "route_edges"},
            {"", "route_idx", "start_edge", "last_edge"})
      .for_each([&](csv_row const& r) {
        auto const [at, fresh] = numbers.emplace(std::pair(r.text("fromTaz"), r.text("toTaz")), o.table.pairs.size());
        if (fresh) o.table.pairs.push_back({r.text("fromTaz"), r.text("toTaz"), {}, {}});
        o.table.pairs[at->second].routes.push_back({edges_of(*o.base.net, r), r.not_negative("ratio")});
      });
  for (od_pair& p : o.table.pairs) {
    double sum = 0;
    for (od_route const& r : p.routes) sum += r.share;
    for (od_route& r : p.routes) r.share /= sum;
  }
  o.table.trips.assign(o.table.pairs.size(), kPrior);
  return o;
}

od_source source_of(instance const& o) {
  route_choice choice;
  choice.habits = {{.known = true}};
  return {o.base.net, o.table, choice};
}

// Counts of one hour by day; stations are all links that any day counts.
struct hour_counts {
  std::vector<count_station> stations;
  std::map<std::string, std::vector<station_count>> of_day;
};

hour_counts read_counts(instance const& o, std::string const& hour) {
  hour_counts out;
  std::map<std::string, std::uint32_t> numbers;
  for (auto const& d : fs::directory_iterator(shared() / "bo4mob" / "sensor_data")) {
    std::string const day = d.path().filename().string();
    fs::path const file = d.path() / fmt::format("gt_link_data_{}_{}_{}.csv", o.name, day, hour);
    csv_table(file, {"link_id", "interval_nVehContrib"}).for_each([&](csv_row const& r) {
      auto const e = o.base.net->find_edge(r.text("link_id"));
      if (!e) r.fail("edge '" + r.text("link_id") + "' is not in the network");
      auto const [at, fresh] = numbers.emplace(r.text("link_id"), static_cast<std::uint32_t>(out.stations.size()));
      if (fresh) out.stations.push_back({.name = r.text("link_id"), .edge = *e, .lanes = {}, .corridor = {}});
      out.of_day[day].push_back(
          {at->second, o.counted_from_s, o.counted_to_s, r.not_negative("interval_nVehContrib"), 0});
    });
  }
  return out;
}

double nrmse(std::vector<station_count> const& counts, std::vector<double> const& modelled) {
  std::vector<scored_count> s;
  for (std::size_t i = 0; i < modelled.size(); ++i)
    s.push_back(
        {counts[i].station, counts[i].begin_s, counts[i].end_s - counts[i].begin_s, counts[i].count, modelled[i]});
  return score_counts(s).nrmse;
}

// The simulation of a search: the benchmark's, or with --micro one of our engines.
simulated simulate(instance const& o, hour_counts const& c, drawn_trips trips, std::uint64_t seed,
                   settings const& set) {
  std::size_t const cells = o.table.pairs.size();
  if (!set.micro.empty())
    return simulate_trips(o.base, c.stations, std::move(trips), cells,
                          {.engine = set.micro, .seed = seed, .threads = 1, .times = false});
  return simulate_mesoscopic(o.base, c.stations, trips, cells, seed, o.types, o.table.others.types[vtype_id(0U)].name);
}

double since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

struct outcome {
  double nrmse = 0, other_days = 0, wall_s = 0;
  std::size_t simulations = 0;
  std::uint64_t hash = 0;
};

// Mean of five draws that no search has used.
void judge(instance const& o, hour_counts const& c, std::string const& day, std::vector<double> const& x,
           settings const& set, outcome& out) {
  od_source const trips = source_of(o);
  for (std::uint64_t k = 0; k < 5; ++k) {
    simulated const s = simulate(o, c, trips.draw(x, 9001 + k), 9001 + k, set);
    for (auto const& [other, counts] : c.of_day) {
      double const e = nrmse(counts, counted_in(s, counts)) / 5;
      if (other == day)
        out.nrmse += e;
      else
        out.other_days += e / static_cast<double>(c.of_day.size() - 1);
    }
  }
  hasher h;
  for (double const v : x) h.add_value(v);
  out.hash = h.value();
}

outcome ours(instance const& o, hour_counts const& c, std::string const& day, settings const& set) {
  od_source trips = source_of(o);
  calibration_input const in{o.base, c.stations, c.of_day.at(day), {}};
  calibration_options co;
  co.simulation = {.engine = "", .seed = 1, .threads = 1, .times = false};
  co.simulate = [&](scenario const&, std::vector<count_station> const&, drawn_trips t, std::size_t,
                    simulation_request const& r,
                    stop_function const&) { return simulate(o, c, std::move(t), r.seed, set); };
  co.iterations = set.iterations;
  co.prior = {.log_sd = 1.5,
              .floor_trips = kPriorFloor,
              .origin_log_sd = 0,
              .destination_log_sd = 0,
              .slot_log_sd = 0,
              .habit_log_sd = 0,
              .structure = false,
              .most_factor = o.most / (kPrior + kPriorFloor)};
  co.fit.weights = {.lambda = 0.05, .mu = 0};
  co.fit.scale_sd = 10;
  // The score is NRMSE: a vehicle more or less weighs the same on every link.
  double mean = 0;
  for (station_count const& k : in.fitted) mean += k.count / static_cast<double>(in.fitted.size());
  co.fit.variance = {.poisson = 0, .relative = 0, .least = std::pow(kOneLink * mean, 2)};
  co.choose_weights_every = 0;  // every link is fitted, as the benchmark asks
  co.learn_routes = false;
  auto const began = std::chrono::steady_clock::now();
  calibration_result const r = calibrate(trips, in, co, [&](calibration_iterate const& i) {
    if (set.told)
      fmt::print("    {} trips {:.0f}, step {:g}: RMSN {:.4f}, sum {:+.1f} %, misfit {:.2f}, {} kept out\n", i.number,
                 i.trips, i.step, i.rmsn, 100 * i.sum_error, i.misfit, i.never_inserted);
  });
  outcome out;
  out.wall_s = since(began);
  out.simulations = r.iterates.size();
  judge(o, c, day, r.trips, set, out);
  return out;
}

outcome with_spsa(instance const& o, hour_counts const& c, std::string const& day, settings const& set) {
  od_source const trips = source_of(o);
  std::vector<station_count> const& counts = c.of_day.at(day);
  std::size_t const n = o.table.pairs.size();
  search_box const box{std::vector<double>(n, o.least), std::vector<double>(n, o.most)};
  outcome out;
  auto const objective = [&](std::span<std::vector<double> const> points) {
    std::vector<double> values;
    for (std::vector<double> const& x : points) {
      std::uint64_t const seed = 1 + out.simulations++;
      simulated const s = simulate(o, c, trips.draw(x, seed), seed, set);
      values.push_back(nrmse(counts, counted_in(s, counts)));
    }
    return values;
  };
  auto const began = std::chrono::steady_clock::now();
  std::vector<std::vector<double>> starts(o.first_search, std::vector<double>(n));
  for (std::size_t k = 0; k < starts.size(); ++k) {
    for (std::size_t j = 0; j < n; ++j)
      starts[k][j] = o.least + (o.most - o.least) * random_uniform(1, k, j, draw::kSearch);
  }
  std::vector<double> const values = objective(starts);
  auto const best = std::min_element(values.begin(), values.end()) - values.begin();
  search_result const r =
      minimise_spsa(objective, box, starts[static_cast<std::size_t>(best)], {.evaluations = 10 * set.iterations});
  out.wall_s = since(began);
  judge(o, c, day, r.best.x, set, out);
  return out;
}

// What has been measured, a line a case in the log: instance, day, hour, iterations, then both outcomes.
using case_name = std::tuple<std::string, std::string, std::string, std::size_t>;
using case_outcomes = std::pair<outcome, outcome>;

std::map<case_name, case_outcomes> read_log(fs::path const& file) {
  std::map<case_name, case_outcomes> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name, day, hour;
    std::size_t iterations = 0;
    case_outcomes both;
    words >> name >> day >> hour >> iterations;
    for (outcome* const o : {&both.first, &both.second})
      words >> o->nrmse >> o->other_days >> o->simulations >> o->wall_s >> o->hash;
    if (words) out[{name, day, hour, iterations}] = both;
  }
  return out;
}

void append(fs::path const& file, case_name const& c, case_outcomes const& both) {
  if (file.empty()) return;
  std::string line = fmt::format("{} {} {} {}", std::get<0>(c), std::get<1>(c), std::get<2>(c), std::get<3>(c));
  for (outcome const& o : {both.first, both.second})
    line += fmt::format(" {} {} {} {} {}", o.nrmse, o.other_days, o.simulations, o.wall_s, o.hash);
  std::ofstream(file, std::ios::app) << line << "\n";
}

std::vector<std::string> days() {
  std::set<std::string> names;
  for (auto const& d : fs::directory_iterator(shared() / "bo4mob" / "sensor_data"))
    names.insert(d.path().filename().string());
  return {names.begin(), names.end()};
}

// What no demand does better than, however the roads carry it: NRMSE where no link is short of its count but by what is
// missing with every pair at its bound.
double nrmse_at_bounds(instance const& o, hour_counts const& c, std::string const& day) {
  std::vector<double> most(c.stations.size(), 0);
  for (od_pair const& p : o.table.pairs) {
    for (std::size_t s = 0; s < most.size(); ++s) {
      for (od_route const& r : p.routes)
        most[s] +=
            o.most * r.share * static_cast<double>(std::count(r.edges.begin(), r.edges.end(), c.stations[s].edge));
    }
  }
  std::vector<double> reached;
  for (station_count const& k : c.of_day.at(day)) reached.push_back(std::min(k.count, most[k.station]));
  return nrmse(c.of_day.at(day), reached);
}

// Days and hours in an order that is even wherever it is broken off.
std::vector<std::pair<std::string, std::string>> cases_of(settings const& set) {
  std::vector<std::string> const all = days();
  std::array<char const*, 3> const hours{"06-07", "08-09", "17-18"};
  std::vector<std::pair<std::string, std::string>> out;
  std::size_t const n = all.size() * hours.size();
  std::set<std::size_t> taken;
  for (std::size_t k = 0; out.size() < set.cases && taken.size() < n && k < 10 * n; ++k) {
    std::size_t const day = (k * 3) % all.size(), hour = (k + k / n) % hours.size();
    if (!taken.insert(day * hours.size() + hour).second) continue;
    if (wanted(set.days, all[day]) && wanted(set.hours, hours[hour])) out.emplace_back(all[day], hours[hour]);
  }
  return out;
}

void measure(report& out, std::string const& name, settings const& set) {
  instance const o = read_instance(name);
  std::map<std::string, hour_counts> counts;
  std::map<case_name, case_outcomes> known = read_log(set.log);
  case_outcomes sum;
  double n = 0, at_bounds = 0;
  for (auto const& [day, hour] : cases_of(set)) {
    if (counts.find(hour) == counts.end()) counts[hour] = read_counts(o, hour);
    hour_counts const& c = counts[hour];
    case_name const which{name, day, hour, set.iterations};
    if (known.find(which) == known.end()) {
      known[which].first = ours(o, c, day, set);
      if (set.spsa) known[which].second = with_spsa(o, c, day, set);
      append(set.log, which, known[which]);
    }
    auto const& [a, b] = known[which];
    double const least = nrmse_at_bounds(o, c, day);
    fmt::print(
        "  {:<10} {} {}: {} pairs, {:>2} links: gemeo {:.4f}, other days {:.3f} ({} simulations, {:.1f} s, hash "
        "{:016x}); at the bounds {:.4f}",
        name, day, hour, o.table.pairs.size(), c.of_day.at(day).size(), a.nrmse, a.other_days, a.simulations, a.wall_s,
        a.hash, least);
    if (b.simulations > 0)
      fmt::print("; SPSA {:.4f}, {:.3f} ({}, {:.1f} s)", b.nrmse, b.other_days, b.simulations, b.wall_s);
    fmt::print("\n");
    std::fflush(stdout);
    at_bounds += least;
    for (auto const& [to, from] : {std::pair(&sum.first, &a), std::pair(&sum.second, &b)}) {
      to->nrmse += from->nrmse;
      to->other_days += from->other_days;
      to->wall_s += from->wall_s;
    }
    n += 1;
  }
  if (n == 0) return;
  out.add("bo4mob", name + ": cases", n, "");
  out.add("bo4mob", name + ": mean NRMSE of link counts", sum.first.nrmse / n, "");
  out.add("bo4mob", name + ": mean NRMSE that the bounds of trips leave at least", at_bounds / n, "");
  out.add("bo4mob", name + ": the same hour of other days", sum.first.other_days / n, "");
  out.add("bo4mob", name + ": simulations", static_cast<double>(set.iterations), "", report::goal::kAtMost, 20);
  out.add("bo4mob", name + ": mean wall time", sum.first.wall_s / n, "s");
  if (!set.spsa) return;
  out.add("bo4mob", name + ": mean NRMSE, SPSA with ten times as many", sum.second.nrmse / n, "");
  out.add("bo4mob", name + ": the same hour of other days, SPSA", sum.second.other_days / n, "");
  out.add("bo4mob", name + ": mean wall time, SPSA", sum.second.wall_s / n, "s");
  out.add("bo4mob", name + ": NRMSE against SPSA's", sum.first.nrmse / sum.second.nrmse, "", report::goal::kAtMost,
          0.5);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    settings const set = read_settings(argc, argv);
    report out;
    for (std::string const name : {"1ramp", "2corridor", "3junction"}) {
      if (wanted(set.only, name)) measure(out, name, set);
    }
    return out.finish();
  } catch (std::exception const& e) {
    fmt::print(stderr, "bench_bo4mob: {}\n", e.what());
    return 2;
  }
}
