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

// The problem with the variances of a fit, and an equation for each place: so many begin there.
fit_problem with_equations(fit_problem p, fit_result const& r, trip_source const& trips,
                           std::set<std::uint32_t> const& places, std::map<std::uint32_t, double> const& most) {
  p.variance = r.variance;
  auto detector = p.detector.empty() ? 0U : *std::max_element(p.detector.begin(), p.detector.end()) + 1;
  for (std::uint32_t const place : places) {
    std::vector<std::uint32_t> cells;
    for (std::uint32_t c = 0; c < p.cells(); ++c) {
      if (trips.origin_of(trips.pair_of(c / p.slots)) == place) cells.push_back(c);
    }
    double const n = most.at(place), sd = std::max(1.0, kExact * n);
    p.crossings.add_row(cells, std::vector<double>(cells.size(), 1.0));
    p.count.push_back(n);
    p.variance.push_back(sd * sd);
    p.detector.push_back(detector++);
    if (!p.offset.empty()) p.offset.push_back(0);
    if (!p.model_variance.empty()) p.model_variance.push_back(0);
  }
  return p;
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
                                        thread_team const& team) {
  fit_result free = e.fit(o, team), out = free;
  std::set<std::uint32_t> held;
  std::map<std::uint32_t, double> wanted;  // the most in any round: what one keeps out another is asked for
  for (std::size_t round = 0; round < kMostRounds; ++round) {
    std::size_t const before = held.size();
    auto const asked = by_place(trips, out.x);
    for (auto const& [place, most] : most_) {
      wanted[place] = std::max(wanted[place], asked.at(place));
      if (asked.at(place) > (1 + 2 * kExact) * most) held.insert(place);
    }
    if (held.size() == before) break;
    fit_start const start{out.x, out.factors, out.scale};
    out = map_estimator(with_equations(e.problem(), free, trips, held, most_)).fit(o, team, &start);
  }
  full_.clear();
  for (std::uint32_t const place : held) full_.push_back({place, wanted.at(place), most_.at(place)});
  std::stable_sort(full_.begin(), full_.end(), [](full_entry const& a, full_entry const& b) {
    return a.wanted - a.lets_in > b.wanted - b.lets_in;
  });
  return {std::move(free), std::move(out)};
}

}  // namespace gemeo
