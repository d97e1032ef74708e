// Two changes that hang on the routes everybody would take: vehicles banned from where they begin or end, and car trips
// that end at a station. Spaces are taken in the order of departure.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/routing/habits.h"
#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

struct lot {
  zone_id station;
  std::uint32_t spaces = 0, taken = 0;
};

struct offer {  // one [[park_and_ride]], resolved
  item* what;
  park_and_ride_config const* config;
  trip_filter filter;
  std::vector<std::size_t> lots;
  std::size_t parked = 0, returned = 0, turned_away = 0;
};

std::uint32_t of_config(park_and_ride_config const& c, zone const& z) {
  return c.spaces ? static_cast<std::uint32_t>(*c.spaces) : z.park_and_ride_spaces;
}

class attendant {
 public:
  explicit attendant(draft& d) : d_(d), finder_(d.town) {
    for (item& i : d.items) {
      auto const* const c = std::get_if<park_and_ride_config>(i.config);
      if (c != nullptr)
        offers_.push_back({&i, c, resolve_trips(d.town, finder_, c->trips, i.report.where), lots_of(i, *c)});
    }
    // Whoever is asked first must not depend on the order of the file.
    std::stable_sort(offers_.begin(), offers_.end(),
                     [](offer const& a, offer const& b) { return a.what->salt < b.what->salt; });
  }

  void run() {
    if (offers_.empty()) return;
    vehicle_table& t = d_.travellers.vehicles;
    std::vector<bool> keep(d_.travellers.size(), true), anew(d_.travellers.size(), false);
    for (std::size_t i = 0; i < d_.travellers.size(); ++i) {
      vehicle_id const v(i);
      if (t.line[v].valid() || !t.route[v].valid()) continue;
      anew[i] = std::any_of(offers_.begin(), offers_.end(), [&](offer& o) { return park(o, v) || fetch(o, v); });
      keep[i] = t.depart_s[v] < d_.config.time.end.s;
      d_.out.trips_removed += !keep[i];
    }
    auto const lost = plan_by_habit(d_.travellers, *d_.base, d_.free_flow_base.get(), d_.routing(),
                                    [&](vehicle_id v) { return anew[v.index()] && keep[v.index()]; });
    verify(lost.empty(), "park and ride only offers stations that can be reached");
    d_.travellers.filter(keep);
    d_.travellers.sort();
    for (offer& o : offers_) {
      o.what->report.trips += o.parked + o.returned;
      o.what->report.notes.push_back(fmt::format("{} cars park, {} of them leave again, {} found every station full",
                                                 o.parked, o.returned, o.turned_away));
    }
    for (lot const& l : lots_) {
      std::string const line =
          fmt::format("{}: {} of {} spaces taken at the end", d_.town.zones[l.station].label, l.taken, l.spaces);
      for (offer& o : offers_) {
        if (std::find(o.lots.begin(), o.lots.end(), static_cast<std::size_t>(&l - lots_.data())) != o.lots.end())
          o.what->report.notes.push_back(line);
      }
    }
  }

 private:
  std::vector<std::size_t> lots_of(item const& i, park_and_ride_config const& c) {
    auto zones = finder_.zones(c.stations, i.report.where);
    if (c.stations.empty()) {
      for (std::size_t z = 0; z < d_.town.zones.size(); ++z) {
        if (d_.town.zones[zone_id(z)].park_and_ride_spaces > 0) zones.emplace_back(z);
      }
    }
    std::vector<std::size_t> out;
    for (zone_id const z : zones) {
      zone const& station = d_.town.zones[z];
      if (of_config(c, station) == 0)
        throw_input(i.report.where, fmt::format("'{}' has no spaces", station.name),
                    "set 'spaces', or park_and_ride_spaces in zones.csv");
      if (station.edges.empty()) throw_input(i.report.where, fmt::format("no trip can end in zone '{}'", station.name));
      auto it = std::find_if(lots_.begin(), lots_.end(), [&](lot const& l) { return l.station == z; });
      if (it == lots_.end()) it = lots_.insert(lots_.end(), {z, 0, 0});
      it->spaces = std::max(it->spaces, of_config(c, station));
      out.push_back(static_cast<std::size_t>(it - lots_.begin()));
    }
    if (out.empty())
      throw_input(i.report.where, "no station has spaces",
                  "name stations and set 'spaces', or park_and_ride_spaces in zones.csv");
    return out;
  }

