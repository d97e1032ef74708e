// Calibration against a truth that it does not see, and routeSampler (of SUMO) on the same data in the same run; all
// simulated again with seeds that no fit has seen.
// usage: bench_calibration --help
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <sstream>

#include "calibration/fit/score.h"
#include "calibration/job/road_bounds.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/scenario/compile.h"
#include "tests/bench/arguments.h"
#include "tests/bench/bench.h"
#include "tests/bench/hidden_truth.h"
#include "tests/bench/workloads.h"

namespace fs = std::filesystem;
using namespace gemeo;
using namespace gemeo::bench;

namespace {

struct settings {
  std::string only, prior, choice;
  std::size_t seeds = 1, first_seed = 1, judges = 5, beside = 5, iterations = 5, threads = 2;
  bool sampler = true, structure = true, sight = false, within_roads = true;
  double log_sd = 0.5, grid_trips = 22000, free_flow_share = 0;
};

settings read_settings(int argc, char** argv) {
  settings s;
  read_arguments(argc, argv, "Calibration against truths that it does not see", [&](CLI::App& a) {
    a.add_option("--only", s.only, "grid, joined, cascais; several with commas");
    a.add_option("--choice", s.choice, "how the truth's drivers choose routes: perturbed, reactive");
    a.add_option("--prior", s.prior, "lognormal, munich_a, munich_b");
    a.add_option("--sampler", s.sampler, "0: without routeSampler");
    a.add_option("--seeds", s.seeds, "truths");
    a.add_option("--first-seed", s.first_seed, "of the truths");
    a.add_option("--judges", s.judges, "unseen seeds for each result");
    a.add_option("--beside", s.beside, "and for what is beside it; 0: nothing is");
    a.add_option("--iterations", s.iterations, "simulations of a fit");
    a.add_option("--threads", s.threads, "of simulations and fits");
    a.add_option("--structure", s.structure, "0: no pattern of the prior");
    a.add_option("--log-sd", s.log_sd, "of the prior");
    a.add_option("--grid-trips", s.grid_trips, "of the grid's truth");
    a.add_option("--sight", s.sight, "1: says who passes fitted loops");
    a.add_option("--free-flow-share", s.free_flow_share, "of a city's drivers, before any count");
    a.add_option("--within-roads", s.within_roads, "0: roads bound nothing");
  });
  return s;
}

struct verdict {
  double fitted_geh5 = 0, held_geh5 = 0, held_rmsn = 0, held_sum = 0, od_nrmse = 0, total_error = 0, teleports = 0,
         trips = 0;
  trips_in_sight sight;
};

std::vector<scored_count> scored(std::vector<station_count> const& observed, std::vector<double> const& modelled) {
  std::vector<scored_count> out;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    station_count const& c = observed[i];
    out.push_back({c.station, c.begin_s, c.end_s - c.begin_s, c.count, modelled[i]});
  }
  return out;
}

void print(std::string const& who, verdict const& v, double wall_s) {
  fmt::print("  {:<34} {:>6.1f} % {:>6.1f} % {:>8.3f} {:>+7.1f} % {:>8.3f} {:>+7.1f} % {:>8.1f} {:>8.1f} s\n", who,
             100 * v.fitted_geh5, 100 * v.held_geh5, v.held_rmsn, 100 * v.held_sum, v.od_nrmse, 100 * v.total_error,
             v.teleports, wall_s);
  std::fflush(stdout);
}

