#include "sim/results/writer.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>
#include <unordered_map>

#include "sim/core/error.h"
#include "sim/core/hash.h"
#include "sim/results/disk_reserve.h"
#include "sim/results/network_store.h"
#include "sim/results/schema.h"
#include "sim/results/starting_name.h"
#include "sim/results/trajectory_store.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();
constexpr double kNoTime = std::numeric_limits<double>::quiet_NaN();
// What closing a file still writes: every table's last chunk and its index.
constexpr std::size_t kReserveBytes = std::size_t{8} << 20U;
constexpr std::size_t kShortestNameWidth = 64;  // of vehicles and detectors that turn up during the run

// What is wrong with the place is the user's to mend: bad usage, not a failed run.
fs::path const& checked(fs::path const& file) {
  std::error_code ec;
  fs::path const folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (fs::is_directory(file, ec)) throw_input(file.string(), "is a folder, not a file", "name the result file itself");
  if (!fs::is_directory(folder, ec))
    throw_input(folder.string(), "no such folder for the result file", "make it first");
  if (::access(folder.c_str(), W_OK) != 0)
    throw_input(folder.string(), "the folder cannot be written to", "check its rights");
  return file;
}

// The value of a record's field as it is stored.
template <typename T>
auto stored(T v) {
  if constexpr (std::is_arithmetic_v<T>)
    return v;
  else if constexpr (std::is_enum_v<T>)
    return static_cast<std::uint8_t>(v);
  else
    return v.value;
}

template <typename R>
class record_table {  // one h5 table per column
 public:
  record_table() = default;
  record_table(h5::out_group const& g, std::span<schema::record_column<R> const> columns, std::string const& axis)
      : columns_(columns), axis_(g.axis(axis, 0, true)) {
    for (auto const& c : columns) {
      hid_t const type =
          std::visit([](auto f) { return h5::memory_type<decltype(stored(std::declval<R>().*f))>(); }, c.field);
      tables_.push_back(g.growing_column(c.name, type, axis_, {c.unit, c.description}, schema::kRowChunk));
    }
  }
  void append(std::vector<R> const& records) {
    if (records.empty()) return;
    axis_.extend(axis_.rows() + records.size());
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      std::visit([&](auto f) { append_column(records, f, columns_[i].negative_is_nan, tables_[i]); },
                 columns_[i].field);
    }
  }

 private:
  template <typename F>
  static void append_column(std::vector<R> const& records, F field, bool negative_is_nan, h5::table& t) {
    using value = decltype(stored(std::declval<R>().*field));
    std::vector<value> column;
    column.reserve(records.size());
    for (R const& r : records) {
      value v = stored(r.*field);
      if constexpr (std::is_floating_point_v<value>) {
        if (negative_is_nan && v < 0) v = std::numeric_limits<value>::quiet_NaN();
      }
      column.push_back(v);
    }
    t.append(std::span<value const>(column));
  }

 public:
  template <typename F>
  void each_table(F const& f) {
    if (axis_.id() < 0) return;
    f(axis_);
    for (h5::table& t : tables_) f(t);
  }

 private:
  std::span<schema::record_column<R> const> columns_;
  h5::table axis_;
  std::vector<h5::table> tables_;
};

// Distinct texts as a table of names, each text as a code; code 0 is "".
struct coded {
  std::vector<std::string> names{""};
  std::vector<std::uint16_t> codes;
};

coded encode(std::vector<std::string> const& texts, std::string const& what) {
  coded c;
  std::unordered_map<std::string, std::uint16_t> known{{"", schema::kNoName}};
  c.codes.reserve(texts.size());
  for (std::string const& t : texts) {
    auto const [at, fresh] = known.try_emplace(t, static_cast<std::uint16_t>(c.names.size()));
    if (fresh) c.names.push_back(t);
    verify(c.names.size() < 65535, "fewer than 65535 different names in a column of /trips");
    c.codes.push_back(at->second);
  }
  (void)what;
  return c;
}

// A name that fits: a longer one keeps its beginning and ends in the hash of the whole.
std::string fitting(std::string const& name, std::size_t width) {
  if (name.size() <= width) return name;
  return name.substr(0, width - 17) + "~" + to_hex(hash_bytes(name.data(), name.size()));
}

