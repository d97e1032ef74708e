// Requests to end, counted.
#include "sim/run/signals.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

using namespace gemeo;

TEST_CASE("signals: what arrives together is one request, what comes half a second later is another") {
  signal_scope const scope(signal_scope::role::kParent);
  CHECK(stop_signals() == 0);
  std::raise(SIGINT);
  std::raise(SIGINT);
  std::raise(SIGTERM);
  CHECK(stop_signals() == 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(550));
  std::raise(SIGHUP);
  CHECK(stop_signals() == 2);
}

TEST_CASE("signals: a worker is deaf to Ctrl-C, not to SIGTERM, and a scope begins at zero") {
  signal_scope const scope(signal_scope::role::kWorker);
  std::raise(SIGINT);
  CHECK(stop_signals() == 0);
  std::raise(SIGTERM);
  CHECK(stop_signals() == 1);
}

TEST_CASE("signals: what was ignored before, as under nohup, stays ignored, and all is as before at the end") {
  auto const before = std::signal(SIGHUP, SIG_IGN);
  {
    signal_scope const scope(signal_scope::role::kParent);
    std::raise(SIGHUP);
    CHECK(stop_signals() == 0);
  }
  CHECK(std::signal(SIGHUP, before) == SIG_IGN);
}
