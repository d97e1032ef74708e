// Charts of a calibration's page as SVG that stands alone. Flows in veh/h. Thread rule: plain functions.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "calibration/loop/station.h"
#include "sim/results/report_words.h"

namespace gemeo {

struct flow_point {  // a station and period
  std::uint32_t station = 0;
  double begin_s = 0, end_s = 0;
  double observed = 0, simulated = 0, prior = 0;
  bool held_out = false;
  double low = kNoBand, high = kNoBand;  // expected flow over the members
  static constexpr double kNoBand = std::numeric_limits<double>::quiet_NaN();
};

std::string scatter_svg(std::vector<flow_point> const& points, language l);
std::string series_svg(std::string const& title, std::vector<flow_point> const& of_station, bool with_prior);
// NaN: nothing to say of the station.
std::vector<double> mean_geh(std::vector<flow_point> const& points, std::size_t stations);
std::string station_map_svg(network const& net, std::vector<count_station> const& stations,
                            std::vector<bool> const& held_out, std::vector<double> const& geh, language l);

}  // namespace gemeo
