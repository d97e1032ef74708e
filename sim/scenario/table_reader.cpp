#include "sim/scenario/table_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/demand/clock.h"

namespace gemeo {

namespace {

using kind = doc_value::kind;

std::vector<std::string> split_choices(std::string_view s) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= s.size();) {
    std::size_t const end = std::min(s.find('|', at), s.size());
    out.emplace_back(s.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

[[noreturn]] void wrong(doc_value const& v, key_info const& k, char const* expected) {
  throw_input(v.where(), fmt::format("'{}' must be {}", k.name, expected),
              *k.unit != '\0' ? fmt::format("in {}; {}", k.unit, k.help) : std::string(k.help));
}

double number_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kNumber && v.what != kind::kWhole) wrong(v, k, "a number");
  if (!std::isfinite(v.number)) wrong(v, k, "a finite number");
  if (v.number < k.min || v.number > k.max) {
    throw_input(v.where(), fmt::format("'{}' is {}, allowed is {} to {}", k.name, v.number, k.min, k.max), k.help);
  }
  return v.number;
}

std::int64_t whole_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kWhole) wrong(v, k, "a whole number");
  number_in(v, k);
  return v.whole;
}

std::string text_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kText) wrong(v, k, "a text in quotes");
  return v.text;
}

clock_time time_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kText) return {number_in(v, k)};
  auto const t = parse_clock_s(v.text);
  if (!t)
    throw_input(v.where(), fmt::format("'{}' is not a time: '{}'", k.name, v.text),
                "\"HH:MM\", \"HH:MM:SS\" or seconds since midnight");
  if (*t < k.min || *t > k.max)
    throw_input(v.where(), fmt::format("'{}' is {}, allowed is 00:00 to 48:00", k.name, v.text));
  return {*t};
}

std::vector<doc_value> const& list_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kList) wrong(v, k, "a list in [ ]");
  return v.list;
}

lon_lat point_in(doc_value const& v, key_info const& k) {
  if (v.what != kind::kList || v.list.size() != 2) wrong(v, k, "made of points [lon, lat]");
  lon_lat const p{number_in(v.list[0], k), number_in(v.list[1], k)};
  if (std::abs(p.lon_deg) > 180 || std::abs(p.lat_deg) > 90) {
    throw_input(v.where(), fmt::format("'{}': [{}, {}] is not on the globe", k.name, p.lon_deg, p.lat_deg),
                "[lon, lat] in degrees");
  }
  return p;
}

ring ring_in(doc_value const& v, key_info const& k) {
  ring r;
  for (doc_value const& p : list_in(v, k)) r.push_back(point_in(p, k));
  if (r.size() < 3) throw_input(v.where(), fmt::format("'{}' needs three points or more", k.name));
  if (std::string const problem = ring_problem(r); !problem.empty())
    throw_input(v.where(), fmt::format("'{}' {}", k.name, problem), "name its corners in order, once round");
  return r;
}

// How many lists stand inside each other down to the first number.
int depth_of(doc_value const& v) { return v.what == kind::kList && !v.list.empty() ? 1 + depth_of(v.list[0]) : 0; }

area_polygon polygon_in(doc_value const& v, key_info const& k) {
  area_polygon p;
  for (doc_value const& r : list_in(v, k)) p.push_back(ring_in(r, k));
  return p;
}

area area_in(doc_value const& v, key_info const& k) {
  if (v.what == kind::kText) {
    std::filesystem::path const file = v.folder() / v.text;
    std::error_code ec;
    if (!std::filesystem::exists(file, ec))
      throw_input(v.where(), fmt::format("'{}': no file {}", k.name, file.string()));
    return read_geojson(file);
  }
  area a;
  switch (list_in(v, k).empty() ? 1 : depth_of(v)) {
    case 1:
      break;
    case 2:
      a.polygons.push_back({ring_in(v, k)});
      return a;
    case 3:
      a.polygons.push_back(polygon_in(v, k));
      return a;
    case 4:
      for (doc_value const& p : v.list) a.polygons.push_back(polygon_in(p, k));
      return a;
    default:
      break;
  }
  if (v.list.empty()) return a;
  wrong(v, k, "a list of points [[lon, lat], ...] or the name of a GeoJSON file");
}

std::vector<std::string> words_in(doc_value const& v, key_info const& k) {
  std::vector<std::string> out;
  if (v.what == kind::kText) return {v.text};  // roads = "A5" is clear enough
  for (doc_value const& e : list_in(v, k)) out.push_back(text_in(e, k));
  return out;
}

}  // namespace

table_reader::table_reader(doc_value const& table, std::string title) : table_(table), title_(std::move(title)) {
  if (table.what != kind::kTable) throw_input(table.where(), fmt::format("{} must be a table of keys", title_));
}

