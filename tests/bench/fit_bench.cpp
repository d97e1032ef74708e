// The demand estimate at the size of a city's day (10,000 pairs x 96 slots, 500 detectors) and of the hidden-truth bar
// (552 pairs x 8 slots, 50 detectors), on worlds of algebra drawn by seed: time, peak memory, how well it is solved,
// and the hash of what it found. usage: bench_fit [--pairs N] [--threads N]
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>

#include "calibration/fit/bands.h"
#include "calibration/fit/folds.h"
#include "calibration/fit/gravity.h"
#include "calibration/fit/route_fit.h"
#include "sim/core/hash.h"
#include "tests/bench/arguments.h"
#include "tests/bench/bench.h"
#include "tests/unit/calibration_fit/judged.h"

using namespace gemeo;
using bench::report;

namespace {

constexpr double kMostFit_s = 60, kMostPeak_gb = 6, kMostSmall_s = 1;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu_s() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  auto const seconds = [](timeval const& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

double peak_gb() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_maxrss) / 1e6;
}

void describe(report& out, std::string const& what, fit_result const& r) {
  out.add("fit.solution", what + ", objective", r.objective(), "");
  out.add("fit.solution", what + ", KKT residual", r.kkt_residual_veh, "veh", report::goal::kAtMost, 1e-3);
  out.note(fmt::format("{}: {} rounds, {} Newton steps, {} gradient steps; hash {}", what, r.rounds, r.newton_steps,
                       r.gradient_steps, to_hex(r.hash)));
}

// A day of a city: one fit, plain and with factors.
void measure_large(report& out, std::size_t pairs, thread_team const& team) {
  test::grid_world_options made;
  made.side = 30;
  made.zones = 101;
  made.pairs = pairs;
  made.slots = 96;
  made.vehicles = 400'000;
  made.seen = 500;
  made.held_out = 0;
  made.routes = 2;
  made.zone_log_sd = 0.2;
  made.trips = false;
  double const t0 = now_s();
  test::grid_world w = test::make_grid_world(1, made);
  out.note(fmt::format("{} pairs x {} slots, {} counts, {} crossings; made in {:.1f} s, {:.2f} GB", w.problem.pairs,
                       w.problem.slots, w.problem.observations(), w.problem.crossings.entries(), now_s() - t0,
                       peak_gb()));
  fit_options o;
  o.weights = {0.1, 10, 1, 1};
  o.tolerance_veh = 1e-3;
  for (bool const factors : {false, true}) {
    std::string const what = factors ? "city with zone and slot factors" : "city";
    fit_problem p = w.problem;
    if (factors) p.factors = w.zone_factors(0.3, 0.15);
    double const t1 = now_s();
    map_estimator const e(std::move(p));
    double const t2 = now_s(), used = cpu_s();
    fit_result const r = e.fit(o, team);
    out.add("fit.city", what + ", reading the problem", t2 - t1, "s");
    out.add("fit.city", what + ", one fit", now_s() - t2, "s", report::goal::kAtMost, kMostFit_s);
    out.add("fit.city", what + ", one fit, CPU time", cpu_s() - used, "s");
    out.add("fit.city", what + ", peak memory", peak_gb(), "GB", report::goal::kAtMost, kMostPeak_gb);
    describe(out, what, r);
    if (factors) continue;
    route_problem routes{w.problem.pairs,
                         w.problem.slots,
                         r.x,
                         w.route_begin,
                         w.route_share,
                         w.problem.count,
                         {},
                         r.variance,
                         std::move(w.route_crossings)};
    double const t3 = now_s();
    route_result const trips = fit_routes(routes, {});
    out.add("fit.city", "city, whole trips on routes", now_s() - t3, "s");
    out.note(
        fmt::format("{} trips, {} passes, {} moves; mean squared error of counts {:.3f} when rounded, {:.3f} after; "
                    "hash {}",
                    trips.trip_total, trips.passes, trips.moves,
                    trips.counts_term_rounded / static_cast<double>(w.problem.observations()),
                    trips.counts_term / static_cast<double>(w.problem.observations()), to_hex(trips.hash)));
  }
}

