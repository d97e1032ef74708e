// The worker's side: load, find the equilibrium where asked for, run, answer.
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <new>
#include <nlohmann/json.hpp>

#include "sim/core/json_text.h"
#include "sim/run/equilibrium.h"
#include "sim/run/signals.h"
#include "sim/run/worker.h"
#include "sim/scenario/sumo_config.h"

namespace gemeo {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

class channel {
 public:
  explicit channel(int fd) : fd_(fd) {}
  void say(json const& j) const {
    std::string const line = print_json(j) + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
      ssize_t const n = ::write(fd_, line.data() + sent, line.size() - sent);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // the parent has gone; its death sends SIGTERM, which ends the run
      sent += static_cast<std::size_t>(n);
    }
  }
  void progress(std::string const& stage, run_progress const& p) const {
    auto const number = [](double v) { return std::isfinite(v) ? json(v) : json(nullptr); };
    say({{"progress", json::array({stage, number(p.time_s), number(p.begin_s), number(p.end_s), p.running, p.arrived,
                                   p.vehicle_updates, p.backlog, p.teleports})}});
  }
  void note(std::string const& text) const { say({{"note", text}}); }
  void failed(char const* kind, std::string const& message) const {
    say({{"error", {{"kind", kind}, {"message", message}}}});
  }

 private:
  int fd_;
};

// False when asked to end before it was found.
bool settle(compiled& c, run_request& r, channel const& out) {
  auto const stopped = [] { return stop_signals() > 0; };
  std::string stage = "equilibrium";
  auto const progress = [&](run_progress const& p) { out.progress(stage, p); };
  equilibrium_result const found = find_equilibrium(
      c, r, [&] { return make_engine(r.engine); }, progress, stopped,
      [&](std::string const& line) {
        r.log.push_back(line);
        stage = line;  // shown while the next iteration runs
      });
  if (found.stopped) return false;
  if (!found.reached) out.note(r.log.back());
  r.more_kpis.push_back({"equilibrium_relative_gap", "1", "all", "", found.relative_gap()});
  r.more_kpis.push_back({"equilibrium_reached", "1", "all", "", found.reached ? 1.0 : 0.0});
  r.more_kpis.push_back({"equilibrium_iterations", "1", "all", "", static_cast<double>(found.iterations.size())});
  return true;
}

int serve(worker_request r, channel const& out) {
  out.progress("preparing", {});
  compiled c = load_scenario(r);
  for (std::string const& w : c.warnings) r.run.log.push_back("warning: " + w);
  for (std::string const& w : c.idle) out.note(w);
  if (std::string const& caution = c.ready.of_data.caution; !caution.empty()) out.say({{"caution", caution}});
  // Until here there is nothing to save and a signal may end the process as it likes.
  signal_scope const signals(signal_scope::role::kWorker);
  if (c.response == route_response::kEquilibrium && !settle(c, r.run, out)) return 1;
  run_report const report = run_scenario(
      c.ready, r.run, [&](run_progress const& p) { out.progress("simulating", p); }, [] { return stop_signals() > 0; });
  out.say({{"report", parse_ordered_json(to_json(report))}});
  return report.summary.complete ? 0 : 1;
}

}  // namespace

compiled load_scenario(worker_request const& r) {
  compile_options const o{r.set, r.run.seed, r.planning_threads, {}, r.begin_s, r.end_s};
  if (!is_sumo_config(r.scenario)) return compile_scenario(r.scenario, o);
  if (r.run.engine != "sumo") return read_sumo_scenario(r.scenario, o);
  compiled c;
  c.ready = open_sumo_config(r.scenario, o);
  return c;
}

int serve_worker(std::string const& request, int channel_fd) {
  ::signal(SIGINT, SIG_IGN);  // the parent was asked too, and asks with SIGTERM
  ::signal(SIGPIPE, SIG_IGN);
  channel const out(channel_fd);
  try {
    return serve(parse_worker_request(request), out);
  } catch (error const& e) {
    out.failed(name_of(e.kind()), e.what());
    return e.exit_code();
  } catch (std::bad_alloc const&) {
    out.failed("run", "out of memory; use fewer workers at a time (-j)");
    return 1;
  } catch (std::exception const& e) {
    out.failed("run", e.what());
    return 1;
  }
}

}  // namespace gemeo
