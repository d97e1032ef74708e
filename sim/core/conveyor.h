// Hands things from a thread that makes them to one that takes them, in order, kSlots of them in flight at most. Slots
// are used again, so that what they own is allocated once. What making throws is thrown to the taker, after the things
// made before it.
// Thread rule: one thread calls next(); make runs in the conveyor's own thread.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace gemeo {

template <typename T, std::size_t kSlots = 4>
class conveyor {
 public:
  // make fills a used slot; false: there is nothing more, and the slot does not count.
  explicit conveyor(std::function<bool(T&)> make) : make_(std::move(make)), thread_([this] { work(); }) {}
  ~conveyor() {
    {
      std::lock_guard const lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  conveyor(conveyor const&) = delete;
  conveyor& operator=(conveyor const&) = delete;

  // The next thing, valid until the next call; null at the end.
  T* next() {
    std::unique_lock lock(mutex_);
    if (handed_out_) {
      ++taken_;
      handed_out_ = false;
      changed_.notify_all();
    }
    changed_.wait(lock, [&] { return made_ > taken_ || ended_; });
    if (made_ > taken_) {
      handed_out_ = true;
      return &slots_[taken_ % kSlots];
    }
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }

 private:
  void work() {
    try {
      while (true) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stop_ || made_ - taken_ < kSlots; });
        if (stop_) return;
        T& slot = slots_[made_ % kSlots];
        lock.unlock();
        bool const more = make_(slot);
        lock.lock();
        if (more) ++made_;
        ended_ = !more;
        lock.unlock();
        changed_.notify_all();
        if (!more) return;
      }
    } catch (...) {
      std::lock_guard const lock(mutex_);
      failure_ = std::current_exception();
      ended_ = true;
    }
    changed_.notify_all();
  }

  std::function<bool(T&)> make_;
  std::array<T, kSlots> slots_;
  std::size_t made_ = 0, taken_ = 0;
  bool handed_out_ = false, stop_ = false, ended_ = false;
  std::exception_ptr failure_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace gemeo
