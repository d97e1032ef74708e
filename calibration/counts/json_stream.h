// JSON read as a stream of events (RFC 8259), plain or gzip: memory holds one text and the way to it. Hostile documents
// are refused with file and line: nesting deeper than 32, texts above 64 KiB, anything that is no JSON.
// Thread rule: one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gemeo {

class json_handler {
 public:
  virtual ~json_handler() = default;
  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  virtual void begin_array() = 0;
  virtual void end_array() = 0;
  virtual void key(std::string_view name) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void number(double value) = 0;
  virtual void nothing() = 0;  // null
  virtual void truth(bool value) = 0;
  std::size_t line = 1;  // where the reader is
};

void read_json_stream(std::filesystem::path const& file, json_handler& handler);

}  // namespace gemeo
