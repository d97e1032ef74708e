#include "sim/results/reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/core/error.h"
#include "sim/results/h5_in.h"
#include "sim/results/reader_state.h"
#include "sim/results/schema.h"

namespace gemeo {

namespace fs = std::filesystem;

namespace {
constexpr double kMaxTime_s = 1e9;  // thirty years
}

result_file::state::state(fs::path path) : file(std::move(path)) {
  if (!file.has("/meta/schema_version") && file.has("/meta/file")) {
    throw_input(file.path().string(), "is the file of an ensemble, not of one run",
                "name one of its runs, or their folder");
  }
  if (!file.has("/meta/schema_version")) {
    file.fail("/meta/schema_version", "is missing", "is this a result of gemeo run?");
  }
  auto const version = file.scalar<std::int64_t>("/meta/schema_version");
  if (version != schema::kSchemaVersion) {
    file.fail("/meta/schema_version",
              fmt::format("the file has layout {}, this gemeo reads layout {}", version, schema::kSchemaVersion),
              version > schema::kSchemaVersion ? "use a newer gemeo" : "run the scenario again");
  }
  complete = file.scalar<std::uint8_t>("/meta/complete") != 0;
}

// Rows that all the columns have. In a whole file they must agree; in one that grows, or whose writer was killed, a
// column may be ahead of another.
std::size_t result_file::state::common_rows(std::vector<std::string> const& columns) const {
  std::size_t least = std::numeric_limits<std::size_t>::max(), most = 0;
  std::string shortest;
  for (std::string const& c : columns) {
    auto const s = file.shape(c);
    if (s.empty()) file.fail(c, "is a single value, not a table");
    if (s[0] < least) shortest = c;
    least = std::min(least, s[0]);
    most = std::max(most, s[0]);
  }
  if (least != most && !file.growing()) {
    file.fail(shortest, fmt::format("has {} rows where its neighbours have {}", least, most), "the file is damaged");
  }
  return columns.empty() ? 0 : least;
}

std::uint64_t result_file::state::hash(std::string const& name) const {
  std::string const hex = file.text(name);
  std::uint64_t v = 0;
  auto const [end, ec] = std::from_chars(hex.data(), hex.data() + hex.size(), v, 16);
  if (ec != std::errc() || end != hex.data() + hex.size() || hex.size() != 16)
    file.fail(name, "is not a hash of 16 digits");
  return v;
}

result_file::result_file(fs::path file) : state_(std::make_unique<state>(std::move(file))) {}
result_file::~result_file() = default;
result_file::result_file(result_file&&) noexcept = default;
result_file& result_file::operator=(result_file&&) noexcept = default;

fs::path const& result_file::path() const { return state_->file.path(); }
bool result_file::growing() const { return state_->file.growing(); }

run_description result_file::description() const {
  h5::in_file const& f = state_->file;
  run_description d;
  for (auto const& i : schema::texts()) {
    std::string const name = std::string("/meta/") + i.name;
    if (!i.may_be_absent || f.has(name)) d.*i.field = f.text(name);
  }
  for (auto const& i : schema::numbers()) {
    std::string const name = std::string("/meta/") + i.name;
    std::visit(
        [&](auto field) {
          using T = std::decay_t<decltype(d.*field)>;
          if constexpr (std::is_same_v<T, double>)
            d.*field = f.scalar<double>(name);
          else
            d.*field = static_cast<T>(f.scalar<std::uint64_t>(name));
        },
        i.field);
  }
  for (auto const& i : schema::hashes()) d.*i.field = state_->hash(std::string("/meta/") + i.name);
  return d;
}

run_summary result_file::summary() const {
  h5::in_file const& f = state_->file;
  run_summary s;
  for (auto const& i : schema::totals()) s.total.*i.field = f.scalar<std::int64_t>(std::string("/meta/") + i.name);
  s.total.time_s = f.scalar<double>("/meta/time_s");
  s.frame_hash = state_->hash("/meta/frame_hash");
  s.wall_s = f.scalar<double>("/meta/wall_s");
  s.cpu_s = f.scalar<double>("/meta/cpu_s");
  s.peak_rss_bytes = f.scalar<std::uint64_t>("/meta/peak_rss_bytes");
  s.complete = f.scalar<std::uint8_t>("/meta/complete") != 0;
  return s;
}

std::vector<std::string> result_file::edge_quantities() const {
  std::vector<std::string> out;
  for (auto const& q : schema::edge_quantities()) {
    if (state_->file.has(std::string("/edges/") + q.name)) out.emplace_back(q.name);
  }
  for (char const* q : {schema::kMeanQueue, schema::kMaxQueue}) {
    if (state_->file.has(std::string("/edges/") + q)) out.emplace_back(q);
  }
  return out;
}

bool result_file::counts_teleports_by_trip() const { return state_->file.has("/trips/teleports"); }

edge_series result_file::edge_intervals() const {
  h5::in_file const& f = state_->file;
  edge_series s;
  // time is written last: rows it counts are there.
  std::size_t const rows = state_->common_rows({"/edges/time", "/edges/time_end"});
  s.begin_s = f.read<double>("/edges/time", 0, rows);
  s.end_s = f.read<double>("/edges/time_end", 0, rows);
  double const longest_s = f.scalar<double>("/meta/interval_s") * (1 + 1e-9) + 1e-6;
  for (std::size_t i = 0; i < rows; ++i) {
    double const before_s = i == 0 ? -kMaxTime_s : s.begin_s[i - 1], length_s = s.end_s[i] - s.begin_s[i];
    // Not a number is none of this.
    if (s.begin_s[i] > before_s && s.end_s[i] < kMaxTime_s && length_s > 0 && length_s <= longest_s) continue;
    f.fail("/edges/time", fmt::format("interval {}, from {} to {} s, is none of a run", i, s.begin_s[i], s.end_s[i]),
           "the file is damaged; run it again");
  }
  auto const edges = f.shape("/network/edge");
  if (edges.size() != 1) f.fail("/network/edge", "is not a list");
  s.edges = edges[0];
  return s;
}

edge_series result_file::edges(std::string const& quantity) const {
  h5::in_file const& f = state_->file;
  edge_series s = edge_intervals();
  std::string const name = "/edges/" + quantity;
  auto const known = edge_quantities();
  if (std::find(known.begin(), known.end(), quantity) == known.end()) {
    f.fail(name, "the file has no such edge quantity", did_you_mean(quantity, known));
  }
  auto const shape = f.shape(name);
  if (shape.size() != 2 || shape[1] != s.edges)
    f.fail(name, fmt::format("is not a table of {} columns", s.edges), "the file is damaged");
  if (shape[0] < s.begin_s.size()) {
    if (!f.growing())
      f.fail(name, fmt::format("has {} intervals where time has {}", shape[0], s.begin_s.size()),
             "the file is damaged");
    s.begin_s.resize(shape[0]);
    s.end_s.resize(shape[0]);
  }
  s.values = f.read<float>(name, 0, s.begin_s.size());
  s.unit = "m";
  s.description = quantity == schema::kMaxQueue ? "longest queue on the edge" : "mean queue on the edge";
  for (auto const& q : schema::edge_quantities()) {
    if (quantity != q.name) continue;
    s.unit = q.unit;
    s.description = q.description;
  }
  return s;
}

std::vector<kpi_row> result_file::kpis() const {
  h5::in_file const& f = state_->file;
  std::size_t const n = state_->common_rows({"/kpi/name", "/kpi/kpi_unit", "/kpi/group", "/kpi/key", "/kpi/value"});
  auto const name = f.read_names("/kpi/name", 0, n), unit = f.read_names("/kpi/kpi_unit", 0, n),
             group = f.read_names("/kpi/group", 0, n), key = f.read_names("/kpi/key", 0, n);
  auto const value = f.read<double>("/kpi/value", 0, n);
  std::vector<kpi_row> rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = {name[i], unit[i], group[i], key[i], value[i]};
  return rows;
}

std::vector<std::pair<double, std::string>> result_file::log() const {
  h5::in_file const& f = state_->file;
  std::size_t const n = state_->common_rows({"/log/time", "/log/text", "/log/continues"});
  auto const time = f.read<double>("/log/time", 0, n);
  auto const text = f.read_names("/log/text", 0, n);
  auto const continues = f.read<std::uint8_t>("/log/continues", 0, n);
  std::vector<std::pair<double, std::string>> lines;
  for (std::size_t i = 0; i < n; ++i) {
    if (continues[i] != 0 && !lines.empty()) {
      lines.back().second += text[i];
    } else {
      lines.emplace_back(time[i], text[i]);
    }
  }
  return lines;
}

std::size_t result_file::trajectory_steps() const {
  if (!state_->file.has("/trajectories/time")) return 0;
  return state_->common_rows({"/trajectories/time", "/trajectories/end_row"});
}

std::vector<double> result_file::trajectory_times() const {
  std::size_t const n = trajectory_steps();
  return n == 0 ? std::vector<double>{} : state_->file.read<double>("/trajectories/time", 0, n);
}

trajectory_step result_file::trajectory(std::size_t step) const {
  h5::in_file const& f = state_->file;
  std::size_t const steps = trajectory_steps();
  if (step >= steps) f.fail("/trajectories", fmt::format("has {} steps; there is no step {}", steps, step));
  trajectory_step t;
  t.time_s = f.read<double>("/trajectories/time", step, step + 1).front();
  auto const ends = f.read<std::uint64_t>("/trajectories/end_row", step == 0 ? 0 : step - 1, step + 1);
  std::uint64_t const begin = step == 0 ? 0 : ends.front(), end = ends.back();
  if (begin > end)
    f.fail("/trajectories/end_row", fmt::format("step {} ends before it begins", step), "the file is damaged");
  auto const vehicle = f.read<std::uint32_t>("/trajectories/vehicle_id", begin, end);
  auto const lane = f.read<std::int32_t>("/trajectories/lane", begin, end);
  auto const pos = f.read<std::uint32_t>("/trajectories/position", begin, end);
  auto const speed = f.read<std::uint16_t>("/trajectories/speed", begin, end);
  std::vector<std::uint32_t> const& lane_edge = state_->lane_edges();
  for (std::size_t i = 0; i < vehicle.size(); ++i) {
    t.vehicle.emplace_back(vehicle[i]);
    bool const on_road = lane[i] >= 0;
    if (on_road && static_cast<std::size_t>(lane[i]) >= lane_edge.size()) {
      f.fail("/trajectories/lane", fmt::format("names lane {} of {}", lane[i], lane_edge.size()),
             "the file is damaged");
    }
    t.lane.push_back(on_road ? lane_id(static_cast<std::uint32_t>(lane[i])) : lane_id());
    t.edge.push_back(on_road ? edge_id(lane_edge[static_cast<std::size_t>(lane[i])]) : edge_id());
    t.pos_m.push_back(static_cast<float>(pos[i] * schema::kPositionStep_m));
    t.speed_mps.push_back(static_cast<float>(speed[i] * schema::kSpeedStep_mps));
  }
  return t;
}

std::vector<std::uint32_t> const& result_file::state::lane_edges() const {
  if (!lane_edge_) {
    auto const edges = file.shape("/network/edge");
    auto v = file.read<std::uint32_t>("/network/lane_edge");
    for (std::uint32_t const e : v) {
      if (edges.size() != 1 || e >= edges[0])
        file.fail("/network/lane_edge", fmt::format("names edge {}, which is not there", e));
    }
    lane_edge_ = std::move(v);
  }
  return *lane_edge_;
}

std::vector<std::string> result_file::validate() const { return validate_result(*this, state_->file); }

}  // namespace gemeo
