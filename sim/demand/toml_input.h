// TOML with errors that name file, line and key; unknown keys are errors with the nearest known one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/demand/toml_library.h"

namespace gemeo {

// Before a parser that descends by calling itself: refuses keys and brackets that nest deeper than people write.
void check_toml_nesting(std::string_view text, std::filesystem::path const& file);
toml::table read_toml(std::filesystem::path const& file);                      // throws error(kInput)
std::string where_in(std::filesystem::path const& file, toml::node const& n);  // "city.toml:3"
void only_keys(std::filesystem::path const& file, toml::table const& t, std::vector<std::string> const& known);
std::string text_of(std::filesystem::path const& file, toml::table const& t, char const* key);  // throws when absent
std::string text_or(std::filesystem::path const& file, toml::table const& t, char const* key, std::string fallback);
double number_of(std::filesystem::path const& file, toml::table const& t, char const* key);
double time_of(std::filesystem::path const& file, toml::table const& t, char const* key);  // as parse_clock_s
toml::array const& array_of(std::filesystem::path const& file, toml::table const& t, char const* key);

}  // namespace gemeo
