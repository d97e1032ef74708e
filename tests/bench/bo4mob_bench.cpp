// BO4Mob (Ryu et al., NeurIPS 2025): OD estimation on freeways of San Jose from real link counts of an hour. The score
// is the benchmark's: NRMSE of link counts over 300 to 3900 s. Beside ours: SPSA as the benchmark describes it, in the
// same simulation, with ten times as many of them. A vehicle counts where it passes the middle of the link. usage:
// bench_bo4mob [--only 1ramp,2corridor] [--days 221012,221014] [--hours 08-09] [--iterations N] [--threads N] [--spsa
// 0]
#include <chrono>
#include <cmath>
#include <map>

#include "calibration/fit/derivative_free.h"
#include "calibration/fit/score.h"
#include "calibration/loop/calibrate.h"
#include "calibration/loop/od_source.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/csv.h"
#include "sim/demand/vtypes.h"
#include "tests/bench/bench.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using namespace gemeo::bench;

namespace {

constexpr double kLeast = 1, kMost = 2000;  // trips of a pair, as the benchmark bounds them

struct settings {
  std::string only, days, hours;
  std::size_t iterations = 8, threads = 2;
  bool spsa = true;
};

bool wanted(std::string const& list, std::string const& name) {
  return list.empty() || ("," + list + ",").find("," + name + ",") != std::string::npos;
}

settings read_settings(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; i += 2) {
    std::string const k = argv[i];
    if (i + 1 == argc) throw_usage("'" + k + "' needs a value");
    std::string const v = argv[i + 1];
    if (k == "--only")
      s.only = v;
    else if (k == "--days")
      s.days = v;
    else if (k == "--hours")
      s.hours = v;
    else if (k == "--iterations")
      s.iterations = std::stoul(v);
    else if (k == "--threads")
      s.threads = std::stoul(v);
    else if (k == "--spsa")
      s.spsa = v != "0";
    else
      throw_usage("unknown option '" + k + "'", "known: --only --days --hours --iterations --threads --spsa");
  }
  return s;
}

