// Where two paths across a junction cross, part and meet: what is needed to know who is in whose way (SUMO manual,
// "Intersections", collisions within junctions). Plane geometry in m; distances run along the path from its start.
// Pure functions: any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/network/network.h"

namespace gemeo::micro {

double length_of(std::span<point const> path);
double distance(point const& a, point const& b);
// The last place along a at which it crosses b.
std::optional<double> last_crossing(std::span<point const> a, std::span<point const> b);
// Angle in degrees, 0 to 180, between the directions of a at way_a and b at way_b.
double angle_between(std::span<point const> a, double way_a, std::span<point const> b, double way_b);
// How far two paths that begin together stay closer than apart_m: the longer of both ways, at most either path. What
// lies behind is taken off the lanes' lengths, which may be others than their paths', as in SUMO.
double way_to_divergence(std::vector<point> const& a, double lane_a_m, std::vector<point> const& b, double lane_b_m,
                         double apart_m);

}  // namespace gemeo::micro
