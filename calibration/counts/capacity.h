// What lanes, stop lines and turns of a network can carry at most, by its geometry, its signals and the drivers' own
// headways: never by what a fit left over. A lane: q = 3600 / (tau + (length + min_gap) / v), the steady flow of SUMO's
// following model at the speed v (Krauss, Metastable States in a Microscopic Model of Traffic Flow, Phys. Rev. E 55,
// 1997; the formula that tests/cross_engine/theory_test.cpp measures), 2,338 veh/h with SUMO's defaults at 50 km/h; the
// HCM (6th edition, equation 19-8) begins with 1,900 pc/h in practice. A stop line: that times the green share,
// c = N s g / C (HCM, equation 19-16), with g the green shown, as lost and gained time cancel at the HCM's default of
// 2 s each (equation 19-3). Who gives way is taken to find every gap, and signals that follow traffic to give a way
// all that they may: what is beyond these figures is beyond any demand. Units: veh/h. Thread rule: const access from
// any number of threads.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "sim/network/network.h"

namespace gemeo {

struct driver_headway {
  double tau_s = 1, length_m = 5, min_gap_m = 2.5, max_speed_mps = 55.56;
  double speed_factor = 1;  // wished speed by limit
};
double saturation_veh_per_h(driver_headway const& d, double speed_mps);

// By signal: the programs that may be shown; empty: the last of the network's own.
using shown_programs = id_vector<signal_id, std::vector<signal_program>>;

// The largest share of a program's cycle in which any of the links is green (g, G, s; o and O: a signal that is off).
double green_share(signal_program const& p, std::vector<std::int32_t> const& links);

class road_capacity {
 public:
  // saturation: of a lane at a green signal, where that is less than its drivers' headways make it: 1,900 is the HCM's.
  road_capacity(std::shared_ptr<network const> net, shown_programs programs, driver_headway const& drivers,
                double saturation_veh_per_h = std::numeric_limits<double>::infinity());
  [[nodiscard]] network const& net() const { return *net_; }
  // Lanes that vehicles with an engine may use: what loops of a road count.
  [[nodiscard]] bool for_engines(lane_id l) const;
  [[nodiscard]] double lane(lane_id l) const { return lane_[l.index()]; }
  [[nodiscard]] double turn(std::size_t of_connections) const { return turn_[of_connections]; }
  // Out of a lane at its end; what the lane itself carries where nothing holds it up, or no way leads on.
  [[nodiscard]] double stop_line(lane_id l) const { return stop_line_[l.index()]; }
  [[nodiscard]] double edge(edge_id e) const;            // its lanes together
  [[nodiscard]] double edge_stop_line(edge_id e) const;  // the ends of its lanes together
  [[nodiscard]] bool has_signal(edge_id e) const;        // at its end

 private:
  [[nodiscard]] double share(signal_id s, std::vector<std::int32_t> const& links) const;
  std::shared_ptr<network const> net_;
  shown_programs programs_;
  std::vector<double> lane_, stop_line_, turn_;
};

}  // namespace gemeo
