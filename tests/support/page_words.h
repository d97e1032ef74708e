// Whether a page that the project writes is whole in both its languages. Thread rule: plain functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gemeo::test {

// Words of the page's English half that stand in its Portuguese one, a line each (check_words.py); nothing when it is
// whole. names: of places and zones, which are the same in both.
std::string english_in_portuguese(std::filesystem::path const& page, std::vector<std::string> const& names = {});

}  // namespace gemeo::test
