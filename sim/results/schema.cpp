#include "sim/results/schema.h"

namespace gemeo::schema {

// clang-format off

std::span<edge_quantity const> edge_quantities() {
  // Meanings: SUMO manual, "Lane- or Edge-based Traffic Measures" and "... Emissions".
  using e = edge_interval;
  static std::array<edge_quantity, 15> const kAll = {{
    {"sampled_seconds", "s", "vehicle-seconds measured on the edge in the interval", "sampledSeconds", &e::sampled_s, false},
    {"travel_time", "s", "mean time to pass the edge, estimated from the mean speed", "traveltime", &e::travel_time_s, false},
    {"density", "veh/km", "mean number of vehicles on a kilometre of the edge, all lanes together", "density", &e::density_veh_per_km, false},
    {"occupancy", "%", "share of the lanes' length covered by vehicles; 100 would be bumper to bumper", "occupancy", &e::occupancy_pct, false},
    {"waiting_time", "s", "vehicle-seconds slower than 0.1 m/s", "waitingTime", &e::waiting_s, false},
    {"time_loss", "s", "vehicle-seconds lost against driving at the wished speed", "timeLoss", &e::time_loss_s, false},
    {"speed", "m/s", "mean speed, averaged over time on the edge", "speed", &e::speed_mps, false},
    {"departed", "veh", "vehicles that began their trip on the edge", "departed", &e::departed, false},
    {"arrived", "veh", "vehicles that ended their trip on the edge", "arrived", &e::arrived, false},
    {"entered", "veh", "vehicles that came in from another edge", "entered", &e::entered, false},
    {"left", "veh", "vehicles that went on to another edge", "left", &e::left, false},
    {"CO2", "mg", "carbon dioxide emitted on the edge in the interval (modelled)", "CO2_abs", &e::co2_mg, true},
    {"NOx", "mg", "nitrogen oxides emitted on the edge in the interval (modelled)", "NOx_abs", &e::nox_mg, true},
    {"PMx", "mg", "particulate matter emitted on the edge in the interval (modelled)", "PMx_abs", &e::pmx_mg, true},
    {"fuel", "mg", "fuel burnt on the edge in the interval (modelled)", "fuel_abs", &e::fuel_mg, true},
  }};
  return kAll;
}

std::span<record_column<trip_record> const> trip_columns() {
  using r = trip_record;
  static std::array<record_column<r>, 17> const kAll = {{
    {"vehicle_id", "1", "row of the vehicle axis", &r::vehicle},
    {"state", "1", "0 arrived, 1 running at the end, 2 never inserted, 3 removed before its destination", &r::state},
    {"depart", "s", "time of insertion, since midnight; NaN when never inserted", &r::depart_s, true},
    {"depart_delay", "s", "time waited outside the network for room to enter", &r::depart_delay_s},
    {"arrival", "s", "time of arrival, since midnight; NaN when it did not arrive", &r::arrival_s, true},
    {"duration", "s", "time from insertion to arrival, or to the end of the run", &r::duration_s},
    {"route_length", "m", "length driven", &r::route_length_m},
    {"waiting_time", "s", "time slower than 0.1 m/s, planned stops left out", &r::waiting_s},
    {"stop_time", "s", "time at planned stops", &r::stop_time_s},
    {"time_loss", "s", "time lost against driving at the wished speed", &r::time_loss_s},
    {"waiting_count", "1", "number of times it stood still, planned stops left out", &r::waiting_count},
    {"reroutes", "1", "number of times its route was changed", &r::reroutes},
    {"teleports", "1", "number of times it was stuck and moved on by the engine", &r::teleports, false, true},
    {"CO2", "mg", "carbon dioxide emitted (modelled)", &r::co2_mg},
    {"NOx", "mg", "nitrogen oxides emitted (modelled)", &r::nox_mg},
    {"PMx", "mg", "particulate matter emitted (modelled)", &r::pmx_mg},
    {"fuel", "mg", "fuel burnt (modelled)", &r::fuel_mg},
  }};
  return kAll;
}

std::span<record_column<stop_record> const> stop_columns() {
  using r = stop_record;
  static std::array<record_column<r>, 5> const kAll = {{
    {"stop_vehicle_id", "1", "row of the vehicle axis", &r::vehicle},
    {"stop_id", "1", "row of the stop axis", &r::stop},
    {"stop_started", "s", "time the bus came to the stop, since midnight", &r::started_s},
    {"stop_ended", "s", "time it left", &r::ended_s},
    {"stop_delay", "s", "time behind the timetable on leaving; negative: early; NaN: no timetable", &r::delay_s},
  }};
  return kAll;
}

std::span<record_column<ride_record> const> ride_columns() {
  using r = ride_record;
  static std::array<record_column<r>, 7> const kAll = {{
    {"ride_passenger_id", "1", "row of the passenger axis, in order of appearance; who changes buses has several rides", &r::passenger},
    {"ride_from_stop_id", "1", "row of the stop axis: where the passenger waited", &r::from},
    {"ride_to_stop_id", "1", "row of the stop axis: where to", &r::to},
    {"ride_vehicle_id", "1", "row of the vehicle axis: the bus; 4294967295: none came with room", &r::vehicle},
    {"ride_waits_since", "s", "time the passenger began to wait, since midnight", &r::waits_since_s},
    {"ride_departed", "s", "time the bus left the stop with the passenger; NaN: it did not", &r::departed_s, true},
    {"ride_arrived", "s", "time the passenger got off; NaN: not yet when the run ended", &r::arrived_s, true},
  }};
  return kAll;
}

std::span<record_column<detector_record> const> detector_columns() {
  using r = detector_record;
  static std::array<record_column<r>, 7> const kAll = {{
    {"detector_id", "1", "row of the detector axis", &r::detector},
    {"begin", "s", "begin of the interval, since midnight", &r::begin_s},
    {"end", "s", "end of the interval", &r::end_s},
    {"count", "veh", "vehicles that passed in the interval", &r::count},
    {"flow", "veh/h", "the count as a flow", &r::flow_veh_per_h},
    {"occupancy", "%", "share of time a vehicle stood over the loop", &r::occupancy_pct},
    {"speed", "m/s", "mean speed of those that passed; NaN when nobody did", &r::speed_mps},
  }};
  return kAll;
}

std::span<record_column<area_record> const> area_columns() {
  // Meanings: SUMO manual, "Lanearea Detectors (E2)".
  using r = area_record;
  static std::array<record_column<r>, 25> const kAll = {{
    {"area_id", "1", "row of the area axis", &r::area},
    {"begin", "s", "begin of the interval, since midnight", &r::begin_s},
    {"end", "s", "end of the interval", &r::end_s},
    {"entered", "veh", "vehicles that came onto the area in the interval, also from another lane", &r::entered},
    {"left", "veh", "vehicles that left it, also to another lane", &r::left},
    {"seen", "veh", "vehicles that were there at any time", &r::seen},
    {"sampled_seconds", "s", "vehicle-seconds there", &r::sampled_s},
    {"speed", "m/s", "mean speed over vehicle-seconds; NaN when nobody was there", &r::speed_mps},
    {"time_loss", "s", "time lost there, mean of the vehicles seen; NaN when nobody was there", &r::time_loss_s},
    {"occupancy", "%", "share of the area's length covered by vehicles, mean over ticks", &r::occupancy_pct},
    {"max_occupancy", "%", "the same, most in any tick", &r::most_occupancy_pct},
    {"vehicles", "veh", "vehicles there at a time, mean over ticks", &r::vehicles},
    {"max_vehicles", "veh", "the same, most in any tick", &r::most_vehicles},
    {"mean_jam_vehicles", "veh", "the longest jam of each tick, mean over ticks", &r::jam_veh},
    {"mean_jam_length", "m", "the same as a length", &r::jam_m},
    {"max_jam_vehicles", "veh", "the longest jam of all ticks", &r::most_jam_veh},
    {"max_jam_length", "m", "the same as a length", &r::most_jam_m},
    {"jam_vehicles_sum", "veh", "vehicles in jams, summed over ticks", &r::jam_veh_sum},
    {"jam_length_sum", "m", "lengths of all jams, summed over ticks", &r::jam_m_sum},
    {"halts", "1", "halts begun", &r::halts},
    {"mean_halt", "s", "length of halts that lasted or ended in the interval, mean", &r::halt_s},
    {"max_halt", "s", "the longest of them", &r::most_halt_s},
    {"halt_sum", "s", "their sum", &r::halt_sum_s},
    {"max_halt_here", "s", "the longest, counted from the interval's begin", &r::most_halt_here_s},
    {"halt_here_sum", "s", "their sum, counted from the interval's begin", &r::halt_here_sum_s},
  }};
  return kAll;
}

std::span<traveller_column const> traveller_columns() {
  using t = traveller_table;
  static std::array<traveller_column, 6> const kAll = {{
    {"type", "vehicle type", &t::type},
    {"purpose", "purpose of the trip", &t::purpose},
    {"mode", "mode", &t::mode},
    {"from_zone", "zone of origin", &t::from_zone},
    {"to_zone", "zone of destination", &t::to_zone},
    {"line", "line of public transport", &t::line},
  }};
  return kAll;
}

std::span<text_item const> texts() {
  using d = run_description;
  static std::array<text_item, 15> const kAll = {{
    {"scenario_name", "name of the scenario", &d::scenario_name},
    {"scenario_title", "title of the scenario", &d::scenario_title},
    {"scenario_text", "the scenario file as written", &d::scenario_text},
    {"effective_config", "configuration after inheritance, --set and defaults", &d::effective_config},
    {"attribution", "sources and licences of the data, one a line", &d::attribution},
    {"engine", "engine that moved the vehicles", &d::engine},
    {"engine_version", "its version", &d::engine_version},
    {"software_version", "version of gemeo", &d::software_version},
    {"commit", "commit gemeo was built from", &d::commit},
    {"caution", "what a reader must know of the data before the figures", &d::caution, true},
    {"scenario_title_pt", "title of the scenario in Portuguese", &d::scenario_title_pt, true},
    {"attribution_pt", "attribution in Portuguese", &d::attribution_pt, true},
    {"caution_pt", "caution in Portuguese", &d::caution_pt, true},
    {"demand_member", "which of several calibrated demands, and the hash of its factors", &d::demand_member, true},
    {"time_zone", "whose clock the times are of (IANA name)", &d::time_zone, true},
  }};
  return kAll;
}

std::span<number_item const> numbers() {
  using d = run_description;
  static std::array<number_item, 9> const kAll = {{
    {"seed", "1", "seed of all random draws", &d::seed},
    {"threads", "1", "threads the engine used", &d::threads},
    {"begin_s", "s", "begin of the simulation, since midnight", &d::begin_s},
    {"end_s", "s", "planned end of the simulation, since midnight", &d::end_s},
    {"step_s", "s", "length of a tick", &d::step_s},
    {"interval_s", "s", "length of an interval of aggregates", &d::interval_s},
    {"warm_up_s", "s", "indicators leave out what departs in the first so many seconds", &d::warm_up_s},
    {"emissions", "1", "1: emissions were modelled", &d::emissions},
    {"trajectories", "1", "1: trajectories were recorded", &d::trajectories},
  }};
  return kAll;
}

std::span<hash_item const> hashes() {
  using d = run_description;
  static std::array<hash_item, 3> const kAll = {{
    {"network_hash", "hash of the network file (xxHash64)", &d::network_hash},
    {"demand_hash", "hash of the demand", &d::demand_hash},
    {"input_hash", "hash of everything the result depends on but the seed", &d::input_hash},
  }};
  return kAll;
}

std::span<counter_item const> totals() {
  using c = counters;
  static std::array<counter_item, 13> const kAll = {{
    {"ticks", "ticks simulated", &c::tick},
    {"vehicle_updates", "sum over ticks of vehicles in the network", &c::vehicle_updates},
    {"loaded", "vehicles of the demand that were due", &c::loaded},
    {"departed", "vehicles that entered the network", &c::departed},
    {"arrived", "vehicles that reached their destination", &c::arrived},
    {"running", "vehicles in the network at the end", &c::running},
    {"backlog", "vehicles waiting outside the network at the end", &c::backlog},
    {"teleports", "vehicles moved on by hand because they were stuck", &c::teleports},
    {"teleports_jam", "of these: in a jam", &c::teleports_jam},
    {"teleports_yield", "of these: found no gap", &c::teleports_yield},
    {"teleports_wrong_lane", "of these: on the wrong lane", &c::teleports_wrong_lane},
    {"collisions", "collisions", &c::collisions},
    {"emergency_stops", "emergency stops", &c::emergency_stops},
  }};
  return kAll;
}

// clang-format on

}  // namespace gemeo::schema
