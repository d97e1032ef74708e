#include "sim/run/equilibrium.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "sim/core/error.h"
#include "sim/run/loop.h"

namespace gemeo {

namespace {

class cost_sink : public run_sink {  // travel times of finished intervals
 public:
  cost_sink(network const& net, double interval_s, double end_s)
      : costs_(free_flow_costs(net)), edges_(net.edge_count()) {
    std::vector<float> const free(costs_.seconds.begin(), costs_.seconds.begin() + static_cast<std::ptrdiff_t>(edges_));
    costs_.slot_s = interval_s;
    costs_.slots = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(end_s / interval_s)));
    costs_.seconds.clear();
    for (std::size_t i = 0; i < costs_.slots; ++i)
      costs_.seconds.insert(costs_.seconds.end(), free.begin(), free.end());
  }
  void begin(engine const&) override {}
  void observed(observations& o, double, double) override {
    for (edge_interval const& i : o.edges) {
      auto const slot = static_cast<std::size_t>(std::max(0.0, (i.begin_s + i.end_s) / 2 / costs_.slot_s));
      if (slot >= costs_.slots) continue;
      for (std::size_t k = 0; k < i.size(); ++k) {
        float& cost = costs_.seconds[slot * edges_ + i.edge[k].index()];
        if (std::isfinite(i.travel_time_s[k])) cost = std::max(cost, i.travel_time_s[k]);  // free flow is the least
      }
    }
  }
  void sampled(frame const&) override {}
  void recorded(frame const&) override {}
  void commanded(double, command const&) override {}
  edge_costs take() { return std::move(costs_); }

 private:
  edge_costs costs_;
  std::size_t edges_;
};

void write_all(int fd, void const* data, std::size_t size) {
  auto const* p = static_cast<char const*>(data);
  while (size > 0) {
    ssize_t const n = ::write(fd, p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(1);  // the parent has gone
    p += n;
    size -= static_cast<std::size_t>(n);
  }
}

// Reads until the child closes its end; false when asked to stop.
bool read_all(int fd, std::string& into, stop_function const& stop_requested) {
  std::array<char, 65536> buffer;  // NOLINT: filled by read
  for (;;) {
    if (stop_requested && stop_requested()) return false;
    pollfd p{fd, POLLIN, 0};
    if (::poll(&p, 1, 100) <= 0) continue;
    ssize_t const n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    into.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

// The child: one simulation, its travel times or its failure to the pipe. Ends without running destructors of what it
// shares with its parent.
[[noreturn]] void simulate_in_child(int fd, pid_t parent, compiled const& c, run_request const& r,
                                    engine_maker const& make, progress_function const& progress) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::signal(SIGTERM, SIG_DFL);
  int code = 0;
  try {
    auto const e = make();
    edge_costs const costs = measure_costs(*e, c.ready, r, progress, {});
    write_all(fd, "ok", 2);
    write_all(fd, costs.seconds.data(), costs.seconds.size() * sizeof(float));
  } catch (error const& failure) {
    std::string const text = (failure.kind() == error_kind::kRun ? "r:" : "i:") + std::string(failure.what());
    write_all(fd, text.data(), text.size());
    code = failure.exit_code();
  } catch (std::exception const& failure) {
    std::string const text = std::string("r:") + failure.what();
    write_all(fd, text.data(), text.size());
    code = 1;
  }
  ::close(fd);
  ::_exit(code);
}

struct measured {
  edge_costs costs;
  bool stopped = false;
};

measured unpack(std::string const& answer, int status, network const& net, run_request const& r, scenario const& s) {
  // Said by the child in full, place and remedy included.
  if (answer.starts_with("i:")) throw_input("", answer.substr(2));
  if (answer.starts_with("r:")) throw_run("", answer.substr(2));
  cost_sink shape(net, r.interval_s, s.end_s);
  measured m;
  m.costs = shape.take();
  if (WIFSIGNALED(status)) {
    throw_run(s.file.string(),
              fmt::format("a simulation of the equilibrium was ended by signal {} ({})", WTERMSIG(status),
                          ::strsignal(WTERMSIG(status))));  // NOLINT: text is constant
  }
  std::size_t const bytes = m.costs.seconds.size() * sizeof(float);
  if (!answer.starts_with("ok") || answer.size() != bytes + 2) {
    throw_run(s.file.string(), "a simulation of the equilibrium ended before its time");
  }
  std::memcpy(m.costs.seconds.data(), answer.data() + 2, bytes);
  return m;
}

measured simulate(compiled const& c, run_request const& r, engine_maker const& make, progress_function const& progress,
                  stop_function const& stop_requested) {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) throw_run("", std::string("cannot make a pipe: ") + std::strerror(errno));
  pid_t const self = ::getpid(), child = ::fork();
  if (child == 0) {
    ::close(fds[0]);
    simulate_in_child(fds[1], self, c, r, make, progress);
  }
  int const reason = errno;
  ::close(fds[1]);
  if (child < 0) {
    ::close(fds[0]);
    throw_run("", std::string("cannot start a process: ") + std::strerror(reason));
  }
  std::string answer;
  bool const whole = read_all(fds[0], answer, stop_requested);
  ::close(fds[0]);
  if (!whole) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole) {
    measured none;
    none.stopped = true;
    return none;
  }
  return unpack(answer, status, *c.ready.net, r, c.ready);
}

}  // namespace

