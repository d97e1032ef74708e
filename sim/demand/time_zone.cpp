#include "sim/demand/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "sim/core/error.h"

namespace gemeo {

namespace {

namespace fs = std::filesystem;

fs::path database() {
  char const* const set = std::getenv("TZDIR");  // NOLINT: gemeo sets no variable while threads run
  return set != nullptr && *set != 0 ? set : "/usr/share/zoneinfo";
}

bool well_formed(std::string const& name) {
  auto const allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
           c == '-' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name.back() != '/' && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), allowed);
}

// Zones of a continent ("Europe/Lisbon", "America/Argentina/Ushuaia"): what people mean by a mistyped name.
std::vector<std::string> regional_zones(fs::path const& base) {
  std::vector<std::string> out;
  std::error_code ec;
  for (fs::recursive_directory_iterator i(base, ec), end; !ec && i != end; i.increment(ec)) {
    std::string const name = fs::relative(i->path(), base, ec).string();
    if (name.rfind("posix", 0) == 0 || name.rfind("right", 0) == 0) {
      i.disable_recursion_pending();
    } else if (i->is_regular_file(ec) && name.find('/') != std::string::npos) {
      out.push_back(name);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

void check_time_zone(std::string const& name, std::string const& where) {
  std::string const form = "a name of the IANA database is needed, e.g. Europe/Lisbon";
  if (!well_formed(name)) throw_input(where, fmt::format("'{}' is no time zone", name), form);
  fs::path const base = database();
  std::error_code ec;
  if (!fs::is_directory(base, ec) || fs::is_regular_file(base / name, ec)) return;
  std::string const near = did_you_mean(name, regional_zones(base));
  throw_input(where, fmt::format("no time zone is called '{}'", name), near.empty() ? form : near);
}

}  // namespace gemeo
