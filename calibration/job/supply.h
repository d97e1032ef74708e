// How close drivers follow, how fast they drive and how much they dawdle, fitted after the demand, to what it asked
// for: a network that takes no more than half of what was counted says so only where it is asked for more. Factors on
// what each type of car has, tried in simulations of that demand with one seed (common random numbers), by CMA-ES
// (calibration/fit/ derivative_free.h). Taken only where stations left out in turn are met better, too: for each fold
// the best of all points tried is chosen by the other folds' counts and judged at the fold's. No simulation is made for
// that. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "calibration/counts/bilingual.h"
#include "calibration/job/job.h"
#include "calibration/loop/simulate.h"
#include "sim/demand/city.h"

namespace gemeo {

struct supply_factors {  // on the values of each type of cars
  double tau = 1, speed_factor = 1, min_gap = 1, sigma = 1;
  [[nodiscard]] bool says_nothing() const { return tau == 1 && speed_factor == 1 && min_gap == 1 && sigma == 1; }
};

struct supply_trial {
  supply_factors what;
  double error = 0;               // mean square standardised error at the fitted counts; infinite: not simulated
  std::vector<double> of_counts;  // the parts
};

struct supply_result {
  std::vector<supply_trial> trials;  // the first with the base's own values; empty: not asked for
  supply_factors kept;
  double fold_error = 0, own_fold_error = 0;  // at folds left out: of what they choose, of the base's own values
  bool taken = false;
};

// simulate: a simulation with these factors, the errors' parts by fitted count; empty when it was stopped.
using supply_simulation = std::function<std::vector<double>(supply_factors const&)>;
// fold: of each fitted count; kNoFold of fold_result: none.
supply_result fit_supply(job_supply const& job, std::uint64_t seed, std::span<std::uint32_t const> fold,
                         supply_simulation const& simulate);

// Without what changes nothing: no headway of cars goes below a tick (least_tau_s) where it was not, so lower factors
// on it would be tried and told for nothing. A bound that is raised, or a search that is left out, is noted.
job_supply within_ticks(job_supply job, demand const& d, double least_tau_s, std::vector<bilingual>& notes);

// Types of cars of the demand, and how fast each traveller of them wishes to drive. least_tau_s: a tick.
void apply_supply(demand& d, supply_factors const& f, double least_tau_s);
// The types of a city so changed, as the text of its file.
std::string vtypes_with(city const& town, supply_factors const& f, double least_tau_s);

}  // namespace gemeo
