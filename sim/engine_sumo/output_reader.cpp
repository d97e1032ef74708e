#include "sim/engine_sumo/output_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/error.h"

namespace gemeo {

namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

float value(xml_attributes const& a, char const* name) { return static_cast<float>(a.number(name)); }
float value_or_none(xml_attributes const& a, char const* name) {
  return a.find(name) ? static_cast<float>(a.number(name)) : kNone;
}
std::uint32_t whole(xml_attributes const& a, char const* name) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, a.integer_or(name, 0)));
}

template <typename T>
void reorder(std::vector<T>& v, std::vector<std::size_t> const& order) {
  if (v.empty()) return;
  std::vector<T> sorted(v.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = v[order[i]];
  v = std::move(sorted);
}

auto columns(edge_interval& r) {
  return std::array{&r.sampled_s,     &r.travel_time_s, &r.density_veh_per_km,
                    &r.occupancy_pct, &r.waiting_s,     &r.time_loss_s,
                    &r.speed_mps,     &r.departed,      &r.arrived,
                    &r.entered,       &r.left,          &r.co2_mg,
                    &r.nox_mg,        &r.pmx_mg,        &r.fuel_mg};
}

// SUMO writes edges in its own order; ours is by id.
void sort_by_edge(edge_interval& r) {
  if (std::is_sorted(r.edge.begin(), r.edge.end())) return;
  std::vector<std::size_t> order(r.edge.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return r.edge[a] < r.edge[b]; });
  reorder(r.edge, order);
  for (auto* const c : columns(r)) reorder(*c, order);
}

}  // namespace

output_reader::output_reader(network const& net, sumo_names& names, bool emissions, std::filesystem::path name)
    : net_(net), names_(names), emissions_(emissions), parser_(std::move(name), *this) {}

void output_reader::push(std::string_view text) {
  if (closed_) return;
  if (!begun_) {  // what SUMO says before its first output
    head_ += text;
    std::size_t const at = head_.find("<?xml");
    if (at == std::string::npos) {
      head_.erase(0, head_.size() < 5 ? 0 : head_.size() - 5);
      return;
    }
    begun_ = true;
    std::string const first = head_.substr(at);
    head_.clear();
    parser_.push(first);
    return;
  }
  parser_.push(text);
}

void output_reader::start(std::string_view element, xml_attributes const& a) {
  ++depth_;
  if (element == "edge") {
    if (inside_ == inside::kTraffic) add_traffic(a);
    if (inside_ == inside::kEmissions) add_emissions(a);
  } else if (element == "interval") {
    start_interval(a);
  } else if (element == "tripinfo") {
    start_trip(a);
  } else if (element == "personinfo") {
    auto const who = names_.passengers.find(a.text("id"));
    rides_ = who == names_.passengers.end() ? nullptr : &who->second;
    next_ride_ = 0;
  } else if (element == "ride" && rides_ != nullptr) {
    add_ride(a);
  } else if (element == "emissions" && in_trip_) {
    trip_.co2_mg = value(a, "CO2_abs");
    trip_.nox_mg = value(a, "NOx_abs");
    trip_.pmx_mg = value(a, "PMx_abs");
    trip_.fuel_mg = value(a, "fuel_abs");
  } else if (element == "stopinfo") {
    add_stop(a);
  } else if (element == "instantOut") {
    add_crossing(a);
  } else if (element == "teleports") {
    if (!closing) closing.emplace();
    closing->teleports = a.integer("total");
    closing->jam = a.integer("jam");
    closing->yield = a.integer("yield");
    closing->wrong_lane = a.integer("wrongLane");
  } else if (element == "safety") {
    if (!closing) closing.emplace();
    closing->collisions = a.integer("collisions");
    closing->emergency_stops = a.integer("emergencyStops");
  }
}

void output_reader::end(std::string_view element) {
  if (--depth_ == 0) closed_ = true;
  if (element == "interval") {
    bool const whole_row = inside_ == inside::kEmissions || (inside_ == inside::kTraffic && !emissions_);
    if (whole_row) {
      sort_by_edge(traffic_);
      ready.edges.push_back(std::move(traffic_));
      traffic_ = {};
    }
    inside_ = inside::kNothing;
  } else if (element == "tripinfo" && in_trip_) {
    ready.trips.push_back(trip_);
    in_trip_ = false;
  }
}

