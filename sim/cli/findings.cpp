#include "sim/cli/findings.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gemeo::cli {

namespace {

char const* level_name(severity s) {
  return s == severity::kError ? "error" : s == severity::kWarning ? "warning" : "note";
}

}  // namespace

void print_findings(std::vector<network_finding> const& findings, std::size_t examples) {
  if (!findings.empty()) fmt::print("\nwhat to look at\n");
  for (network_finding const& f : findings) {
    std::string names;
    for (std::size_t i = 0; i < std::min(f.examples.size(), examples); ++i)
      names += (i > 0 ? ", " : "") + f.examples[i];
    fmt::print("  {:<8}{:>7}  {:<24}{}\n", level_name(f.level), f.count, f.kind, f.advice);
    if (!names.empty() && f.level != severity::kNote) fmt::print("  {:<17}e.g. {}\n", "", names);
  }
}

std::string errors_in_short(std::vector<network_finding> const& findings) {
  std::string text;
  for (network_finding const& f : findings) {
    if (f.level == severity::kError) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", f.count, f.kind);
  }
  return text;
}

nlohmann::ordered_json findings_json(std::vector<network_finding> const& findings) {
  auto list = nlohmann::ordered_json::array();
  for (network_finding const& f : findings) {
    list.push_back({{"level", level_name(f.level)},
                    {"kind", f.kind},
                    {"count", f.count},
                    {"examples", f.examples},
                    {"advice", f.advice}});
  }
  return list;
}

}  // namespace gemeo::cli