void check_sizes(traveller_table const& t) {
  for (auto const& c : schema::traveller_columns()) {
    auto const n = (t.*c.field).size();
    verify(n == 0 || n == t.name.size(), "a column of traveller_table is empty or as long as its names");
  }
  verify(t.planned_depart_s.empty() || t.planned_depart_s.size() == t.name.size(),
         "planned_depart_s is empty or complete");
}

void write_closures(h5::out_group const& net, std::vector<edge_closure> const& closures) {
  std::vector<std::uint32_t> edge;
  std::vector<double> begin, end;
  for (edge_closure const& c : closures) {
    edge.push_back(c.edge.value);
    begin.push_back(c.begin_s);
    end.push_back(c.end_s);
  }
  h5::table const axis = net.axis("closure", closures.size(), false);
  net.column("closure_edge", std::span<std::uint32_t const>(edge), axis,
             {"1", "an edge that the scenario closes to cars, a row of the edge axis"});
  net.column("closure_begin", std::span<double const>(begin), axis, {"s", "from when on, since midnight"});
  net.column("closure_end", std::span<double const>(end), axis, {"s", "until when, or the end of the run"});
}

}  // namespace

struct result_writer::state {
  fs::path final_path, starting, partial;
  std::optional<disk_reserve> reserve;
  std::unique_ptr<h5::out_file> file;
  // Everything below is closed before the file.
  std::vector<h5::table> summary_counters;
  h5::table end_time, frame_hash, wall, cpu, peak_rss, complete;
  h5::table edge_axis, time, time_end, mean_queue, max_queue;
  std::vector<h5::table> edge_tables;
  record_table<trip_record> trips;
  record_table<stop_record> stops;
  record_table<ride_record> rides;
  record_table<detector_record> detectors;
  record_table<area_record> areas;
  h5::table detector_axis, area_axis, stop_axis, vehicle_axis, planned_depart;
  std::vector<h5::table> traveller_codes;
  h5::table kpi_axis, kpi_name, kpi_unit, kpi_group, kpi_key, kpi_value;
  h5::table log_axis, log_time, log_text, log_continued;
  std::optional<trajectory_store> trajectories;
  std::vector<double> begins, ends;  // of the rows of /edges
  std::vector<float> row;            // scratch of one interval
  std::size_t edge_count = 0;
  double last_time_s = 0;

  void start(run_description const& d, network const& net, traveller_table const& t);
  template <typename F>
  void each_growing_table(F const& f);
  void describe(run_description const& d);
  void make_summary(h5::out_group const& meta);
  void make_edges(h5::out_group const& root, h5::out_group const& net_group, run_description const& d);
  void make_trips(h5::out_group const& root, traveller_table const& t);
  void make_signals(h5::out_group const& root, network const& net, traveller_table const& t);
  void make_tables(h5::out_group const& root, network const& net, traveller_table const& t);
  std::size_t interval_row(double begin_s, double end_s);
  void commit_intervals();
  void append_edges(edge_interval const& i);
  void append_queues(std::vector<queue_record> const& q);
  void append_names(observations const& o);
  void append_log(double time_s, std::string const& line);
  void close_tables();
};

void result_writer::state::describe(run_description const& d) {
  h5::out_group const& root = file->root();
  h5::out_group const meta = root.group("meta", "what was run and how it went; the same as the attributes of the file");
  root.attribute("description",
                 "one simulation run of gemeo; groups: meta network edges detectors trips trajectories "
                 "signals kpi calibration log; times are seconds since midnight");
  root.attribute("schema_version", schema::kSchemaVersion);
  root.attribute("software", "gemeo");
  meta.scalar("schema_version", schema::kSchemaVersion, {"1", "version of this layout"});
  for (auto const& i : schema::texts()) {
    root.attribute(i.name, d.*i.field);
    meta.scalar(i.name, d.*i.field, {"1", i.description});
  }
  for (auto const& i : schema::numbers()) {
    std::visit(
        [&](auto f) {
          using T = std::decay_t<decltype(d.*f)>;
          if constexpr (std::is_same_v<T, double>) {
            root.attribute(i.name, d.*f);
            meta.scalar(i.name, d.*f, {i.unit, i.description});
          } else {
            root.attribute(i.name, static_cast<std::uint64_t>(d.*f));
            meta.scalar(i.name, static_cast<std::uint64_t>(d.*f), {i.unit, i.description});
          }
        },
        i.field);
  }
  for (auto const& i : schema::hashes()) {
    root.attribute(i.name, to_hex(d.*i.field));
    meta.scalar(i.name, to_hex(d.*i.field), {"1", i.description});
  }
  make_summary(meta);
}

