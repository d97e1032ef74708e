// How drivers respond: who is affected, who chooses anew before leaving, who on the way, and what becomes of trips that
// begin or end on a closed edge.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <tuple>

#include "sim/core/random.h"
#include "sim/routing/habits.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

constexpr vclass_mask kPublicTransport = mask_of(vclass::kBus) | mask_of(vclass::kCoach) | mask_of(vclass::kTram) |
                                         mask_of(vclass::kRailUrban) | mask_of(vclass::kRail) |
                                         mask_of(vclass::kRailElectric) | mask_of(vclass::kRailFast);
constexpr std::uint64_t kEndTries = 8;

class responder {
 public:
  explicit responder(draft& d) : d_(d), t_(d.travellers.vehicles) {}

  void run() {
    if (d_.config.routes.response == "fixed") {
      warn_fixed();
      return;
    }
    auto const affected = find_affected();
    std::vector<vehicle_id> buses;
    std::vector<bool> anew(d_.travellers.size(), false);
    for (vehicle_id const v : affected) {
      if (t_.line[v].valid()) buses.push_back(v);
      if (!t_.line[v].valid() && chooses(v)) anew[v.index()] = true;
    }
    choose_anew(anew);
    move_buses(d_, buses);
    announce();
  }

 private:
  std::vector<vehicle_id> find_affected() const {
    std::vector<vehicle_id> out;
    std::vector<double> times;
    for (std::size_t i = 0; i < d_.travellers.size(); ++i) {
      vehicle_id const v(i);
      if (!t_.route[v].valid()) continue;
      auto const way = d_.travellers.route(t_.route[v]);
      d_.base->times_s(way, d_.query(v), d_.routing(), times);
      if (d_.ways->meets_patch(way, times, d_.query(v), d_.routing())) out.push_back(v);
    }
    return out;
  }

  // Everybody knows of a closure at the own door; the rest is a matter of the response.
  bool chooses(vehicle_id v) {
    if (d_.config.routes.response != "reroute_share") return true;
    if (random_uniform(d_.seed, t_.key[v], 0, draw::kRerouteShare) < d_.config.routes.share) return true;
    return !open_from(v) || !open_to(v);
  }
  bool open_from(vehicle_id v) const { return d_.ways->open(t_.from[v], t_.depart_s[v], d_.query(v), d_.routing()); }
  bool open_to(vehicle_id v) const {
    std::vector<double> times;
    d_.base->times_s(d_.travellers.route(t_.route[v]), d_.query(v), d_.routing(), times);
    return d_.ways->open(t_.to[v], times.back(), d_.query(v), d_.routing());
  }

  void choose_anew(std::vector<bool> const& anew) {
    std::vector<std::vector<edge_id>> before(d_.travellers.size());
    for (std::size_t i = 0; i < anew.size(); ++i) {
      if (!anew[i]) continue;
      auto const way = d_.travellers.route(t_.route[vehicle_id(i)]);
      before[i].assign(way.begin(), way.end());
    }
    auto const lost = plan_by_habit(d_.travellers, *d_.ways, d_.free_flow_ways.get(), d_.routing(),
                                    [&](vehicle_id v) { return anew[v.index()]; });
    for (vehicle_id const v : lost) {
      if (move_ends(v) || take_other_gate(v)) {
        ++d_.out.trips_moved;
      } else {
        t_.route[v] = route_id();
        no_route_.push_back(v);
      }
    }
    for (std::size_t i = 0; i < anew.size(); ++i) {
      vehicle_id const v(i);
      if (!anew[i] || !t_.route[v].valid()) continue;
      auto const way = d_.travellers.route(t_.route[v]);
      d_.out.trips_rerouted += !std::equal(way.begin(), way.end(), before[i].begin(), before[i].end());
    }
    report_gates();
    report_lost();
  }

  [[nodiscard]] std::vector<edge_id> way_of(vehicle_id v, route_query const& q) const {
    if (!d_.free_flow_ways || !chooses_by_free_flow(d_.travellers, v)) return d_.ways->route(q, d_.routing());
    return d_.free_flow_ways->route(q, free_flow_routing(d_.routing()));
  }

  // Another edge of the zone that is open, for the end that is closed; several are tried, as one may not be connected.
  bool move_ends(vehicle_id v) {
    route_query q = d_.query(v);
    bool const move_from = !open_from(v), move_to = !move_from || !open_to(v);
    std::vector<double> times;
    d_.base->times_s(d_.travellers.route(t_.route[v]), d_.query(v), d_.routing(), times);
    for (std::uint64_t again = 0; again < kEndTries; ++again) {
      if (move_from) {
        auto const e = other_edge(t_.from_zone[v], t_.from[v], t_.depart_s[v], q, again, true);
        if (!e) return false;
        q.from = *e;
      }
      if (move_to) {
        auto const e = other_edge(t_.to_zone[v], t_.to[v], times.back(), q, again, false);
        if (!e) return false;
        q.to = *e;
      }
      if (q.from == q.to) continue;
      auto const way = way_of(v, q);
      if (way.empty()) continue;
      t_.from[v] = q.from;
      t_.to[v] = q.to;
      t_.route[v] = d_.travellers.add_route(way);
      return true;
    }
    return false;
  }

