// Values of a configuration as TOML, and the tables of keys that references of the formats are made of.
// Thread rule: plain functions.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/config.h"

namespace gemeo {

std::string toml_text(double v);
std::string toml_text(std::int64_t v);
std::string toml_text(bool v);
std::string toml_text(std::string const& v);
std::string toml_text(clock_time v);
std::string toml_text(class_set v);
std::string toml_text(purpose_set v);
std::string toml_text(area const& v);
std::string toml_text(phase_config const& p);
template <typename T>
std::string toml_text(std::vector<T> const& v) {
  std::string out;
  for (T const& e : v) out += (out.empty() ? "" : ", ") + toml_text(e);
  return "[" + out + "]";
}

struct key_printer {  // "key = value" for each key visited
  std::string out = {};
  template <typename T>
  void operator()(key_info const& k, T const& v) {
    out += fmt::format("{} = {}\n", k.name, toml_text(v));
  }
  template <typename T>
  void operator()(key_info const& k, std::optional<T> const& v) {
    if (v) (*this)(k, *v);
  }
};

struct key_documenter {  // a table of Markdown: key, unit, default, meaning
  std::string out = "| key | unit | default | meaning |\n|---|---|---|---|\n";
  template <typename T>
  void operator()(key_info const& k, T const& v) {
    row(k, fmt::format("`{}`", toml_text(v)));
  }
  template <typename T>
  void operator()(key_info const& k, std::optional<T> const&) {
    row(k, "");
  }
  void row(key_info const& k, std::string const& fallback);
};

}  // namespace gemeo
