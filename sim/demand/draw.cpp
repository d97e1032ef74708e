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
constexpr std::uint64_t kMoreEnds = 8;

// Arrivals of a Poisson process of unit rate, gap by gap (Knuth, TAOCP 2, 3.4.1): the k-th traveller exists when the
// sum of the first k + 1 exponential gaps is below the mean. Raising the mean adds travellers after those that are
// there, lowering it takes the last ones away, and nobody else changes. With scales the mean depends on the moment of
// departure; each traveller is asked for itself.
double gap(std::uint64_t seed, std::uint64_t flow_slot, std::uint32_t k) {
  return -std::log(1.0 - random_uniform(seed, flow_slot, k, draw::kTripCount));
}

// The product of factors in ascending order, so that the order in which scales are given does not change a bit of it.
double product(std::vector<double>& factors) {
  std::sort(factors.begin(), factors.end());
  double p = 1;
  for (double const f : factors) p *= f;
  return p;
}

class drawer {
 public:
  drawer(city const& c, std::uint64_t seed, double begin_s, double end_s, std::vector<flow_scale> const& scales)
      : city_(c), seed_(seed), begin_s_(begin_s), end_s_(end_s), scales_(scales) {
    report_.changed.resize(scales.size());
    out_.types = c.types;
    out_.zones = c.zones;
    out_.stops = c.stops;
    for (line_plan const& l : c.lines) out_.lines.push_back({l.name, l.label});
  }

  demand take() {
    refuse_the_endless();
    for (std::size_t i = 0; i < city_.od.size(); ++i) add_flow(i);
    for (std::size_t i = 0; i < city_.lines.size(); ++i) add_line(line_id(i));
    out_.sort();
    if (city_.factors && city_.factors->some_by_free_flow()) {
      vehicle_table& v = out_.vehicles;
      for (std::size_t i = 0; i < out_.size(); ++i) {
        vehicle_id const k(i);
        v.by_free_flow.push_back(!v.line[k].valid() &&
                                 draw_free_flow(city_, v.from_zone[k], v.to_zone[k], v.depart_s[k], v.key[k], seed_));
      }
    }
    return std::move(out_);
  }
  [[nodiscard]] scale_report const& report() const { return report_; }

 private:
  // Before anything is drawn: a slip in a factor must not end as "out of memory" an hour later.
  void refuse_the_endless() const {
    constexpr double kMost = 2e7;
    double expected = 0;
    for (std::size_t i = 0; i < city_.od.size(); ++i) {
      for (std::size_t slot = first_slot(); slot < last_slot(); ++slot)
        expected += expected_trips(city_, city_.od[i], slot) * most_of(i, slot);
    }
    if (expected > kMost) {
      throw_input(
          city_.folder.string(),
          fmt::format("the demand would be {:.0f} million trips, more than {:.0f} million", expected / 1e6,
                      kMost / 1e6),
          "look at the scales of [[demand]], which multiply, at the factors of 'calibrated', and at trips_per_day");
    }
  }
  [[nodiscard]] std::size_t first_slot() const { return static_cast<std::size_t>(std::floor(begin_s_ / kSlotS)); }
  [[nodiscard]] std::size_t last_slot() const { return static_cast<std::size_t>(std::ceil(end_s_ / kSlotS)); }

  void add_flow(std::size_t index) {
    od_flow const& f = city_.od[index];
    std::string_view const why = name_of(f.why);
    std::uint64_t const flow_key =
        entity_key(fmt::format("{}|{}|{}|{}", city_.zones[f.from].name, city_.zones[f.to].name, why, f.vtype));
    type_mix const* const mix = find_mix(city_, f.vtype);
    verify(mix != nullptr, "a flow's mix of types is known once the city is read");
    for (std::size_t slot = first_slot(); slot < last_slot(); ++slot) {
      double const mean = expected_trips(city_, f, slot);
      if (mean <= 0) continue;
      std::uint64_t const slot_key = entity_key(flow_key, slot);
      double const most = mean * most_of(index, slot);
      double sum = gap(seed_, slot_key, 0);
      for (std::uint32_t k = 0; sum < most; sum += gap(seed_, slot_key, ++k)) {
        std::uint64_t const key = entity_key(slot_key, k);
        double const depart = (static_cast<double>(slot) + random_uniform(seed_, key, 0, draw::kDepartTime)) * kSlotS;
        if (depart < begin_s_ || depart >= end_s_) continue;
        auto const [origin, destination] = ends(f, key);
        if (destination == origin || !exists(index, mean, sum, depart)) continue;
        add_traveller(f, draw_type(*mix, seed_, key), depart, origin, destination, key,
                      fmt::format("{:016x}.{}", slot_key, k));
      }
    }
  }

  // No factor of this flow in this quarter-hour is higher; never below 1, so that removals are seen and counted.
  [[nodiscard]] double most_of(std::size_t flow, std::size_t slot) const {
    double const begin = static_cast<double>(slot) * kSlotS, end = begin + kSlotS;
    double most = 1;
    for (flow_scale const& s : scales_) {
      if (s.flows[flow] && s.begin_s < end && begin < s.end_s) most *= std::max(1.0, s.factor);
    }
    return most;
  }

