#include "sim/engine_sumo/console.h"

#include <utility>

namespace gemeo {

namespace {
constexpr std::size_t kPiece = std::size_t{1} << 18U;

bool starts_message(std::string_view line) { return line.starts_with("Warning: ") || line.starts_with("Error: "); }
}  // namespace

console::console(std::function<void(std::string_view)> sink) : out_(std::move(sink)) {}

console::guard::guard(console& c) : out_(std::cout.rdbuf(&c.out_)), err_(std::cerr.rdbuf(&c.err_)) {}

console::guard::~guard() {
  std::cout.rdbuf(out_);
  std::cerr.rdbuf(err_);
}

void console::flush() {
  out_.hand_over();
  if (out_.failure) std::rethrow_exception(std::exchange(out_.failure, nullptr));
}

std::vector<std::string> console::take_messages() {
  std::vector<std::string> messages;
  std::string_view rest = err_.text;
  std::size_t used = 0;
  for (std::size_t end = rest.find('\n', used); end != std::string_view::npos; end = rest.find('\n', used)) {
    std::string_view line = rest.substr(used, end - used);
    used = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (messages.empty() || starts_message(line)) {
      messages.emplace_back(line);
    } else {
      messages.back() += ' ';
      messages.back() += line.substr(line.find_first_not_of(" \t"));
    }
  }
  err_.text.erase(0, used);
  return messages;
}

void console::out_buffer::hand_over() {
  if (!failure && !text_.empty()) {
    // A stream swallows what its buffer throws, so a failure waits here for flush().
    try {
      sink_(text_);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  text_.clear();
}

console::out_buffer::int_type console::out_buffer::overflow(int_type c) {
  if (c != traits_type::eof()) text_ += static_cast<char>(c);
  return 0;
}

std::streamsize console::out_buffer::xsputn(char const* s, std::streamsize n) {
  text_.append(s, static_cast<std::size_t>(n));
  if (text_.size() > kPiece) hand_over();
  return n;
}

console::text_buffer::int_type console::text_buffer::overflow(int_type c) {
  if (c != traits_type::eof()) text += static_cast<char>(c);
  return 0;
}

std::streamsize console::text_buffer::xsputn(char const* s, std::streamsize n) {
  text.append(s, static_cast<std::size_t>(n));
  return n;
}

}  // namespace gemeo
