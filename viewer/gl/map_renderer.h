// Draws the map: casings and fills of every class of road from instance buffers, highlights, vehicles. The vertex
// shader widens and shifts each segment in pixels (the same rules as road_map.h), the fragment shader smooths its rim,
// so that no multisampling is needed and software Mesa draws the same picture. Thread rule: the context's thread.
#pragma once

#include <memory>
#include <vector>

#include "viewer/gl/shader.h"
#include "viewer/model/camera.h"
#include "viewer/model/road_map.h"
#include "viewer/model/vehicles.h"

namespace gemeo::view {

class map_renderer {
 public:
  map_renderer();
  void set_map(std::shared_ptr<road_map const> map);  // uploads the segments
  void set_colours(std::vector<colour> const& by_edge) { colours_.upload(by_edge); }
  void set_highlights(std::vector<edge_id> const& strong, std::vector<edge_id> const& soft);
  void set_vehicles(std::vector<drawn_vehicle> const& v);
  // Into the framebuffer that is bound; scale: pixels of the screen for one of the design (HiDPI).
  void draw(camera const& c, theme_colours const& t, float scale) const;

 private:
  void draw_roads(camera const& c, theme_colours const& t, float scale) const;
  void draw_highlights(camera const& c, theme_colours const& t, float scale) const;
  void draw_vehicles(camera const& c, theme_colours const& t, float scale) const;
  std::shared_ptr<road_map const> map_;
  shader_program roads_, bodies_;
  instance_buffer fine_, coarse_, strong_, soft_, vehicles_;
  colour_table colours_;
  road_class highlighted_ = road_class::kLocal;  // the largest of the highlighted: their width
};

}  // namespace gemeo::view
