#include "sim/scenario/key_text.h"

#include <cmath>

namespace gemeo {

namespace {

std::string in_quotes(std::string_view s) {
  std::string out = "\"";
  for (char const c : s) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

template <typename List, typename Print>
std::string bracketed(List const& list, Print&& print) {
  std::string out;
  for (auto const& e : list) out += (out.empty() ? "" : ", ") + print(e);
  return "[" + out + "]";
}

}  // namespace

std::string toml_text(double v) { return fmt::format("{}", v); }
std::string toml_text(std::int64_t v) { return fmt::format("{}", v); }
std::string toml_text(bool v) { return v ? "true" : "false"; }
std::string toml_text(std::string const& v) { return in_quotes(v); }
std::string toml_text(clock_time v) {
  if (v.s != std::floor(v.s)) return fmt::format("{}", v.s);
  auto const s = static_cast<std::int64_t>(v.s);
  std::string text = fmt::format("{:02}:{:02}", s / 3600, s / 60 % 60);
  if (s % 60 != 0) text += fmt::format(":{:02}", s % 60);
  return in_quotes(text);
}
std::string toml_text(class_set v) {
  if ((v.mask & kAllClasses) == kAllClasses) return "[\"all\"]";
  std::vector<std::string> names;
  for (unsigned i = 0; i < static_cast<unsigned>(vclass::kCount); ++i) {
    if (permits(v.mask, static_cast<vclass>(i))) names.emplace_back(name_of(static_cast<vclass>(i)));
  }
  return bracketed(names, in_quotes);
}
std::string toml_text(purpose_set v) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < static_cast<unsigned>(purpose::kCount); ++i) {
    if ((v.mask >> i & 1U) != 0) names.emplace_back(name_of(static_cast<purpose>(i)));
  }
  return bracketed(names, in_quotes);
}
std::string toml_text(area const& v) {
  auto const point = [](lon_lat p) { return fmt::format("[{}, {}]", p.lon_deg, p.lat_deg); };
  auto const of_ring = [&](ring const& r) { return bracketed(r, point); };
  auto const of_polygon = [&](area_polygon const& p) { return bracketed(p, of_ring); };
  if (v.polygons.size() != 1) return bracketed(v.polygons, of_polygon);
  return v.polygons[0].size() == 1 ? of_ring(v.polygons[0][0]) : of_polygon(v.polygons[0]);
}
std::string toml_text(phase_config const& p) {
  return fmt::format("{{state = {}, duration_s = {}, min_s = {}, max_s = {}}}", in_quotes(p.state), p.duration_s,
                     p.min_s, p.max_s);
}

void key_documenter::row(key_info const& k, std::string const& fallback) {
  std::string choices;
  for (char const* c = k.choices; *c != '\0'; ++c)
    choices += *c == '|' ? std::string(choices.empty() ? "" : ", ") : std::string(1, *c);
  std::string const unit = *k.unit != '\0' ? std::string(k.unit) : choices.empty() ? "" : "one of";
  out += fmt::format("| `{}` | {} | {} | {}{} |\n", k.name, unit,
                     k.required                                   ? "required"
                     : fallback == "`[]`" || fallback == "`\"\"`" ? ""
                                                                  : fallback,
                     k.help, choices.empty() ? "" : ": " + choices);
}

}  // namespace gemeo
