// Minimises a cost_model over x within its bounds and z without any: projected Newton steps (Bertsekas, "Projected
// Newton methods for optimization problems with simple constraints", SIAM J. Control Optim. 20, 1982), each by
// conjugate gradients with the prior as preconditioner. Internal to calibration/fit. Thread rule: one thread calls.
#pragma once

#include <cstddef>
#include <vector>

#include "calibration/fit/cost_model.h"

namespace gemeo {

struct newton_report {
  double kkt_residual_veh = 0;
  std::size_t steps = 0, gradient_steps = 0;  // gradient_steps: of the conjugate gradients
  bool converged = false;
};

// v: where to start, within bounds; becomes the minimum.
newton_report minimise(cost_model& model, double tolerance_veh, std::size_t max_steps, std::vector<double>& v);

}  // namespace gemeo