void output_reader::start_interval(xml_attributes const& a) {
  std::string_view const id = a.text("id");
  if (id == kTrafficData) {
    inside_ = inside::kTraffic;
    traffic_ = {};
    traffic_.begin_s = a.number("begin");
    traffic_.end_s = a.number("end");
  } else if (id == kEmissionData) {
    inside_ = inside::kEmissions;
    emission_row_ = 0;
    verify(traffic_.begin_s == a.number("begin"), "emissions follow the traffic of the same interval");
    for (auto* const c : {&traffic_.co2_mg, &traffic_.nox_mg, &traffic_.pmx_mg, &traffic_.fuel_mg}) {
      c->assign(traffic_.edge.size(), 0.F);
    }
  } else if (a.find("nVehContrib")) {
    detector_record d;
    d.detector = detector_id(names_.detectors.find_or_add(id));
    d.begin_s = a.number("begin");
    d.end_s = a.number("end");
    d.count = value(a, "nVehContrib");
    d.flow_veh_per_h = value(a, "flow");
    d.occupancy_pct = value(a, "occupancy");
    float const speed = value(a, "speed");
    d.speed_mps = speed < 0 ? kNone : speed;
    ready.detectors.push_back(d);
  } else if (a.find("maxJamLengthInVehicles")) {
    add_area(a);
  }
}

void output_reader::add_area(xml_attributes const& a) {
  area_record d;
  d.area = area_id(names_.areas.find_or_add(a.text("id")));
  d.begin_s = a.number("begin");
  d.end_s = a.number("end");
  auto const none_below_0 = [](float x) { return x < 0 ? kNone : x; };
  d.entered = value(a, "nVehEntered");
  d.left = value(a, "nVehLeft");
  d.seen = value(a, "nVehSeen");
  d.sampled_s = value(a, "sampledSeconds");
  d.speed_mps = none_below_0(value(a, "meanSpeed"));
  d.time_loss_s = none_below_0(value(a, "meanTimeLoss"));
  d.occupancy_pct = value(a, "meanOccupancy");
  d.most_occupancy_pct = value(a, "maxOccupancy");
  d.vehicles = value(a, "meanVehicleNumber");
  d.most_vehicles = value(a, "maxVehicleNumber");
  d.jam_veh = value(a, "meanMaxJamLengthInVehicles");
  d.jam_m = value(a, "meanMaxJamLengthInMeters");
  d.most_jam_veh = value(a, "maxJamLengthInVehicles");
  d.most_jam_m = value(a, "maxJamLengthInMeters");
  d.jam_veh_sum = value(a, "jamLengthInVehiclesSum");
  d.jam_m_sum = value(a, "jamLengthInMetersSum");
  d.halts = value(a, "startedHalts");
  d.halt_s = value(a, "meanHaltingDuration");
  d.most_halt_s = value(a, "maxHaltingDuration");
  d.halt_sum_s = value(a, "haltingDurationSum");
  d.most_halt_here_s = value(a, "maxIntervalHaltingDuration");
  d.halt_here_sum_s = value(a, "intervalHaltingDurationSum");
  ready.areas.push_back(d);
}

// SUMO tells of every vehicle that enters a loop, stays on it and leaves it; the last is when a loop counts.
void output_reader::add_crossing(xml_attributes const& a) {
  if (a.text("state") != "leave") return;
  vehicle_id const v = names_.vehicle(a.text("vehID"));
  if (!v.valid()) return;
  ready.crossings.push_back({v, detector_id(names_.detectors.find_or_add(a.text("id"))), a.number("time")});
}

edge_id output_reader::edge(xml_attributes const& a) const {
  auto const e = net_.find_edge(a.text("id"));
  if (!e) a.fail("SUMO reports an edge that the network does not have");
  return *e;
}

void output_reader::add_traffic(xml_attributes const& a) {
  edge_interval& r = traffic_;
  r.edge.push_back(edge(a));
  r.sampled_s.push_back(value(a, "sampledSeconds"));
  r.travel_time_s.push_back(value_or_none(a, "traveltime"));
  r.density_veh_per_km.push_back(value_or_none(a, "density"));
  r.occupancy_pct.push_back(value_or_none(a, "occupancy"));
  r.waiting_s.push_back(value_or_none(a, "waitingTime"));
  r.time_loss_s.push_back(value_or_none(a, "timeLoss"));
  r.speed_mps.push_back(value_or_none(a, "speed"));
  r.departed.push_back(value(a, "departed"));
  r.arrived.push_back(value(a, "arrived"));
  r.entered.push_back(value(a, "entered"));
  r.left.push_back(value(a, "left"));
}

