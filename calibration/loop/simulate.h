// One simulation of drawn trips, and what a calibration asks of it: who passed which station when, travel times, and
// how well the network coped. Thread rule: one at a time in a process (as sim/run/run.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calibration/loop/station.h"
#include "calibration/loop/trip_source.h"
#include "sim/run/run.h"

namespace gemeo {

struct simulation_request {
  std::string engine = "tbb";
  std::uint64_t seed = 42;
  std::size_t threads = 1;
  bool times = true;              // whether travel times are wanted
  double times_interval_s = 900;  // of them
  // Before the estimated time, which begins so much after the base: see warm_up.h. Nothing in it is a departure.
  double warm_up_s = 0;
};

struct passing {  // of a station
  std::uint32_t cell = kNoCell;
  std::uint32_t station = 0;
  float departed_s = 0, time_s = 0;  // departed: when the trip was to begin
};

struct station_state {  // of a station over an interval of the run
  std::uint32_t station = 0;
  double begin_s = 0, end_s = 0;
  double occupancy = 0;  // 0..1, mean of its loops: which part of the time a vehicle stood or drove on them
};

struct simulated {
  std::vector<passing> passings;      // in order of time
  std::vector<station_state> states;  // by interval, station
  // Travellers who entered, by cell. Who found no room says nothing of ways and times: counted as a departure that
  // passes nothing, he would let a fit ask for the more trips the less its network takes.
  std::vector<std::uint32_t> departures;
  std::vector<std::uint32_t> kept_out;  // by cell: who wanted to enter and did not
  edge_costs times;
  std::int64_t trips = 0, arrived = 0, never_inserted = 0, teleports = 0;
  double mean_duration_s = 0, mean_time_loss_s = 0;  // of those that arrived
  bool complete = false;
};

// base: everything but the travellers. Its commands, signals and times hold.
simulated simulate_trips(scenario const& base, std::vector<count_station> const& stations, drawn_trips trips,
                         std::size_t cells, simulation_request const& r, stop_function const& stop_requested = {});

// Vehicles that passed, [station][slot of length slot_s from begin_s].
std::vector<double> passings_by_slot(simulated const& s, std::size_t stations, double begin_s, double slot_s,
                                     std::size_t slots);

}  // namespace gemeo
