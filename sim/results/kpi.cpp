#include "sim/results/kpi.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>

#include "sim/results/queue_sampler.h"

namespace gemeo {

namespace {

constexpr double kMgPerKg = 1e6;
constexpr double kEarly_s = -60, kLate_s = 180;  // a bus is on time from one minute early to three minutes late

// Linear between order statistics (type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", 1996).
double quantile(std::vector<float> values, double q) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  double const at = q * static_cast<double>(values.size() - 1);
  auto const low = static_cast<std::size_t>(at);
  auto const nth = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin(), nth, values.end());
  auto const a = static_cast<double>(*nth);
  if (low + 1 == values.size()) return a;
  auto const b = static_cast<double>(*std::min_element(nth + 1, values.end()));
  return a + (b - a) * (at - static_cast<double>(low));
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

// Sums over the trips of one group.
struct trip_sums {
  std::int64_t trips = 0, entered = 0, arrived = 0, never_inserted = 0, unfinished = 0, removed = 0, teleported = 0;
  double driven_s = 0, driven_m = 0, loss_s = 0;
  double co2_mg = 0, nox_mg = 0, pmx_mg = 0, fuel_mg = 0;
  // Of arrived trips, buses left out (unless the group is of buses).
  std::vector<float> duration_s;
  double duration_sum_s = 0, arrived_loss_s = 0, depart_delay_s = 0, stops = 0;

  void add(trip_record const& t, bool in_means) {
    ++trips;
    if (t.state == trip_state::kNeverInserted) {
      ++never_inserted;
      return;
    }
    ++entered;
    driven_s += t.duration_s;
    driven_m += t.route_length_m;
    loss_s += t.time_loss_s;
    co2_mg += static_cast<double>(t.co2_mg);
    nox_mg += static_cast<double>(t.nox_mg);
    pmx_mg += static_cast<double>(t.pmx_mg);
    fuel_mg += static_cast<double>(t.fuel_mg);
    if (t.teleports > 0) ++teleported;
    if (t.state == trip_state::kRunning) ++unfinished;
    if (t.state == trip_state::kVaporized) ++removed;
    if (t.state != trip_state::kArrived) return;
    ++arrived;
    if (!in_means) return;
    duration_s.push_back(static_cast<float>(t.duration_s));
    duration_sum_s += t.duration_s;
    arrived_loss_s += t.time_loss_s;
    depart_delay_s += t.depart_delay_s;
    stops += t.waiting_count;
  }

  void rows(std::vector<kpi_row>& out, std::string const& group, std::string const& key, bool emissions) const {
    auto const put = [&](char const* name, char const* unit, double v) { out.push_back({name, unit, group, key, v}); };
    auto const n = static_cast<double>(duration_s.size());
    put("trips", "veh", static_cast<double>(trips));
    put("arrived", "veh", static_cast<double>(arrived));
    put("vehicle_hours", "veh.h", driven_s / 3600);
    put("vehicle_km", "veh.km", driven_m / 1000);
    put("mean_travel_time", "s", duration_sum_s / n);  // NaN when none arrived
    put("p95_travel_time", "s", quantile(duration_s, 0.95));
    put("mean_delay", "s", arrived_loss_s / n);
    put("total_delay", "veh.h", loss_s / 3600);
    put("mean_depart_delay", "s", depart_delay_s / n);
    put("mean_stops", "1", stops / n);
    put("mean_speed", "m/s", driven_m / driven_s);
    if (emissions) {
      put("co2", "kg", co2_mg / kMgPerKg);
      put("nox", "kg", nox_mg / kMgPerKg);
      put("pmx", "kg", pmx_mg / kMgPerKg);
      put("fuel", "kg", fuel_mg / kMgPerKg);
    }
    put("share_never_inserted", "1", share(never_inserted, trips));
    put("share_unfinished", "1", share(unfinished + removed, trips));
    put("share_teleported", "1", share(teleported, entered));
  }
};

struct bus_sums {
  std::int64_t stops = 0, timed = 0, on_time = 0;  // timed: those with a timetable
  double delay_s = 0;
  void add(double delay) {
    ++stops;
    if (!std::isfinite(delay)) return;
    ++timed;
    on_time += delay >= kEarly_s && delay <= kLate_s ? 1 : 0;
    delay_s += delay;
  }
  void rows(std::vector<kpi_row>& out, std::string const& group, std::string const& key) const {
    if (timed > 0) {
      out.push_back({"bus_mean_delay", "s", group, key, delay_s / static_cast<double>(timed)});
      out.push_back({"bus_on_time_share", "1", group, key, share(on_time, timed)});
    }
    if (stops > 0) out.push_back({"bus_stops_served", "1", group, key, static_cast<double>(stops)});
  }
};

struct passenger_sums {
  std::int64_t carried = 0, left_waiting = 0, taken = 0;  // rides: ended; nobody came; begun
  double waited_s = 0;                                    // of those begun
  void add(ride_record const& r) {
    carried += r.arrived_s >= 0 ? 1 : 0;
    left_waiting += r.vehicle.valid() ? 0 : 1;
    if (!(r.departed_s >= 0)) return;
    ++taken;
    waited_s += r.departed_s - r.waits_since_s;
  }
  void rows(std::vector<kpi_row>& out) const {
    if (carried + left_waiting + taken == 0) return;
    out.push_back({"bus_passengers_carried", "1", "all", "", static_cast<double>(carried)});
    out.push_back({"bus_passengers_left_waiting", "1", "all", "", static_cast<double>(left_waiting)});
    if (taken > 0) out.push_back({"bus_passengers_mean_wait", "s", "all", "", waited_s / static_cast<double>(taken)});
  }
};

struct queue_sums {
  double metre_seconds = 0;
  float max_m = 0;
};

struct zone_sums {  // what happened on the zone's roads, whoever drove there
  double co2_mg = 0, nox_mg = 0, pmx_mg = 0;
};

std::string const& text_of(std::vector<std::string> const& column, vehicle_id v) {
  static std::string const kNone;
  return v.index() < column.size() ? column[v.index()] : kNone;
}

}  // namespace

