#include "calibration/loop/entries.h"

#include <algorithm>

namespace gemeo {

namespace {

constexpr double kKeptOutShare = 0.02, kFewKeptOut = 5;  // less is chance: who leaves last is under way to his road
constexpr double kStandstillShare =
    0.2;  // of all trips kept out: the figures of a place are those of the jam around it
constexpr double kGrowth = 1.1;

std::map<std::uint32_t, double> by_place(trip_source const& trips, auto const& of_cells) {
  std::map<std::uint32_t, double> out;
  std::size_t const slots = trips.slots().count;
  for (std::size_t c = 0; c < of_cells.size(); ++c)
    out[trips.origin_of(trips.pair_of(c / slots))] += static_cast<double>(of_cells[c]);
  return out;
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

std::vector<room_row> entry_room::rows(trip_source const& trips) const {
  std::vector<room_row> out;
  std::size_t const slots = trips.slots().count;
  for (auto const& [place, most] : most_) {
    room_row& r = out.emplace_back();
    r.most = most;
    for (std::size_t c = 0; c < trips.prior().size(); ++c) {
      if (trips.origin_of(trips.pair_of(c / slots)) == place) r.cells.push_back(static_cast<std::uint32_t>(c));
    }
    r.shares.assign(r.cells.size(), 1.0);
  }
  return out;
}

std::vector<std::uint32_t> entry_room::places() const {
  std::vector<std::uint32_t> out;
  for (auto const& [place, most] : most_) out.push_back(place);
  return out;
}

}  // namespace gemeo
