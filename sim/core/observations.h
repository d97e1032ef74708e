// What an engine has finished observing since it was last asked: interval aggregates, trips, detectors.
// Plain numbers and ids; names live in the network, in the demand, or (for vehicles an engine made itself,
// e.g. from a SUMO <flow>) in new_vehicle_names. Field meanings are those of SUMO's meandata, tripinfo and E1 and E2
// output (SUMO manual, "Lane- or Edge-based Traffic Measures", "TripInfo", "Induction Loops Detectors", "Lanearea
// Detectors").
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "sim/core/ids.h"

namespace gemeo {

// One row per edge with traffic and interval. Times in s, masses in mg, fuel in mg (as SUMO 1.15), density in veh/km.
// NaN where SUMO writes no value (e.g. speed of an edge nobody drove on).
struct edge_interval {
  double begin_s = 0, end_s = 0;
  std::vector<edge_id> edge;  // ascending within the interval
  std::vector<float> sampled_s, travel_time_s, density_veh_per_km, occupancy_pct, waiting_s, time_loss_s, speed_mps;
  std::vector<float> departed, arrived, entered, left;
  std::vector<float> co2_mg, nox_mg, pmx_mg, fuel_mg;  // empty when emissions were not asked for

  [[nodiscard]] std::size_t size() const { return edge.size(); }
};

enum class trip_state : std::uint8_t { kArrived = 0, kRunning = 1, kNeverInserted = 2, kVaporized = 3 };

struct trip_record {
  vehicle_id vehicle;
  trip_state state = trip_state::kArrived;
  double depart_s = -1;       // actual insertion; -1 when never inserted
  double depart_delay_s = 0;  // waited outside the network
  double arrival_s = -1;      // -1 while running
  double duration_s = 0;
  double route_length_m = 0;
  double waiting_s = 0;    // speed below 0.1 m/s
  double stop_time_s = 0;  // planned stops
  double time_loss_s = 0;  // against driving at the wished speed
  std::uint32_t waiting_count = 0;
  std::uint32_t reroutes = 0;
  std::uint32_t teleports = 0;                            // times it was stuck and moved on by the engine
  float co2_mg = 0, nox_mg = 0, pmx_mg = 0, fuel_mg = 0;  // 0 when emissions were not asked for
};

struct stop_record {  // a bus at a stop
  vehicle_id vehicle;
  stop_id stop;
  double started_s = 0, ended_s = 0;
  double delay_s = 0;  // against the timetable; NaN without one
};

struct ride_record {  // a passenger who waited for a bus, and how far he came; SUMO manual, "TripInfo", rides of
                      // persons
  passenger_id passenger;
  stop_id from, to;
  vehicle_id vehicle;  // invalid: nobody took him
  double waits_since_s = 0;
  double departed_s = -1;  // when it left his stop with him; -1: it did not
  double arrived_s = -1;   // -1: he has not arrived
};

struct detector_record {  // one induction loop and interval
  detector_id detector;
  double begin_s = 0, end_s = 0;
  float count = 0, flow_veh_per_h = 0, occupancy_pct = 0, speed_mps = 0;  // speed NaN when nobody passed
};

// One lane-area detector and interval. Halting: slower than its threshold of speed. A jam: neighbours each of whom has
// halted for longer than its threshold of time.
struct area_record {
  area_id area;
  double begin_s = 0, end_s = 0;
  float entered = 0, left = 0, seen = 0;  // vehicles; seen: those that entered, and who was there before
  float sampled_s = 0;                    // vehicle-seconds
  float speed_mps = 0, time_loss_s = 0;   // means, over vehicle-seconds and vehicles seen; NaN when nobody was there
  float occupancy_pct = 0, most_occupancy_pct = 0;
  float vehicles = 0, most_vehicles = 0;              // there at a time: mean over ticks, and most
  float jam_veh = 0, jam_m = 0;                       // the longest jam of each tick: mean over ticks
  float most_jam_veh = 0, most_jam_m = 0;             // and the longest of all
  float jam_veh_sum = 0, jam_m_sum = 0;               // of all jams of all ticks
  float halts = 0;                                    // begun
  float halt_s = 0, most_halt_s = 0, halt_sum_s = 0;  // since each halt began: mean, most, sum
  float most_halt_here_s = 0, halt_here_sum_s = 0;    // of these, what lies in the interval
};

struct crossing_record {  // a vehicle whose rear has left an induction loop: the moment at which the loop counts it
  vehicle_id vehicle;
  detector_id detector;
  double time_s = 0;
  [[nodiscard]] bool operator<(crossing_record const& o) const {
    return std::tie(time_s, detector, vehicle) < std::tie(o.time_s, o.detector, o.vehicle);
  }
};

struct queue_record {  // one approach (edge into a junction) and interval
  edge_id edge;
  double begin_s = 0, end_s = 0;
  float mean_queue_m = 0, max_queue_m = 0;
};

struct counters {  // since the beginning of the run
  std::int64_t tick = 0;
  double time_s = 0;
  std::int64_t vehicle_updates = 0;  // sum over ticks of vehicles in the network
  std::int64_t loaded = 0, departed = 0, arrived = 0, running = 0, backlog = 0;
  std::int64_t teleports = 0, teleports_jam = 0, teleports_yield = 0, teleports_wrong_lane = 0;
  std::int64_t collisions = 0, emergency_stops = 0;
};

struct message {
  double time_s = 0;  // of the tick after which it was told
  std::string text;
};

struct observations {
  std::vector<edge_interval> edges;
  std::vector<trip_record> trips;
  std::vector<stop_record> stops;
  std::vector<ride_record> rides;
  std::vector<detector_record> detectors;
  std::vector<area_record> areas;
  std::vector<queue_record> queues;
  std::vector<crossing_record> crossings;       // ascending by (time, detector, vehicle); empty when not asked for
  std::vector<std::string> new_vehicle_names;   // names of vehicles beyond the demand's, ids follow on in order
  std::vector<std::string> new_detector_names;  // the same for detectors
  std::vector<std::string> new_area_names;      // the same for lane-area detectors
  std::vector<std::string> new_stop_names;      // the same for bus stops
  std::vector<message> messages;                // warnings of the engine, one line each

  void clear() { *this = observations{}; }
};

}  // namespace gemeo
