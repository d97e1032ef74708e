// Bus stops (stops.csv) and lines (lines.toml), verified against the network.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/demand/city_parts.h"
#include "sim/demand/csv.h"
#include "sim/demand/toml_input.h"

namespace gemeo {

namespace fs = std::filesystem;

void read_stops(city& c, fs::path const& file) {
  std::unordered_map<std::string, bool> seen;
  csv_table const table(file, {"stop_id", "name", "edge_id", "lane", "begin_m", "end_m"});
  table.for_each([&](csv_row const& r) {
    bus_stop s;
    s.name = r.text("stop_id");
    s.label = r.text("name");
    if (!seen.emplace(s.name, true).second) r.fail(fmt::format("stop '{}' stands there twice", s.name));
    auto const e = c.net->find_edge(r.text("edge_id"));
    if (!e) r.fail(fmt::format("the network has no edge '{}'", r.text("edge_id")));
    std::int64_t const lane = r.integer("lane");
    if (lane < 0 || lane >= c.net->edges.lanes[*e].size())
      r.fail(fmt::format("edge '{}' has no lane {}", r.text("edge_id"), lane));
    s.lane = lane_id(c.net->edges.lanes[*e].begin + static_cast<std::uint32_t>(lane));
    s.begin_m = r.not_negative("begin_m");
    s.end_m = r.not_negative("end_m");
    if (s.begin_m >= s.end_m || s.end_m > static_cast<double>(c.net->lanes.length_m[s.lane]) + 0.1) {
      r.fail("the stop does not lie on its lane", "0 <= begin_m < end_m <= length of the lane");
    }
    c.stops.push_back(std::move(s));
  });
}

namespace {

constexpr double kDayS = 86400;

std::vector<std::string> texts_of(fs::path const& file, toml::table const& t, char const* key) {
  std::vector<std::string> out;
  for (auto const& n : array_of(file, t, key)) {
    if (!n.is_string()) throw_input(where_in(file, n), fmt::format("'{}' must list texts", key));
    out.push_back(**n.as_string());
  }
  return out;
}

void read_way(city const& c, fs::path const& file, toml::table const& t, vclass cls, line_plan& line) {
  for (std::string const& name : texts_of(file, t, "edges")) {
    auto const e = c.net->find_edge(name);
    if (!e) throw_input(where_in(file, t), fmt::format("line '{}': the network has no edge '{}'", line.name, name));
    if (!permits(c.net->allowed(*e), cls)) {
      throw_input(where_in(file, t), fmt::format("line '{}': its vehicles may not use edge '{}'", line.name, name));
    }
    if (!line.edges.empty()) {
      auto const next = c.net->successors(line.edges.back());
      if (std::find(next.begin(), next.end(), *e) == next.end()) {
        throw_input(where_in(file, t), fmt::format("line '{}': no connection from '{}' to '{}'", line.name,
                                                   c.net->edges.name[line.edges.back()], name));
      }
    }
    line.edges.push_back(*e);
  }
  if (line.edges.empty()) throw_input(where_in(file, t), fmt::format("line '{}' has no edges", line.name));
}

void read_calls(city const& c, fs::path const& file, toml::table const& t, line_plan& line) {
  std::size_t at = 0;
  for (std::string const& name : texts_of(file, t, "stops")) {
    auto const it = std::find_if(c.stops.begin(), c.stops.end(), [&](bus_stop const& s) { return s.name == name; });
    if (it == c.stops.end())
      throw_input(where_in(file, t), fmt::format("line '{}': unknown stop '{}'", line.name, name));
    edge_id const e = c.net->lanes.edge[it->lane];
    while (at < line.edges.size() && line.edges[at] != e) ++at;
    if (at == line.edges.size()) {
      throw_input(where_in(file, t),
                  fmt::format("line '{}': stop '{}' is not on its way, or out of order", line.name, name));
    }
    line.stops.emplace_back(static_cast<std::size_t>(it - c.stops.begin()));
  }
  for (auto const& n : array_of(file, t, "offsets_s")) {
    auto const v = n.value<double>();
    bool const rises = v && *v <= kDayS && *v >= (line.offset_s.empty() ? 0 : line.offset_s.back());  // never NaN
    if (!rises) {
      throw_input(where_in(file, n), fmt::format("line '{}': offsets_s must be seconds that never fall", line.name));
    }
    line.offset_s.push_back(*v);
  }
  if (line.offset_s.size() != line.stops.size()) {
    throw_input(where_in(file, t), fmt::format("line '{}' has not one offset for each stop", line.name));
  }
}

void read_service(fs::path const& file, toml::table const& t, line_plan& line) {
  for (auto const& n : array_of(file, t, "service")) {
    toml::table const* const p = n.as_table();
    if (p == nullptr) throw_input(where_in(file, n), "'service' must list tables {begin, end, headway_s}");
    only_keys(file, *p, {"begin", "end", "headway_s"});
    service_period s{time_of(file, *p, "begin"), time_of(file, *p, "end"), number_of(file, *p, "headway_s")};
    bool const sound = s.begin_s >= 0 && s.end_s > s.begin_s && s.end_s <= 2 * kDayS && s.headway_s >= 10;
    if (!sound) {
      throw_input(where_in(file, n),
                  fmt::format("line '{}': a period must end after it begins and before 48:00, its headway be 10 s or "
                              "more",
                              line.name));
    }
    line.service.push_back(s);
  }
}

}  // namespace

void read_lines(city& c, fs::path const& file) {
  toml::table const root = read_toml(file);
  only_keys(file, root, {"line"});
  for (auto const& n : array_of(file, root, "line")) {
    toml::table const* const t = n.as_table();
    if (t == nullptr) throw_input(where_in(file, n), "'line' must be tables [[line]]");
    only_keys(file, *t, {"id", "name", "vtype", "edges", "stops", "offsets_s", "dwell_s", "service"});
    line_plan line;
    line.name = text_of(file, *t, "id");
    line.label = text_or(file, *t, "name", line.name);
    line.vtype = text_of(file, *t, "vtype");
    for (line_plan const& other : c.lines) {
      if (other.name == line.name)
        throw_input(where_in(file, *t), fmt::format("line '{}' stands there twice", line.name));
    }
    type_mix const* const mix = find_mix(c, line.vtype);
    if (mix == nullptr)
      throw_input(where_in(file, *t), fmt::format("line '{}': unknown vtype '{}'", line.name, line.vtype));
    if (t->contains("dwell_s")) line.dwell_s = number_of(file, *t, "dwell_s");
    if (line.dwell_s < 0 || line.dwell_s > kDayS)
      throw_input(where_in(file, *t), fmt::format("line '{}': 'dwell_s' must be 0 to 86400 s", line.name));
    read_way(c, file, *t, c.types[mix->types.front()].cls, line);
    read_calls(c, file, *t, line);
    read_service(file, *t, line);
    c.lines.push_back(std::move(line));
  }
}

}  // namespace gemeo
