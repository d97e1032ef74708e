// Other demands that counts and prior allow, beside the one that was calibrated: refits of perturbed counts to a
// perturbed prior (calibration/fit/bands.h), centred cell by cell on the calibrated demand, so that an ensemble over
// them spreads around it and is not another demand. What they put on each station follows from the crossings of the
// simulations with unseen seeds, held-out stations included: their counts show whether the bands are as wide as they
// should be. Trips in vehicles. Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calibration/fit/bands.h"
#include "calibration/loop/assignment.h"

namespace gemeo {

struct calibration_outcome;

struct zone_band {  // all trips that begin, or end, at one place
  std::string name;
  double prior = 0, calibrated = 0, low = 0, high = 0;
};

struct band_coverage {  // of counts by their 90 % bands, the chance of counting and of days included
  std::size_t counts = 0, inside = 0;
};

struct demand_members {
  std::vector<std::vector<double>> trips;        // of each member, by cell; empty: none were asked for
  double total_low = 0, total_high = 0;          // 5 % and 95 % of their trips in all
  std::vector<double> cell_low, cell_high;       // by cell
  std::vector<double> pair_low, pair_high;       // by pair and slot
  std::vector<double> flow_low, flow_high;       // vehicles at observed_counts::periods; expected, not counted
  std::vector<zone_band> origins, destinations;  // largest first
  band_coverage fitted, held_out;
  double noise_scale = 1;       // by which the variances of counts and prior were off, as the fit says
  double drift = 0;             // trips of the refits against the estimate's, before they were centred; a share
  std::size_t unconverged = 0;  // refits
};

// seen: the simulations of the calibrated demand.
demand_members find_members(calibration_outcome const& c, assignment const& seen, fit_options const& fit,
                            std::size_t threads);

}  // namespace gemeo
