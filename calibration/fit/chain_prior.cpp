#include "calibration/fit/chain_prior.h"

#include <algorithm>
#include <cmath>

namespace gemeo {

namespace {

// From one slot to the next a pair departs from the prior's course by so much of its trips where nothing is counted.
constexpr double kLeadChange = 0.05;

}  // namespace

template <typename Body>
void chain_prior::each_pair(fixed_blocks const& blocks, Body const& body) const {
  blocks.each(
      pairs_, pairs_ * slots_,
      [&](std::size_t first, std::size_t last) {
        for (std::size_t p = first; p < last; ++p) body(p * slots_, (p + 1) * slots_);
      },
      std::max<std::size_t>(1, fixed_blocks::kBlock / slots_));
}

void chain_prior::set(std::size_t pairs, std::size_t slots, std::size_t lead_slots, double lambda, double mu,
                      std::span<double const> mean, std::span<double const> sd, fixed_blocks const& blocks) {
  pairs_ = pairs;
  slots_ = slots;
  mu_.assign(slots, mu);
  for (std::size_t s = 0; s < std::min(lead_slots, slots); ++s) mu_[s] = std::max(mu, 1 / (kLeadChange * kLeadChange));
  mu_.back() = 0;
  std::size_t const n = pairs * slots;
  for (auto* v : {&weight_, &scale_, &diagonal_, &off_}) v->resize(n);
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      weight_[j] = lambda / (sd[j] * sd[j]);
      scale_[j] = 1 / std::max(mean[j], sd[j]);
    }
    for (std::size_t j = first; j < end; ++j) {
      double const after = mu_[j - first], both = after + (j > first ? mu_[j - first - 1] : 0.0);
      diagonal_[j] = weight_[j] + both * scale_[j] * scale_[j];
      off_[j] = j + 1 < end ? -after * scale_[j] * scale_[j + 1] : 0.0;
    }
  });
  fix({}, blocks);
}

void chain_prior::multiply(std::span<double const> e, std::span<double> out, fixed_blocks const& blocks) const {
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    for (std::size_t j = first; j < end; ++j) {
      double sum = diagonal_[j] * e[j];
      if (j > first) sum += off_[j - 1] * e[j - 1];
      if (j + 1 < end) sum += off_[j] * e[j + 1];
      out[j] = sum;
    }
  });
}

void chain_prior::fix(std::span<std::uint8_t const> fixed, fixed_blocks const& blocks) {
  std::size_t const n = pairs_ * slots_;
  fixed_.assign(fixed.begin(), fixed.end());
  fixed_.resize(n, 0);
  pivot_inverse_.resize(n);
  lower_.resize(n);
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    double carried = 0;
    for (std::size_t j = first; j < end; ++j) {
      pivot_inverse_[j] = fixed_[j] != 0 ? 0.0 : 1 / (diagonal_[j] - carried);
      bool const joined = fixed_[j] == 0 && j + 1 < end && fixed_[j + 1] == 0;
      lower_[j] = joined ? off_[j] * pivot_inverse_[j] : 0.0;
      carried = lower_[j] * off_[j];
    }
  });
}

void chain_prior::solve(std::span<double const> v, std::span<double> out, fixed_blocks const& blocks) const {
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    double before = 0;
    for (std::size_t j = first; j < end; ++j) {
      before = v[j] - (j > first ? lower_[j - 1] * before : 0.0);
      out[j] = before;
    }
    double after = 0;
    for (std::size_t j = end; j-- > first;) {
      after = out[j] * pivot_inverse_[j] - lower_[j] * after;
      out[j] = after;
    }
  });
}

void chain_prior::variances(std::span<double> out, fixed_blocks const& blocks) const {
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    double after = 0;
    for (std::size_t j = end; j-- > first;) {
      after = pivot_inverse_[j] + lower_[j] * lower_[j] * after;
      out[j] = after;
    }
  });
}

void chain_prior::colour(std::span<double> v, fixed_blocks const& blocks) const {
  each_pair(blocks, [&](std::size_t first, std::size_t end) {
    double after = 0;
    for (std::size_t j = end; j-- > first;) {
      after = v[j] * std::sqrt(pivot_inverse_[j]) - lower_[j] * after;
      v[j] = after;
    }
  });
}

double chain_prior::prior_part(std::span<double const> e, fixed_blocks const& blocks) const {
  return blocks.sum(pairs_ * slots_, [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t j = first; j < end; ++j) sum += weight_[j] * e[j] * e[j];
    return sum;
  });
}

double chain_prior::smooth_part(std::span<double const> e, fixed_blocks const& blocks) const {
  return blocks.sum(pairs_ * slots_, [&](std::size_t first, std::size_t end) {
    double sum = 0;
    for (std::size_t j = first; j < end; ++j) {
      if (off_[j] == 0) continue;  // the last of its pair
      double const step = e[j + 1] * scale_[j + 1] - e[j] * scale_[j];
      sum += mu_[j % slots_] * step * step;
    }
    return sum;
  });
}

}  // namespace gemeo
