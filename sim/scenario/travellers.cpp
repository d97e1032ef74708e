// Who travels in this scenario: the city's demand with its scales, visitors of events, travellers who leave at another
// time or leave their vehicle at home. Every draw is keyed by the traveller and the intervention's selection.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/routing/habits.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

std::vector<bool> flags(std::size_t n, std::vector<zone_id> const& zones) {
  std::vector<bool> out;
  if (zones.empty()) return out;
  out.resize(n);
  for (zone_id const z : zones) out[z.index()] = true;
  return out;
}

bool in(std::vector<bool> const& set, zone_id z) { return set.empty() || (z.valid() && set[z.index()]); }

struct demand_item {
  item* what;
  demand_config const* config;
  trip_filter filter;
};

class chooser {
 public:
  explicit chooser(draft& d) : d_(d), finder_(d.town) {
    for (item& i : d.items) {
      auto const* const c = std::get_if<demand_config>(i.config);
      if (c != nullptr) items_.push_back({&i, c, resolve_trips(d.town, finder_, c->trips, i.report.where)});
    }
  }

  void draw() {
    std::vector<flow_scale> scales;
    for (demand_item const& i : items_) {
      flow_scale s{std::vector<bool>(d_.town.od.size()), i.what->begin_s, i.what->end_s, i.config->scale};
      for (std::size_t f = 0; f < d_.town.od.size(); ++f) s.flows[f] = i.filter.holds(d_.town.od[f]);
      if (std::find(s.flows.begin(), s.flows.end(), true) == s.flows.end()) {
        throw_input(i.what->report.where, "no trips of od.csv are meant",
                    "check from, to, purposes and vtypes together");
      }
      scales.push_back(std::move(s));
    }
    double widest = 0;
    for (demand_item const& i : items_) widest += std::abs(i.config->departure_shift_min) * 60;
    begin_ = d_.config.time.begin.s;
    end_ = d_.config.time.end.s;
    scale_report report;
    d_.travellers = draw_demand(d_.town, d_.seed, begin_, end_, scales, &report);
    // Who shifts into the scenario's time has to be drawn, too.
    if (widest > 0)
      d_.travellers = draw_demand(d_.town, d_.seed, std::max(0.0, begin_ - widest), end_ + widest, scales);
    d_.out.trips_added += report.added;
    d_.out.trips_removed += report.removed;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      touched& r = items_[i].what->report;
      r.trips += report.changed[i];
      double const scale = items_[i].config->scale;
      if (scale != 1 && !report.changed.empty())
        r.notes.push_back(fmt::format("{:g} times the trips: {} {} than without it", scale, report.changed[i],
                                      scale < 1 ? "fewer" : "more"));
    }
  }

  // Departures that shift and vehicles left at home; all by the departure as it was drawn.
  void shift() {
    vehicle_table& t = d_.travellers.vehicles;
    std::vector<bool> keep(d_.travellers.size(), true);
    std::vector<std::size_t> stayed(items_.size());
    for (std::size_t i = 0; i < d_.travellers.size(); ++i) {
      vehicle_id const v(i);
      double const planned = t.depart_s[v];
      bool home = false;
      double shift_s = 0;
      for (std::size_t k = 0; k < items_.size() && !t.line[v].valid(); ++k) {
        demand_config const& c = *items_[k].config;
        item& it = *items_[k].what;
        if (planned < it.begin_s || planned >= it.end_s || !items_[k].filter.holds(t, v)) continue;
        bool const leaves = random_uniform(d_.seed, t.key[v], it.salt, draw::kModeShift) < c.mode_shift_share;
        bool const shifts = c.departure_shift_min != 0 &&
                            random_uniform(d_.seed, t.key[v], it.salt, draw::kDepartTime) < c.departure_shift_share;
        if (inside(planned)) {
          it.report.trips += leaves || shifts;
          stayed[k] += leaves;
        }
        home = home || leaves;
        if (shifts) shift_s += c.departure_shift_min * 60;
      }
      t.depart_s[v] = planned + shift_s;
      keep[i] = !home && inside(t.depart_s[v]);
      d_.out.trips_removed += inside(planned) && !keep[i];
      d_.out.trips_added += !inside(planned) && keep[i];
      d_.out.trips_changed += inside(planned) && keep[i] && shift_s != 0;
    }
    d_.travellers.filter(keep);
    for (std::size_t k = 0; k < items_.size(); ++k) {
      demand_config const& c = *items_[k].config;
      if (c.mode_shift_share > 0) {
        items_[k].what->report.notes.push_back(fmt::format("{} travellers leave the vehicle{}", stayed[k],
                                                           c.mode_shift_to.empty() ? "" : " for: " + c.mode_shift_to));
      }
    }
  }

 private:
  [[nodiscard]] bool inside(double t) const { return t >= begin_ && t < end_; }

  draft& d_;
  target_finder finder_;
  std::vector<demand_item> items_;
  double begin_ = 0, end_ = 0;
};

