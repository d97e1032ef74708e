#include "sim/core/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace gemeo;

TEST_CASE("threads: every part is done once, and what it wrote is there afterwards") {
  for (std::size_t const threads : {1U, 2U, 3U, 5U, 8U, 16U}) {
    thread_team const team(threads);
    CHECK(team.threads() == threads);
    std::vector<int> done(1003, 0);  // plain, on purpose: ThreadSanitizer must find nothing here
    std::vector<std::vector<int>> lists(done.size());
    for (int pass = 0; pass < 20; ++pass) {
      team.run(done.size(), 7, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          ++done[i];
          lists[i].assign(static_cast<std::size_t>(pass), 1);  // allocated by one thread, freed by another
        }
      });
      CHECK(std::accumulate(done.begin(), done.end(), 0) == static_cast<int>(done.size()) * (pass + 1));
    }
  }
}

TEST_CASE("threads: as many work as were asked for, on however few processors") {
  std::set<std::thread::id> seen;
  std::mutex m;
  std::atomic<int> waiting = 0;
  thread_team(5).run(5, 1, [&](std::size_t, std::size_t) {
    ++waiting;
    while (waiting < 5) std::this_thread::yield();  // nobody ends before all have begun
    std::scoped_lock const lock(m);
    seen.insert(std::this_thread::get_id());
  });
  CHECK(seen.size() == 5);
}

TEST_CASE("threads: each goes through a run of parts of its own, again and again, and helps who is held up") {
  for (std::size_t const threads : {1U, 2U, 3U, 5U, 8U, 16U}) {
    thread_team const team(threads);
    for (std::size_t const parts : {1U, 7U, 64U}) {
      std::vector<int> done(parts, 0);  // plain, on purpose
      for (int pass = 1; pass <= 20; ++pass) {
        team.run_again(parts, [&](std::size_t begin, std::size_t end) {
          for (std::size_t i = begin; i < end; ++i) ++done[i];
        });
        CHECK(done == std::vector<int>(parts, pass));
      }
    }
  }
  thread_team const two(2);
  std::set<std::thread::id> first, second;
  for (int pass = 0; pass < 20; ++pass) {
    std::atomic<int> begun = 0;
    two.run_again(2, [&](std::size_t i, std::size_t) {
      ++begun;
      while (begun < 2) std::this_thread::yield();
      (i == 0 ? first : second).insert(std::this_thread::get_id());
    });
  }
  CHECK(first.size() == 1);
  CHECK(second.size() == 1);
  for (std::size_t const held : {0U, 5U}) {  // each thread's first part waits until the other has done all the others
    std::atomic<int> others = 0;
    two.run_again(10, [&](std::size_t i, std::size_t) {
      if (i != held)
        ++others;
      else
        while (others < 9) std::this_thread::yield();
    });
    CHECK(others == 9);
  }
  CHECK_THROWS_WITH(two.run_again(100,
                                  [](std::size_t i, std::size_t) {
                                    if (i == 50) throw std::runtime_error("part 50");
                                  }),
                    "part 50");
  std::atomic<int> after = 0;
  two.run_again(10, [&](std::size_t, std::size_t) { ++after; });
  CHECK(after == 10);
}

TEST_CASE("threads: nothing to do, parts of any size, and exceptions pass") {
  thread_team const team(3);
  team.run(0, 1, [](std::size_t, std::size_t) { FAIL("there is nothing to do"); });
  std::atomic<std::size_t> sum = 0, parts = 0;
  team.run(10, 100, [&](std::size_t begin, std::size_t end) {
    sum += end - begin;
    ++parts;
  });
  CHECK(sum == 10);
  CHECK(parts == 1);
  team.run(10, 0, [&](std::size_t begin, std::size_t end) { sum += end - begin; });
  CHECK(sum == 20);
  CHECK_THROWS_WITH(team.run(100, 1,
                             [](std::size_t begin, std::size_t) {
                               if (begin == 50) throw std::runtime_error("part 50");
                             }),
                    "part 50");
  CHECK(processors() >= 1);
}
