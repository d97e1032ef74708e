// gemeo calibrate: from a job file to a calibrated base scenario. Standard output: what was found, in a few lines;
// standard error: progress on a terminal, and what to know. Exit 0 done, 1 interrupted or failed, 2 bad input.
#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "calibration/cli/stage_line.h"
#include "calibration/cli/verbs.h"
#include "calibration/job/day_types.h"
#include "calibration/job/page_charts.h"
#include "calibration/job/result_folder.h"
#include "calibration/job/write_job.h"
#include "sim/command_line/say.h"
#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/core/parallel.h"
#include "sim/core/text_file.h"
#include "sim/results/report_svg.h"
#include "sim/run/signals.h"

namespace gemeo::cli {
namespace {

struct calibrate_arguments {
  std::string job, output;
  std::vector<std::string> set;
  int seeds = 0;
  std::size_t threads = 0;
  bool format = false, print = false;
};

void print_capacity(calibration_outcome const& c) {
  capacity_findings const& f = c.capacity;
  std::string const& rule = c.job.counts.beyond_capacity;
  fmt::print("capacity  {} of {} station hours cannot be carried by network and signals{}\n", f.report.beyond.size(),
             f.hours.size(),
             f.report.beyond.empty() ? ""
             : rule == "fit"         ? "; fitted and scored all the same"
             : rule == "leave_out"   ? "; neither fitted nor scored"
                                     : "; not fitted, but scored");
  constexpr std::size_t kShown = 12;
  std::set<std::string> told;  // sites that are beyond a cut together are told once
  std::size_t more = 0;
  for (beyond_capacity const& b : f.report.beyond) {
    counted_hour const& h = f.hours[b.hour];
    std::string const words = describe(b, f.places);
    if (b.limit == carry_limit::kTogether && !told.insert(fmt::format("{} {}", h.begin_s, words)).second) continue;
    if (b.limit != carry_limit::kTogether) told.insert(fmt::format("{} {}", b.hour, words));
    if (told.size() > kShown) {
      ++more;
      continue;
    }
    fmt::print("          {} {}: {}\n", clean_text(f.places[h.place].name, 60), time_of_day(h.begin_s),
               clean_text(words, 400));
  }
  if (more > 0) fmt::print("          and {} more: report.html, calibration.h5\n", more);
}

void print_contradictions(calibration_outcome const& c) {
  capacity_findings const& f = c.capacity;
  if (f.contradicted.empty() && f.never_below_geh5 == 0) return;
  constexpr std::size_t kShown = 6;
  fmt::print(
      "counts    contradict each other in {} set{}; where an hour's flow is steady and trips begin and end as in the "
      "base, {} of {} station hours at least are beyond GEH 5, whatever the demand\n",
      f.contradicted.size(), f.contradicted.size() == 1 ? "" : "s", f.never_below_geh5, f.hours.size());
  auto const places = by_places(f.contradicted, f.hours);
  for (std::size_t i = 0; i < std::min(kShown, places.size()); ++i)
    fmt::print("          {}\n", clean_text(describe(places[i], f.contradicted, f.places, f.hours), 430));
  if (places.size() > kShown)
    fmt::print("          and {} more: report.html, calibration.h5\n", places.size() - kShown);
}

void print_split(calibration_outcome const& c) {
  std::size_t held = 0;
  std::string names;
  for (std::size_t i = 0; i < c.split.held_out.size(); ++i) {
    if (!c.split.held_out[i]) continue;
    ++held;
    names += " " + c.observed.stations[i].name;
  }
  fmt::print("stations  {}, of which {} held out ({} of {} corridors), split {}\n", c.observed.stations.size(), held,
             c.split.corridors_held_out, c.split.corridors, to_hex(c.split.hash));
  if (held > 0) fmt::print("held out {}\n", names);
  fmt::print("counts    {} periods of the day, {} days to fit, {} held out\n", c.observed.periods.size(),
             c.observed.days.size(), c.observed.held_out_days.size());
  print_capacity(c);
  print_contradictions(c);
  std::fflush(stdout);
}

// The first of those that are full: "NAME ROOM of WANTED".
template <typename Full>
void print_full(char const* what, std::vector<Full> const& all, auto const& name, double Full::*room) {
  if (all.empty()) return;
  constexpr std::size_t kShown = 6;
  std::string words;
  for (std::size_t i = 0; i < std::min(kShown, all.size()); ++i)
    words += fmt::format("{} {} {:.0f} of {:.0f}", i == 0 ? "" : ",", clean_text(name(all[i]), 60), all[i].*room,
                         all[i].wanted);
  fmt::print("{}{}{}\n", fmt::format(fmt::runtime(what), all.size()), words,
             all.size() > kShown ? "; the others: report.html, calibration.h5" : "");
}

void print_full_places(calibration_outcome const& c) {
  print_full(
      "entries   {} let in fewer trips than counts and prior ask for:", c.fit.full_entries,
      [&](full_entry const& e) { return c.place_name(e.place); }, &full_entry::lets_in);
  print_full(
      "roads     {} are asked for all they carry, as counts and prior ask for more:", c.fit.full_roads,
      [&](full_road const& r) { return c.road_name(r); }, &full_road::carries);
}

void print_scores(calibration_outcome const& c) {
  double before = 0, after = 0;
  for (double const x : c.source->prior()) before += x;
  for (double const x : c.fit.trips) after += x;
  fmt::print("trips     {:.0f} before, {:.0f} calibrated ({:+.1f} %)\n", before, after, 100 * (after / before - 1));
  if (double const share = c.free_flow_share(); !std::isnan(share))
    fmt::print("drivers   {:.0f} % choose routes by the empty network's times ({:.0f} % before any count)\n",
               100 * share, 100 * c.job.prior.free_flow_share);
  auto const figures = [&](two_scores const& s) {
    std::string const was =
        c.prior_runs.empty() ? "" : fmt::format(" (before {:.0f} %, {:.3f})", 100 * s.prior.geh_below_5, s.prior.rmsn);
    return fmt::format("hourly GEH < 5 at {:.0f} %, RMSN {:.3f}{}, sum {:+.1f} %", 100 * s.calibrated.geh_below_5,
                       s.calibrated.rmsn, was, 100 * s.calibrated.sum_error);
  };
  for (judged_scores const& s : c.scores) {
    fmt::print("{}: {}, {} stations\n", s.title, figures(s), s.stations);
    if (s.has_consistent())
      fmt::print("          of {} counts {} contradict others; without those: {}\n", s.counts, s.contradicted,
                 figures(s.consistent));
    if (s.left_out + s.beyond > 0)
      fmt::print("          of {} counts {} cannot be carried, {} of which are in this figure\n", s.counts + s.left_out,
                 s.left_out + s.beyond, s.beyond);
  }
  print_full_places(c);
  if (presence const& o = c.fit.iterates[c.fit.best].presence_of_vehicles; o.told > 0)
    fmt::print(
        "jams      {} of the fitted counts by their loops' occupancies, {} in the kept simulation, {} the same\n",
        o.told_jams, o.simulated_jams, o.both_jam);
  if (supply_result const& s = c.supply; !s.trials.empty())
    fmt::print(
        "supply    {}: headway x {:.2f}, speed x {:.2f}, gap x {:.2f}, dawdling x {:.2f}; at stations left out {:.2f}, "
        "as given {:.2f}\n",
        s.taken ? "taken" : "not taken", s.kept.tau, s.kept.speed_factor, s.kept.min_gap, s.kept.sigma, s.fold_error,
        s.own_fold_error);
  if (demand_members const& m = c.members; !m.trips.empty()) {
    auto const share = [](band_coverage const& b) {
      return b.counts == 0
                 ? std::string("none")
                 : fmt::format("{:.0f} %", 100.0 * static_cast<double>(b.inside) / static_cast<double>(b.counts));
    };
    fmt::print(
        "members   {}: {:.0f} to {:.0f} trips (5 to 95 %); counts inside their 90 % bands: fitted {}, held out {}\n",
        m.trips.size(), m.total_low, m.total_high, share(m.fitted), share(m.held_out));
  }
  std::int64_t teleports = 0, never = 0;
  for (judged_run const& r : c.judges) {
    teleports += r.teleports;
    never += r.never_inserted;
  }
  fmt::print("seeds     {} that the fit never saw; teleports {}, never entered {}, in all; {:.0f} s\n", c.judges.size(),
             teleports, never, c.wall_s);
}

// A fit of many cells does not look up for minutes: who asks twice is obeyed at once.
class second_request {
 public:
  explicit second_request(result_folder& folder)
      : watcher_([this, &folder] {
          while (!over_) {
            if (stop_signals() > 1) {
              say("gemeo: interrupted; nothing was written\n");
              folder.abandon();
              std::_Exit(1);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
          }
        }) {}
  ~second_request() {
    over_ = true;
    watcher_.join();
  }
  second_request(second_request const&) = delete;
  second_request& operator=(second_request const&) = delete;

 private:
  std::atomic<bool> over_ = false;
  std::thread watcher_;
};

calibration_outcome calibrate_one(calibration_job const& job, calibrate_arguments const& a,
                                  std::filesystem::path const& work) {
  stage_line line;
  job_observer o;
  o.progress = [&](job_progress const& p) {
    line.show(p.step == 0 ? p.stage : fmt::format("{}: simulation {} of {}", p.stage, p.step, p.steps),
              p.iterate == nullptr ? ""
                                   : fmt::format("misfit {:.2f}, all counts together {:+.1f} %", p.iterate->misfit,
                                                 100 * p.iterate->sum_error));
  };
  o.split_made = [&](calibration_outcome const& c) {
    line.clear();
    print_split(c);
  };
  calibration_outcome c =
      run_job(job, work, a.threads == 0 ? processors() : a.threads, o, [] { return stop_signals() > 0; });
  line.clear();
  if (c.stopped) return c;
  for (bilingual const& n : c.notes) say(fmt::format("gemeo: {}\n", n.en));
  return c;
}

std::string results_line(calibration_outcome const& c, std::string const& folder) {
  return fmt::format("results   {}: {}, report.html, calibration.h5\n", folder,
                     c.town == nullptr         ? "calibrated.sumocfg"
                     : c.members.trips.empty() ? "calibrated.toml (a base for scenarios), factors.csv"
                                               : "calibrated.toml (a base for scenarios), factors.csv, members/");
}

int calibrate_files(calibrate_arguments const& a) {
  calibration_job job = read_job(a.job, a.set);
  if (a.seeds > 0) job.judge.seeds = a.seeds;
  if (a.print) {
    fmt::print("{}", print_job(job));
    return 0;
  }
  if (a.output.empty()) throw_usage("-o is missing", "the folder that the calibrated scenario will lie in");
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file too large is an error as a full disk is, and leaves no half folder
  result_folder folder(a.output);
  if (!folder.found().empty()) say(fmt::format("gemeo: {}\n", folder.found()));
  signal_scope const signals(signal_scope::role::kParent);
  second_request const at_once(folder);
  std::vector<day_type_summary> done;
  std::string results;  // told when they are there
  std::vector<std::pair<std::string, std::string>> left_out;
  std::vector<std::string> const types = day_types_of(job);
  std::string const shown = std::filesystem::path(a.output).lexically_normal().string();
  for (std::string const& type : types) {
    bool const alone = types.size() == 1;
    calibration_job one = job;
    one.counts.day_type = type;
    std::filesystem::path const in = alone ? folder.partial() : folder.partial() / type;
    std::filesystem::create_directories(in);
    if (!alone) fmt::print("{}\n", type);
    try {
      calibration_outcome const c = calibrate_one(one, a, in);
      if (c.stopped) {
        say("gemeo: interrupted; nothing was written\n");
        return 1;
      }
      write_calibration(c, in, alone ? folder.home() : folder.home() / type);
      print_scores(c);
      results += results_line(c, alone ? shown : shown + "/" + type);
      done.push_back(summary_of(c));
    } catch (error const& e) {  // a city may count on working days alone
      if (alone || !e.problem().starts_with(kNoCount)) throw;
      say(fmt::format("gemeo: {}: {}\n", type, e.problem()));
      left_out.emplace_back(type, e.problem());
      std::filesystem::remove_all(in);
    }
  }
  if (done.empty()) throw_input(job.file.string(), std::string(kNoCount) + " of any type of day", left_out[0].second);
  if (types.size() > 1) write_text_file(folder.partial() / "report.html", day_types_page(job, done, left_out));
  folder.finish();
  fmt::print("{}", results);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw_run("standard output", "could not be written: it was closed, or the disk is full",
              "the results are in " + shown);
  return 0;
}

}  // namespace

action setup_calibrate(option_set const& app) {
  auto const a = std::make_shared<calibrate_arguments>();
  app.add("job", a->job, "what to calibrate by what: a TOML file (calibration/job/FORMAT.md)").type("JOB.toml");
  app.add("-o,--output", a->output, "folder for the calibrated scenario, its report and its numbers").type("FOLDER");
  app.add("--set", a->set, "change the job: --set section.key=value (repeatable)").type("KEY=VALUE").repeatable();
  app.add("--seeds", a->seeds, "simulations of the result with seeds that the fit never saw (default: the job's)")
      .between(1, 1000);
  app.add("--threads", a->threads, "threads of a simulation and of the fit; 0: all").between(0, 1024);
  app.add_flag("--print", a->print, "print all keys of the job in force, and do no more");
  app.add_flag("--format", a->format, "print the reference of the job's format (calibration/job/FORMAT.md)");
  return [a] {
    if (a->format) {
      fmt::print("{}", job_reference());
      return 0;
    }
    if (a->job.empty())
      throw_usage("name a job, e.g. gemeo calibrate scenarios/cascais/calibration/morning.toml -o out/base");
    return calibrate_files(*a);
  };
}

}  // namespace gemeo::cli
