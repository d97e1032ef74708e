// The folder that a calibration will lie in, taken before anything is computed and filled at the end: whole or not at
// all. Files are written into FOLDER.partial, which changes places with an older calibration in one step. FOLDER.lock
// is held from the first moment to the last, so that two calibrations cannot have one folder; the lock dies with its
// process, however that ends, and what a killed one left is removed by the next, and told. Thread rule: one thread.
#pragma once

#include <filesystem>
#include <string>

namespace gemeo {

class result_folder {
 public:
  // Throws error(kUsage) where the folder holds something else or another calibration is at work on it, error(kRun)
  // where it cannot be written.
  explicit result_folder(std::filesystem::path const& named);
  ~result_folder();  // without finish(): nothing is left
  result_folder(result_folder const&) = delete;
  result_folder& operator=(result_folder const&) = delete;

  [[nodiscard]] std::filesystem::path const& home() const { return home_; }
  [[nodiscard]] std::filesystem::path const& partial() const { return partial_; }  // where to write
  [[nodiscard]] std::string const& found() const { return found_; }  // what was left here, and what became of it
  void finish();
  void abandon() noexcept;  // as the destructor; from any thread, where the process ends right after

  static constexpr char const* kMark =
      "calibration.h5";  // a folder that has it, or day types that have it, may be replaced

 private:
  void lock();
  void unlock() noexcept;
  void check_home() const;
  void tidy_up();
  std::filesystem::path home_, partial_, older_, lock_;
  std::string found_;
  int lock_fd_ = -1;
};

}  // namespace gemeo
