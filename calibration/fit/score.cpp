#include "calibration/fit/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "sim/core/error.h"

namespace gemeo {

namespace {

constexpr double kHour_s = 3600, kGehLimit = 5, kCasesToPass = 0.85, kSumTolerance = 0.05;

double ratio(double top, double bottom) {
  if (bottom > 0) return top / bottom;
  return top == 0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), top);
}

// sqrt(n sum (m - c)^2) / sum c, and the like.
class squared_errors {
 public:
  void add(double modelled, double observed) {
    ++n_;
    squares_ += (modelled - observed) * (modelled - observed);
    observed_ += observed;
    modelled_ += modelled;
  }
  [[nodiscard]] double n() const { return static_cast<double>(n_); }
  [[nodiscard]] double rmse() const { return n_ > 0 ? std::sqrt(squares_ / n()) : 0.0; }
  [[nodiscard]] double over_mean() const { return ratio(std::sqrt(n() * squares_), observed_); }
  [[nodiscard]] double mean_error() const { return n_ > 0 ? (modelled_ - observed_) / n() : 0.0; }
  [[nodiscard]] double sum_error() const { return ratio(modelled_ - observed_, observed_); }
  [[nodiscard]] double modelled() const { return modelled_; }
  [[nodiscard]] double observed() const { return observed_; }

 private:
  std::size_t n_ = 0;
  double squares_ = 0, observed_ = 0, modelled_ = 0;
};

void check(std::span<scored_count const> counts) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    scored_count const& c = counts[i];
    bool const finite =
        std::isfinite(c.begin_s) && std::isfinite(c.period_s) && std::isfinite(c.observed) && std::isfinite(c.modelled);
    if (!finite || c.period_s <= 0 || c.observed < 0 || c.modelled < 0) {
      throw_input(fmt::format("count {} of detector {}", i, c.detector),
                  fmt::format("{} observed, {} modelled in {} s", c.observed, c.modelled, c.period_s),
                  "leave out what was not counted");
    }
  }
}

}  // namespace

double geh(double modelled_veh_per_h, double observed_veh_per_h) {
  double const sum = modelled_veh_per_h + observed_veh_per_h, off = modelled_veh_per_h - observed_veh_per_h;
  return sum > 0 ? std::sqrt(2 * off * off / sum) : 0.0;
}

bool within_flow_band(double modelled_veh_per_h, double observed_veh_per_h) {
  double const off = std::abs(modelled_veh_per_h - observed_veh_per_h);
  if (observed_veh_per_h < 700) return off <= 100;
  return observed_veh_per_h <= 2700 ? off <= 0.15 * observed_veh_per_h : off <= 400;
}

std::vector<scored_hour> hourly_flows(std::span<scored_count const> counts, hourly_basis basis) {
  check(counts);
  std::map<std::pair<std::uint32_t, double>, scored_hour> hours;
  for (scored_count const& c : counts) {
    // A count longer than an hour is a case of its own, of mean hourly flow.
    bool const alone = basis == hourly_basis::kScaled || c.period_s > kHour_s;
    double const begin = alone ? c.begin_s : std::floor(c.begin_s / kHour_s) * kHour_s;
    scored_hour& h = hours[{c.detector, begin}];
    h.detector = c.detector;
    h.begin_s = begin;
    h.covered_s += c.period_s;
    h.observed_veh_per_h += c.observed;  // vehicles, so far
    h.modelled_veh_per_h += c.modelled;
  }
  std::vector<scored_hour> out;
  out.reserve(hours.size());
  for (auto& [key, h] : hours) {
    h.observed_veh_per_h *= kHour_s / h.covered_s;
    h.modelled_veh_per_h *= kHour_s / h.covered_s;
    out.push_back(h);
  }
  return out;
}

count_score score_counts(std::span<scored_count const> counts, hourly_basis basis) {
  count_score s;
  std::vector<scored_hour> const hours = hourly_flows(counts, basis);
  squared_errors of_counts, of_detectors, of_hours;
  std::map<std::uint32_t, std::pair<double, double>> totals;  // by detector
  for (scored_count const& c : counts) {
    of_counts.add(c.modelled, c.observed);
    totals[c.detector].first += c.modelled;
    totals[c.detector].second += c.observed;
  }
  for (auto const& [detector, total] : totals) of_detectors.add(total.first, total.second);
  std::size_t below_5 = 0, in_band = 0;
  for (scored_hour const& h : hours) {
    double const g = geh(h.modelled_veh_per_h, h.observed_veh_per_h);
    s.geh_mean += g;
    s.geh_most = std::max(s.geh_most, g);
    below_5 += g < kGehLimit ? 1 : 0;
    in_band += within_flow_band(h.modelled_veh_per_h, h.observed_veh_per_h) ? 1 : 0;
    of_hours.add(h.modelled_veh_per_h, h.observed_veh_per_h);
  }
  s.counts = counts.size();
  s.hours = hours.size();
  s.detectors = totals.size();
  if (hours.empty()) return s;
  auto const n = static_cast<double>(hours.size());
  s.geh_mean /= n;
  s.geh_below_5 = static_cast<double>(below_5) / n;
  s.flow_in_band = static_cast<double>(in_band) / n;
  s.geh_of_sum = geh(of_hours.modelled(), of_hours.observed());
  s.rmse = of_counts.rmse();
  s.rmsn = of_counts.over_mean();
  s.nrmse = of_detectors.over_mean();
  s.mean_error = of_counts.mean_error();
  s.sum_error = of_counts.sum_error();
  s.tag_flows = s.flow_in_band > kCasesToPass;
  s.tag_geh = s.geh_below_5 > kCasesToPass;
  s.fhwa_2004 = s.tag_flows && s.tag_geh && std::abs(s.sum_error) <= kSumTolerance;
  return s;
}

