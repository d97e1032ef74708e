#include "sim/results/network_store.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "sim/network/projection.h"

namespace gemeo {

namespace {

// The line between two lanes of one edge: point by point where they correspond, otherwise the left one shifted right.
std::vector<point> between(std::span<point const> right, std::span<point const> left, float half_width_m,
                           bool left_hand) {
  std::vector<point> out;
  out.reserve(left.size());
  if (right.size() == left.size()) {
    for (std::size_t i = 0; i < left.size(); ++i) {
      out.push_back({(right[i].x + left[i].x) / 2, (right[i].y + left[i].y) / 2, (right[i].z + left[i].z) / 2});
    }
    return out;
  }
  float const side = left_hand ? -half_width_m : half_width_m;
  for (std::size_t i = 0; i < left.size(); ++i) {
    point const a = left[i == 0 ? 0 : i - 1], b = left[i + 1 < left.size() ? i + 1 : i];
    float const dx = b.x - a.x, dy = b.y - a.y, length = std::max(std::hypot(dx, dy), 1e-6F);
    out.push_back({left[i].x + dy / length * side, left[i].y - dx / length * side, left[i].z});
  }
  return out;
}

range append(std::vector<point>& points, std::span<point const> more) {
  auto const begin = static_cast<std::uint32_t>(points.size());
  points.insert(points.end(), more.begin(), more.end());
  return {begin, static_cast<std::uint32_t>(points.size())};
}

void add_lanes(network const& net, result_network& r) {
  for (std::size_t i = 0; i < net.lane_count(); ++i) {
    lane_id const l(i);
    r.lane_edge.push_back(net.lanes.edge[l]);
    r.lane_shape.push_back(append(r.points, net.shape(l)));
  }
  r.lane_length_m = net.lanes.length_m;
  r.lane_speed_mps = net.lanes.speed_mps;
  r.lane_width_m = net.lanes.width_m;
  r.lane_allowed = net.lanes.allowed;
}

void add_edges(network const& net, result_network& r) {
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    range const lanes = net.edges.lanes[e];
    float width = 0;
    for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) width += net.lanes.width_m[lane_id(l)];
    r.function.push_back(static_cast<std::uint8_t>(net.edges.function[e]));
    r.length_m.push_back(static_cast<float>(net.length_m(e)));
    r.speed_mps.push_back(static_cast<float>(net.speed_mps(e)));
    r.width_m.push_back(width);
    r.lanes.push_back(lanes.size());
    r.lane_begin.push_back(lanes.begin);
    r.from.push_back(net.edges.from[e].value);
    r.to.push_back(net.edges.to[e].value);
    lane_id const middle(lanes.begin + lanes.size() / 2);
    if (lanes.size() % 2 == 1) {
      r.shape.push_back(r.lane_shape[middle]);
    } else {
      lane_id const right(middle.value - 1);
      float const half = (net.lanes.width_m[right] + net.lanes.width_m[middle]) / 4;
      r.shape.push_back(append(r.points, between(net.shape(right), net.shape(middle), half, net.left_hand)));
    }
  }
  r.name = net.edges.name;
  r.road_name = net.edges.road_name;
  r.type = net.edges.type;
  r.priority = net.edges.priority;
}

void add_junctions(network const& net, result_network& r) {
  r.junction_name = net.junctions.name.raw();
  r.junction_position = net.junctions.position.raw();
  for (range const s : net.junctions.shape) {
    r.junction_shape.push_back(append(r.points, std::span<point const>(net.points).subspan(s.begin, s.size())));
  }
}

template <typename Out, typename In, typename Get>
std::vector<Out> each(In const& in, Get get) {
  std::vector<Out> out;
  out.reserve(in.size());
  for (auto const& v : in) out.push_back(get(v));
  return out;
}

template <typename T>
std::span<T const> view(std::vector<T> const& v) {
  return v;
}

void write_ranges(h5::out_group const& g, std::string const& name, std::vector<range> const& ranges,
                  h5::table const& axis) {
  auto const begin = each<std::uint32_t>(ranges, [](range r) { return r.begin; });
  auto const count = each<std::uint32_t>(ranges, [](range r) { return r.size(); });
  g.column(name + "_begin", view(begin), axis, {"1", "first point of the shape, a row of the point axis"});
  g.column(name + "_count", view(count), axis, {"1", "number of points of the shape"});
}

void write_text_column(h5::out_group const& g, std::string const& name, std::vector<std::string> const& values,
                       h5::table const& axis, std::string const& description) {
  g.text_column(name, values, axis, {"1", description});
}

void write_points(h5::out_group const& g, result_network const& n) {
  h5::table const axis = g.axis("point", n.points.size(), false);
  auto const x = each<float>(n.points, [](point p) { return p.x; });
  auto const y = each<float>(n.points, [](point p) { return p.y; });
  auto const z = each<float>(n.points, [](point p) { return p.z; });
  g.column("point_x", view(x), axis, {"m", "x in the network's plane"});
  g.column("point_y", view(y), axis, {"m", "y in the network's plane"});
  g.column("point_z", view(z), axis, {"m", "height; 0 where unknown"});
  if (n.point_lon_lat.size() != n.points.size() || n.points.empty()) return;
  auto const lon = each<double>(n.point_lon_lat, [](lon_lat p) { return p.lon_deg; });
  auto const lat = each<double>(n.point_lon_lat, [](lon_lat p) { return p.lat_deg; });
  g.column("point_lon", view(lon), axis, {"degrees_east", "longitude, WGS 84"});
  g.column("point_lat", view(lat), axis, {"degrees_north", "latitude, WGS 84"});
}

