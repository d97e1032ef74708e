#include "sim/core/parallel.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "sim/core/error.h"

// The build defines GEMEO_TSAN where the rest of the program is compiled for ThreadSanitizer.
#ifdef GEMEO_TSAN
extern "C" void __tsan_acquire(void* address);  // NOLINT
extern "C" void __tsan_release(void* address);  // NOLINT
// What oneTBB itself calls (memcmp, delete) without telling is no race of ours; what it calls back is looked at as
// ever.
extern "C" char const* __tsan_default_suppressions() { return "called_from_lib:libtbb.so.12\n"; }  // NOLINT
#endif

namespace gemeo {

namespace {

// What is before give() on one thread is before what follows take() on another.
class hand_over {
 public:
  void give() {
#ifdef GEMEO_TSAN
    __tsan_release(&here_);
#endif
  }
  void take() {
#ifdef GEMEO_TSAN
    __tsan_acquire(&here_);
#endif
  }

 private:
  [[maybe_unused]] char here_ = 0;
};

}  // namespace

namespace {

// What is left to do of a run of parts: its owner takes the first one, others take the last one.
class alignas(64) parts_left {  // a cache line
 public:
  static constexpr std::size_t kNothing = static_cast<std::size_t>(-1);

  void set(std::size_t begin, std::size_t end) { left_.store(of(begin, end), std::memory_order_relaxed); }
  std::size_t take_first() { return take(true); }
  std::size_t take_last() { return take(false); }

 private:
  static std::uint64_t of(std::size_t begin, std::size_t end) { return std::uint64_t{begin} << 32U | end; }
  std::size_t take(bool first) {
    for (std::uint64_t now = left_.load(std::memory_order_relaxed);;) {
      std::size_t const begin = now >> 32U, end = now & 0xFFFFFFFFU;
      if (begin == end) return kNothing;
      if (left_.compare_exchange_weak(now, first ? of(begin + 1, end) : of(begin, end - 1), std::memory_order_relaxed))
        return first ? begin : end - 1;
    }
  }

  std::atomic<std::uint64_t> left_ = 0;
};

}  // namespace

struct thread_team::state {
  explicit state(std::size_t threads)
      : allow(tbb::global_control::max_allowed_parallelism, threads), arena(static_cast<int>(threads)), left(threads) {}
  tbb::global_control allow;  // an arena alone never gets more threads than the machine has processors
  tbb::task_arena arena;
  std::vector<parts_left> left;  // by thread, of run_again
};

std::size_t processors() { return static_cast<std::size_t>(std::max(1, tbb::info::default_concurrency())); }

thread_team::thread_team(std::size_t threads)
    : threads_(threads > 0 ? threads : processors()),
      state_(threads_ > 1 ? std::make_unique<state>(threads_) : nullptr) {}

thread_team::~thread_team() = default;

namespace {

template <typename Body>
void run_parts(tbb::task_arena& arena, tbb::blocked_range<std::size_t> const& all, Body const& body) {
  hand_over begin, end;
  struct last_word {  // also when an exception passes
    hand_over& all;
    ~last_word() { all.take(); }
  } const after{end};
  begin.give();
  arena.execute([&] {
    tbb::parallel_for(
        all,
        [&](tbb::blocked_range<std::size_t> const& part) {
          begin.take();
          try {
            body(part.begin(), part.end());
          } catch (...) {
            end.give();
            throw;
          }
          end.give();
        },
        tbb::simple_partitioner());
  });
}

}  // namespace

void thread_team::run(std::size_t n, std::size_t grain,
                      std::function<void(std::size_t, std::size_t)> const& body) const {
  if (n == 0) return;
  if (threads_ == 1) {
    body(0, n);
    return;
  }
  run_parts(state_->arena, {0, n, std::max<std::size_t>(grain, 1)}, body);
}

void thread_team::run_again(std::size_t n, std::function<void(std::size_t, std::size_t)> const& body) const {
  if (n == 0) return;
  if (threads_ == 1) {
    body(0, n);
    return;
  }
  verify(n <= 0xFFFFFFFFU, "there are fewer than 2^32 parts");
  std::vector<parts_left>& left = state_->left;
  for (std::size_t t = 0; t < threads_; ++t) left[t].set(n * t / threads_, n * (t + 1) / threads_);
  run_parts(state_->arena, {0, threads_, 1}, [&](std::size_t, std::size_t) {
    auto const me = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
    try {
      for (std::size_t i = left[me].take_first(); i != parts_left::kNothing; i = left[me].take_first()) body(i, i + 1);
      for (std::size_t t = 1; t < threads_; ++t) {
        parts_left& other = left[(me + t) % threads_];
        for (std::size_t i = other.take_last(); i != parts_left::kNothing; i = other.take_last()) body(i, i + 1);
      }
    } catch (...) {
      for (parts_left& all : left) all.set(0, 0);
      throw;
    }
  });
}

}  // namespace gemeo