void result_writer::state::make_summary(h5::out_group const& meta) {
  h5::out_group const& root = file->root();
  for (auto const& i : schema::totals()) {
    root.attribute(i.name, std::int64_t{0});
    summary_counters.push_back(meta.scalar(i.name, std::int64_t{0}, {"1", i.description}));
  }
  root.attribute("time_s", 0.0);
  root.attribute("frame_hash", to_hex(0));
  root.attribute("wall_s", 0.0);
  root.attribute("cpu_s", 0.0);
  root.attribute("peak_rss_bytes", std::uint64_t{0});
  root.attribute("complete", std::int64_t{0});
  end_time = meta.scalar("time_s", 0.0, {"s", "time the simulation reached, since midnight"});
  frame_hash = meta.scalar("frame_hash", to_hex(0), {"1", "hash over the frames of the run"});
  wall = meta.scalar("wall_s", 0.0, {"s", "wall-clock time of the run"});
  cpu = meta.scalar("cpu_s", 0.0, {"s", "CPU time of the run"});
  peak_rss = meta.scalar("peak_rss_bytes", std::uint64_t{0}, {"byte", "largest resident memory of the run"});
  complete = meta.scalar("complete", std::uint8_t{0},
                         {"1", "1: the run reached its end; 0: it was ended early, or still runs"});
}

void result_writer::state::make_edges(h5::out_group const& root, h5::out_group const& net_group,
                                      run_description const& d) {
  h5::out_group const g =
      root.group("edges",
                 "what was measured on every edge in every interval; meanings as in SUMO's meandata; "
                 "NaN: nothing was measured");
  g.share("edge", net_group);
  time = g.growing_axis("time", H5T_IEEE_F64LE, {"s", "begin of the interval, since midnight"});
  time_end = g.growing_column("time_end", H5T_IEEE_F64LE, time, {"s", "end of the interval, since midnight"},
                              schema::kRowChunk, false);
  for (auto const& q : schema::edge_quantities()) {
    edge_tables.emplace_back();
    if (q.emission && !d.emissions) continue;
    edge_tables.back() = g.growing_matrix(q.name, time, edge_axis, edge_count, {q.unit, q.description});
    if (*q.sumo != '\0') g.mark(edge_tables.back(), "sumo_attribute", std::string(q.sumo));
  }
  mean_queue = g.growing_matrix(
      schema::kMeanQueue, time, edge_axis, edge_count,
      {"m", "queue from the stop line back to the last vehicle slower than 5 km/h, mean over samples"});
  max_queue = g.growing_matrix(schema::kMaxQueue, time, edge_axis, edge_count, {"m", "the same, maximum over samples"});
}

void result_writer::state::make_trips(h5::out_group const& root, traveller_table const& t) {
  check_sizes(t);
  h5::out_group const g = root.group(
      "trips",
      "trip: one row a finished trip; vehicle: one row a vehicle of the demand; trip -> vehicle by vehicle_id, e.g. "
      "purpose_name[purpose[vehicle_id]]; stop_event: one row a bus at a stop; ride: one row a passenger who waited "
      "for "
      "a bus");
  std::size_t const width = std::max(kShortestNameWidth, h5::widest(t.name));
  vehicle_axis = g.names("vehicle", t.name, "name of the vehicle", true, width);
  std::size_t const n = t.name.size();
  planned_depart =
      g.growing_column("planned_depart", H5T_IEEE_F64LE, vehicle_axis,
                       {"s", "planned time of departure, since midnight; NaN: unknown"}, schema::kRowChunk * 8);
  g.mark(planned_depart, "known", std::int64_t{t.planned_depart_s.empty() ? 0 : 1});
  std::vector<double> planned = t.planned_depart_s;
  planned.resize(n, kNoTime);
  planned_depart.append(std::span<double const>(planned));
  for (auto const& c : schema::traveller_columns()) {
    coded e = encode(t.*c.field, c.name);
    e.codes.resize(n, schema::kNoName);
    std::string const table_name = std::string(c.name) + "_name";
    h5::table const axis = g.names(table_name, e.names, std::string("names of ") + c.name + ", by code");
    traveller_codes.push_back(g.growing_column(c.name, H5T_STD_U16LE, vehicle_axis,
                                               {"1", std::string(c.description) + ": a row of " + table_name},
                                               schema::kRowChunk * 8));
    g.mark(traveller_codes.back(), "known", std::int64_t{(t.*c.field).empty() ? 0 : 1});
    g.mark(traveller_codes.back(), "names", table_name);
    traveller_codes.back().append(std::span<std::uint16_t const>(e.codes));
  }
  trips = record_table<trip_record>(g, schema::trip_columns(), "trip");
  stop_axis = g.names("stop", t.stop_names, "bus stop", true, std::max(kShortestNameWidth, h5::widest(t.stop_names)));
  stops = record_table<stop_record>(g, schema::stop_columns(), "stop_event");
  g.names("passenger", t.passenger_names, "people who take buses; rows of ride_passenger_id");
  rides = record_table<ride_record>(g, schema::ride_columns(), "ride");
}

