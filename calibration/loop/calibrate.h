// The outer loop: simulate, log who crosses which station, fit the trips, learn travel times, and again. The assignment
// and the travel times are averaged over iterations (method of successive averages), as raw repetition swings; the
// weights of prior, smoothness and shared errors are chosen by K-fold over the fitted stations in every iteration.
// No more trips are asked for from a place than the simulations let in there (entries.h), nor of a road than it carries
// where that is said (roads.h).
// Counts of jams are raised or lowered until the simulation jams where the roads do (presence.h).
// Where the network does not take what a fit asks for (kMostStuckShare) and the loops tell no such jam, the next
// simulation is of a shorter step from the last demand that it took: counts beyond what a network carries draw ever
// more trips otherwise, and all figures behind a jam are of the jam. So it is, as far as occupancies say, where a step
// keeps little of what it promised (kEnoughKept) and more vehicles stand about than told. Departures before the first
// count only fill the roads (fit_problem::lead_slots). Kept is the iterate whose own simulation meets the
// fitted counts best, of those that the network took where there are any; counts held out are never looked at here.
// Thread rule: one calibration at a time in a process.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "calibration/fit/folds.h"
#include "calibration/loop/entries.h"
#include "calibration/loop/presence.h"
#include "calibration/loop/roads.h"

namespace gemeo {

struct prior_belief {
  double log_sd = 0.5;       // of a cell's trips around the prior
  double floor_trips = 0.5;  // a cell's standard deviation is at least so many trips: cells of prior 0 may grow
  double origin_log_sd = 0.3, destination_log_sd = 0.3, slot_log_sd = 0.15,
         habit_log_sd = 2;  // errors that cells share; 0: none
  // Cells are moved towards the prior's own pattern in time as far as they err by chance (steady_prior.h), and pairs
  // towards its pattern in space as far as their spread says (gravity.h), if counts left out are told no worse by that
  // (where weights are chosen by them at all).
  bool structure = true;
  double most_factor = 20;  // no cell grows beyond so many times its prior, the floor added
};

// Another simulation of the same travellers than ours (simulate.h), as a benchmark's own; what it tells not stays
// empty.
using simulate_function =
    std::function<simulated(scenario const& base, std::vector<count_station> const& stations, drawn_trips trips,
                            std::size_t cells, simulation_request const& r, stop_function const& stop_requested)>;

struct calibration_options {
  simulation_request simulation;
  simulate_function simulate = simulate_trips;
  std::size_t iterations = 5;  // simulations, the first with the prior
  prior_belief prior;
  assignment_options assignment;
  fit_options fit;
  fold_options folds;
  std::size_t choose_weights_every = 1;  // iterations; 0: those of `fit` stay
  bool learn_routes = true;
  std::function<void(demand&)> drivers;  // changes who is drawn before each simulation; empty: nothing
  double learning_step = 0;              // share of travellers who choose anew, each iteration; 0: 1 / (iteration + 1)
};

inline constexpr double kMostStuckShare = 0.02;  // of trips: teleports, and who never entered
inline constexpr double kEnoughKept = 0.5;       // of what a step was to take off the misfit

struct calibration_iterate {
  std::size_t number = 0;
  double trips = 0;               // estimated in all, as simulated
  double misfit = 0;              // mean square of (counted - simulated) / sd at the fitted stations
  double rmsn = 0;                // of the fitted counts
  double sum_error = 0;           // simulated / counted - 1, all fitted counts together
  presence presence_of_vehicles;  // at the fitted counts that tell occupancies
  double fold_error = 0;          // of the fit that followed; 0 after the last
  fit_weights weights;            // chosen for it
  std::vector<double> habits;     // estimated trips by habit, as simulated
  std::int64_t teleports = 0, never_inserted = 0, simulated_trips = 0;
  double mean_duration_s = 0, simulation_s = 0, fit_s = 0;  // wall
  [[nodiscard]] double whole_misfit() const { return misfit + presence_of_vehicles.misfit(); }
  std::size_t full_entries = 0;  // places from which the fit that followed asked for as much as can enter
  std::size_t full_roads = 0;    // and roads that it fills to what they carry
  double step = 1;               // of the way from the last demand that the network took to the one fitted
  // Of what it was to take off that demand's misfit, at counts that no jam made; nothing was promised yet, or nothing
  // more: NaN.
  double kept_promise = std::numeric_limits<double>::quiet_NaN();
  // Beyond what the loops tell, that is.
  [[nodiscard]] bool jams() const {
    bool const as_told = presence_of_vehicles.told_jams > 0 && presence_of_vehicles.no_more_than_told();
    auto const stuck =
        static_cast<double>(never_inserted + (as_told ? 0 : teleports));  // no loop sees who waits outside
    return stuck > kMostStuckShare * static_cast<double>(simulated_trips);
  }
};

struct calibration_input {
  scenario base;                        // everything but its travellers
  std::vector<count_station> stations;  // of fitted counts, and of others that simulations shall watch
  std::vector<station_count> fitted;
  road_limits roads;  // what they carry; empty: as much as the fit likes
};

struct calibration_result {
  std::vector<double> trips;  // by cell: the best iterate
  // By cell: what the last fit asked for, whether or not the network took it; the prior before any.
  std::vector<double> wished;
  std::vector<double> prior;  // by cell: what the fit believed before any count
  double shrunk = 0;          // share of the way from the prior given to its pattern in space
  double steadied = 0;        // and in time
  std::size_t best = 0;       // of iterates
  std::vector<calibration_iterate> iterates;
  std::vector<double> simulated_counts;  // at the fitted counts, in the best iterate's simulation
  edge_costs times;                      // averaged
  std::optional<fit_problem> problem;    // the last one fitted
  std::size_t lead_slots = 0;            // see fit_problem
  fold_result folds;                     // the last choice of weights
  fit_findings findings;
  std::vector<full_entry> full_entries;  // of the last fit; those that kept most out first
  std::vector<full_road> full_roads;     // the same
  bool stopped = false;
};

// Square of (counted - simulated) / sd. A broken loop must not decide which demand is best, so what is far off counts
// by its logarithm; of two that are far off the nearer is the better one.
double misfit_of(station_count const& c, double simulated, variance_model const& m);

using iterate_function = std::function<void(calibration_iterate const&)>;

// The source learns routes as it goes; afterwards it draws with those of the best iterate's simulation or later.
// Throws error(kInput) without fitted counts.
calibration_result calibrate(trip_source& trips, calibration_input const& in, calibration_options const& o,
                             iterate_function const& told, stop_function const& stop_requested = {});

}  // namespace gemeo