// What one pass of the outer loop asks for at the hidden-truth bar's size.
void measure_small(report& out, thread_team const& team) {
  test::grid_world_options made;
  made.routes = 3;
  std::vector<double> fit_s, folds_s, factor_folds_s, bands_s, routes_s, whole_s, cpu_whole_s;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    test::grid_world const w = test::make_grid_world(seed, made);
    double const t0 = cpu_s(), begin = now_s();
    map_estimator const plain(w.problem);
    fold_result const f = choose_weights(plain, {}, {}, team);
    double const t1 = cpu_s();
    fit_options o;
    o.weights = f.weights();
    fit_result const r = plain.fit(o, team);
    double const t2 = cpu_s();
    route_problem const routes{w.problem.pairs,  w.problem.slots, r.x, w.route_begin,
                               w.route_share,    w.problem.count, {},  r.variance,
                               w.route_crossings};
    route_result const trips = fit_routes(routes, {});
    double const t3 = cpu_s(), wall = now_s() - begin;
    fit_bands const bands = perturbed_refits(plain, o, r, {}, team);
    double const t4 = cpu_s();
    fit_problem p = w.problem;
    p.factors = w.zone_factors(0.3, 0.15);
    fold_result const with_factors = choose_weights(map_estimator(p), {}, {}, team);
    folds_s.push_back(t1 - t0);
    fit_s.push_back(t2 - t1);
    routes_s.push_back(t3 - t2);
    bands_s.push_back(t4 - t3);
    factor_folds_s.push_back(cpu_s() - t4);
    cpu_whole_s.push_back(t3 - t0);
    whole_s.push_back(wall);
    out.note(fmt::format("552 x 8, seed {}: hashes folds {} / {} fit {} routes {} bands {}", seed, to_hex(f.hash),
                         to_hex(with_factors.hash), to_hex(r.hash), to_hex(trips.hash), to_hex(bands.hash)));
  }
  out.add("fit.small", "552 x 8, 50 detectors: weights by 5 folds, CPU time", bench::median(folds_s), "s");
  out.add("fit.small", "552 x 8: one fit, CPU time", bench::median(fit_s), "s");
  out.add("fit.small", "552 x 8: whole trips on routes, CPU time", bench::median(routes_s), "s");
  out.add("fit.small", "552 x 8: weights, fit and trips together, CPU time", bench::median(cpu_whole_s), "s");
  out.add("fit.small", "552 x 8: weights, fit and trips together, wall", bench::median(whole_s), "s",
          report::goal::kAtMost, kMostSmall_s);
  out.add("fit.small", "552 x 8: weights by 5 folds, with factors, CPU time", bench::median(factor_folds_s), "s");
  out.add("fit.small", "552 x 8: 30 perturbed refits, CPU time", bench::median(bands_s), "s");
}

// What of a hidden truth is found (tests/unit/calibration_fit/grid_world.h), mean over seeds. Nothing queues there:
// these are figures of the algebra, and no promise of a simulation's.
void measure_truth(report& out, bool zones_err, thread_team const& team) {
  constexpr int kSeeds = 8;
  struct row {
    char const* name;
    bool shrunk, factors;
    double geh = 0, rmsn = 0, od = 0, total = 0;
  };
  row prior{"prior", false, false};
  std::vector<row> rows{
      {"plain", false, false}, {"factors", false, true}, {"shrunk", true, false}, {"both", true, true}};
  auto const add = [&](row& r, test::grid_world const& w, std::vector<double> const& x) {
    test::judged const j = test::judge(w, x);
    r.geh += j.held_out.geh_below_5 / kSeeds;
    r.rmsn += j.held_out.rmsn / kSeeds;
    r.od += j.demand.nrmse / kSeeds;
    r.total += std::abs(j.demand.total_error) / kSeeds;
  };
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    test::grid_world_options made;
    made.routes = 3;
    made.prior_log_sd = zones_err ? 0.3 : 0.5;
    made.zone_log_sd = zones_err ? 0.4 : 0;
    made.slot_log_sd = zones_err ? 0.15 : 0;
    test::grid_world const w = test::make_grid_world(seed, made);
    add(prior, w, w.problem.prior);
    for (row& r : rows) {
      fit_problem p = w.problem;
      if (r.shrunk) shrink_prior(p, {w.origin, w.destination, {}}, made.prior_log_sd);
      if (r.factors) p.factors = w.zone_factors(0.3, 0.15);
      map_estimator const e(p);
      fit_options o;
      o.weights = choose_weights(e, o, {}, team).weights();
      add(r, w, e.fit(o, team).x);
    }
  }
  rows.insert(rows.begin(), prior);
  for (row const& r : rows) {
    std::string const what = fmt::format("{}, {}", zones_err ? "zones err" : "pairs err", r.name);
    out.add("fit.truth", what + ": held-out GEH < 5", 100 * r.geh, "%");
    out.add("fit.truth", what + ": held-out RMSN", r.rmsn, "");
    out.add("fit.truth", what + ": OD NRMSE", r.od, "");
    out.add("fit.truth", what + ": total demand, mean |error|", 100 * r.total, "%");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t pairs = 10'000, threads = 2;
  bench::read_arguments(argc, argv, "The demand estimate at size", [&](CLI::App& a) {
    a.add_option("--pairs", pairs, "of the large problem");
    a.add_option("--threads", threads, "of the fits");
  });
  report out;
  thread_team const team(threads);
  out.note(fmt::format("{} threads", threads));
  measure_truth(out, false, team);
  measure_truth(out, true, team);
  measure_small(out, team);
  measure_large(out, pairs, team);
  return out.finish();
}
