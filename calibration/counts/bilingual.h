// What is told in both languages of the pages: English for the terminal and files, Portuguese (Portugal) beside it for
// the page's other half. Numbers are written as the terminal has them. Thread rule: plain values.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/results/report_words.h"

namespace gemeo {

struct bilingual {
  std::string en, pt;  // pt empty: nobody has translated it, and pages show the English, marked as such
  [[nodiscard]] bool empty() const { return en.empty(); }
  [[nodiscard]] std::string const& in(language l) const { return l == language::kEnglish || pt.empty() ? en : pt; }
  bilingual& operator+=(bilingual const& more) {
    en += more.en;
    pt += more.pt;
    return *this;
  }
  void clear() { *this = {}; }
  friend bilingual operator+(bilingual a, bilingual const& b) { return a += b; }
  friend bool operator==(bilingual const&, bilingual const&) = default;
};

inline bilingual same_in_both(std::string text) { return {text, text}; }  // names

namespace told {
template <typename T>
T const& in(T const& v, language) {
  return v;
}
inline std::string const& in(bilingual const& b, language l) { return b.in(l); }
inline char const* in(phrase const& p, language l) { return p.in(l); }
}  // namespace told

// The same arguments in both sentences, in the same order; those that are bilingual or phrases in their language.
template <typename... A>
bilingual in_both(char const* en, char const* pt, A const&... a) {
  auto const say = [&](char const* text, [[maybe_unused]] language l) { return fmt::format(fmt::runtime(text), told::in(a, l)...); };
  return {say(en, language::kEnglish), say(pt, language::kPortuguese)};
}

// "one; another".
inline void add_told(bilingual& to, bilingual const& more) {
  if (!to.empty()) to += same_in_both("; ");
  to += more;
}

}  // namespace gemeo
