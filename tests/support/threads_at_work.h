// How many threads a team really has: what it says of itself is only what it was asked for.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "sim/core/parallel.h"

namespace gemeo::test {

// False: not within a minute. Tests that wait for threads fail then, rather than hang.
template <typename F>
bool wait_until(F const& holds) {
  auto const latest = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > latest) return false;
    std::this_thread::yield();
  }
  return true;
}

inline std::size_t threads_at_work(thread_team const& team) {
  std::atomic<std::size_t> begun = 0;
  std::mutex m;
  std::set<std::thread::id> seen;
  team.run_again(team.threads(), [&](std::size_t, std::size_t) {
    ++begun;
    if (team.threads() > 1) wait_until([&] { return begun >= team.threads(); });  // so that each has one part
    std::scoped_lock const lock(m);
    seen.insert(std::this_thread::get_id());
  });
  return seen.size();
}

}  // namespace gemeo::test
