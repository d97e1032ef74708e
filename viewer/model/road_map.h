// The network as it is drawn: every edge a strand of segments with a class, a width and a side, ordered from footways
// to motorways and, within a class, by tiles, so that what is on the screen is a few ranges of one vertex buffer.
// Metres, y up. A road with an opposite direction is drawn to its right of the line between the two, however wide the
// line on the screen, so that both directions stay visible. Immutable once built; const access from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/network/network.h"
#include "sim/results/reader.h"

namespace gemeo::view {

enum class road_class : std::uint8_t { kFootway, kJunction, kLocal, kSecondary, kPrimary, kTrunk, kMotorway };
inline constexpr std::size_t kRoadClasses = 7;

// By SUMO's edge type ("highway.primary") where there is one, else by limit and lanes.
road_class classify(std::string_view type, edge_function function, float speed_mps, std::uint32_t lanes);

// Half the width, in pixels, below which a class is never drawn; grows slowly with the scale. Where small roads lie so
// close (crowding: metres of them on a square metre) that they would fill the map, they are drawn finer.
float least_half_width_px(road_class c, double px_per_m, double crowding = 0);

struct road {
  road_class kind = road_class::kLocal;
  float half_width_m = 1.6F;
  float shift_m = 0;  // to the right of the shape, where both directions share one line in the file
  float side = 0;     // +1: what is drawn wider than life grows to the right; -1 to the left; 0 both ways
  float length_m = 0;
  std::uint32_t lanes = 1;
  box bounds;
  range shape;  // into road_map::points()
};

// One instance of the vertex buffer.
struct road_segment {
  float x0, y0, x1, y1;
  float nx0, ny0, nx1, ny1;  // where the right is at both ends; longer than 1 at a mitre
  std::uint32_t edge;
  float half_width_m, shift_m, side, lanes;
};
static_assert(sizeof(road_segment) == 52);

inline constexpr float kMedianPx = 0.5F;  // half the gap between two directions

class segment_set {
 public:
  segment_set() = default;
  segment_set(std::vector<road_segment> segments, std::vector<road_class> const& kinds, box const& bounds);
  [[nodiscard]] std::vector<road_segment> const& all() const { return segments_; }
  // Ranges of segments of a class that may touch the box.
  [[nodiscard]] std::vector<range> visible(road_class c, box const& b) const;

 private:
  static constexpr std::uint32_t kTiles = 32;
  [[nodiscard]] std::uint32_t column(double x) const;
  [[nodiscard]] std::uint32_t row(double y) const;
  std::vector<road_segment> segments_;
  std::array<std::vector<std::uint32_t>, kRoadClasses> start_;  // of each tile, row by row, and the end
  box bounds_;
  double reach_m_ = 0;  // no segment reaches farther from its tile's middle line
};

class road_map {
 public:
  explicit road_map(result_network const& net);
  [[nodiscard]] id_vector<edge_id, road> const& roads() const { return roads_; }
  [[nodiscard]] std::vector<point> const& points() const { return points_; }
  [[nodiscard]] std::span<point const> shape(edge_id e) const;
  [[nodiscard]] box const& bounds() const { return bounds_; }
  // Coarse leaves out what cannot be seen from afar: junctions, footways, bends of less than kCoarse_m.
  [[nodiscard]] segment_set const& fine() const { return fine_; }
  [[nodiscard]] segment_set const& coarse() const { return coarse_; }
  static constexpr double kCoarse_m = 8, kCoarseBelowPxPerM = 0.1;
  // How it is drawn at a scale; the shader does the same.
  [[nodiscard]] float least_px(road_class c, double px_per_m) const {
    return least_half_width_px(c, px_per_m, crowding_);
  }
  [[nodiscard]] float half_width_px(road const& r, double px_per_m) const;
  [[nodiscard]] float offset_px(road const& r,
                                double px_per_m) const;  // of the road's middle, to the right of its shape
  // Middle of a road, and its direction there (unit).
  [[nodiscard]] std::pair<point, point> middle(edge_id e) const;

 private:
  void find_sides(result_network const& net);
  void measure_crowding();
  [[nodiscard]] segment_set make_segments(double tolerance_m, bool all) const;
  id_vector<edge_id, road> roads_;
  std::vector<point> points_;
  box bounds_;
  double crowding_ = 0;
  segment_set fine_, coarse_;
};

// A point at a distance along a polyline, and the unit direction there.
std::pair<point, point> along(std::span<point const> shape, double distance_m);
double length_of(std::span<point const> shape);

}  // namespace gemeo::view