void output_reader::add_emissions(xml_attributes const& a) {
  // The same edges in the same order, save those whose vehicles were counted but stayed for no time.
  edge_id const e = edge(a);
  auto& r = traffic_;
  std::size_t row = emission_row_;
  while (row < r.edge.size() && r.edge[row] != e) ++row;
  if (row == r.edge.size()) row = static_cast<std::size_t>(std::find(r.edge.begin(), r.edge.end(), e) - r.edge.begin());
  if (row == r.edge.size()) a.fail("SUMO reports emissions of an edge without traffic");
  r.co2_mg[row] = value(a, "CO2_abs");
  r.nox_mg[row] = value(a, "NOx_abs");
  r.pmx_mg[row] = value(a, "PMx_abs");
  r.fuel_mg[row] = value(a, "fuel_abs");
  emission_row_ = row + 1;
}

void output_reader::start_trip(xml_attributes const& a) {
  trip_ = {};
  trip_.vehicle = names_.vehicle(a.text("id"));
  in_trip_ = trip_.vehicle.valid();  // obstacles make no trips
  trip_.depart_s = a.number("depart");
  trip_.depart_delay_s = a.number("departDelay");
  trip_.arrival_s = a.number("arrival");
  trip_.duration_s = a.number("duration");
  trip_.route_length_m = a.number("routeLength");
  trip_.waiting_s = a.number("waitingTime");
  trip_.stop_time_s = a.number("stopTime");
  trip_.time_loss_s = a.number("timeLoss");
  trip_.waiting_count = whole(a, "waitingCount");
  trip_.reroutes = whole(a, "rerouteNo");
  std::string_view const removed = a.text_or("vaporized", "");
  if (trip_.depart_s < 0) {
    trip_.state = trip_state::kNeverInserted;
  } else if (!removed.empty() && removed != "end") {
    trip_.state = trip_state::kVaporized;
  } else {
    trip_.state = trip_.arrival_s < 0 ? trip_state::kRunning : trip_state::kArrived;
  }
}

// What SUMO 1.15 writes as the delay of a stop without "until". With one a vehicle waits for it, so it does not leave
// early.
constexpr double kNoTimetable = -1;

// Rides stand in their order, those that have not begun to wait among them.
void output_reader::add_ride(xml_attributes const& a) {
  if (next_ride_ >= rides_->rides.size()) a.fail("SUMO reports a ride that was not planned");
  auto const& [from, to] = rides_->rides[next_ride_++];
  double const waited_s = a.number("waitingTime");
  if (waited_s < 0) return;
  ride_record r;
  r.passenger = rides_->who;
  r.from = from;
  r.to = to;
  r.departed_s = a.number("depart");
  r.arrived_s = a.number("arrival");
  r.waits_since_s = std::round(((r.departed_s < 0 ? time_s : r.departed_s) - waited_s) * 1000) / 1000;
  std::string_view const vehicle = a.text("vehicle");
  if (vehicle != "NULL") r.vehicle = names_.vehicle(vehicle);
  ready.rides.push_back(r);
}

void output_reader::add_stop(xml_attributes const& a) {
  stop_record s;
  s.vehicle = names_.vehicle(a.text("id"));
  if (!s.vehicle.valid()) return;
  std::string_view place = a.text("lane");
  for (char const* const kind : {"busStop", "containerStop", "parkingArea", "chargingStation", "overheadWireSegment"}) {
    if (auto const named = a.find(kind)) place = *named;
  }
  s.stop = stop_id(names_.stops.find_or_add(place));
  s.started_s = a.number("started");
  s.ended_s = a.number("ended");
  s.delay_s = a.number_or("delay", kNoTimetable);
  if (s.delay_s == kNoTimetable) s.delay_s = std::numeric_limits<double>::quiet_NaN();
  ready.stops.push_back(s);
}

}  // namespace gemeo
