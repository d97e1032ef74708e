#include "sim/results/export.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "sim/core/error.h"
#include "sim/core/xml.h"
#include "sim/results/export_geojson.h"
#include "sim/results/schema.h"
#include "sim/results/text_output.h"

namespace gemeo {

namespace {

std::string csv_text(std::string const& s) {
  if (s.find_first_of(",\"\r\n") == std::string::npos) return s;
  std::string out = "\"";
  for (char const c : s) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

// Shortest text that reads back as the same number; nothing where there is no value.
template <typename T>
void add_number(text_output& out, T v) {
  if (std::isfinite(v))
    out.add(",{}", v);
  else
    out.add_text(",");
}

struct window {
  double from_s, to_s;
  [[nodiscard]] bool holds(double t) const { return (from_s < 0 || t >= from_s) && (to_s < 0 || t < to_s); }
};

std::string const& name_at(std::vector<std::string> const& names, std::size_t i) {
  static std::string const kNone;
  return i < names.size() ? names[i] : kNone;
}

// Every quantity the file has, for one time axis.
struct all_edges {
  std::vector<std::string> names;
  std::vector<edge_series> series;
  edge_series axis;
  explicit all_edges(result_file const& r) : names(r.edge_quantities()), axis(r.edge_intervals()) {
    for (std::string const& n : names) series.push_back(r.edges(n));
    for (edge_series const& s : series) {  // of a growing file, the shortest
      if (s.begin_s.size() < axis.begin_s.size()) axis.begin_s = s.begin_s;
    }
  }
  [[nodiscard]] bool measured(std::size_t interval, edge_id e) const {
    return std::any_of(series.begin(), series.end(),
                       [&](edge_series const& s) { return !std::isnan(s.at(interval, e)); });
  }
};

std::size_t edges_csv(result_file const& r, window w, text_output& out) {
  all_edges const a(r);
  result_network const net = r.read_network();
  out.add_text("begin_s,end_s,edge,road_name");
  for (std::size_t q = 0; q < a.names.size(); ++q) out.add(",{}", csv_text(a.names[q] + " [" + a.series[q].unit + "]"));
  out.add_text("\n");
  std::size_t rows = 0;
  for (std::size_t i = 0; i < a.axis.begin_s.size(); ++i) {
    if (!w.holds(a.axis.begin_s[i])) continue;
    for (std::size_t k = 0; k < a.axis.edges; ++k) {
      edge_id const e(k);
      if (!a.measured(i, e)) continue;
      out.add("{},{},{},{}", a.axis.begin_s[i], a.axis.end_s[i], csv_text(net.name[e]), csv_text(net.road_name[e]));
      for (edge_series const& s : a.series) add_number(out, s.at(i, e));
      out.add_text("\n");
      ++rows;
    }
  }
  return rows;
}

template <typename R>
void records_header(text_output& out, std::span<schema::record_column<R> const> columns, std::size_t first) {
  for (std::size_t i = first; i < columns.size(); ++i) {
    std::string const unit = columns[i].unit;
    out.add(",{}", unit == "1" ? columns[i].name : std::string(columns[i].name) + " [" + unit + "]");
  }
}

template <typename R>
void record_cells(text_output& out, R const& record, std::span<schema::record_column<R> const> columns,
                  std::size_t first) {
  for (std::size_t i = first; i < columns.size(); ++i) {
    std::visit(
        [&](auto field) {
          using T = std::decay_t<decltype(record.*field)>;
          if constexpr (std::is_floating_point_v<T>) {
            T const v = record.*field;
            add_number(out, columns[i].negative_is_nan && v < 0 ? std::numeric_limits<T>::quiet_NaN() : v);
          } else if constexpr (std::is_enum_v<T>) {
            static constexpr std::array<char const*, 4> kStates = {"arrived", "running", "never_inserted", "removed"};
            out.add(",{}", kStates[static_cast<std::size_t>(record.*field)]);
          } else if constexpr (std::is_arithmetic_v<T>) {
            out.add(",{}", record.*field);
          } else {
            out.add(",{}", (record.*field).value);
          }
        },
        columns[i].field);
  }
}

std::size_t trips_csv(result_file const& r, window w, text_output& out) {
  traveller_table const t = r.travellers();
  auto const columns = schema::trip_columns();
  out.add_text("vehicle,type,purpose,mode,from_zone,to_zone,line,planned_depart [s]");
  records_header(out, columns, 1);
  out.add_text("\n");
  std::size_t rows = 0;
  for (trip_record const& p : r.trips()) {
    std::size_t const v = p.vehicle.index();
    double const planned =
        v < t.planned_depart_s.size() ? t.planned_depart_s[v] : std::numeric_limits<double>::quiet_NaN();
    if (!w.holds(p.depart_s >= 0 ? p.depart_s : planned)) continue;
    out.add("{},{},{},{},{},{},{}", csv_text(name_at(t.name, v)), csv_text(name_at(t.type, v)),
            csv_text(name_at(t.purpose, v)), csv_text(name_at(t.mode, v)), csv_text(name_at(t.from_zone, v)),
            csv_text(name_at(t.to_zone, v)), csv_text(name_at(t.line, v)));
    add_number(out, planned);
    record_cells(out, p, columns, 1);
    out.add_text("\n");
    ++rows;
  }
  return rows;
}

// A row for each record that began within the window: names(record) in place of its first `named` columns.
template <typename T, typename Columns, typename Began, typename Names>
std::size_t records_csv(std::vector<T> const& all, Columns const& columns, std::size_t named, window w,
                        Began const& began, Names const& names, text_output& out) {
  records_header(out, columns, named);
  out.add_text("\n");
  std::size_t rows = 0;
  for (T const& one : all) {
    if (!w.holds(began(one))) continue;
    names(one);
    record_cells(out, one, columns, named);
    out.add_text("\n");
    ++rows;
  }
  return rows;
}

std::size_t stops_csv(result_file const& r, window w, text_output& out) {
  traveller_table const t = r.travellers();
  out.add_text("vehicle,line,stop");
  return records_csv(
      r.stops(), schema::stop_columns(), 2, w, [](stop_record const& s) { return s.started_s; },
      [&](stop_record const& s) {
        std::size_t const v = s.vehicle.index();
        out.add("{},{},{}", csv_text(name_at(t.name, v)), csv_text(name_at(t.line, v)),
                csv_text(name_at(t.stop_names, s.stop.index())));
      },
      out);
}

std::size_t rides_csv(result_file const& r, window w, text_output& out) {
  traveller_table const t = r.travellers();
  out.add_text("passenger,from_stop,to_stop,vehicle,line");
  return records_csv(
      r.rides(), schema::ride_columns(), 4, w, [](ride_record const& s) { return s.waits_since_s; },
      [&](ride_record const& s) {
        std::size_t const v = s.vehicle.index();
        std::size_t const who = s.passenger.index();
        std::string const name = who < t.passenger_names.size() ? t.passenger_names[who] : fmt::format("{}", who);
        out.add("{},{},{},{},{}", csv_text(name), csv_text(name_at(t.stop_names, s.from.index())),
                csv_text(name_at(t.stop_names, s.to.index())), csv_text(name_at(t.name, v)),
                csv_text(name_at(t.line, v)));
      },
      out);
}

// Records of something that has a name, which comes first.
template <typename R, typename Id>
std::size_t named_csv(char const* what, std::vector<std::string> const& names, std::vector<R> const& records,
                      std::span<schema::record_column<R> const> columns, Id R::*id, window w, text_output& out) {
  out.add_text(what);
  records_header(out, columns, 1);
  out.add_text("\n");
  std::size_t rows = 0;
  for (R const& d : records) {
    if (!w.holds(d.begin_s)) continue;
    out.add_text(csv_text(name_at(names, (d.*id).index())));
    record_cells(out, d, columns, 1);
    out.add_text("\n");
    ++rows;
  }
  return rows;
}

std::size_t detectors_csv(result_file const& r, window w, text_output& out) {
  return named_csv("detector", r.travellers().detector_names, r.detectors(), schema::detector_columns(),
                   &detector_record::detector, w, out);
}

std::size_t areas_csv(result_file const& r, window w, text_output& out) {
  return named_csv("area", r.travellers().area_names, r.areas(), schema::area_columns(), &area_record::area, w, out);
}

std::size_t kpi_csv(result_file const& r, window, text_output& out) {
  out.add_text("group,key,indicator,unit,value\n");
  auto const rows = r.kpis();
  for (kpi_row const& k : rows) {
    out.add("{},{},{},{}", csv_text(k.group), csv_text(k.key), csv_text(k.name), csv_text(k.unit));
    add_number(out, k.value);
    out.add_text("\n");
  }
  return rows.size();
}

std::size_t log_csv(result_file const& r, window w, text_output& out) {
  out.add_text("time_s,line\n");
  std::size_t rows = 0;
  for (auto const& [time_s, line] : r.log()) {
    if (!w.holds(time_s)) continue;
    out.add("{},{}\n", time_s, csv_text(line));
    ++rows;
  }
  return rows;
}

std::size_t network_csv(result_file const& r, window, text_output& out) {
  result_network const n = r.read_network();
  out.add_text(
      "edge,road_name,type,function,from_junction,to_junction,length [m],speed_limit [m/s],lanes,width [m],priority\n");
  static constexpr std::array<char const*, 5> kFunctions = {"normal", "internal", "connector", "crossing",
                                                            "walkingarea"};
  for (std::size_t i = 0; i < n.name.size(); ++i) {
    edge_id const e(i);
    out.add("{},{},{},{},{},{}", csv_text(n.name[e]), csv_text(n.road_name[e]), csv_text(n.type[e]),
            n.function[e] < kFunctions.size() ? kFunctions[n.function[e]] : "",
            csv_text(name_at(n.junction_name, n.from[e])), csv_text(name_at(n.junction_name, n.to[e])));
    add_number(out, n.length_m[e]);
    add_number(out, n.speed_mps[e]);
    out.add(",{}", n.lanes[e]);
    add_number(out, n.width_m[e]);
    out.add(",{}\n", n.priority[e]);
  }
  return n.name.size();
}

std::size_t trajectories_csv(result_file const& r, window w, text_output& out) {
  auto const times = r.trajectory_times();
  if (times.empty()) throw_input(r.path().string(), "has no trajectories", "run the scenario with --trajectories");
  traveller_table const t = r.travellers();
  result_network const n = r.read_network();
  out.add_text("time_s,vehicle,edge,lane,position [m],speed [m/s]\n");
  std::size_t rows = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!w.holds(times[i])) continue;
    trajectory_step const s = r.trajectory(i);
    for (std::size_t k = 0; k < s.vehicle.size(); ++k) {
      out.add("{},{}", s.time_s, csv_text(name_at(t.name, s.vehicle[k].index())));
      if (s.lane[k].valid()) {
        edge_id const e = s.edge[k];
        out.add(",{},{},{:.1f},{:.2f}\n", csv_text(n.name[e]), s.lane[k].value - n.lane_begin[e], s.pos_m[k],
                s.speed_mps[k]);
      } else {
        out.add(",,,,{:.2f}\n", s.speed_mps[k]);
      }
      ++rows;
    }
  }
  return rows;
}

// As SUMO writes its meandata: two decimals, counts whole; what was not measured is left out.
std::size_t edgedata_xml(result_file const& r, window w, text_output& out) {
  all_edges const a(r);
  result_network const net = r.read_network();
  std::map<std::string, char const*> sumo;
  for (auto const& q : schema::edge_quantities()) sumo[q.name] = q.sumo;
  auto const is_sumo = [&](std::size_t q) { return sumo.contains(a.names[q]); };
  out.add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<!-- exported by gemeo from {} -->\n\n<meandata>\n",
          xml_escape(r.path().filename().string()));
  std::size_t rows = 0;
  for (std::size_t i = 0; i < a.axis.begin_s.size(); ++i) {
    if (!w.holds(a.axis.begin_s[i])) continue;
    out.add("    <interval begin=\"{:.2f}\" end=\"{:.2f}\" id=\"gemeo\">\n", a.axis.begin_s[i], a.axis.end_s[i]);
    for (std::size_t k = 0; k < a.axis.edges; ++k) {
      edge_id const e(k);
      bool any = false;
      for (std::size_t q = 0; q < a.names.size(); ++q) {
        float const v = a.series[q].at(i, e);
        if (std::isnan(v) || !is_sumo(q)) continue;
        if (!any) out.add("        <edge id=\"{}\"", xml_escape(net.name[e]));
        any = true;
        bool const count = a.series[q].unit == "veh";
        if (count)
          out.add(" {}=\"{:.0f}\"", sumo[a.names[q]], v);
        else if (a.series[q].unit == "mg")
          out.add(" {}=\"{}\"", sumo[a.names[q]], v);
        else
          out.add(" {}=\"{:.2f}\"", sumo[a.names[q]], v);
      }
      if (!any) continue;
      out.add_text("/>\n");
      ++rows;
    }
    out.add_text("    </interval>\n");
  }
  out.add_text("</meandata>\n");
  return rows;
}

