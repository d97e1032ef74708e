// A text file written piece by piece, complete or not at all: NAME.partial until finish() renames it. gzip where the
// name ends in .gz; "-" is standard output. Thread rule: one thread.
#pragma once

#include <fmt/core.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace gemeo {

class text_output {
 public:
  explicit text_output(std::filesystem::path file);
  ~text_output();
  text_output(text_output const&) = delete;
  text_output& operator=(text_output const&) = delete;
  template <typename... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<Args>(args)...);
    if (buffer_.size() >= kFull) write();
  }
  void add_text(std::string_view text) {
    buffer_.append(text);
    if (buffer_.size() >= kFull) write();
  }
  void finish();

 private:
  static constexpr std::size_t kFull = 1U << 18U;
  void write();
  [[noreturn]] void fail();
  std::filesystem::path file_, partial_;
  std::string buffer_;
  void* gz_ = nullptr;  // gzFile; null: standard output
  bool done_ = false;
};

}  // namespace gemeo
