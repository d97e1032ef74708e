// Trips between named places with routes of their own: an OD matrix by slot with candidate routes, read from files,
// made from the travellers of a SUMO demand, or between edges of a network by its router. Route choice is probit
// (Daganzo and Sheffi, Transportation Science 11(3), 1977): each of some drivers of a pair perceives costs with his own
// log-normal error and takes the best route; shares are averaged over what was learned. Nobody knows beforehand how a
// town's drivers choose: they are several habits (by the empty network; by the times of a usual day, of edges or of
// turns, as they are when he leaves), each a stream of its own, and the counts say how many have which: latent classes
// of route choice.
#pragma once

#include <memory>
#include <utility>

#include "calibration/loop/trip_source.h"

namespace gemeo {

struct od_route {
  std::vector<edge_id> edges;
  double share = 1;  // of the stream's trips; shares sum to 1
};

struct od_pair {
  std::string from, to;
  std::vector<od_route> routes;     // known ones; empty: habits find them
  std::vector<vehicle_id> samples;  // travellers of od_table::others that show type and departure; may be empty
};

struct od_table {
  departure_slots slots;
  std::vector<od_pair> pairs;
  std::vector<double> trips;        // [pair * slots + slot]
  demand others;                    // types, and travellers
  std::vector<bool> fixed;          // of others: travels whatever is estimated
  std::vector<double> type_weight;  // by type of others; for pairs without samples
};

struct route_habit {
  bool known = false;      // takes the pair's known routes by their shares
  bool learns = true;      // by the times of simulations; else by the empty network for good
  bool sees_turns = true;  // what each turn costs; else he knows an edge's mean, as navigation by edges does
  double taste_sd = 0.15;  // of the log of an edge's perceived cost
  double share = 1;        // of trips, before any count
};

// A route of a stream: which share of its trips takes it, by slot of departure; shares of a slot sum to 1.
struct chosen_route {
  std::vector<edge_id> edges;
  std::vector<double> share;
};

struct route_choice {
  std::vector<route_habit> habits{{.learns = false, .taste_sd = 0.3, .share = 0.4},
                                  {.learns = true, .sees_turns = false, .taste_sd = 0.3, .share = 0.3},
                                  {.learns = true, .taste_sd = 0.5, .share = 0.3}};
  std::size_t draws = 24;  // drivers asked, a stream
  vclass cls = vclass::kPassenger;
  std::size_t threads = 0;
};

class od_source final : public trip_source {
 public:
  // ends: edges that pairs begin and end at, by pair; empty: those of their first known routes. Throws error(kInput)
  // where a pair has no way, a route does not hang together, or numbers of trips are negative or not finite.
  od_source(std::shared_ptr<network const> net, od_table table, route_choice choice,
            std::vector<std::pair<edge_id, edge_id>> ends = {});

  [[nodiscard]] departure_slots slots() const override { return table_.slots; }
  [[nodiscard]] std::size_t streams() const override { return routes_.size(); }
  [[nodiscard]] std::span<double const> prior() const override { return prior_; }
  [[nodiscard]] std::size_t pairs() const override { return table_.pairs.size(); }
  [[nodiscard]] std::uint32_t pair_of(std::size_t stream) const override {
    return static_cast<std::uint32_t>(stream / choice_.habits.size());
  }
  [[nodiscard]] std::uint32_t habit_of(std::size_t stream) const override {
    return static_cast<std::uint32_t>(stream % choice_.habits.size());
  }
  [[nodiscard]] double share_of(std::size_t stream) const override { return choice_.habits[habit_of(stream)].share; }
  [[nodiscard]] std::string pair_name(std::size_t pair) const override;
  [[nodiscard]] std::string origin_name(std::size_t pair) const override;
  [[nodiscard]] std::uint32_t origin_of(std::size_t pair) const override { return origin_[pair]; }
  [[nodiscard]] std::uint32_t destination_of(std::size_t pair) const override { return destination_[pair]; }
  [[nodiscard]] double cost_s_of(std::size_t pair) const override { return cost_s_[pair]; }
  [[nodiscard]] drawn_trips draw(std::span<double const> trips, std::uint64_t seed) const override;
  void learn(edge_costs const& times, double step) override;
  [[nodiscard]] od_table const& table() const { return table_; }
  // Edges that pairs begin and end at, by pair.
  [[nodiscard]] std::vector<std::pair<edge_id, edge_id>> const& ends() const { return ends_; }
  [[nodiscard]] std::vector<chosen_route> const& routes(std::size_t stream) const { return routes_[stream]; }

 private:
  void number_places();
  void find_ends();
  void check_routes(od_pair const& p, std::string const& name) const;
  void share_out();
  void choose(edge_costs const& times, double step, bool at_first);
  [[nodiscard]] std::vector<chosen_route> perceived_best(router const& ways, std::size_t stream) const;
  void add_traveller(demand& d, std::size_t pair, double depart_s, std::uint64_t key, std::uint64_t seed,
                     route_id route) const;

  std::shared_ptr<network const> net_;
  od_table table_;
  route_choice choice_;
  std::vector<std::pair<edge_id, edge_id>> ends_;
  std::vector<std::uint32_t> origin_, destination_;
  std::vector<double> cost_s_;                     // of pairs
  std::vector<std::uint64_t> key_;                 // of pairs, by name
  std::vector<std::vector<chosen_route>> routes_;  // by stream
  std::vector<double> prior_;                      // by cell
};

// The travellers of a demand as pairs of the edges they begin and end at, with the routes they take. Those with stops,
// and those who leave outside the slots, are fixed.
od_table table_of_travellers(demand const& d, departure_slots slots, network const& net);
// Without those who are no cars, and without pairs where cars have no way (a bus on its lane): they are fixed.
od_table cars_alone(od_table t, network const& net);

}  // namespace gemeo
