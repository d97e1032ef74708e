#include "sim/results/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/core/error.h"

namespace gemeo {
namespace {

constexpr std::size_t kMaxPairsNeeded = 1000000;

double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  auto const guard = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / guard(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m <= 500; ++m) {
    double const k = m;
    double const even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    double const odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    double const step = d * c;
    h *= step;
    if (std::abs(step - 1) < 1e-15) break;
  }
  return h;
}

// The standard deviation below which differences are rounding, not variation.
bool is_rounding(double sd, double scale) { return sd <= 1e-12 * std::max(scale, 1e-300); }

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  double const front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_t_cdf(double t, double nu) {
  if (std::isnan(t) || !(nu > 0)) return kNan;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  double const tail = 0.5 * incomplete_beta(nu / 2, 0.5, nu / (nu + t * t));
  return t > 0 ? 1 - tail : tail;
}

double normal_quantile(double p) {
  verify(p > 0 && p < 1, "a quantile's probability lies between 0 and 1");
  double low = -40, high = 40;  // bisection: exact to the last bits, and never called in a loop over edges
  for (int i = 0; i < 200 && high - low > 1e-14; ++i) {
    double const mid = (low + high) / 2;
    (0.5 * std::erfc(-mid / std::sqrt(2.0)) < p ? low : high) = mid;
  }
  return (low + high) / 2;
}

double student_t_quantile(double p, double nu) {
  verify(p > 0 && p < 1 && nu > 0, "a quantile's probability lies between 0 and 1, with some degrees of freedom");
  if (p < 0.5) return -student_t_quantile(1 - p, nu);
  double low = 0, high = 2;
  while (student_t_cdf(high, nu) < p) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-14 * high; ++i) {
    double const mid = (low + high) / 2;
    (student_t_cdf(mid, nu) < p ? low : high) = mid;
  }
  return (low + high) / 2;
}

double half_width(double sd, std::size_t n, double confidence) {
  if (n < 2 || std::isnan(sd)) return kNan;
  if (sd == 0) return 0;
  // Tables of a whole network ask for the same few sizes of sample again and again.
  thread_local std::size_t last_n = 0;
  thread_local double last_confidence = 0, last_t = 0;
  if (n != last_n || confidence != last_confidence) {
    last_t = student_t_quantile(0.5 + confidence / 2, static_cast<double>(n - 1));
    last_n = n;
    last_confidence = confidence;
  }
  return last_t * sd / std::sqrt(static_cast<double>(n));
}

void moments::add(double x) {
  ++n;
  double const d = x - mean;
  mean += d / n;
  m2 += d * (x - mean);
}

double moments::sd() const { return n < 2 ? kNan : std::sqrt(m2 / (n - 1)); }

void paired_moments::add(double b, double o) {
  if (!std::isfinite(b) || !std::isfinite(o)) return;
  base.add(b);
  other.add(o);
  difference.add(o - b);
  if (o > b) ++up;
  if (o < b) ++down;
}

double paired_estimate::change() const { return base != 0 ? difference / std::abs(base) : kNan; }
double paired_estimate::change_low() const { return base != 0 ? low / std::abs(base) : kNan; }
double paired_estimate::change_high() const { return base != 0 ? high / std::abs(base) : kNan; }

double paired_estimate::variance_removed() const {
  double const half = (high - low) / 2;
  if (!(unpaired_half > 0) || std::isnan(half)) return kNan;
  return 1 - (half / unpaired_half) * (half / unpaired_half);
}

paired_estimate estimate(paired_moments const& m, double resolution, bool unpaired) {
  paired_estimate e;
  e.pairs = m.difference.n;
  e.up = m.up;
  e.down = m.down;
  if (e.pairs == 0) return e;
  e.base = m.base.mean;
  e.other = m.other.mean;
  e.difference = m.difference.mean;
  e.sd = m.difference.sd();
  double const scale = std::max(std::abs(e.base), std::abs(e.other));
  if (e.pairs >= 2 && is_rounding(e.sd, scale)) e.sd = 0;
  bool const same = e.up == 0 && e.down == 0;
  if (!same && e.sd < resolution) e.sd = resolution;
  double const half = half_width(e.sd, e.pairs);
  e.low = e.difference - half;
  e.high = e.difference + half;
  e.base_half = half_width(m.base.sd(), e.pairs);
  e.other_half = half_width(m.other.sd(), e.pairs);
  if (unpaired && e.pairs >= 2) {
    double const n = static_cast<double>(e.pairs), vb = m.base.m2 / (n - 1) / n, vo = m.other.m2 / (n - 1) / n;
    double const nu = vb + vo > 0 ? (vb + vo) * (vb + vo) * (n - 1) / (vb * vb + vo * vo) : n - 1;
    e.unpaired_half = vb + vo > 0 ? student_t_quantile(0.5 + kConfidence / 2, nu) * std::sqrt(vb + vo) : 0;
  }
  if (e.pairs >= 2 && !same) {
    double const t = e.sd > 0 ? e.difference / (e.sd / std::sqrt(static_cast<double>(e.pairs)))
                              : std::copysign(std::numeric_limits<double>::infinity(), e.difference);
    e.p = 2 * student_t_cdf(-std::abs(t), static_cast<double>(e.pairs - 1));
  }
  if (e.pairs < kMinPairs) {
    e.says = verdict::kTooFew;
  } else if (same) {
    e.says = verdict::kUnchanged;
  } else {
    e.says = e.low > 0 || e.high < 0 ? verdict::kClear : verdict::kNotShown;
  }
  return e;
}

std::size_t pairs_needed(double difference, double sd) {
  if (!std::isfinite(difference) || !(sd > 0) || difference == 0) return 0;
  double const effect = std::abs(difference) / sd;
  double const z = normal_quantile(0.5 + kConfidence / 2) + normal_quantile(kPower);
  double const first = (z / effect) * (z / effect);
  if (first > static_cast<double>(kMaxPairsNeeded)) return kMaxPairsNeeded;
  for (auto n = std::max<std::size_t>(kMinPairs, static_cast<std::size_t>(first));; ++n) {
    double const nu = static_cast<double>(n - 1);
    double const t = student_t_quantile(0.5 + kConfidence / 2, nu) + student_t_quantile(kPower, nu);
    if (effect * std::sqrt(static_cast<double>(n)) >= t) return n;
  }
}

std::vector<double> benjamini_hochberg(std::span<double const> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> q(p.size(), kNan);
  double smallest = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    std::size_t const i = order[rank - 1];
    smallest = std::min(smallest, p[i] * static_cast<double>(order.size()) / static_cast<double>(rank));
    q[i] = smallest;
  }
  return q;
}

void judge(std::span<paired_estimate*> family) {
  std::vector<double> p(family.size());
  std::transform(family.begin(), family.end(), p.begin(), [](paired_estimate const* e) { return e->p; });
  std::vector<double> const q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < family.size(); ++i) {
    family[i]->q = q[i];
    if (family[i]->says == verdict::kClear && !(q[i] <= kFalseDiscoveryRate)) family[i]->says = verdict::kWeak;
  }
}

}  // namespace gemeo
