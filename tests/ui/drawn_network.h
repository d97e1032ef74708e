// A result_network drawn by hand: for the parts of the viewer that need no file.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "sim/results/reader.h"

namespace gemeo::test {

class drawn_network {
 public:
  result_network net;

  edge_id road(std::string const& name, std::vector<point> shape, std::string const& road_name = {},
               float speed_mps = 13.89F, std::uint32_t lanes = 1, std::string const& type = {},
               std::uint8_t function = 0) {
    edge_id const e(net.name.size());
    net.name.push_back(name);
    net.road_name.push_back(road_name);
    net.function.push_back(function);
    net.speed_mps.push_back(speed_mps);
    net.lanes.push_back(lanes);
    net.width_m.push_back(3.2F * static_cast<float>(lanes));
    net.type.push_back(type);
    double length = 0;
    for (std::size_t i = 1; i < shape.size(); ++i)
      length += std::hypot(shape[i].x - shape[i - 1].x, shape[i].y - shape[i - 1].y);
    net.length_m.push_back(static_cast<float>(length));
    auto const begin = static_cast<std::uint32_t>(net.points.size());
    net.points.insert(net.points.end(), shape.begin(), shape.end());
    net.shape.push_back({begin, static_cast<std::uint32_t>(net.points.size())});
    return e;
  }
};

}  // namespace gemeo::test
