// How well modelled flows and demand meet observed ones, in the measures and by the tests that practitioners use.
// Counts are of vehicles over a period; GEH, flow bands and their tests are of hourly flows, which is what they were
// made for (of 15-minute counts GEH reads twice too good). Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gemeo {

// GEH = sqrt(2 (m - c)^2 / (m + c)) of hourly flows (UK DMRB vol. 12); 0 when both are 0.
double geh(double modelled_veh_per_h, double observed_veh_per_h);

struct scored_count {
  std::uint32_t detector = 0;
  double begin_s = 0, period_s = 900;
  double observed = 0, modelled = 0;  // vehicles in the period
};

// How counts become hourly flows: those of a detector and clock hour added up, scaled to 3600 s where some are missing;
// or each count by itself times 3600 / period, which is harsher, as its noise is scaled too.
enum class hourly_basis { kSummed, kScaled };

struct scored_hour {
  std::uint32_t detector = 0;
  double begin_s = 0, covered_s = 0;
  double observed_veh_per_h = 0, modelled_veh_per_h = 0;
};
// By detector, then time. Throws error(kInput) for counts that are negative, not finite, or without a period.
std::vector<scored_hour> hourly_flows(std::span<scored_count const> counts, hourly_basis basis);

struct count_score {
  std::size_t counts = 0, hours = 0, detectors = 0;
  double geh_below_5 = 0, geh_mean = 0, geh_most = 0;  // of hours; geh_below_5: a share
  double geh_of_sum = 0;                               // of all flows together
  double rmse = 0;                                     // of counts, vehicles
  double rmsn = 0;          // sqrt(n sum (m - c)^2) / sum c of the counts: RMSE over their mean
  double nrmse = 0;         // the same of each detector's total, as BO4Mob scores links (Ryu et al., NeurIPS 2025)
  double mean_error = 0;    // modelled - observed, vehicles a count
  double sum_error = 0;     // of all counts together: modelled / observed - 1
  double flow_in_band = 0;  // share of hours within 100 veh/h (below 700), 15 % (to 2,700), 400 veh/h (above)
  bool tag_flows = false, tag_geh = false;  // TAG M3.1: bands, and GEH < 5, each in more than 85 % of cases
  bool fhwa_2004 = false;                   // both, and the sum of flows within 5 %
};
// Nothing counted: all zero. What divides by observed traffic is infinite where there was none but the model has some.
count_score score_counts(std::span<scored_count const> counts, hourly_basis basis = hourly_basis::kSummed);
bool within_flow_band(double modelled_veh_per_h, double observed_veh_per_h);

struct demand_score {
  double nrmse = 0;        // sqrt(mean (x - truth)^2) / mean truth, cell by cell
  double total_error = 0;  // sum x / sum truth - 1
  double correlation = 0;
};
demand_score score_demand(std::span<double const> estimate, std::span<double const> truth);

// FHWA-HOP-18-036 (Traffic Analysis Toolbox III, 2019), chapter 5: one measure over time intervals, as simulated,
// against the representative day of those observed. The others span the envelope c_r(t) +- 1.96 sd(t) (I) or sd(t)
// (II).
struct fhwa_2019_score {
  std::size_t representative_day = 0;
  double in_two_sigma = 0, in_one_sigma = 0;          // shares of intervals
  double absolute_error = 0, absolute_bound = 0;      // BDAE: mean |c_r - m|, and mean |c_r - c_i| over other days
  double systematic_error = 0, systematic_bound = 0;  // |mean (c_r - m)|; a third of the bound above
  bool outliers = false, inliers = false, absolute = false, systematic = false;  // criteria I to IV
  [[nodiscard]] bool all() const { return outliers && inliers && absolute && systematic; }
};
// days: each as long as `simulated`; at least 2. The representative day is nearest to the mean of all (least summed
// relative difference), the earliest of equals.
fhwa_2019_score score_fhwa_2019(std::span<std::vector<double> const> days, std::span<double const> simulated);

// TAG M3.1: journey times within 15 %, or one minute where that is more, on more than 85 % of routes.
struct route_time_score {
  double within = 0;  // share of routes
  bool tag_times = false;
};
route_time_score score_route_times(std::span<double const> modelled_s, std::span<double const> observed_s);

}  // namespace gemeo
