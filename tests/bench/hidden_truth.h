// Experiments in which the true demand is known: SUMO simulates it, with a route choice of SUMO's own, loops count it
// with noise, some of them are broken, and a calibration sees these counts and a wrong prior. What it must reproduce it
// never sees.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "calibration/loop/calibrate.h"

namespace gemeo::bench {

struct hidden_truth {
  std::string name;
  scenario base;  // network, signals, times; no travellers
  departure_slots slots;
  std::vector<double> demand;  // [pair][slot]: the truth
  // Whose trips are fitted, with these numbers by pair and slot as their prior, and our choice of routes.
  std::function<std::unique_ptr<trip_source>(std::vector<double> const& demand, std::size_t threads)> source;
  std::vector<count_station> stations;  // fitted ones first
  std::size_t fitted = 0;               // stations
  double count_slot_s = 900;
  std::size_t count_slots = 0;
  std::vector<double> true_counts, counts;  // [station][slot]: SUMO's, and as the loops tell
  std::vector<double> occupancies;          // 0..1, as the loops tell
  std::vector<bool> broken;                 // by station
  std::function<simulated()> simulate;      // the truth once more, passings of the stations

  [[nodiscard]] std::vector<station_count> counts_of(bool held_out, bool as_told) const;
};

struct prior_error {
  std::string name;
  double factor = 0.75, spread = 0.5;
  bool lognormal =
      true;  // by pair, with mean 1; else factor + spread N(0, 1/3), by cell (Qurashi et al., IEEE T-ITS 2020)
};

enum class true_choice {
  kPerturbed,  // duarouter: on the empty network each driver sees every edge's time times a factor drawn from [1, 2]
  kReactive    // SUMO's rerouting device: at departure everybody takes the way that is best by the speeds of the moment
};

struct truth_settings {
  true_choice choice = true_choice::kPerturbed;
  std::uint64_t seed = 1;
  std::size_t fitted = 50, held_out = 25;
  double count_noise = 0.05, broken = 0.05;
  double grid_trips = 22000;
  double free_flow_share = 0;  // of a city's drivers, as its fit believes before any count
};

// 8 x 8 signalised junctions, 24 ways in and out, 552 pairs, 8 quarter-hours, about 22,000 trips.
hidden_truth grid_truth(std::filesystem::path const& folder, truth_settings const& s);
// A SUMO scenario's own trips as the truth.
hidden_truth sumo_truth(std::string const& name, std::filesystem::path const& config, truth_settings const& s);

// A city's scenario: its own demand between the two times of day as the truth, pairs of zones.
hidden_truth city_truth(std::string const& name, std::filesystem::path const& scenario_file, double begin_s,
                        double end_s, truth_settings const& s);

// The trips that SUMO's routeSampler chooses among the routes of `prior`'s travellers to meet the fitted counts as
// told.
drawn_trips sample_routes(hidden_truth const& h, trip_source const& source, drawn_trips const& prior, bool weighted,
                          std::uint64_t seed);

// Of a simulation's trips: who passed a fitted loop while it counted, who entered and passed none, who never entered.
// Of the others no count says anything.
struct trips_in_sight {
  double seen = 0, unseen = 0, never_entered = 0;
};
trips_in_sight in_sight(hidden_truth const& h, simulated const& s);

std::vector<double> wrong_prior(hidden_truth const& h, prior_error const& e, std::uint64_t seed);

}  // namespace gemeo::bench
