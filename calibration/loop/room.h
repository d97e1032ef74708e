// A fit within what there is room for: of some cells together no more trips than can begin at their place
// (entries.h) or than their road carries (roads.h). Which of these bounds hold is found in rounds (an active set):
// those that the last fit is beyond become equations, and go again where the fit would be below them without (Nocedal
// and Wright, Numerical Optimization, 2nd edition, section 16.5). Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <vector>

#include "calibration/fit/estimator.h"

namespace gemeo {

struct room_row {  // sum of shares * trips of cells <= most
  std::vector<std::uint32_t> cells;
  std::vector<double> shares;
  double most = 0;
  [[nodiscard]] double asked(std::vector<double> const& trips) const;
};

struct full_row {
  std::size_t row = 0;  // of those given
  double wanted = 0;    // the most in any round: what one keeps out another is asked for
};

struct fits_within {
  fit_result free, within;  // whatever there is room for; with what there is
  std::vector<full_row> full;
};

fits_within fit_within(map_estimator const& e, std::vector<room_row> const& rows, fit_options const& o,
                       thread_team const& team);

}  // namespace gemeo