edge_costs measure_costs(engine& e, scenario const& s, run_request const& r, progress_function const& progress,
                         stop_function const& stop_requested) {
  run_options const o{.seed = r.seed,
                      .threads = r.threads,
                      .interval_s = r.interval_s,
                      .emissions = false,
                      .trips = false,
                      .queues = false,
                      .scratch = r.scratch};
  run_request plain = r;
  plain.trajectories = false;
  plain.hash_interval_s = std::max(r.interval_s, s.end_s - s.begin_s);  // its frames are nobody's result
  cost_sink sink(*s.net, r.interval_s, s.end_s);
  loop_result const l = run_loop(e, s, o, plain, sink, progress, stop_requested);
  if (!l.complete) throw_run(s.file.string(), "a simulation of the equilibrium ended before its time");
  return sink.take();
}

equilibrium_result find_equilibrium(compiled& c, run_request const& r, engine_maker const& make,
                                    progress_function const& progress, stop_function const& stop_requested,
                                    std::function<void(std::string const&)> const& tell) {
  verify(!r.scratch.empty(), "an equilibrium has a scratch folder");
  equilibrium_result result;
  for (std::size_t k = 0; k < c.equilibrium.max_iterations; ++k) {
    run_request one = r;
    one.scratch = r.scratch / fmt::format("iteration_{}", k + 1);
    std::filesystem::create_directories(one.scratch);
    measured const m = simulate(c, one, make, progress, stop_requested);
    std::filesystem::remove_all(one.scratch);
    if (m.stopped) {
      result.stopped = true;
      break;
    }
    double const gap = relative_gap(c, m.costs);
    result.iterations.push_back({k + 1, gap});
    result.reached = gap <= c.equilibrium.relative_gap;
    tell(fmt::format("equilibrium: iteration {} of at most {}, relative gap {:.5f}, wanted {:.5f}{}", k + 1,
                     c.equilibrium.max_iterations, gap, c.equilibrium.relative_gap, result.reached ? ", reached" : ""));
    if (result.reached) break;
    // The routes that the last gap was measured with stay: the run that follows is the one it speaks of.
    if (k + 1 < c.equilibrium.max_iterations) reroute_scenario(c, m.costs, 1.0 / static_cast<double>(k + 2), k + 1);
  }
  if (!result.reached && !result.stopped) {
    tell(fmt::format("equilibrium: NOT reached: after {} iterations the relative gap is {:.5f}, wanted {:.5f}",
                     result.iterations.size(), result.relative_gap(), c.equilibrium.relative_gap));
  }
  return result;
}

}  // namespace gemeo
