#include "sim/core/error.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace gemeo {

namespace {

// What users wrote comes back in messages. One message is one line of readable length, whatever the input held:
// line breaks become blanks, other control characters are spelled out, the middle of endless texts is left out. Run
// errors carry other programs' words and keep their lines.
std::string one_line(std::string const& text) {
  constexpr std::size_t kMost = 1200, kKept = 400;
  std::string out;
  std::size_t tail = 0;  // where the kept end begins, in text
  if (text.size() > kMost) {
    tail = text.size() - kKept;
    while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0U) == 0x80U) ++tail;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (i >= kKept && i < tail && (c & 0xC0U) != 0x80U) {  // between two characters, never inside one
      out += " [...] ";
      i = tail - 1;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c < 0x20 || c == 0x7F) {
      constexpr char const* kHex = "0123456789abcdef";
      out += std::string("\\x") + kHex[c >> 4U] + kHex[c & 0xFU];
    } else {
      out += text[i];
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

error::error(error_kind kind, std::string where, std::string what, std::string hint)
    : kind_(kind), where_(std::move(where)), problem_(std::move(what)), hint_(std::move(hint)) {
  if (kind_ != error_kind::kRun) {
    for (std::string* const s : {&where_, &problem_, &hint_}) *s = one_line(*s);
  }
  message_ = where_.empty() ? problem_ : where_ + ": " + problem_;
  if (!hint_.empty()) message_ += " (" + hint_ + ")";
}

void throw_input(std::string where, std::string what, std::string hint) {
  throw error(error_kind::kInput, std::move(where), std::move(what), std::move(hint));
}

void throw_usage(std::string what, std::string hint) {
  throw error(error_kind::kUsage, "", std::move(what), std::move(hint));
}

void throw_run(std::string where, std::string what, std::string hint) {
  throw error(error_kind::kRun, std::move(where), std::move(what), std::move(hint));
}

void verify(bool cond, char const* msg) {
  if (!cond) throw error(error_kind::kRun, "internal check", msg, "this is a defect of gemeo; please report it");
}

std::size_t edit_distance(std::string const& a, std::string const& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace gemeo
