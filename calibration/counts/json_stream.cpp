#include "calibration/counts/json_stream.h"

#include <fmt/core.h>

#include <vector>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"

namespace gemeo {
namespace {

constexpr std::size_t kDeepest = 32, kLongestText = 1U << 16U, kLongestNumber = 64;

class json_reader {
 public:
  json_reader(std::filesystem::path const& file, json_handler& h)
      : file_(file.string()), in_(file), h_(h), buffer_(std::size_t{1} << 18U) {
    if (peek() == 0xEF) {  // a byte order mark
      for (int i = 0; i < 3; ++i) get();
    }
  }

  // Without recursion: open_ holds what is open, expect_ what may come.
  void run() {
    for (int c = skip_blanks(); c >= 0; c = skip_blanks()) {
      if (done_) fail("something follows the end of the document");
      step(c);
      if (open_.empty() && expect_ != expect::kValue) done_ = true;
    }
    if (!done_) fail("the document ends too early", "make or fetch it again");
  }

 private:
  enum class expect { kValue, kKey, kColon, kNext, kFirst };

  [[noreturn]] void fail(std::string what, std::string hint = "the document must be JSON (RFC 8259)") const {
    throw_input(fmt::format("{}:{}", file_, h_.line), std::move(what), std::move(hint));
  }
  int peek() {
    if (at_ == size_) {
      at_ = 0;
      size_ = in_.read(buffer_.data(), buffer_.size());
      if (size_ == 0) return -1;
    }
    return static_cast<unsigned char>(buffer_[at_]);
  }
  int get() {
    int const c = peek();
    if (c >= 0) ++at_;
    if (c == '\n') ++h_.line;
    return c;
  }
  int skip_blanks() {
    int c = peek();
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      get();
      c = peek();
    }
    return c;
  }

  void step(int c) {
    bool const in_object = !open_.empty() && open_.back() == '{';
    if (expect_ == expect::kColon) {
      if (c != ':') fail("a ':' is missing after a key");
      get();
      expect_ = expect::kValue;
    } else if (expect_ == expect::kNext) {
      if (c == ',') {
        get();
        expect_ = in_object ? expect::kKey : expect::kValue;
      } else if (c == (in_object ? '}' : ']')) {
        close();
      } else {
        fail("a ',' or the end of a list or object is missing");
      }
    } else if (expect_ == expect::kFirst && c == (in_object ? '}' : ']')) {
      close();
    } else if (in_object && (expect_ == expect::kFirst || expect_ == expect::kKey)) {
      if (c != '"') fail("a key must be a text in quotes");
      read_text();
      h_.key(text_);
      expect_ = expect::kColon;
    } else {
      value(c);
    }
  }

  void close() {
    get();
    char const what = open_.back();
    open_.pop_back();
    what == '{' ? h_.end_object() : h_.end_array();
    expect_ = expect::kNext;
  }

  void value(int c) {
    if (c == '{' || c == '[') {
      get();
      if (open_.size() >= kDeepest)
        fail(fmt::format("nests deeper than {}", kDeepest), "this is no list of observations");
      open_.push_back(static_cast<char>(c));
      c == '{' ? h_.begin_object() : h_.begin_array();
      expect_ = expect::kFirst;
      return;
    }
    expect_ = expect::kNext;
    if (c == '"') {
      read_text();
      h_.text(text_);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      read_number();
    } else {
      read_word();
    }
  }

  void read_number() {
    text_.clear();
    for (int c = peek(); c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' || (c >= '0' && c <= '9');
         c = peek()) {
      text_ += static_cast<char>(get());
      if (text_.size() > kLongestNumber) fail("a number of more digits than any has");
    }
    auto const v = parse_number(text_);
    if (!v) fail(fmt::format("'{}' is no number", text_));
    h_.number(*v);
  }

  void read_word() {
    text_.clear();
    for (int c = peek(); c >= 'a' && c <= 'z' && text_.size() < 6; c = peek()) text_ += static_cast<char>(get());
    if (text_ == "null") return h_.nothing();
    if (text_ == "true" || text_ == "false") return h_.truth(text_ == "true");
    fail(text_.empty() ? "a value is missing" : fmt::format("'{}' is no value", text_));
  }

  std::uint32_t four_digits() {
    std::uint32_t v = 0;
    for (int i = 0; i < 4; ++i) {
      int const c = get();
      int const digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) fail("four hexadecimal digits must follow \\u");
      v = v << 4U | static_cast<std::uint32_t>(digit);
    }
    return v;
  }

  void add_utf8(std::uint32_t code) {
    auto const put = [&](std::uint32_t byte) { text_ += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0U | code >> 6U);
      put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
      put(0xE0U | code >> 12U);
      put(0x80U | (code >> 6U & 0x3FU));
      put(0x80U | (code & 0x3FU));
    } else {
      put(0xF0U | code >> 18U);
      put(0x80U | (code >> 12U & 0x3FU));
      put(0x80U | (code >> 6U & 0x3FU));
      put(0x80U | (code & 0x3FU));
    }
  }

  void read_escape() {
    int const c = get();
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
      std::uint32_t code = four_digits();
      if (code >= 0xD800 && code < 0xDC00) {  // the first half of a pair
        if (get() != '\\' || get() != 'u') fail("half a character");
        std::uint32_t const low = four_digits();
        if (low < 0xDC00 || low > 0xDFFF) fail("half a character");
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      } else if (code >= 0xDC00 && code <= 0xDFFF) {
        fail("half a character");
      }
      return add_utf8(code);
    }
    std::size_t const at = c < 0 ? std::string_view::npos : kLetters.find(static_cast<char>(c));
    if (at == std::string_view::npos) fail("an unknown letter follows '\\'");
    text_ += kMeanings[at];
  }

  void read_text() {
    get();
    text_.clear();
    for (;;) {
      int const c = get();
      if (c < 0) fail("a text is never closed", "make or fetch it again");
      if (c == '"') return;
      if (c < 0x20) fail("a control character inside a text");
      if (c == '\\') {
        read_escape();
      } else {
        text_ += static_cast<char>(c);
      }
      if (text_.size() > kLongestText) fail("a text of more than 64 KiB", "this is no list of observations");
    }
  }

  std::string file_;
  text_source in_;
  json_handler& h_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  std::vector<char> open_;
  expect expect_ = expect::kValue;
  bool done_ = false;
  std::string text_;
};

}  // namespace

void read_json_stream(std::filesystem::path const& file, json_handler& handler) { json_reader(file, handler).run(); }

}  // namespace gemeo
