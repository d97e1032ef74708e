// One frame of the viewer: map and panels, the same in the window and in a picture. Owns what lives on the GL side.
// Needs a current OpenGL 3.3 context and an ImGui context. Thread rule: the context's thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "viewer/gl/map_renderer.h"
#include "viewer/model/actions.h"
#include "viewer/panels/panels.h"

namespace gemeo::view {

class app {
 public:
  explicit app(float scale);
  ~app();
  app(app const&) = delete;
  app& operator=(app const&) = delete;
  // Between the platform's new-frame call and its swap; draws into the framebuffer. Sizes in pixels.
  void frame(int width, int height, GLuint framebuffer);
  void focus_search() { focus_search_ = true; }
  view_state view;

 private:
  void panels();
  void refresh_map();
  // What the cached map was drawn from: drawn anew only when something of it changes.
  struct stamp {
    camera where;
    theme_kind theme = theme_kind::kLight;
    edge_id hovered, selected;
    std::vector<edge_id> found;
    bool vehicles = false;
    friend bool operator==(stamp const&, stamp const&) = default;
  };
  struct colour_stamp {
    void const* document = nullptr;
    void const* field = nullptr;
    theme_kind theme = theme_kind::kLight;
    bool playing = false;
    double time_s = -1;
    std::optional<std::size_t> interval;
    friend bool operator==(colour_stamp const&, colour_stamp const&) = default;
  };
  float scale_;
  font_set fonts_;
  std::vector<ImVec4> cards_;
  map_renderer renderer_;
  canvas map_;
  std::optional<stamp> drawn_;
  std::optional<colour_stamp> coloured_;
  std::optional<theme_kind> styled_;
  std::shared_ptr<step_pair const> placed_steps_;
  double placed_time_s_ = -1;
  std::size_t vehicles_ = 0;
  int shown_frames_ = 0;
  bool focus_search_ = false, fitted_ = false;
};

}  // namespace gemeo::view
