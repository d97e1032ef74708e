#include "calibration/job/members.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "calibration/job/run_job.h"

namespace gemeo {

namespace {

using rows_of_numbers = std::vector<std::vector<double>>;

std::vector<double> const kBand{0.05, 0.95};

double sum_of(std::vector<double> const& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

// Each cell's mean over the members becomes the calibrated number of trips: what is left of the bounds' bias, and what
// lies between the last fit and the iterate that was kept.
void centre(rows_of_numbers& members, std::vector<double> const& on) {
  for (std::size_t c = 0; c < on.size(); ++c) {
    double mean = 0;
    for (auto const& m : members) mean += m[c] / static_cast<double>(members.size());
    for (auto& m : members) m[c] = mean > 0 ? m[c] * on[c] / mean : on[c];
  }
}

void take_band(rows_of_numbers const& draws, std::vector<double>& low, std::vector<double>& high) {
  quantile_table const q = quantiles_of(draws, kBand);
  low.assign(q.value.begin(), q.value.begin() + static_cast<std::ptrdiff_t>(q.size));
  high.assign(q.value.begin() + static_cast<std::ptrdiff_t>(q.size), q.value.end());
}

class zone_sums {
 public:
  zone_sums(trip_source const& s, bool ends) : s_(s), ends_(ends) {
    for (std::size_t p = 0; p < s.pairs(); ++p) {
      auto const [at, fresh] = number_.try_emplace(place_of(p), names_.size());
      if (!fresh) continue;
      std::string const name = s.pair_name(p);
      std::size_t const arrow = name.find(" > ");
      names_.push_back(ends ? name.substr(arrow + 3) : name.substr(0, arrow));
    }
  }
  [[nodiscard]] std::vector<double> of(std::vector<double> const& pair_trips) const {
    std::vector<double> out(names_.size());
    std::size_t const slots = s_.slots().count;
    for (std::size_t c = 0; c < pair_trips.size(); ++c) out[number_.at(place_of(c / slots))] += pair_trips[c];
    return out;
  }
  [[nodiscard]] std::vector<zone_band> bands(rows_of_numbers const& members, std::vector<double> const& prior,
                                             std::vector<double> const& calibrated) const {
    rows_of_numbers sums;
    for (auto const& m : members) sums.push_back(of(m));
    std::vector<double> low, high;
    take_band(sums, low, high);
    std::vector<double> const before = of(prior), now = of(calibrated);
    std::vector<zone_band> out;
    for (std::size_t z = 0; z < names_.size(); ++z) out.push_back({names_[z], before[z], now[z], low[z], high[z]});
    std::stable_sort(out.begin(), out.end(),
                     [](zone_band const& a, zone_band const& b) { return a.calibrated > b.calibrated; });
    return out;
  }

 private:
  [[nodiscard]] std::uint32_t place_of(std::size_t pair) const {
    return ends_ ? s_.destination_of(pair) : s_.origin_of(pair);
  }
  trip_source const& s_;
  bool ends_;
  std::map<std::uint32_t, std::size_t> number_;
  std::vector<std::string> names_;
};

constexpr double kNormal95 = 1.645;

// A count is a draw around the expected flow: both spreads together, as if normal.
band_coverage cover(calibration_outcome const& c, demand_members const& m, bool held_out) {
  band_coverage out;
  for (std::size_t i = 0; i < c.observed.periods.size(); ++i) {
    observed_period const& p = c.observed.periods[i];
    double const counted = p.mean();
    if (c.split.held_out[p.station] != held_out || std::isnan(counted) || !c.is_scored(i)) continue;
    double const days =
        static_cast<double>(std::count_if(p.by_day.begin(), p.by_day.end(), [](double x) { return !std::isnan(x); }));
    double const middle = (m.flow_low[i] + m.flow_high[i]) / 2, half = (m.flow_high[i] - m.flow_low[i]) / 2;
    double const chance = kNormal95 * std::sqrt(std::max(1.0, middle) / days + p.variance_of_mean());
    ++out.counts;
    out.inside += std::abs(counted - middle) <= std::hypot(half, chance);
  }
  return out;
}

}  // namespace

demand_members find_members(calibration_outcome const& c, assignment const& seen, fit_options const& fit,
                            std::size_t threads) {
  thread_team const team(threads);
  map_estimator const estimator(*c.fit.problem);
  fit_result const base = estimator.fit(fit, team);
  band_options b;
  b.refits = static_cast<std::size_t>(c.job.fit.refits);
  b.seed = static_cast<std::uint64_t>(c.job.fit.seed);
  b.keep_refits = true;
  fit_bands found = perturbed_refits(estimator, fit, base, b, team);
  demand_members out;
  out.noise_scale = found.noise_scale;
  out.unconverged = found.unconverged;
  out.trips = std::move(found.refits);
  double total = 0;
  for (auto const& m : out.trips) total += sum_of(m) / static_cast<double>(out.trips.size());
  out.drift = total / std::max(1e-9, sum_of(base.x)) - 1;
  centre(out.trips, c.fit.trips);

  take_band(out.trips, out.cell_low, out.cell_high);
  sparse_rows const rows = seen.rows(c.counts, threads);
  std::vector<double> const offsets = seen.offsets(rows, c.counts);
  rows_of_numbers pairs, flows, totals;
  for (auto const& m : out.trips) {
    pairs.push_back(trips_of_pairs(*c.source, m));
    totals.push_back({sum_of(m)});
    flows.emplace_back(rows.rows());
    multiply(rows, m, flows.back(), {});
    for (std::size_t i = 0; i < offsets.size(); ++i) flows.back()[i] = std::max(0.0, flows.back()[i] + offsets[i]);
  }
  take_band(pairs, out.pair_low, out.pair_high);
  take_band(flows, out.flow_low, out.flow_high);
  std::vector<double> low, high;
  take_band(totals, low, high);
  out.total_low = low[0];
  out.total_high = high[0];
  std::vector<double> const prior = trips_of_pairs(*c.source, c.source->prior()),
                            calibrated = trips_of_pairs(*c.source, c.fit.trips);
  out.origins = zone_sums(*c.source, false).bands(pairs, prior, calibrated);
  out.destinations = zone_sums(*c.source, true).bands(pairs, prior, calibrated);
  out.fitted = cover(c, out, false);
  out.held_out = cover(c, out, true);
  return out;
}

}  // namespace gemeo
