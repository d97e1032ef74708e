#include "tests/bench/truth_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gemeo::bench {

namespace {

constexpr double kBusy_veh_per_h = 50;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double quantile(std::vector<double> const& sorted, double q) {
  if (sorted.empty()) return kNaN;
  double const at = q * static_cast<double>(sorted.size() - 1);
  auto const low = static_cast<std::size_t>(at);
  std::size_t const high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

void add_trips(truth_run const& r, double share, truth_mean& m) {
  std::vector<double> durations;
  double sum = 0, lost = 0;
  for (truth_trip const& t : r.trips) {
    durations.push_back(t.duration_s);
    sum += t.duration_s;
    lost += t.time_loss_s;
  }
  std::sort(durations.begin(), durations.end());
  auto const n = static_cast<double>(durations.size());
  m.completed += share * r.completed;
  m.teleports += share * r.teleports;
  m.duration_s += share * sum / n;
  m.time_loss_s += share * lost / n;
  m.p10_s += share * quantile(durations, 0.1);
  m.p50_s += share * quantile(durations, 0.5);
  m.p90_s += share * quantile(durations, 0.9);
}

double percent(double a, double b) { return 100 * (b - a) / a; }

truth_mean::edge edge_of(truth_mean const& m, std::string const& name) {
  auto const found = m.edges.find(name);
  return found == m.edges.end() ? truth_mean::edge{} : found->second;
}

double share_with_like_counts(truth_mean const& a, truth_mean const& b) {
  double all = 0, good = 0;
  for (auto const& [name, e] : a.edges) {
    ++all;
    good += geh(e.veh_per_h, edge_of(b, name).veh_per_h) < 5 ? 1 : 0;
  }
  for (auto const& [name, e] : b.edges) {
    if (a.edges.contains(name)) continue;
    ++all;
    good += geh(0, e.veh_per_h) < 5 ? 1 : 0;
  }
  return all > 0 ? 100 * good / all : kNaN;
}

double share_with_like_speeds(truth_mean const& a, truth_mean const& b) {
  double all = 0, good = 0;
  for (auto const& [name, e] : a.edges) {
    if (e.veh_per_h <= kBusy_veh_per_h || e.sampled_s <= 0) continue;
    ++all;
    truth_mean::edge const other = edge_of(b, name);
    good += other.sampled_s > 0 && std::abs(other.speed_mps / e.speed_mps - 1) <= 0.1 ? 1 : 0;
  }
  return all > 0 ? 100 * good / all : kNaN;
}

double rms_over_mean(std::vector<double> const& a, std::vector<double> const& b) {
  double squares = 0, sum = 0;
  std::size_t const n = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {  // after its end the roads of a run are empty
    double const x = i < a.size() ? a[i] : 0, y = i < b.size() ? b[i] : 0;
    squares += (x - y) * (x - y);
    sum += x;
  }
  return sum > 0 ? 100 * std::sqrt(squares / static_cast<double>(n)) / (sum / static_cast<double>(n)) : kNaN;
}

}  // namespace

double geh(double veh_per_h, double other) {
  double const sum = veh_per_h + other, d = veh_per_h - other;
  return sum > 0 ? std::sqrt(2 * d * d / sum) : 0;
}

truth_mean mean_of(std::vector<truth_run const*> const& runs, double window_s) {
  truth_mean m;
  double const share = 1 / static_cast<double>(runs.size());
  for (truth_run const* const r : runs) {
    add_trips(*r, share, m);
    for (truth_edge const& e : r->edges) {
      truth_mean::edge& sum = m.edges[e.name];
      sum.veh_per_h += share * e.count * 3600 / window_s;
      sum.sampled_s += e.sampled_s;
      sum.speed_mps += e.way_m;  // divided below: a mean over all vehicles of all seeds
    }
    m.running.resize(std::max(m.running.size(), r->running.size()));
    for (std::size_t i = 0; i < r->running.size(); ++i) m.running[i] += share * r->running[i];
  }
  for (auto& [name, e] : m.edges) e.speed_mps = e.sampled_s > 0 ? e.speed_mps / e.sampled_s : 0;
  return m;
}

std::array<double, kTruthFigures> figures_of(truth_mean const& a, truth_mean const& b) {
  return {percent(a.completed, b.completed), percent(a.duration_s, b.duration_s), percent(a.p10_s, b.p10_s),
          percent(a.p50_s, b.p50_s),         percent(a.p90_s, b.p90_s),           percent(a.time_loss_s, b.time_loss_s),
          share_with_like_counts(a, b),      share_with_like_speeds(a, b),        rms_over_mean(a.running, b.running)};
}

bool met(std::size_t figure, double value) {
  truth_bar const& b = kTruthBars[figure];
  return b.at_least ? value >= b.bar : std::abs(value) <= b.bar;
}

double value_of(std::size_t figure, truth_mean const& m) {
  double running = 0;
  for (double const n : m.running) running += n / static_cast<double>(m.running.size());
  std::array<double, kTruthFigures> const values = {m.completed,   m.duration_s, m.p10_s, m.p50_s, m.p90_s,
                                                    m.time_loss_s, kNaN,         kNaN,    running};
  return values[figure];
}

}  // namespace gemeo::bench
