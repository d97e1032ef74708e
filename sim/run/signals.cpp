#include "sim/run/signals.h"

#include <signal.h>

#include <array>
#include <atomic>

namespace gemeo {

namespace {

constexpr std::array<int, 4> kSignals{SIGINT, SIGTERM, SIGHUP, SIGPIPE};

std::atomic<int> count{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch what needs no lock");
std::array<struct sigaction, kSignals.size()> before;

void on_signal(int) { count.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

signal_scope::signal_scope(role r) {
  count.store(0);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction a {};
    sigemptyset(&a.sa_mask);
    bool const ignored = kSignals[i] == SIGPIPE || (r == role::kWorker && kSignals[i] == SIGINT);
    a.sa_handler = ignored ? SIG_IGN : on_signal;
    a.sa_flags = r == role::kWorker ? SA_RESTART : 0;  // libsumo's file input knows no EINTR
    ::sigaction(kSignals[i], &a, &before[i]);
  }
}

signal_scope::~signal_scope() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

int stop_signals() { return count.load(std::memory_order_relaxed); }

}  // namespace gemeo
