#include "sim/demand/factor_members.h"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/error.h"

namespace gemeo {

namespace fs = std::filesystem;

std::vector<fs::path> factor_members(fs::path const& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  fs::directory_iterator entries(folder, ec);
  if (ec) throw_input(folder.string(), "this folder of members cannot be read: " + ec.message());
  for (fs::directory_entry const& e : entries) {
    if (e.is_regular_file(ec) && e.path().extension() == ".csv") out.push_back(e.path());
  }
  if (out.size() < 2)
    throw_input(folder.string(),
                fmt::format("holds {} files of factors (.csv); an ensemble has two at least", out.size()),
                "gemeo calibrate writes them where its job says fit.refits = 30");
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t member_of_seed(std::uint64_t seed, std::size_t members) {
  verify(members > 0, "an ensemble has members");
  return seed == 0 ? members - 1 : static_cast<std::size_t>((seed - 1) % members);
}

}  // namespace gemeo
