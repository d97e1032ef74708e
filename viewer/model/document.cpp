#include "viewer/model/document.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "sim/core/error.h"

namespace gemeo::view {
namespace fs = std::filesystem;

map_data::map_data(result_network n)
    : net(std::move(n)), map(net), under(map), search(net), labels(net, map), vehicles(net, map) {}

std::string document::title() const {
  if (!description.scenario_title.empty()) return description.scenario_title;
  if (!description.scenario_name.empty()) return description.scenario_name;
  return path.stem().string();
}

bool document::holds(quantity q) const {
  auto const inputs = inputs_of(q, names);
  return inputs &&
         std::all_of(inputs->begin(), inputs->end(), [&](std::string const& n) { return series.contains(n); });
}

double document::busiest_time_s() const {
  if (totals.vehicles.empty()) return begin_s;
  std::size_t most = 0;
  for (std::size_t i = 0; i < totals.vehicles.size(); ++i) {
    if (totals.vehicles[i] > totals.vehicles[most]) most = i;
  }
  return totals.begin_s[most];
}

fs::path existing_file(fs::path const& file) {
  std::error_code ec;
  if (fs::exists(file, ec)) return file;
  fs::path const growing = file.string() + ".partial";
  if (fs::exists(growing, ec)) return growing;
  if (file.extension() == ".partial") {  // finished meanwhile
    fs::path whole = file;
    whole.replace_extension();
    if (fs::exists(whole, ec)) return whole;
  }
  throw_input(file.string(), "no such file", "name a result file of 'gemeo run', such as out/weekday/seed_0042.h5");
}

trip_shares shares_of(run_summary const& s, std::vector<kpi_row> const& kpis) {
  trip_shares t;
  t.loaded = s.total.loaded;
  double const all = static_cast<double>(std::max(s.total.loaded, s.total.departed + s.total.backlog));
  if (!(all > 0)) {
    t.teleported = t.never_inserted = t.unfinished = std::nan("");
    return t;
  }
  t.teleported = static_cast<double>(s.total.teleports) / all;
  t.never_inserted = static_cast<double>(s.total.backlog) / all;
  t.unfinished = static_cast<double>(s.total.running) / all;
  for (kpi_row const& k : kpis) {
    if (k.group != "all") continue;
    if (k.name == "share_teleported") t.teleported = k.value;
    if (k.name == "share_never_inserted") t.never_inserted = k.value;
    if (k.name == "share_unfinished") t.unfinished = k.value;
  }
  return t;
}

network_series totals_of(edge_series const& speed, edge_series const& density, result_network const& net) {
  network_series t;
  t.begin_s = density.begin_s;
  t.end_s = density.end_s;
  std::size_t const n = std::min({net.name.size(), speed.edges, density.edges});
  for (std::size_t i = 0; i < density.begin_s.size(); ++i) {
    double vehicles = 0, speed_sum = 0;
    for (std::size_t k = 0; k < n; ++k) {
      edge_id const e(k);
      if (static_cast<edge_function>(net.function[e]) != edge_function::kNormal) continue;
      double const on_edge = density.at(i, e) * net.length_m[e] / 1000.0;
      double const v = speed.at(i, e);
      if (!std::isfinite(on_edge) || !std::isfinite(v)) continue;
      vehicles += on_edge;
      speed_sum += on_edge * v;
    }
    t.vehicles.push_back(vehicles);
    t.speed_kmh.push_back(vehicles > 0 ? speed_sum / vehicles * 3.6 : std::nan(""));
  }
  return t;
}

namespace {

void check_network(result_network const& n, fs::path const& file) {
  std::size_t const edges = n.name.size();
  bool const same = n.road_name.size() == edges && n.function.size() == edges && n.length_m.size() == edges &&
                    n.speed_mps.size() == edges && n.width_m.size() == edges && n.lanes.size() == edges &&
                    n.shape.size() == edges;
  if (!same)
    throw_input(file.string() + ": /network", "its tables have different lengths", "the file is damaged; run it again");
  if (edges == 0) throw_input(file.string() + ": /network", "holds no edges");
}

bool same_network(document const& earlier, run_description const& now) {
  return earlier.map && earlier.description.network_hash == now.network_hash && now.network_hash != 0;
}

}  // namespace

std::shared_ptr<document const> load_document(fs::path const& asked, std::vector<quantity> const& wanted,
                                              std::shared_ptr<document const> const& earlier) {
  auto d = std::make_shared<document>();
  d->path = existing_file(asked);
  std::error_code ec;
  if (fs::is_directory(d->path, ec)) {
    throw_input(d->path.string(), "is a folder", "name one result file in it, such as seed_0042.h5");
  }
  d->bytes = fs::file_size(d->path, ec);
  d->changed = fs::last_write_time(d->path, ec);
  result_file const file(d->path);
  d->description = file.description();
  d->summary = file.summary();
  d->shares = shares_of(d->summary, file.kpis());
  d->names = file.edge_quantities();
  d->trajectory_steps = d->description.trajectories ? file.trajectory_steps() : 0;
  if (earlier && same_network(*earlier, d->description)) {
    d->map = earlier->map;
  } else {
    result_network net = file.read_network();
    check_network(net, d->path);
    d->map = std::make_shared<map_data const>(std::move(net));
  }
  d->closed = file.closures();  // another scenario's on the same network
  bool const unchanged =
      earlier && earlier->path == d->path && earlier->bytes == d->bytes && earlier->changed == d->changed;
  if (unchanged) d->series = earlier->series;
  auto const read = [&](std::string const& name) {
    auto& s = d->series[name];
    if (!s) s = std::make_shared<edge_series const>(file.edges(name));
    return s;
  };
  for (quantity const q : wanted) {
    for (std::string const& name : inputs_of(q, d->names).value_or(std::vector<std::string>())) read(name);
  }
  d->begin_s = d->description.begin_s;
  d->end_s = std::isfinite(d->description.end_s) ? d->description.end_s : d->begin_s;
  if (auto const flow = inputs_of(quantity::kFlow, d->names)) {  // speed and density
    auto const speed = read((*flow)[0]), density = read((*flow)[1]);
    if (unchanged) {
      d->totals = earlier->totals;
    } else if (speed->begin_s.size() == density->begin_s.size()) {
      d->totals = totals_of(*speed, *density, d->map->net);
    }
  }
  for (auto const& [name, s] : d->series) {
    if (s->begin_s.empty()) continue;
    d->begin_s = s->begin_s.front();
    d->end_s = s->end_s.back();
    break;
  }
  return d;
}

bool has_changed(document const& d) {
  std::error_code ec;
  if (!fs::exists(d.path, ec)) return true;  // renamed: the run has ended
  auto const bytes = fs::file_size(d.path, ec);
  if (ec) return false;
  auto const changed = fs::last_write_time(d.path, ec);
  return !ec && (bytes != d.bytes || changed != d.changed);
}

trajectory_source::trajectory_source(fs::path const& file)
    : file_(existing_file(file)), times_(file_.trajectory_steps(), std::nan("")) {}

double trajectory_source::time_of(std::size_t step) {
  if (std::isnan(times_[step])) times_[step] = file_.trajectory(step).time_s;
  return times_[step];
}

std::shared_ptr<step_pair const> trajectory_source::around(double time_s) {
  if (times_.empty()) return nullptr;
  std::size_t low = 0, high = times_.size();  // the last step not after the time lies in [low, high)
  // Mostly the same step as before or the next one.
  if (last_ < times_.size() && time_of(last_) <= time_s) {
    low = last_;
    if (last_ + 2 < times_.size() && time_of(last_ + 2) > time_s) high = last_ + 2;
  }
  while (high - low > 1) {
    std::size_t const middle = low + (high - low) / 2;
    (time_of(middle) <= time_s ? low : high) = middle;
  }
  if (pair_ && low == last_) return pair_;
  auto p = std::make_shared<step_pair>();
  p->before = file_.trajectory(low);
  p->has_after = low + 1 < times_.size();
  if (p->has_after) p->after = file_.trajectory(low + 1);
  last_ = low;
  pair_ = p;
  return pair_;
}

}  // namespace gemeo::view
