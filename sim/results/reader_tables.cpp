// The reader's tables: network, trips, travellers, detectors, stops.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"
#include "sim/results/reader.h"
#include "sim/results/reader_state.h"
#include "sim/results/schema.h"

namespace gemeo {

namespace {

template <typename T>
struct stored_as {
  using type = std::uint32_t;  // ids
};
template <>
struct stored_as<double> {
  using type = double;
};
template <>
struct stored_as<float> {
  using type = float;
};
template <>
struct stored_as<trip_state> {
  using type = std::uint8_t;
};

template <typename R>
std::vector<R> read_records(h5::in_file const& f, std::string const& group,
                            std::span<schema::record_column<R> const> columns, std::size_t rows) {
  std::vector<R> records(rows);
  for (auto const& c : columns) {
    std::string const name = group + "/" + c.name;
    std::visit(
        [&](auto field) {
          using T = std::decay_t<decltype(std::declval<R>().*field)>;
          auto const values = f.read<typename stored_as<T>::type>(name, 0, rows);
          if (values.size() != rows) f.fail(name, "is not a plain column", "the file is damaged");
          for (std::size_t i = 0; i < rows; ++i) {
            if constexpr (std::is_floating_point_v<T>) {
              records[i].*field = c.negative_is_nan && std::isnan(values[i]) ? T{-1} : values[i];
            } else if constexpr (std::is_same_v<T, trip_state>) {
              if (values[i] > static_cast<std::uint8_t>(trip_state::kVaporized))
                f.fail(name, fmt::format("row {}: no state {}", i, values[i]));
              records[i].*field = static_cast<trip_state>(values[i]);
            } else {
              records[i].*field = T(values[i]);
            }
          }
        },
        c.field);
  }
  return records;
}

template <typename R>
std::vector<std::string> names_of_columns(std::string const& group, std::span<schema::record_column<R> const> columns) {
  std::vector<std::string> names;
  for (auto const& c : columns) names.push_back(group + "/" + c.name);
  return names;
}

// Reads columns of one table; all must be as long as its axis.
struct network_columns {
  h5::in_file const& f;
  std::string group;
  std::size_t n;

