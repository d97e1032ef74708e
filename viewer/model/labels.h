// Road names along their roads: edges of one name are chained into strands once; then, for a camera, names are placed
// on straight enough stretches, large roads first, without covering each other. Screen pixels, y down. Immutable once
// built; const access from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "viewer/model/camera.h"
#include "viewer/model/road_map.h"

namespace gemeo::view {

struct strand {
  std::string name;
  road_class kind = road_class::kLocal;
  float width_m = 0;
  std::vector<point> shape;
  double length_m = 0;
  box bounds;
};

struct placed_label {
  std::string_view text;  // lives as long as the road_labels
  road_class kind = road_class::kLocal;
  std::vector<screen_point> path;  // along which the text runs, left to right, its middle at the path's middle
  double length_px = 0;            // of the path, at least the text's
};

struct label_style {
  std::function<double(std::string_view, road_class)> text_width_px;
  double height_px = 14;
  double repeat_px = 700;     // between two labels of one road
  std::vector<box> occupied;  // panels: x, y in screen pixels
};

class road_labels {
 public:
  road_labels(result_network const& net, road_map const& map);
  [[nodiscard]] std::vector<placed_label> place(camera const& c, label_style const& style,
                                                std::size_t most = 160) const;
  [[nodiscard]] std::vector<strand> const& strands() const { return strands_; }

 private:
  std::vector<strand> strands_;  // by class, largest first, then length
};

// Pixels that are taken, in cells; places are tested and taken as discs.
class occupancy {
 public:
  occupancy(double width, double height);
  void take(box const& b);
  void take(screen_point centre, double radius);
  [[nodiscard]] bool is_free(screen_point centre, double radius) const;  // false outside the screen, too

 private:
  static constexpr double kCell = 6;
  [[nodiscard]] bool at(std::int64_t i, std::int64_t j) const {
    return taken_[static_cast<std::size_t>(j * nx_ + i)] != 0;
  }
  std::int64_t nx_, ny_;
  std::vector<char> taken_;
};

}  // namespace gemeo::view