  // Goods do not go on by train, and who only drives through does so where the scenario says it.
  bool by_train(offer const& o, vehicle_id v) const {
    vehicle_table const& t = d_.travellers.vehicles;
    vclass const c = d_.travellers.types[t.type[v]].cls;
    if (t.why[v] == purpose::kFreight || c == vclass::kTruck || c == vclass::kTrailer) return false;
    return t.why[v] != purpose::kThrough || o.filter.purposes.mask != 0;
  }
  bool would(offer const& o, vehicle_id v) const {
    if (!by_train(o, v)) return false;
    return random_uniform(d_.seed, d_.travellers.vehicles.key[v], o.what->salt, draw::kParkAndRide) < o.config->share;
  }
  bool in_window(offer const& o, vehicle_id v) const {
    double const t = d_.travellers.vehicles.depart_s[v];
    return t >= o.what->begin_s && t < o.what->end_s;
  }

  // The trip ends at the station that costs least to reach, among those with a space.
  bool park(offer& o, vehicle_id v) {
    vehicle_table& t = d_.travellers.vehicles;
    if (!in_window(o, v) || !o.filter.holds(t, v) || !would(o, v)) return false;
    double const direct = minutes(t.from_zone[v], t.to_zone[v], t.depart_s[v]);
    std::vector<std::pair<double, std::size_t>> near;
    for (std::size_t const l : o.lots) {
      double const there = minutes(t.from_zone[v], lots_[l].station, t.depart_s[v]);
      if (there <= direct + o.config->max_detour_min && lots_[l].station != t.from_zone[v]) near.emplace_back(there, l);
    }
    std::sort(near.begin(), near.end());
    for (auto const& [cost, l] : near) {
      if (lots_[l].taken >= lots_[l].spaces) continue;
      auto const edge = station_edge(l, v, t.from[v], true);
      if (!edge) continue;
      t.to[v] = *edge;
      t.to_zone[v] = lots_[l].station;
      ++lots_[l].taken;
      ++o.parked;
      ++d_.out.trips_changed;
      return true;
    }
    o.turned_away += !near.empty();
    return false;
  }

  // A trip the other way begins at the station nearest to where it goes, where somebody has parked.
  bool fetch(offer& o, vehicle_id v) {
    vehicle_table& t = d_.travellers.vehicles;
    if (!o.config->returns || o.parked <= o.returned || t.why[v] != purpose::kHome) return false;
    auto const holds = [&](std::vector<bool> const& set, zone_id z) {
      return set.empty() || (z.valid() && set[z.index()]);
    };
    if (!holds(o.filter.to, t.from_zone[v]) || !holds(o.filter.from, t.to_zone[v]) || !would(o, v)) return false;
    if (!o.filter.types.empty() && !o.filter.types[t.type[v].index()]) return false;
    std::vector<std::pair<double, std::size_t>> near;
    for (std::size_t const l : o.lots) {
      if (lots_[l].taken > 0 && lots_[l].station != t.to_zone[v])
        near.emplace_back(minutes(lots_[l].station, t.to_zone[v], t.depart_s[v]), l);
    }
    std::sort(near.begin(), near.end());
    for (auto const& [cost, l] : near) {
      auto const edge = station_edge(l, v, t.to[v], false);
      if (!edge) continue;
      t.from[v] = *edge;
      t.from_zone[v] = lots_[l].station;
      t.depart_s[v] += o.config->ride_min * 60;
      --lots_[l].taken;
      ++o.returned;
      ++d_.out.trips_changed;
      return true;
    }
    return false;
  }

