#include "sim/run/ensemble.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>

#include "sim/core/error.h"
#include "sim/core/frame.h"
#include "sim/core/parallel.h"
#include "sim/core/process.h"
#include "sim/results/ensemble.h"
#include "sim/results/reader.h"
#include "sim/results/settle.h"
#include "sim/run/identity.h"
#include "sim/run/run_folder.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// The folder of the results, made where it is missing. What was made and stays empty, as after a failure on bad input,
// goes again.
class results_folder {
 public:
  explicit results_folder(fs::path const& folder) {
    std::error_code ec;
    std::vector<fs::path> missing;  // the deepest first
    for (fs::path f = folder; !f.empty() && !fs::exists(f, ec); f = f.parent_path()) missing.push_back(f);
    for (auto f = missing.rbegin(); f != missing.rend(); ++f) {
      if (fs::create_directory(*f, ec)) made_.insert(made_.begin(), *f);
      if (ec) break;
    }
    std::string const why = ec ? ec.message() : !fs::is_directory(folder) ? "a file has its name" : "";
    if (!why.empty()) {
      remove_empty();
      throw_input(folder.string(), "cannot be made as a folder for results: " + why, "choose another folder with -o");
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
      std::string const reason = std::strerror(errno);
      remove_empty();
      throw_input(folder.string(), "cannot be written: " + reason, "choose another folder with -o");
    }
  }
  ~results_folder() { remove_empty(); }
  results_folder(results_folder const&) = delete;
  results_folder& operator=(results_folder const&) = delete;

 private:
  void remove_empty() const {
    for (fs::path const& f : made_) {
      if (::rmdir(f.c_str()) != 0) return;  // it holds something
    }
  }
  std::vector<fs::path> made_;  // the deepest first
};

void refuse_split_interval(double warm_up_s, double interval_s) {
  if (divides_warm_up(warm_up_s, interval_s)) return;
  throw_usage(fmt::format("--interval {:g}: the warm-up of {:g} s ends within an interval", interval_s, warm_up_s),
              "choose an interval that divides it, or another time.warm_up_s");
}

class ensemble {
 public:
  ensemble(ensemble_request const& r, ensemble_observer const& o, std::function<int()> const& stop)
      : r_(r),
        o_(o),
        stop_(stop),
        identity_(identify(r.worker.scenario, r.worker.set, r.worker.begin_s, r.worker.end_s)) {
    refuse_split_interval(identity_.warm_up_s, r.worker.run.interval_s);
    report_.name = identity_.name;
    report_.folder = r.folder / identity_.name;
    jobs_ = r.jobs > 0 ? r.jobs : processors();
    std::vector<std::uint64_t> seeds = r.seeds;
    if (seeds.empty()) seeds.push_back(identity_.seed.value_or(run_request{}.seed));
    for (std::uint64_t const s : seeds) {
      report_.seeds.emplace_back();
      report_.seeds.back().seed = s;
    }
    jobs_ = std::min(jobs_, seeds.size());
    now_.resize(seeds.size());
    executable_ = r.executable.empty() ? own_executable() : r.executable;
  }

  ensemble_report run() {
    results_folder const folder(report_.folder);
    if (r_.resume) keep_what_is_there();
    publish();
    run_rest();
    report_.interrupted = stop_() > 0;
    publish(true);
    summarise();
    return std::move(report_);
  }

 private:
  [[nodiscard]] worker_request request_of(std::uint64_t seed) const {
    worker_request w = r_.worker;
    w.run.seed = seed;
    w.run.output = result_path(r_.folder, identity_.name, seed);
    w.run.input_hash = identity_.hash;
    w.planning_threads = std::max<std::size_t>(1, processors() / jobs_);
    if (w.run.engine == "tbb") w.run.threads = w.planning_threads;  // SUMO's simulation has one
    return w;
  }