void result_writer::state::make_signals(h5::out_group const& root, network const& net, traveller_table const& t) {
  h5::out_group const g = root.group("signals", "traffic signals of the network with the program they start with");
  std::vector<std::string> const& names = t.signal_names.empty() ? net.signals.name.raw() : t.signal_names;
  h5::table const axis = g.names("signal", names, "signal id of the road network");
  std::vector<std::uint32_t> links(names.size()), phases(names.size());
  std::vector<float> cycle(names.size(), kNoValue);
  std::vector<std::string> type(names.size()), program(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const s = net.find_signal(names[i]);
    if (!s) continue;
    links[i] = net.signals.links[*s];
    if (net.signals.programs[*s].empty()) continue;
    signal_program const& first = net.signals.programs[*s].front();
    double total = 0;
    for (signal_phase const& p : first.phases) total += p.duration_s;
    cycle[i] = static_cast<float>(total);
    phases[i] = static_cast<std::uint32_t>(first.phases.size());
    type[i] = first.type;
    program[i] = first.name;
  }
  g.column("links", std::span<std::uint32_t const>(links), axis, {"1", "connections it controls"});
  g.column("phases", std::span<std::uint32_t const>(phases), axis, {"1", "phases of its first program"});
  g.column("cycle", std::span<float const>(cycle), axis, {"s", "sum of the phases' durations; NaN: no program"});
  g.text_column("program", program, axis, {"1", "name of its first program"});
  g.text_column("program_type", type, axis, {"1", "static, actuated, ..."});
}

void result_writer::state::make_tables(h5::out_group const& root, network const& net, traveller_table const& t) {
  h5::out_group const d = root.group("detectors", "record: one row an induction loop and interval");
  detector_axis = d.names("detector", t.detector_names, "name of the loop", true,
                          std::max(kShortestNameWidth, h5::widest(t.detector_names)));
  detectors = record_table<detector_record>(d, schema::detector_columns(), "record");
  h5::out_group const a = d.group("areas", "record: one row a lane-area detector and interval");
  area_axis =
      a.names("area", t.area_names, "name of the area", true, std::max(kShortestNameWidth, h5::widest(t.area_names)));
  areas = record_table<area_record>(a, schema::area_columns(), "record");

  // Keys are names of zones, lines, edges or modes.
  std::size_t key = std::max({kShortestNameWidth, h5::widest(t.zone_names), h5::widest(net.edges.name.raw()),
                              h5::widest(t.line), h5::widest(t.mode), h5::widest(t.purpose)});
  h5::out_group const k =
      root.group("kpi", "indicators of the run; group says over what: all, zone, mode, purpose, hour, ...");
  kpi_axis = k.axis("indicator", 0, true);
  constexpr std::size_t kChunk = 256;
  kpi_name = k.growing_text("name", 64, kpi_axis, {"1", "name of the indicator"}, kChunk);
  kpi_unit = k.growing_text("kpi_unit", 32, kpi_axis, {"1", "unit of the value"}, kChunk);
  kpi_group = k.growing_text("group", 32, kpi_axis,
                             {"1", "what the key is: all, zone, mode, purpose, hour, approach, line"}, kChunk);
  kpi_key = k.growing_text("key", key, kpi_axis, {"1", "which one of the group"}, kChunk);
  kpi_value = k.growing_column("value", H5T_IEEE_F64LE, kpi_axis, {"1", "the value, in the unit of kpi_unit"}, kChunk);

  (void)root.group("calibration", "left empty by a run");
  h5::out_group const l = root.group("log", "what the run and the engine reported");
  log_axis = l.axis("line", 0, true);
  log_time = l.growing_column("time", H5T_IEEE_F64LE, log_axis, {"s", "simulated time, since midnight"}, kChunk);
  log_text = l.growing_text("text", schema::kLogWidth, log_axis, {"1", "the line"}, kChunk);
  log_continued = l.growing_column("continues", H5T_STD_U8LE, log_axis, {"1", "1: the rest of the row above"}, kChunk);
}