std::size_t network_geojson_of(result_file const& r, window, text_output& out) { return network_geojson(r, out); }
std::size_t edges_geojson_of(result_file const& r, window w, text_output& out) {
  return edges_geojson(r, w.from_s, w.to_s, out);
}

struct exporter {
  char const *format, *what;
  bool has_time;
  std::size_t (*write)(result_file const&, window, text_output&);
};

constexpr std::array<exporter, 13> kExporters = {{
    {"csv", "edges", true, edges_csv},
    {"csv", "trips", true, trips_csv},
    {"csv", "kpi", false, kpi_csv},
    {"csv", "detectors", true, detectors_csv},
    {"csv", "areas", true, areas_csv},
    {"csv", "stops", true, stops_csv},
    {"csv", "rides", true, rides_csv},
    {"csv", "network", false, network_csv},
    {"csv", "trajectories", true, trajectories_csv},
    {"csv", "log", true, log_csv},
    {"geojson", "edges", true, edges_geojson_of},
    {"geojson", "network", false, network_geojson_of},
    {"sumo-edgedata", "edges", true, edgedata_xml},
}};

std::string joined(std::vector<std::string> const& names) {
  std::string out;
  for (std::string const& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

}  // namespace

std::vector<std::string> export_formats() {
  std::vector<std::string> out;
  for (exporter const& e : kExporters) {
    if (out.empty() || out.back() != e.format) out.emplace_back(e.format);
  }
  return out;
}

std::vector<std::string> export_tables(std::string const& format) {
  std::vector<std::string> out;
  for (exporter const& e : kExporters) {
    if (format == e.format) out.emplace_back(e.what);
  }
  return out;
}

std::size_t export_result(result_file const& r, export_options const& o, std::filesystem::path const& out) {
  auto const tables = export_tables(o.format);
  if (tables.empty()) {
    std::string const near = did_you_mean(o.format, export_formats());
    throw_usage("--format " + o.format + ": unknown", near.empty() ? "one of " + joined(export_formats()) : near);
  }
  auto const is_it = [&](exporter const& e) { return o.format == e.format && o.what == e.what; };
  auto const at = std::find_if(kExporters.begin(), kExporters.end(), is_it);
  if (at == kExporters.end()) {
    throw_usage("--what " + o.what + ": " + o.format + " cannot hold it, or there is no such table",
                o.format + " can hold " + joined(tables));
  }
  if (!at->has_time && (o.from_s >= 0 || o.to_s >= 0)) throw_usage("--from and --to have no meaning for " + o.what);
  run_description const d = r.description();
  if (o.from_s >= d.end_s || (o.to_s >= 0 && o.to_s <= d.begin_s)) {
    throw_usage("--from and --to leave nothing of the run",
                std::isfinite(d.end_s) ? fmt::format("it goes from {:g} s to {:g} s after midnight", d.begin_s, d.end_s)
                                       : fmt::format("it begins {:g} s after midnight", d.begin_s));
  }
  text_output text(out);
  std::size_t const rows = at->write(r, {o.from_s, o.to_s}, text);
  text.finish();
  return rows;
}

}  // namespace gemeo
