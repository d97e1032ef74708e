#include "sim/demand/lane_area.h"

#include <algorithm>

namespace gemeo {

namespace {

constexpr int kMostParts = 8;  // lanes inside a junction on one way through it; SUMO's networks have up to 2

// From a lane to the next one, which it leads to over lanes inside a junction; false where it does not.
bool add_way(network const& net, lane_id from, lane_id to, std::vector<lane_id>& out) {
  range const links = net.lanes.out[from];
  for (std::uint32_t i = links.begin; i < links.end; ++i) {
    connection const& c = net.connections[i];
    if (c.to != to && c.via != to) continue;
    int parts = 0;
    for (lane_id inside = c.via; inside.valid() && inside != to;) {
      if (++parts > kMostParts) return false;  // a network that leads in a circle
      out.push_back(inside);
      range const on = net.lanes.out[inside];
      inside = on.size() == 0 ? lane_id() : net.connections[on.begin].via;
    }
    out.push_back(to);
    return true;
  }
  return false;
}

}  // namespace

double lane_area::length_m(network const& net) const {
  double sum = end_m - begin_m;
  for (std::size_t i = 0; i + 1 < lanes.size(); ++i) sum += static_cast<double>(net.lanes.length_m[lanes[i]]);
  return sum;
}

std::vector<lane_id> with_internal_lanes(network const& net, std::vector<lane_id> const& lanes) {
  std::vector<lane_id> once = lanes, out = {lanes.front()};
  std::sort(once.begin(), once.end());
  if (std::adjacent_find(once.begin(), once.end()) != once.end()) return {};
  for (std::size_t i = 1; i < lanes.size(); ++i) {
    if (!add_way(net, lanes[i - 1], lanes[i], out)) return {};
  }
  return out;
}

}  // namespace gemeo