struct kpi_collector::state {
  network const& net;
  traveller_table travellers;  // copied: it may not outlive the caller's
  run_description run;
  double from_s = 0;  // what was due earlier is warm-up
  queue_sampler sampler;

  trip_sums all, commute;
  std::map<std::string, trip_sums> zones, modes, purposes, hours;
  std::int64_t never_inserted_records = 0;
  passenger_sums passengers;
  bus_sums buses;
  std::map<std::string, bus_sums> lines;
  std::map<edge_id, queue_sums> queues;
  std::vector<zone_sums> zone_roads;

  [[nodiscard]] bool is_bus(vehicle_id v) const {
    return !text_of(travellers.line, v).empty() || text_of(travellers.purpose, v) == "bus";
  }
  // When the traveller wanted to leave.
  [[nodiscard]] double planned_s(trip_record const& t) const {
    std::size_t const v = t.vehicle.index();
    if (v < travellers.planned_depart_s.size()) return travellers.planned_depart_s[v];
    double const inserted = t.depart_s >= 0 ? t.depart_s : run.end_s;
    return inserted - t.depart_delay_s;
  }
  void add_trip(trip_record const& t);
  void add_stop(stop_record const& s);
  void add_edges(edge_interval const& i);
};

void kpi_collector::state::add_trip(trip_record const& t) {
  if (t.state == trip_state::kNeverInserted) ++never_inserted_records;
  double const planned = planned_s(t);
  if (planned < from_s) return;
  bool const bus = is_bus(t.vehicle);
  all.add(t, !bus);
  auto const put = [&](std::map<std::string, trip_sums>& groups, std::string const& key, bool in_means) {
    if (!key.empty()) groups[key].add(t, in_means);
  };
  put(modes, text_of(travellers.mode, t.vehicle), true);
  put(purposes, text_of(travellers.purpose, t.vehicle), true);
  put(zones, text_of(travellers.from_zone, t.vehicle), !bus);
  if (std::isfinite(planned)) put(hours, fmt::format("{:02}", static_cast<long>(std::floor(planned / 3600))), !bus);
  if (text_of(travellers.purpose, t.vehicle) == "work") commute.add(t, true);
}

void kpi_collector::state::add_stop(stop_record const& s) {
  if (s.started_s < from_s) return;
  buses.add(s.delay_s);
  if (std::string const& line = text_of(travellers.line, s.vehicle); !line.empty()) lines[line].add(s.delay_s);
}

