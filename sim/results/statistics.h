// Statistics of paired runs: Student's t, paired means with 95 % intervals, how many pairs would be needed, and the
// Benjamini-Hochberg control of the false discovery rate. A pair is one seed, run in the base and in the other
// scenario. Invariants: values that are not finite never enter a mean; fewer than two pairs have no interval (NaN).
// Units: those of the values. Thread rule: plain functions and values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace gemeo {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();  // no value
inline constexpr double kConfidence = 0.95;
inline constexpr std::size_t kMinPairs = 3;  // below this an interval says next to nothing
inline constexpr double kFalseDiscoveryRate = 0.05;
inline constexpr double kPower = 0.80;  // of the "pairs needed" estimate

// Regularised incomplete beta function I_x(a, b); continued fraction of Lentz (Numerical Recipes, 3rd ed., 6.4).
double incomplete_beta(double a, double b, double x);
double student_t_cdf(double t, double degrees_of_freedom);
double student_t_quantile(double p, double degrees_of_freedom);  // p in (0, 1)
double normal_quantile(double p);
// Half the width of the two-sided interval of a mean of n values with standard deviation sd; NaN for n < 2.
double half_width(double sd, std::size_t n, double confidence = kConfidence);

// Running mean and variance of one side (Welford).
struct moments {
  std::uint32_t n = 0;
  double mean = 0, m2 = 0;

  void add(double x);
  [[nodiscard]] double sd() const;  // sample standard deviation, NaN for n < 2
};

// Running moments of pairs. A pair with a value that is not finite is left out, as a whole.
struct paired_moments {
  moments base, other, difference;
  std::uint32_t up = 0, down = 0;  // pairs in which other > base, other < base

  void add(double base_value, double other_value);
};

enum class verdict : std::uint8_t {
  kNoData,     // no common pair has the value
  kTooFew,     // fewer than kMinPairs pairs
  kUnchanged,  // every pair has the same value on both sides
  kNotShown,   // the interval includes zero
  kWeak,       // the interval excludes zero, but not after correction for the number of comparisons
  kClear       // the interval excludes zero, also after correction
};

struct paired_estimate {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::size_t pairs = 0, up = 0, down = 0;
  double base = kNone, other = kNone;            // means over the pairs
  double base_half = kNone, other_half = kNone;  // half widths of each side's own interval
  double difference = kNone, low = kNone, high = kNone, sd = kNone;
  double unpaired_half = kNone;  // what the interval would be without common seeds (Welch)
  double p = kNone, q = kNone;   // two-sided p value, none where unchanged; q: adjusted within its table
  verdict says = verdict::kNoData;

  // Relative to the base's mean; NaN when that is 0.
  [[nodiscard]] double change() const;
  [[nodiscard]] double change_low() const;
  [[nodiscard]] double change_high() const;
  // More variance removed than kept by pairing: 1 - (paired / unpaired half width)^2; NaN when neither is known.
  [[nodiscard]] double variance_removed() const;
};

// Everything but q; says is kClear where the interval excludes zero, until judge() has corrected it.
// resolution: the step in which the value can change at all (one vehicle of a count); three pairs that differ by one
// vehicle each have no spread, yet prove nothing, so the spread is taken as at least one step. unpaired: also what the
// interval would be without pairing (costs a quantile; a map of 100,000 edges does without).
paired_estimate estimate(paired_moments const& m, double resolution = 0, bool unpaired = true);

// Pairs that give a chance of kPower to show, at 95 %, a mean difference of the size seen, were it and its spread the
// true ones; 0 when it cannot be said (no spread, no difference, fewer than two pairs).
std::size_t pairs_needed(double difference, double sd);

// Benjamini & Hochberg (1995): adjusted p values (q values) in the order given. NaN stays NaN and does not count.
std::vector<double> benjamini_hochberg(std::span<double const> p);

// Fills q and turns kClear into kWeak where q exceeds kFalseDiscoveryRate; the span is one family of comparisons.
void judge(std::span<paired_estimate*> family);

struct family_count {           // how a family of tests came out
  std::size_t tested = 0;       // comparisons with a p value
  std::size_t below_5_pct = 0;  // p < 0.05, uncorrected
  std::size_t kept = 0;         // after Benjamini-Hochberg
  [[nodiscard]] double expected_by_chance() const { return (1 - kConfidence) * static_cast<double>(tested); }
};

}  // namespace gemeo
