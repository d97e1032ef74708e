// Times of day as people write them.
#pragma once

#include <optional>
#include <string_view>

namespace gemeo {

// "HH:MM", "HH:MM:SS" (minutes and seconds below 60; hours may pass 24) or plain seconds.
std::optional<double> parse_clock_s(std::string_view text);

}  // namespace gemeo
