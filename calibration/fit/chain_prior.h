// The prior's precision, smoothness in time included: P = lambda W^-1 + mu D^T R^-2 D, one tridiagonal block a pair
// (D: first difference over the slots of a pair; R: the prior mean, or its sd where that is greater, so that cells
// without prior traffic have a measure too). Solved exactly, pair by pair, with any cells held fixed.
// Internal to calibration/fit. Thread rule: const functions may run on many, but not while set() or fix() runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "calibration/fit/fixed_blocks.h"

namespace gemeo {

class chain_prior {
 public:
  // lead_slots: the first of each pair, which follow the next one closely whatever mu.
  void set(std::size_t pairs, std::size_t slots, std::size_t lead_slots, double lambda, double mu,
           std::span<double const> mean, std::span<double const> sd, fixed_blocks const& blocks);
  [[nodiscard]] double diagonal(std::size_t cell) const { return diagonal_[cell]; }
  // out = P e
  void multiply(std::span<double const> e, std::span<double> out, fixed_blocks const& blocks) const;
  // Holds cells fixed (fixed[j] != 0) in what follows; empty: none.
  void fix(std::span<std::uint8_t const> fixed, fixed_blocks const& blocks);
  // out = P^-1 v on the free cells, 0 on the fixed ones. in and out may be the same.
  void solve(std::span<double const> v, std::span<double> out, fixed_blocks const& blocks) const;
  // The diagonal of P^-1.
  void variances(std::span<double> out, fixed_blocks const& blocks) const;
  // v, independent N(0, 1) draws, becomes a draw from N(0, P^-1).
  void colour(std::span<double> v, fixed_blocks const& blocks) const;
  // The two parts of e^T P e.
  [[nodiscard]] double prior_part(std::span<double const> e, fixed_blocks const& blocks) const;
  [[nodiscard]] double smooth_part(std::span<double const> e, fixed_blocks const& blocks) const;

 private:
  template <typename Body>
  void each_pair(fixed_blocks const& blocks, Body const& body) const;  // body(first cell, end)
  std::size_t pairs_ = 0, slots_ = 0;
  std::vector<double> mu_;                     // between a slot and the next
  std::vector<double> weight_, scale_;         // lambda / W; 1 / R
  std::vector<double> diagonal_, off_;         // off_[j]: between j and j + 1; 0 at the end of a pair
  std::vector<double> pivot_inverse_, lower_;  // P = L D L^T of the free cells
  std::vector<std::uint8_t> fixed_;
};

}  // namespace gemeo