struct instance {
  std::string name;
  scenario base;
  od_table table;
  std::vector<double> start;  // the benchmark's sample, by pair
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

fs::path types_of(fs::path const& additional) {
  type_lines lines;
  read_xml(additional, lines);
  fs::path const file = fs::path(GEMEO_BINARY_DIR) / "bench" / "bo4mob.types.xml";
  write_text_file(file, "<additional>\n" + lines.text + "</additional>\n");
  return file;
}

instance read_instance(std::string const& name) {
  fs::path const in = shared() / "bo4mob", folder = in / ("network_" + name);
  instance o;
  o.name = o.base.name = name;
  o.base.net = read_network(folder / "net.xml");
  o.base.file = folder / "net.xml";
  o.base.end_s = 3900;
  o.base.programs.resize(o.base.net->signals.name.size());
  std::vector<type_mix> mixes;
  read_vtypes(types_of(folder / "additional.xml"), o.table.others.types, mixes);
  o.table.type_weight.assign(o.table.others.types.size(), 0);
  o.table.type_weight[0] = 1;
  o.table.slots = {0, 3600, 1};
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
  o.start.assign(o.table.pairs.size(), (kLeast + kMost) / 2);
  csv_table(in / ("od_" + name + ".csv"), {"fromTaz", "toTaz", "flow"}).for_each([&](csv_row const& r) {
    auto const at = numbers.find(std::pair(r.text("fromTaz"), r.text("toTaz")));
    if (at != numbers.end()) o.start[at->second] = std::clamp(r.not_negative("flow"), kLeast, kMost);
  });
  // No prior but that pairs exist: all alike, and free to differ tenfold.
  o.table.trips.assign(o.table.pairs.size(), 500);
  return o;
}

struct link_counts {
  std::vector<count_station> stations;
  std::vector<station_count> counts;
};

link_counts read_counts(instance const& o, fs::path const& file) {
  link_counts out;
  csv_table(file, {"link_id", "interval_nVehContrib"}).for_each([&](csv_row const& r) {
    auto const e = o.base.net->find_edge(r.text("link_id"));
    if (!e) r.fail("edge '" + r.text("link_id") + "' is not in the network");
    out.counts.push_back(
        {static_cast<std::uint32_t>(out.stations.size()), 300, 3900, r.not_negative("interval_nVehContrib"), 0});
    out.stations.push_back({.name = r.text("link_id"), .edge = *e, .lanes = {}, .corridor = {}});
  });
  return out;
}

double nrmse(link_counts const& c, std::vector<double> const& modelled) {
  std::vector<scored_count> s;
  for (std::size_t i = 0; i < modelled.size(); ++i)
    s.push_back({c.counts[i].station, 300, 3600, c.counts[i].count, modelled[i]});
  return score_counts(s).nrmse;
}

double since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

// Mean of seeds that no search has used.
double judged(instance const& o, link_counts const& c, od_source const& trips, std::vector<double> const& x,
              settings const& set) {
  double sum = 0;
  for (std::uint64_t k = 0; k < 5; ++k) {
    simulated const s = simulate_trips(o.base, c.stations, trips.draw(x, 9001 + k), x.size(),
                                       {.engine = "tbb", .seed = 9001 + k, .threads = set.threads, .times = false});
    sum += nrmse(c, counted_in(s, c.counts)) / 5;
  }
  return sum;
}

struct outcome {
  double nrmse = 0, wall_s = 0;
  std::size_t simulations = 0;
  std::uint64_t hash = 0;
};

outcome ours(instance const& o, link_counts const& c, settings const& set) {
  route_choice choice;
  choice.habits = {{.known = true}};
  od_source trips(o.base.net, o.table, choice);
  calibration_input const in{o.base, c.stations, c.counts};
  calibration_options co;
  co.simulation = {.engine = "tbb", .seed = 1, .threads = set.threads, .times = false};
  co.iterations = set.iterations;
  co.prior = {.log_sd = 1.5,
              .floor_trips = 10,
              .origin_log_sd = 0,
              .destination_log_sd = 0,
              .slot_log_sd = 0,
              .habit_log_sd = 0,
              .structure = false,
              .most_factor = kMost / 510};
  co.fit.weights = {.lambda = 0.05, .mu = 0};
  co.fit.scale_sd = 10;
  co.choose_weights_every = 0;  // every link is fitted, as the benchmark asks
  co.learn_routes = false;
  auto const began = std::chrono::steady_clock::now();
  calibration_result const r = calibrate(trips, in, co, {});
  outcome out;
  out.wall_s = since(began);
  out.simulations = r.iterates.size();
  out.nrmse = judged(o, c, trips, r.trips, set);
  hasher h;
  for (double const x : r.trips) h.add_value(x);
  out.hash = h.value();
  return out;
}

outcome with_spsa(instance const& o, link_counts const& c, settings const& set) {
  route_choice choice;
  choice.habits = {{.known = true}};
  od_source const trips(o.base.net, o.table, choice);
  search_box const box{std::vector<double>(o.start.size(), kLeast), std::vector<double>(o.start.size(), kMost)};
  std::size_t simulations = 0;
  auto const objective = [&](std::span<std::vector<double> const> points) {
    std::vector<double> out;
    for (std::vector<double> const& x : points) {
      std::uint64_t const seed = 1 + simulations++;
      simulated const s = simulate_trips(o.base, c.stations, trips.draw(x, seed), x.size(),
                                         {.engine = "tbb", .seed = seed, .threads = set.threads, .times = false});
      out.push_back(nrmse(c, counted_in(s, c.counts)));
    }
    return out;
  };
  auto const began = std::chrono::steady_clock::now();
  search_result const r = minimise_spsa(objective, box, o.start, {.evaluations = 10 * set.iterations});
  return {judged(o, c, trips, r.best.x, set), since(began), simulations, r.hash};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    settings const set = read_settings(argc, argv);
    report out;
    for (std::string const name : {"1ramp", "3junction", "2corridor"}) {
      if (!wanted(set.only, name)) continue;
      instance const o = read_instance(name);
      std::vector<double> ours_of, spsa_of;
      std::vector<fs::path> days;
      for (auto const& d : fs::directory_iterator(shared() / "bo4mob" / "sensor_data")) days.push_back(d.path());
      std::sort(days.begin(), days.end());
      for (fs::path const& day : days) {
        if (!wanted(set.days, day.filename().string())) continue;
        for (std::string const hour : {"06-07", "08-09", "17-18"}) {
          if (!wanted(set.hours, hour)) continue;
          link_counts const c =
              read_counts(o, day / fmt::format("gt_link_data_{}_{}_{}.csv", name, day.filename().string(), hour));
          outcome const a = ours(o, c, set);
          fmt::print("  {:<10} {} {}: {} pairs, {} links: gemeo {:.4f} ({} simulations, {:.1f} s, hash {:016x})", name,
                     day.filename().string(), hour, o.table.pairs.size(), c.counts.size(), a.nrmse, a.simulations,
                     a.wall_s, a.hash);
          ours_of.push_back(a.nrmse);
          if (set.spsa) {
            outcome const b = with_spsa(o, c, set);
            spsa_of.push_back(b.nrmse);
            fmt::print(", SPSA {:.4f} ({} simulations, {:.1f} s)", b.nrmse, b.simulations, b.wall_s);
          }
          fmt::print("\n");
          std::fflush(stdout);
        }
      }
      auto const mean = [](std::vector<double> const& v) {
        double sum = 0;
        for (double const x : v) sum += x;
        return sum / static_cast<double>(v.size());
      };
      out.add("bo4mob", name + ": mean NRMSE of link counts", mean(ours_of), "");
      out.add("bo4mob", name + ": simulations", static_cast<double>(set.iterations), "", report::goal::kAtMost, 20);
      if (set.spsa) {
        out.add("bo4mob", name + ": mean NRMSE, SPSA with ten times as many", mean(spsa_of), "");
        out.add("bo4mob", name + ": NRMSE against SPSA's", mean(ours_of) / mean(spsa_of), "", report::goal::kAtMost,
                0.5);
      }
    }
    return out.finish();
  } catch (std::exception const& e) {
    fmt::print(stderr, "bench_bo4mob: {}\n", e.what());
    return 2;
  }
}
