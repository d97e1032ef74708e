#include "sim/core/parallel.h"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/threads_at_work.h"

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
  for (std::size_t const threads : {1U, 2U, 5U, 16U}) CHECK(test::threads_at_work(thread_team(threads)) == threads);
  std::set<std::thread::id> seen;
  std::mutex m;
  std::atomic<int> waiting = 0;
  thread_team(5).run(5, 1, [&](std::size_t, std::size_t) {
    ++waiting;
    test::wait_until([&] { return waiting >= 5; });  // nobody ends before all have begun
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
  std::array<std::thread::id, 2> last;
  int changed = 0;  // oneTBB may let another of its threads come after a pause, if rarely
  for (int pass = 0; pass < 40; ++pass) {
    std::atomic<int> begun = 0, other = 0;
    two.run_again(2, [&](std::size_t i, std::size_t) {
      ++begun;
      test::wait_until([&] { return begun >= 2; });
      if (std::exchange(last[i], std::this_thread::get_id()) != std::this_thread::get_id()) ++other;
    });
    changed += pass > 0 ? other.load() : 0;
  }
  CHECK(changed <= 8);                       // of 80; with no thread's own parts it would be half of them
  for (std::size_t const held : {0U, 5U}) {  // each thread's first part waits until the other has done all the others
    std::atomic<int> others = 0;
    two.run_again(10, [&](std::size_t i, std::size_t) {
      if (i != held)
        ++others;
      else
        test::wait_until([&] { return others >= 9; });
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
