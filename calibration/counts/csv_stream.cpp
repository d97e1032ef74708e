#include "calibration/counts/csv_stream.h"

#include <fmt/core.h>

#include "sim/core/error.h"

namespace gemeo {

csv_stream::csv_stream(std::filesystem::path const& file, char delimiter)
    : file_(file), in_(file), delimiter_(delimiter), buffer_(std::size_t{1} << 18U) {
  if (!fill()) throw_input(file.string(), "is empty", "a header line with column names is needed");
  if (size_ >= 3 && buffer_[0] == '\xEF' && buffer_[1] == '\xBB' && buffer_[2] == '\xBF') at_ = 3;
}

bool csv_stream::fill() {
  at_ = 0;
  size_ = in_.read(buffer_.data(), buffer_.size());
  return size_ > 0;
}

int csv_stream::peek() {
  if (at_ == size_ && !fill()) return -1;
  return static_cast<unsigned char>(buffer_[at_]);
}

int csv_stream::get() {
  int const c = peek();
  if (c >= 0) ++at_;
  return c;
}

std::string csv_stream::where() const { return fmt::format("{}:{}", file_.string(), first_line_); }

void csv_stream::end_field() {
  if (++count_ > kMostFields) throw_input(where(), fmt::format("has more than {} fields", kMostFields));
  if (fields_.size() <= count_) fields_.emplace_back();
  fields_[count_].clear();
}

bool csv_stream::next() {
  while (read_record()) {
    if (count_ > 1 || !fields_[0].empty()) return true;
  }
  return false;
}

bool csv_stream::read_record() {
  count_ = bytes_ = 0;
  first_line_ = line_;
  if (fields_.empty()) fields_.emplace_back();
  fields_[0].clear();
  if (peek() < 0) return false;
  bool quoted = false;
  for (int c = get(); c >= 0; c = get()) {
    std::string& field = fields_[count_];
    if (++bytes_ > kMostBytes) {
      throw_input(where(), "a record of more than 1 MiB", quoted ? "is a quote never closed?" : "is this a CSV file?");
    }
    auto const letter = static_cast<char>(c);
    if (c == 0) throw_input(where(), "holds a byte 0", "save the file as UTF-8 text");
    if (letter == '\n') ++line_;
    if (quoted) {
      if (letter != '"') {
        field += letter;
      } else if (peek() == '"') {
        field += '"';
        get();
      } else {
        quoted = false;
      }
    } else if (letter == '"' && field.empty()) {
      quoted = true;
    } else if (letter == delimiter_) {
      end_field();
    } else if (letter == '\n') {
      ++count_;
      return true;
    } else if (letter != '\r') {
      field += letter;
    }
  }
  if (quoted) throw_input(where(), "a quote is never closed");
  ++count_;
  return true;
}

}  // namespace gemeo