void result_writer::state::start(run_description const& d, network const& net, traveller_table const& t) {
  remove_stale_starts(final_path);
  reserve.emplace(final_path.parent_path(), kReserveBytes);
  file = std::make_unique<h5::out_file>(starting, partial);
  h5::out_group const& root = file->root();
  describe(d);
  h5::out_group const net_group = root.group("network", "the road network: axes edge, lane, junction, point, zone");
  result_network const outline = outline_of(net);
  edge_axis = write_network(net_group, outline).edge;
  h5::table const zone_axis = net_group.names("zone", t.zone_names, "zone id");
  if (!t.zone_labels.empty()) {
    verify(t.zone_labels.size() == t.zone_names.size(), "zone_labels has one entry per zone");
    net_group.text_column("zone_label", t.zone_labels, zone_axis, {"1", "name of the zone for people"});
  }
  if (!t.edge_zone.empty()) {
    verify(t.edge_zone.size() == net.edge_count(), "edge_zone has one entry per edge");
    net_group.column("edge_zone", std::span<std::uint32_t const>(t.edge_zone), edge_axis,
                     {"1", "zone of the edge, a row of the zone axis; 4294967295: none"});
  }
  write_closures(net_group, t.closures);
  make_edges(root, net_group, d);
  make_tables(root, net, t);
  make_trips(root, t);
  h5::out_group const moves =
      root.group("trajectories", "time: one row a recorded step; row: one row a vehicle and step");
  float longest = 0;
  for (float const l : net.lanes.length_m) longest = std::max(longest, l);
  if (d.trajectories) trajectories.emplace(moves, static_cast<double>(longest));
  make_signals(root, net, t);
  file->start_swmr();
  if (net.has_projection() && outline.point_lon_lat.empty()) {
    append_log(d.begin_s, "the network's projection cannot be used; the file has no longitudes and latitudes");
  }
  file->flush();
  each_growing_table([](h5::table& table) { table.commit(); });
  // From here on whatever ends the run leaves a file that opens. What an earlier run left is replaced only now; whoever
  // still reads it keeps it.
  std::error_code ec;
  fs::rename(starting, partial, ec);
  if (ec) throw_run(partial.string(), "cannot be given its name: " + ec.message(), "check the folder's rights");
}

template <typename F>
void result_writer::state::each_growing_table(F const& f) {
  for (h5::table* t : {&time, &time_end, &mean_queue, &max_queue, &detector_axis, &area_axis, &stop_axis, &vehicle_axis,
                       &planned_depart, &kpi_axis, &kpi_name, &kpi_unit, &kpi_group, &kpi_key, &kpi_value, &log_axis,
                       &log_time, &log_text, &log_continued}) {
    f(*t);
  }
  for (h5::table& t : edge_tables) {
    if (t.id() >= 0) f(t);
  }
  for (h5::table& t : traveller_codes) f(t);
  trips.each_table(f);
  stops.each_table(f);
  rides.each_table(f);
  detectors.each_table(f);
  areas.each_table(f);
  if (trajectories) trajectories->each_table(f);
}

result_writer::result_writer(fs::path file, run_description const& d, network const& net, traveller_table const& t)
    : state_(std::make_unique<state>()) {
  state& s = *state_;
  s.final_path = checked(file);
  s.partial = partial_name(s.final_path);
  s.starting = starting_name(s.final_path);
  s.edge_count = net.edge_count();
  s.last_time_s = d.begin_s;
  try {
    s.start(d, net, t);
  } catch (...) {  // there is nothing in it yet
    s.close_tables();
    s.file.reset();
    std::error_code ec;
    fs::remove(s.starting, ec);
    throw;
  }
}

void result_writer::state::close_tables() {
  state kept;
  kept.final_path = final_path;
  kept.starting = starting;
  kept.partial = partial;
  kept.file = std::move(file);
  *this = std::move(kept);
}

