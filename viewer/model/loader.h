// Reads result files beside the user interface: one thread, because HDF5 serves one at a time. It loads the files,
// reads further quantities when asked, looks every few seconds whether a file has grown, and fetches vehicles for a
// time. Thread rule: all members from the user interface's thread; what it hands over is immutable.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "viewer/model/document.h"

namespace gemeo::view {

class loader {
 public:
  struct news {
    std::shared_ptr<document const> base, other;  // set when something new has been read
    std::shared_ptr<step_pair const> steps;
    std::string problem;        // of the last attempt; one line
    bool failed_first = false;  // nothing could be read at all
    int exit_code = 0;          // of the failure
  };
  // notify is called from the thread when there are news (to wake a sleeping event loop).
  loader(std::vector<std::filesystem::path> files, std::vector<quantity> wanted, void (*notify)());
  ~loader();
  loader(loader const&) = delete;
  void want(quantity q);
  void want_vehicles(double time_s);  // the latest wish counts
  [[nodiscard]] std::optional<news> poll();
  [[nodiscard]] bool busy() const;
  static constexpr double kLookEvery_s = 3;

 private:
  void work();
  bool read_files(bool first);
  void read_vehicles(double time_s);
  void tell(news n);
  std::vector<std::filesystem::path> files_;
  void (*notify_)();
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Under the mutex:
  std::vector<quantity> wanted_;
  bool dirty_ = true, stop_ = false, busy_ = true;
  std::optional<double> vehicles_at_;
  std::optional<news> news_;
  // The thread's own:
  std::vector<std::shared_ptr<document const>> documents_;
  std::unique_ptr<trajectory_source> vehicles_;
  std::shared_ptr<step_pair const> told_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace gemeo::view
