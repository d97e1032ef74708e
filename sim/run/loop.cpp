#include "sim/run/loop.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/core/error.h"
#include "sim/core/hash.h"

namespace gemeo {

namespace {

constexpr std::chrono::milliseconds kProgressEvery{250};

// Moments begin + k * every, counted so that no error adds up.
class every {
 public:
  every(double begin_s, double interval_s) : begin_s_(begin_s), interval_s_(interval_s) {}
  [[nodiscard]] double last_s() const { return begin_s_ + static_cast<double>(count_) * interval_s_; }
  [[nodiscard]] double next_s() const { return begin_s_ + static_cast<double>(count_ + 1) * interval_s_; }
  [[nodiscard]] bool due(double time_s) const { return time_s >= next_s() - kTimeTolerance_s; }
  void pass(double time_s) {
    while (due(time_s)) ++count_;
  }

 private:
  double begin_s_, interval_s_;
  std::int64_t count_ = 0;
};

class loop {
 public:
  loop(engine& e, scenario const& s, run_options const& o, run_request const& r, run_sink& sink)
      : e_(e),
        s_(s),
        r_(r),
        sink_(sink),
        intervals_(s.begin_s, o.interval_s),
        hashes_(s.begin_s, r.hash_interval_s),
        records_(s.begin_s, r.trajectory_interval_s) {}

  void start(run_options const& o) {
    refuse_unsupported(e_, s_);
    sink_.begin(e_);
    e_.load(s_, o);
    now_ = e_.count();
    if (r_.trajectories) {
      e_.observe(frame_);
      sink_.recorded(frame_);
    }
  }

  void tick() {
    apply_due();
    e_.step();
    now_ = e_.count();
    bool const hash = hashes_.due(now_.time_s), record = r_.trajectories && records_.due(now_.time_s);
    if (hash || record) e_.observe(frame_);
    if (hash) take_hash();
    if (record) {
      sink_.recorded(frame_);
      records_.pass(now_.time_s);
    }
    if (intervals_.due(now_.time_s)) drain();
  }

  loop_result end(bool complete) {
    if (now_.tick != hashed_tick_) {
      e_.observe(frame_);
      take_hash();
    }
    e_.finish();
    drain();
    return {now_, hash_.value(), complete};
  }

  [[nodiscard]] run_progress progress() const {
    return {now_.time_s,  s_.begin_s,           s_.end_s,     now_.running,
            now_.arrived, now_.vehicle_updates, now_.backlog, now_.teleports};
  }

 private:
  void apply_due() {
    due_.clear();
    while (next_command_ < s_.commands.size() && s_.commands[next_command_].time_s <= now_.time_s + kTimeTolerance_s) {
      due_.push_back(s_.commands[next_command_].what);
      sink_.commanded(now_.time_s, due_.back());
      ++next_command_;
    }
    if (!due_.empty()) e_.apply(due_);
  }

  void take_hash() {
    hash_.add_value(hash_frame(frame_));
    hashed_tick_ = now_.tick;
    hashes_.pass(now_.time_s);
    sink_.sampled(frame_);
  }

  void drain() {
    observations o;
    e_.drain(o);
    double const begin_s = intervals_.last_s();
    sink_.observed(o, begin_s, std::min(now_.time_s, intervals_.next_s()));
    intervals_.pass(now_.time_s);
  }

  engine& e_;
  scenario const& s_;
  run_request const& r_;
  run_sink& sink_;
  every intervals_, hashes_, records_;
  counters now_;
  frame frame_;
  hasher hash_;
  std::int64_t hashed_tick_ = -1;
  std::size_t next_command_ = 0;
  std::vector<command> due_;
};

}  // namespace

loop_result run_loop(engine& e, scenario const& s, run_options const& o, run_request const& r, run_sink& sink,
                     progress_function const& progress, stop_function const& stop_requested) {
  verify(o.interval_s > 0 && r.hash_interval_s > 0 && r.trajectory_interval_s > 0, "intervals are positive");
  verify(std::is_sorted(s.commands.begin(), s.commands.end(),
                        [](auto const& a, auto const& b) { return a.time_s < b.time_s; }),
         "commands are in order of time");
  loop l(e, s, o, r, sink);
  l.start(o);
  auto told = std::chrono::steady_clock::now();
  bool complete = true;
  while (!e.done()) {
    if (stop_requested && stop_requested()) {
      complete = false;
      break;
    }
    l.tick();
    if (!progress) continue;
    if (auto const now = std::chrono::steady_clock::now(); now - told >= kProgressEvery) {
      told = now;
      progress(l.progress());
    }
  }
  loop_result const result = l.end(complete);
  if (progress) progress(l.progress());
  return result;
}

}  // namespace gemeo
