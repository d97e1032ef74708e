// The demand of one seed. Every draw is keyed by the traveller: (OD pair, purpose, type mix, quarter-hour, index).
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/demand/city_parts.h"

namespace gemeo {

namespace {

constexpr double kSlotS = 900;

// Index drawn with the weights from u in [0, 1).
std::size_t pick(std::vector<double> const& weights, double u) {
  double total = 0;
  for (double const w : weights) total += w;
  double left = u * total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  for (std::size_t i = weights.size(); i-- > 0;) {
    if (weights[i] > 0) return i;
  }
  return 0;
}

// Arrivals of a Poisson process of unit rate up to `mean`, gap by gap (Knuth, TAOCP 2, 3.4.1): the k-th traveller exists
// when the sum of the first k exponential gaps is below the mean. Raising the mean adds travellers after those that are
// there, lowering it takes the last ones away, and nobody else changes.
std::uint32_t arrivals(std::uint64_t seed, std::uint64_t flow_slot, double mean) {
  double sum = 0;
  for (std::uint32_t k = 0;; ++k) {
    sum -= std::log(1.0 - random_uniform(seed, flow_slot, k, draw::kTripCount));
    if (sum >= mean) return k;
  }
}

class drawer {
 public:
  drawer(city const& c, std::uint64_t seed, double begin_s, double end_s) : city_(c), seed_(seed), begin_s_(begin_s), end_s_(end_s) {
    out_.types = c.types;
    out_.zones = c.zones;
    out_.stops = c.stops;
    for (line_plan const& l : c.lines) out_.lines.push_back({l.name, l.label});
  }

  demand take() {
    for (od_flow const& f : city_.od) add_flow(f);
    for (std::size_t i = 0; i < city_.lines.size(); ++i) add_line(line_id(i));
    out_.sort();
    return std::move(out_);
  }

 private:
  void add_flow(od_flow const& f) {
    std::string_view const why = name_of(f.why);
    std::uint64_t const flow_key =
        entity_key(fmt::format("{}|{}|{}|{}", city_.zones[f.from].name, city_.zones[f.to].name, why, f.vtype));
    type_mix const* const mix = find_mix(city_, f.vtype);
    verify(mix != nullptr, "a flow's mix of types is known once the city is read");
    auto const& profile = city_.profile[static_cast<std::size_t>(f.why)];
    auto const first = static_cast<std::size_t>(std::floor(begin_s_ / kSlotS));
    auto const last = static_cast<std::size_t>(std::ceil(end_s_ / kSlotS));
    for (std::size_t slot = first; slot < last; ++slot) {
      double const mean = f.trips_per_day * profile[slot % profile.size()];
      if (mean <= 0) continue;
      std::uint64_t const slot_key = entity_key(flow_key, slot);
      std::uint32_t const n = arrivals(seed_, slot_key, mean);
      for (std::uint32_t k = 0; k < n; ++k) add_traveller(f, *mix, slot, entity_key(slot_key, k), slot_key, k);
    }
  }

  void add_traveller(od_flow const& f, type_mix const& mix, std::size_t slot, std::uint64_t key, std::uint64_t slot_key, std::uint32_t k) {
    double const depart = (static_cast<double>(slot) + random_uniform(seed_, key, 0, draw::kDepartTime)) * kSlotS;
    if (depart < begin_s_ || depart >= end_s_) return;
    zone const& from = city_.zones[f.from];
    zone const& to = city_.zones[f.to];
    edge_id const origin = from.edges[pick(from.origin_weight, random_uniform(seed_, key, 0, draw::kOriginEdge))];
    edge_id destination = to.edges[pick(to.destination_weight, random_uniform(seed_, key, 0, draw::kDestinationEdge))];
    // A trip within one edge is none; a few more draws look for another edge of the zone.
    for (std::uint64_t again = 1; destination == origin && again <= 8; ++again) {
      destination = to.edges[pick(to.destination_weight, random_uniform(seed_, key, again, draw::kDestinationEdge))];
    }
    if (destination == origin) return;
    vtype_id const type = mix.types[pick(mix.weight, random_uniform(seed_, key, 0, draw::kVehicleType))];
    vehicle_table& v = out_.vehicles;
    v.key.push_back(key);
    v.name.push_back(fmt::format("{:016x}.{}", slot_key, k));
    v.depart_s.push_back(std::floor(depart * 10) / 10);
    v.type.push_back(type);
    v.speed_factor.push_back(speed_factor(type, key));
    v.from.push_back(origin);
    v.to.push_back(destination);
    v.route.push_back(route_id());
    v.from_zone.push_back(f.from);
    v.to_zone.push_back(f.to);
    v.why.push_back(f.why);
    v.line.push_back(line_id());
    v.stops.push_back({});
  }

  // Normal, cut at two and a half deviations, as no driver wishes to stand or to fly.
  float speed_factor(vtype_id t, std::uint64_t key) const {
    vehicle_type const& type = city_.types[t];
    double const z = std::clamp(random_normal(seed_, key, 0, draw::kSpeedFactor), -2.5, 2.5);
    return static_cast<float>(std::clamp(type.speed_factor + z * type.speed_factor_dev, 0.2, 2.0));
  }

  void add_line(line_id id) {
    line_plan const& l = city_.lines[id.index()];
    type_mix const* const mix = find_mix(city_, l.vtype);
    route_id const route = out_.add_route(l.edges);
    for (service_period const& p : l.service) {
      for (double t = p.begin_s; t < p.end_s; t += p.headway_s) {
        if (t >= begin_s_ && t < end_s_) add_bus(id, l, mix->types.front(), route, t);
      }
    }
  }

  void add_bus(line_id id, line_plan const& l, vtype_id type, route_id route, double depart) {
    std::uint64_t const key = entity_key(entity_key("bus." + l.name), static_cast<std::uint64_t>(std::llround(depart)));
    auto const begin = static_cast<std::uint32_t>(out_.stop_calls.size());
    for (std::size_t i = 0; i < l.stops.size(); ++i) out_.stop_calls.push_back({l.stops[i], l.dwell_s, depart + l.offset_s[i]});
    vehicle_table& v = out_.vehicles;
    v.key.push_back(key);
    v.name.push_back(fmt::format("bus.{}.{:05.0f}", l.name, depart));
    v.depart_s.push_back(depart);
    v.type.push_back(type);
    v.speed_factor.push_back(speed_factor(type, key));
    v.from.push_back(l.edges.front());
    v.to.push_back(l.edges.back());
    v.route.push_back(route);
    v.from_zone.push_back(zone_id());
    v.to_zone.push_back(zone_id());
    v.why.push_back(purpose::kBus);
    v.line.push_back(id);
    v.stops.push_back({begin, static_cast<std::uint32_t>(out_.stop_calls.size())});
  }

  city const& city_;
  std::uint64_t seed_;
  double begin_s_, end_s_;
  demand out_;
};

}  // namespace

demand draw_demand(city const& c, std::uint64_t seed, double begin_s, double end_s) {
  verify(begin_s >= 0 && end_s >= begin_s, "a demand is drawn for a window of time");
  return drawer(c, seed, begin_s, end_s).take();
}

}  // namespace gemeo
