// A scenario, compiled: what an engine needs to run, verified against network and demand, nothing left to look up.
// Made by compile_scenario (scenario TOML), open_sumo_config or read_sumo_scenario (.sumocfg); immutable while it runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/command.h"
#include "sim/demand/city.h"
#include "sim/demand/demand.h"
#include "sim/demand/lane_area.h"
#include "sim/network/network.h"
#include "sim/routing/lone_trips.h"
#include "sim/routing/router.h"

namespace gemeo {

enum class route_response { kFixed, kRerouteAffected, kRerouteShare, kEquilibrium };

struct detector_place {  // an induction loop (E1)
  std::string name;
  lane_id lane;
  double pos_m = 0;
  double period_s = 0;  // of its values, as a SUMO file asks (infinite: one for the run); 0: the run's interval
};

// Drivers who see the travel times of the moment, and take another way where it saves at least the share gain of what
// is left, and gain_s.
struct informed_drivers {
  double share = 0;         // of travellers without stops, drawn by traveller (draw::kInformed)
  double interval_s = 300;  // they look on entering, and then so often
  double gain = 0.1, gain_s = 30;
};

struct scenario {
  std::string name;              // file stem
  std::string title, title_pt;   // for people; in Portuguese, may be empty
  std::filesystem::path file;    // where it was read from
  std::string text;              // as written
  data_statement of_data;        // published with results
  std::string time_zone;         // of the city; empty: not said
  std::string effective_config;  // TOML after inheritance, --set and defaults
  std::shared_ptr<network const> net;
  std::shared_ptr<demand const>
      travellers;  // empty for a .sumocfg that SUMO runs; a traveller without route never enters, and is counted so
  std::vector<timed_command> commands;  // ascending in time
  std::shared_ptr<router const> ways;   // costs and patches of this scenario; answers `reroute`; null for a .sumocfg
  routing_options way_options;          // seed and taste of those answers
  std::shared_ptr<lone_trips const> trips;  // of a .sumocfg: who chooses his way when he departs; null: nobody
  id_vector<signal_id, std::vector<signal_program>> programs;  // new programs, indexed by set_signal_program
  std::vector<detector_place> detectors;
  std::vector<lane_area> areas;                   // lane-area detectors (E2)
  double begin_s = 0, end_s = 86400, step_s = 1;  // end_s: infinity when a .sumocfg names no end
  double warm_up_s = 0;                           // KPIs leave out what departs before begin_s + warm_up_s
  double time_to_teleport_s = 300;
  informed_drivers informed;
  std::filesystem::path sumo_config;       // set for a .sumocfg: engine_sumo runs it as it stands
  std::optional<std::uint64_t> sumo_seed;  // the seed a .sumocfg names
  std::vector<std::string> sumo_options;   // further options for engine_sumo
  std::uint64_t network_hash = 0, demand_hash = 0;
  std::string
      demand_member;  // which of several calibrated demands: "member_007.csv of 30, HASH"; empty: no such choice
};

}  // namespace gemeo
