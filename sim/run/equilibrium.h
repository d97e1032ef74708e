// User equilibrium by repeated simulation: simulate, measure travel times, move a share 1/(k+1) of the travellers to
// the routes that are best by them (method of successive averages; Sheffi, "Urban Transportation Networks", 1985,
// section 5), until the relative gap is below the wanted value. Each simulation runs in a forked child, as libsumo
// loads once. Thread rule: called by the main thread of a worker, before any engine was made.
#pragma once

#include "sim/run/run.h"
#include "sim/scenario/compile.h"

namespace gemeo {

struct equilibrium_iteration {
  std::size_t number = 0;
  double relative_gap = 0;
};

struct equilibrium_result {
  std::vector<equilibrium_iteration> iterations;
  bool reached = false;
  bool stopped = false;  // stop_requested turned true
  [[nodiscard]] double relative_gap() const { return iterations.empty() ? 0 : iterations.back().relative_gap; }
};

using engine_maker = std::function<std::unique_ptr<engine>()>;

// Travel times by interval that one run of the scenario shows; free flow where nobody drove.
edge_costs measure_costs(engine& e, scenario const& s, run_request const& r, progress_function const& progress,
                         stop_function const& stop_requested);

// Changes the routes of c. tell: one line an iteration, as it happens.
equilibrium_result find_equilibrium(compiled& c, run_request const& r, engine_maker const& make,
                                    progress_function const& progress, stop_function const& stop_requested,
                                    std::function<void(std::string const&)> const& tell);

}  // namespace gemeo
