// SUMO demand that names no route: who has none, over which edges each passes, and the way each then takes. SUMO 1.15
// chooses it when the trip departs, by the speeds of that moment (its rerouting device, which every such trip has); as
// long as nobody has measured any, by the empty network. Thread rule: const access from any number of threads.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "sim/demand/demand.h"
#include "sim/routing/lone_ways.h"

namespace gemeo {

class lone_trips {
 public:
  // Of the travellers without route; via: edges that they pass, in order. The demand may get routes later on.
  lone_trips(std::shared_ptr<network const> net, demand const& d, std::map<vehicle_id, std::vector<edge_id>> via);
  [[nodiscard]] std::vector<vehicle_id> const& who() const { return who_; }  // ascending
  [[nodiscard]] bool contains(vehicle_id v) const;
  [[nodiscard]] network const& net() const { return *net_; }
  // Empty when some part of the trip cannot be done. speeds: see lone_ways. start: edges at its beginning that it
  // keeps; empty: the one where it departs.
  [[nodiscard]] std::vector<edge_id> way(demand const& d, vehicle_id v, std::span<double const> speeds = {},
                                         std::span<edge_id const> start = {}) const;

 private:
  std::shared_ptr<network const> net_;
  lone_ways ways_;
  std::vector<vehicle_id> who_;
  std::map<vehicle_id, std::vector<edge_id>> via_;
};

}  // namespace gemeo
