// New routes for travellers on the road, on any engine. Answers to `reroute`: travellers in the network, or waiting to
// enter it, whose remaining route meets one of the edges get a new route from the scenario's router. Who reacts is
// drawn by traveller, so the same ones do in every scenario of a seed. Informed drivers (informed.h) ask for a better
// way by the travel times of the moment. Each search depends on its traveller alone: they run in parallel, and what was
// found is handed to the engine in a fixed order. Units: m, s, m/s. Thread rule: one thread calls.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/command.h"
#include "sim/core/frame.h"
#include "sim/core/parallel.h"
#include "sim/scenario/scenario.h"

namespace gemeo {

struct whereabouts {  // of a traveller in the network
  lane_id lane;       // invalid: inside a junction, or moved past a jam
  double pos_m = 0;   // front bumper from the lane's begin
  double speed_mps = 0;
};

// What an engine tells of its travellers, and can do for them. Beside engine.h, and for engines only.
class road_traffic {
 public:
  virtual ~road_traffic() = default;
  [[nodiscard]] virtual bool contains(vehicle_id v) const = 0;         // in the network
  [[nodiscard]] virtual std::vector<vehicle_id> vehicles() const = 0;  // in the network, ascending
  virtual void see(frame& f) = 0;                                      // vehicle, lane and speed, in a fixed order
  // What is left of a route from the edge now driven on: before a junction and inside it that is the edge before it.
  // Of who waits to enter, all of it. Valid until a route changes.
  [[nodiscard]] virtual std::span<edge_id const> route_left(vehicle_id v, bool in_network) const = 0;
  [[nodiscard]] virtual whereabouts find(vehicle_id v) const = 0;
  // Replaces route_left(). The answer says why the engine would not; empty: it has.
  virtual std::string send(vehicle_id v, bool in_network, std::span<edge_id const> way) = 0;
  virtual void forget(vehicle_id v) = 0;  // has left the network, and is not asked for again
};

class reroutes {
 public:
  reroutes(scenario const& s, std::uint64_t seed, road_traffic& traffic, thread_team const& team)
      : scenario_(s), seed_(seed), traffic_(traffic), team_(team) {}
  // waiting: due to depart but not in the network. Returns the number of travellers whose route changed.
  std::size_t answer(reroute const& r, std::span<vehicle_id const> waiting, double time_s);
  // Gives travellers in the network the ways that cost them least by the costs of `ways`, where that saves at least the
  // share gain and gain_s of what is left of the present one. Returns how many changed.
  std::size_t offer(std::span<vehicle_id const> who, router const& ways, double gain, double gain_s, double time_s);
  std::vector<std::string> refused;  // travellers to whom the engine would not give their new route, and why

 private:
  using edge_test = std::function<bool(edge_id)>;
  // A traveller, and from where on another way can still be chosen: from the edge route[from].
  struct place {
    vehicle_id who;
    std::span<edge_id const> route;  // what is left of it
    std::size_t from = 0;
    bool in_network = true;
    lane_id lane;       // invalid: on a junction, moved past a jam, or not in the network
    double rest_m = 0;  // of the lane
    double speed_mps = 0;
  };
  using search = std::function<std::vector<edge_id>(place const&)>;  // the new route, from route[0] on; empty: none
  void look_closer(place& p, edge_test const& avoids) const;
  [[nodiscard]] bool can_turn(place const& p, edge_id next) const;
  [[nodiscard]] route_query query(place const& p, double time_s) const;
  [[nodiscard]] std::vector<edge_id> better(place p, router const& ways, double gain, double gain_s,
                                            double time_s) const;
  std::size_t send_all(std::vector<place> const& places, search const& find);

  scenario const& scenario_;
  std::uint64_t seed_;
  road_traffic& traffic_;
  thread_team const& team_;
};

}  // namespace gemeo
