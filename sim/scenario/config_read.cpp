#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/demand/clock.h"
#include "sim/scenario/config_io.h"

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

// Reads the keys of one table into a struct: each key at most once, no key unknown, none missing.
class table_reader {
 public:
  table_reader(doc_value const& table, std::string title) : table_(table), title_(std::move(title)) {
    if (table.what != kind::kTable) throw_input(table.where(), fmt::format("{} must be a table of keys", title_));
  }

  template <typename T>
  void operator()(key_info const& k, T& into) {
    known_.emplace_back(k.name);
    doc_value const* const v = table_.find(k.name);
    if (v != nullptr) {
      read(*v, k, into);
    } else if (k.required) {
      throw_input(table_.where(), fmt::format("{} lacks '{}'", title_, k.name), k.help);
    }
  }
  void also(std::string key) { known_.push_back(std::move(key)); }
  void finish() const {
    for (auto const& [key, v] : table_.table) {
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        throw_input(v.where(), fmt::format("unknown key '{}' in {}", key, title_), did_you_mean(key, known_));
      }
    }
  }

 private:
  void read(doc_value const& v, key_info const& k, std::string& into) {
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
  void read(doc_value const& v, key_info const& k, std::vector<std::string>& into) { into = words_in(v, k); }
  void read(doc_value const& v, key_info const& k, double& into) { into = number_in(v, k); }
  void read(doc_value const& v, key_info const& k, std::int64_t& into) { into = whole_in(v, k); }
  void read(doc_value const& v, key_info const& k, clock_time& into) { into = time_in(v, k); }
  void read(doc_value const& v, key_info const& k, area& into) { into = area_in(v, k); }
  void read(doc_value const& v, key_info const& k, bool& into) {
    if (v.what != kind::kFlag) wrong(v, k, "true or false");
    into = v.flag;
  }
  template <typename T>
  void read(doc_value const& v, key_info const& k, std::optional<T>& into) {
    T value{};
    read(v, k, value);
    into = value;
  }
  void read(doc_value const& v, key_info const& k, std::vector<std::int64_t>& into) {
    into.clear();
    if (v.what == kind::kWhole) into.push_back(whole_in(v, k));
    if (v.what == kind::kWhole) return;
    for (doc_value const& e : list_in(v, k)) into.push_back(whole_in(e, k));
  }
  void read(doc_value const& v, key_info const& k, std::vector<double>& into) {
    into.clear();
    for (doc_value const& e : list_in(v, k)) into.push_back(number_in(e, k));
  }
  void read(doc_value const& v, key_info const& k, class_set& into) {
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
  void read(doc_value const& v, key_info const& k, purpose_set& into) {
    into.mask = 0;
    for (std::string const& word : words_in(v, k)) {
      auto const p = parse_purpose(word);
      std::vector<std::string_view> names;
      for (int i = 0; i < static_cast<int>(purpose::kCount); ++i) names.push_back(name_of(static_cast<purpose>(i)));
      if (!p)
        throw_input(v.where(), fmt::format("'{}': unknown purpose '{}'", k.name, word), did_you_mean(word, names));
      if (*p == purpose::kBus) throw_input(v.where(), "buses are no trips of the demand", "use [[bus_frequency]]");
      into.mask |= 1U << static_cast<unsigned>(*p);
    }
  }
  void read(doc_value const& v, key_info const& k, std::vector<phase_config>& into) {
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

  doc_value const& table_;
  std::string title_;
  std::vector<std::string> known_;
};

struct placed {  // an intervention and where it stands
  std::size_t file;
  std::uint32_t line;
  intervention_config what;
};

std::size_t rank(doc_value const& v, std::vector<std::filesystem::path> const& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (v.file && *v.file == files[i]) return files.size() - i;  // bases first
  }
  return files.size() + 1;
}

template <typename T>
void check_window(T const& c, scenario_config const& s) {
  if constexpr (requires { c.window; }) {
    double const begin = c.window.begin.value_or(s.time.begin).s, end = c.window.end.value_or(s.time.end).s;
    if (begin >= end) throw_input(c.label.where, fmt::format("[[{}]] ends before it begins", T::kKind));
  }
}

bool any_target(target_config const& t) {
  return !t.edges.empty() || !t.roads.empty() || !t.zones.empty() || !t.polygon.empty();
}

void one_of(label_config const& l, bool a, bool b, char const* names) {
  if (a == b) throw_input(l.where, fmt::format("give {} {}", a ? "only one of" : "one of", names));
}

template <typename T>
void check(T const& c) {
  if constexpr (requires { c.target; }) {
    if (!any_target(c.target))
      throw_input(c.label.where, fmt::format("[[{}]] names no edges", T::kKind), "give edges, roads, zones or polygon");
  }
  if constexpr (requires { c.lanes; }) {
    if (c.lanes.empty()) throw_input(c.label.where, fmt::format("[[{}]] names no lanes", T::kKind), "e.g. lanes = [0]");
  }
}

void check_one(speed_limit_config const& c) {
  one_of(c.label, c.speed_kmh.has_value(), c.factor.has_value(), "speed_kmh and factor");
}
void check_one(bus_frequency_config const& c) {
  one_of(c.label, c.headway_min.has_value(), c.factor.has_value(), "headway_min and factor");
}
void check_one(close_config const& c) {
  if ((c.classes.mask & ~c.except_classes.mask) == 0) throw_input(c.label.where, "[[close]] closes to no class");
}
void check_one(close_lane_config const& c) {
  if ((c.classes.mask & ~c.except_classes.mask) == 0) throw_input(c.label.where, "[[close_lane]] closes to no class");
}
void check_one(low_emission_zone_config const& c) {
  if (c.classes.mask == 0 && c.emission_classes.empty() && c.types.empty()) {
    throw_input(c.label.where, "[[low_emission_zone]] bans nothing", "give classes, emission_classes or types");
  }
  if ((c.inside == "replace") == c.replace_with.empty()) {
    throw_input(c.label.where, "'replace_with' and inside = \"replace\" go together");
  }
}
void check_one(road_price_config const& c) {
  if (c.charge == "cordon" && c.target.polygon.empty()) {
    throw_input(c.label.where, "charge = \"cordon\" needs a polygon", "the price is due where it is entered");
  }
  if (c.charge == "cordon" && !(c.target.edges.empty() && c.target.roads.empty() && c.target.zones.empty())) {
    throw_input(c.label.where,
                "charge = \"cordon\" is due where the polygon is entered: 'edges', 'roads' and 'zones' add nothing",
                "leave them out; except_edges, except_roads, direction and within leave some of its crossings out");
  }
}
void check_one(signal_program_config const& c) {
  if (c.signals.empty() && c.roads.empty() && c.polygon.empty()) {
    throw_input(c.label.where, "[[signal_program]] names no signals", "give signals, roads or polygon");
  }
  bool const shaped = c.cycle_s || !c.green_s.empty() || !c.splits.empty();
  if (!c.phases.empty() && shaped)
    throw_input(c.label.where, "'phases' says everything: leave out cycle_s, green_s and splits");
  if (!c.green_s.empty() && (c.cycle_s || !c.splits.empty()))
    throw_input(c.label.where, "'green_s' fixes the cycle: leave out cycle_s and splits");
  double sum = 0;
  for (double const s : c.splits) sum += s;
  if (!c.splits.empty() && std::abs(sum - 1) > 1e-6)
    throw_input(c.label.where, fmt::format("'splits' sum to {}, not to 1", sum));
  bool const bounds = c.min_green_s || c.max_green_s;
  if (bounds && c.mode != "actuated")
    throw_input(c.label.where, "min_green_s and max_green_s need mode = \"actuated\"");
  if (c.min_green_s && c.max_green_s && *c.min_green_s > *c.max_green_s)
    throw_input(c.label.where, "'max_green_s' is below 'min_green_s'");
  bool const timed = shaped || bounds || !c.phases.empty() || c.offset_s || c.mode == "actuated";
  if (!timed)
    throw_input(c.label.where, "[[signal_program]] changes nothing",
                "give cycle_s, splits, green_s, offset_s, phases or mode");
}
void check_one(demand_config const& c) {
  if (c.scale == 1 && c.mode_shift_share == 0 && c.departure_shift_min == 0) {
    throw_input(c.label.where, "[[demand]] changes nothing", "give scale, mode_shift_share or departure_shift_min");
  }
}
void check_one(event_config const& c) {
  if (c.arrive_end->s <= c.arrive_begin->s) throw_input(c.label.where, "'arrive_end' is not after 'arrive_begin'");
  if (c.leave_begin.has_value() != c.leave_end.has_value())
    throw_input(c.label.where, "'leave_begin' and 'leave_end' go together");
  if (c.leave_begin && c.leave_end->s <= c.leave_begin->s)
    throw_input(c.label.where, "'leave_end' is not after 'leave_begin'");
}
template <typename T>
void check_one(T const&) {}

template <typename T>
void read_kind(doc_value const& root, std::vector<std::filesystem::path> const& files, std::vector<placed>& out) {
  doc_value const* const list = root.find(T::kKind);
  if (list == nullptr) return;
  if (list->what == kind::kTable) {
    throw_input(list->where(), fmt::format("[{}] must be a list of tables", T::kKind),
                fmt::format("write [[{}]]", T::kKind));
  }
  if (list->what != kind::kList)
    throw_input(list->where(), fmt::format("'{}' must be a list of tables", T::kKind),
                fmt::format("write [[{}]]", T::kKind));
  std::vector<std::string> names;
  for (doc_value const& item : list->list) {
    T c;
    table_reader r(item, fmt::format("[[{}]]", T::kKind));
    c.label.where = item.where();
    c.visit(r);
    r.finish();
    if (!c.label.name.empty() && std::find(names.begin(), names.end(), c.label.name) != names.end()) {
      throw_input(item.where(), fmt::format("two [[{}]] of one file are called '{}'", T::kKind, c.label.name));
    }
    names.push_back(c.label.name);
    check(c);
    check_one(c);
    if (c.label.enabled) out.push_back({rank(item, files), item.line, c});
  }
}

void read_city_path(doc_value const& root, scenario_config& c) {
  doc_value const* const v = root.find("city");
  if (c.city.empty()) throw_input(v->where(), "'city' is empty");
  bool const is_path = c.city.find('/') != std::string::npos;
  if (is_path) c.city = std::filesystem::weakly_canonical(std::filesystem::absolute(v->folder() / c.city)).string();
}

}  // namespace

