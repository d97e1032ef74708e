// gemeo run: one scenario, one seed or many, in worker processes; and the hidden verb those processes run.
#include "sim/run/run.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>

#include "sim/cli/run_output.h"
#include "sim/cli/verbs.h"
#include "sim/command_line/options.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"
#include "sim/run/ensemble.h"
#include "sim/run/signals.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo::cli {

namespace {

constexpr int kChannel = 3;  // the worker's, see sim/core/process.h

struct run_arguments {
  std::string scenario, seed, seeds, begin, end, interval, trajectories, output = "out", engine = "sumo";
  bool one_seed = false;
  std::size_t jobs = 0;
  std::vector<std::string> set;
  bool trajectories_on = false, no_emissions = false, resume = false, json = false;
};

ensemble_request request_of(run_arguments const& a) {
  ensemble_request r;
  worker_request& w = r.worker;
  w.scenario = find_scenario(a.scenario);
  w.set = a.set;
  bool const of_sumo = is_sumo_config(w.scenario);
  if (!a.begin.empty()) w.begin_s = parse_run_time("--begin", a.begin, of_sumo);
  if (!a.end.empty()) w.end_s = parse_run_time("--end", a.end, of_sumo);
  w.run.engine = a.engine;
  w.run.emissions = !a.no_emissions;
  if (!a.interval.empty()) w.run.interval_s = parse_seconds("--interval", a.interval, 1);
  w.run.trajectories = a.trajectories_on;
  if (!a.trajectories.empty()) w.run.trajectory_interval_s = parse_seconds("--trajectories", a.trajectories, 0.001);
  if (!a.seeds.empty()) r.seeds = parse_seeds(a.seeds);
  if (a.one_seed) r.seeds = {parse_seed(a.seed)};
  r.jobs = a.jobs;
  r.folder = a.output;
  r.resume = a.resume;
  make_engine(a.engine);  // an unknown one is told before anything starts
  return r;
}

// What the first seed has already said of the scenario is not repeated by the others.
void tell_problems(seed_result const& s, std::size_t seeds, std::set<std::string>& said) {
  std::string const who = seeds > 1 ? fmt::format("gemeo: seed {}: ", s.seed) : "gemeo: ";
  if (!s.caution.empty() && said.insert(s.caution).second) say(fmt::format("gemeo: {}\n", s.caution));
  for (std::string const& n : s.notes) {
    if (said.insert(n).second) say(fmt::format("{}{}\n", who, n));
  }
  if (s.how == seed_result::state::kFailed) {
    // What is wrong with the input is wrong for every seed.
    say(fmt::format("{}{}\n", s.kind == error_kind::kRun ? who : "gemeo: ", s.message));
  }
}

int run(run_arguments const& a) {
  ensemble_request const r = request_of(a);
  std::size_t const seeds = std::max<std::size_t>(1, r.seeds.size());
  std::signal(SIGPIPE, SIG_IGN);  // who listens may go away; the results are written all the same
  signal_scope const signals(signal_scope::role::kParent);
  progress_line line;
  ensemble_observer o;
  bool asked = false;
  std::set<std::string> said;
  std::string const name = r.worker.scenario.stem().string();
  o.progress = [&](ensemble_progress const& p) {
    if (stop_signals() > 0 && !asked) {
      asked = true;
      line.clear();
      say("gemeo: ending; interrupt again to end at once\n");
    }
    line.show(p);
  };
  o.result = [&](seed_result const& s) {
    line.clear();
    tell_problems(s, seeds, said);
    if (a.json) std::puts(json_line(s, name, a.engine).c_str());
    std::fflush(stdout);  // whether it arrived is asked at the end: the other runs go on
  };
  ensemble_report const report = run_ensemble(r, o, stop_signals);
  line.clear();
  for (std::string const& n : report.notes) say(fmt::format("gemeo: {}\n", n));
  if (report.interrupted) say("gemeo: interrupted; --resume runs what is missing\n");
  bool const any =
      std::any_of(report.seeds.begin(), report.seeds.end(), [](auto const& s) { return !s.report.empty(); });
  if (!a.json && any) std::fputs(summary_table(report).c_str(), stdout);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw_run("standard output", "could not be written: it was closed, or the disk is full",
              "the results are in " + report.folder.string());
  }
  return report.exit_code();
}

}  // namespace

action setup_run(option_set const& app) {
  auto const a = std::make_shared<run_arguments>();
  app.add("scenario", a->scenario,
          "scenario file or its name (cascais/weekday), or a SUMO configuration (.sumocfg) as it stands")
      .required();
  auto const seeds = app.add("--seeds", a->seeds, "how many runs (20: seeds 1 to 20), or which seeds (3,7,9 or 5-8)");
  auto const one_seed =
      app.add("--seed", a->seed, "one run with this seed (default 42; a .sumocfg's own)").excludes(seeds);
  app.add("-j,--jobs", a->jobs, "runs at a time (default: one a processor)").between(1, 4096);
  app.add("-o,--output", a->output, "folder for NAME/seed_0042.h5").show_default();
  app.add("--set", a->set, "change the scenario: --set key.subkey=value (repeatable)").type("KEY=VALUE").repeatable();
  app.add("--engine", a->engine, "what moves the vehicles: sumo, or tbb (our own)").show_default();
  app.add("--interval", a->interval,
          "length of the aggregates' intervals in s (default 900); a warm-up must be a multiple of it");
  app.add("--begin", a->begin, "begin of the run (07:00 or seconds), instead of the scenario's");
  app.add("--end", a->end, "end of the run, instead of the scenario's");
  auto const t = app.add("--trajectories", a->trajectories, "store every vehicle's way, every so many s (default 1)");
  t.value_may_lack().type("[S]");
  app.add_flag("--no-emissions", a->no_emissions, "leave emissions and fuel out");
  app.add_flag("--resume", a->resume, "keep complete results of the same configuration, run what is missing");
  app.add_flag("--json", a->json, "one JSON object a run on standard output, and nothing else there");
  return [a, t, one_seed] {
    a->one_seed = one_seed.given();
    a->trajectories_on = t.given();
    if (a->trajectories == "true" || a->trajectories == "{}") a->trajectories.clear();  // CLI11's word for no value
    return run(*a);
  };
}

action setup_worker(option_set const& app) {
  app.hide();
  return [] {
    if (::fcntl(kChannel, F_GETFD) < 0) throw_usage("gemeo worker is started by gemeo run", "run 'gemeo run SCENARIO'");
    std::string const request{std::istreambuf_iterator<char>(std::cin), {}};
    return serve_worker(request, kChannel);
  };
}

}  // namespace gemeo::cli
