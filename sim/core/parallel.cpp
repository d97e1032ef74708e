#include "sim/core/parallel.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

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

struct thread_team::state {
  explicit state(std::size_t threads)
      : allow(tbb::global_control::max_allowed_parallelism, threads), arena(static_cast<int>(threads)) {}
  tbb::global_control allow;  // an arena alone never gets more threads than the machine has processors
  tbb::task_arena arena;
  tbb::affinity_partitioner places;
};

std::size_t processors() { return static_cast<std::size_t>(std::max(1, tbb::info::default_concurrency())); }

thread_team::thread_team(std::size_t threads)
    : threads_(threads > 0 ? threads : processors()),
      state_(threads_ > 1 ? std::make_unique<state>(threads_) : nullptr) {}

thread_team::~thread_team() = default;

namespace {

template <typename Partitioner>
void run_parts(tbb::task_arena& arena, tbb::blocked_range<std::size_t> const& all, Partitioner&& partitioner,
               std::function<void(std::size_t, std::size_t)> const& body) {
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
        partitioner);
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
  run_parts(state_->arena, {0, n, std::max<std::size_t>(grain, 1)}, tbb::simple_partitioner(), body);
}

void thread_team::run_again(std::size_t n, std::function<void(std::size_t, std::size_t)> const& body) const {
  if (n == 0) return;
  if (threads_ == 1) {
    body(0, n);
    return;
  }
  run_parts(state_->arena, {0, n, 1}, state_->places, body);
}

}  // namespace gemeo
