// Drivers who see live travel times: a share of travellers, drawn by traveller, looks on entering the network and then
// at even intervals, and takes another way where it saves enough (an indifference band: Mahmassani & Jayakrishnan,
// "System performance and user response under real-time information in a congested traffic corridor", Transportation
// Research A 25(5), 1991). Travel times are measured in the running simulation every ten seconds. The same on any
// engine. Thread rule: one thread calls; searches run on the team of `reroutes`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/bytes.h"
#include "sim/core/frame.h"
#include "sim/engine/reroutes.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

class informed {
 public:
  informed(scenario const& s, std::uint64_t seed, road_traffic& traffic, reroutes& ways);
  // Once loaded, and after each step; entered: who has entered the network in it.
  void after_step(std::span<vehicle_id const> entered, double time_s);
  [[nodiscard]] std::string summary() const;
  void save(byte_writer& out) const;
  void restore(byte_reader& in);  // of the same scenario; throws error(kInput) where it is not

 private:
  [[nodiscard]] bool takes_part(vehicle_id v) const;
  void measure(double time_s);
  void follow_limits(double time_s);
  [[nodiscard]] router const& ways_now(double time_s);
  [[nodiscard]] edge_costs costs(double time_s) const;

  // What has been seen of an edge, older samples counting for less: vehicles, and the sum of their speeds.
  struct seen {
    double vehicles = 0, speeds_mps = 0;
  };
  scenario const& scenario_;
  std::uint64_t seed_;
  road_traffic& traffic_;
  reroutes& ways_;
  std::vector<cost_patch> patches_;      // the scenario's, without the delays that can be seen
  id_vector<lane_id, float> limit_mps_;  // as the scenario's commands have left them
  std::uint64_t next_command_ = 0;
  frame frame_;
  id_vector<edge_id, seen> edges_;
  std::shared_ptr<least_times const> bounds_;
  std::unique_ptr<router const> now_;  // null: measured since it was made
  double now_made_s_ = 0;
  double next_sample_s_;
  std::vector<std::vector<vehicle_id>> turn_;  // by tick, round and round: who looks then
  std::uint64_t tick_ = 0, drivers_ = 0, looks_ = 0, changes_ = 0;
};

}  // namespace gemeo
