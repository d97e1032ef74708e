#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "sim/core/error.h"
#include "sim/results/kpi.h"
#include "sim/run/loop.h"
#include "sim/run/run_folder.h"
#include "sim/run/travellers.h"
#include "sim/run/trip_totals.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

class result_sink : public run_sink {  // into a result file and its indicators
 public:
  result_sink(scenario const& s, run_request const& r) : s_(s), r_(r) {}

  void begin(engine const& e) override {
    description_ = describe_run(s_, r_, e.info());
    traveller_table const t = make_traveller_table(s_);
    writer_.emplace(r_.output, description_, *s_.net, t);
    kpis_.emplace(*s_.net, t, description_);
    for (std::string const& line : r_.log) writer_->log(s_.begin_s, line);
  }

  void observed(observations& o, double begin_s, double end_s) override {
    if (end_s > begin_s) {
      auto queues = kpis_->take_queues(begin_s, end_s);
      o.queues.insert(o.queues.end(), queues.begin(), queues.end());
    }
    kpis_->add(o);
    totals_.add(o.trips);
    writer_->append(o);
  }

  void sampled(frame const& f) override { kpis_->add_frame(f); }
  void recorded(frame const& f) override { writer_->append_frame(f); }
  void commanded(double time_s, command const& c) override { writer_->log(time_s, describe(c)); }

  // The file stays as .partial, and what went wrong is its last line; before the first tick there is nothing to keep.
  void failed(counters const& at, std::string const& why) noexcept {
    try {
      if (!writer_) return;
      if (at.tick > 0) return writer_->abandon(at.time_s, "failed: " + why);
      writer_.reset();
      std::error_code ec;
      fs::remove(r_.output.string() + ".partial", ec);
    } catch (...) {  // NOLINT: the first failure is the one to report
    }
  }

  run_report finish(loop_result const& l) {
    run_report r;
    r.description = description_;
    r.kpis = kpis_->rows(l.total);
    r.kpis.insert(r.kpis.end(), r_.more_kpis.begin(), r_.more_kpis.end());
    writer_->write_kpis(r.kpis);
    if (!l.complete) writer_->log(l.total.time_s, "ended early, before its end time");
    r.summary = {.total = l.total, .frame_hash = l.frame_hash, .complete = l.complete};
    measure(r.summary);
    writer_->finish(r.summary);
    totals_.report(r);
    r.result_file = r_.output;
    if (!l.complete) r.result_file += ".partial";
    return r;
  }

 private:
  void measure(run_summary& s) const {
    rusage self{}, children{};
    ::getrusage(RUSAGE_SELF, &self);
    ::getrusage(RUSAGE_CHILDREN, &children);
    auto const seconds = [](timeval const& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    s.cpu_s = seconds(self.ru_utime) + seconds(self.ru_stime) + seconds(children.ru_utime) + seconds(children.ru_stime);
    s.peak_rss_bytes = static_cast<std::uint64_t>(std::max(self.ru_maxrss, children.ru_maxrss)) * 1024U;
    s.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - r_.started).count();
  }

  scenario const& s_;
  run_request const& r_;
  run_description description_;
  std::optional<result_writer> writer_;
  std::optional<kpi_collector> kpis_;
  trip_totals totals_;
};

}  // namespace

run_report run_scenario(engine& e, scenario const& s, run_request const& r, progress_function const& progress,
                        stop_function const& stop_requested) {
  run_folder const scratch(r.scratch);
  run_options const o{.seed = r.seed,
                      .threads = r.threads,
                      .interval_s = r.interval_s,
                      .emissions = r.emissions,
                      .trips = true,
                      .queues = true,
                      .scratch = scratch.path()};
  result_sink sink(s, r);
  try {
    return sink.finish(run_loop(e, s, o, r, sink, progress, stop_requested));
  } catch (std::exception const& failure) {
    sink.failed(e.count(), failure.what());
    throw;
  }
}

run_report run_scenario(scenario const& s, run_request const& r, progress_function const& progress,
                        stop_function const& stop_requested) {
  auto const e = make_engine(r.engine);
  return run_scenario(*e, s, r, progress, stop_requested);
}

}  // namespace gemeo