h5::table write_edges(h5::out_group const& g, result_network const& n) {
  h5::table axis = g.names("edge", n.name.raw(), "edge id of the road network, junction-internal edges too");
  write_text_column(g, "road_name", n.road_name.raw(), axis, "name of the road; may be empty");
  write_text_column(g, "edge_type", n.type.raw(), axis, "type of the road as the network gives it; may be empty");
  g.column("function", view(n.function.raw()), axis,
           {"1", "0 normal, 1 junction-internal, 2 connector, 3 crossing, 4 walking area"});
  g.column("length", view(n.length_m.raw()), axis, {"m", "length of the edge"});
  g.column("speed_limit", view(n.speed_mps.raw()), axis, {"m/s", "speed limit of the fastest lane"});
  g.column("width", view(n.width_m.raw()), axis, {"m", "width of all lanes together"});
  g.column("lane_count", view(n.lanes.raw()), axis, {"1", "number of lanes"});
  g.column("lane_begin", view(n.lane_begin.raw()), axis,
           {"1", "first lane, a row of the lane axis; the others follow, from the kerb to the middle"});
  g.column("priority", view(n.priority.raw()), axis, {"1", "priority of the road as the network gives it"});
  g.column("from_junction", view(n.from.raw()), axis, {"1", "row of the junction axis; 4294967295: none"});
  g.column("to_junction", view(n.to.raw()), axis, {"1", "row of the junction axis; 4294967295: none"});
  write_ranges(g, "shape", n.shape.raw(), axis);
  return axis;
}

h5::table write_lanes(h5::out_group const& g, result_network const& n) {
  std::vector<std::string> names;
  names.reserve(n.lane_edge.size());
  for (std::size_t i = 0; i < n.lane_edge.size(); ++i) {
    edge_id const e = n.lane_edge[lane_id(i)];
    names.push_back(n.name[e] + "_" + std::to_string(i - n.lane_begin[e]));
  }
  h5::table axis = g.names("lane", names, "lane id of the road network");
  auto const edge = each<std::uint32_t>(n.lane_edge, [](edge_id e) { return e.value; });
  g.column("lane_edge", view(edge), axis, {"1", "the lane's edge, a row of the edge axis"});
  g.column("lane_length", view(n.lane_length_m.raw()), axis, {"m", "length of the lane"});
  g.column("lane_speed_limit", view(n.lane_speed_mps.raw()), axis, {"m/s", "speed limit of the lane"});
  g.column("lane_width", view(n.lane_width_m.raw()), axis, {"m", "width of the lane"});
  g.column("lane_allowed", view(n.lane_allowed.raw()), axis,
           {"1", "vehicle classes that may use it, one bit each (sim/core/vclass.h)"});
  write_ranges(g, "lane_shape", n.lane_shape.raw(), axis);
  return axis;
}

void write_junctions(h5::out_group const& g, result_network const& n) {
  h5::table const axis = g.names("junction", n.junction_name, "junction id of the road network");
  auto const x = each<float>(n.junction_position, [](point p) { return p.x; });
  auto const y = each<float>(n.junction_position, [](point p) { return p.y; });
  g.column("junction_x", view(x), axis, {"m", "x in the network's plane"});
  g.column("junction_y", view(y), axis, {"m", "y in the network's plane"});
  write_ranges(g, "junction_shape", n.junction_shape, axis);
}

// Left out as a whole when the projection is unusable: maps then show the network's own plane.
void add_lon_lat(network const& net, result_network& r) {
  if (!net.has_projection()) return;
  try {
    projection const to_wgs84(net);
    r.point_lon_lat.reserve(r.points.size());
    for (point const p : r.points) {
      r.point_lon_lat.push_back(to_wgs84.to_lon_lat(static_cast<double>(p.x), static_cast<double>(p.y)));
    }
  } catch (error const&) {
    r.point_lon_lat.clear();
  }
}

}  // namespace

result_network outline_of(network const& net) {
  result_network r;
  add_lanes(net, r);
  add_edges(net, r);
  add_junctions(net, r);
  add_lon_lat(net, r);
  r.projection = net.projection;
  r.offset_x = net.offset_x;
  r.offset_y = net.offset_y;
  r.left_hand = net.left_hand;
  return r;
}

network_axes write_network(h5::out_group const& g, result_network const& n) {
  g.attribute("projection", n.projection);
  g.scalar("projection", n.projection, {"1", "PROJ string of the network's plane; '!' or empty: none"});
  g.scalar("offset_x", n.offset_x, {"m", "what was added to the projected x"});
  g.scalar("offset_y", n.offset_y, {"m", "what was added to the projected y"});
  g.scalar("left_hand", static_cast<std::uint8_t>(n.left_hand ? 1 : 0), {"1", "1: traffic keeps left"});
  network_axes axes{write_edges(g, n), write_lanes(g, n)};
  write_junctions(g, n);
  write_points(g, n);
  return axes;
}

}  // namespace gemeo