class host {  // of one event
 public:
  host(draft& d, item& i, event_config const& c) : d_(d), item_(i), config_(c) {
    target_finder finder(d.town);
    auto const places = finder.zones({c.to}, i.report.where);
    if (places.size() != 1)
      throw_input(i.report.where, fmt::format("'{}' names {} zones; an event is in one", c.to, places.size()));
    place_ = places[0];
    std::vector<bool> const from = flags(d.town.zones.size(), finder.zones(c.from, i.report.where));
    weight_.resize(d.town.zones.size());
    for (od_flow const& f : d.town.od) {
      if (f.from != place_ && in(from, f.from) && usable(d.town.zones[f.from].origin_weight))
        weight_[f.from.index()] += f.trips_per_day;
    }
    if (!usable(weight_)) throw_input(i.report.where, "nobody can come: no trips begin in these zones");
    if (!usable(d.town.zones[place_].destination_weight))
      throw_input(i.report.where, fmt::format("no trip can end in zone '{}'", c.to));
    mix_ = find_mix(d.town, c.vtype);
    std::vector<std::string> names;
    for (type_mix const& m : d.town.mixes) names.push_back(m.name);
    if (mix_ == nullptr)
      throw_input(i.report.where, fmt::format("the city has no vehicle type '{}'", c.vtype),
                  did_you_mean(c.vtype, names));
  }

  void invite() {
    auto const cars = static_cast<std::uint64_t>(
        std::llround(static_cast<double>(config_.visitors) * config_.car_share / config_.persons_per_car));
    for (std::uint64_t k = 0; k < cars; ++k) {
      std::uint64_t const key = entity_key(item_.salt, k);
      auto const u = [&](std::uint64_t counter) { return random_uniform(d_.seed, key, counter, draw::kEvent); };
      zone_id const home(pick_weighted(weight_, u(0)));
      zone const& from = d_.town.zones[home];
      zone const& to = d_.town.zones[place_];
      edge_id const origin =
          from.edges[pick_weighted(from.origin_weight, random_uniform(d_.seed, key, 0, draw::kOriginEdge))];
      edge_id const there =
          to.edges[pick_weighted(to.destination_weight, random_uniform(d_.seed, key, 0, draw::kDestinationEdge))];
      vtype_id const type = draw_type(*mix_, d_.seed, key);
      if (origin == there) continue;
      double const arrive = between(*config_.arrive_begin, *config_.arrive_end, u(1), u(2));
      route_query const q{origin, there, arrive, d_.town.types[type].cls, key, type};
      auto const way = d_.base->route(q, d_.routing());
      double const drive = way.empty() ? 0 : d_.base->cost_s(way, q, d_.routing());
      add(arrive - drive, type, origin, there, home, place_, key, "");
      if (config_.leave_begin) {
        // Home from the same edge to the same edge, unless one of them leads one way only, as at a gate.
        std::uint64_t const back = entity_key(key, 1);
        edge_id const start = same_or_drawn(to, there, to.origin_weight, back, draw::kOriginEdge);
        edge_id const end = same_or_drawn(from, origin, from.destination_weight, back, draw::kDestinationEdge);
        if (start != end)
          add(between(*config_.leave_begin, *config_.leave_end, u(3), u(4)), type, start, end, place_, home, back,
              ".back");
      }
    }
  }

  [[nodiscard]] std::size_t outside() const { return outside_; }

