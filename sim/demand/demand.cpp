#include "sim/demand/demand.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/core/hash.h"

namespace gemeo {

namespace {
constexpr std::array<std::string_view, static_cast<std::size_t>(purpose::kCount)> kPurposes = {
    "work", "school", "home", "leisure", "business", "through", "freight", "bus", "event", "other"};

template <typename T>
void permute(id_vector<vehicle_id, T>& column, std::vector<std::uint32_t> const& order) {
  if (column.empty()) return;
  std::vector<T> out;
  out.reserve(order.size());
  for (std::uint32_t const i : order) out.push_back(std::move(column.raw()[i]));
  column.raw() = std::move(out);
}

void permute_all(vehicle_table& v, std::vector<std::uint32_t> const& order) {
  permute(v.key, order);
  permute(v.name, order);
  permute(v.depart_s, order);
  permute(v.type, order);
  permute(v.speed_factor, order);
  permute(v.from, order);
  permute(v.to, order);
  permute(v.route, order);
  permute(v.from_zone, order);
  permute(v.to_zone, order);
  permute(v.why, order);
  permute(v.line, order);
  permute(v.stops, order);
  permute(v.start, order);
  permute(v.by_free_flow, order);
}

template <typename Id, typename T>
void hash_column(hasher& h, id_vector<Id, T> const& column) {
  h.add(std::span<T const>(column.raw()));
}

// Field by field, as the bytes between fields may hold anything.
void hash_start(hasher& h, departure const& s) {
  for (auto const v : {static_cast<int>(s.lane), static_cast<int>(s.pos), static_cast<int>(s.speed),
                       static_cast<int>(s.end), static_cast<int>(s.lane_index), static_cast<int>(s.end_lane)})
    h.add_value(v);
  for (double const v : {s.pos_m, s.speed_mps, s.end_pos_m, s.end_speed_mps}) h.add_value(v);
}

// What only a demand read from SUMO's files has, or has in more kinds than a city's.
void hash_sumo(hasher& h, demand const& d) {
  for (departure const& s : d.vehicles.start) hash_start(h, s);
  for (range const& r : d.vehicles.stops) h.add_value(r.size());
  for (stop_call const& c : d.stop_calls) {
    bus_stop const& at = d.stops[c.stop];
    h.add_value(at.lane.value);
    for (double const v : {at.begin_m, at.end_m, c.duration_s, c.until_s}) h.add_value(v);
  }
  for (vehicle_type const& t : d.types) {
    h.add_value(static_cast<int>(t.cls));
    for (double const v : {t.min_gap_m, t.accel_mps2, t.decel_mps2, t.emergency_decel_mps2, t.max_speed_mps})
      h.add_value(v);
  }
}

void hash_passengers(hasher& h, demand const& d) {
  auto const add = [&](std::string const& text) { h.add_value(hash_bytes(text.data(), text.size())); };
  for (passenger const& p : d.passengers) {
    add(p.name);
    h.add_value(p.depart_s);
    for (std::uint32_t r = p.rides.begin; r < p.rides.end; ++r) {
      ride const& one = d.rides[r];
      for (stop_id const at : {one.from, one.to}) {
        h.add_value(d.stops[at].lane.value);
        for (double const v : {d.stops[at].begin_m, d.stops[at].end_m}) h.add_value(v);
      }
      for (double const v : {one.stay_s, one.stay_until_s}) h.add_value(v);
      h.add_value(d.served_by[one.served_by].size());
      for (std::string const& name : d.served_by[one.served_by]) add(name);
    }
  }
  for (vehicle_type const& t : d.types) {
    for (auto const& [name, value] : t.other) {
      add(name);
      add(value);
    }
  }
  for (line_id const l : d.vehicles.line) h.add_value(l.value);
  for (auto const& l : d.lines) add(l.name);
}
}  // namespace

std::string_view name_of(purpose p) { return kPurposes[static_cast<std::size_t>(p)]; }

std::optional<purpose> parse_purpose(std::string_view s) {
  auto const it = std::find(kPurposes.begin(), kPurposes.end(), s);
  if (it == kPurposes.end()) return std::nullopt;
  return static_cast<purpose>(it - kPurposes.begin());
}

std::span<edge_id const> demand::route(route_id r) const {
  range const span = routes[r];
  return {route_edges.data() + span.begin, span.size()};
}

route_id demand::add_route(std::span<edge_id const> edges) {
  auto const begin = static_cast<std::uint32_t>(route_edges.size());
  route_edges.insert(route_edges.end(), edges.begin(), edges.end());
  return routes.push_back({begin, static_cast<std::uint32_t>(route_edges.size())});
}

void demand::filter(std::vector<bool> const& keep) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) order.push_back(i);
  }
  permute_all(vehicles, order);
}

void demand::sort() {
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    vehicle_id const x(a), y(b);
    if (vehicles.depart_s[x] != vehicles.depart_s[y]) return vehicles.depart_s[x] < vehicles.depart_s[y];
    if (vehicles.key[x] != vehicles.key[y]) return vehicles.key[x] < vehicles.key[y];
    return vehicles.name[x] < vehicles.name[y];
  });
  permute_all(vehicles, order);
}

std::uint64_t demand::hash() const {
  hasher h;
  hash_column(h, vehicles.key);
  hash_column(h, vehicles.depart_s);
  hash_column(h, vehicles.type);
  hash_column(h, vehicles.speed_factor);
  hash_column(h, vehicles.from);
  hash_column(h, vehicles.to);
  for (std::size_t i = 0; i < size(); ++i) {
    // Routes by what they say, not by where they stand in the pool.
    route_id const r = vehicles.route[vehicle_id(i)];
    if (r.valid()) h.add(route(r));
  }
  for (vehicle_type const& t : types) {
    h.add_value(t.length_m);
    h.add_value(t.tau_s);
    h.add_value(t.sigma);
  }
  if (!vehicles.start.empty()) hash_sumo(h, *this);
  if (!passengers.empty()) hash_passengers(h, *this);
  return h.value();
}

}  // namespace gemeo