  std::optional<edge_id> other_edge(zone_id z, edge_id closed, double time_s, route_query const& q, std::uint64_t again,
                                    bool origin) const {
    if (!z.valid()) return std::nullopt;
    zone const& place = d_.town.zones[z];
    std::vector<double> weight = origin ? place.origin_weight : place.destination_weight;
    bool any = false;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      if (place.edges[i] == closed || !d_.ways->open(place.edges[i], time_s, q, d_.routing())) weight[i] = 0;
      any = any || weight[i] > 0;
    }
    if (!any) return std::nullopt;
    // Counters from 100 on: draw_demand uses the first ones for the end that is closed now.
    double const u = random_uniform(d_.seed, q.key, 100 + again, origin ? draw::kOriginEdge : draw::kDestinationEdge);
    return place.edges[pick_weighted(weight, u)];
  }

  // Who comes from outside does not vanish when a gate is closed, but comes in by another one.
  bool take_other_gate(vehicle_id v) {
    route_query q = d_.query(v);
    bool const in = is_gate(t_.from_zone[v]) && !open_from(v), out = is_gate(t_.to_zone[v]) && !open_to(v);
    if (in == out) return false;  // none closed, or a trip that would pass by the city altogether
    zone_id const own = in ? t_.from_zone[v] : t_.to_zone[v], inside = in ? t_.to_zone[v] : t_.from_zone[v];
    if (!inside.valid()) return false;
    auto const gate = best_gate(own, inside, in, q);
    if (!gate) return false;
    for (std::uint64_t again = 0; again < kEndTries; ++again) {
      auto const e = other_edge(*gate, in ? t_.from[v] : t_.to[v], t_.depart_s[v], q, again, in);
      if (!e) return false;
      (in ? q.from : q.to) = *e;
      auto const way = way_of(v, q);
      if (way.empty()) continue;
      t_.from[v] = q.from;
      t_.to[v] = q.to;
      t_.route[v] = d_.travellers.add_route(way);
      ++by_gate_[{own, *gate}];
      return true;
    }
    return false;
  }
  [[nodiscard]] bool is_gate(zone_id z) const { return z.valid() && d_.town.zones[z].kind == "gate"; }

  // The gate that costs least, the way outside from the closed one included: the same for all who go between this gate
  // and this zone in vehicles of this class, so that nobody's choice hangs on who asked first.
  std::optional<zone_id> best_gate(zone_id own, zone_id inside, bool in, route_query q) {
    auto const [known, fresh] = gate_for_.try_emplace({own, inside, in, static_cast<int>(q.cls)});
    if (!fresh) return known->second;
    q.key = 0;
    q.depart_s = std::max(q.depart_s, d_.config.time.begin.s);
    (in ? q.to : q.from) = heaviest(inside, !in);
    routing_options plain = d_.routing();
    plain.taste_sd = 0;
    double least = std::numeric_limits<double>::infinity();
    for (zone_id const g : nearest_gates(own)) {
      bool const usable = can_be(in ? d_.town.zones[g].origin_weight : d_.town.zones[g].destination_weight);
      if (!usable) continue;
      (in ? q.from : q.to) = heaviest(g, in);
      if (q.from == q.to || !d_.ways->open(in ? q.from : q.to, q.depart_s, q, plain)) continue;
      auto const way = d_.ways->route(q, plain);
      if (way.empty()) continue;
      double const cost = outside_s(own, g) + d_.ways->cost_s(way, q, plain);
      if (!(cost < least)) continue;
      least = cost;
      known->second = g;
    }
    return known->second;
  }
  static bool can_be(std::vector<double> const& weights) {
    return std::any_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
  }
  [[nodiscard]] edge_id heaviest(zone_id z, bool origin) const {
    zone const& place = d_.town.zones[z];
    auto const& w = origin ? place.origin_weight : place.destination_weight;
    return place.edges[static_cast<std::size_t>(std::max_element(w.begin(), w.end()) - w.begin())];
  }
  [[nodiscard]] std::vector<zone_id> nearest_gates(zone_id own) const {
    constexpr std::size_t kTried = 4;
    std::vector<zone_id> out;
    for (std::size_t i = 0; i < d_.town.zones.size(); ++i) {
      if (zone_id(i) != own && is_gate(zone_id(i))) out.emplace_back(i);
    }
    std::stable_sort(out.begin(), out.end(),
                     [&](zone_id a, zone_id b) { return outside_s(own, a) < outside_s(own, b); });
    if (out.size() > kTried) out.resize(kTried);
    return out;
  }
  // Between two gates outside the network, as the crow flies and at 50 km/h.
  [[nodiscard]] double outside_s(zone_id a, zone_id b) const {
    zone const &x = d_.town.zones[a], &y = d_.town.zones[b];
    constexpr double kMetresPerDegree = 111195, kSpeed_mps = 50 / 3.6;
    double const north = (x.lat_deg - y.lat_deg) * kMetresPerDegree;
    double const east = (x.lon_deg - y.lon_deg) * kMetresPerDegree * std::cos(x.lat_deg * std::numbers::pi / 180);
    return std::hypot(north, east) / kSpeed_mps;
  }

  void report_gates() {
    std::size_t all = 0;
    std::string list;
    for (auto const& [gates, n] : by_gate_) {
      all += n;
      list += fmt::format("{}{} instead of {} ({})", list.empty() ? "" : ", ", d_.town.zones[gates.second].label,
                          d_.town.zones[gates.first].label, n);
    }
    if (all > 0)
      d_.out.warnings.push_back(fmt::format("{} trips enter or leave the city by another gate: {}", all, list));
  }

  void report_lost() {
    d_.out.trips_without_route += no_route_.size();
    if (no_route_.empty()) return;
    std::string list;
    for (std::size_t i = 0; i < no_route_.size() && i < 5; ++i) {
      vehicle_id const v = no_route_[i];
      list += fmt::format("{}{} ({} to {})", i == 0 ? "" : ", ", t_.name[v], d_.net().edges.name[t_.from[v]],
                          d_.net().edges.name[t_.to[v]]);
    }
    d_.out.warnings.push_back(
        fmt::format("{} trips have no route while the interventions hold; they never enter and are counted so: {}{}",
                    no_route_.size(), list, no_route_.size() > 5 ? ", ..." : ""));
  }

  // Those under way, or waiting to enter, when something closes ahead of them.
  void announce() {
    routes_config const& r = d_.config.routes;
    bool const shared = r.response == "reroute_share";
    double const begin = d_.config.time.begin.s, end = d_.config.time.end.s;
    std::vector<timed_command>& out = d_.out.ready.commands;
    for (cost_patch const& p : d_.ways->patches()) {
      if (!p.closed || p.edges.empty() || p.share_draw == draw::kRerouteShare) continue;
      vclass_mask classes = p.classes;
      if (!p.types.empty()) {
        classes = 0;
        for (vtype_id const t : p.types) classes |= mask_of(d_.town.types[t].cls);
      }
      classes &= ~kPublicTransport;
      if (classes == 0 || p.begin_s >= end) continue;
      reroute what;
      what.edges = p.edges;
      what.classes = classes;
      what.share = shared ? r.share : 1.0;
      if (p.begin_s > begin) out.push_back({p.begin_s, what});
      if (!shared || r.discovery_interval_s <= 0) continue;
      what.share = 1;
      double const first = std::max(p.begin_s, begin);
      for (double t = first + r.discovery_interval_s; t < std::min(end, p.end_s); t += r.discovery_interval_s)
        out.push_back({t, what});
    }
    for (timed_command c : d_.announcements) {
      auto& what = std::get<reroute>(c.what);
      what.classes &= ~kPublicTransport;
      if (shared) what.share = std::min(what.share, r.share);
      if (c.time_s < end) out.push_back(c);
    }
  }

  void warn_fixed() {
    bool const closes =
        std::any_of(d_.ways->patches().begin(), d_.ways->patches().end(), [](cost_patch const& p) { return p.closed; });
    if (closes) {
      d_.out.warnings.push_back(
          "[routes] response = \"fixed\": vehicles whose route meets something closed wait there until they are "
          "teleported");
    }
  }

  draft& d_;
  vehicle_table& t_;
  std::vector<vehicle_id> no_route_;
  std::map<std::tuple<zone_id, zone_id, bool, int>, std::optional<zone_id>> gate_for_;
  std::map<std::pair<zone_id, zone_id>, std::size_t> by_gate_;  // closed one, the one used
};

}  // namespace

