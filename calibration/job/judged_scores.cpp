#include "calibration/job/judged_scores.h"

#include <algorithm>
#include <cmath>

#include "calibration/job/run_job.h"

namespace gemeo {

namespace {

class scorer {
 public:
  explicit scorer(calibration_outcome& out) : out_(out) {}
  void score() {
    add("fitted", "stations that were fitted", false, false);
    add("held_out", "stations held out", true, false);
    if (!out_.observed.held_out_days.empty()) {
      add("fitted_other_days", "fitted stations on held-out days", false, true);
      add("held_out_other_days", "held-out stations on held-out days", true, true);
    }
    out_.fhwa_fitted = fhwa(false);
    out_.fhwa_held_out = fhwa(true);
  }

 private:
  [[nodiscard]] bool of_split(std::size_t i, bool held_out) const {
    return out_.split.held_out[out_.observed.periods[i].station] == held_out;
  }
  // With all, or without those that contradict others.
  [[nodiscard]] bool in_set(std::size_t i, bool held_out, bool other_days, bool all) const {
    return out_.is_scored(i) && of_split(i, held_out) && (all || !contradicts(i, other_days));
  }
  [[nodiscard]] bool contradicts(std::size_t i, bool other_days) const {
    return other_days ? out_.capacity.contradicts_on_other_days[i] : out_.capacity.contradicts[i];
  }

  void add(char const* name, char const* title, bool held_out, bool other_days) {
    judged_scores s;
    s.name = name;
    s.title = title;
    s.held_out_stations = held_out;
    s.held_out_days = other_days;
    std::vector<bool> seen(out_.observed.stations.size());
    for (std::size_t i = 0; i < out_.observed.periods.size(); ++i) {
      observed_period const& p = out_.observed.periods[i];
      if (!of_split(i, held_out) || std::isnan(other_days ? p.held_out_mean() : p.mean())) continue;
      s.left_out += !out_.is_scored(i);
      s.beyond += out_.is_scored(i) && out_.capacity.beyond[i];
      if (!out_.is_scored(i)) continue;
      ++s.counts;
      s.contradicted += contradicts(i, other_days);
      s.stations += !seen[p.station];
      seen[p.station] = true;
    }
    if (s.counts == 0) return;
    static_cast<two_scores&>(s) = mean_scores(held_out, other_days, true);
    if (s.has_consistent()) s.consistent = mean_scores(held_out, other_days, false);
    out_.scores.push_back(std::move(s));
  }

  [[nodiscard]] two_scores mean_scores(bool held_out, bool other_days, bool all) const {
    return {mean_score(out_.prior_runs, held_out, other_days, all), mean_score(out_.judges, held_out, other_days, all)};
  }

  [[nodiscard]] count_score mean_score(std::vector<judged_run> const& runs, bool held_out, bool other_days,
                                       bool all) const {
    count_score mean;
    for (judged_run const& r : runs) {
      std::vector<scored_count> counts;
      for (std::size_t i = 0; i < out_.observed.periods.size(); ++i) {
        observed_period const& p = out_.observed.periods[i];
        double const observed = other_days ? p.held_out_mean() : p.mean();
        if (in_set(i, held_out, other_days, all) && !std::isnan(observed))
          counts.push_back({p.station, p.begin_s, p.end_s - p.begin_s, observed, r.counts[i]});
      }
      count_score const s = score_counts(counts);
      mean.counts = s.counts;
      mean.hours = s.hours;
      mean.detectors = s.detectors;
      double const part = 1.0 / static_cast<double>(runs.size());
      mean.geh_below_5 += part * s.geh_below_5;
      mean.geh_mean += part * s.geh_mean;
      mean.geh_most += part * s.geh_most;
      mean.geh_of_sum += part * s.geh_of_sum;
      mean.rmse += part * s.rmse;
      mean.rmsn += part * s.rmsn;
      mean.nrmse += part * s.nrmse;
      mean.mean_error += part * s.mean_error;
      mean.sum_error += part * s.sum_error;
      mean.flow_in_band += part * s.flow_in_band;
    }
    mean.tag_flows = mean.flow_in_band > kTagShare;
    mean.tag_geh = mean.geh_below_5 > kTagShare;
    mean.fhwa_2004 = mean.tag_flows && mean.tag_geh && std::abs(mean.sum_error) <= kSumWithin;
    return mean;
  }

  [[nodiscard]] day_to_day fhwa(bool held_out) const {
    day_to_day d;
    std::vector<double> const simulated = out_.mean_simulated(out_.judges);
    for (std::uint32_t s = 0; s < out_.observed.stations.size(); ++s) {
      if (out_.split.held_out[s] != held_out) continue;
      std::vector<std::vector<double>> days(out_.observed.days.size());
      std::vector<double> now;
      for (std::size_t i = 0; i < out_.observed.periods.size(); ++i) {
        observed_period const& p = out_.observed.periods[i];
        if (p.station != s || !out_.is_scored(i)) continue;
        for (std::size_t k = 0; k < days.size(); ++k) days[k].push_back(p.by_day[k]);
        now.push_back(simulated[i]);
      }
      std::erase_if(days, [](std::vector<double> const& day) {
        return std::any_of(day.begin(), day.end(), [](double x) { return std::isnan(x); });
      });
      if (days.size() < 3) continue;  // an envelope of fewer says nothing
      fhwa_2019_score const f = score_fhwa_2019(days, now);
      ++d.stations;
      d.outliers += f.outliers;
      d.inliers += f.inliers;
      d.absolute += f.absolute;
      d.systematic += f.systematic;
      d.all += f.all();
    }
    return d;
  }

  static constexpr double kTagShare = 0.85, kSumWithin = 0.05;
  calibration_outcome& out_;
};

}  // namespace

void score_judged(calibration_outcome& c) { scorer(c).score(); }

}  // namespace gemeo
