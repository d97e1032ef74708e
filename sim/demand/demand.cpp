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
}

template <typename Id, typename T>
void hash_column(hasher& h, id_vector<Id, T> const& column) {
  h.add(std::span<T const>(column.raw()));
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
  return h.value();
}

}  // namespace gemeo