void count_users(draft& d) {
  // By edge the interventions whose users count.
  id_vector<edge_id, std::vector<std::uint32_t>> here(d.net().edge_count());
  for (std::uint32_t i = 0; i < d.items.size(); ++i) {
    for (edge_id const e : d.items[i].edges) here[e].push_back(i);
  }
  std::vector<double> times;
  std::vector<std::uint32_t> last(d.items.size(), vehicle_id::kInvalid);
  for (std::size_t k = 0; k < d.travellers.size(); ++k) {
    vehicle_id const v(k);
    if (!d.travellers.vehicles.route[v].valid()) continue;
    auto const way = d.travellers.route(d.travellers.vehicles.route[v]);
    route_query const q = d.query(v);
    d.base->times_s(way, q, d.routing(), times);
    for (std::size_t j = 0; j < way.size(); ++j) {
      for (std::uint32_t const i : here[way[j]]) {
        item& it = d.items[i];
        if (last[i] == v.value || !permits(it.classes, q.cls) || times[j] < it.begin_s || times[j] >= d.end_of(it))
          continue;
        if (!it.types.empty() && std::find(it.types.begin(), it.types.end(), q.type) == it.types.end()) continue;
        last[i] = v.value;
        ++it.report.trips;
      }
    }
  }
}

void respond(draft& d) { responder(d).run(); }

}  // namespace gemeo