  void keep_what_is_there() {
    for (seed_result& s : report_.seeds) {
      worker_request const w = request_of(s.seed);
      std::error_code ec;
      if (!fs::exists(w.run.output, ec)) continue;
      std::string why;
      try {
        result_file const have(w.run.output);
        if (!have.summary().complete) continue;
        why = difference(have, w.run);
        if (why.empty()) s.report = to_json(report_of(w.run.output));
        s.caution = have.description().caution;
      } catch (error const& damaged) {
        report_.notes.push_back(fmt::format("{}; it is run again", damaged.what()));
        continue;
      }
      if (!why.empty()) {
        throw_usage(fmt::format("{} is a result of another configuration: {}", w.run.output.string(), why),
                    "run without --resume to replace it, or choose another folder with -o");
      }
      s.how = seed_result::state::kKept;
      ++done_;
    }
  }

  void run_rest() {
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < report_.seeds.size(); ++i) {
      if (report_.seeds[i].how == seed_result::state::kNotStarted) rest.push_back(i);
    }
    if (rest.empty()) return;
    // Threads that wait for processes: as many as workers, however few processors there are. Each takes the next seed.
    std::atomic<std::size_t> next{0};
    thread_team(jobs_).run(jobs_, 1, [&](std::size_t, std::size_t) {
      for (std::size_t k = next++; k < rest.size(); k = next++) run_one(rest[k]);
    });
  }

  void run_one(std::size_t i) {
    if (stop_() > 0 || hopeless_) return;
    seed_result s;
    s.seed = report_.seeds[i].seed;
    fs::path const result = result_path(r_.folder, identity_.name, s.seed);
    auto const before = partial_identity(result);
    try {
      worker_request w = request_of(s.seed);
      run_folder const folder({});  // of one worker; removed whatever became of it
      w.run.scratch = folder.path();
      int sent = 0;
      auto const signal = [&] {
        int const asked = std::min(stop_(), 2);
        if (asked <= sent) return 0;
        sent = asked;
        return asked == 1 ? SIGTERM : SIGKILL;
      };
      worker_outcome out = run_worker(
          executable_, w, [&](worker_progress const& p) { hear(i, p); }, signal);
      using from = worker_outcome::state;
      s.how = out.how == from::kDone          ? seed_result::state::kDone
              : out.how == from::kInterrupted ? seed_result::state::kInterrupted
                                              : seed_result::state::kFailed;
      s.report = std::move(out.report);
      s.kind = out.kind;
      s.message = std::move(out.message);
      s.caution = std::move(out.caution);
      s.notes = std::move(out.notes);
    } catch (std::exception const& e) {
      s.how = seed_result::state::kFailed;
      s.message = e.what();
    }
    if (s.report.empty()) {
      if (std::string const left = settle_partial(result, before); !left.empty()) s.notes.push_back(left);
    }
    take(i, std::move(s));
  }

  void hear(std::size_t i, worker_progress const& p) {
    std::scoped_lock const lock(mutex_);
    now_[i] = p;
    tell();
  }

  void take(std::size_t i, seed_result s) {
    std::scoped_lock const lock(mutex_);
    bool const failed = s.how == seed_result::state::kFailed;
    // The other seeds read the same input: one message is enough.
    if (failed && s.kind != error_kind::kRun) hopeless_ = true;
    ++(s.how == seed_result::state::kDone ? done_ : failed_);
    now_[i].stage.clear();
    updates_done_ += now_[i].run.vehicle_updates;
    simulated_done_ += simulated_s(now_[i].run);
    report_.seeds[i] = std::move(s);
    publish_locked(false);
    tell();
  }

  static double simulated_s(run_progress const& p) {
    return std::isfinite(p.time_s) && std::isfinite(p.begin_s) ? std::max(0.0, p.time_s - p.begin_s) : 0;
  }

  void tell() {
    if (!o_.progress) return;
    ensemble_progress p;
    p.seeds = report_.seeds.size();
    p.done = done_;
    p.failed = failed_;
    p.vehicle_updates = updates_done_;
    p.simulated_s = simulated_done_;
    double whole = static_cast<double>(done_ + failed_);
    for (worker_progress const& w : now_) {
      if (w.stage.empty()) continue;
      ++p.running;
      if (p.stage.empty() || w.stage < p.stage) p.stage = w.stage;
      if (w.stage != "simulating") continue;
      p.vehicle_updates += w.run.vehicle_updates;
      p.simulated_s += simulated_s(w.run);
      p.on_road += w.run.running;
      p.waiting += w.run.backlog;
      p.teleports += w.run.teleports;
      double const length_s = w.run.end_s - w.run.begin_s;
      if (std::isfinite(length_s) && length_s > 0) whole += std::min(1.0, simulated_s(w.run) / length_s);
    }
    p.fraction = whole / static_cast<double>(p.seeds);
    o_.progress(p);
  }

  void publish(bool all = false) {
    std::scoped_lock const lock(mutex_);
    publish_locked(all);
  }

  // Results in order of the seeds; all: also those that never came.
  void publish_locked(bool all) {
    for (; published_ < report_.seeds.size(); ++published_) {
      seed_result const& s = report_.seeds[published_];
      if (s.how == seed_result::state::kNotStarted && !all) return;
      if (o_.result) o_.result(s);
    }
  }

  // One file over all complete runs of this configuration in the folder, those of earlier calls included.
  void summarise() {
    std::vector<fs::path> runs;
    for (fs::directory_entry const& e : fs::directory_iterator(report_.folder)) {
      if (e.path().extension() == ".h5" && e.path().filename().string().starts_with("seed_")) runs.push_back(e.path());
    }
    std::sort(runs.begin(), runs.end());
    std::erase_if(runs, [&](fs::path const& f) { return !belongs(f); });
    fs::path const file = report_.folder / "ensemble.h5";
    if (runs.size() < 2) {
      bool const replaced = std::any_of(report_.seeds.begin(), report_.seeds.end(),
                                        [](seed_result const& s) { return s.how == seed_result::state::kDone; });
      if (std::error_code ec; replaced && fs::remove(file, ec))
        report_.notes.push_back(fmt::format("{} was removed: a run that it was of has been replaced", file.string()));
      return;
    }
    write_ensemble(file, runs);
    report_.ensemble_file = file;
  }

  bool belongs(fs::path const& file) {
    try {
      result_file const f(file);
      std::string const why = difference(f, request_of(f.description().seed).run);
      if (why.empty() && f.summary().complete) return true;
      report_.notes.push_back(fmt::format("{} is left out of ensemble.h5: {}", file.string(),
                                          why.empty() ? "it is not complete" : "another configuration, " + why));
    } catch (error const& e) {
      report_.notes.push_back(fmt::format("left out of ensemble.h5: {}", e.what()));
    }
    return false;
  }

  ensemble_request const& r_;
  ensemble_observer const& o_;
  std::function<int()> const& stop_;
  input_identity identity_;
  fs::path executable_;
  std::size_t jobs_ = 1;
  ensemble_report report_;
  std::mutex mutex_;  // guards what follows, report_.seeds and the observer
  std::vector<worker_progress> now_;
  std::size_t published_ = 0, done_ = 0, failed_ = 0;
  std::int64_t updates_done_ = 0;
  double simulated_done_ = 0;
  std::atomic<bool> hopeless_{false};
};

}  // namespace

bool divides_warm_up(double warm_up_s, double interval_s) {
  return std::abs(std::remainder(warm_up_s, interval_s)) < kTimeTolerance_s;
}

int ensemble_report::exit_code() const {
  int code = 0;
  for (seed_result const& s : seeds) {
    if (s.how == seed_result::state::kFailed && s.kind != error_kind::kRun) return 2;
    if (s.how != seed_result::state::kDone && s.how != seed_result::state::kKept) code = 1;
  }
  return code;
}

ensemble_report run_ensemble(ensemble_request const& r, ensemble_observer const& o, std::function<int()> const& stop) {
  return ensemble(r, o, stop).run();
}

}  // namespace gemeo
