#include "sim/run/signals.h"

#include <signal.h>
#include <time.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace gemeo {

namespace {

constexpr std::array<int, 4> kSignals{SIGINT, SIGTERM, SIGHUP, SIGPIPE};
// One request may arrive several times at once: `timeout` and batch systems signal the process and then its group.
constexpr std::int64_t kOneRequest_ns = 500'000'000;
constexpr std::int64_t kNever = -1;

std::atomic<int> count{0};
std::atomic<std::int64_t> last_ns{kNever};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free,
              "a signal handler may only touch what needs no lock");
std::array<struct sigaction, kSignals.size()> before;

void on_signal(int) {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  std::int64_t const now = std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
  std::int64_t last = last_ns.load(std::memory_order_relaxed);
  if (last != kNever && now - last < kOneRequest_ns) return;
  // Two threads may be in here: the one that sets the time counts.
  if (last_ns.compare_exchange_strong(last, now)) count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

signal_scope::signal_scope(role r) {
  count.store(0);
  last_ns.store(kNever);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction a {};
    sigemptyset(&a.sa_mask);
    bool const ignored = kSignals[i] == SIGPIPE || (r == role::kWorker && kSignals[i] == SIGINT);
    a.sa_handler = ignored ? SIG_IGN : on_signal;
    a.sa_flags = r == role::kWorker ? SA_RESTART : 0;  // libsumo's file input knows no EINTR
    ::sigaction(kSignals[i], &a, &before[i]);
    if (before[i].sa_handler == SIG_IGN) ::sigaction(kSignals[i], &before[i], nullptr);  // under nohup, or by a shell
  }
}

signal_scope::~signal_scope() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

int stop_signals() { return count.load(std::memory_order_relaxed); }

}  // namespace gemeo