result_writer::~result_writer() {
  if (!state_ || !state_->file) return;
  state_->close_tables();  // then the file closes, as far as it can
}

// Rows are in order of time; a row comes into being when the first value of its interval arrives.
std::size_t result_writer::state::interval_row(double begin_s, double end_s) {
  auto const at = std::lower_bound(begins.begin(), begins.end(), begin_s - 1e-6);
  if (at != begins.end() && std::abs(*at - begin_s) <= 1e-6) return static_cast<std::size_t>(at - begins.begin());
  verify(at == begins.end(), "intervals come in order of time");
  std::size_t const n = begins.size() + 1;
  for (h5::table& t : edge_tables) {
    if (t.id() >= 0) t.extend(n);
  }
  mean_queue.extend(n);
  max_queue.extend(n);
  begins.push_back(begin_s);
  ends.push_back(end_s);
  return n - 1;
}

// The axis comes last, after its values have been flushed: a reader, or the heir of a killed run, believes the axis.
void result_writer::state::commit_intervals() {
  std::size_t const known = time.rows();
  if (known == begins.size()) return;
  time_end.append(std::span<double const>(ends).subspan(known));
  time_end.flush();
  time.append(std::span<double const>(begins).subspan(known));
  time.flush();
}

void result_writer::state::append_edges(edge_interval const& i) {
  std::size_t const at = interval_row(i.begin_s, i.end_s);
  auto const all = schema::edge_quantities();
  for (std::size_t q = 0; q < all.size(); ++q) {
    std::vector<float> const& values = i.*all[q].field;
    if (values.empty() || edge_tables[q].id() < 0) continue;
    verify(values.size() == i.edge.size(), "an edge interval has as many values as edges");
    row.assign(edge_count, kNoValue);
    for (std::size_t k = 0; k < values.size(); ++k) row[i.edge[k].index()] = values[k];
    edge_tables[q].write_row(at, row.data(), H5T_NATIVE_FLOAT);
  }
  last_time_s = std::max(last_time_s, i.end_s);
}

void result_writer::state::append_queues(std::vector<queue_record> const& q) {
  std::vector<float> longest;
  for (std::size_t i = 0; i < q.size();) {
    std::size_t const at = interval_row(q[i].begin_s, q[i].end_s);
    row.assign(edge_count, kNoValue);
    longest.assign(edge_count, kNoValue);
    double const begin = q[i].begin_s;
    for (; i < q.size() && q[i].begin_s == begin; ++i) {
      row[q[i].edge.index()] = q[i].mean_queue_m;
      longest[q[i].edge.index()] = q[i].max_queue_m;
    }
    mean_queue.write_row(at, row.data(), H5T_NATIVE_FLOAT);
    max_queue.write_row(at, longest.data(), H5T_NATIVE_FLOAT);
  }
}

void result_writer::state::append_names(observations const& o) {
  std::vector<std::string> names;
  for (std::string const& n : o.new_vehicle_names) names.push_back(fitting(n, vehicle_axis.name_width()));
  std::vector<std::uint16_t> const none(names.size(), schema::kNoName);
  std::vector<double> const unknown(names.size(), kNoTime);
  for (h5::table& t : traveller_codes) t.append(std::span<std::uint16_t const>(none));
  planned_depart.append(std::span<double const>(unknown));
  vehicle_axis.append_names(names);
  names.clear();
  for (std::string const& n : o.new_stop_names) names.push_back(fitting(n, stop_axis.name_width()));
  stop_axis.append_names(names);
  names.clear();
  for (std::string const& n : o.new_detector_names) names.push_back(fitting(n, detector_axis.name_width()));
  detector_axis.append_names(names);
  names.clear();
  for (std::string const& n : o.new_area_names) names.push_back(fitting(n, area_axis.name_width()));
  area_axis.append_names(names);
}

void result_writer::state::append_log(double time_s, std::string const& line) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at == 0 || at < line.size();) {
    std::size_t n = std::min(schema::kLogWidth, line.size() - at);
    // Never cut inside a UTF-8 character.
    while (at + n < line.size() && n > 1 && (static_cast<unsigned char>(line[at + n]) & 0xC0U) == 0x80U) --n;
    pieces.push_back(line.substr(at, n));
    at += std::max<std::size_t>(n, 1);
  }
  std::vector<double> const times(pieces.size(), time_s);
  std::vector<std::uint8_t> continued(pieces.size(), 1);
  continued[0] = 0;
  log_axis.extend(log_axis.rows() + pieces.size());
  log_time.append(std::span<double const>(times));
  log_continued.append(std::span<std::uint8_t const>(continued));
  log_text.append_names(pieces);
}

