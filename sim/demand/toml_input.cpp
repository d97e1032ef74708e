#include "sim/demand/toml_input.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"
#include "sim/demand/clock.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

// Follows a TOML text far enough to know what stands in quotes and comments, and measures how deep its keys and
// brackets nest elsewhere. Wrong TOML is left to the parser to tell.
class nesting_meter {
 public:
  nesting_meter(std::string_view text, fs::path const& file) : text_(text), file_(file) {}

  void run() {
    while (at_ < text_.size()) step();
  }

 private:
  static constexpr std::size_t kMostParts = 32, kMostBrackets = 32;

  void step() {
    char const c = text_[at_];
    if (c == '"' || c == '\'') return skip_quotes(c);
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    ++at_;
    // TOML 1.0 knows no such letter here, and toml++ 3.3 runs past the end of its tables with some of them.
    bool const mark = at_ <= 3 && text_.substr(0, 3) == "\xEF\xBB\xBF";
    if (static_cast<unsigned char>(c) >= 0x80 && !mark) {
      throw_input(fmt::format("{}:{}", file_.string(), line_), "a letter that is not ASCII stands outside quotes",
                  "put texts, and keys with accents, in quotes");
    }
    if (c == '[' && line_start_ && brackets_ == 0) check_header();
    if (c != ' ' && c != '\t') line_start_ = false;
    if (c == '\n') {
      ++line_;
      line_start_ = true;
      parts_ = 0;
    } else if (c == '.') {
      if (++parts_ >= kMostParts) fail(fmt::format("a key has more than {} parts", kMostParts));
    } else if (c == '[' || c == '{') {
      parts_ = 0;
      if (++brackets_ > kMostBrackets) fail(fmt::format("more than {} brackets inside each other", kMostBrackets));
    } else if (c == ']' || c == '}') {
      parts_ = 0;
      brackets_ -= brackets_ > 0 ? 1U : 0U;
    } else if (c == '=' || c == ',') {
      parts_ = 0;
    }
  }

  // toml++ takes it for granted that a table header begins with a letter, a digit or a quote.
  void check_header() const {
    std::size_t next = at_;
    if (next < text_.size() && text_[next] == '[') ++next;
    next = std::min(text_.find_first_not_of(" \t", next), text_.size());
    if (next == text_.size()) return;  // never closed: the parser says so
    auto const c = static_cast<unsigned char>(text_[next]);
    bool const name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (name || std::string_view("_-\"']").find(static_cast<char>(c)) != std::string_view::npos) return;
    throw_input(fmt::format("{}:{}", file_.string(), line_), "a table header without a name",
                "write [time] or [[close]]");
  }

  void skip_quotes(char quote) {
    line_start_ = false;
    bool const block = text_.substr(at_, 3) == std::string(3, quote);
    std::size_t const width = block ? 3 : 1;
    for (at_ += width; at_ < text_.size(); ++at_) {
      char const c = text_[at_];
      if (c == '\n') {
        if (!block) return;  // never closed: the parser says so
        ++line_;
      } else if (c == '\\' && quote == '"') {
        ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') ++line_;
      } else if (c == quote && (!block || text_.substr(at_, 3) == std::string(3, quote))) {
        at_ += width;
        return;
      }
    }
  }

  [[noreturn]] void fail(std::string what) const {
    throw_input(fmt::format("{}:{}", file_.string(), line_), "nests too deeply: " + what);
  }

  std::string_view text_;
  fs::path const& file_;
  std::size_t at_ = 0, line_ = 1, parts_ = 0, brackets_ = 0;
  bool line_start_ = true;
};

constexpr char const* kClockHint = "\"HH:MM\", \"HH:MM:SS\" or seconds since midnight";

}  // namespace

void check_toml_nesting(std::string_view text, fs::path const& file) { nesting_meter(text, file).run(); }

std::optional<double> parse_clock_s(std::string_view text) {
  auto const t = parse_time_s(text);
  if (!t || text.find(':') == std::string_view::npos) return t;
  std::size_t parts = 0;
  for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    auto const v = parse_number(text.substr(at + 1, text.find(':', at + 1) - at - 1));
    if (!v || *v >= 60 || ++parts > 2) return std::nullopt;
  }
  return t;
}

toml::table read_toml(fs::path const& file) {
  std::string const text = read_text_file(file, std::uint64_t{64} << 20U);
  check_toml_nesting(text, file);
  try {
    return toml::parse(text, file.string());
  } catch (toml::parse_error const& e) {
    throw_input(fmt::format("{}:{}", file.string(), e.source().begin.line), std::string(e.description()),
                "the file must be TOML (toml.io)");
  } catch (toml_surprise const&) {
    throw_input(file.string(), "is no TOML", "the file must be TOML (toml.io)");
  }
}

std::string where_in(fs::path const& file, toml::node const& n) {
  return fmt::format("{}:{}", file.string(), n.source().begin.line);
}

void only_keys(fs::path const& file, toml::table const& t, std::vector<std::string> const& known) {
  for (auto const& [key, value] : t) {
    std::string const name(key.str());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw_input(where_in(file, value), fmt::format("unknown key '{}'", name), did_you_mean(name, known));
    }
  }
}

std::string text_of(fs::path const& file, toml::table const& t, char const* key) {
  toml::node const* const n = t.get(key);
  if (n == nullptr) throw_input(where_in(file, t), fmt::format("key '{}' is missing", key));
  if (!n->is_string()) throw_input(where_in(file, *n), fmt::format("'{}' must be a text", key));
  return **n->as_string();
}

std::string text_or(fs::path const& file, toml::table const& t, char const* key, std::string fallback) {
  return t.contains(key) ? text_of(file, t, key) : std::move(fallback);
}

double number_of(fs::path const& file, toml::table const& t, char const* key) {
  toml::node const* const n = t.get(key);
  if (n == nullptr) throw_input(where_in(file, t), fmt::format("key '{}' is missing", key));
  auto const v = n->value<double>();
  if (!v || n->is_string() || n->is_boolean() || !std::isfinite(*v))
    throw_input(where_in(file, *n), fmt::format("'{}' must be a number", key));
  return *v;
}

double time_of(fs::path const& file, toml::table const& t, char const* key) {
  toml::node const* const n = t.get(key);
  if (n == nullptr) throw_input(where_in(file, t), fmt::format("key '{}' is missing", key));
  if (!n->is_string()) return number_of(file, t, key);
  auto const v = parse_clock_s(**n->as_string());
  if (!v) throw_input(where_in(file, *n), fmt::format("'{}' is not a time: '{}'", key, **n->as_string()), kClockHint);
  return *v;
}

toml::array const& array_of(fs::path const& file, toml::table const& t, char const* key) {
  toml::node const* const n = t.get(key);
  if (n == nullptr) throw_input(where_in(file, t), fmt::format("key '{}' is missing", key));
  if (!n->is_array()) throw_input(where_in(file, *n), fmt::format("'{}' must be a list", key));
  return *n->as_array();
}

}  // namespace gemeo