 private:
  static bool usable(std::vector<double> const& weights) {
    return std::any_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
  }
  edge_id same_or_drawn(zone const& z, edge_id e, std::vector<double> const& weight, std::uint64_t key, draw d) const {
    for (std::size_t i = 0; i < z.edges.size(); ++i) {
      if (z.edges[i] == e && weight[i] > 0) return e;
    }
    return usable(weight) ? z.edges[pick_weighted(weight, random_uniform(d_.seed, key, 0, d))] : e;
  }
  // Triangular: most come half-way.
  static double between(clock_time begin, clock_time end, double u, double v) {
    return begin.s + (u + v) / 2 * (end.s - begin.s);
  }

  void add(double depart, vtype_id type, edge_id from, edge_id to, zone_id from_zone, zone_id to_zone,
           std::uint64_t key, char const* suffix) {
    depart = std::floor(depart * 10) / 10;
    if (depart < d_.config.time.begin.s || depart >= d_.config.time.end.s) {
      ++outside_;
      return;
    }
    vehicle_table& v = d_.travellers.vehicles;
    v.key.push_back(key);
    v.name.push_back(fmt::format("event.{:016x}{}", key, suffix));
    v.depart_s.push_back(depart);
    v.type.push_back(type);
    v.speed_factor.push_back(draw_speed_factor(d_.town.types[type], d_.seed, key));
    v.from.push_back(from);
    v.to.push_back(to);
    v.route.push_back(route_id());
    v.from_zone.push_back(from_zone);
    v.to_zone.push_back(to_zone);
    v.why.push_back(purpose::kEvent);
    v.line.push_back(line_id());
    v.stops.push_back({});
    if (!v.by_free_flow.empty())
      v.by_free_flow.push_back(draw_free_flow(d_.town, from_zone, to_zone, depart, key, d_.seed));
    ++item_.report.trips;
    ++d_.out.trips_added;
  }

  draft& d_;
  item& item_;
  event_config const& config_;
  zone_id place_;
  std::vector<double> weight_;
  type_mix const* mix_ = nullptr;
  std::size_t outside_ = 0;
};

}  // namespace

bool trip_filter::holds(vehicle_table const& t, vehicle_id v) const {
  return in(from, t.from_zone[v]) && in(to, t.to_zone[v]) && purposes.holds(t.why[v]) &&
         (types.empty() || types[t.type[v].index()]);
}

bool trip_filter::holds(od_flow const& f) const {
  return in(from, f.from) && in(to, f.to) && purposes.holds(f.why) &&
         (mixes.empty() || std::find(mixes.begin(), mixes.end(), f.vtype) != mixes.end());
}

trip_filter resolve_trips(city const& c, target_finder& finder, trip_filter_config const& f, std::string const& where) {
  trip_filter out;
  out.from = flags(c.zones.size(), finder.zones(f.from, where));
  out.to = flags(c.zones.size(), finder.zones(f.to, where));
  out.purposes = f.purposes;
  out.mixes = f.vtypes;
  if (!f.vtypes.empty()) out.types.resize(c.types.size());
  for (std::string const& name : f.vtypes) {
    type_mix const* const mix = find_mix(c, name);
    std::vector<std::string> names;
    for (type_mix const& m : c.mixes) names.push_back(m.name);
    if (mix == nullptr)
      throw_input(where, fmt::format("the city has no vehicle type '{}'", name), did_you_mean(name, names));
    for (vtype_id const t : mix->types) out.types[t.index()] = true;
  }
  return out;
}

void add_events(draft& d) {
  for (item& i : d.items) {
    auto const* const c = std::get_if<event_config>(i.config);
    if (c == nullptr) continue;
    host h(d, i, *c);
    h.invite();
    i.report.notes.push_back(fmt::format(
        "{} car trips of visitors{}", i.report.trips,
        h.outside() == 0 ? std::string() : fmt::format(", and {} outside the scenario's time", h.outside())));
    if (i.report.trips > 0 || c->visitors == 0) continue;
    d.out.warnings.push_back(
        fmt::format("{}: {} brings nobody within the scenario's time", i.report.where, i.report.intervention));
    d.out.idle.push_back(d.out.warnings.back());
  }
}

void draw_travellers(draft& d) {
  chooser c(d);
  c.draw();
  add_events(d);
  c.shift();
  d.travellers.sort();
  d.unrouted = plan_by_habit(d.travellers, *d.base, d.free_flow_base.get(), d.routing(),
                             [&](vehicle_id v) { return !d.travellers.vehicles.route[v].valid(); });
}

}  // namespace gemeo
