// Which settings of two runs differ, from the configurations that their files hold (TOML, one key a line). Titles and
// descriptions are left out. Thread rule: plain functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

struct setting_difference {
  std::string key;  // as --set takes it: "routes.share", "close.Marginal.begin"; a whole intervention: "close.1"
  std::string base, other;  // the values as TOML; of an intervention "yes" or "no"; empty: that file has no such key
};

// In the order of the other's file, then what only the base has.
std::vector<setting_difference> settings_that_differ(std::string_view base, std::string_view other);

}  // namespace gemeo
