// Loops and sums over vectors in blocks of a fixed length. A sum adds its blocks' sums in their order, whoever worked
// them out, so it has the same bits on any number of threads; little work stays on the calling thread.
// Thread rule: one thread calls; bodies run on many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sim/core/parallel.h"

namespace gemeo {

class fixed_blocks {
 public:
  static constexpr std::size_t kBlock = 2048, kWorthSharing = 1U << 16U;

  fixed_blocks() = default;  // alone on the calling thread
  explicit fixed_blocks(thread_team const& team) : team_(team.threads() > 1 ? &team : nullptr) {}

  // body(begin, end) for parts of [0, n); work: about how many multiplications all of it are.
  template <typename Body>
  void each(std::size_t n, std::size_t work, Body const& body, std::size_t block = kBlock) const {
    if (team_ == nullptr || work < kWorthSharing) {
      body(std::size_t{0}, n);
    } else {
      team_->run(n, block, [&](std::size_t begin, std::size_t end) { body(begin, end); });
    }
  }
  template <typename Body>
  void each(std::size_t n, Body const& body) const {
    each(n, n, body);
  }
  // The sum over [0, n) of body(begin, end), each a sum over one block.
  template <typename Body>
  double sum(std::size_t n, Body const& body) const {
    std::size_t const blocks = (n + kBlock - 1) / kBlock;
    std::vector<double> sums(blocks, 0.0);
    each(
        blocks, n,
        [&](std::size_t begin, std::size_t end) {
          for (std::size_t b = begin; b < end; ++b) sums[b] = body(b * kBlock, std::min(n, (b + 1) * kBlock));
        },
        1);
    double all = 0;
    for (double const s : sums) all += s;
    return all;
  }
  // The greatest of body(begin, end) over the blocks; 0 when there are none.
  template <typename Body>
  double greatest(std::size_t n, Body const& body) const {
    std::size_t const blocks = (n + kBlock - 1) / kBlock;
    std::vector<double> found(blocks, 0.0);
    each(
        blocks, n,
        [&](std::size_t begin, std::size_t end) {
          for (std::size_t b = begin; b < end; ++b) found[b] = body(b * kBlock, std::min(n, (b + 1) * kBlock));
        },
        1);
    double most = 0;
    for (double const f : found) most = std::max(most, f);
    return most;
  }

 private:
  thread_team const* team_ = nullptr;
};

}  // namespace gemeo
