#include "calibration/counts/mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "calibration/counts/time_text.h"
#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/demand/time_zone.h"
#include "sim/demand/toml_input.h"

namespace gemeo {
namespace {

namespace fs = std::filesystem;

// One table of the mapping: every key that is asked for is known, all others are errors.
class mapping_table {
 public:
  mapping_table(fs::path const& file, toml::table const* t, std::string name)
      : file_(file), table_(t), name_(std::move(name)) {}

  [[nodiscard]] std::string text(char const* key, std::string fallback = {}) {
    known_.emplace_back(key);
    return table_ == nullptr ? fallback : text_or(file_, *table_, key, std::move(fallback));
  }
  [[nodiscard]] double number(char const* key, double fallback) {
    known_.emplace_back(key);
    return table_ == nullptr || !table_->contains(key) ? fallback : number_of(file_, *table_, key);
  }
  [[nodiscard]] bool flag(char const* key, bool fallback) {
    known_.emplace_back(key);
    toml::node const* const n = table_ == nullptr ? nullptr : table_->get(key);
    if (n == nullptr) return fallback;
    auto const v = n->value_exact<bool>();
    if (!v) throw_input(where_in(file_, *n), fmt::format("{} is neither true nor false", key));
    return *v;
  }
  [[nodiscard]] toml::node const* node(char const* key) {
    known_.emplace_back(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  [[nodiscard]] mapping_table sub(char const* key) {
    toml::node const* const n = node(key);
    if (n != nullptr && n->as_table() == nullptr)
      throw_input(where_in(file_, *n), fmt::format("{} is no table", key), fmt::format("write [{}]", key));
    return {file_, n == nullptr ? nullptr : n->as_table(), name_.empty() ? key : name_ + "." + key};
  }
  void pattern(char const* key, std::string& into) {
    into = text(key);
    if (std::string const p = problem_of_pattern(into); !p.empty()) fail(key, p);
  }
  // The factor of a unit among those known.
  void unit(char const* key, std::vector<std::pair<char const*, double>> const& known, double& factor) {
    std::string const word = text(key);
    if (word.empty()) return;
    std::vector<std::string> names;
    for (auto const& [n, f] : known) {
      if (word == n) {
        factor = f;
        return;
      }
      names.emplace_back(n);
    }
    fail(key, fmt::format("'{}' is no unit known here", word), fmt::format("one of {}", fmt::join(names, ", ")));
  }
  [[noreturn]] void fail(char const* key, std::string what, std::string hint = {}) const {
    toml::node const* const n = table_ == nullptr ? nullptr : table_->get(key);
    throw_input(n != nullptr ? where_in(file_, *n) : file_.string(),
                fmt::format("{}{}: {}", name_.empty() ? "" : name_ + ".", key, what), std::move(hint));
  }
  void done() const {
    if (table_ != nullptr) only_keys(file_, *table_, known_);
  }
  [[nodiscard]] toml::table const* get() const { return table_; }

 private:
  fs::path const& file_;
  toml::table const* table_;
  std::string name_;
  std::vector<std::string> known_;
};

column_text made_of(mapping_table& t, char const* key) {
  std::string const s = t.text(key);
  column_text out;
  if (s.find('{') == std::string::npos) {
    if (!s.empty()) out.parts.push_back({true, s});
    return out;
  }
  for (std::size_t at = 0; at < s.size();) {
    std::size_t const open = std::min(s.find('{', at), s.size());
    if (open > at) out.parts.push_back({false, s.substr(at, open - at)});
    if (open == s.size()) break;
    std::size_t const close = s.find('}', open);
    if (close == std::string::npos || close == open + 1) t.fail(key, "a '{' without a column's name and '}'");
    out.parts.push_back({true, s.substr(open + 1, close - open - 1)});
    at = close + 1;
  }
  return out;
}

char one_letter(mapping_table& t, char const* key, char fallback) {
  std::string const s = t.text(key, std::string(fallback == 0 ? 0U : 1U, fallback));
  if (s.empty()) return 0;
  if (s == "\\t" || s == "tab") return '\t';
  if (s.size() != 1 || s == "\"" || s == "\n" || s == "\r") t.fail(key, "is not one letter", R"(such as ";" or "tab")");
  return s[0];
}

void read_columns(mapping_table t, csv_mapping& m) {
  m.site = made_of(t, "site");
  m.index = made_of(t, "index");
  m.lane = made_of(t, "lane");
  m.direction = made_of(t, "direction");
  m.vclass = made_of(t, "vclass");
  m.version = made_of(t, "version");
  std::pair<char const*, std::string*> const texts[] = {{"begin", &m.begin},         {"end", &m.end},
                                                        {"date", &m.date},           {"time", &m.time},
                                                        {"period", &m.period},       {"count", &m.count},
                                                        {"flow", &m.flow},           {"speed", &m.speed},
                                                        {"occupancy", &m.occupancy}, {"n_inputs", &m.n_inputs},
                                                        {"received", &m.received},   {"imputed", &m.imputed},
                                                        {"name", &m.name},           {"road_name", &m.road_name},
                                                        {"edge", &m.edge},           {"longitude", &m.longitude},
                                                        {"latitude", &m.latitude},   {"lat_lon", &m.lat_lon},
                                                        {"heading", &m.heading},     {"position", &m.position},
                                                        {"lanes", &m.lanes}};
  for (auto const& [key, into] : texts) *into = t.text(key);
  t.done();
}

void read_units(mapping_table t, csv_mapping& m) {
  double count = 0;
  t.unit("count", {{"veh", 1}, {"vehicles", 1}}, count);
  t.unit("flow", {{"veh/h", 1}, {"veh/min", 60}, {"veh/s", 3600}}, m.flow_factor);
  t.unit("speed", {{"km/h", 1}, {"m/s", 3.6}, {"mph", 1.609344}}, m.speed_factor);
  t.unit("occupancy", {{"%", 0.01}, {"fraction", 1}, {"permille", 0.001}}, m.occupancy_factor);
  t.unit("period", {{"s", 1}, {"min", 60}, {"h", 3600}}, m.period_factor);
  std::string const heading = t.text("heading", "clockwise");
  if (heading != "clockwise" && heading != "counter-clockwise")
    t.fail("heading", fmt::format("'{}' is not known", heading), "clockwise or counter-clockwise, degrees from north");
  m.heading_counter_clockwise = heading == "counter-clockwise";
  t.done();
}

void read_values(mapping_table const& t, fs::path const& file, csv_mapping& m) {
  if (t.get() == nullptr) return;
  for (auto const& [column, node] : *t.get()) {
    toml::table const* const values = node.as_table();
    if (values == nullptr) throw_input(where_in(file, node), "values are given by column", "[values.DIRECTION]");
    for (auto const& [from, to] : *values) {
      auto const s = to.value_exact<std::string>();
      if (!s) throw_input(where_in(file, to), "what a value means is a text, in quotes");
      m.values[std::string(column.str())][std::string(from.str())] = *s;
    }
  }
}

void check_mapping(mapping_table& t, csv_mapping const& m) {
  fs::path const& file = m.file;
  auto const fail = [&](char const* what, char const* hint) { throw_input(file.string(), what, hint); };
  bool const wide_sites = m.wide_pattern.find("{site}") != std::string::npos;
  bool const wide_times = m.wide_pattern.find("%H") != std::string::npos;
  bool const name_has_date = m.file_name_pattern.find("%d") != std::string::npos;
  bool const name_has_time = m.file_name_pattern.find("%H") != std::string::npos;
  if (m.source.empty()) fail("says no source", R"(source = "the city's loops": the same for all files of one feed)");
  if (m.site.empty() && m.fixed_site.empty() && !wide_sites)
    fail("says no site", R"([columns] site = "COLUMN", or "{COLUMN}_{OTHER}")");
  if (m.wide_pattern.empty() && m.count.empty() && m.flow.empty() && m.speed.empty() && m.occupancy.empty())
    fail("says of no column that it holds values", R"([columns] count, flow, speed or occupancy, or [wide] header)");
  bool const has_date = !m.date.empty() || !m.begin.empty() || !m.end.empty() || !m.fixed_date.empty() || name_has_date;
  bool const has_time =
      !m.time.empty() || !m.begin.empty() || !m.end.empty() || !m.fixed_time.empty() || name_has_time || wide_times;
  if (!has_date)
    fail("says nowhere of which day the values are", "[columns] begin or date, [fixed] date, or [file_name]");
  if (!has_time)
    fail("says nowhere of which time the values are", "[columns] begin or time, [fixed] time, or [file_name]");
  if (m.period_s <= 0 && m.period.empty() && m.end.empty() && !wide_times && !name_has_time)
    fail("says nowhere how long the periods are", "period_s = 900, or [columns] period or end");
  if (m.delimiter == m.decimal && m.decimal != 0) t.fail("decimal", "is the delimiter, too");
}

}  // namespace

csv_mapping parse_mapping(std::string_view text, fs::path const& name) {
  check_toml_nesting(text, name);
  toml::table root;
  try {
    root = toml::parse(text, name.string());
  } catch (toml::parse_error const& e) {
    throw_input(fmt::format("{}:{}", name.string(), e.source().begin.line), std::string(e.description()),
                "a mapping is TOML (toml.io): calibration/counts/FORMAT.md");
  } catch (toml_surprise const&) {
    throw_input(name.string(), "is no TOML", "a mapping is TOML (toml.io): calibration/counts/FORMAT.md");
  }
  csv_mapping m;
  m.file = name;
  mapping_table t(name, &root, "");
  if (std::string const f = t.text("format", "csv"); f != "csv")
    t.fail("format", fmt::format("'{}' needs no mapping", f),
           "mappings are for format = \"csv\"; others say all themselves");
  m.source = t.text("source");
  m.time_zone = t.text("time_zone", "UTC");
  if (m.time_zone != "UTC") check_time_zone(m.time_zone, name.string() + ": time_zone");
  m.delimiter = one_letter(t, "delimiter", ',');
  if (m.delimiter == 0) t.fail("delimiter", "is empty");
  m.decimal = one_letter(t, "decimal", '.');
  if (m.decimal != '.' && m.decimal != ',') t.fail("decimal", "is neither a point nor a comma");
  m.thousands = one_letter(t, "thousands", 0);
  m.period_s = t.number("period_s", 0);
  if (m.period_s < 0 || m.period_s > 86400) t.fail("period_s", "is not between 0 and a day");
  m.mean_of_days = t.flag("mean_of_days", false);
  if (toml::node const* const missing = t.node("missing")) {
    m.missing.clear();
    if (missing->as_array() == nullptr) t.fail("missing", "is no list of texts", R"(missing = ["", "-1"])");
    for (toml::node const& n : *missing->as_array()) {
      auto const s = n.value_exact<std::string>();
      if (!s) throw_input(where_in(name, n), "missing holds something else than texts", R"(missing = ["", "-1"])");
      m.missing.push_back(*s);
    }
  }
  read_columns(t.sub("columns"), m);
  mapping_table fixed = t.sub("fixed");
  m.fixed_date = fixed.text("date");
  m.fixed_time = fixed.text("time");
  m.fixed_site = fixed.text("site");
  m.fixed_direction = fixed.text("direction");
  m.fixed_vclass = fixed.text("vclass");
  if (auto const d = scan_iso(m.fixed_date); !m.fixed_date.empty() && (!d || !d->date || d->time_s))
    fixed.fail("date", "is no date", "2024-11-04");
  if (auto const d = scan_iso(m.fixed_time); !m.fixed_time.empty() && (!d || d->date || !d->time_s))
    fixed.fail("time", "is no time of day", "07:00");
  fixed.done();
  mapping_table patterns = t.sub("patterns");
  patterns.pattern("datetime", m.datetime_pattern);
  patterns.pattern("date", m.date_pattern);
  patterns.pattern("time", m.time_pattern);
  patterns.done();
  mapping_table in_name = t.sub("file_name");
  in_name.pattern("pattern", m.file_name_pattern);
  in_name.done();
  mapping_table wide = t.sub("wide");
  wide.pattern("header", m.wide_pattern);
  m.wide_quantity = wide.text("holds", "count");
  if (m.wide_quantity != "count" && m.wide_quantity != "flow" && m.wide_quantity != "speed" &&
      m.wide_quantity != "occupancy")
    wide.fail("holds", fmt::format("'{}' is not known", m.wide_quantity), "count, flow, speed or occupancy");
  wide.done();
  read_units(t.sub("units"), m);
  mapping_table lanes = t.sub("lanes");
  double const first = lanes.number("first", 0);
  if (first != 0 && first != 1) lanes.fail("first", "is neither 0 nor 1");
  m.first_lane = static_cast<std::int32_t>(first);
  std::string const from = lanes.text("from", "right");
  if (from != "right" && from != "left") lanes.fail("from", "is neither right nor left");
  m.lanes_from_left = from == "left";
  lanes.done();
  mapping_table detectors = t.sub("detectors");
  detectors.pattern("id", m.detector_pattern);
  detectors.done();
  read_values(t.sub("values"), name, m);
  t.done();
  check_mapping(t, m);
  return m;
}

csv_mapping read_mapping(fs::path const& file) { return parse_mapping(read_text_file(file, 1U << 20U), file); }

}  // namespace gemeo
