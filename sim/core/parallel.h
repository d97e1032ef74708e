// Work on several threads: parts of a range, each done once by some thread. What is written by one part may be read
// after run() only. oneTBB is behind it, here alone: its own synchronisation is compiled without ThreadSanitizer, which
// cannot see into it, and what it promises is told by hand. Thread rule: one thread calls run(); body runs on many.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace gemeo {

std::size_t processors();  // of this machine, as far as this process may use them; at least 1

class thread_team {
 public:
  // threads: as many as asked for, however few processors there are; 0: one a processor.
  explicit thread_team(std::size_t threads = 0);
  ~thread_team();
  [[nodiscard]] std::size_t threads() const { return threads_; }
  // body(begin, end) for parts of [0, n) of at most `grain`. The first exception ends what has not begun, and passes.
  void run(std::size_t n, std::size_t grain, std::function<void(std::size_t, std::size_t)> const& body) const;
  // The same for parts of one each, of which every thread has a run of its own, hardly ever another one the next time
  // for the same n, as what it works on may still be in its cache. It goes through them from the first to the last; who
  // has done his own takes others' last ones: so these had better be the small ones.
  void run_again(std::size_t n, std::function<void(std::size_t, std::size_t)> const& body) const;

 private:
  struct state;
  std::size_t threads_;
  std::unique_ptr<state> state_;
};

}  // namespace gemeo