doc_value const* table_reader::find(key_info const& k) const {
  doc_value const* const v = table_.find(k.name);
  if (v == nullptr && k.required) throw_input(table_.where(), fmt::format("{} lacks '{}'", title_, k.name), k.help);
  return v;
}

void table_reader::finish() const {
  for (auto const& [key, v] : table_.table) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      throw_input(v.where(), fmt::format("unknown key '{}' in {}", key, title_), did_you_mean(key, known_));
    }
  }
}

void table_reader::read(doc_value const& v, key_info const& k, std::string& into) {
  into = text_in(v, k);
  if (*k.choices == '\0') return;
  auto const choices = split_choices(k.choices);
  if (std::find(choices.begin(), choices.end(), into) != choices.end()) return;
  std::string list;
  for (std::string const& c : choices) {
    if (!c.empty()) list += (list.empty() ? "" : ", ") + c;
  }
  throw_input(v.where(), fmt::format("'{}' is '{}', but must be one of {}", k.name, into, list),
              did_you_mean(into, choices));
}

void table_reader::read(doc_value const& v, key_info const& k, std::vector<std::string>& into) {
  into = words_in(v, k);
}

void table_reader::read(doc_value const& v, key_info const& k, double& into) { into = number_in(v, k); }

void table_reader::read(doc_value const& v, key_info const& k, std::int64_t& into) { into = whole_in(v, k); }

void table_reader::read(doc_value const& v, key_info const& k, clock_time& into) { into = time_in(v, k); }

void table_reader::read(doc_value const& v, key_info const& k, area& into) { into = area_in(v, k); }

void table_reader::read(doc_value const& v, key_info const& k, bool& into) {
  if (v.what != kind::kFlag) wrong(v, k, "true or false");
  into = v.flag;
}

void table_reader::read(doc_value const& v, key_info const& k, std::vector<std::int64_t>& into) {
  into.clear();
  if (v.what == kind::kWhole) into.push_back(whole_in(v, k));
  if (v.what == kind::kWhole) return;
  for (doc_value const& e : list_in(v, k)) into.push_back(whole_in(e, k));
}

void table_reader::read(doc_value const& v, key_info const& k, std::vector<double>& into) {
  into.clear();
  for (doc_value const& e : list_in(v, k)) into.push_back(number_in(e, k));
}

void table_reader::read(doc_value const& v, key_info const& k, class_set& into) {
  into.mask = 0;
  for (std::string const& word : words_in(v, k)) {
    std::string unknown;
    auto const m = parse_vclasses(word, &unknown);
    std::vector<std::string_view> names = {"all"};
    for (int i = 0; i < static_cast<int>(vclass::kCount); ++i) names.push_back(name_of(static_cast<vclass>(i)));
    if (!m)
      throw_input(v.where(), fmt::format("'{}': unknown vehicle class '{}'", k.name, unknown),
                  did_you_mean(unknown, names));
    into.mask |= *m;
  }
}

void table_reader::read(doc_value const& v, key_info const& k, purpose_set& into) {
  into.mask = 0;
  for (std::string const& word : words_in(v, k)) {
    auto const p = parse_purpose(word);
    std::vector<std::string_view> names;
    for (int i = 0; i < static_cast<int>(purpose::kCount); ++i) names.push_back(name_of(static_cast<purpose>(i)));
    if (!p) throw_input(v.where(), fmt::format("'{}': unknown purpose '{}'", k.name, word), did_you_mean(word, names));
    if (*p == purpose::kBus) throw_input(v.where(), "buses are no trips of the demand", "use [[bus_frequency]]");
    into.mask |= 1U << static_cast<unsigned>(*p);
  }
}

void table_reader::read(doc_value const& v, key_info const& k, std::vector<phase_config>& into) {
  into.clear();
  for (doc_value const& e : list_in(v, k)) {
    table_reader phase(e, "a phase");
    phase_config p;
    phase({"state", "", "one letter of GgrRyYsuoO per link", -1e12, 1e12, true}, p.state);
    phase({"duration_s", "s", "its length", 0.1, 3600, true}, p.duration_s);
    phase({"min_s", "s", "actuated: shortest", 0, 3600}, p.min_s);
    phase({"max_s", "s", "actuated: longest", 0, 3600}, p.max_s);
    phase.finish();
    if (p.state.empty() || p.state.find_first_not_of("GgrRyYsuoO") != std::string::npos) {
      throw_input(e.where(), fmt::format("state '{}' is no row of signal states", p.state),
                  "one letter of GgrRyYsuoO per link");
    }
    if (p.max_s > 0 && p.max_s < p.min_s) throw_input(e.where(), "'max_s' is below 'min_s'");
    into.push_back(std::move(p));
  }
}

}  // namespace gemeo
