#include "sim/core/json_text.h"

#include <nlohmann/json.hpp>

namespace gemeo {

namespace {

template <typename Json>
std::string print(Json const& j, bad_utf8 b) {
  using handler = nlohmann::detail::error_handler_t;
  return j.dump(-1, ' ', false, b == bad_utf8::kReplaced ? handler::replace : handler::strict);
}

}  // namespace

nlohmann::json parse_json(std::string_view text) { return nlohmann::json::parse(text); }
nlohmann::ordered_json parse_ordered_json(std::string_view text) { return nlohmann::ordered_json::parse(text); }
std::string print_json(nlohmann::json const& j, bad_utf8 b) { return print(j, b); }
std::string print_json(nlohmann::ordered_json const& j, bad_utf8 b) { return print(j, b); }
std::string quote_json(std::string_view text, bad_utf8 b) { return print(nlohmann::json(text), b); }

}  // namespace gemeo
