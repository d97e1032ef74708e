// nlohmann::json's parser and printer, compiled once: they take seconds to compile in every file that uses them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gemeo {

enum class bad_utf8 : std::uint8_t { kReplaced, kThrows };  // by U+FFFD; nlohmann::json::type_error

// Throw nlohmann::json::parse_error, which names the place in the text.
nlohmann::json parse_json(std::string_view text);
nlohmann::ordered_json parse_ordered_json(std::string_view text);
// On one line, without spaces.
std::string print_json(nlohmann::json const& j, bad_utf8 b = bad_utf8::kReplaced);
std::string print_json(nlohmann::ordered_json const& j, bad_utf8 b = bad_utf8::kReplaced);
std::string quote_json(std::string_view text, bad_utf8 b = bad_utf8::kReplaced);

}  // namespace gemeo
