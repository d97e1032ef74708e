// A comparison said to people and machines: a page of HTML that stands alone (no outside resources, Portuguese and
// English), a table for the terminal, and JSON. Every text that comes from a file is made harmless. Thread rule: plain
// functions.
#pragma once

#include <string>

#include "sim/results/compare.h"
#include "sim/results/report_style.h"
#include "sim/results/report_words.h"

namespace gemeo {

inline constexpr std::size_t kMaxPageBytes = 3000000;

struct report_options {
  language first = language::kEnglish;  // what the page shows before anybody chooses
  std::size_t top = 10;                 // streets per list
  std::size_t width = 160;              // columns of the terminal
};

std::string report_html(comparison const& c, report_options const& o = {});
std::string report_terminal(comparison const& c, report_options const& o = {});
std::string report_json(comparison const& c);  // one object, one line

}  // namespace gemeo
