#include "calibration/fit/steady_prior.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gemeo {

namespace {

constexpr std::size_t kLeastSlots = 4;
constexpr double kOfSecondDifferences = 6;  // 1 + 4 + 1: their variance, in that of independent errors

}  // namespace

steady_result steady_prior(std::span<double> cells, std::size_t pairs, std::size_t slots) {
  steady_result out;
  if (slots < kLeastSlots || pairs < 2) return out;
  std::vector<double> of_pair(pairs), of_slot(slots);
  double all = 0;
  for (std::size_t j = 0; j < cells.size(); ++j) {
    of_pair[j / slots] += cells[j];
    of_slot[j % slots] += cells[j];
    all += cells[j];
  }
  if (!(all > 0)) return out;
  auto const expected = [&](std::size_t j) { return of_pair[j / slots] * of_slot[j % slots] / all; };
  double around = 0, weight = 0, chance = 0, weight_of_chance = 0;
  std::vector<double> r(slots);
  for (std::size_t p = 0; p < pairs; ++p) {
    for (std::size_t s = 0; s < slots; ++s) {
      double const m = expected(p * slots + s);
      r[s] = m > 0 ? cells[p * slots + s] / m - 1 : 0;
      around += m * r[s] * r[s];
      weight += m;
    }
    for (std::size_t s = 1; s + 1 < slots; ++s) {
      double const m = expected(p * slots + s), d = r[s - 1] - 2 * r[s] + r[s + 1];
      if (of_slot[s - 1] <= 0 || of_slot[s + 1] <= 0) continue;
      chance += m * d * d / kOfSecondDifferences;
      weight_of_chance += m;
    }
  }
  if (!(weight_of_chance > 0) || !(around > 0)) return out;
  // A pair's own total is among what its cells lie around: one degree of freedom of its slots.
  double const variance = around / weight * static_cast<double>(slots) / static_cast<double>(slots - 1);
  out.spread = std::sqrt(variance);
  out.share = std::min(1.0, chance / weight_of_chance / variance);
  for (std::size_t j = 0; j < cells.size(); ++j) cells[j] += out.share * (expected(j) - cells[j]);
  return out;
}

}  // namespace gemeo