void result_writer::append(observations const& o) {
  state& s = *state_;
  s.append_names(o);
  for (edge_interval const& i : o.edges) s.append_edges(i);
  s.append_queues(o.queues);
  s.trips.append(o.trips);
  s.stops.append(o.stops);
  s.rides.append(o.rides);
  s.detectors.append(o.detectors);
  s.areas.append(o.areas);
  for (message const& m : o.messages) s.append_log(m.time_s, m.text);
  s.file->flush();
  s.commit_intervals();
  s.each_growing_table([](h5::table& t) { t.commit(); });
}

void result_writer::append_frame(frame const& f) {
  if (state_->trajectories) state_->trajectories->append(f);
}

void result_writer::log(double time_s, std::string const& line) { state_->append_log(time_s, line); }

void result_writer::abandon(double time_s, std::string const& why) {
  state& s = *state_;
  if (!s.file) return;
  s.reserve.reset();
  s.each_growing_table([](h5::table& t) {
    try {
      t.roll_back();
    } catch (error const&) {  // NOLINT: the others may still be saved
    }
  });
  std::uint8_t const whole = 0;
  s.complete.rewrite(&whole, H5T_NATIVE_UINT8);
  s.file->set_integer("complete", whole);
  s.append_log(time_s, why);
}

void result_writer::write_kpis(std::vector<kpi_row> const& rows) {
  state& s = *state_;
  std::vector<std::string> name, unit, group, key;
  std::vector<double> value;
  for (kpi_row const& r : rows) {
    name.push_back(fitting(r.name, s.kpi_name.name_width()));
    unit.push_back(fitting(r.unit, s.kpi_unit.name_width()));
    group.push_back(fitting(r.group, s.kpi_group.name_width()));
    key.push_back(fitting(r.key, s.kpi_key.name_width()));
    value.push_back(r.value);
  }
  s.kpi_axis.extend(s.kpi_axis.rows() + rows.size());
  s.kpi_name.append_names(name);
  s.kpi_unit.append_names(unit);
  s.kpi_group.append_names(group);
  s.kpi_key.append_names(key);
  s.kpi_value.append(std::span<double const>(value));
}

void result_writer::finish(run_summary const& r) {
  state& s = *state_;
  s.reserve.reset();
  if (s.trajectories) s.trajectories->finish();
  auto const all = schema::totals();
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::int64_t const v = r.total.*all[i].field;
    s.summary_counters[i].rewrite(&v, H5T_NATIVE_INT64);
    s.file->set_integer(all[i].name, v);
  }
  std::string const hash = to_hex(r.frame_hash);
  h5::handle const text = h5::fixed_string(hash.size());
  s.frame_hash.rewrite(hash.data(), text);
  s.end_time.rewrite(&r.total.time_s, H5T_NATIVE_DOUBLE);
  s.wall.rewrite(&r.wall_s, H5T_NATIVE_DOUBLE);
  s.cpu.rewrite(&r.cpu_s, H5T_NATIVE_DOUBLE);
  s.peak_rss.rewrite(&r.peak_rss_bytes, H5T_NATIVE_UINT64);
  s.file->set_text("frame_hash", hash);
  s.file->set_number("time_s", r.total.time_s);
  s.file->set_number("wall_s", r.wall_s);
  s.file->set_number("cpu_s", r.cpu_s);
  s.file->set_integer("peak_rss_bytes", static_cast<std::int64_t>(r.peak_rss_bytes));
  s.file->flush();
  std::uint8_t const whole = r.complete ? 1 : 0;
  s.complete.rewrite(&whole, H5T_NATIVE_UINT8);
  s.file->set_integer("complete", whole);
  s.close_tables();
  auto const file = std::move(s.file);
  file->close();
  if (!r.complete) return;  // a file with the final name is always whole
  std::error_code ec;
  fs::rename(s.partial, s.final_path, ec);
  if (ec)
    throw_run(s.final_path.string(), "the finished file cannot be renamed: " + ec.message(),
              "it is " + s.partial.string());
}

}  // namespace gemeo