  // Whether the traveller whose gaps sum up so is there, at its own moment of departure; counts what the scales change.
  bool exists(std::size_t flow, double mean, double sum, double depart) {
    if (scales_.empty()) return sum < mean;
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < scales_.size(); ++i) {
      if (scales_[i].flows[flow] && depart >= scales_[i].begin_s && depart < scales_[i].end_s) active.push_back(i);
    }
    auto const there_without = [&](std::size_t left_out) {
      std::vector<double> factors;
      for (std::size_t const i : active) {
        if (i != left_out) factors.push_back(scales_[i].factor);
      }
      return sum < mean * product(factors);
    };
    bool const there = there_without(scales_.size());
    if (active.empty()) return there;
    for (std::size_t const i : active) report_.changed[i] += there != there_without(i);
    bool const before = sum < mean;
    report_.added += there && !before;
    report_.removed += before && !there;
    return there;
  }

  std::pair<edge_id, edge_id> ends(od_flow const& f, std::uint64_t key) const {
    zone const& from = city_.zones[f.from];
    zone const& to = city_.zones[f.to];
    edge_id const origin =
        from.edges[pick_weighted(from.origin_weight, random_uniform(seed_, key, 0, draw::kOriginEdge))];
    edge_id destination =
        to.edges[pick_weighted(to.destination_weight, random_uniform(seed_, key, 0, draw::kDestinationEdge))];
    // A trip within one edge is none; a few more draws look for another edge of the zone.
    for (std::uint64_t again = 1; destination == origin && again <= kMoreEnds; ++again) {
      destination =
          to.edges[pick_weighted(to.destination_weight, random_uniform(seed_, key, again, draw::kDestinationEdge))];
    }
    return {origin, destination};
  }

  void add_traveller(od_flow const& f, vtype_id type, double depart, edge_id origin, edge_id destination,
                     std::uint64_t key, std::string name) {
    vehicle_table& v = out_.vehicles;
    v.key.push_back(key);
    v.name.push_back(std::move(name));
    v.depart_s.push_back(std::floor(depart * 10) / 10);
    v.type.push_back(type);
    v.speed_factor.push_back(draw_speed_factor(city_.types[type], seed_, key));
    v.from.push_back(origin);
    v.to.push_back(destination);
    v.route.push_back(route_id());
    v.from_zone.push_back(f.from);
    v.to_zone.push_back(f.to);
    v.why.push_back(f.why);
    v.line.push_back(line_id());
    v.stops.push_back({});
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
    for (std::size_t i = 0; i < l.stops.size(); ++i)
      out_.stop_calls.push_back({l.stops[i], l.dwell_s, depart + l.offset_s[i]});
    vehicle_table& v = out_.vehicles;
    v.key.push_back(key);
    v.name.push_back(fmt::format("bus.{}.{:05.0f}", l.name, depart));
    v.depart_s.push_back(depart);
    v.type.push_back(type);
    v.speed_factor.push_back(draw_speed_factor(city_.types[type], seed_, key));
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
  std::vector<flow_scale> const& scales_;
  scale_report report_;
  demand out_;
};

}  // namespace

std::size_t pick_weighted(std::vector<double> const& weights, double u) {
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

vtype_id draw_type(type_mix const& mix, std::uint64_t seed, std::uint64_t key) {
  return mix.types[pick_weighted(mix.weight, random_uniform(seed, key, 0, draw::kVehicleType))];
}

// Normal, cut at two and a half deviations, as no driver wishes to stand or to fly.
float draw_speed_factor(vehicle_type const& type, std::uint64_t seed, std::uint64_t key) {
  double const z = std::clamp(random_normal(seed, key, 0, draw::kSpeedFactor), -2.5, 2.5);
  return static_cast<float>(std::clamp(type.speed_factor + z * type.speed_factor_dev, 0.2, 2.0));
}

double expected_trips(city const& c, od_flow const& f, std::size_t slot) {
  auto const& profile = c.profile[static_cast<std::size_t>(f.why)];
  double const mean = f.trips_per_day * profile[slot % profile.size()];
  return c.factors ? mean * c.factors->at(f.from, f.to, slot) : mean;
}

bool draw_free_flow(city const& c, zone_id from, zone_id to, double depart_s, std::uint64_t key, std::uint64_t seed) {
  if (!c.factors || !from.valid() || !to.valid()) return false;
  double const share = c.factors->free_flow_share(from, to, static_cast<std::size_t>(depart_s / pair_factors::kSlotS));
  return random_uniform(seed, key, 0, draw::kRouteChoice) < share;
}

double share_within_one_edge(city const& c, od_flow const& f) {
  zone const &from = c.zones[f.from], &to = c.zones[f.to];
  double all_from = 0, all_to = 0, share = 0;
  for (double const w : from.origin_weight) all_from += w;
  for (double const w : to.destination_weight) all_to += w;
  for (std::size_t i = 0; i < from.edges.size(); ++i) {
    for (std::size_t k = 0; k < to.edges.size(); ++k) {
      if (to.edges[k] == from.edges[i])
        share += from.origin_weight[i] / all_from *
                 std::pow(to.destination_weight[k] / all_to, static_cast<double>(kMoreEnds + 1));
    }
  }
  return share;
}

demand draw_demand(city const& c, std::uint64_t seed, double begin_s, double end_s,
                   std::vector<flow_scale> const& scales, scale_report* report) {
  verify(begin_s >= 0 && end_s >= begin_s, "a demand is drawn for a window of time");
  drawer d(c, seed, begin_s, end_s, scales);
  demand out = d.take();
  if (report != nullptr) *report = d.report();
  return out;
}

}  // namespace gemeo
