#include "calibration/loop/station.h"

#include <fmt/core.h>

#include "sim/core/error.h"

namespace gemeo {

namespace {

// A loop counts a vehicle once its rear has left it: at the very end of a lane it might never.
constexpr double kLeastToTheEnd_m = 0.1;

double place_on(network const& net, count_station const& c, lane_id l) {
  double const length = static_cast<double>(net.lanes.length_m[l]);
  if (c.pos_m < 0) return length / 2;
  if (c.pos_m > length)
    throw_input(fmt::format("counting station '{}'", c.name),
                fmt::format("stands at {} m of lane '{}', which is {:.1f} m long", c.pos_m, net.lane_name(l), length),
                "mend its position, or leave it out: the middle of the edge is taken then");
  return std::min(c.pos_m, std::max(0.0, length - kLeastToTheEnd_m));
}

std::vector<lane_id> lanes_of(network const& net, count_station const& c) {
  if (!c.lanes.empty()) return c.lanes;
  std::vector<lane_id> out;
  range const r = net.edges.lanes[c.edge];
  vclass_mask const on_foot = mask_of(vclass::kPedestrian) | mask_of(vclass::kBicycle);
  for (std::uint32_t l = r.begin; l < r.end; ++l) {
    if ((net.lanes.allowed[lane_id(l)] & ~on_foot) != 0) out.emplace_back(l);
  }
  return out;
}

}  // namespace

std::vector<std::uint32_t> place_loops(scenario& s, std::vector<count_station> const& stations) {
  std::vector<std::uint32_t> station_of;
  s.detectors.clear();
  for (std::uint32_t i = 0; i < stations.size(); ++i) {
    count_station const& c = stations[i];
    verify(c.edge.valid() && c.edge.index() < s.net->edge_count(), "a station stands on an edge of the network");
    for (lane_id const l : lanes_of(*s.net, c)) {
      if (s.net->lanes.edge[l] != c.edge)
        throw_input(fmt::format("counting station '{}'", c.name),
                    fmt::format("lane '{}' is not one of edge '{}'", s.net->lane_name(l), s.net->edges.name[c.edge]),
                    "mend the list of its lanes");
      detector_place d;
      d.name = fmt::format("{}.{}", i, s.net->lane_name(l));
      d.lane = l;
      d.pos_m = place_on(*s.net, c, l);
      s.detectors.push_back(std::move(d));
      station_of.push_back(i);
    }
  }
  return station_of;
}

}  // namespace gemeo