void kpi_collector::state::add_edges(edge_interval const& i) {
  if (i.begin_s < from_s - 1e-9 || i.co2_mg.empty()) return;
  for (std::size_t k = 0; k < i.edge.size(); ++k) {
    std::size_t const e = i.edge[k].index();
    if (e >= travellers.edge_zone.size() || travellers.edge_zone[e] >= zone_roads.size()) continue;
    zone_sums& z = zone_roads[travellers.edge_zone[e]];
    auto const add = [](double& sum, float v) { sum += std::isfinite(v) ? static_cast<double>(v) : 0.0; };
    add(z.co2_mg, i.co2_mg[k]);
    add(z.nox_mg, i.nox_mg[k]);
    add(z.pmx_mg, i.pmx_mg[k]);
  }
}

kpi_collector::kpi_collector(network const& net, traveller_table const& t, run_description const& d)
    : state_(std::make_unique<state>(state{
          net, t, d, d.begin_s + d.warm_up_s, queue_sampler(net), {}, {}, {}, {}, {}, {}, 0, {}, {}, {}, {}, {}})) {
  state_->zone_roads.resize(t.zone_names.size());
}

kpi_collector::~kpi_collector() = default;

void kpi_collector::add(observations const& o) {
  state& s = *state_;
  for (trip_record const& t : o.trips) s.add_trip(t);
  for (stop_record const& b : o.stops) s.add_stop(b);
  for (ride_record const& r : o.rides) {
    if (r.waits_since_s >= s.from_s) s.passengers.add(r);
  }
  for (edge_interval const& i : o.edges) s.add_edges(i);
  for (queue_record const& q : o.queues) {
    if (q.begin_s < s.from_s - 1e-9 || !(q.max_queue_m > 0)) continue;
    queue_sums& sums = s.queues[q.edge];
    sums.metre_seconds += static_cast<double>(q.mean_queue_m) * (q.end_s - q.begin_s);
    sums.max_m = std::max(sums.max_m, q.max_queue_m);
  }
}

void kpi_collector::add_frame(frame const& f) { state_->sampler.add(f); }

std::vector<queue_record> kpi_collector::take_queues(double begin_s, double end_s) {
  return state_->sampler.take(begin_s, end_s);
}

std::vector<kpi_row> kpi_collector::rows(counters const& total) const {
  state const& s = *state_;
  std::vector<kpi_row> out;
  trip_sums all = s.all;
  // Vehicles an engine holds back without a record of their own are missing all the same.
  if (std::int64_t const unrecorded = total.backlog - s.never_inserted_records; unrecorded > 0) {
    all.never_inserted += unrecorded;
    all.trips += unrecorded;
  }
  all.rows(out, "all", "", s.run.emissions);
  s.buses.rows(out, "all", "");
  s.passengers.rows(out);
  if (!s.commute.duration_s.empty()) {
    double const seconds = s.commute.duration_sum_s + s.commute.depart_delay_s;
    out.push_back({"iso37120_19_7_commute_time", "min", "all", "",
                   seconds / static_cast<double>(s.commute.duration_s.size()) / 60});
  }
  for (auto const& [name, groups] :
       {std::pair{"mode", &s.modes}, {"purpose", &s.purposes}, {"hour", &s.hours}, {"zone", &s.zones}}) {
    for (auto const& [key, sums] : *groups) sums.rows(out, name, key, s.run.emissions);
  }
  for (std::size_t z = 0; z < s.zone_roads.size() && s.run.emissions; ++z) {
    out.push_back({"co2_on_roads", "kg", "zone", s.travellers.zone_names[z], s.zone_roads[z].co2_mg / kMgPerKg});
    out.push_back({"nox_on_roads", "kg", "zone", s.travellers.zone_names[z], s.zone_roads[z].nox_mg / kMgPerKg});
    out.push_back({"pmx_on_roads", "kg", "zone", s.travellers.zone_names[z], s.zone_roads[z].pmx_mg / kMgPerKg});
  }
  for (auto const& [line, sums] : s.lines) sums.rows(out, "line", line);
  double const window_s = std::min(total.time_s, s.run.end_s) - s.from_s;
  for (auto const& [edge, q] : s.queues) {
    out.push_back({"mean_queue", "m", "approach", s.net.edges.name[edge], q.metre_seconds / window_s});
    out.push_back({"max_queue", "m", "approach", s.net.edges.name[edge], static_cast<double>(q.max_m)});
  }
  return out;
}

}  // namespace gemeo
