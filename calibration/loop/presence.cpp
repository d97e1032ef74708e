#include "calibration/loop/presence.h"

#include <algorithm>
#include <cmath>

namespace gemeo {

namespace {

// 28 vehicles a km and lane, the density at capacity of the Highway Capacity Manual (7th edition, chapter 12: 45
// pc/mi/ln), each 5 m long.
constexpr double kJammed = 0.14;
constexpr double kOfOneDemand = 0.25, kSpread = 0.5, kLeastPart = 0.25;
constexpr double kPower = 0.25, kMostStep = 0.3, kLeast = 0.5, kMost = 2;
constexpr double kEmpty = 1e-3;  // an occupancy of nobody

bool known(station_count const& c, double simulated) { return c.occupancy >= 0 && !std::isnan(simulated); }

}  // namespace

double presence::ratio() const {
  return told_jams + simulated_jams > 0 && told > 0 ? std::max(kEmpty, simulated) / told : 1;
}

bool presence::no_more_than_told() const { return std::log(ratio()) <= kOfOneDemand; }

double presence::part_of_step(presence const& from) const {
  double const before = std::log(from.ratio()), now = std::log(ratio());
  if (now <= kOfOneDemand || before >= kOfOneDemand) return 1;
  return std::clamp((kOfOneDemand - before) / (now - before), kLeastPart, 1.0);
}

double presence::misfit() const {
  double const e = std::max(0.0, std::abs(std::log(ratio())) - kOfOneDemand) / kSpread;
  return e * e;
}

presence compare_presence(std::vector<station_count> const& counts, std::vector<double> const& simulated) {
  presence out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!known(counts[i], simulated[i])) continue;
    bool const there = counts[i].occupancy > kJammed, here = simulated[i] > kJammed;
    out.told += counts[i].occupancy;
    out.simulated += simulated[i];
    out.told_jams += there ? 1 : 0;
    out.simulated_jams += here ? 1 : 0;
    out.both_jam += there && here ? 1 : 0;
  }
  return out;
}

void wished_counts::learn(std::vector<double> const& simulated) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (!known(counts_[i], simulated[i])) continue;
    double const told = counts_[i].occupancy;
    bool const there = told > kJammed, here = simulated[i] > kJammed;
    if (there && here) continue;
    if (!there && !here) {
      factor_[i] = std::sqrt(factor_[i]);
      continue;
    }
    double const step = kPower * std::log(std::max(kEmpty, told) / std::max(kEmpty, simulated[i]));
    factor_[i] = std::clamp(factor_[i] * std::exp(std::clamp(step, -kMostStep, kMostStep)), kLeast, kMost);
  }
}

}  // namespace gemeo
