#include "calibration/loop/entries.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace gemeo {

namespace {

constexpr double kKeptOutShare = 0.02, kFewKeptOut = 5;  // less is chance: who leaves last is under way to his road
constexpr double kStandstillShare =
    0.2;  // of all trips kept out: the figures of a place are those of the jam around it
constexpr double kGrowth = 1.1;
constexpr double kExact = 0.01;  // standard deviation of an equation, as a share of what it says
constexpr std::size_t kMostRounds = 4;

std::map<std::uint32_t, double> by_place(trip_source const& trips, auto const& of_cells) {
  std::map<std::uint32_t, double> out;
  std::size_t const slots = trips.slots().count;
  for (std::size_t c = 0; c < of_cells.size(); ++c)
    out[trips.origin_of(trips.pair_of(c / slots))] += static_cast<double>(of_cells[c]);
  return out;
}

void add_equation(fit_problem& p, room_row const& r) {
  double const sd = std::max(1.0, kExact * r.most);
  p.crossings.add_row(r.cells, r.shares);
  p.count.push_back(r.most);
  p.variance.push_back(sd * sd);
  p.detector.push_back(p.detector.empty() ? 0U : *std::max_element(p.detector.begin(), p.detector.end()) + 1);
  if (!p.offset.empty()) p.offset.push_back(0);
  if (!p.model_variance.empty()) p.model_variance.push_back(0);
}

room_row begins_at(std::uint32_t place, double most, fit_problem const& p, trip_source const& trips) {
  room_row r;
  r.most = most;
  for (std::uint32_t c = 0; c < p.cells(); ++c) {
    if (trips.origin_of(trips.pair_of(c / p.slots)) == place) r.cells.push_back(c);
  }
  r.shares.assign(r.cells.size(), 1.0);
  return r;
}

double asked_of(room_row const& r, std::vector<double> const& x) {
  double sum = 0;
  for (std::size_t i = 0; i < r.cells.size(); ++i) sum += r.shares[i] * x[r.cells[i]];
  return sum;
}

}  // namespace

void entry_room::learn(simulated const& s, trip_source const& trips) {
  auto const entered = by_place(trips, s.departures), kept_out = by_place(trips, s.kept_out);
  double in = 0, out = 0;
  for (auto const& [place, n] : kept_out) {
    in += entered.at(place);
    out += n;
  }
  bool const still = out > kStandstillShare * (in + out);
  for (auto const& [place, n] : kept_out) {
    double& ever = entered_[place];
    ever = std::max(ever, entered.at(place));
    if (n > std::max(kFewKeptOut, kKeptOutShare * (n + entered.at(place)))) {
      most_[place] = still ? ever : entered.at(place);
    } else if (auto const known = most_.find(place); known != most_.end()) {
      known->second *= kGrowth;
    }
  }
}

entry_room::fits entry_room::fit_within(map_estimator const& e, trip_source const& trips, fit_options const& o,
                                        thread_team const& team, std::vector<room_row> const& roads) {
  fit_result free = e.fit(o, team), out = free;
  std::set<std::uint32_t> held;
  std::set<std::size_t> held_roads;
  std::map<std::uint32_t, double> wanted;  // the most in any round: what one keeps out another is asked for
  for (std::size_t round = 0; round < kMostRounds; ++round) {
    std::size_t const before = held.size() + held_roads.size();
    auto const asked = by_place(trips, out.x);
    for (auto const& [place, most] : most_) {
      wanted[place] = std::max(wanted[place], asked.at(place));
      if (asked.at(place) > (1 + 2 * kExact) * most) held.insert(place);
    }
    for (std::size_t i = 0; i < roads.size(); ++i) {
      if (asked_of(roads[i], out.x) > (1 + 2 * kExact) * roads[i].most) held_roads.insert(i);
    }
    if (held.size() + held_roads.size() == before) break;
    fit_problem p = e.problem();
    p.variance = free.variance;
    for (std::uint32_t const place : held) add_equation(p, begins_at(place, most_.at(place), p, trips));
    for (std::size_t const i : held_roads) add_equation(p, roads[i]);
    fit_start const start{out.x, out.factors, out.scale};
    out = map_estimator(std::move(p)).fit(o, team, &start);
  }
  full_.clear();
  for (std::uint32_t const place : held) full_.push_back({place, wanted.at(place), most_.at(place)});
  std::stable_sort(full_.begin(), full_.end(), [](full_entry const& a, full_entry const& b) {
    return a.wanted - a.lets_in > b.wanted - b.lets_in;
  });
  return {std::move(free), std::move(out), held_roads.size()};
}

}  // namespace gemeo
