// Drivers who change their way on the road, in this engine: the world as sim/engine/reroutes.h wants to see it, answers
// to `reroute`, and informed drivers. Thread rule: one thread calls, between ticks; searches run on the team.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/engine/informed.h"
#include "sim/engine/reroutes.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

class world_traffic final : public road_traffic {
 public:
  explicit world_traffic(world& w) : w_(w) {}
  [[nodiscard]] bool contains(vehicle_id v) const override { return w_.changes.slot_of[v] != kNone; }
  [[nodiscard]] std::vector<vehicle_id> vehicles() const override;
  void see(frame& f) override;
  [[nodiscard]] std::span<edge_id const> route_left(vehicle_id v, bool in_network) const override;
  [[nodiscard]] whereabouts find(vehicle_id v) const override;
  std::string send(vehicle_id v, bool in_network, std::span<edge_id const> way) override {
    return change_route(w_, v, in_network, way);
  }
  void forget(vehicle_id) override {}

 private:
  world& w_;
};

class rerouting {
 public:
  rerouting(world& w, thread_team const& team);
  // What keeps the scenario's drivers from changing their way; empty: nothing.
  static std::vector<std::string> unsupported(scenario const& s);
  // What happens is told in `out`. entered: in the tick that has just been made; waiting: due, and not in the network.
  void after_step(std::span<vehicle_id const> entered, std::vector<message>& out);
  void answer(reroute const& r, std::span<vehicle_id const> waiting, std::vector<message>& out);
  void finish(std::vector<message>& out) const;
  void save(byte_writer& out) const;
  void restore(byte_reader& in);

 private:
  void tell_refused(std::vector<message>& out);

  world& w_;
  world_traffic traffic_;
  reroutes reroutes_;
  std::unique_ptr<informed> informed_;  // where a share of drivers is
  std::uint64_t refusals_ = 0;
};

}  // namespace gemeo::micro
