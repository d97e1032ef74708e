// Whole files and streams of text, plain or gzip; every failure is an error(kInput) that names the file.
// Output: write to NAME.partial and rename, so that nothing is ever left half-written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gemeo {

inline constexpr std::uint64_t kMaxTextBytes = std::uint64_t{8} << 30U;  // decompressed; guards against gzip bombs

// Reads a file in pieces; gzip is recognised by its first bytes, not by its name.
class text_source {
 public:
  explicit text_source(std::filesystem::path file, std::uint64_t max_bytes = kMaxTextBytes);
  ~text_source();
  text_source(text_source const&) = delete;
  text_source& operator=(text_source const&) = delete;
  // Number of bytes read; 0 at the end. Throws on a truncated or corrupt gzip stream.
  std::size_t read(char* buffer, std::size_t size);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// About how many bytes the file unpacks to, from its size and what a gzip file says of itself: good for reserving
// memory and nothing else, as a damaged file may say anything. 0 for a file that cannot be read.
std::uint64_t text_size_hint(std::filesystem::path const& file);

std::string read_text_file(std::filesystem::path const& file, std::uint64_t max_bytes = std::uint64_t{1} << 30U);
// Complete or not at all: writes a sibling file, fsyncs, renames. gzip when the name ends in .gz (no time stamp
// inside).
void write_text_file(std::filesystem::path const& file, std::string_view text);
// Files that belong together: none is renamed before all siblings are written and synced.
struct named_text {
  std::filesystem::path file;
  std::string_view text;
};
void write_text_files(std::span<named_text const> files);

// Such a file is written into as it stands: a rename would put a plain file in the place of /dev/stdout. Throws
// error(kInput) where such a name stands for a plain file that this program writes to (its output, redirected).
bool is_device_or_pipe(std::filesystem::path const& file);

}  // namespace gemeo