// With seeds from 9001 on, which no fit uses. Held-out stations are judged by what truly passed; fitted ones by what
// their loops tell, as a fit sees them.
verdict judge(hidden_truth const& h, std::function<drawn_trips(std::uint64_t)> const& draw, std::size_t cells,
              std::vector<double> const& of_pairs, std::size_t judges, settings const& set) {
  verdict v;
  auto const fitted = h.counts_of(false, true), held = h.counts_of(true, false);
  for (std::size_t k = 0; k < judges; ++k) {
    simulation_request const r{.engine = "tbb", .seed = 9001 + k, .threads = set.threads, .times = false};
    simulated const s = simulate_trips(h.base, h.stations, draw(r.seed), cells, r);
    count_score const a = score_counts(scored(fitted, counted_in(s, fitted)));
    count_score const b = score_counts(scored(held, counted_in(s, held)));
    v.fitted_geh5 += a.geh_below_5;
    v.held_geh5 += b.geh_below_5;
    v.held_rmsn += b.rmsn;
    v.held_sum += b.sum_error;
    v.teleports += static_cast<double>(s.teleports);
    v.trips += static_cast<double>(s.trips);
    trips_in_sight const t = in_sight(h, s);
    v.sight.seen += t.seen;
    v.sight.unseen += t.unseen;
    v.sight.never_entered += t.never_entered;
  }
  auto const n = static_cast<double>(judges);
  for (double* const f : {&v.fitted_geh5, &v.held_geh5, &v.held_rmsn, &v.held_sum, &v.teleports, &v.trips,
                          &v.sight.seen, &v.sight.unseen, &v.sight.never_entered})
    *f /= n;
  demand_score const d = score_demand(of_pairs, h.demand);
  v.od_nrmse = d.nrmse;
  v.total_error = d.total_error;
  return v;
}

verdict judge(hidden_truth const& h, trip_source const& trips, std::vector<double> const& x, std::size_t judges,
              settings const& set) {
  return judge(
      h, [&](std::uint64_t seed) { return trips.draw(x, seed); }, x.size(), trips_of_pairs(trips, x), judges, set);
}

// What of a demand fitted loops can tell, beside the truth's.
void print_sight(std::string const& who, trips_in_sight const& t) {
  fmt::print("  {:<34} passed a fitted loop {:.0f}, entered and passed none {:.0f}, never entered {:.0f}\n", who,
             t.seen, t.unseen, t.never_entered);
}

// SUMO's own tool on the same counts and prior; its trips are simulated like everybody's.
void judge_sampler(hidden_truth const& h, trip_source const& trips, drawn_trips const& prior, bool weighted,
                   settings const& set, std::uint64_t seed) {
  auto const began = std::chrono::steady_clock::now();
  drawn_trips const got = sample_routes(h, trips, prior, weighted, seed);
  double const wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::vector<double> of_pairs(h.demand.size());
  for (std::uint32_t const c : got.cell) {
    if (c != kNoCell) of_pairs[c] += 1;
  }
  print(weighted ? "routeSampler --weighted" : "routeSampler",
        judge(
            h, [&](std::uint64_t) { return got; }, of_pairs.size(), of_pairs, set.beside, set),
        wall_s);
}

