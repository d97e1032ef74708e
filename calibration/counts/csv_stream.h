// Records of a CSV file (RFC 4180: quotes, doubled quotes; a byte order mark and CR are tolerated), plain or gzip, one
// at a time with any delimiter: memory holds one record. Errors name file and line. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/text_file.h"

namespace gemeo {

class csv_stream {
 public:
  csv_stream(std::filesystem::path const& file, char delimiter);
  // False at the end. The fields stay where they are until the next call. Empty lines are passed over.
  bool next();
  [[nodiscard]] std::vector<std::string> const& fields() const { return fields_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::string const& field(std::size_t i) const { return fields_[i]; }
  [[nodiscard]] std::size_t line() const { return first_line_; }  // where the record begins
  [[nodiscard]] std::string where() const;                        // "counts.csv:12"

 private:
  static constexpr std::size_t kMostFields = 4096, kMostBytes = std::size_t{1} << 20U;
  int get();
  [[nodiscard]] int peek();
  bool fill();
  bool read_record();
  void end_field();

  std::filesystem::path file_;
  text_source in_;
  char delimiter_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  std::size_t line_ = 1, first_line_ = 1, count_ = 0, bytes_ = 0;
  std::vector<std::string> fields_;  // the first count_ are of this record; the others keep their memory
};

}  // namespace gemeo
