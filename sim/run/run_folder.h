// Where a run keeps what it needs only while it lasts. Thread rule: one thread.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "sim/core/error.h"

namespace gemeo {

// The folder given, or a temporary one that is removed again.
class run_folder {
 public:
  explicit run_folder(std::filesystem::path const& given) : path_(given) {
    if (!given.empty()) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "gemeo-run-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw_run(pattern, "cannot make a temporary folder", "set TMPDIR to a folder with space and rights");
    }
    path_ = pattern;
    own_ = true;
  }
  ~run_folder() {
    std::error_code ec;
    if (own_) std::filesystem::remove_all(path_, ec);
  }
  run_folder(run_folder const&) = delete;
  run_folder& operator=(run_folder const&) = delete;
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool own_ = false;
};

}  // namespace gemeo