void experiment(report& out, hidden_truth const& h, prior_error const& e, settings const& set, std::uint64_t seed) {
  auto const source = h.source(wrong_prior(h, e, seed), set.threads);
  trip_source& trips = *source;
  std::vector<double> const prior(trips.prior().begin(), trips.prior().end());
  fmt::print(
      "{} {} seed {}: {} pairs, {} stations fitted, {} held out\n  {:<34} {:>8} {:>8} {:>8} {:>9} {:>8} {:>9} {:>8} "
      "{:>8}\n",
      h.name, e.name, seed, trips.pairs(), h.fitted, h.stations.size() - h.fitted, "", "fitted", "held out", "RMSN",
      "flow", "OD", "total", "teleport", "wall");
  verdict const before = judge(h, trips, prior, set.judges, set);
  print("prior", before, 0);
  auto const oracle = h.source(h.demand, set.threads);
  verdict true_demand;
  if (set.beside > 0) {
    true_demand = judge(h, *oracle, {oracle->prior().begin(), oracle->prior().end()}, set.beside, set);
    print("the true demand, our route choice", true_demand, 0);
  }

  if (set.sampler && set.beside > 0) {
    drawn_trips const drawn = trips.draw(prior, seed);
    for (bool const weighted : {false, true}) judge_sampler(h, trips, drawn, weighted, set, seed);
  }
  calibration_input in;
  in.base = h.base;
  in.stations = h.stations;
  in.fitted = h.counts_of(false, true);
  if (set.within_roads) in.roads = bounds_of_roads(h.base, trips.draw(prior, seed).who, {}, "tbb").limits;
  calibration_options o;
  o.simulation = {.engine = "tbb", .seed = seed, .threads = set.threads};
  o.iterations = set.iterations;
  o.prior.structure = set.structure;
  o.prior.log_sd = set.log_sd;
  o.fit.loss = fit_loss::kHuber;
  auto const began = std::chrono::steady_clock::now();
  calibration_result const r = calibrate(trips, in, o, [](calibration_iterate const& i) {
    fmt::print(
        "    {} trips {:.0f} ({:.0f}) misfit {:.2f} rmsn {:.3f} sum {:+.1f} % fold {:.2f} lambda {:g} mu {:g} model "
        "{:g} factor "
        "{:g} step {:.2f} kept {:.2f} occupancies x {:.2f} teleports {} sim {:.1f} s fit {:.1f} s\n",
        i.number, i.trips, fmt::join(i.habits, " + "), i.misfit, i.rmsn, 100 * i.sum_error, i.fold_error,
        i.weights.lambda, i.weights.mu, i.weights.model_error, i.weights.factor, i.step, i.kept_promise,
        i.presence_of_vehicles.ratio(), i.teleports, i.simulation_s, i.fit_s);
    std::fflush(stdout);
  });
  fmt::print("    prior moved {:.0f} % of the way to its pattern in space, {:.0f} % in time\n", 100 * r.shrunk,
             100 * r.steadied);
  double const wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  verdict const after = judge(h, trips, r.trips, set.judges, set);
  print("gemeo", after, wall_s);
  if (set.sight) {
    print_sight("truth", in_sight(h, h.simulate()));
    print_sight("prior", before.sight);
    if (set.beside > 0) print_sight("the true demand, our route choice", true_demand.sight);
    print_sight("gemeo", after.sight);
  }
  hasher hash;
  for (double const x : r.trips) hash.add_value(x);
  fmt::print("  hash of the estimate {:016x}\n", hash.value());
  std::string const name = fmt::format("{} {} seed {}", h.name, e.name, seed);
  out.add("calibration", name + ": held-out hourly GEH < 5", 100 * after.held_geh5, "%", report::goal::kAtLeast, 90);
  out.add("calibration", name + ": held-out 15-min RMSN", after.held_rmsn, "", report::goal::kAtMost, 0.25);
  out.add("calibration", name + ": OD NRMSE against the prior's", after.od_nrmse / before.od_nrmse, "",
          report::goal::kAtMost, 0.9);
  out.add("calibration", name + ": total demand error", 100 * std::abs(after.total_error), "%", report::goal::kAtMost,
          5);
  out.add("calibration", name + ": wall", wall_s, "s", h.name == "grid" ? report::goal::kAtMost : report::goal::kNone,
          20);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    settings const set = read_settings(argc, argv);
    std::vector<prior_error> const priors{
        {"lognormal", 0.75, 0.5, true}, {"munich_a", 0.6, 0.3, false}, {"munich_b", 0.75, 0.45, false}};
    report out;
    auto const wanted = [](std::string const& list, std::string const& name) {
      return list.empty() || ("," + list + ",").find("," + name + ",") != std::string::npos;
    };
    for (std::uint64_t seed = set.first_seed; seed < set.first_seed + set.seeds; ++seed) {
      std::vector<hidden_truth> truths;
      for (auto const& [name, choice] :
           {std::pair{"perturbed", true_choice::kPerturbed}, {"reactive", true_choice::kReactive}}) {
        if (!wanted(set.choice, name)) continue;
        truth_settings const t{
            .choice = choice, .seed = seed, .grid_trips = set.grid_trips, .free_flow_share = set.free_flow_share};
        if (wanted(set.only, "grid")) truths.push_back(grid_truth(fs::path(GEMEO_BINARY_DIR) / "bench" / "hidden", t));
        if (wanted(set.only, "joined"))
          truths.push_back(sumo_truth("joined", shared() / "bologna/joined/run.sumocfg", t));
        if (!set.only.empty() && wanted(set.only, "cascais"))  // an hour and more
          truths.push_back(city_truth("cascais", fs::path(GEMEO_SOURCE_DIR) / "scenarios/cascais/weekday.toml",
                                      7.5 * 3600, 8.5 * 3600, t));
      }
      for (hidden_truth const& h : truths) {
        for (prior_error const& e : priors) {
          if (wanted(set.prior, e.name)) experiment(out, h, e, set, seed);
        }
      }
    }
    return out.finish();
  } catch (std::exception const& e) {
    fmt::print(stderr, "bench_calibration: {}\n", e.what());
    return 2;
  }
}
