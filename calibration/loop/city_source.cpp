#include "calibration/loop/city_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/core/random.h"
#include "sim/routing/habits.h"

namespace gemeo {

namespace {

constexpr std::uint32_t kEmptyNetwork = 0xFFFFFFFF;  // whose times a traveller knows

bool whole_quarters(double s) { return s >= 0 && std::fmod(s, pair_factors::kSlotS) == 0; }

}  // namespace

city_source::city_source(city town, departure_slots slots, std::shared_ptr<router const> base, routing_options routing,
                         double free_flow_share)
    : town_(std::move(town)), slots_(slots), routing_(routing), free_flow_share_(free_flow_share) {
  verify(free_flow_share >= 0 && free_flow_share < 1, "some choose by what the scenario knows");
  if (slots_.count == 0 || slots_.length_s <= 0 || !whole_quarters(slots_.begin_s) || !whole_quarters(slots_.length_s))
    throw_input("calibration",
                fmt::format("the departure slots ({} of {} s from {} s on) are not whole quarter-hours", slots_.count,
                            slots_.length_s, slots_.begin_s),
                "begin at a quarter-hour, and take 15, 30 or 60 minutes");
  if (slots_.end_s() > pair_factors::kSlotS * static_cast<double>(pair_factors::kSlots))
    throw_input("calibration", "the departure slots end after the second day's midnight");
  if (free_flow_share > 0 && town_.factors && town_.factors->some_by_free_flow())
    throw_input(town_.folder.string(),
                "an earlier calibration has found how many of its drivers choose by the empty network",
                "leave out prior.free_flow_share: what was found stays");
  for (od_flow const& f : town_.od) pairs_.emplace_back(f.from, f.to);
  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  of_pairs_.resize(pairs_.size() * slots_.count);
  double sum = 0;
  for (od_flow const& f : town_.od) {
    double const made = 1 - share_within_one_edge(town_, f);
    auto const pair = static_cast<std::size_t>(std::lower_bound(pairs_.begin(), pairs_.end(), std::pair(f.from, f.to)) -
                                               pairs_.begin());
    for (std::size_t q = 0; q < slots_.count * quarters(); ++q) {
      double const trips = made * expected_trips(town_, f, first_quarter() + q);
      of_pairs_[pair * slots_.count + q / quarters()] += trips;
      sum += trips;
    }
  }
  if (sum <= 0)
    throw_input(town_.folder.string(), "nobody travels in the time to be calibrated",
                "look at od.csv and profiles.csv");
  for (std::size_t stream = 0; stream < streams(); ++stream) {
    for (std::size_t s = 0; s < slots_.count; ++s)
      prior_.push_back(share_of(stream) * of_pairs_[pair_of(stream) * slots_.count + s]);
  }
  known_.push_back({1, std::move(base)});
  if (habits() > 1 || (town_.factors && town_.factors->some_by_free_flow()))
    free_flow_ = free_flow_router(known_.front().ways->net(), known_.front().ways->patches());
}

std::string city_source::pair_name(std::size_t pair) const {
  return town_.zones[pairs_[pair].first].name + " > " + town_.zones[pairs_[pair].second].name;
}

std::string city_source::origin_name(std::size_t pair) const { return town_.zones[pairs_[pair].first].name; }

pair_factors city_source::factors(std::span<double const> trips) const {
  verify(trips.size() == prior_.size(), "one number of trips a cell");
  pair_factors out;
  std::vector<double> const all = trips_of_pairs(*this, trips);
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (of_pairs_[c] <= 0) continue;
    auto const [from, to] = pairs_[c / slots_.count];
    double const factor = all[c] / of_pairs_[c];
    double const known = trips[c / slots_.count * habits() * slots_.count + c % slots_.count];
    double const by_free_flow = habits() > 1 && all[c] > 0 ? std::clamp(1 - known / all[c], 0.0, 1.0) : 0;
    std::size_t const begin = first_quarter() + c % slots_.count * quarters();
    if (!town_.factors) {
      out.set(from, to, begin, begin + quarters(), factor, by_free_flow);
    } else {
      for (std::size_t q = begin; q < begin + quarters(); ++q)
        out.set(from, to, q, q + 1, factor * town_.factors->at(from, to, q),
                habits() > 1 ? by_free_flow : town_.factors->free_flow_share(from, to, q));
    }
  }
  // What an earlier calibration found of other times, and where it found nobody.
  if (town_.factors) town_.factors->copy_missing(out);
  return out;
}

std::vector<double> city_source::as_base() const {
  if (habits() == 1) return prior_;
  std::vector<double> out(prior_.size());
  for (std::size_t c = 0; c < of_pairs_.size(); ++c)
    out[c / slots_.count * 2 * slots_.count + c % slots_.count] = of_pairs_[c];
  return out;
}

std::uint32_t city_source::cell_of(demand const& d, vehicle_id v, bool by_free_flow) const {
  zone_id const from = d.vehicles.from_zone[v], to = d.vehicles.to_zone[v];
  if (!from.valid() || d.vehicles.line[v].valid()) return kNoCell;
  auto const pair = std::lower_bound(pairs_.begin(), pairs_.end(), std::pair(from, to)) - pairs_.begin();
  auto const slot = static_cast<std::size_t>((d.vehicles.depart_s[v] - slots_.begin_s) / slots_.length_s);
  std::size_t const stream = static_cast<std::size_t>(pair) * habits() + (habits() > 1 && by_free_flow ? 1 : 0);
  return static_cast<std::uint32_t>(stream * slots_.count + std::min(slot, slots_.count - 1));
}

drawn_trips city_source::draw(std::span<double const> trips, std::uint64_t seed) const {
  city with = town_;
  with.factors = std::make_shared<pair_factors const>(factors(trips));
  drawn_trips out;
  out.who = draw_demand(with, seed, slots_.begin_s, slots_.end_s());
  vehicle_table const& t = out.who.vehicles;
  id_vector<vehicle_id, std::uint32_t> knows(out.who.size(), 0);
  for (std::size_t i = 0; i < out.who.size(); ++i) {
    vehicle_id const v(i);
    bool const by_free_flow = chooses_by_free_flow(out.who, v);
    out.cell.push_back(cell_of(out.who, v, by_free_flow));
    if (by_free_flow) {
      knows[v] = kEmptyNetwork;
      continue;
    }
    for (std::size_t k = known_.size(); k-- > 1;) {
      if (random_uniform(seed, t.key[v], k, draw::kRouteChoice) >= known_[k].step) continue;
      knows[v] = static_cast<std::uint32_t>(k);
      break;
    }
  }
  routing_options o = routing_;
  o.seed = seed;
  // Who has no way keeps no route: the engine counts such trips as never inserted, as it does for a scenario.
  for (std::size_t k = 0; k < known_.size(); ++k)
    plan_routes(out.who, *known_[k].ways, o,
                [&](vehicle_id v) { return !t.line[v].valid() && knows[v] == static_cast<std::uint32_t>(k); });
  if (free_flow_) plan_by_free_flow(out.who, *free_flow_, o, [](vehicle_id) { return true; });
  return out;
}

void city_source::learn(edge_costs const& times, double step) {
  router const& own = *known_.front().ways;
  known_.push_back({step, std::make_shared<router const>(own.net(), times, own.patches())});
}

}  // namespace gemeo
