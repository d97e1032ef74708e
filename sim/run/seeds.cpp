#include <fmt/core.h>

#include <charconv>
#include <optional>
#include <set>

#include "sim/core/error.h"
#include "sim/run/ensemble.h"

namespace gemeo {

namespace {

constexpr std::uint64_t kMostSeeds = 100000;
constexpr char const* kSeedHint = "a seed is a whole number from 0 to 18446744073709551615";
constexpr char const* kHint = "write a count (--seeds 20), a list (--seeds 3,7,9) or ranges (--seeds 5-8,12)";

std::optional<std::uint64_t> whole_number(std::string_view s) {
  std::uint64_t v = 0;
  auto const [end, failure] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (failure != std::errc() || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return v;
}

std::uint64_t number(std::string_view s, std::string const& whole) {
  auto const v = whole_number(s);
  if (!v) throw_usage(fmt::format("--seeds {}: '{}' is not a seed", whole, s), kHint);
  return *v;
}

void add_range(std::string_view item, std::string const& whole, std::vector<std::uint64_t>& seeds) {
  std::size_t const dash = item.find('-');
  std::uint64_t const first = number(item.substr(0, dash), whole);
  std::uint64_t const last = dash == std::string_view::npos ? first : number(item.substr(dash + 1), whole);
  if (last < first) throw_usage(fmt::format("--seeds {}: the range {} runs backwards", whole, item), kHint);
  if (last - first >= kMostSeeds || seeds.size() + (last - first) >= kMostSeeds) {
    throw_usage(fmt::format("--seeds {}: more than {} seeds", whole, kMostSeeds), kHint);
  }
  for (std::uint64_t s = first; s <= last; ++s) seeds.push_back(s);
}

}  // namespace

std::uint64_t parse_seed(std::string const& text) {
  auto const v = whole_number(text);
  if (!v) throw_usage(fmt::format("--seed {}: not a seed", text), kSeedHint);
  return *v;
}

std::vector<std::uint64_t> parse_seeds(std::string const& text) {
  std::vector<std::uint64_t> seeds;
  if (text.find_first_of(",-") == std::string::npos) {
    std::uint64_t const count = number(text, text);
    if (count == 0 || count > kMostSeeds) throw_usage(fmt::format("--seeds {}: not a number of runs", text), kHint);
    for (std::uint64_t s = 1; s <= count; ++s) seeds.push_back(s);
    return seeds;
  }
  for (std::string_view rest = text;;) {
    std::size_t const comma = rest.find(',');
    std::string_view const item = rest.substr(0, comma);
    bool const ends = comma == std::string_view::npos;
    if (item.empty() && !(ends && !seeds.empty()))
      throw_usage(fmt::format("--seeds {}: a seed is missing", text), kHint);
    if (!item.empty()) add_range(item, text, seeds);
    if (ends) break;
    rest.remove_prefix(comma + 1);
  }
  std::set<std::uint64_t> seen;
  for (std::uint64_t const s : seeds) {
    if (!seen.insert(s).second) throw_usage(fmt::format("--seeds {}: seed {} twice", text, s), "name each seed once");
  }
  if (seeds.empty()) throw_usage("--seeds " + text + ": no seed", kHint);
  return seeds;
}

std::filesystem::path result_path(std::filesystem::path const& folder, std::string const& scenario,
                                  std::uint64_t seed) {
  return folder / scenario / fmt::format("seed_{:04}.h5", seed);
}

}  // namespace gemeo
