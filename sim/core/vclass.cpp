#include "sim/core/vclass.h"

#include <array>

namespace gemeo {

namespace {
constexpr std::array<std::string_view, static_cast<std::size_t>(vclass::kCount)> kNames = {
    "private",       "emergency", "authority", "army",     "vip",      "pedestrian", "passenger",
    "hov",           "taxi",      "bus",       "coach",    "delivery", "truck",      "trailer",
    "motorcycle",    "moped",     "bicycle",   "evehicle", "tram",     "rail_urban", "rail",
    "rail_electric", "rail_fast", "ship",      "custom1",  "custom2"};
}

std::string_view name_of(vclass c) {
  return c == vclass::kIgnoring ? std::string_view("ignoring") : kNames[static_cast<std::size_t>(c)];
}

std::optional<vclass> parse_vclass(std::string_view s) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == s) return static_cast<vclass>(i);
  }
  if (s == "ignoring") return vclass::kIgnoring;
  return std::nullopt;
}

std::optional<vclass_mask> parse_vclasses(std::string_view s, std::string* unknown) {
  vclass_mask m = 0;
  std::size_t pos = 0;
  while (pos < s.size()) {
    std::size_t const start = s.find_first_not_of(" \t\n", pos);
    if (start == std::string_view::npos) break;
    std::size_t const end = std::min(s.find_first_of(" \t\n", start), s.size());
    std::string_view const word = s.substr(start, end - start);
    pos = end;
    if (word == "all") {
      m = kAllClasses;
    } else if (auto const c = parse_vclass(word)) {
      m |= mask_of(*c);
    } else {
      if (unknown != nullptr) *unknown = std::string(word);
      return std::nullopt;
    }
  }
  return m;
}

std::string names_of(vclass_mask m) {
  if ((m & kAllClasses) == kAllClasses) return "all";
  std::string s;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if ((m >> i & 1U) != 0) s += (s.empty() ? "" : " ") + std::string(kNames[i]);
  }
  return s;
}

}  // namespace gemeo
