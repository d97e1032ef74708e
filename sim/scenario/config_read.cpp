#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/scenario/config_io.h"
#include "sim/scenario/table_reader.h"

namespace gemeo {

namespace {

using kind = doc_value::kind;

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

// A file's own path holds wherever an heir lies; that of --set starts from where the program was called. Empty: an
// heir wants the city's own demand again.
void read_demand_path(doc_value const& root, char const* key, bool folder, char const* hint,
                      std::optional<std::string>& path) {
  doc_value const* const v = root.find(key);
  if (v == nullptr || !path) return;
  if (path->empty()) {
    path.reset();
    return;
  }
  std::filesystem::path const found = std::filesystem::weakly_canonical(std::filesystem::absolute(v->folder() / *path));
  std::error_code ec;
  if (folder ? !std::filesystem::is_directory(found, ec) : !std::filesystem::is_regular_file(found, ec))
    throw_input(v->where(), fmt::format("'{}': no {} {}", key, folder ? "folder" : "file", found.string()), hint);
  path = found.string();
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
  read_demand_path(root, "calibrated", false,
                   "gemeo calibrate writes factors.csv; a path starts from this scenario file", c.calibrated);
  read_demand_path(root, "members", true,
                   "gemeo calibrate writes it where its job says fit.refits; a path starts from this scenario file",
                   c.members);
  for_each_section(c, [&](char const* name, auto& section) { top.section(name, section); });
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