  // An edge of the station from which, or to which, the traveller's other end has a route.
  std::optional<edge_id> station_edge(std::size_t l, vehicle_id v, edge_id other, bool to_station) const {
    zone const& z = d_.town.zones[lots_[l].station];
    std::vector<double> weight = to_station ? z.destination_weight : z.origin_weight;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      if (z.edges[i] == other) weight[i] = 0;
    }
    for (std::uint64_t again = 0; std::any_of(weight.begin(), weight.end(), [](double w) { return w > 0; }); ++again) {
      double const u = random_uniform(d_.seed, d_.travellers.vehicles.key[v], entity_key(entity_key(z.name), again),
                                      draw::kParkAndRide);
      std::size_t const k = pick_weighted(weight, u);
      route_query q = d_.query(v);
      q.from = to_station ? other : z.edges[k];
      q.to = to_station ? z.edges[k] : other;
      if (!d_.base->route(q, d_.routing()).empty()) return z.edges[k];
      weight[k] = 0;
    }
    return std::nullopt;
  }

  // Between the main edges of two zones at that hour; infinite when there is no way.
  double minutes(zone_id from, zone_id to, double time_s) {
    if (!from.valid() || !to.valid()) return std::numeric_limits<double>::infinity();
    auto const hour = static_cast<std::uint32_t>(time_s / 3600);
    auto const [it, fresh] = cost_.try_emplace({from.value, to.value, hour}, 0);
    if (!fresh) return it->second;
    auto const main_edge = [&](zone_id z, std::vector<double> const& weight) {
      return d_.town.zones[z]
          .edges[static_cast<std::size_t>(std::max_element(weight.begin(), weight.end()) - weight.begin())];
    };
    it->second = std::numeric_limits<double>::infinity();
    if (d_.town.zones[from].edges.empty() || d_.town.zones[to].edges.empty()) return it->second;
    edge_id const a = main_edge(from, d_.town.zones[from].origin_weight),
                  b = main_edge(to, d_.town.zones[to].destination_weight);
    route_query const q{a, b, hour * 3600.0, vclass::kPassenger, 0, vtype_id()};
    routing_options const plain{0, 0, 1};
    auto const way = d_.base->route(q, plain);
    if (!way.empty()) it->second = d_.base->cost_s(way, q, plain) / 60;
    return it->second;
  }

  draft& d_;
  target_finder finder_;
  std::vector<lot> lots_;
  std::vector<offer> offers_;
  std::map<std::array<std::uint32_t, 3>, double> cost_;
};

}  // namespace

void park_and_ride(draft& d) { attendant(d).run(); }

void obey_zones(draft& d) {
  vehicle_table& t = d.travellers.vehicles;
  std::vector<bool> keep(d.travellers.size(), true), changed(d.travellers.size(), false);
  std::vector<double> times;
  std::size_t ban = 0;
  for (item& i : d.items) {
    auto const* const c = std::get_if<low_emission_zone_config>(i.config);
    if (c == nullptr) continue;
    cost_patch& patch = d.bans[ban++];
    std::vector<std::uint64_t> exempt;
    type_mix const* const mix = c->replace_with.empty() ? nullptr : find_mix(d.town, c->replace_with);
    auto const in_zone = [&](edge_id e) { return std::binary_search(i.edges.begin(), i.edges.end(), e); };
    auto const in_window = [&](double s) { return s >= i.begin_s && s < d.end_of(i); };
    for (std::size_t k = 0; k < d.travellers.size(); ++k) {
      vehicle_id const v(k);
      bool const banned = std::find(i.types.begin(), i.types.end(), t.type[v]) != i.types.end();
      if (!keep[k] || !banned || t.line[v].valid() || !t.route[v].valid()) continue;
      if (random_uniform(d.seed, t.key[v], patch.salt, patch.share_draw) >= patch.share) continue;
      d.base->times_s(d.travellers.route(t.route[v]), d.query(v), d.routing(), times);
      bool const inside =
          (in_zone(t.from[v]) && in_window(t.depart_s[v])) || (in_zone(t.to[v]) && in_window(times.back()));
      if (!inside) continue;
      i.report.trips += c->inside != "exempt";  // the exempt still drive there, and are counted with its users
      if (c->inside == "exempt") exempt.push_back(t.key[v]);
      if (c->inside == "remove") keep[k] = false;
      if (c->inside == "replace") {
        t.type[v] = draw_type(*mix, d.seed, t.key[v]);
        t.speed_factor[v] = draw_speed_factor(d.town.types[t.type[v]], d.seed, t.key[v]);
        changed[k] = true;
      }
    }
    std::sort(exempt.begin(), exempt.end());
    if (!exempt.empty()) patch.exempt_keys = std::make_shared<std::vector<std::uint64_t> const>(std::move(exempt));
  }
  for (std::size_t k = 0; k < keep.size(); ++k) {
    d.out.trips_removed += !keep[k];
    d.out.trips_changed += keep[k] && changed[k];
  }
  d.travellers.filter(keep);
}

}  // namespace gemeo
