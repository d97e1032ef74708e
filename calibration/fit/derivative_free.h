// Minimisers of what can only be tried, such as a simulation's error as a function of supply parameters (capacity,
// headway, speed factors: 20 at most) within a box. Points are asked for in batches, so that the caller may simulate
// them side by side; what comes back may be noisy. A value that is no number counts as worse than all others.
// Deterministic by seed. Thread rule: one thread calls; the objective is called on that thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace gemeo {

struct search_box {
  std::vector<double> low, high;  // low < high
  [[nodiscard]] std::size_t size() const { return low.size(); }
};

// A value for each point of a batch.
using batch_objective = std::function<std::vector<double>(std::span<std::vector<double> const>)>;

struct search_point {
  std::vector<double> x;
  double value = 0;
};

struct search_result {
  search_point best;                // of all points tried
  std::vector<double> last;         // where the search stood: under noise often better than the luckiest point
  std::vector<search_point> tried;  // in order
  std::size_t iterations = 0;
  bool settled = false;    // ended because steps had become small, not because evaluations were spent
  std::uint64_t hash = 0;  // of all points and values
};

// Simultaneous perturbation (Spall, IEEE Trans. Aerosp. Electron. Syst. 34, 1998): gains a / (k + 1 + A)^alpha and
// c / (k + 1)^gamma, perturbations of +-1, in coordinates scaled to [0, 1] and kept there. The defaults are those of
// BO4Mob's baseline, which also tries the point reached after each step (three evaluations an iteration).
struct spsa_options {
  std::uint64_t seed = 1;
  std::size_t evaluations = 150;
  double a = 0.2, c = 0.1, stability = 10, alpha = 0.602, gamma = 0.101;  // stability: Spall's A
  double longest_step = 0;  // of a coordinate, in units of the box; 0: no limit, as there
  // Above 0: `a` is set so that steps begin at about this length (Spall's own rule, section III.B), by the mean slope
  // of the first five iterations; the objective's units then do not matter.
  double first_step = 0;
};
search_result minimise_spsa(batch_objective const& f, search_box const& box, std::span<double const> start,
                            spsa_options const& options);

// SPSA on the principal components of sample points (Qurashi, Ma, Chaniotakis and Antoniou, "PC-SPSA", IEEE Trans.
// Intell. Transp. Syst. 21, 2020): fewer directions to perturb, and only such as the samples vary in. Components are
// measured in their standard deviations, as many as `explained` of the variance takes; c and a are in those units.
struct pc_spsa_options {
  spsa_options spsa{1, 150, 0.5, 0.3, 10, 0.602, 0.101, 0.5, 0.25};
  double explained = 0.95;
};
search_result minimise_pc_spsa(batch_objective const& f, search_box const& box, std::span<double const> start,
                               std::span<std::vector<double> const> samples, pc_spsa_options const& options);

// Covariance matrix adaptation (Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772), in coordinates
// scaled to [0, 1] and reflected at the box.
struct cma_options {
  std::uint64_t seed = 1;
  std::size_t evaluations = 400;
  std::size_t population = 0;  // 0: 4 + 3 ln n
  double sigma = 0.25;         // first step, in units of the box
  double settled = 1e-9;       // ends when steps are below it in all directions
};
search_result minimise_cma_es(batch_objective const& f, search_box const& box, std::span<double const> start,
                              cma_options const& options);

}  // namespace gemeo
