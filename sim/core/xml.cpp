#include "sim/core/xml.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/xml_parser.h"

namespace gemeo {

using xml::check;
using xml::make_parser;
using xml::parser_ptr;
using xml::parser_state;

namespace {

constexpr int kMaxDepth = 64;

std::string_view trim(std::string_view s) {
  std::size_t const a = s.find_first_not_of(" \t\r\n");
  if (a == std::string_view::npos) return {};
  return s.substr(a, s.find_last_not_of(" \t\r\n") - a + 1);
}

template <typename F>
void guarded(parser_state& s, F&& f) {
  if (s.failure) return;
  try {
    f();
  } catch (...) {
    s.failure = std::current_exception();
    XML_StopParser(s.parser, XML_FALSE);
  }
}

void on_start(void* user, XML_Char const* name, XML_Char const** attributes) {
  auto& s = *static_cast<parser_state*>(user);
  guarded(s, [&] {
    std::uint64_t const line = XML_GetCurrentLineNumber(s.parser);
    xml_attributes const a(attributes, &s.file, name, line);
    if (++s.depth > kMaxDepth) a.fail("elements are nested too deeply", "this is no SUMO file");
    s.handler->start(name, a);
  });
}

void on_end(void* user, XML_Char const* name) {
  auto& s = *static_cast<parser_state*>(user);
  guarded(s, [&] {
    --s.depth;
    s.handler->end(name);
  });
}

void on_text(void* user, XML_Char const* text, int size) {
  auto& s = *static_cast<parser_state*>(user);
  guarded(s, [&] { s.handler->characters(std::string_view(text, static_cast<std::size_t>(size))); });
}

void on_entity(void* user, XML_Char const* name, int, XML_Char const*, int, XML_Char const*, XML_Char const*,
               XML_Char const*, XML_Char const*) {
  auto& s = *static_cast<parser_state*>(user);
  guarded(s, [&] {
    throw_input(fmt::format("{}:{}", s.file.string(), XML_GetCurrentLineNumber(s.parser)),
                fmt::format("declares the entity '{}'", name), "gemeo reads XML without entity declarations");
  });
}

}  // namespace

namespace xml {

parser_ptr make_parser(parser_state& s) {
  parser_ptr p(XML_ParserCreate(nullptr), XML_ParserFree);
  verify(p != nullptr, "expat starts");
  s.parser = p.get();
  XML_SetUserData(p.get(), &s);
  XML_SetElementHandler(p.get(), on_start, on_end);
  if (s.handler->wants_text()) XML_SetCharacterDataHandler(p.get(), on_text);
  XML_SetEntityDeclHandler(p.get(), on_entity);
  return p;
}

void check(parser_state& s, XML_Status status) {
  if (s.failure) std::rethrow_exception(s.failure);
  if (status == XML_STATUS_OK) return;
  auto const code = XML_GetErrorCode(s.parser);
  bool const cut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN;
  throw_input(fmt::format("{}:{}", s.file.string(), XML_GetCurrentLineNumber(s.parser)),
              fmt::format("malformed XML: {}", XML_ErrorString(code)),
              cut ? "the file ends too early; make or fetch it again" : "correct the file at that line");
}

}  // namespace xml

xml_attributes::xml_attributes(char const** pairs, std::filesystem::path const* file, std::string_view element,
                               std::uint64_t line)
    : pairs_(pairs), file_(file), element_(element), line_(line) {}

std::optional<std::string_view> xml_attributes::find(char const* name) const {
  for (char const** p = pairs_; *p != nullptr; p += 2) {
    if (std::strcmp(*p, name) == 0) return std::string_view(p[1]);
  }
  return std::nullopt;
}

std::string xml_attributes::where() const {
  auto const id = find("id");
  return id ? fmt::format("{}:{}: <{} id=\"{}\">", file_->string(), line_, element_, *id)
            : fmt::format("{}:{}: <{}>", file_->string(), line_, element_);
}

void xml_attributes::fail(std::string what, std::string hint) const {
  throw_input(where(), std::move(what), std::move(hint));
}

std::string_view xml_attributes::text(char const* name) const {
  if (auto const v = find(name)) return *v;
  fail(fmt::format("attribute '{}' is missing", name));
}

std::string_view xml_attributes::text_or(char const* name, std::string_view fallback) const {
  return find(name).value_or(fallback);
}

double xml_attributes::number(char const* name) const {
  auto const v = parse_number(text(name));
  if (!v) fail(fmt::format("attribute '{}' is not a number: '{}'", name, text(name)));
  return *v;
}

double xml_attributes::number_or(char const* name, double fallback) const {
  return find(name) ? number(name) : fallback;
}

std::int64_t xml_attributes::integer(char const* name) const {
  auto const v = parse_integer(text(name));
  if (!v) fail(fmt::format("attribute '{}' is not a whole number: '{}'", name, text(name)));
  return *v;
}

std::int64_t xml_attributes::integer_or(char const* name, std::int64_t fallback) const {
  return find(name) ? integer(name) : fallback;
}

bool xml_attributes::flag_or(char const* name, bool fallback) const {
  auto const v = find(name);
  if (!v) return fallback;
  if (*v == "1" || *v == "true" || *v == "yes" || *v == "on" || *v == "x") return true;
  if (*v == "0" || *v == "false" || *v == "no" || *v == "off" || *v == "-") return false;
  fail(fmt::format("attribute '{}' is neither true nor false: '{}'", name, *v));
}

double xml_attributes::time_or(char const* name, double fallback) const {
  auto const v = find(name);
  if (!v) return fallback;
  auto const t = parse_time_s(*v);
  if (!t) fail(fmt::format("attribute '{}' is not a time: '{}'", name, *v), "seconds or H:M:S");
  return *t;
}

void parse_xml(std::string_view text, std::filesystem::path const& name, xml_handler& handler) {
  parser_state s;
  s.file = name;
  s.handler = &handler;
  parser_ptr const p = make_parser(s);
  constexpr std::size_t kPiece = std::size_t{1} << 24U;
  do {
    std::string_view const piece = text.substr(0, kPiece);
    text.remove_prefix(piece.size());
    check(s, XML_Parse(p.get(), piece.data(), static_cast<int>(piece.size()), text.empty() ? 1 : 0));
  } while (!text.empty());
}

struct xml_push_parser::state {
  parser_state inner;
  parser_ptr parser{nullptr, XML_ParserFree};
};

xml_push_parser::xml_push_parser(std::filesystem::path name, xml_handler& handler) : state_(std::make_unique<state>()) {
  state_->inner.file = std::move(name);
  state_->inner.handler = &handler;
  state_->parser = make_parser(state_->inner);
}

xml_push_parser::~xml_push_parser() = default;

void xml_push_parser::push(std::string_view piece) {
  constexpr std::size_t kPiece = std::size_t{1} << 24U;
  while (!piece.empty()) {
    std::string_view const now = piece.substr(0, kPiece);
    piece.remove_prefix(now.size());
    check(state_->inner, XML_Parse(state_->parser.get(), now.data(), static_cast<int>(now.size()), 0));
  }
}

void xml_push_parser::finish() { check(state_->inner, XML_Parse(state_->parser.get(), "", 0, 1)); }

std::optional<double> parse_number(std::string_view s) {
  s = trim(s);
  if (!s.empty() && s.front() == '+') s.remove_prefix(1);
  double v = 0;
  auto const [end, ec] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (ec != std::errc() || end != s.data() + s.size() || !std::isfinite(v)) return std::nullopt;
  return v;
}

std::optional<std::int64_t> parse_integer(std::string_view s) {
  s = trim(s);
  std::int64_t v = 0;
  auto const [end, ec] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (ec != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return v;
}

std::optional<double> parse_time_s(std::string_view s) {
  s = trim(s);
  if (s.find(':') == std::string_view::npos) return parse_number(s);
  std::vector<double> parts;
  bool const negative = !s.empty() && s.front() == '-';
  if (negative) s.remove_prefix(1);
  while (true) {
    std::size_t const colon = s.find(':');
    auto const v = parse_number(s.substr(0, colon));
    if (!v || *v < 0) return std::nullopt;
    parts.push_back(*v);
    if (colon == std::string_view::npos) break;
    s.remove_prefix(colon + 1);
  }
  static constexpr std::array<double, 4> kUnit = {1, 60, 3600, 86400};
  if (parts.size() < 2 || parts.size() > 4) return std::nullopt;
  if (parts.size() == 2) parts.push_back(0);  // HH:MM, as people write timetables
  double t = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) t += parts[parts.size() - 1 - i] * kUnit[i];
  return negative ? -t : t;
}

std::string xml_escape(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (char const c : s) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace gemeo