scenario_config read_config(doc_value const& root, std::vector<std::filesystem::path> const& files) {
  scenario_config c;
  table_reader top(root, "the scenario");
  c.visit(top);
  read_city_path(root, c);
  for_each_section(c, [&](char const* name, auto& section) {
    top.also(name);
    doc_value const* const t = root.find(name);
    if (t == nullptr) return;
    table_reader r(*t, fmt::format("[{}]", name));
    section.visit(r);
    r.finish();
  });
  for_each_kind([&](auto const& k) { top.also(k.kKind); });
  top.finish();
  double const every_s = c.routes.discovery_interval_s;
  if (every_s > 0 && every_s < 1) {  // a command each: a day of microseconds would be no scenario
    throw_input(root.find("routes")->find("discovery_interval_s")->where(),
                fmt::format("'discovery_interval_s' is {}, allowed is 0 (never) or 1 and more", every_s));
  }
  // Of several keys that do not go together, the one that the nearest file sets is where to look.
  auto const time_where = [&](std::initializer_list<char const*> keys) {
    doc_value const* const t = root.find("time");
    doc_value const* nearest = nullptr;
    std::size_t best = 0;
    for (char const* key : keys) {
      doc_value const* const v = t == nullptr ? nullptr : t->find(key);
      if (v == nullptr || (nearest != nullptr && rank(*v, files) <= best)) continue;
      nearest = v;
      best = rank(*v, files);
    }
    return nearest != nullptr ? nearest->where() : t == nullptr ? root.where() : t->where();
  };
  if (c.time.end.s <= c.time.begin.s)
    throw_input(time_where({"end", "begin"}),
                fmt::format("[time] 'end' is not after 'begin': {} s and {} s", c.time.end.s, c.time.begin.s));
  if (c.time.warm_up_s >= c.time.end.s - c.time.begin.s) {
    throw_input(time_where({"warm_up_s", "end", "begin"}),
                fmt::format("[time] 'warm_up_s' is as long as the scenario: {} s of {} s", c.time.warm_up_s,
                            c.time.end.s - c.time.begin.s),
                "--set time.warm_up_s=0 for a short trial");
  }
  std::vector<placed> found;
  for_each_kind([&](auto const& k) { read_kind<std::decay_t<decltype(k)>>(root, files, found); });
  std::stable_sort(found.begin(), found.end(), [](placed const& a, placed const& b) {
    return a.file != b.file ? a.file < b.file : a.line < b.line;
  });
  for (placed& p : found) {
    std::visit(
        [&](auto& k) {
          check_window(k, c);
          if constexpr (requires { k.window; }) {
            k.window.begin = k.window.begin.value_or(c.time.begin);
            k.window.end = k.window.end.value_or(c.time.end);
          }
        },
        p.what);
    c.interventions.push_back(std::move(p.what));
  }
  return c;
}

}  // namespace gemeo
