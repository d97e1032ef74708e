// Streaming XML (expat) with errors that name file, line, element and attribute. Constant memory; entity bombs,
// external entities and nesting deeper than 64 are refused. Plain or gzip files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gemeo {

// The attributes of the element being opened; valid only inside xml_handler::start.
class xml_attributes {
 public:
  xml_attributes(char const** pairs, std::filesystem::path const* file, std::string_view element, std::uint64_t line);
  [[nodiscard]] std::optional<std::string_view> find(char const* name) const;
  [[nodiscard]] std::string_view text(char const* name) const;  // throws when absent
  [[nodiscard]] std::string_view text_or(char const* name, std::string_view fallback) const;
  [[nodiscard]] double number(char const* name) const;  // finite; throws when absent or malformed
  [[nodiscard]] double number_or(char const* name, double fallback) const;
  [[nodiscard]] std::int64_t integer(char const* name) const;
  [[nodiscard]] std::int64_t integer_or(char const* name, std::int64_t fallback) const;
  [[nodiscard]] bool flag_or(char const* name, bool fallback) const;  // 1 true yes on / 0 false no off
  // Seconds: "300", "300.5" or "1:02:03[:...]" (H:M:S or D:H:M:S).
  [[nodiscard]] double time_or(char const* name, double fallback) const;
  [[nodiscard]] std::uint64_t line() const { return line_; }
  // "net.xml:12: <edge id=...>" for messages.
  [[nodiscard]] std::string where() const;
  [[noreturn]] void fail(std::string what, std::string hint = {}) const;
  [[nodiscard]] char const** pairs() const { return pairs_; }

 private:
  char const** pairs_;
  std::filesystem::path const* file_;
  std::string_view element_;
  std::uint64_t line_;
};

class xml_handler {
 public:
  virtual ~xml_handler() = default;
  virtual void start(std::string_view element, xml_attributes const& a) = 0;
  virtual void end(std::string_view element) = 0;
  virtual void characters(std::string_view) {}
  // Whether characters() is to be called at all: in files that hold attributes only, blanks are half of all calls.
  [[nodiscard]] virtual bool wants_text() const { return true; }
};

// A large file is unpacked and parsed in threads of its own, ahead of the handler, which is always called in the
// caller's thread and in the file's order.
void read_xml(std::filesystem::path const& file, xml_handler& handler);
// The same on text in memory; name stands for the file in messages.
void parse_xml(std::string_view text, std::filesystem::path const& name, xml_handler& handler);

// The same for text that arrives in pieces of any size, such as the output of a simulation that is still running.
// A piece may end anywhere; handler calls happen inside push.
class xml_push_parser {
 public:
  xml_push_parser(std::filesystem::path name, xml_handler& handler);  // the handler must outlive the parser
  ~xml_push_parser();
  xml_push_parser(xml_push_parser const&) = delete;
  xml_push_parser& operator=(xml_push_parser const&) = delete;
  void push(std::string_view piece);
  void finish();  // throws when the document is not complete

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// Locale-independent; nullopt unless the whole text is one finite number (surrounding blanks allowed).
std::optional<double> parse_number(std::string_view s);
std::optional<std::int64_t> parse_integer(std::string_view s);
std::optional<double> parse_time_s(std::string_view s);
std::string xml_escape(std::string_view s);

}  // namespace gemeo