demand_score score_demand(std::span<double const> estimate, std::span<double const> truth) {
  if (estimate.size() != truth.size()) {
    throw_usage(fmt::format("score of {} cells against {} true ones", estimate.size(), truth.size()));
  }
  squared_errors errors;
  double products = 0, estimate_squares = 0, truth_squares = 0;
  for (std::size_t j = 0; j < truth.size(); ++j) errors.add(estimate[j], truth[j]);
  double const n = std::max(1.0, errors.n());
  for (std::size_t j = 0; j < truth.size(); ++j) {
    double const a = estimate[j] - errors.modelled() / n, b = truth[j] - errors.observed() / n;
    products += a * b;
    estimate_squares += a * a;
    truth_squares += b * b;
  }
  double const spread = std::sqrt(estimate_squares * truth_squares);
  return {errors.over_mean(), errors.sum_error(), spread > 0 ? products / spread : 0.0};
}

namespace {

std::size_t nearest_to_mean(std::span<std::vector<double> const> days) {
  std::size_t const intervals = days[0].size();
  std::vector<double> mean(intervals, 0.0);
  for (std::size_t t = 0; t < intervals; ++t) {
    for (auto const& day : days) mean[t] += day[t] / static_cast<double>(days.size());
  }
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < days.size(); ++i) {
    double off = 0;
    for (std::size_t t = 0; t < intervals; ++t) {
      if (mean[t] != 0) off += std::abs(days[i][t] - mean[t]) / std::abs(mean[t]);
    }
    if (off < least) {
      least = off;
      best = i;
    }
  }
  return best;
}

}  // namespace

fhwa_2019_score score_fhwa_2019(std::span<std::vector<double> const> days, std::span<double const> simulated) {
  if (days.size() < 2 || simulated.empty()) {
    throw_input("day-to-day variation", fmt::format("{} days of {} intervals", days.size(), simulated.size()),
                "at least two days that were counted are needed");
  }
  for (std::size_t i = 0; i < days.size(); ++i) {
    bool finite = days[i].size() == simulated.size();
    for (double const v : days[i]) finite = finite && std::isfinite(v);
    if (!finite) {
      throw_input(fmt::format("day {}", i), "has other intervals than were simulated, or values that are no numbers");
    }
  }
  fhwa_2019_score s;
  s.representative_day = nearest_to_mean(days);
  std::vector<double> const& day = days[s.representative_day];
  auto const intervals = static_cast<double>(simulated.size()), others = static_cast<double>(days.size() - 1);
  std::size_t in_two = 0, in_one = 0;
  double error = 0;
  for (std::size_t t = 0; t < simulated.size(); ++t) {
    double mean = 0, squares = 0;
    for (auto const& d : days) mean += d[t] / static_cast<double>(days.size());
    for (auto const& d : days) squares += (d[t] - mean) * (d[t] - mean);
    double const sd = std::sqrt(squares / others), off = day[t] - simulated[t];
    in_two += std::abs(off) <= 1.96 * sd ? 1 : 0;
    in_one += std::abs(off) <= sd ? 1 : 0;
    error += off / intervals;
    s.absolute_error += std::abs(off) / intervals;
    for (auto const& d : days) s.absolute_bound += std::abs(day[t] - d[t]) / intervals / others;
  }
  s.in_two_sigma = static_cast<double>(in_two) / intervals;
  s.in_one_sigma = static_cast<double>(in_one) / intervals;
  s.systematic_error = std::abs(error);
  s.systematic_bound = s.absolute_bound / 3;
  // Fewer than 20 intervals: one may lie outside, which 95 % would not allow.
  s.outliers = s.in_two_sigma >= 0.95 || (simulated.size() < 20 && in_two + 1 >= simulated.size());
  s.inliers = 3 * in_one >= 2 * simulated.size();
  s.absolute = s.absolute_error <= s.absolute_bound;
  s.systematic = s.systematic_error <= s.systematic_bound;
  return s;
}

route_time_score score_route_times(std::span<double const> modelled_s, std::span<double const> observed_s) {
  if (modelled_s.size() != observed_s.size()) throw_usage("score: a modelled time for each observed one");
  if (observed_s.empty()) return {};
  std::size_t within = 0;
  for (std::size_t i = 0; i < observed_s.size(); ++i) {
    within += std::abs(modelled_s[i] - observed_s[i]) <= std::max(0.15 * observed_s[i], 60.0) ? 1 : 0;
  }
  double const share = static_cast<double>(within) / static_cast<double>(observed_s.size());
  return {share, share > kCasesToPass};
}

}  // namespace gemeo