  template <typename T>
  std::vector<T> get(std::string const& name) const {
    auto v = f.read<T>(group + name);
    if (v.size() != n)
      f.fail(group + name, fmt::format("has {} values where its axis has {}", v.size(), n), "the file is damaged");
    return v;
  }
  std::vector<std::string> names(std::string const& name) const {
    auto v = f.read_names(group + name);
    if (v.size() != n)
      f.fail(group + name, fmt::format("has {} values where its axis has {}", v.size(), n), "the file is damaged");
    return v;
  }
  std::vector<range> ranges(std::string const& name, std::size_t limit) const {
    auto const begin = get<std::uint32_t>(name + "_begin"), count = get<std::uint32_t>(name + "_count");
    std::vector<range> out(n);
    for (std::size_t i = 0; i < n; ++i) {
      if (std::uint64_t{begin[i]} + count[i] > limit) {
        f.fail(group + name + "_begin",
               fmt::format("row {} leads to point {} of {}", i, std::uint64_t{begin[i]} + count[i], limit),
               "the file is damaged");
      }
      out[i] = {begin[i], begin[i] + count[i]};
    }
    return out;
  }
  // Numbers of another table's rows.
  std::vector<std::uint32_t> rows_of(std::string const& name, std::size_t limit, bool may_be_none) const {
    auto v = get<std::uint32_t>(name);
    for (std::uint32_t const i : v) {
      if (i >= limit && !(may_be_none && i == edge_id::kInvalid))
        f.fail(group + name, fmt::format("names row {} of {}", i, limit), "the file is damaged");
    }
    return v;
  }
};

std::size_t length_of(h5::in_file const& f, std::string const& axis) {
  auto const s = f.shape(axis);
  if (s.size() != 1) f.fail(axis, "is not a list", "the file is damaged");
  return s[0];
}

template <typename Id, typename T>
void put(id_vector<Id, T>& to, std::vector<T> v) {
  to.raw() = std::move(v);
}

void read_points(h5::in_file const& f, result_network& r) {
  network_columns const c{f, "/network/", length_of(f, "/network/point_x")};
  auto const x = c.get<float>("point_x"), y = c.get<float>("point_y"), z = c.get<float>("point_z");
  r.points.resize(c.n);
  for (std::size_t i = 0; i < c.n; ++i) r.points[i] = {x[i], y[i], z[i]};
  if (!f.has("/network/point_lon")) return;
  auto const lon = c.get<double>("point_lon"), lat = c.get<double>("point_lat");
  r.point_lon_lat.resize(c.n);
  for (std::size_t i = 0; i < c.n; ++i) r.point_lon_lat[i] = {lon[i], lat[i]};
}

}  // namespace

std::span<edge_closure const> closure_windows::of(edge_id e) const {
  auto const [from, to] =
      std::equal_range(rows.begin(), rows.end(), edge_closure{e, 0, 0},
                       [](edge_closure const& a, edge_closure const& b) { return a.edge < b.edge; });
  return {from, to};
}

bool closure_windows::at(edge_id e, double time_s) const {
  auto const all = of(e);
  return std::any_of(all.begin(), all.end(),
                     [&](edge_closure const& c) { return c.begin_s <= time_s && time_s < c.end_s; });
}

bool closure_windows::half_of(edge_id e, double from_s, double to_s) const {
  double closed_s = 0;
  for (edge_closure const& c : of(e)) closed_s += std::max(0.0, std::min(c.end_s, to_s) - std::max(c.begin_s, from_s));
  return closed_s > 0 && closed_s >= (to_s - from_s) / 2;
}

closure_windows result_file::closures() const {
  h5::in_file const& f = state_->file;
  closure_windows out;
  if (!f.has("/network/closure")) return out;
  network_columns const c{f, "/network/", length_of(f, "/network/closure")};
  auto const edge = c.rows_of("closure_edge", length_of(f, "/network/edge"), false);
  auto const begin = c.get<double>("closure_begin"), end = c.get<double>("closure_end");
  for (std::size_t i = 0; i < c.n; ++i) {
    edge_closure const row{edge_id(edge[i]), begin[i], end[i]};
    bool const is_time = std::isfinite(row.begin_s) && std::isfinite(row.end_s) && row.begin_s < row.end_s;
    bool const follows = out.rows.empty() || out.rows.back().edge < row.edge ||
                         (out.rows.back().edge == row.edge && out.rows.back().end_s <= row.begin_s);
    if (!is_time || !follows) {
      f.fail("/network/closure_begin",
             fmt::format("row {}: from {} to {} s is no time, or not after the row before", i, row.begin_s, row.end_s),
             "the file is damaged");
    }
    out.rows.push_back(row);
  }
  return out;
}

result_network result_file::read_network() const {
  h5::in_file const& f = state_->file;
  result_network r;
  r.projection = f.text("/network/projection");
  r.offset_x = f.scalar<double>("/network/offset_x");
  r.offset_y = f.scalar<double>("/network/offset_y");
  r.left_hand = f.scalar<std::uint8_t>("/network/left_hand") != 0;
  read_points(f, r);
  std::size_t const lanes = length_of(f, "/network/lane"), junctions = length_of(f, "/network/junction");

  network_columns const e{f, "/network/", length_of(f, "/network/edge")};
  put(r.name, e.names("edge"));
  put(r.road_name, e.names("road_name"));
  put(r.type, e.names("edge_type"));
  put(r.function, e.get<std::uint8_t>("function"));
  put(r.length_m, e.get<float>("length"));
  put(r.speed_mps, e.get<float>("speed_limit"));
  put(r.width_m, e.get<float>("width"));
  put(r.lanes, e.get<std::uint32_t>("lane_count"));
  put(r.lane_begin, e.get<std::uint32_t>("lane_begin"));
  put(r.priority, e.get<std::int32_t>("priority"));
  put(r.from, e.rows_of("from_junction", junctions, true));
  put(r.to, e.rows_of("to_junction", junctions, true));
  put(r.shape, e.ranges("shape", r.points.size()));
  for (std::size_t i = 0; i < e.n; ++i) {
    if (std::uint64_t{r.lane_begin.raw()[i]} + r.lanes.raw()[i] > lanes)
      f.fail("/network/lane_begin", fmt::format("row {} leads beyond the last lane", i));
  }

  network_columns const l{f, "/network/", lanes};
  for (std::uint32_t const edge : l.rows_of("lane_edge", e.n, false)) r.lane_edge.push_back(edge_id(edge));
  put(r.lane_length_m, l.get<float>("lane_length"));
  put(r.lane_speed_mps, l.get<float>("lane_speed_limit"));
  put(r.lane_width_m, l.get<float>("lane_width"));
  put(r.lane_allowed, l.get<std::uint32_t>("lane_allowed"));
  put(r.lane_shape, l.ranges("lane_shape", r.points.size()));

  network_columns const j{f, "/network/", junctions};
  r.junction_name = j.names("junction");
  auto const x = j.get<float>("junction_x"), y = j.get<float>("junction_y");
  for (std::size_t i = 0; i < junctions; ++i) r.junction_position.push_back({x[i], y[i], 0});
  r.junction_shape = j.ranges("junction_shape", r.points.size());
  return r;
}

std::vector<trip_record> result_file::trips() const {
  std::vector<schema::record_column<trip_record>> there;
  for (auto const& c : schema::trip_columns()) {
    if (!c.may_be_absent || state_->file.has(std::string("/trips/") + c.name)) there.push_back(c);
  }
  std::span<schema::record_column<trip_record> const> const columns = there;
  return read_records(state_->file, "/trips", columns, state_->common_rows(names_of_columns("/trips", columns)));
}

std::vector<stop_record> result_file::stops() const {
  auto const columns = schema::stop_columns();
  return read_records(state_->file, "/trips", columns, state_->common_rows(names_of_columns("/trips", columns)));
}

std::vector<ride_record> result_file::rides() const {
  auto const columns = schema::ride_columns();
  if (!state_->file.has(std::string("/trips/") + columns.front().name)) return {};
  return read_records(state_->file, "/trips", columns, state_->common_rows(names_of_columns("/trips", columns)));
}

std::vector<detector_record> result_file::detectors() const {
  auto const columns = schema::detector_columns();
  return read_records(state_->file, "/detectors", columns,
                      state_->common_rows(names_of_columns("/detectors", columns)));
}

std::vector<area_record> result_file::areas() const {
  if (!state_->file.has_group(schema::kAreas)) return {};
  auto const columns = schema::area_columns();
  return read_records(state_->file, schema::kAreas, columns,
                      state_->common_rows(names_of_columns(schema::kAreas, columns)));
}

traveller_table result_file::travellers() const {
  h5::in_file const& f = state_->file;
  traveller_table t;
  std::vector<std::string> columns = {"/trips/vehicle", "/trips/planned_depart"};
  for (auto const& c : schema::traveller_columns()) columns.push_back(std::string("/trips/") + c.name);
  std::size_t const n = state_->common_rows(columns);
  t.name = f.read_names("/trips/vehicle", 0, n);
  if (f.integer_attribute("/trips/planned_depart", "known").value_or(1) != 0)
    t.planned_depart_s = f.read<double>("/trips/planned_depart", 0, n);
  for (auto const& c : schema::traveller_columns()) {
    std::string const column = std::string("/trips/") + c.name;
    auto const names = f.read_names(column + "_name");
    auto const codes = f.read<std::uint16_t>(column, 0, n);
    if (f.integer_attribute(column, "known").value_or(1) == 0) continue;
    std::vector<std::string>& out = t.*c.field;
    out.reserve(n);
    for (std::uint16_t const code : codes) {
      if (code >= names.size())
        f.fail(column, fmt::format("has code {} where there are {} names", code, names.size()), "the file is damaged");
      out.push_back(names[code]);
    }
  }
  t.stop_names = f.read_names("/trips/stop");
  if (f.has("/trips/passenger")) t.passenger_names = f.read_names("/trips/passenger");
  t.detector_names = f.read_names("/detectors/detector");
  if (f.has_group(schema::kAreas)) t.area_names = f.read_names(std::string(schema::kAreas) + "/area");
  t.signal_names = f.read_names("/signals/signal");
  t.zone_names = f.read_names("/network/zone");
  if (f.has("/network/zone_label")) {
    t.zone_labels = f.read_names("/network/zone_label");
    if (t.zone_labels.size() != t.zone_names.size())
      f.fail("/network/zone_label", "has another length than the zone axis", "the file is damaged");
  }
  if (f.has("/network/edge_zone")) {
    network_columns const e{f, "/network/", length_of(f, "/network/edge")};
    t.edge_zone = e.rows_of("edge_zone", t.zone_names.size(), true);
  }
  return t;
}

}  // namespace gemeo
