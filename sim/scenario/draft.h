// A scenario on its way from configuration to compiled: private to sim/scenario. Stages fill it in a fixed order
// (see compile.cpp), each independent of the order in which interventions stand in the file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/demand/city.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/config.h"
#include "sim/scenario/targets.h"
#include "sim/scenario/timeline.h"

namespace gemeo {

struct item {  // one intervention
  intervention_config const* config = nullptr;
  std::uint64_t salt = 0;       // of its draws: kind and name, or kind and what it selects
  std::vector<edge_id> edges;   // whose users count as touched
  vclass_mask classes = 0;      // of the users that count
  std::vector<vtype_id> types;  // empty: all
  double begin_s = 0, end_s = 0;
  touched report;
};

struct incident_block {
  double begin_s = 0, end_s = 0;
  lane_id lane;
  double pos_m = 0;
};

struct program_change {
  double begin_s = 0, end_s = 0;
  signal_id signal;
  signal_program program;
  std::string where;
};

struct draft {
  scenario_config config;
  city town;
  std::uint64_t seed = 42;
  std::size_t threads = 0;
  std::vector<item> items;
  std::vector<lane_patch> lanes;
  std::vector<incident_block> blocks;
  std::vector<program_change> programs;
  std::vector<cost_patch> bans, tolls, news;  // low-emission zones, prices, incidents as drivers hear of them
  std::vector<timed_command> announcements;   // reroutes of those under way
  timeline states;
  demand travellers;
  std::vector<vehicle_id> unrouted;  // no way even without interventions
  std::shared_ptr<router const> base, ways;
  std::shared_ptr<router const> free_flow_base, free_flow_ways;  // of who chooses by it; null: nobody does
  compiled out;

  [[nodiscard]] network const& net() const { return *town.net; }
  [[nodiscard]] double end_of(item const& i) const { return i.end_s >= config.time.end.s ? kForever : i.end_s; }
  [[nodiscard]] routing_options routing() const { return {config.routes.taste_sd, seed, threads}; }
  [[nodiscard]] route_query query(vehicle_id v) const {
    vehicle_table const& t = travellers.vehicles;
    return {t.from[v], t.to[v], t.depart_s[v], travellers.types[t.type[v]].cls, t.key[v], t.type[v]};
  }
};

struct trip_filter {           // trip_filter_config, resolved
  std::vector<bool> from, to;  // by zone; empty: all
  purpose_set purposes;
  std::vector<bool> types;  // by vehicle type; empty: all
  std::vector<std::string> mixes;
  [[nodiscard]] bool holds(vehicle_table const& t, vehicle_id v) const;
  [[nodiscard]] bool holds(od_flow const& f) const;
};
trip_filter resolve_trips(city const& c, target_finder& finder, trip_filter_config const& f, std::string const& where);

std::vector<item> list_items(scenario_config const& c);
// Roads, lanes, signals and prices: fills lanes, blocks, programs, bans, tolls, news.
void resolve_interventions(draft& d);
signal_program build_program(network const& net, signal_id s, signal_program_config const& c);
// Before the draw: bus timetables. Then the draw with its scales, events and shifts, and everybody's route without
// interventions. After it what hangs on those routes: other vehicles in low-emission zones, park and ride.
void change_timetables(draft& d);
void draw_travellers(draft& d);
void add_events(draft& d);
void obey_zones(draft& d);
void park_and_ride(draft& d);
// Which routes are affected, and what their drivers do.
void count_users(draft& d);
void respond(draft& d);
void move_buses(draft& d, std::vector<vehicle_id> const& affected);

}  // namespace gemeo
